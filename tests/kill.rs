//! `kill -9` at random moments under load: what was acknowledged is there exactly once, nothing is
//! there in part, and retries with the same command ids change nothing.

use crate::support::{FESTIVAL, Server, Store, Till, eventually, rounds};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::watch;

const CLIENTS: usize = 8;

/// What tills were told: the answer to each acknowledged `request_id`.
type Acknowledged = Arc<Mutex<BTreeMap<String, Value>>>;

/// Where the server is; `None` tells the tills to end.
type Address = watch::Receiver<Option<SocketAddr>>;

fn sale(client: usize, number: usize) -> (String, Value) {
    let id = format!("till{client}-{number}");
    // Product 2 carries a deposit, so that each sale has rows that must stand together.
    let products = json!([{ "ID": 2, "Amount": 1 + number % 3 }, { "ID": 36, "Amount": 1 }]);
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": products, "request_id": id });
    (id, sale)
}

/// Sells until told to end, and asks again after every interruption.
async fn sell(client: usize, mut address: Address, acknowledged: Acknowledged) {
    for number in 0.. {
        let (id, sale) = sale(client, number);
        let answer = loop {
            let Some(now) = *address.borrow_and_update() else {
                return;
            };
            if let Some(answer) = try_sale(now, &sale).await {
                break answer;
            }
            // The server is gone, or says that it cannot book: ask again, perhaps elsewhere.
            tokio::time::timeout(Duration::from_millis(50), address.changed())
                .await
                .ok();
        };
        acknowledged.lock().unwrap().insert(id, answer);
    }
}

thread_local! {
    static TILLS: std::cell::RefCell<BTreeMap<SocketAddr, Vec<Till>>> = const { std::cell::RefCell::new(BTreeMap::new()) };
}

/// One attempt, over a socket that is kept when it lived through it.
async fn try_sale(address: SocketAddr, sale: &Value) -> Option<Value> {
    let kept = TILLS.with_borrow_mut(|tills| tills.entry(address).or_default().pop());
    let mut till = match kept {
        Some(till) => till,
        None => Till::connect(address, "/festival").await.ok()?,
    };
    let answer = till.ask("payitems", sale.clone()).await.ok()?;
    let name = answer["result"]["error"].as_str();
    assert!(
        matches!(name, None | Some("internal_error" | "overloaded")),
        "{answer}"
    );
    TILLS.with_borrow_mut(|tills| tills.entry(address).or_default().push(till));
    (answer["type"] == "event").then_some(answer)
}

/// Every acknowledged sale is in the log exactly once and whole; asking again gives the same rows.
async fn check(store: &Store, acknowledged: &BTreeMap<String, Value>) {
    store.run_ok(&["verify"]).await;
    let server = Server::start(store).await;
    let mut till = server.till().await;
    let all = till.event("listtransactions", json!({ "POSID": 1 })).await;
    let all = all["Transactions"].as_array().unwrap().clone();
    let times = |id: &Value| all.iter().filter(|row| row["ID"] == *id).count();
    for answer in acknowledged.values() {
        for row in answer["result"]["parameters"]["Transactions"]
            .as_array()
            .unwrap()
        {
            assert_eq!(times(&row["ID"]), 1, "{row}");
        }
    }
    let size = server.audit("/ledger/festival/head").await["size"].clone();
    for (id, first) in acknowledged.iter().step_by(7) {
        let (client, number) = id.strip_prefix("till").unwrap().split_once('-').unwrap();
        let (_, sale) = sale(client.parse().unwrap(), number.parse().unwrap());
        assert_eq!(till.ask("payitems", sale).await.unwrap(), *first);
    }
    assert_eq!(
        server.audit("/ledger/festival/head").await["size"],
        size,
        "retries booked"
    );
    // Three rows a sale: the beer, its deposit, the plate. No sale is there in part, and none twice.
    assert_eq!(all.len() % 3, 0);
    let sales = all.len() / 3;
    let known = acknowledged.len();
    println!("{known} sales acknowledged, {sales} booked, each once and whole");
    assert!(
        (known..=known + CLIENTS).contains(&sales),
        "{sales} booked, {known} acknowledged"
    );
    assert_eq!(server.stop().await, 0);
}

async fn kill_rounds(store: Store) {
    store.import_festival().await;
    let acknowledged = Acknowledged::default();
    let (tell, address) = watch::channel(None);
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let mut server = Server::start(&store).await;
            tell.send_replace(Some(server.address));
            let tills: Vec<_> = (0..CLIENTS)
                .map(|n| tokio::task::spawn_local(sell(n, address.clone(), acknowledged.clone())))
                .collect();
            for round in 0..rounds(5) {
                let before = acknowledged.lock().unwrap().len();
                eventually("sales go on", async || {
                    acknowledged.lock().unwrap().len() > before + 5
                })
                .await;
                // A moment of its own in each round, anywhere in the run of a batch.
                let moment = (round as u64 * 7919) % 97;
                tokio::time::sleep(Duration::from_millis(moment)).await;
                server.kill().await;
                server = Server::start(&store).await;
                tell.send_replace(Some(server.address));
            }
            let before = acknowledged.lock().unwrap().len();
            eventually("sales go on", async || {
                acknowledged.lock().unwrap().len() > before
            })
            .await;
            tell.send_replace(None);
            for till in tills {
                till.await.unwrap();
            }
            server.kill().await;
        })
        .await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    check(&store, &acknowledged).await;
}

#[tokio::test]
async fn killed_on_sqlite_loses_nothing_and_books_nothing_twice() {
    kill_rounds(Store::sqlite()).await;
}

#[tokio::test]
async fn killed_on_postgres_loses_nothing_and_books_nothing_twice() {
    kill_rounds(Store::postgres().await).await;
}

/// The script that makes private clusters.
async fn cluster(command: &str, dir: &Path) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres");
    let output = tokio::process::Command::new(script)
        .arg(command)
        .arg(dir)
        .output()
        .await
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "tests/postgres {command}: {stderr}"
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Postgres itself is killed and started again under load: the server recovers by itself, and the
/// outcome of every append that was cut off is learned exactly.
#[tokio::test]
async fn postgres_killed_under_load_is_survived() {
    let dir = tempfile::tempdir().unwrap();
    let url = cluster("start", &dir.path().join("cluster")).await;
    let store = Store::postgres_at(&url).await;
    store.run_ok(&["import", FESTIVAL]).await;
    let acknowledged = Acknowledged::default();
    let server = Server::start(&store).await;
    let (tell, address) = watch::channel(Some(server.address));
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let tills: Vec<_> = (0..CLIENTS)
                .map(|n| tokio::task::spawn_local(sell(n, address.clone(), acknowledged.clone())))
                .collect();
            for _ in 0..rounds(3) {
                let before = acknowledged.lock().unwrap().len();
                eventually("sales go on", async || {
                    acknowledged.lock().unwrap().len() > before + 5
                })
                .await;
                cluster("kill", &dir.path().join("cluster")).await;
                cluster("start", &dir.path().join("cluster")).await;
            }
            let before = acknowledged.lock().unwrap().len();
            eventually("the server recovers alone", async || {
                acknowledged.lock().unwrap().len() > before
            })
            .await;
            tell.send_replace(None);
            for till in tills {
                till.await.unwrap();
            }
        })
        .await;
    assert_eq!(server.stop().await, 0);
    let acknowledged = acknowledged.lock().unwrap().clone();
    check(&store, &acknowledged).await;
    cluster("stop", &dir.path().join("cluster")).await;
}
