//! The demo, and the promise that one answer verifies itself.

use crate::support::{Server, Store, TILL_KEY, Till};
use serde_json::{Value, json};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Starts the demo in a directory; returns it and what it said.
pub(super) async fn demo(dir: &TempDir) -> (Server, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_daybook"))
        .args(["--json", "demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(dir.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines
        .next_line()
        .await
        .unwrap()
        .expect("the demo says where it listens");
    let said: Value = serde_json::from_str(&line).unwrap();
    let address = said["listen"].as_str().unwrap().parse().unwrap();
    (Server { address, child }, said)
}

/// Ten lines of Python, and nothing of ours, recompute the hashes of an answer. Returns whether
/// they are right, and what was said.
async fn verified(answer: &Value) -> (bool, String) {
    let (_dir, path) = Store::file("answer.json", &answer.to_string());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/verify_transactions.py");
    let output = Command::new("python3")
        .args([script, "festival"])
        .arg(path)
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

async fn list(till: &mut Till, parameters: Value) -> Value {
    till.ask("listtransactions", parameters).await.unwrap()
}

#[tokio::test]
async fn the_demo_sells_and_every_answer_verifies_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (server, said) = demo(&dir).await;
    assert_eq!(
        (&said["instance"], &said["api_key"]),
        (&json!("festival"), &json!(TILL_KEY))
    );
    let played = said["transactions"].as_u64().unwrap();
    assert!(played >= 10, "a little trade: {played}");
    let mut till = server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 5 }] });
    let paid = till.event("payitems", sale).await;
    assert_eq!(paid["Transactions"][0]["AmountMoney"], 90);
    let all = list(&mut till, json!({ "POSID": 1 })).await;
    let rows = all["result"]["parameters"]["Transactions"]
        .as_array()
        .unwrap();
    assert_eq!(
        (rows.len() as u64, &rows[0]),
        (played + 1, &paid["Transactions"][0])
    );
    let (right, said) = verified(&all).await;
    assert!(
        right && said.contains(&format!("OK {} rows", played + 1)),
        "{said}"
    );
    // A list that was cut verifies alone, too.
    for limit in [1, 3, played, played + 1] {
        let cut = list(&mut till, json!({ "POSID": 1, "Limit": limit })).await;
        let (right, said) = verified(&cut).await;
        assert!(
            right && said.contains(&format!("OK {limit} rows")),
            "Limit {limit}: {said}"
        );
    }
    // The demo ends cleanly; its data stays, and trade is not played again.
    drop(till);
    assert_eq!(server.stop().await, 0);
    let (server, said) = demo(&dir).await;
    assert_eq!(said["transactions"], played + 1);
    assert_eq!(server.stop().await, 0);
}

/// A change to the rows of an answer.
type Tamper = fn(&mut Vec<Value>);

#[tokio::test]
async fn an_answer_that_was_tampered_with_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (server, _) = demo(&dir).await;
    let mut till = server.till().await;
    let answer = list(&mut till, json!({ "POSID": 1, "Limit": 4 })).await;
    assert!(verified(&answer).await.0);
    let rows = "/result/parameters/Transactions";
    let tampers: [(&str, Tamper); 8] = [
        ("another amount", |rows| rows[1]["AmountMoney"] = json!(1)),
        ("more pieces", |rows| rows[2]["AmountProduct"] = json!(77)),
        ("another year", |rows| {
            rows[0]["timestamp"] = json!("2020-01-01T00:00:00.000Z");
        }),
        ("a note", |rows| rows[0]["Note"] = json!("paid later")),
        ("a row removed", |rows| drop(rows.remove(1))),
        ("two rows exchanged", |rows| rows.swap(0, 1)),
        ("another beginning", |rows| {
            rows[3]["prev"] = json!("1".repeat(128));
        }),
        ("no beginning", |rows| rows[3]["prev"] = json!("")),
    ];
    for (what, tamper) in tampers {
        let mut tampered = answer.clone();
        tamper(tampered.pointer_mut(rows).unwrap().as_array_mut().unwrap());
        let (right, said) = verified(&tampered).await;
        assert!(!right && said.contains("WRONG at ID"), "{what}: {said}");
    }
}
