//! Which texts are keys, and that everything that can be asked for takes one.

use super::idempotency::{cart, conflict, repeats};
use super::stand::{CREATE, Stand, book, detail, heard, sell, with};
use super::venue::{KIM, venue};
use serde_json::{Value, json};

#[tokio::test]
async fn keys_are_printable_and_not_too_long() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let size = stand.server.size().await;
    let long = "k".repeat(256);
    for path in POSTS {
        for key in ["", "ö", "a\tb", "\u{80}", long.as_str()] {
            let told = desk.post(path, Some(key), &cart(&[sell(1)])).await;
            assert_eq!(
                heard(&told),
                (400, detail("Invalid Idempotency-Key.")),
                "{path} {key:?}"
            );
        }
    }
    assert_eq!(stand.server.size().await, size);
    let longest = "~".repeat(255);
    for key in ["k", "/", "a b", "\"'\\{}", "../1/reverse", longest.as_str()] {
        let body = cart(&[sell(1)]);
        let first = desk.post(CREATE, Some(key), &body).await;
        assert_eq!(first.status, 201, "{key}");
        repeats(&desk.post(CREATE, Some(key), &body).await, &first);
    }
    drop(stand.server);
    stand.store.run_ok(&["verify"]).await;
}

/// Where something is asked for.
const POSTS: [&str; 9] = [
    CREATE,
    "/api/transactions/1/reverse/",
    "/api/pings/1/mark_synced/",
    "/api/cashdesk/open-drawer/",
    "/api/cashdesk/reprint-receipt/",
    "/api/cashdesk/request-resupply/",
    "/api/cashdesk/signal-next/",
    "/api/cashdesk/print-ping/",
    "/api/cashdesk/supply/",
];

#[tokio::test]
async fn every_post_takes_a_key() {
    let mut catalogue = venue();
    catalogue["supply_packs"] = json!([
        {"id": 1, "identifier": "P-1", "item": 1, "amount": 10, "state": "troubleshooter"},
    ]);
    let stand = Stand::of(&catalogue).await;
    let mut desk = stand.desk(KIM);
    book(&mut desk, &[sell(1)]).await;
    desk.post("/api/cashdesk/print-ping/", None, &Value::Null)
        .await;
    let secret = desk.shown("/api/pings/1/").await["secret"].clone();
    let pong = "/api/cashdesk/pong/";
    for path in POSTS.into_iter().chain([pong]) {
        let body = match path {
            CREATE => cart(&[sell(1)]),
            "/api/cashdesk/reprint-receipt/" => json!({"transaction": 1}),
            "/api/cashdesk/supply/" => json!({"identifier": "P-1"}),
            "/api/cashdesk/pong/" => json!({"pong": secret}),
            _ => json!({}),
        };
        let size = stand.server.size().await;
        let first = desk.post(path, Some("k"), &body).await;
        assert!(first.status < 300, "{path}: {}", first.text);
        assert_eq!(stand.server.size().await, size + 1, "{path}");
        repeats(&desk.post(path, Some("k"), &body).await, &first);
        repeats(
            &desk
                .post(path.trim_end_matches('/'), Some("k"), &body)
                .await,
            &first,
        );
        if !path.ends_with("/reverse/") {
            let other = with(body, &json!({"x": 1}));
            assert_eq!(
                heard(&desk.post(path, Some("k"), &other).await),
                conflict(),
                "{path}"
            );
        }
        assert_eq!(stand.server.size().await, size + 1, "{path}");
    }
    // Without a key two requests are two.
    let size = stand.server.size().await;
    for _ in 0..2 {
        desk.post("/api/cashdesk/open-drawer/", None, &json!({}))
            .await;
    }
    assert_eq!(stand.server.size().await, size + 2);
}

/// The answer to a repeated mark is that of the mark, whatever became of the ping since.
#[tokio::test]
async fn a_repeated_mark_shows_the_ping_as_it_was() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    desk.post("/api/cashdesk/print-ping/", None, &Value::Null)
        .await;
    let first = desk
        .post("/api/pings/1/mark_synced/", Some("k"), &Value::Null)
        .await;
    assert_eq!(first.json()["synced"], true);
    let pong = json!({"pong": first.json()["secret"]});
    desk.post("/api/cashdesk/pong/", None, &pong).await;
    assert_ne!(desk.shown("/api/pings/1/").await["ponged"], Value::Null);
    repeats(
        &desk
            .post("/api/pings/1/mark_synced/", Some("k"), &Value::Null)
            .await,
        &first,
    );
}
