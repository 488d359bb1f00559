//! Pings: codes that a desk prints, somebody scans, and somebody else takes note of.

use super::actions::{act, done, last};
use super::stand::{Stand, ask, detail, heard};
use super::venue::{BO, KIM, venue};
use crate::support::{Desk, Server};
use serde_json::{Value, json};

/// `/ping ` and 14 characters, which the log knows and nobody guesses.
#[tokio::test]
async fn a_ping_is_printed_scanned_and_synced() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    for _ in 0..2 {
        assert_eq!(act(&mut desk, "print-ping", &Value::Null).await, done());
    }
    let first = desk.shown("/api/pings/1/").await;
    let secret = first["secret"].as_str().unwrap().to_owned();
    let code = secret.strip_prefix("/ping ").unwrap();
    assert!(
        code.len() == 14 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{secret}"
    );
    let expected = json!({"id": 1, "pinged": first["pinged"], "ponged": null, "secret": secret, "synced": false});
    assert_eq!(first, expected);
    let second = desk.shown("/api/pings/2/").await;
    assert_ne!(second["secret"], secret);
    let (kind, data, by) = last(&stand).await;
    assert_eq!((kind, by), (json!("ping.sent"), json!("session:1")));
    assert_eq!(
        data,
        json!({"id": 2, "secret": second["secret"], "session": 1})
    );
    let size = stand.server.size().await;
    // What was never printed is answered alike, and changes nothing.
    for body in [
        Value::Null,
        json!({"pong": null}),
        json!({"pong": "/ping x"}),
        json!({"pong": code}),
        json!({"pong": [secret]}),
        json!({"pong": secret.to_uppercase()}),
        json!([secret]),
    ] {
        assert_eq!(act(&mut desk, "pong", &body).await, done(), "{body}");
    }
    assert_eq!(stand.server.size().await, size);
    // Any desk may scan it.
    let mut other = stand.desk(BO);
    assert_eq!(
        act(&mut other, "pong", &json!({"pong": secret})).await,
        done()
    );
    let ponged = desk.shown("/api/pings/1/").await;
    assert!(ponged["ponged"].is_string(), "{ponged}");
    let answered = (json!("ping.answered"), json!({"id": 1}), json!("session:3"));
    assert_eq!(last(&stand).await, answered);
    assert_eq!(
        act(&mut desk, "pong", &json!({"pong": secret})).await,
        done()
    );
    assert_eq!(desk.shown("/api/pings/1/").await, ponged);
    let (status, synced) = heard(
        &desk
            .post("/api/pings/1/mark_synced/", None, &Value::Null)
            .await,
    );
    assert_eq!(
        (status, &synced["synced"], &synced["ponged"]),
        (200, &json!(true), &ponged["ponged"])
    );
    let again = heard(
        &desk
            .post("/api/pings/1/mark_synced", None, &json!({}))
            .await,
    );
    assert_eq!(again, (200, synced));
    assert_eq!(stand.server.size().await, size + 2);
    assert_eq!(
        last(&stand).await,
        (json!("ping.synced"), json!({"id": 1}), json!("session:1"))
    );
}

async fn found(desk: &mut Desk, query: &str) -> Vec<u64> {
    let pings = desk.all(&format!("/api/pings/{query}")).await;
    pings
        .iter()
        .map(|ping| ping["id"].as_u64().unwrap())
        .collect()
}

/// 1 is new, 2 was scanned, 3 was synced, 4 both.
#[tokio::test]
async fn pings_are_filtered_by_what_became_of_them() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    for id in 1..=4 {
        act(&mut desk, "print-ping", &Value::Null).await;
        let secret = desk.shown(&format!("/api/pings/{id}/")).await["secret"].clone();
        if id % 2 == 0 {
            act(&mut desk, "pong", &json!({"pong": secret})).await;
        }
        if id > 2 {
            desk.post(&format!("/api/pings/{id}/mark_synced/"), None, &Value::Null)
                .await;
        }
    }
    for yes in ["true", "True", "1"] {
        assert_eq!(found(&mut desk, &format!("?ponged={yes}")).await, [4, 2]);
        assert_eq!(found(&mut desk, &format!("?synced={yes}")).await, [4, 3]);
        assert_eq!(
            found(&mut desk, &format!("?synced={yes}&ponged={yes}")).await,
            [4]
        );
    }
    for no in ["false", "0", "TRUE", "yes", ""] {
        assert_eq!(
            found(&mut desk, &format!("?ponged={no}")).await,
            [3, 1],
            "{no}"
        );
        assert_eq!(
            found(&mut desk, &format!("?synced={no}")).await,
            [2, 1],
            "{no}"
        );
        assert_eq!(
            found(&mut desk, &format!("?synced=1&ponged={no}")).await,
            [3],
            "{no}"
        );
    }
    assert_eq!(found(&mut desk, "").await, [4, 3, 2, 1]);
    assert_eq!(found(&mut desk, "?secret=x").await, [4, 3, 2, 1]);
}

/// Pings are open to all, unless a setting closes them; everything else needs the token.
#[tokio::test]
async fn pings_are_public_unless_a_setting_asks_for_the_token() {
    let none = (401, detail("Authentication credentials were not provided."));
    for (setting, public) in [
        (None, true),
        (Some("0"), true),
        (Some("false"), true),
        (Some("1"), false),
        (Some("true"), false),
    ] {
        let mut catalogue = venue();
        if let Some(setting) = setting {
            catalogue["settings"] = json!({"pings_require_token": setting});
        }
        let stand = Stand::of(&catalogue).await;
        let mut desk = stand.desk(KIM);
        act(&mut desk, "print-ping", &Value::Null).await;
        let mut anyone = stand.desk("");
        for (method, path) in [
            ("GET", "/api/pings/"),
            ("GET", "/api/pings/1"),
            ("POST", "/api/pings/1/mark_synced/"),
        ] {
            let told = ask(&mut anyone, (method, path), &[], "").await;
            if public {
                assert_eq!(told.status, 200, "{setting:?} {path}: {}", told.text);
            } else {
                assert_eq!(heard(&told), none, "{setting:?} {path}");
            }
            // A wrong token is wrong where none is needed, too.
            let wrong = [("authorization", "Token nobody")];
            let told = ask(&mut anyone, (method, path), &wrong, "").await;
            assert_eq!(
                heard(&told),
                (401, detail("Invalid token.")),
                "{setting:?} {path}"
            );
        }
        if public {
            assert_eq!(last(&stand).await.2, "anyone");
        }
        assert_eq!(desk.shown("/api/pings/1/").await["synced"], public);
        for action in ["print-ping", "pong", "open-drawer"] {
            let told = ask(
                &mut anyone,
                ("POST", &format!("/api/cashdesk/{action}/")),
                &[],
                "",
            )
            .await;
            assert_eq!(heard(&told), none, "{action}");
        }
        let told = ask(&mut anyone, ("GET", "/api/cashdesk/current-time/"), &[], "").await;
        assert_eq!(heard(&told), none);
    }
}

#[tokio::test]
async fn a_ping_that_is_not_there_cannot_be_synced() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let size = stand.server.size().await;
    for id in ["1", "0", "x", "-1", "99999999999999999999"] {
        let path = format!("/api/pings/{id}/mark_synced/");
        for key in [None, Some("k")] {
            let told = desk.post(&path, key, &Value::Null).await;
            assert_eq!(heard(&told), (404, detail("Not found.")), "{id}");
        }
    }
    assert_eq!(stand.server.size().await, size);
}

/// With several instances and no default, nobody's pings are public.
#[tokio::test]
async fn public_pings_are_those_of_the_default_instance() {
    let mut other = venue();
    other["instance"]["slug"] = json!("other");
    for section in ["sessions", "users", "api_keys"] {
        other[section] = json!([]);
    }
    for (flags, expected) in [
        (&[][..], None),
        (&["--instance", "festival"], Some(1)),
        (&["--instance", "other"], Some(0)),
    ] {
        let stand = Stand::with(&venue(), flags).await;
        act(&mut stand.desk(KIM), "print-ping", &Value::Null).await;
        stand.store.import_ok(&other).await;
        let flags = [&["--rate-limit", "off"], flags].concat();
        let server = Server::start_with(&stand.store, &flags).await;
        let told = ask(
            &mut Desk::new(server.address, ""),
            ("GET", "/api/pings/"),
            &[],
            "",
        )
        .await;
        match expected {
            Some(count) => assert_eq!((told.status, &told.json()["count"]), (200, &json!(count))),
            None => assert_eq!(told.status, 401, "{}", told.text),
        }
    }
}
