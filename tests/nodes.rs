//! Three nodes on one Postgres serve one instance: no fork, no gap, no duplicate, and equal views.

use crate::support::{Server, Store, eventually};
use serde_json::json;

#[tokio::test]
async fn three_nodes_keep_one_log_and_equal_views() {
    let store = Store::postgres().await;
    store.import_festival().await;
    let nodes = [
        Server::start(&store).await,
        Server::start(&store).await,
        Server::start(&store).await,
    ];
    let mut tills = Vec::new();
    for number in 0..9 {
        let address = nodes[number % 3].address;
        tills.push(tokio::spawn(async move {
            let mut till = crate::support::Till::connect(address, "/festival").await.unwrap();
            for sale in 0..20 {
                let products = json!([{ "ID": 2, "Amount": 1 }, { "ID": 15, "Amount": 1 + sale % 2 }]);
                let id = format!("{number}-{sale}");
                let sale = json!({ "POSID": 1, "PaymentMethod": 1 + sale % 2, "Products": products, "request_id": id });
                till.event("payitems", sale).await;
            }
        }));
    }
    for till in tills {
        till.await.unwrap();
    }
    // Each acknowledged sale is known at the node that acknowledged it; the longest log has them all.
    let mut size = 0;
    for node in &nodes {
        let head = node.audit("/ledger/festival/head").await;
        size = size.max(head["size"].as_u64().unwrap());
    }
    for node in &nodes {
        eventually("the node has folded the log", async || {
            node.audit("/ledger/festival/head").await["size"].as_u64() >= Some(size)
        })
        .await;
    }
    let mut prints = Vec::new();
    for node in &nodes {
        prints.push(node.audit("/ledger/festival/fingerprints").await);
    }
    assert_eq!(prints[0], prints[1]);
    assert_eq!(prints[0], prints[2]);
    let mut till = nodes[1].till().await;
    let rows = till.event("listtransactions", json!({ "POSID": 1 })).await;
    // Beer, deposit and a return for each of the 180 sales.
    assert_eq!(rows["Count"], 9 * 20 * 3);
    // A retry at another node finds the first answer.
    let products = json!([{ "ID": 2, "Amount": 1 }, { "ID": 15, "Amount": 1 }]);
    let retry =
        json!({ "POSID": 1, "PaymentMethod": 1, "Products": products, "request_id": "0-0" });
    let mut elsewhere = nodes[2].till().await;
    let again = elsewhere.event("payitems", retry).await;
    assert_eq!(again["Items"], 2);
    assert_eq!(
        till.event("listtransactions", json!({ "POSID": 1 })).await["Count"],
        540
    );
    store.run_ok(&["verify"]).await;
}

/// A sale and an operator's message on one node reach the others.
#[tokio::test]
async fn a_broadcast_and_a_sale_are_seen_on_the_other_nodes() {
    let store = Store::postgres().await;
    store.import_festival().await;
    let (one, other) = (Server::start(&store).await, Server::start(&store).await);
    let mut here = one.till().await;
    let mut there = other.till().await;
    // An answered command shows that the socket is served, so that it will hear broadcasts.
    there.event("listpos", json!({})).await;
    let body = r#"{"message":"Letzte Runde!"}"#;
    let path = "/ledger/festival/messages";
    let (status, _, answer) = one
        .request("POST", path, Some(crate::support::ADMIN_KEY), body)
        .await;
    assert_eq!(status, 201, "{answer}");
    let heard: serde_json::Value = serde_json::from_str(&there.hear().await.unwrap()).unwrap();
    let expected =
        json!({ "type": "broadcast", "result": { "message": "Letzte Runde!", "parameters": {} } });
    assert_eq!(heard, expected);
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 5 }] });
    let sold = here.event("payitems", sale).await;
    eventually("the other node shows the sale", async || {
        let rows = other
            .till()
            .await
            .event("listtransactions", json!({ "POSID": 1 }))
            .await;
        rows["Transactions"] == sold["Transactions"]
    })
    .await;
}
