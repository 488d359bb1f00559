//! The topics of views: what an analyst joins with, without replaying.

use super::records::{Record, exists, holds, node, records};
use super::story::sell;
use crate::support::kafka::{broker, topic};
use crate::support::{Server, Store, barrel_at, entry, eventually, festival};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The topic of a view beside a topic of events.
fn view(events: &str, name: &str) -> String {
    daybook_kafka::topic::view_topic(events, name)
}

/// What compaction would leave: the last record of each key, without tombstones.
async fn latest(brokers: &str, topic: &str) -> BTreeMap<String, Value> {
    let mut latest = BTreeMap::new();
    for record in records(brokers, topic).await {
        match record.value {
            Some(value) => latest.insert(record.key, serde_json::from_str(&value).unwrap()),
            None => latest.remove(&record.key),
        };
    }
    latest
}

/// Waits until the record of a key satisfies, and returns all of the topic.
async fn until(
    brokers: &str,
    topic: &str,
    what: &str,
    satisfies: impl Fn(&BTreeMap<String, Value>) -> bool,
) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    eventually(what, async || {
        found = latest(brokers, topic).await;
        satisfies(&found)
    })
    .await;
    found
}

#[tokio::test]
async fn products_and_transactions_are_there_as_they_are_now() {
    let Some(brokers) = broker("products_and_transactions_are_there_as_they_are_now") else {
        return;
    };
    let topic = topic();
    let store = Store::festival().await;
    let server = node(&store, &brokers, &topic).await;
    sell(&server, 2).await;
    let transactions = view(&topic, "transaction");
    let rows = rows(&server).await;
    let found = until(&brokers, &transactions, "both sales", |found| {
        found.len() == rows.len()
    })
    .await;
    for row in &rows {
        let record = &found[&format!("festival/{}", row["ID"])];
        assert_eq!(record["data"], *row, "{record}");
        assert_eq!(record["instance"], "festival");
    }
    // Records never run ahead of the events.
    let events = records(&brokers, &topic).await.len() as u64;
    assert!(found.values().all(|r| r["seq"].as_u64().unwrap() < events));
    let products = view(&topic, "product");
    let expected = festival()["products"].as_array().unwrap().len();
    let found = latest(&brokers, &products).await;
    assert_eq!(found.len(), expected);
    let before = found["festival/1"]["seq"].as_u64().unwrap();
    store.import_ok(&barrel_at("77.00")).await;
    let found = until(&brokers, &products, "another price", |found| {
        found["festival/1"]["data"]["price"] == 7700
    })
    .await;
    assert!(found["festival/1"]["seq"].as_u64().unwrap() > before);
    // Nothing else was sent again.
    let sent = records(&brokers, &products).await.len();
    assert_eq!(sent, expected + 1);
    assert_eq!(server.stop().await, 0);
}

async fn rows(server: &Server) -> Vec<Value> {
    let mut till = server.till().await;
    let answer = till.event("listtransactions", json!({ "POSID": 1 })).await;
    // The oldest row names what it follows, for who verifies the answer; the record does not.
    let mut rows = answer["Transactions"].as_array().unwrap().clone();
    for row in &mut rows {
        row.as_object_mut().unwrap().remove("prev");
    }
    rows
}

#[tokio::test]
async fn what_is_withdrawn_gets_a_tombstone_also_from_a_node_that_comes_later() {
    let name = "what_is_withdrawn_gets_a_tombstone_also_from_a_node_that_comes_later";
    let Some(brokers) = broker(name) else {
        return;
    };
    let topic = topic();
    let products = view(&topic, "product");
    let mut catalogue = festival();
    let mut extra = entry(&mut catalogue, "products", 1).clone();
    for id in [901, 902] {
        extra["id"] = json!(id);
        let all = catalogue["products"].as_array_mut().unwrap();
        all.push(extra.clone());
    }
    let store = Store::sqlite();
    store.import_ok(&catalogue).await;
    let server = node(&store, &brokers, &topic).await;
    let has = |id: u64| move |found: &BTreeMap<String, Value>| found.contains_key(&key(id));
    until(&brokers, &products, "both products", |found| {
        has(901)(found) && has(902)(found)
    })
    .await;
    withdraw(&store, &mut catalogue, 901).await;
    until(&brokers, &products, "one is gone", |found| !has(901)(found)).await;
    assert_eq!(server.stop().await, 0);
    // Nobody publishes when the other one goes.
    withdraw(&store, &mut catalogue, 902).await;
    let before = records(&brokers, &products).await;
    let server = node(&store, &brokers, &topic).await;
    until(&brokers, &products, "the other is gone", |found| {
        !has(902)(found)
    })
    .await;
    let after = records(&brokers, &products).await;
    assert_eq!(after.len(), before.len() + 1, "only the difference is sent");
    let gone: Vec<&Record> = after.iter().filter(|r| r.value.is_none()).collect();
    let keys: Vec<&str> = gone.iter().map(|r| r.key.as_str()).collect();
    let mut expected = [key(901), key(902)];
    expected.sort();
    let mut keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    keys.sort();
    assert_eq!(keys, expected);
    let last = server.size().await - 1;
    let tombstone = gone.iter().find(|r| r.key == key(902)).unwrap();
    assert_eq!(tombstone.headers["ce_sequence"], format!("{last:020}"));
    assert_eq!(tombstone.headers["ce_type"], "view.product");
    assert_eq!(tombstone.headers["ce_id"], format!("festival/902@{last}"));
    assert_eq!(server.stop().await, 0);
}

fn key(id: u64) -> String {
    format!("festival/{id}")
}

/// Withdraws a product.
async fn withdraw(store: &Store, catalogue: &mut Value, id: u64) {
    let all = catalogue["products"].as_array_mut().unwrap();
    all.retain(|product| product["id"] != id);
    store.import_ok(catalogue).await;
}

#[tokio::test]
async fn views_can_be_left_out() {
    let Some(brokers) = broker("views_can_be_left_out") else {
        return;
    };
    let topic = topic();
    let store = Store::festival().await;
    let flags = [
        "--kafka",
        &brokers,
        "--kafka-topic",
        &topic,
        "--kafka-views",
        "off",
    ];
    let server = Server::start_with(&store, &flags).await;
    let size = server.size().await;
    holds(&brokers, &topic, size).await;
    assert!(!exists(&brokers, &view(&topic, "product")).await);
    assert_eq!(server.stop().await, 0);
    // When they are wanted later, they come though nothing is sold.
    let server = node(&store, &brokers, &topic).await;
    let position = view(&topic, "position");
    let found = until(&brokers, &position, "the views", |found| !found.is_empty()).await;
    assert_eq!(found["festival/views"]["seq"], size - 1);
    let products = latest(&brokers, &view(&topic, "product")).await;
    let expected = festival()["products"].as_array().unwrap().len();
    assert_eq!(products.len(), expected);
    assert_eq!(server.stop().await, 0);
}
