//! Garbage in every place: refused with the protocol's words, never a fault of ours, and nothing is
//! recorded.

use super::client::{Stand, refusal};
use super::venue::{STAFF, TABLE, TEA};
use crate::support::{Dice, rounds};
use axum::body::Body;
use serde_json::{Value, json};

const WORDS: [&str; 26] = [
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e999",
    "1e-999",
    "1e99999999999999999999",
    "-0",
    "18446744073709551616",
    "0.0001",
    "99999999.999",
    "\"\"",
    "\"x\"",
    "\"1\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "[]",
    "[[]]",
    "{}",
    "{\"id\":1}",
    "[{\"id\":1000050}]",
    "\"1000050\"",
    "1000050",
    "1000041",
    "\"Ы\"",
];

/// A body that is nearly right.
fn body(dice: &mut Dice) -> Vec<u8> {
    let word = |dice: &mut Dice| (*dice.pick(&WORDS)).to_owned();
    let entry = |dice: &mut Dice| {
        let mut members = vec![format!(
            "\"id\":{}",
            if dice.roll(2) == 0 {
                "1000041".to_owned()
            } else {
                word(dice)
            }
        )];
        if dice.roll(2) == 0 {
            members.push(format!("\"count\":{}", word(dice)));
        }
        if dice.roll(3) == 0 {
            let modifiers = format!("[{{\"id\":{},\"count\":{}}}]", word(dice), word(dice));
            members.push(format!("\"modifiers\":{modifiers}"));
        }
        format!("{{{}}}", members.join(","))
    };
    let text = match dice.roll(6) {
        0 => word(dice),
        1 => format!("{{\"items\":{}}}", word(dice)),
        2 | 3 => format!("{{\"items\":[{},{}]}}", entry(dice), entry(dice)),
        4 => format!("{{\"sum\":{},\"name\":{}}}", word(dice), word(dice)),
        _ => {
            let mut text = format!("{{\"items\":[{}]}}", entry(dice)).into_bytes();
            let place = dice.index(text.len());
            text[place] = u8::try_from(dice.roll(256)).unwrap();
            return text;
        }
    };
    text.into_bytes()
}

#[tokio::test]
async fn no_body_is_a_fault() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let mut dice = Dice(7);
    let mut done = 0;
    for _ in 0..rounds(1) * 1500 {
        let command = *dice.pick(&["waiter_call", "order", "online_payment"]);
        let body = body(&mut dice);
        let path = format!("/api/v4/tables/{TABLE}/{command}");
        let told = staff.ask(("POST", &path), &[], body.clone()).await;
        if told.status == 200 {
            done += 1;
            continue;
        }
        let (status, code) = refusal(&told);
        let known = [
            "invalid_request",
            "unknown_dish",
            "no_open_order",
            "invalid_sum",
        ];
        let body = String::from_utf8_lossy(&body);
        assert!(known.contains(&code.as_str()), "{body}: {status} {code}");
    }
    assert!(done > 20, "{done}");
    let log = super::client::log(&stand.server, "restaurant").await;
    let kinds = ["waiter.called", "order.extended", "payment.received"];
    let events = log
        .iter()
        .filter(|event| kinds.iter().any(|kind| event["type"] == *kind));
    assert_eq!(events.count(), done);
    stand.store.run_ok(&["verify"]).await;
}

const PIECES: [&str; 30] = [
    "/api/v4",
    "/t",
    "/",
    "//",
    "events",
    "tables",
    "payments",
    "order",
    "waiter_call",
    "menu",
    "bill",
    "1000028",
    "-1",
    "%00",
    "%2e%2e",
    "..",
    ".",
    "?",
    "&",
    "hash=",
    "wait=",
    "link=",
    "%FF",
    "none",
    "0x",
    "restaurant",
    "+",
    "99999999999999999999",
    ";",
    "=",
];

#[tokio::test]
async fn no_path_or_query_is_a_fault() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let mut dice = Dice(11);
    for _ in 0..rounds(1) * 1500 {
        let mut path =
            (*dice.pick(&["/api/v4/", "/t/", "/api/v4/events?", "/api/v4/tables/"])).to_owned();
        for _ in 0..dice.roll(6) {
            path.push_str(dice.pick::<&str>(&PIECES));
            if dice.roll(2) == 0 && !path.contains('?') {
                path.push('/');
            }
        }
        // One that is right is none.
        if path.contains("wait=") {
            continue;
        }
        let method = *dice.pick(&["GET", "POST", "HEAD", "PUT", "OPTIONS", "TRACE", "FOO"]);
        let told = staff.ask((method, &path), &[], "").await;
        assert!(
            told.status < 500,
            "{method} {path}: {} {}",
            told.status,
            told.text
        );
        // The page for guests says it to people.
        let page = told.header("content-type").starts_with("text/html");
        if method != "HEAD" && told.status >= 400 && !page {
            refusal(&told);
        }
    }
}

#[tokio::test]
async fn no_header_is_a_fault() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    for (name, value) in [
        ("token", "\u{fc}"),
        ("token", "a b"),
        ("table-link", "\u{fc}"),
        ("content-type", "text/xml"),
        ("content-type", "\u{fc}"),
        ("idempotency-key", "\u{fc}"),
        ("x-forwarded-for", "x"),
        ("accept", "text/html"),
        ("host", "\u{fc}"),
    ] {
        let path = format!("/api/v4/tables/{TABLE}/waiter_call");
        let told = staff.ask(("POST", &path), &[(name, value)], "").await;
        assert!(told.status < 500, "{name} {value}: {}", told.text);
    }
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let path = format!("/api/v4/tables/{TABLE}/order");
    let told = staff
        .ask(("POST", &path), &[], Body::from(" ".repeat((1 << 20) + 1)))
        .await;
    assert_eq!(refusal(&told).0, 413);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(refusal(&staff.ask(("POST", &path), &[], deep).await).0, 400);
    // As much as a request may hold does not fit one event.
    let modifiers: Vec<_> = (0..100).map(|_| json!({"id": 502})).collect();
    let dish = json!({"id": 1_000_041, "modifiers": modifiers});
    let told = staff
        .post(TABLE, "order", None, &json!({"items": vec![dish; 200]}))
        .await;
    assert_eq!(refusal(&told), (400, "invalid_request".to_owned()));
    let tea = json!({"items": vec![json!({"id": TEA}); 200]});
    assert_eq!(staff.post(TABLE, "order", None, &tea).await.status, 200);
    let one: Value = staff.events("none").await.remove(0);
    assert_eq!(one["order"]["dishes"].as_array().unwrap().len(), 200);
    // A connection that was told so serves the next request.
    assert_eq!(
        staff
            .ask(("GET", "/api/v4/events"), &[("token", STAFF)], "")
            .await
            .status,
        200
    );
}
