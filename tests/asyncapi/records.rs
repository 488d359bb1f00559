//! What comes into topics is as the document says: every type of event, every kind of entity.

use super::document::{read_json, text};
use super::kafka::TOMBSTONE;
use super::sent::Sent;
use crate::support::kafka::{broker, topic};
use crate::support::{Server, Store, eventually, festival};
use daybook_kafka::record::expected;
use daybook_kafka::topic::{DEFAULT_TOPIC, view_topic};
use daybook_kafka::{Reader, Settings};
use daybook_projections::Views;
use daybook_projections::entity::changes;
use daybook_schema::entity::ENTITIES;
use daybook_schema::{hash, line};
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// The published vectors: a log with every type.
fn vectors() -> Vec<String> {
    let vectors = read_json("schema/vectors/events.json");
    let vectors = vectors.as_array().unwrap().iter();
    let lines = vectors.map(|vector| text(&vector["line"]).to_owned());
    lines.collect()
}

#[test]
fn every_type_of_event_is_as_documented() {
    let mut sent = Sent::default();
    for line in vectors() {
        let payload: Value = serde_json::from_str(&line).unwrap();
        let headers = expected(line.as_bytes()).unwrap().into_iter();
        let headers: Map<String, Value> = headers
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let name = text(&payload["type"]).to_owned();
        sent.record(&name, &headers.into(), &payload);
    }
    sent.is_as_documented(&[DEFAULT_TOPIC]);
}

#[test]
fn every_kind_of_entity_is_as_documented() {
    let (mut sent, mut views) = (Sent::default(), Views::default());
    for line in vectors() {
        let event = line::read(line.as_bytes()).unwrap();
        let before = views.clone();
        views.apply(&event, hash::leaf(line.as_bytes()));
        for change in changes(&before, &views) {
            match change.value(&event.log, event.seq) {
                Some(value) => {
                    let payload = serde_json::from_str(&value).unwrap();
                    sent.note(&format!("view.{}", change.entity), &payload);
                }
                None => sent.note(TOMBSTONE, &Value::Null),
            }
        }
    }
    let topics = ENTITIES.map(|entity| view_topic(DEFAULT_TOPIC, entity));
    sent.is_as_documented(&topics.each_ref().map(String::as_str));
}

/// All records of a topic, in order.
async fn records(brokers: &str, topic: &str) -> Sent {
    let (settings, topic) = (Settings::new(brokers), topic.to_owned());
    let reading = tokio::task::spawn_blocking(move || {
        let mut sent = Sent::default();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let reader = Reader::open(&settings, &topic).unwrap();
        let read = reader.read_all(|found| {
            let headers = found.headers().into_iter();
            let headers: Map<String, Value> = headers
                .map(|(name, value)| (name.to_owned(), text(value).into()))
                .collect();
            let name = found.value().and_then(|_| headers["ce_type"].as_str());
            let name = name.unwrap_or(TOMBSTONE).to_owned();
            let value = found.value().map(serde_json::from_slice);
            let value: Value = value.transpose().unwrap().unwrap_or_default();
            sent.record(&name, &headers.into(), &value);
            ControlFlow::Continue(())
        });
        read.unwrap();
        sent
    });
    reading.await.unwrap()
}

#[tokio::test]
async fn published_records_are_as_documented() {
    let Some(brokers) = broker("published_records_are_as_documented") else {
        return;
    };
    let (events, store) = (topic(), Store::festival().await);
    let flags = ["--kafka", &brokers, "--kafka-topic", &events];
    let _server = Server::start_with(&store, &flags).await;
    let products = view_topic(&events, "product");
    let product = view_topic(DEFAULT_TOPIC, "product");
    eventually("the node publishes entities", async || {
        let sent = Reader::open(&Settings::new(&brokers), &products).is_ok();
        sent && records(&brokers, &products).await.names().len() == 1
    })
    .await;
    let mut venue = festival();
    venue["products"].as_array_mut().unwrap().pop();
    store.import_ok(&venue).await;
    eventually("a product is gone from its topic", async || {
        records(&brokers, &products).await.names().len() == 2
    })
    .await;
    let sent = records(&brokers, &products).await;
    sent.is_as_documented(&[&product]);
    let sent = records(&brokers, &events).await;
    assert!(sent.names().contains("catalogue.product_withdrawn"));
    sent.is_as_documented(&[]);
}
