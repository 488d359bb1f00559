//! What is in the topic, and who brings it there.

use super::broker::Broker;
use super::records::{figure, holds, lag, lines, node, records};
use crate::support::kafka::{broker, topic};
use crate::support::{Server, Store, Till, eventually};
use serde_json::{Value, json};

/// Sells so many beers, one after another.
pub(super) async fn sell(server: &Server, count: usize) {
    let mut till = Till::connect(server.address, "/festival").await.unwrap();
    for _ in 0..count {
        let products = json!([{ "ID": 2, "Amount": 1 }]);
        let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": products });
        till.event("payitems", sale).await;
    }
}

#[tokio::test]
async fn the_topic_holds_the_lines_that_were_hashed() {
    let Some(brokers) = broker("the_topic_holds_the_lines_that_were_hashed") else {
        return;
    };
    let topic = topic();
    let store = Store::festival().await;
    let server = node(&store, &brokers, &topic).await;
    sell(&server, 5).await;
    let size = server.size().await;
    holds(&brokers, &topic, size).await;
    assert_eq!(
        lines(&brokers, &topic, "festival").await,
        server.lines().await
    );
    let mut prev = "0".repeat(64);
    let all = records(&brokers, &topic).await;
    for (seq, record) in all.iter().enumerate() {
        let line: Value = serde_json::from_str(record.value.as_deref().unwrap()).unwrap();
        let header = |name: &str| record.headers[name].as_str();
        assert_eq!(record.partition, all[0].partition);
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(header("ce_specversion"), "1.0");
        assert_eq!(header("ce_id"), format!("festival/{seq}"));
        assert_eq!(header("ce_source"), "/ledger/festival");
        assert_eq!(header("ce_type"), line["type"]);
        assert_eq!(header("ce_time"), line["at"]);
        assert_eq!(header("ce_sequence"), format!("{seq:020}"));
        assert_eq!(header("ce_prev"), prev);
        header("ce_leaf").clone_into(&mut prev);
        assert_eq!(record.headers.len(), 9);
    }
    let head = server.audit("/ledger/festival/head").await;
    assert_eq!(head["leaf"], prev);
    assert_eq!(server.stop().await, 0);
}

#[tokio::test]
async fn a_node_that_comes_back_goes_on_where_the_topic_ends() {
    let Some(brokers) = broker("a_node_that_comes_back_goes_on_where_the_topic_ends") else {
        return;
    };
    let topic = topic();
    let store = Store::festival().await;
    let server = node(&store, &brokers, &topic).await;
    sell(&server, 3).await;
    let size = server.size().await;
    holds(&brokers, &topic, size).await;
    server.kill().await;
    // Without Kafka meanwhile.
    let quiet = Server::start(&store).await;
    sell(&quiet, 3).await;
    assert_eq!(quiet.stop().await, 0);
    let server = node(&store, &brokers, &topic).await;
    sell(&server, 3).await;
    let size = server.size().await;
    holds(&brokers, &topic, size).await;
    assert_eq!(
        lines(&brokers, &topic, "festival").await,
        server.lines().await
    );
}

#[tokio::test]
async fn a_broker_that_is_away_costs_lag_and_nothing_else() {
    if broker("a_broker_that_is_away_costs_lag_and_nothing_else").is_none() {
        return;
    }
    let broker = Broker::start().await;
    broker.kill().await;
    let store = Store::festival().await;
    let server = node(&store, &broker.address, "away.events").await;
    sell(&server, 20).await;
    let size = server.size().await;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let all = Some(size as f64);
    eventually("the lag is shown", async || lag(&server).await == all).await;
    assert_eq!(figure(&server, "daybook_kafka_publishing").await, Some(0.0));
    broker.restart().await;
    eventually("the lag is gone", async || lag(&server).await == Some(0.0)).await;
    assert_eq!(figure(&server, "daybook_kafka_publishing").await, Some(1.0));
    assert_eq!(
        lines(&broker.address, "away.events", "festival").await,
        server.lines().await
    );
    broker.stop().await;
    sell(&server, 3).await;
    eventually("the lag is shown again", async || {
        lag(&server).await.is_some_and(|lag| lag > 0.0)
    })
    .await;
    // Ends although nobody answers its publisher.
    assert_eq!(server.stop().await, 0);
}
