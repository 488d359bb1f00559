//! `Idempotency-Key`: what was booked under a key is not booked again, on any node at any time.

use super::stand::{CREATE, Stand, book, detail, heard, redeem, sell};
use super::venue::{KIM, LU, TONI, venue};
use crate::support::desk::Told;
use crate::support::{Desk, entry};
use serde_json::{Value, json};

pub(super) const REPLAYED: &str = "idempotent-replayed";

pub(super) fn cart(positions: &[Value]) -> Value {
    json!({"cash_given": "50.00", "positions": positions})
}

pub(super) fn conflict() -> (u16, Value) {
    (
        422,
        detail("Idempotency-Key was used for a different request."),
    )
}

/// The second answer is the first once more, and says so.
pub(super) fn repeats(again: &Told, first: &Told) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(
        (first.header(REPLAYED), again.header(REPLAYED)),
        ("", "true")
    );
    assert_eq!(again.header("content-type"), first.header("content-type"));
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer_also_after_a_restart() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let body = cart(&[redeem("paid-01-x"), sell(1)]);
    let first = desk.post(CREATE, Some("a"), &body).await;
    assert_eq!(first.status, 201);
    // Other bookings change nothing, nor does the ticket's coming back.
    let other = book(&mut desk, &[sell(1)]).await;
    let path = format!("{CREATE}{other}/reverse/");
    let reversed = desk.post(&path, Some("a"), &Value::Null).await;
    let id = first.json()["id"].clone();
    desk.post(&format!("{CREATE}{id}/reverse/"), None, &Value::Null)
        .await;
    repeats(&desk.post(CREATE, Some("a"), &body).await, &first);
    repeats(
        &desk.post("/api/transactions", Some("a"), &body).await,
        &first,
    );
    let size = stand.server.size().await;
    // Another price, name and pack do not change what was answered.
    let mut catalogue = venue();
    let product = entry(&mut catalogue, "products", 1);
    product["name"] = json!("Renamed");
    product["pack"] = json!([]);
    let more = stand.store.import_ok(&catalogue).await;
    let stand = stand.restart().await;
    let mut desk = stand.desk(KIM);
    repeats(&desk.post(CREATE, Some("a"), &body).await, &first);
    repeats(&desk.post(&path, Some("a"), &Value::Null).await, &reversed);
    assert_eq!(stand.server.size().await, size + more);
}

/// The order of members, white space and the spelling of numbers say nothing.
#[tokio::test]
async fn the_parsed_body_is_compared() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let first = cart(&[sell(1)]);
    let told = desk.post(CREATE, Some("k"), &first).await;
    let send = async |desk: &mut Desk, body: &str| {
        let request = desk
            .request("POST", CREATE)
            .header("content-type", "application/json");
        let request = request
            .header("idempotency-key", "k")
            .body(body.to_owned().into());
        desk.send(request.unwrap()).await
    };
    for same in [
        r#"{"positions":[{"product":1,"type":"sell"}],"cash_given":"50.00"}"#,
        " {\n\"positions\" : [ {\"type\":\"sell\", \"product\":1e0} ],\t\"cash_given\":\"50\\u002e00\" }",
        r#"{"cash_given":"1","cash_given":"50.00","positions":[{"type":"sell","product":1.0}]}"#,
    ] {
        repeats(&send(&mut desk, same).await, &told);
    }
    for other in [
        r#"{"positions":[{"product":1,"type":"sell"}],"cash_given":"50.0"}"#,
        r#"{"positions":[{"product":1,"type":"sell"}],"cash_given":50.00}"#,
        r#"{"positions":[{"product":"1","type":"sell"}],"cash_given":"50.00"}"#,
        r#"{"positions":[{"product":1,"type":"sell","x":1}],"cash_given":"50.00"}"#,
        r#"{"positions":[{"product":1,"type":"sell"}]}"#,
        r#"{"positions":[]}"#,
        r#"{"positions":"x"}"#,
        "[]",
        "null",
        "",
    ] {
        assert_eq!(heard(&send(&mut desk, other).await), conflict(), "{other}");
    }
    // What is no body at all has nothing to compare.
    assert_eq!(send(&mut desk, "{").await.status, 400);
    assert_eq!(desk.shown(CREATE).await["count"], 1);
}

#[tokio::test]
async fn what_was_refused_comes_again_corrected() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let mut ticket = redeem("again-26");
    let size = stand.server.size().await;
    for body in [
        json!([]),
        json!({}),
        json!({"positions": 1}),
        cart(&[ticket.clone(), sell(999)]),
    ] {
        assert_eq!(
            desk.post(CREATE, Some("k"), &body).await.status,
            400,
            "{body}"
        );
    }
    // Warnings 3 and 4, one after the other, with the key of the first try.
    for warning in ["warning_3_acknowledged", "warning_4_acknowledged"] {
        let told = desk.post(CREATE, Some("k"), &cart(&[ticket.clone()])).await;
        assert_eq!((told.status, told.header(REPLAYED)), (400, ""));
        assert_eq!(told.json()["positions"][0]["missing_field"], warning);
        ticket[warning] = json!(true);
    }
    assert_eq!(stand.server.size().await, size);
    let first = desk.post(CREATE, Some("k"), &cart(&[ticket.clone()])).await;
    assert_eq!(first.status, 201, "{}", first.text);
    repeats(
        &desk.post(CREATE, Some("k"), &cart(&[ticket])).await,
        &first,
    );
    assert_eq!(
        heard(&desk.post(CREATE, Some("k"), &cart(&[sell(1)])).await),
        conflict()
    );
    assert_eq!(stand.server.size().await, size + 1);
}

#[tokio::test]
async fn a_key_belongs_to_its_session_and_path() {
    let stand = Stand::open().await;
    let body = cart(&[sell(1)]);
    let mut ids = Vec::new();
    for token in [KIM, LU, TONI] {
        let mut desk = stand.desk(token);
        let told = desk.post(CREATE, Some("k"), &body).await;
        assert_eq!((told.status, told.header(REPLAYED)), (201, ""), "{token}");
        let id = told.json()["id"].as_u64().unwrap();
        ids.push(id);
        let path = format!("{CREATE}{id}/reverse");
        let told = desk.post(&path, Some("k"), &Value::Null).await;
        assert_eq!((told.status, told.header(REPLAYED)), (200, ""), "{token}");
        let again = desk
            .post(&format!("{path}/"), Some("k"), &Value::Null)
            .await;
        repeats(&again, &told);
        // A reversal without the key is tried anew.
        assert_eq!(desk.post(&path, None, &Value::Null).await.status, 400);
        assert_eq!(desk.post(&path, Some("k2"), &Value::Null).await.status, 400);
    }
    assert_eq!(ids, [1, 3, 5]);
}

/// A key may look like the end of a path, and is none.
#[tokio::test]
async fn a_key_that_looks_like_a_path_is_a_key() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let body = cart(&[sell(1)]);
    let first = desk.post(CREATE, Some("1/reverse/k"), &body).await;
    assert_eq!(first.status, 201);
    let told = desk
        .post("/api/transactions/1/reverse/", Some("k"), &Value::Null)
        .await;
    assert_eq!(
        (told.status, told.header(REPLAYED)),
        (200, ""),
        "{}",
        told.text
    );
    repeats(&desk.post(CREATE, Some("1/reverse/k"), &body).await, &first);
}
