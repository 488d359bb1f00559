//! The protocol's own examples, with the braces that its samples lost: the texts as they are sent,
//! but for hashes and GUIDs, which are drawn.

use super::client::{Stand, data, items};
use super::venue::{BIG, SMALL, STAFF, TABLE, TEA};
use serde_json::{Value, json};

const TABLE_REPR: &str = r#""table_repr":{"id":1000028,"name":"6","max_guests":50}"#;
const BIG_DISH: &str = r#"{"id":1000041,"type":"dish","name":"Блюдо с модификатором","price":150.0,"count":1.0,"sum":150.0,"modifiers":[]}"#;
const SMALL_DISH: &str = r#"{"id":1000062,"type":"dish","name":"Блюдо","price":12.0,"count":3.0,"sum":36.0,"modifiers":[]}"#;

fn order(guid: &Value, sum: &str, dishes: &[&str]) -> String {
    let dishes = dishes.join(",");
    format!(
        r#"{{"guid":{guid},"sum":{sum},"pricelist_sum":{sum},"table":{{"id":1000028,"name":"6"}},"waiter":{{"id":9001,"name":"Система"}},"discounts":[],"payments":[],"dishes":[{dishes}]}}"#
    )
}

fn updates(events: &[String]) -> String {
    format!(
        r#"{{"result":true,"data":{{"updates":[{}]}}}}"#,
        events.join(",")
    )
}

fn is_hash(hash: &Value) -> bool {
    let digits = hash.as_str().and_then(|hash| hash.strip_prefix("0x"));
    digits.is_some_and(|digits| {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        digits.len() == 8 && digits.bytes().all(hex)
    })
}

fn is_guid(guid: &Value) -> bool {
    let guid = guid.as_str().unwrap();
    let inside = guid
        .strip_prefix('{')
        .and_then(|guid| guid.strip_suffix('}'))
        .unwrap();
    let lengths = inside.split('-').map(str::len);
    let hex = |c: char| c == '-' || c.is_ascii_digit() || ('A'..='F').contains(&c);
    lengths.eq([8, 4, 4, 4, 12]) && inside.chars().all(hex)
}

#[tokio::test]
async fn an_empty_queue_and_a_call() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let path = "/api/v4/events?hash=none";
    assert_eq!(staff.get(path).await.text, updates(&[]));
    let mut guest = stand.guest(TABLE).await;
    let called = guest.post(TABLE, "waiter_call", None, &Value::Null).await;
    let event = data(&called)["event"].clone();
    assert!(is_hash(&event["hash"]), "{event}");
    let shown = format!(
        r#"{{"hash":{},"code":"waiter_call","table":1000028,"invoice":null,"order":null,{TABLE_REPR}}}"#,
        event["hash"]
    );
    assert_eq!(
        called.text,
        format!(r#"{{"result":true,"data":{{"event":{shown}}}}}"#)
    );
    let told = staff.get(path).await;
    assert_eq!(told.text, updates(&[shown]));
    assert_eq!(
        told.header("content-type"),
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn an_order_that_is_paid_in_one_go() {
    let stand = Stand::open().await;
    let (mut staff, mut guest) = (stand.staff(), stand.guest(TABLE).await);
    let first = guest.order(TABLE, &[(BIG, 1.0), (SMALL, 3.0)]).await;
    let guid = &first["order"]["guid"];
    assert!(is_guid(guid), "{guid}");
    let paid = staff
        .post(TABLE, "online_payment", None, &Value::Null)
        .await;
    let event = data(&paid)["event"].clone();
    let shown = format!(
        r#"{{"hash":{},"code":"online_payment","table":1000028,"invoice":null,"order":{},{TABLE_REPR}}}"#,
        event["hash"],
        order(guid, "186.0", &[BIG_DISH, SMALL_DISH])
    );
    let told = staff
        .get(&format!(
            "/api/v4/events?hash={}",
            first["hash"].as_str().unwrap()
        ))
        .await;
    assert_eq!(told.text, updates(&[shown]));
}

#[tokio::test]
async fn dishes_are_added_to_an_order() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let first = staff.order(TABLE, &[(BIG, 1.0), (SMALL, 3.0)]).await;
    let guid = &first["order"]["guid"];
    staff
        .post(TABLE, "order", None, &json!({"items": [{"id": BIG}]}))
        .await;
    let path = format!("/api/v4/events?hash={}", first["hash"].as_str().unwrap());
    let told = staff.get(&path).await;
    let hash = &told.json()["data"]["updates"][0]["hash"];
    let shown = format!(
        r#"{{"hash":{hash},"code":"additional_order","table":1000028,"invoice":{{"id":1,"order_guid":{guid},"table_id":1000028,"unpaid_sum":336.0,"session_id":1,"status":0,"error":null,"session":{{"items":[{{"id":1000041,"type":"dish","count":1.0,"modifiers":[],"name":"Блюдо с модификатором"}}],"payments":null}}}},"order":{},{TABLE_REPR}}}"#,
        order(guid, "336.0", &[BIG_DISH, SMALL_DISH, BIG_DISH])
    );
    assert_eq!(told.text, updates(&[shown]));
}

/// Bills count up, and each belongs to one order.
#[tokio::test]
async fn bills_are_numbered() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let tea = items(&[(TEA, 2.0)]);
    let mut seen = Vec::new();
    for bill in 1..=3 {
        for _ in 0..2 {
            let event = staff.event(TABLE, "order", &tea).await;
            assert_eq!(event["invoice"]["id"], bill);
            assert_eq!(event["invoice"]["session_id"], bill);
            assert_eq!(event["invoice"]["order_guid"], event["order"]["guid"]);
            seen.push(event["order"]["guid"].to_string());
        }
        staff.event(TABLE, "online_payment", &Value::Null).await;
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
    // The token is a header, and nothing else.
    let in_query = format!("/api/v4/events?hash=none&token={STAFF}");
    assert_eq!(
        staff
            .ask(("GET", &in_query), &[("token", "")], "")
            .await
            .status,
        401
    );
}
