//! Ids that belong to somebody: a file may neither take a ticket, a person on a list nor a session
//! from whoever has it, nor admit a ticket twice.

use crate::support::{Desk, Server, Store, festival};
use serde_json::{Value, json};

const TOKEN: &str = "abcdefgh1234567890";

fn preorder(id: u64, code: &str, position: u64, secret: &str) -> Value {
    json!({ "id": id, "order_code": code, "is_paid": true, "is_canceled": false, "warning_text": "",
        "positions": [{ "id": position, "secret": secret, "product": 4 }] })
}

/// The festival with its own preorders and one more.
fn with_preorder(preorder: &Value) -> Value {
    let mut venue = festival();
    venue["preorders"]
        .as_array_mut()
        .unwrap()
        .push(preorder.clone());
    venue
}

#[tokio::test]
async fn a_file_takes_nothing_from_others() {
    let store = Store::festival().await;
    store
        .import_ok(&with_preorder(&preorder(50, "A1", 500, "first-ticket")))
        .await;
    let server = Server::start(&store).await;
    let mut desk = Desk::new(server.address, TOKEN);
    let cart = json!({ "positions": [{ "type": "redeem", "secret": "first-ticket" }] });
    assert_eq!(
        desk.post("/api/transactions/", None, &cart).await.status,
        201
    );
    let size = server.size().await;
    for (why, preorder) in [
        (
            "another id for the same ticket",
            preorder(51, "B2", 501, "first-ticket"),
        ),
        (
            "another ticket with the same id",
            preorder(51, "B2", 500, "second-ticket"),
        ),
        (
            "another code for who was admitted",
            preorder(50, "A1", 500, "third-ticket"),
        ),
        (
            "another order with the same id",
            preorder(50, "C3", 502, "fourth-ticket"),
        ),
        (
            "the same order under another id",
            preorder(51, "A1", 503, "fifth-ticket"),
        ),
    ] {
        refused(&store, why, &with_preorder(&preorder)).await;
    }
    let mut venue = festival();
    venue["list_constraints"][0]["entries"][0] =
        json!({ "id": 1, "name": "Eve Example", "identifier": "99999" });
    refused(&store, "somebody else's entry", &venue).await;
    let mut venue = festival();
    let session = json!({ "id": 9, "cashdesk": 2, "user": 2, "token": TOKEN });
    venue["sessions"].as_array_mut().unwrap().push(session);
    venue["sessions"].as_array_mut().unwrap().remove(0);
    refused(&store, "another session's token", &venue).await;
    assert_eq!(server.size().await, size);
    let again = desk.post("/api/transactions/", None, &cart).await;
    assert_eq!(again.status, 400, "{}", again.text);
}

async fn refused(store: &Store, why: &str, venue: &Value) {
    let (_dir, path) = Store::file("venue.json", &venue.to_string());
    let (code, stdout, stderr) = store.run(&["import", path.to_str().unwrap()]).await;
    assert_eq!(code, 1, "{why}: {stdout}{stderr}");
    for secret in ["first-ticket", "second-ticket", "third-ticket", TOKEN] {
        assert!(
            !format!("{stdout}{stderr}").contains(secret),
            "{why}: {stderr}"
        );
    }
}
