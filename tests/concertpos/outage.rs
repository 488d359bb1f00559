//! The store goes away and comes back: tills are told the truth meanwhile, and a sale that was
//! cut off is answered when its fate is known.

use crate::support::{AUDIT_KEY, FESTIVAL, Server, Store, eventually};
use serde_json::{Value, json};
use std::path::Path;

/// The script that makes private clusters.
async fn cluster(command: &str, dir: &Path) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres");
    let mut program = tokio::process::Command::new(script);
    let output = program.arg(command).arg(dir).output().await.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "tests/postgres {command}: {stderr}"
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn sale(id: u32) -> Value {
    json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 1 }],
        "request_id": format!("sale-{id}") })
}

#[tokio::test]
async fn without_a_store_tills_read_on_and_sales_wait_for_the_truth() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("cluster");
    let store = Store::postgres_at(&cluster("start", &place).await).await;
    store.run_ok(&["import", FESTIVAL]).await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let first = till.event("payitems", sale(1)).await;

    cluster("stop", &place).await;
    // Whether this sale was stored before the connection broke is not known, so it is not answered.
    let mut waiting = server.till().await;
    let waiting = tokio::spawn(async move { waiting.event("payitems", sale(2)).await });
    eventually("the outage is noticed", async || {
        server.get("/readyz", None).await.0 == 503
    })
    .await;
    // What is in memory is still shown; that nothing can be booked is said in all places.
    let list = till.event("listtransactions", json!({ "POSID": 1 })).await;
    assert_eq!(list["Transactions"], first["Transactions"]);
    assert_eq!(till.event("getstatus", json!({})).await["status"], "danger");
    let (status, body) = server.get("/healthz", Some(AUDIT_KEY)).await;
    let health: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &health["status"]), (200, &json!("degraded")));
    assert_eq!(health["instances"]["festival"]["status"], "failing");
    assert_eq!(health["counts"]["failing"], 1);
    let path = "/ledger/festival/events";
    let (status, head, body) = server.request("GET", path, Some(AUDIT_KEY), "").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["error"]), (503, &json!("unavailable")));
    assert!(head.to_lowercase().contains("retry-after: 1"), "{head}");
    assert!(
        !body.to_string().contains("127.0.0.1"),
        "the store's address was told: {body}"
    );

    cluster("start", &place).await;
    let second = waiting.await.unwrap();
    let status = till.event("getstatus", json!({})).await;
    assert_eq!(status["status"], "success");
    assert_eq!(server.get("/readyz", None).await.0, 200);
    assert_eq!(till.event("payitems", sale(2)).await, second);
    assert_eq!(till.event("payitems", sale(1)).await, first);
    let list = till.event("listtransactions", json!({ "POSID": 1 })).await;
    assert_eq!(list["Count"], 2, "a sale was booked twice");
    assert_eq!(server.stop().await, 0);
    store.run_ok(&["verify"]).await;
    cluster("stop", &place).await;
}
