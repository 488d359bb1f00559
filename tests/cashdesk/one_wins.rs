//! Two want the same: the same ticket, the last piece of a quota, the same person on a list, the
//! same sale to take back. Whoever asks and wherever, one gets it, and the others read why not.

use super::model::timeless;
use super::venue::venue;
use crate::support::{Desk, Server, Store};
use serde_json::{Value, json};

/// Requests that are on their way at once.
const AT_ONCE: usize = 9;

const TRANSACTIONS: &str = "/api/transactions/";

#[tokio::test]
async fn one_wins_on_sqlite() {
    let store = Store::sqlite();
    store.import_ok(&venue()).await;
    let nodes = [Server::start(&store).await];
    everyone_wants_the_same(&nodes).await;
    store.run_ok(&["verify"]).await;
}

#[tokio::test]
async fn one_wins_on_three_nodes() {
    let store = Store::postgres().await;
    store.import_ok(&venue()).await;
    let nodes = [
        Server::start(&store).await,
        Server::start(&store).await,
        Server::start(&store).await,
    ];
    everyone_wants_the_same(&nodes).await;
    store.run_ok(&["verify"]).await;
}

async fn everyone_wants_the_same(nodes: &[Server]) {
    let cart = |position: Value| json!({ "positions": [position] });
    let ticket = cart(json!({ "type": "redeem", "secret": "again-22" }));
    let message = "This ticket (again-…) has already been redeemed at …";
    one_wins(nodes, TRANSACTIONS, &ticket, &told(message)).await;

    // A quota of three: two pieces are sold before.
    let piece = json!({ "type": "sell", "product": 8 });
    let mut desk = Desk::new(nodes[0].address, "bo-session-token");
    let two = json!({ "positions": [piece, piece] });
    assert_eq!(desk.post(TRANSACTIONS, None, &two).await.status, 201);
    let size = nodes[0].size().await;
    for node in nodes {
        node.reaches(size).await;
    }
    let message = "This product is currently unavailable or sold out.";
    one_wins(nodes, TRANSACTIONS, &cart(piece), &told(message)).await;

    let person = cart(json!({ "type": "sell", "product": 13, "list_1": "10001" }));
    let message = "This list entry has already been used.";
    one_wins(nodes, TRANSACTIONS, &person, &told(message)).await;

    let booked = desk
        .post(
            TRANSACTIONS,
            None,
            &cart(json!({ "type": "sell", "product": 1 })),
        )
        .await;
    let size = nodes[0].size().await;
    for node in nodes {
        node.reaches(size).await;
    }
    let path = format!("{TRANSACTIONS}{}/reverse/", booked.json()["id"]);
    let message = "At least one position of this transaction has already been reversed.";
    one_wins(nodes, &path, &Value::Null, &told(message)).await;
}

/// The message of a refused transaction, or of its only position.
fn told(message: &str) -> Value {
    timeless(&json!(message))
}

/// Sends the same request many times at once, over all nodes.
async fn one_wins(nodes: &[Server], path: &str, body: &Value, message: &Value) {
    let asking = (0..AT_ONCE).map(|number| async move {
        let mut desk = Desk::new(nodes[number % nodes.len()].address, "bo-session-token");
        desk.post(path, None, body).await
    });
    let all = futures_util::future::join_all(asking).await;
    let (won, lost): (Vec<_>, Vec<_>) = all.iter().partition(|told| told.status < 300);
    assert_eq!(won.len(), 1, "{path} {body}: {all:?}");
    for told in lost {
        assert_eq!(told.status, 400, "{}", told.text);
        let body = told.json();
        let said = if body["positions"].is_array() {
            &body["positions"][0]["message"]
        } else {
            &body["message"]
        };
        assert_eq!(&timeless(said), message, "{}", told.text);
    }
}
