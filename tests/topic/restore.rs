//! What the topic holds becomes a store again, byte for byte.

use super::forge::{Raw, Topic};
use super::{fill, head_of, open, row, said, trade};
use crate::cli::daybook;
use crate::support::{AUDIT_KEY, Server, Store, eventually, festival, kafka};
use daybook_schema::{Fact, LogName, SealedLine, line};
use serde_json::{Value, json};

/// Restores; exit code and what is said for machines.
async fn restore(store: &Store, topic: &Topic) -> (i32, Value) {
    let flags = topic.flags("restore");
    let (code, stdout, stderr) = store.run(&[&["--json"], &flags[..]].concat()).await;
    assert_eq!(stderr, "");
    (code, said(&stdout))
}

/// All lines that a store holds of an instance.
async fn lines_of(store: &Store, log: &str) -> Vec<Vec<u8>> {
    let log = LogName::new(log).unwrap();
    let opened = open(store).await;
    let mut lines = Vec::new();
    loop {
        let page = opened.read(&log, lines.len() as u64, 10_000).await.unwrap();
        if page.is_empty() {
            opened.close().await;
            return lines;
        }
        lines.extend(page);
    }
}

fn bytes(lines: &[SealedLine]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| line.bytes.clone()).collect()
}

/// More than a batch of one instance, and a few events of another.
async fn a_topic_is_restored(test: &str, store: Store) {
    let Some(topic) = Topic::new(test).await else {
        return;
    };
    let (festival, restaurant) = (trade("festival", 9000), trade("restaurant", 3));
    topic.publish(0, &festival).await;
    topic.publish(1, &restaurant).await;
    let (code, told) = restore(&store, &topic).await;
    assert_eq!((code, &told["whole"]), (0, &json!(true)), "{told}");
    let row = row(&told, "festival");
    let leaf = festival[8999].leaf.to_string();
    assert_eq!(row["head"], json!({ "size": 9000, "leaf": leaf }));
    assert_eq!(row["written"], 9000);
    assert!(told["note"].as_str().unwrap().contains("daybook key issue"));
    assert!(lines_of(&store, "festival").await == bytes(&festival));
    assert!(lines_of(&store, "restaurant").await == bytes(&restaurant));
    let known = [
        "verify",
        "--instance",
        "festival",
        "--head",
        &head_of(&festival),
    ];
    store.run_ok(&known).await;
    let compared = [&topic.flags("compare")[..], &["--complete"]].concat();
    store.run_ok(&compared).await;
    // Again does no harm.
    let text = store.run_ok(&topic.flags("restore")).await;
    let head = head_of(&festival);
    assert!(
        text.contains(&format!("festival: 0 events written, head {head}")),
        "{text}"
    );
    assert!(lines_of(&store, "festival").await == bytes(&festival));
}

#[tokio::test]
async fn a_topic_is_restored_to_sqlite() {
    a_topic_is_restored("a_topic_is_restored_to_sqlite", Store::sqlite()).await;
}

#[tokio::test]
async fn a_topic_is_restored_to_postgres() {
    let store = Store::postgres().await;
    a_topic_is_restored("a_topic_is_restored_to_postgres", store).await;
}

#[tokio::test]
async fn a_restore_that_ended_early_goes_on() {
    let Some(topic) = Topic::new("a_restore_that_ended_early_goes_on").await else {
        return;
    };
    let lines = trade("festival", 500);
    topic.publish(2, &lines).await;
    let store = Store::sqlite();
    fill(&store, "festival", &lines[..123]).await;
    let (code, told) = restore(&store, &topic).await;
    assert_eq!(
        (code, &row(&told, "festival")["written"]),
        (0, &json!(377)),
        "{told}"
    );
    assert!(lines_of(&store, "festival").await == bytes(&lines));
}

/// However far it came: it is run again, and all is there.
#[tokio::test]
async fn a_restore_that_was_killed_goes_on() {
    let Some(topic) = Topic::new("a_restore_that_was_killed_goes_on").await else {
        return;
    };
    // Three batches and more.
    let lines = trade("festival", 30_000);
    topic.publish(0, &lines).await;
    for _ in 0..10 {
        let store = Store::sqlite();
        let written = begin_and_kill(&store, &topic).await;
        if written == lines.len() as u64 {
            // It was too fast for us.
            continue;
        }
        let (code, told) = restore(&store, &topic).await;
        let row = row(&told, "festival");
        assert_eq!(
            (code, &row["written"]),
            (0, &json!(30_000 - written)),
            "{told}"
        );
        assert!(lines_of(&store, "festival").await == bytes(&lines));
        return;
    }
    panic!("no restore could be killed before its end");
}

/// Kills a restore when something is written; how much it is.
async fn begin_and_kill(store: &Store, topic: &Topic) -> u64 {
    let opened = open(store).await;
    let mut killed = tokio::process::Command::new(env!("CARGO_BIN_EXE_daybook"))
        .args(topic.flags("restore"))
        .args(store.flags())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let log = LogName::new("festival").unwrap();
    let begun = async || opened.head(&log).await.unwrap().size > 0;
    eventually("the restore has written something", begun).await;
    killed.kill().await.unwrap();
    let size = opened.head(&log).await.unwrap().size;
    opened.close().await;
    size
}

/// A node that prints has the store.
#[tokio::test]
async fn a_store_that_is_served_is_refused() {
    let Some(topic) = Topic::new("a_store_that_is_served_is_refused").await else {
        return;
    };
    let lines = trade("festival", 5);
    topic.publish(0, &lines).await;
    for store in [Store::sqlite(), Store::postgres().await] {
        let node = open(&store).await;
        assert!(node.claim("daybook").await.unwrap());
        let (code, _, stderr) = store.run(&topic.flags("restore")).await;
        let told = "end every node of the store first";
        assert!(code == 1 && stderr.contains(told), "{code} {stderr}");
        assert_eq!(lines_of(&store, "festival").await, Vec::<Vec<u8>>::new());
        node.close().await;
        assert_eq!(restore(&store, &topic).await.0, 0);
    }
}

/// A topic that lags ends anywhere, a store only behind whole sales.
#[tokio::test]
async fn half_a_sale_at_the_end_is_left_out() {
    let Some(topic) = Topic::new("half_a_sale_at_the_end_is_left_out").await else {
        return;
    };
    let lines = trade("festival", 10);
    let mut half = line::read(&lines[9].bytes).unwrap();
    let Fact::SaleRecorded(sale) = &mut half.fact else {
        panic!("{half:?} is no sale");
    };
    (sale.parts, sale.totals) = (2, None);
    topic.publish(0, &lines[..9]).await;
    topic.publish(0, &[line::seal(&half).unwrap()]).await;
    let (code, stdout, _) = daybook(&topic.flags("verify")).await;
    assert!(
        code == 0 && stdout.contains("festival: whole: 10 events"),
        "{stdout}"
    );
    let store = Store::sqlite();
    let (code, told) = restore(&store, &topic).await;
    let row = row(&told, "festival");
    assert_eq!(
        (code, &row["written"], &row["left_out"]),
        (0, &json!(9), &json!(1))
    );
    assert_eq!(row["head"]["size"], 9, "{told}");
    store.run_ok(&["verify"]).await;
}

#[tokio::test]
async fn a_store_that_holds_something_else_is_left_as_it_is() {
    let Some(topic) = Topic::new("a_store_that_holds_something_else_is_left_as_it_is").await else {
        return;
    };
    let lines = trade("festival", 50);
    topic.publish(0, &lines[..40]).await;
    topic.publish(0, &trade("restaurant", 3)).await;
    // Another log of that name.
    let store = Store::sqlite();
    let name = LogName::new("festival").unwrap();
    let others = daybook_schema::contract::seal_chain(&name, daybook_schema::Head::default(), 10);
    fill(&store, "festival", &others).await;
    let (code, told) = restore(&store, &topic).await;
    let refused = row(&told, "festival");
    assert_eq!(
        (code, &refused["whole"], &refused["written"]),
        (1, &json!(false), &json!(0))
    );
    let text = refused["text"].as_str().unwrap();
    assert!(
        text.contains("REFUSED: the store holds 10 events that are not those"),
        "{text}"
    );
    assert_eq!(lines_of(&store, "festival").await, bytes(&others));
    assert_eq!(
        row(&told, "restaurant")["written"],
        3,
        "others are restored"
    );
    // More than the topic has.
    let store = Store::sqlite();
    fill(&store, "festival", &lines).await;
    let (code, told) = restore(&store, &topic).await;
    let text = row(&told, "festival")["text"].as_str().unwrap();
    assert!(
        code == 1 && text.contains("the store holds 50 events, the topic 40"),
        "{text}"
    );
    assert_eq!(lines_of(&store, "festival").await, bytes(&lines));
}

#[tokio::test]
async fn a_broken_topic_is_restored_up_to_where_it_breaks() {
    let Some(topic) = Topic::new("a_broken_topic_is_restored_up_to_where_it_breaks").await else {
        return;
    };
    let lines = trade("festival", 50);
    let mut records = Raw::all(0, "festival", &lines);
    records[30] = records[30].clone().with("\"seq\":30", "\"seq\":31");
    records.insert(
        2,
        Raw {
            key: None,
            ..records[1].clone()
        },
    );
    topic.write(records).await;
    let store = Store::sqlite();
    let (code, told) = restore(&store, &topic).await;
    let failure = &row(&told, "festival")["failure"];
    let place = json!({ "partition": 0, "offset": 31 });
    let found = (code, &failure["seq"], &failure["place"]);
    assert_eq!(found, (1, &json!(30), &place), "{told}");
    assert_eq!(told["foreign"], 1);
    assert_eq!(lines_of(&store, "festival").await, bytes(&lines[..30]));
    store.run_ok(&["verify"]).await;
    // A store that goes beyond the break is not confirmed, and not touched.
    let store = Store::sqlite();
    fill(&store, "festival", &lines[..40]).await;
    let (code, told) = restore(&store, &topic).await;
    let text = row(&told, "festival")["text"].as_str().unwrap();
    let words = "nothing was written, and what the store holds from there on, of its 40 events";
    assert!(code == 1 && text.contains(words), "{text}");
    assert_eq!(lines_of(&store, "festival").await, bytes(&lines[..40]));
}

/// Without a topic nothing comes into being.
#[tokio::test]
async fn a_store_is_made_only_for_a_topic_that_exists() {
    let test = "a_store_is_made_only_for_a_topic_that_exists";
    let Some(brokers) = kafka::broker(test) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("new");
    let data = data.to_str().unwrap();
    let topic = kafka::topic();
    let args = [
        "restore", "--kafka", &brokers, "--topic", &topic, "--data", data,
    ];
    let (code, _, stderr) = daybook(&args).await;
    assert!(code == 3 && stderr.contains("no topic"), "{stderr}");
    assert!(!std::path::Path::new(data).exists());
}

/// Keys of before open nothing, until the catalogue is imported again.
#[tokio::test]
async fn a_restored_store_has_a_secret_of_its_own() {
    let Some(topic) = Topic::new("a_restored_store_has_a_secret_of_its_own").await else {
        return;
    };
    let old = Store::festival().await;
    let lines = lines_of(&old, "festival").await;
    let records = lines.iter().map(|line| Raw::of(0, "festival", line));
    topic.write(records.collect()).await;
    let store = Store::sqlite();
    assert_eq!(restore(&store, &topic).await.0, 0);
    let status = async || {
        let server = Server::start(&store).await;
        let (status, _) = server.get("/ledger/festival/head", Some(AUDIT_KEY)).await;
        assert_eq!(server.stop().await, 0);
        status
    };
    assert_eq!(status().await, 401);
    let mut catalogue = festival();
    catalogue["sessions"] = json!([]);
    assert!(store.import_ok(&catalogue).await > 0);
    assert_eq!(status().await, 200);
}
