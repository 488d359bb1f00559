//! Topics that must not be continued, and those that must not be used.

use super::records::{figure, holds, lines, node};
use super::story::sell;
use crate::support::kafka::{broker, topic};
use crate::support::{Server, Store, eventually};
use daybook_kafka::topic::{Kind, make};
use daybook_kafka::{Settings, Writer};
use daybook_schema::hash::leaf;
use std::process::Stdio;

const HALTED: &str = "daybook_kafka_halted{instance=\"festival\"}";

/// Another instance, which is published from the same store.
const RESTAURANT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/restaurant.json"
);

/// Waits until this node publishes: what it does not publish by then it never will.
async fn others_are_published(brokers: &str, topic: &str) {
    eventually("the other instance is published", async || {
        !lines(brokers, topic, "restaurant").await.is_empty()
    })
    .await;
}

/// A topic that holds these lines.
async fn topic_of(brokers: &str, topic: &str, lines: Vec<String>) {
    let settings = Settings::new(brokers);
    let topics = [(topic.to_owned(), Kind::Events)];
    make(&settings, &topics, 1, None).await.unwrap();
    let topic = topic.to_owned();
    let writing = tokio::task::spawn_blocking(move || {
        let writer = Writer::open(&settings, &topic, std::slice::from_ref(&topic)).unwrap();
        writer.begin().unwrap();
        for line in &lines {
            let line = line.as_bytes();
            writer.line(&topic, 0, line, leaf(line)).unwrap();
        }
        writer.commit().unwrap();
    });
    writing.await.unwrap();
}

/// The lines of a venue of its own, which nobody else's hash.
async fn other_lines() -> Vec<String> {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let lines = server.lines().await;
    assert_eq!(server.stop().await, 0);
    lines
}

#[tokio::test]
async fn a_topic_with_another_log_is_not_continued() {
    let Some(brokers) = broker("a_topic_with_another_log_is_not_continued") else {
        return;
    };
    let topic = topic();
    let other = other_lines().await;
    topic_of(&brokers, &topic, other.clone()).await;
    let store = Store::festival().await;
    store.run_ok(&["import", RESTAURANT]).await;
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let flags = ["--kafka", &brokers, "--kafka-topic", &topic];
    let errors = Stdio::from(std::fs::File::create(&log).unwrap());
    let server = Server::start_logged(&store, &flags, errors).await;
    eventually("it is shown", async || {
        figure(&server, HALTED).await == Some(1.0)
    })
    .await;
    sell(&server, 3).await;
    others_are_published(&brokers, &topic).await;
    assert_eq!(server.stop().await, 0);
    assert_eq!(lines(&brokers, &topic, "festival").await, other);
    let said = std::fs::read_to_string(&log).unwrap();
    let last = other.len() - 1;
    let expected = format!("the topic holds another event {last} of \"festival\" than the log");
    assert!(said.contains(&expected), "{said}");
}

#[tokio::test]
async fn a_log_that_was_set_back_is_not_published() {
    let Some(brokers) = broker("a_log_that_was_set_back_is_not_published") else {
        return;
    };
    let topic = topic();
    let store = Store::festival().await;
    let Store::Sqlite(dir) = &store else {
        unreachable!()
    };
    let old = Store::sqlite();
    let Store::Sqlite(copy) = &old else {
        unreachable!()
    };
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let server = node(&store, &brokers, &topic).await;
    sell(&server, 3).await;
    let size = server.size().await;
    holds(&brokers, &topic, size).await;
    assert_eq!(server.stop().await, 0);
    let published = lines(&brokers, &topic, "festival").await;
    old.run_ok(&["import", RESTAURANT]).await;
    let server = node(&old, &brokers, &topic).await;
    eventually("it is shown", async || {
        figure(&server, HALTED).await == Some(1.0)
    })
    .await;
    others_are_published(&brokers, &topic).await;
    assert_eq!(server.stop().await, 0);
    assert_eq!(lines(&brokers, &topic, "festival").await, published);
}

#[tokio::test]
async fn a_topic_that_keeps_the_latest_only_is_refused() {
    let Some(brokers) = broker("a_topic_that_keeps_the_latest_only_is_refused") else {
        return;
    };
    let topic = topic();
    let topics = [(topic.clone(), Kind::View)];
    make(&Settings::new(&brokers), &topics, 1, None)
        .await
        .unwrap();
    let store = Store::festival().await;
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let flags = ["--kafka", &brokers, "--kafka-topic", &topic];
    let errors = Stdio::from(std::fs::File::create(&log).unwrap());
    let server = Server::start_logged(&store, &flags, errors).await;
    let expected = "it would keep one event of each instance only";
    eventually("it is told", async || {
        std::fs::read_to_string(&log).unwrap().contains(expected)
    })
    .await;
    // Selling goes on.
    sell(&server, 1).await;
    assert_eq!(server.stop().await, 0);
    assert!(lines(&brokers, &topic, "festival").await.is_empty());
}
