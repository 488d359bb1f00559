//! Keys, issued and revoked beside a server that runs.

use super::said;
use crate::support::{Server, Store, eventually};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn issue(store: &Store, scope: &str) -> (String, String) {
    let args = [
        "--json", "key", "issue", "--name", "Kiosk", "--scope", scope,
    ];
    let issued = said(&store.run_ok(&args).await);
    let key = issued["key"].as_str().unwrap().to_owned();
    assert_eq!(key.len(), 48);
    (issued["id"].to_string(), key)
}

/// A new key opens a running server, and a revoked one does not, both within moments.
#[tokio::test]
async fn a_running_server_learns_of_keys() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let (id, key) = issue(&store, "pos").await;
    let parameters = json!({ "api_key": key });
    let since = Instant::now();
    let outcome = async |till: &mut crate::support::Till| {
        let answer = till.ask("listpos", parameters.clone()).await.unwrap();
        answer["result"]["error"]
            .as_str()
            .unwrap_or("event")
            .to_owned()
    };
    let mut heard = outcome(&mut till).await;
    while heard == "api_key_mismatch" && since.elapsed() < Duration::from_secs(20) {
        tokio::task::yield_now().await;
        heard = outcome(&mut till).await;
    }
    assert_eq!(heard, "event");
    // A second is promised; a machine under test may need a few.
    assert!(
        since.elapsed() < Duration::from_secs(10),
        "{:?}",
        since.elapsed()
    );

    store.run_ok(&["key", "revoke", &id]).await;
    eventually("the key is refused", async || {
        server
            .till()
            .await
            .ask("listpos", parameters.clone())
            .await
            .unwrap()["result"]
            == json!({ "error": "api_key_mismatch", "code": 203 })
    })
    .await;
    // The socket that used it is refused just the same; other keys go on.
    assert_eq!(outcome(&mut till).await, "api_key_mismatch");
    till.event("listpos", json!({})).await;
    let (code, _, stderr) = store.run(&["key", "revoke", &id]).await;
    assert_eq!(code, 1);
    assert!(stderr.contains("is revoked already"), "{stderr}");
}

/// When the last key for tills is revoked, tills learn that there is none.
#[tokio::test]
async fn without_any_key_the_error_says_so() {
    let store = Store::festival().await;
    store.run_ok(&["key", "revoke", "1"]).await;
    store.run_ok(&["key", "revoke", "3"]).await;
    let server = Server::start(&store).await;
    assert_eq!(
        server.till().await.error("listpos", json!({})).await.0,
        "no_api_key"
    );
}

#[tokio::test]
async fn scopes_open_what_they_name() {
    let store = Store::festival().await;
    let (_, audit) = issue(&store, "audit").await;
    let (_, pos) = issue(&store, "pos").await;
    let server = Server::start(&store).await;
    let head = "/ledger/festival/head";
    assert_eq!(server.get(head, Some(&audit)).await.0, 200);
    assert_eq!(server.get(head, Some(&pos)).await.0, 403);
    let mut till = server.till().await;
    assert_eq!(
        till.error("listpos", json!({ "api_key": audit })).await.0,
        "api_key_mismatch"
    );
    till.event("listpos", json!({ "api_key": pos })).await;
}

/// The list shows who holds what, and never a secret or its hash.
#[tokio::test]
async fn the_list_shows_no_secret() {
    let store = Store::festival().await;
    let (id, key) = issue(&store, "pos").await;
    store.run_ok(&["key", "revoke", &id]).await;
    let text = store.run_ok(&["key", "list"]).await;
    let json = store.run_ok(&["--json", "key", "list"]).await;
    for (output, revoked) in [(&text, "(revoked)"), (&json, "\"revoked\":true")] {
        assert!(
            output.contains("Kiosk") && output.contains("bar tablet") && output.contains(revoked),
            "{output}"
        );
        for secret in [key.as_str(), "YOUR_API_KEY", "demo-audit-key"] {
            assert!(!output.contains(secret), "{output}");
        }
        assert!(
            !output
                .split(|c: char| !c.is_ascii_hexdigit())
                .any(|word| word.len() >= 48),
            "{output}"
        );
    }
    let listed: Vec<Value> = said(&json)["keys"].as_array().unwrap().clone();
    let ids: Vec<u64> = listed
        .iter()
        .map(|key| key["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [1, 2, 3, 4, 5]);
}
