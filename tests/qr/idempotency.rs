//! Commands that come again: one event, and the same answer for as long as the log is there.

use super::client::{Client, Stand, coded, refusal};
use super::house::House;
use super::venue::{OTHER, STAFF, TABLE, TEA};
use crate::support::{Server, Store, eventually};
use serde_json::{Value, json};

const REPLAYED: &str = "idempotent-replayed";

#[tokio::test]
async fn a_repetition_is_answered_as_the_first_time() {
    let stand = Stand::open().await;
    let (mut staff, mut guest) = (stand.staff(), stand.guest(TABLE).await);
    let first = guest
        .post(TABLE, "waiter_call", Some("a"), &Value::Null)
        .await;
    assert_eq!((first.status, first.header(REPLAYED)), (200, ""));
    // Whoever asks, and however the same is written.
    for body in ["", "{}", " { } "] {
        let path = format!("/api/v4/tables/{TABLE}/waiter_call/");
        for asking in [&mut staff, &mut guest] {
            let again = asking
                .ask(("POST", &path), &[("idempotency-key", "a")], body)
                .await;
            assert_eq!((again.status, &again.text), (200, &first.text));
            assert_eq!(again.header(REPLAYED), "true");
        }
    }
    let order = r#"{"items":[{"id":1000050,"count":2}]}"#;
    let path = format!("/api/v4/tables/{TABLE}/order");
    let key = [("idempotency-key", "a")];
    let ordered = staff.ask(("POST", &path), &key, order).await;
    // Another path has its own keys, and so has another table.
    assert_eq!((ordered.status, ordered.header(REPLAYED)), (200, ""));
    let other = staff
        .post(OTHER, "waiter_call", Some("a"), &Value::Null)
        .await;
    assert_eq!((other.status, other.header(REPLAYED)), (200, ""));
    let again = staff
        .ask(
            ("POST", &path),
            &key,
            r#"{ "items": [{"count": 2.0, "id": 1000050}] }"#,
        )
        .await;
    assert_eq!(again.text, ordered.text);
    for another in [
        r#"{"items":[{"id":1000050,"count":3}]}"#,
        "{}",
        r#"{"items":[]}"#,
    ] {
        let told = staff.ask(("POST", &path), &key, another).await;
        assert_eq!(
            refusal(&told),
            coded(409, "idempotency_conflict"),
            "{another}"
        );
    }
    assert_eq!(staff.events("none").await.len(), 3);
    assert_eq!(
        refusal(&staff.post(1, "waiter_call", Some("a"), &Value::Null).await).0,
        404
    );
}

/// A refused request may come again with its key.
#[tokio::test]
async fn only_successes_are_remembered() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let told = staff
        .post(TABLE, "online_payment", Some("k"), &Value::Null)
        .await;
    assert_eq!(refusal(&told), coded(409, "no_open_order"));
    staff.order(TABLE, &[(TEA, 1.0)]).await;
    let told = staff
        .post(TABLE, "online_payment", Some("k"), &json!({"sum": 99}))
        .await;
    assert_eq!(refusal(&told), coded(409, "invalid_sum"));
    let paid = staff
        .post(TABLE, "online_payment", Some("k"), &json!({"sum": 12}))
        .await;
    assert_eq!(paid.status, 200);
    let again = staff
        .post(TABLE, "online_payment", Some("k"), &json!({"sum": 12.00}))
        .await;
    assert_eq!(again.text, paid.text);
    assert_eq!(super::client::rows(&stand.server, 1).await.len(), 1);
}

#[tokio::test]
async fn keys_are_printable() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let longest = "k".repeat(255);
    for key in ["a b", "~!\"'{}", &longest] {
        assert_eq!(
            staff
                .post(TABLE, "waiter_call", Some(key), &Value::Null)
                .await
                .status,
            200
        );
    }
    let long = "k".repeat(256);
    for key in ["", "\t", "ключ", &long] {
        let told = staff
            .post(TABLE, "waiter_call", Some(key), &Value::Null)
            .await;
        assert_eq!(refusal(&told), coded(400, "invalid_request"), "{key}");
    }
}

/// The queue has long forgotten it, the order is closed, others were opened, and the program is
/// another: the log still knows.
#[tokio::test]
async fn a_repetition_is_answered_from_the_log() {
    let mut house = House::open().await;
    let order =
        format!(r#"{{"items":[{{"id":{TEA}}},{{"id":1000041,"modifiers":[{{"id":502}}]}}]}}"#);
    let steps: [(u32, &str, &str); 8] = [
        (TABLE, "waiter_call", ""),
        (TABLE, "order", &order),
        (OTHER, "order", &order),
        (TABLE, "online_payment", r#"{"sum":100,"name":"Карта"}"#),
        (TABLE, "order", &order),
        (OTHER, "online_payment", ""),
        (TABLE, "online_payment", ""),
        (TABLE, "order", &order),
    ];
    let mut first = Vec::new();
    for (step, (table, command, body)) in steps.into_iter().enumerate() {
        let told = house
            .post(table, command, Some(&format!("key-{step}")), body)
            .await;
        assert_eq!(told.status, 200, "{}", told.text);
        first.push(told.text);
        house.pass(50);
    }
    for _ in 0..2 {
        for (step, (table, command, body)) in steps.into_iter().enumerate() {
            let told = house
                .post(table, command, Some(&format!("key-{step}")), body)
                .await;
            assert_eq!(
                (told.status, &told.text),
                (200, &first[step]),
                "step {step}"
            );
            assert_eq!(told.header(REPLAYED), "true");
        }
        house.pass(3600);
        assert_eq!(house.poll("").await.len(), 0);
        house = house.reopen().await;
    }
}

/// The same at the same moment, on two nodes: one event, and one answer for all.
#[tokio::test]
async fn two_nodes_take_a_key_once() {
    let here = Stand::on(Store::postgres().await).await;
    let there = Server::start(&here.store).await;
    let mut clients: Vec<_> = (0..8)
        .map(|number| {
            let node = if number % 2 == 0 {
                &here.server
            } else {
                &there
            };
            Client::new(node.address, "token", STAFF)
        })
        .collect();
    for round in 0..10 {
        let key = format!("round-{round}");
        let (command, body) = match round % 3 {
            0 => ("order", json!({"items": [{"id": TEA}]})),
            1 => ("waiter_call", Value::Null),
            _ => ("online_payment", json!({"sum": 1})),
        };
        let asking = clients
            .iter_mut()
            .map(|client| client.post(TABLE, command, Some(&key), &body));
        let told = futures_util::future::join_all(asking).await;
        assert_eq!(told[0].status, 200, "{}", told[0].text);
        assert!(told.iter().all(|one| one.text == told[0].text), "{told:?}");
        let repeated = told.iter().filter(|told| told.header(REPLAYED) == "true");
        assert_eq!(repeated.count(), 7);
    }
    eventually("both nodes have one event for each key", async || {
        clients[0].events("none").await.len() == 10 && clients[1].events("none").await.len() == 10
    })
    .await;
    here.store.run_ok(&["verify"]).await;
}
