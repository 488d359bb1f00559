//! Who may not, and what does not exist.

use crate::support::{ADMIN_KEY, AUDIT_KEY, FESTIVAL, Server, Store, TILL_KEY};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The status and the error's word; the body is exactly `error` and `message`.
async fn refused(
    server: &Server,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: &str,
) -> (u16, String, String) {
    let (status, head, body) = server.request(method, path, key, body).await;
    let body: Value =
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {head} {body}"));
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["error", "message"]);
    (
        status,
        body["error"].as_str().unwrap().to_owned(),
        head.to_lowercase(),
    )
}

#[tokio::test]
async fn keys_open_what_their_scopes_say_at_their_own_instance() {
    let store = Store::festival().await;
    store
        .run_ok(&[
            "import",
            &FESTIVAL.replace("festival.json", "restaurant.json"),
        ])
        .await;
    let server = Server::start(&store).await;
    for path in ["events", "head", "fingerprints"] {
        let path = format!("/ledger/festival/{path}");
        for key in [None, Some("wrong"), Some(""), Some("restaurant-admin-key")] {
            let (status, error, head) = refused(&server, "GET", &path, key, "").await;
            assert_eq!(
                (status, error.as_str()),
                (401, "unauthorized"),
                "{path} {key:?}"
            );
            assert!(head.contains("www-authenticate: bearer"), "{head}");
        }
        let (status, error, _) = refused(&server, "GET", &path, Some(TILL_KEY), "").await;
        assert_eq!((status, error.as_str()), (403, "forbidden"), "{path}");
        assert_eq!(server.get(&path, Some(AUDIT_KEY)).await.0, 200);
        assert_eq!(server.get(&path, Some(ADMIN_KEY)).await.0, 200);
    }
    // A stranger does not learn which instances exist; neither does a friend of another one.
    for slug in ["nowhere", "Festival", "%66estival%00", "restaurant"] {
        let path = format!("/ledger/{slug}/head");
        assert_eq!(
            refused(&server, "GET", &path, Some(AUDIT_KEY), "").await.0,
            401,
            "{slug}"
        );
    }
}

#[tokio::test]
async fn paths_that_lead_nowhere_are_404() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    for path in [
        "/nothing",
        "/festival",
        "/ledger",
        "/ledger/festival",
        "/ledger/festival/nothing",
        "/apis/transactions/",
    ] {
        let (status, error, _) = refused(&server, "GET", path, Some(AUDIT_KEY), "").await;
        assert_eq!((status, error.as_str()), (404, "not_found"), "{path}");
    }
    // Cash desks have words of their own for it, which need no token.
    for path in [
        "/api/nothing",
        "/api/nothing/",
        "/api/products/1/2/",
        "/api//",
        "/api/cashdesk/",
    ] {
        let answer = server.get(path, None).await;
        assert_eq!(
            answer,
            (404, r#"{"detail":"Not found."}"#.to_owned()),
            "{path}"
        );
    }
    assert_eq!(
        server
            .request("DELETE", "/ledger/festival/events", Some(ADMIN_KEY), "")
            .await
            .0,
        405
    );
    assert_eq!(
        server
            .request("GET", "/ledger/festival/messages", Some(ADMIN_KEY), "")
            .await
            .0,
        405
    );
    assert_eq!(server.request("POST", "/", None, "").await.0, 405);
}

#[tokio::test]
async fn a_trailing_slash_is_tolerated_and_nothing_is_redirected() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    for path in [
        "/healthz/",
        "/readyz/",
        "/metrics/",
        "/openapi.json/",
        "/asyncapi.json/",
        "/ledger/festival/events/",
        "/ledger/festival/head/?x=1",
    ] {
        assert_eq!(server.get(path, Some(AUDIT_KEY)).await.0, 200, "{path}");
    }
    let path = "/ledger/festival/messages/";
    assert_eq!(
        server
            .request("POST", path, Some(ADMIN_KEY), r#"{"message":"Hallo"}"#)
            .await
            .0,
        201
    );
}

#[tokio::test]
async fn messages_that_are_none_are_refused_and_not_recorded() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let before = server.size().await;
    let path = "/ledger/festival/messages";
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(501));
    for body in [
        "",
        "{}",
        "[]",
        "{",
        r#"{"message":5}"#,
        r#"{"message":""}"#,
        r#"{"message":"updatepos"}"#,
        &long,
    ] {
        let (status, error, _) = refused(&server, "POST", path, Some(ADMIN_KEY), body).await;
        assert_eq!((status, error.as_str()), (400, "bad_request"), "{body}");
    }
    let large = format!(r#"{{"message":"{}"}}"#, " ".repeat(1 << 20));
    let (status, error, _) = refused(&server, "POST", path, Some(ADMIN_KEY), &large).await;
    assert_eq!((status, error.as_str()), (413, "too_large"));
    for (key, status) in [(None, 401), (Some(AUDIT_KEY), 403), (Some(TILL_KEY), 403)] {
        let message = r#"{"message":"Hallo"}"#;
        assert_eq!(refused(&server, "POST", path, key, message).await.0, status);
    }
    assert_eq!(server.size().await, before);
}

/// The head of a message with a body that never comes, and how that is answered.
async fn without_body(server: &Server, key: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /ledger/festival/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, stream.read_exact(&mut answer))
        .await
        .expect("it is answered")
        .unwrap();
    String::from_utf8(answer.to_vec()).unwrap()
}

/// A key is judged before the body is read, and a body is not waited for without end.
#[tokio::test]
async fn a_body_that_never_comes_holds_nobody_up() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let start = std::time::Instant::now();
    assert_eq!(without_body(&server, "wrong").await, "HTTP/1.1 401");
    assert_eq!(without_body(&server, TILL_KEY).await, "HTTP/1.1 403");
    assert!(start.elapsed() < Duration::from_secs(8));
    assert_eq!(without_body(&server, ADMIN_KEY).await, "HTTP/1.1 408");
}
