//! Store and topic side by side, and what is folded from each.

use super::forge::{Raw, Topic};
use super::{fill, head_of, json, row, said, trade};
use crate::cli::daybook;
use crate::support::Store;
use daybook_schema::hash;
use serde_json::{Value, json};

/// Compares a store with a topic; exit code and what is said for machines.
async fn compare(store: &Store, topic: &Topic, more: &[&str]) -> (i32, Value) {
    let flags = topic.flags("compare");
    let (code, stdout, stderr) = store.run(&[&["--json"], &flags[..], more].concat()).await;
    assert_eq!(stderr, "");
    (code, said(&stdout))
}

/// The views of a topic and of a store are the same, at any event.
#[tokio::test]
async fn a_replay_of_the_topic_is_one_of_the_store() {
    let Some(topic) = Topic::new("a_replay_of_the_topic_is_one_of_the_store").await else {
        return;
    };
    let lines = trade("festival", 1500);
    let store = Store::sqlite();
    fill(&store, "festival", &lines).await;
    topic.publish(1, &lines).await;
    for until in ["0", "1100", "9999999"] {
        let asked = ["--fingerprints", "--until", until];
        let of_store = store
            .run_ok(&[&["--json", "replay"], &asked[..]].concat())
            .await;
        let of_topic = json(&[&topic.flags("replay")[..], &asked].concat()).await;
        assert_eq!(of_topic, (0, said(&of_store)));
    }
    topic.publish(2, &trade("restaurant", 5)).await;
    let (code, _, stderr) = daybook(&topic.flags("replay")).await;
    assert!(
        code == 2 && stderr.contains("festival, restaurant"),
        "{stderr}"
    );
    let one = [&topic.flags("replay")[..], &["--instance", "restaurant"]].concat();
    let (code, books) = json(&one).await;
    assert_eq!((code, &books["seq"]), (0, &json!(4)));
    let none = [&topic.flags("replay")[..], &["--instance", "none"]].concat();
    let (code, _, stderr) = daybook(&none).await;
    assert!(
        code == 1 && stderr.contains("no instance \"none\" in the topic"),
        "{stderr}"
    );
    // A line again, behind the last.
    topic
        .write(vec![Raw::of(1, "festival", &lines[3].bytes)])
        .await;
    let broken = [&topic.flags("replay")[..], &["--instance", "festival"]].concat();
    let (code, _, stderr) = daybook(&broken).await;
    assert!(
        code == 1 && stderr.contains("BROKEN at seq 1500"),
        "{stderr}"
    );
}

#[tokio::test]
async fn equal_sides_are_equal_and_a_topic_may_lag() {
    let Some(topic) = Topic::new("equal_sides_are_equal_and_a_topic_may_lag").await else {
        return;
    };
    let lines = trade("festival", 2500);
    let store = Store::sqlite();
    fill(&store, "festival", &lines).await;
    fill(&store, "restaurant", &trade("restaurant", 7)).await;
    topic.publish(0, &lines).await;
    let (code, told) = compare(&store, &topic, &["--ranges"]).await;
    assert_eq!(
        (code, &told["equal"], &told["complete"]),
        (0, &json!(true), &json!(false))
    );
    let festival = row(&told, "festival");
    let leaf = lines[2499].leaf.to_string();
    let found = (&festival["events"], &festival["lag"], &festival["leaf"]);
    assert_eq!(found, (&json!(2500), &json!(0), &json!(leaf)));
    // What the topic has nothing of is all lag.
    assert_eq!(row(&told, "restaurant")["lag"], 7);
    // Anybody finds the same digests in a file of the lines.
    let ranges = festival["ranges"].as_array().unwrap();
    for (range, lines) in ranges.iter().zip(lines.chunks(1024)) {
        let bytes = lines
            .iter()
            .flat_map(|line| [&line.bytes[..], b"\n"].concat());
        let digest = hash::fingerprint(&bytes.collect::<Vec<u8>>()).to_string();
        assert_eq!(
            (&range["store"], &range["topic"]),
            (&json!(digest), &json!(digest))
        );
    }
    let bounds: Vec<_> = ranges.iter().map(|r| (&r["from"], &r["to"])).collect();
    let last = (&json!(2048), &json!(2500));
    assert_eq!((bounds.len(), bounds[2]), (3, last));

    let one = ["--instance", "festival", "--complete"];
    assert_eq!(compare(&store, &topic, &one).await.0, 0);
    assert_eq!(compare(&store, &topic, &["--complete"]).await.0, 1);
    let (code, text, _) = store.run(&topic.flags("compare")).await;
    assert_eq!(code, 0);
    let told = format!("festival: equal: 2,500 events, head {}\n", head_of(&lines));
    assert!(text.contains(&told), "{text}");
    let none = compare(&store, &topic, &["--instance", "none"]).await;
    let why = none.1["error"].as_str().unwrap();
    assert!(none.0 == 1 && why.contains("festival, restaurant"), "{why}");
}

/// Changes what the topic gets of an instance.
type Harm = fn(&mut Vec<Raw>);

/// Events of each instance that is compared.
const SIZE: usize = 1300;

fn tilt(records: &mut [Raw], seq: usize) {
    records[seq] = records[seq].clone().with("/3/till", "/3/tilt");
}

/// An instance each: how many events the store holds, what is done to the topic, and the seq at which
/// they differ then.
const DIFFERENCES: [(&str, usize, Harm, usize); 8] = [
    ("first", SIZE, |r| r[0] = r[0].clone().with("A f", "B f"), 0),
    ("changed", SIZE, |r| tilt(r, 1200), 1200),
    ("last", SIZE, |r| tilt(r, 1299), 1299),
    ("gap", SIZE, |r| drop(r.remove(1100)), 1100),
    ("duplicate", SIZE, |r| r.insert(7, r[6].clone()), 7),
    ("no-value", SIZE, |r| r[5].value = None, 5),
    ("ahead", 1290, |_| (), 1290),
    ("only-in-the-topic", 0, |_| (), 0),
];

#[tokio::test]
async fn the_first_difference_is_named() {
    let Some(topic) = Topic::new("the_first_difference_is_named").await else {
        return;
    };
    let store = Store::sqlite();
    let lines = trade("equal", SIZE);
    fill(&store, "equal", &lines).await;
    let mut records = Raw::all(0, "equal", &lines);
    let mut cases = Vec::new();
    for (name, stored, harm, seq) in DIFFERENCES {
        let lines = trade(name, SIZE);
        if stored > 0 {
            fill(&store, name, &lines[..stored]).await;
        }
        let mut own = Raw::all(0, name, &lines);
        harm(&mut own);
        cases.push((name, records.len(), seq));
        records.extend(own);
    }
    topic.write(records).await;
    let (code, told) = compare(&store, &topic, &[]).await;
    assert_eq!((code, &told["equal"]), (1, &json!(false)));
    let (_, text, _) = store.run(&topic.flags("compare")).await;
    assert_eq!(row(&told, "equal")["equal"], true, "{told}");
    for (name, begin, seq) in cases {
        let difference = &row(&told, name)["difference"];
        let place = json!({ "partition": 0, "offset": begin + seq });
        assert_eq!(
            (&difference["seq"], &difference["place"]),
            (&json!(seq), &place),
            "{name}"
        );
        let offset = begin + seq;
        let words = format!("{name}: DIFFERENT at seq {seq}, partition 0, offset {offset}");
        assert!(text.contains(&words), "{words}\n{text}");
    }
    let changed = &row(&told, "changed")["difference"];
    let line = String::from_utf8(trade("changed", 1300).remove(1200).bytes).unwrap();
    assert_eq!(
        changed["byte"],
        line.find("/3/till").unwrap() + "/3/til".len()
    );
    assert_ne!(changed["store"]["leaf"], changed["topic"]["leaf"]);
    let gap = &row(&told, "gap")["difference"];
    assert_eq!(
        (&gap["store"]["seq"], &gap["topic"]["seq"]),
        (&json!(1100), &json!(1101))
    );
    assert!(row(&told, "ahead")["difference"]["store"].is_null());
    // The range that differs, and none before or behind it.
    let ranges = ["--ranges", "--instance", "changed"];
    let (_, told) = compare(&store, &topic, &ranges).await;
    let ranges = row(&told, "changed")["ranges"].as_array().unwrap();
    let same = |range: &Value| range["store"] == range["topic"];
    assert_eq!(ranges.iter().map(same).collect::<Vec<_>>(), [true, false]);
}

/// An instance that retention has removed as a whole does not lag, and neither store nor topic says
/// that all is well.
#[tokio::test]
async fn a_forgotten_instance_is_a_difference() {
    let Some(topic) = Topic::new("a_forgotten_instance_is_a_difference").await else {
        return;
    };
    let store = Store::sqlite();
    for (log, partition) in [("idle", 0), ("cut", 1), ("busy", 2)] {
        let lines = trade(log, 10);
        fill(&store, log, &lines).await;
        topic.publish(partition, &lines).await;
    }
    // The mark of the transaction has an offset of its own.
    topic.forget(0, 11).await;
    topic.forget(1, 4).await;
    let (code, told) = compare(&store, &topic, &[]).await;
    assert_eq!((code, &told["equal"]), (1, &json!(false)), "{told}");
    assert_eq!(row(&told, "busy")["equal"], true, "{told}");
    let idle = &row(&told, "idle")["difference"];
    assert_eq!(idle["seq"], 0, "{told}");
    let why = idle["record"].as_str().unwrap();
    assert!(why.contains("retention.ms"), "{why}");
    let cut = &row(&told, "cut")["difference"];
    let place = json!({ "partition": 1, "offset": 4 });
    assert_eq!((&cut["seq"], &cut["place"]), (&json!(0), &place), "{told}");

    let restored = Store::sqlite();
    let (code, text, _) = restored.run(&topic.flags("restore")).await;
    assert_eq!(code, 1);
    for told in [
        "busy: 10 events written",
        "cut: the topic is BROKEN at seq 0, partition 1, offset 4",
        "NOT WHOLE: the topic has forgotten the records before partition 0, offset 11",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!text.contains("idle"), "{text}");
    // What could be restored stays, and is whole for whoever asks for it alone.
    let one = [&topic.flags("restore")[..], &["--instance", "busy"]].concat();
    assert_eq!(restored.run(&one).await.0, 0);
}

/// Behind a record that is no line nobody can say which ranges are the same for everybody.
#[tokio::test]
async fn ranges_end_where_a_record_is_no_line() {
    let Some(topic) = Topic::new("ranges_end_where_a_record_is_no_line").await else {
        return;
    };
    let store = Store::sqlite();
    let lines = trade("festival", 2500);
    fill(&store, "festival", &lines).await;
    let mut records = Raw::all(0, "festival", &lines);
    records[1030].value = Some(vec![b' '; 70_000]);
    topic.write(records).await;
    let (code, told) = compare(&store, &topic, &["--ranges"]).await;
    let festival = row(&told, "festival");
    let ranges = festival["ranges"].as_array().unwrap();
    let ends: Vec<_> = ranges.iter().map(|range| &range["to"]).collect();
    assert_eq!((code, ends), (1, vec![&json!(1024), &json!(1030)]));
    assert_eq!(festival["ranges_end"], 1030);
    let flags = [&topic.flags("compare")[..], &["--ranges"]].concat();
    let (_, text, _) = store.run(&flags).await;
    for told in [
        "festival no ranges from seq 1030 on",
        "DIFFERENT at seq 1030, partition 0, offset 1030: the topic holds a record of 70000 bytes there",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
}
