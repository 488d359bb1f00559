//! Firehoses that are resumed: whoever goes on behind the last `seq` it saw misses nothing and sees
//! nothing twice.

use super::stand::{ALL_KEY, Lane};
use crate::support::{Dice, Server, Store, rounds};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Follows a schema through any number of lost connections, at any of the nodes, up to `end`.
async fn follow(
    nodes: &[Server],
    dice: &mut Dice,
    event: &str,
    done: &AtomicBool,
) -> Vec<(u64, Value)> {
    let mut seen: Vec<(u64, Value)> = Vec::new();
    let mut after = 0;
    loop {
        let node = dice.pick(nodes);
        let mut lane = Lane::open(node.address, json!({ "apikey": ALL_KEY })).await;
        lane.firehose("f", json!({ "event": event, "after": after }))
            .await;
        let wanted = dice.roll(40);
        for _ in 0..wanted {
            let patience = std::time::Duration::from_millis(1500);
            let Ok(heard) = tokio::time::timeout(patience, lane.till.hear()).await else {
                if done.load(Ordering::Acquire) {
                    return seen;
                }
                continue;
            };
            let heard: Value = serde_json::from_str(&heard.unwrap()).unwrap();
            after = heard["seq"].as_u64().unwrap();
            seen.push((after, heard["v"].clone()));
        }
        // Gone without a word, in the middle of whatever is on its way.
        drop(lane);
    }
}

async fn story(store: &Store, nodes: Vec<Server>, seed: u64) {
    let nodes = Arc::new(nodes);
    let done = Arc::new(AtomicBool::new(false));
    let mut followers = tokio::task::JoinSet::new();
    for (number, event) in (0..).zip(["ledger.*", "sale.create", "ledger.sale.*", "ledger.*"]) {
        let (nodes, done) = (nodes.clone(), done.clone());
        followers.spawn(async move {
            let mut dice = Dice(seed * 10 + number);
            (event, follow(&nodes, &mut dice, event, &done).await)
        });
    }
    let mut tills = tokio::task::JoinSet::new();
    for (number, node) in nodes.iter().enumerate() {
        let mut till = node.till().await;
        tills.spawn(async move {
            for sale in 0..120 {
                let amount = (sale + number) % 3 + 1;
                // Every tenth sale is in several parts.
                let lines = if sale % 10 == 0 { 400 } else { 1 };
                let lines: Vec<_> = (0..lines)
                    .map(|_| json!({ "ID": 1, "Amount": amount }))
                    .collect();
                let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": lines });
                till.event("payitems", sale).await;
            }
        });
    }
    while let Some(sold) = tills.join_next().await {
        sold.unwrap();
    }
    done.store(true, Ordering::Release);
    let mut all = Vec::new();
    while let Some(followed) = followers.join_next().await {
        all.push(followed.unwrap());
    }
    // Late enough for every node to have heard of everything.
    let events = nodes[0].events().await;
    for (event, seen) in all {
        let kind = |event: &Value| event["type"].as_str().unwrap().to_owned();
        let expected: Vec<u64> = events[1..]
            .iter()
            .filter(|line| match event {
                "ledger.*" => true,
                "sale.create" => {
                    kind(line) == "sale.recorded" && line["data"]["part"] == line["data"]["parts"]
                }
                _ => kind(line).starts_with("sale."),
            })
            .map(|line| line["seq"].as_u64().unwrap())
            .collect();
        let found: Vec<u64> = seen.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(found, expected, "{event}, seed {seed}");
        for (seq, v) in &seen {
            let line = &events[usize::try_from(*seq).unwrap()];
            if event == "sale.create" {
                assert_eq!(v["saletotal"].as_f64(), gross(line), "{seq}");
            } else {
                assert_eq!(*v, line["data"], "{seq}");
            }
        }
    }
    drop(nodes);
    store.run_ok(&["verify"]).await;
}

#[expect(clippy::cast_precision_loss, reason = "small amounts")]
fn gross(line: &Value) -> Option<f64> {
    Some(line["data"]["totals"]["gross"].as_i64()? as f64 / 100.0)
}

#[tokio::test]
async fn a_client_that_reconnects_sees_every_event_once() {
    for seed in 0..rounds(2) as u64 {
        let store = Store::festival().await;
        let server = Server::start(&store).await;
        story(&store, vec![server], seed).await;
    }
}

#[tokio::test]
async fn a_client_that_changes_nodes_sees_every_event_once() {
    for seed in 0..rounds(1) as u64 {
        let store = Store::postgres().await;
        store.import_festival().await;
        let nodes = vec![Server::start(&store).await, Server::start(&store).await];
        story(&store, nodes, seed + 100).await;
    }
}
