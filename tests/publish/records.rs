//! What a topic holds, read as any consumer would, and servers that publish.

use crate::support::{Server, Store, eventually};
use daybook_kafka::{Reader, Settings};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) partition: i32,
    pub(super) key: String,
    pub(super) value: Option<String>,
    pub(super) headers: BTreeMap<String, String>,
}

/// All records that are committed, in order.
pub(super) async fn records(brokers: &str, topic: &str) -> Vec<Record> {
    records_of(&Settings::new(brokers), topic).await
}

/// The same at brokers that ask for more than their address.
async fn records_of(settings: &Settings, topic: &str) -> Vec<Record> {
    let (settings, topic) = (settings.clone(), topic.to_owned());
    let reading = tokio::task::spawn_blocking(move || {
        let mut records = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let reader = Reader::open(&settings, &topic).unwrap();
        let read = reader.read_all(|found| {
            let headers = found.headers().into_iter();
            records.push(Record {
                partition: found.partition(),
                key: text(found.key().unwrap()),
                value: found.value().map(text),
                headers: headers
                    .map(|(key, value)| (key.to_owned(), text(value)))
                    .collect(),
            });
            ControlFlow::Continue(())
        });
        read.unwrap();
        records
    });
    reading.await.unwrap()
}

/// The values of an instance's records, in order.
pub(super) async fn lines(brokers: &str, topic: &str, instance: &str) -> Vec<String> {
    lines_of(&Settings::new(brokers), topic, instance).await
}

/// The same at brokers that ask for more than their address.
pub(super) async fn lines_of(settings: &Settings, topic: &str, instance: &str) -> Vec<String> {
    let records = records_of(settings, topic).await.into_iter();
    let of_instance = records.filter(|record| record.key == instance);
    of_instance.map(|record| record.value.unwrap()).collect()
}

/// Whether there is such a topic.
pub(super) async fn exists(brokers: &str, topic: &str) -> bool {
    let (settings, topic) = (Settings::new(brokers), topic.to_owned());
    let opening = tokio::task::spawn_blocking(move || Reader::open(&settings, &topic).is_ok());
    opening.await.unwrap()
}

static NODES: AtomicUsize = AtomicUsize::new(0);

/// A node that publishes, with a name of its own.
pub(super) async fn node(store: &Store, brokers: &str, topic: &str) -> Server {
    let name = format!("node-{}", NODES.fetch_add(1, Ordering::Relaxed));
    let kafka = ["--kafka", brokers, "--kafka-topic", topic];
    let flags = [&["--rate-limit", "off", "--node", &name], &kafka[..]].concat();
    Server::start_with(store, &flags).await
}

/// A figure of a node, by its name and labels.
pub(super) async fn figure(node: &Server, name: &str) -> Option<f64> {
    let (_, _, text) = node.try_request("GET", "/metrics", None, "").await?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().parse().ok()
}

/// The festival's lag, as a node knows it.
pub(super) async fn lag(node: &Server) -> Option<f64> {
    figure(node, "daybook_kafka_lag_events{instance=\"festival\"}").await
}

/// Waits until the topic holds so many events of the festival.
pub(super) async fn holds(brokers: &str, topic: &str, size: u64) {
    eventually("the topic holds all events", async || {
        lines(brokers, topic, "festival").await.len() as u64 >= size
    })
    .await;
}
