//! `kill -9` of the real server at a byte of a receipt on its way to a device on the network. After a
//! restart the task's outcome is known, the device has printed what the ledger says, and the two
//! agree in `daybook reconcile`.

use crate::support::dice::Dice;
use crate::support::{FESTIVAL, Server, Store, rounds};
use daybook::simulator::{Act, Simulator};
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::simulator::sheet::Sheet;
use daybook_printers::simulator::till::Kind;
use daybook_printers::uri::Driver;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

const TASK: &str = "till-1-000481";

/// A simulated device on the network, and the settings file that names it.
fn device(driver: Driver) -> (Simulator, String) {
    let (mut simulator, _) = Simulator::new(Simulated::new(driver));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = simulator.serve_tcp(listener).unwrap();
    let name = driver.name();
    let settings = format!("[printers.FP_Room1]\nuri = \"{name}.tcp://{address}\"\n");
    (simulator, settings)
}

async fn start(store: &Store, settings: &Path) -> Server {
    Server::start_with(store, &["--config", &settings.display().to_string()]).await
}

fn example() -> Value {
    json!({ "uniqueSaleNumber": "DT279013-DD01-0000001",
        "items": [
            { "text": "Cheese", "quantity": 1, "unitPrice": 12, "taxGroup": 2 },
            { "type": "comment", "text": "Additional comment to the cheese..." },
            { "text": "Milk", "quantity": 2, "unitPrice": 10, "taxGroup": 2,
              "priceModifierValue": 10, "priceModifierType": "discount-percent" }],
        "payments": [{ "amount": 30, "paymentType": "cash" }] })
}

/// Asks for the receipt. Nothing when the server died before it answered.
async fn print(server: &Server) -> Option<Value> {
    let path = format!("/printers/FP_Room1/receipt?taskId={TASK}");
    let body = example().to_string();
    let asking = server.try_request("POST", &path, None, &body);
    let (_, _, body) = asking.await?;
    serde_json::from_str(&body).ok()
}

/// The task's result, as soon as it is finished; nothing when the server never heard of it.
async fn finished(server: &Server) -> Option<Value> {
    let path = format!("/printers/taskinfo?id={TASK}");
    let asking = async {
        loop {
            let (_, body) = server.get(&path, None).await;
            let mut told: Value = serde_json::from_str(&body).unwrap();
            match told["taskStatus"].as_str().unwrap() {
                "finished" => return Some(told["result"].take()),
                "unknown" => return None,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let patience = Duration::from_mins(2);
    tokio::time::timeout(patience, asking).await.unwrap()
}

fn receipts(sheets: &[Sheet]) -> Vec<&Sheet> {
    let whole = |sheet: &&Sheet| sheet.kind == Some(Kind::Receipt);
    sheets.iter().filter(whole).collect()
}

/// The device's own list, as the command compares it.
fn journal(sheets: &[Sheet]) -> String {
    let mut text = "number,kind,amount\n".to_owned();
    for sheet in sheets {
        let number = sheet.number.unwrap_or_default();
        let amount = sheet.amount().unwrap_or_default();
        text += &format!("{number},{},{amount}\n", sheet.name());
    }
    text
}

async fn killed_at(driver: Driver, at: u64) {
    let store = Store::sqlite();
    store.run_ok(&["import", FESTIVAL]).await;
    let (simulator, settings) = device(driver);
    let (_dir, settings) = Store::file("daybook.toml", &settings);
    let server = start(&store, &settings).await;
    let process = server.child.id().unwrap().to_string();
    let kill = move || {
        let killed = std::process::Command::new("kill")
            .args(["-9", &process])
            .status();
        assert!(killed.unwrap().success());
    };
    simulator.script(at, Act::Call(Box::new(kill)));
    let told = print(&server).await;
    server.kill().await;
    let server = start(&store, &settings).await;
    let result = finished(&server).await;
    assert_eq!(server.stop().await, 0);
    let sheets = simulator.documents();
    let paper = receipts(&sheets);
    let shown = format!(
        "{driver:?} killed at {at}: {result:?}, told {told:?}, {} receipts",
        paper.len()
    );
    match &result {
        Some(result) if result["ok"] == true => {
            assert_eq!(paper.len(), 1, "{shown}");
            assert_eq!(paper[0].total, Some(3000), "{shown}");
            assert_eq!(result["receiptAmount"], 30, "{shown}");
        }
        // It was voided, or the server died before it had written anything down.
        Some(_) | None => assert!(paper.is_empty(), "{shown}"),
    }
    if let Some(told) = told.filter(|told| told["ok"] == true) {
        assert_eq!(Some(told), result, "{shown}");
    }
    let (_dir, list) = Store::file("journal.csv", &journal(&sheets));
    let list = list.display().to_string();
    let compare = ["reconcile", "--printer", "FP_Room1", "--journal", &list];
    let (code, said, _) = store.run(&compare).await;
    assert_eq!(code, 0, "{shown}: {said}");
    store.run_ok(&["verify"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_a_receipt_prints_nothing_twice() {
    let mut dice = Dice(481);
    for driver in Driver::ALL {
        if driver == Driver::EscPos {
            continue;
        }
        for _ in 0..rounds(2) {
            // Receipts take 800 to 1200 bytes; the last ones are never reached.
            killed_at(driver, dice.roll(1100)).await;
        }
    }
}
