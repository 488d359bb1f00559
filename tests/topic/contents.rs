//! Whatever is wrong in a topic is found at its place, and harms no other instance.

use super::forge::{Raw, Topic};
use super::{fill, head_of, json, row, said, trade};
use crate::cli::daybook;
use crate::support::Store;
use daybook_schema::MAX_LINE_BYTES;
use serde_json::json;

/// Events of an instance, and the one in the middle.
const SIZE: usize = 12;
const MIDDLE: usize = 5;

/// Where and by which check something must be found: seq, place among the instance's records, layer.
type Found = (usize, usize, &'static str);

/// Changes the records of an instance.
type Harm = fn(&mut Vec<Raw>);

fn bytes_of_another_log(records: &mut [Raw]) {
    records[MIDDLE].value = Some(trade("another", 1).remove(0).bytes);
}

fn change(records: &mut [Raw], index: usize) {
    let (from, to) = match index {
        0 => ("A festival", "A Festival"),
        _ => ("/3/till", "/3/tilt"),
    };
    records[index] = records[index].clone().with(from, to);
}

/// As [`change`], by someone who knows the headers too.
fn forge(records: &mut [Raw], index: usize) {
    change(records, index);
    let (key, value) = (&records[index].key, &records[index].value);
    let log = String::from_utf8(key.clone().unwrap()).unwrap();
    records[index] = Raw::of(records[index].partition, &log, value.as_ref().unwrap());
}

/// Name, what is done, and where it is found.
const HARMS: [(&str, Harm, Found); 15] = [
    ("no-value", |r| r[MIDDLE].value = None, (5, 5, "record")),
    (
        "too-long",
        |r| r[MIDDLE].value = Some(vec![b' '; MAX_LINE_BYTES + 1]),
        (5, 5, "record"),
    ),
    (
        "no-line",
        |r| r[MIDDLE].value = Some(b"{}".to_vec()),
        (5, 5, "line"),
    ),
    (
        "empty",
        |r| r[MIDDLE].value = Some(Vec::new()),
        (5, 5, "line"),
    ),
    ("other-log", |r| bytes_of_another_log(r), (5, 5, "chain")),
    (
        "duplicate",
        |r| r.insert(MIDDLE, r[MIDDLE].clone()),
        (6, 6, "chain"),
    ),
    (
        "duplicate-of-the-last",
        |r| r.push(r[SIZE - 1].clone()),
        (12, 12, "chain"),
    ),
    ("gap", |r| drop(r.remove(MIDDLE)), (5, 5, "chain")),
    ("no-beginning", |r| drop(r.remove(0)), (0, 0, "chain")),
    ("swap", |r| r.swap(MIDDLE, MIDDLE + 1), (5, 5, "chain")),
    (
        "first-byte",
        |r| r[0] = r[0].clone().with("{", " {"),
        (0, 0, "line"),
    ),
    ("change-in-the-first", |r| change(r, 0), (0, 0, "record")),
    (
        "change-in-the-middle",
        |r| change(r, MIDDLE),
        (5, 5, "record"),
    ),
    (
        "change-in-the-last",
        |r| change(r, SIZE - 1),
        (11, 11, "record"),
    ),
    ("forged", |r| forge(r, MIDDLE), (6, 6, "chain")),
];

/// Every harm to an instance of its own, in one partition with one that is whole.
#[tokio::test]
async fn every_change_of_a_topic_is_found() {
    let Some(topic) = Topic::new("every_change_of_a_topic_is_found").await else {
        return;
    };
    let mut records = Vec::new();
    let mut places = Vec::new();
    for (name, harm, (seq, index, layer)) in HARMS {
        let mut own = Raw::all(1, name, &trade(name, SIZE));
        harm(&mut own);
        places.push((name, seq, records.len() + index, layer));
        records.extend(own);
    }
    records.extend(Raw::all(1, "festival", &trade("festival", SIZE)));
    topic.write(records).await;

    let (code, said) = json(&topic.flags("verify")).await;
    assert_eq!((code, &said["whole"]), (1, &json!(false)));
    assert_eq!(row(&said, "festival")["whole"], true, "{said}");
    let (code, text, stderr) = daybook(&topic.flags("verify")).await;
    assert_eq!(code, 1);
    assert!(stderr.contains("15 of 16 instances broken"), "{stderr}");
    assert!(text.contains("festival: whole: 12 events"), "{text}");
    for (name, seq, offset, layer) in places {
        let failure = &row(&said, name)["failure"];
        let found = (&failure["seq"], &failure["place"], &failure["layer"]);
        let place = json!({ "partition": 1, "offset": offset });
        assert_eq!(
            found,
            (&json!(seq), &place, &json!(layer)),
            "{name}: {failure}"
        );
        let told = format!("{name}: BROKEN at seq {seq}, partition 1, offset {offset}: ");
        assert!(text.contains(&told), "{told}\n{text}");
    }
    // Whoever asks for one hears of no other.
    let one = [&topic.flags("verify")[..], &["--instance", "festival"]].concat();
    assert_eq!(json(&one).await.0, 0);
}

#[tokio::test]
async fn a_record_of_nobody_is_found() {
    let Some(topic) = Topic::new("a_record_of_nobody_is_found").await else {
        return;
    };
    let lines = trade("festival", SIZE);
    let mut records = Raw::all(1, "festival", &lines);
    let mut foreign = |index, key: Option<&str>| {
        let key = key.map(|key| key.as_bytes().to_vec());
        let record: &Raw = &records[0];
        let record = Raw {
            key,
            ..record.clone()
        };
        records.insert(index, record);
    };
    foreign(3, None);
    foreign(7, Some("Fest val"));
    topic.write(records).await;
    // The same instance in another partition, behind one that belongs there.
    let mut astray = Raw::all(2, "restaurant", &trade("restaurant", 2));
    astray.push(Raw::of(2, "festival", &lines[SIZE - 1].bytes));
    topic.write(astray).await;

    let (code, said) = json(&topic.flags("verify")).await;
    assert_eq!(code, 1);
    assert_eq!(row(&said, "restaurant")["whole"], true, "{said}");
    assert_eq!(row(&said, "festival")["whole"], true, "{said}");
    let findings = said["instances"].as_array().unwrap().len();
    assert_eq!(findings, 5, "{said}");
    let (_, text, stderr) = daybook(&topic.flags("verify")).await;
    let name = &topic.name;
    for told in [
        "partition 1, offset 3: expected a key that names an instance, found none",
        "partition 1, offset 7: expected a key that names an instance, found \"Fest val\"",
        "partition 2, offset 2: expected all records of \"festival\" in partition 1",
    ] {
        let told = format!("topic {name}: BROKEN at {told}");
        assert!(text.contains(&told), "{told}\n{text}");
    }
    let told = "0 of 2 instances broken, and the topic holds foreign records";
    assert!(stderr.contains(told), "{stderr}");
    // Of one instance alone, only what has its key counts.
    let one = |log| [&topic.flags("verify")[..], &["--instance", log]].concat();
    assert_eq!(json(&one("restaurant")).await.0, 0);
    let (code, said) = json(&one("festival")).await;
    let findings = said["instances"].as_array().unwrap().len();
    assert_eq!((code, findings), (1, 2), "{said}");
}

/// Whoever writes into a lower partition, or sooner, takes no instance from its place.
#[tokio::test]
async fn junk_before_an_instance_is_foreign() {
    let Some(topic) = Topic::new("junk_before_an_instance_is_foreign").await else {
        return;
    };
    let lines = trade("festival", SIZE);
    let junk = |partition, value: Option<&[u8]>| Raw {
        value: value.map(<[u8]>::to_vec),
        ..Raw::of(partition, "festival", b"junk")
    };
    let mut records = vec![
        junk(0, Some(b"junk")),
        junk(0, None),
        Raw::of(0, "festival", &lines[3].bytes),
        junk(1, Some(b"{}")),
    ];
    records.extend(Raw::all(1, "festival", &lines));
    records.push(junk(2, Some(b"junk")));
    topic.write(records).await;

    let (code, said) = json(&topic.flags("verify")).await;
    assert_eq!(code, 1);
    let report = &row(&said, "festival")["report"];
    assert_eq!(report["events"], SIZE, "{said}");
    let (_, text, _) = daybook(&topic.flags("verify")).await;
    for told in [
        "partition 0, offset 0: expected nothing of \"festival\" before its first line, partition 1, \
         offset 1, found 4 records with its key",
        "partition 2, offset 0: expected all records of \"festival\" in partition 1",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    let (code, books) = json(&topic.flags("replay")).await;
    assert_eq!((code, &books["seq"]), (0, &json!(SIZE - 1)), "{books}");

    let store = Store::sqlite();
    let (code, text, _) = store.run(&topic.flags("restore")).await;
    assert_eq!(code, 1);
    assert!(text.contains("festival: 12 events written"), "{text}");
    assert!(text.contains("left out: 5 foreign records"), "{text}");
    let (code, text, _) = store.run(&topic.flags("compare")).await;
    assert_eq!(code, 1);
    assert!(text.contains("the topic holds 5 foreign records"), "{text}");
    assert!(text.contains("festival: equal: 12 events"), "{text}");
}

/// Memory has an end.
#[tokio::test]
async fn more_keys_than_there_are_instances_are_refused() {
    let Some(topic) = Topic::new("more_keys_than_there_are_instances_are_refused").await else {
        return;
    };
    topic.publish(2, &trade("festival", SIZE)).await;
    let keys = (0..10_000).map(|key| Raw::of(0, &format!("junk-{key}"), b"junk"));
    topic.write(keys.collect()).await;
    let (code, _, stderr) = daybook(&topic.flags("verify")).await;
    assert!(
        code == 3 && stderr.contains("more than 10000 instances"),
        "{stderr}"
    );
    let one = [&topic.flags("verify")[..], &["--instance", "festival"]].concat();
    assert_eq!(json(&one).await.0, 0);
}

#[tokio::test]
async fn a_cut_tail_is_found_by_a_head_and_beside_the_store() {
    let Some(topic) = Topic::new("a_cut_tail_is_found_by_a_head_and_beside_the_store").await else {
        return;
    };
    let lines = trade("festival", SIZE);
    let (head, cut) = (head_of(&lines), &lines[..8]);
    topic.publish(0, cut).await;
    assert_eq!(
        json(&topic.flags("verify")).await.0,
        0,
        "invisible by itself"
    );
    let of_cut = head_of(cut);
    let with = |head| [&topic.flags("verify")[..], &["--head", head]].concat();
    assert_eq!(json(&with(&of_cut)).await.0, 0);
    let (code, said) = json(&with(&head)).await;
    let failure = &row(&said, "festival")["failure"];
    let found = (code, &failure["seq"], &failure["layer"]);
    assert_eq!(found, (1, &json!(8), &json!("known_head")), "{said}");

    let store = Store::sqlite();
    fill(&store, "festival", &lines).await;
    let (code, text, _) = store.run(&topic.flags("compare")).await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("lag: the topic lacks the last 4 events"),
        "{text}"
    );
    let complete = [&topic.flags("compare")[..], &["--complete"]].concat();
    assert_eq!(store.run(&complete).await.0, 1);

    // A forged end is found by a head too, at the record that the head is of.
    let Some(other) = Topic::new("a forged end").await else {
        return;
    };
    let mut records = Raw::all(0, "festival", &lines);
    forge(&mut records, SIZE - 1);
    other.write(records).await;
    assert_eq!(
        json(&other.flags("verify")).await.0,
        0,
        "invisible by itself"
    );
    let with_head = [&other.flags("verify")[..], &["--head", &head]].concat();
    let (code, said) = json(&with_head).await;
    let failure = &row(&said, "festival")["failure"];
    let place = json!({ "partition": 0, "offset": 11 });
    let found = (code, &failure["seq"], &failure["place"]);
    assert_eq!(found, (1, &json!(11), &place), "{said}");
}

#[tokio::test]
async fn a_forgotten_beginning_is_found() {
    let Some(topic) = Topic::new("a_forgotten_beginning_is_found").await else {
        return;
    };
    topic.publish(0, &trade("festival", SIZE)).await;
    topic.publish(1, &trade("restaurant", SIZE)).await;
    topic.forget(0, 3).await;

    let (code, said) = json(&topic.flags("verify")).await;
    let failure = &row(&said, "festival")["failure"];
    let place = json!({ "partition": 0, "offset": 3 });
    let found = (code, &failure["seq"], &failure["place"]);
    assert_eq!(found, (1, &json!(0), &place), "{said}");
    assert!(
        failure["hint"].as_str().unwrap().contains("retention.ms"),
        "{failure}"
    );
    assert_eq!(row(&said, "restaurant")["whole"], true, "{said}");
    let of_topic = &row(&said, &format!("topic {}", topic.name))["failure"];
    assert_eq!(
        (&of_topic["place"], &of_topic["layer"]),
        (&place, &json!("retention")),
        "{said}"
    );
    let (_, _, stderr) = daybook(&topic.flags("verify")).await;
    let told = "1 of 2 instances broken, and the topic has forgotten records";
    assert!(stderr.contains(told), "{stderr}");
}

/// What was never committed is not there.
#[tokio::test]
async fn only_committed_records_are_read() {
    let Some(topic) = Topic::new("only_committed_records_are_read").await else {
        return;
    };
    let lines = trade("festival", SIZE);
    topic.publish(0, &lines[..6]).await;
    let aborted = Raw::all(0, "festival", &trade("festival", 3));
    topic.write_and_abort(aborted).await;
    topic.publish(0, &lines[6..]).await;
    let head = head_of(&lines);
    let args = [&topic.flags("verify")[..], &["--head", &head]].concat();
    let (code, said) = json(&args).await;
    assert_eq!(
        (code, &row(&said, "festival")["whole"]),
        (0, &json!(true)),
        "{said}"
    );
}

#[tokio::test]
async fn a_head_needs_its_instance() {
    let Some(topic) = Topic::new("a_head_needs_its_instance").await else {
        return;
    };
    let lines = trade("festival", SIZE);
    let (code, stdout, _) = daybook(&[&["--json"], &topic.flags("verify")[..]].concat()).await;
    assert_eq!(code, 1, "nothing is no proof: {stdout}");
    topic.publish(0, &lines).await;
    topic.publish(1, &trade("restaurant", 3)).await;
    let head = head_of(&lines);
    let with_head = [&topic.flags("verify")[..], &["--head", &head]].concat();
    let (code, stdout, _) = daybook(&[&["--json"], &with_head[..]].concat()).await;
    let why = said(&stdout)["error"].to_string();
    assert!(code == 2 && why.contains("festival, restaurant"), "{why}");
    let named = [&with_head[..], &["--instance", "festival"]].concat();
    assert_eq!(json(&named).await.0, 0);
    let none = [&topic.flags("verify")[..], &["--instance", "none"]].concat();
    let (code, _, stderr) = daybook(&none).await;
    assert!(
        code == 1 && stderr.contains("there are: festival, restaurant"),
        "{stderr}"
    );
}
