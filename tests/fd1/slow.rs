//! Readers that do not read: they are told, and nobody else waits for them.

use super::stand::{ALL_KEY, Lane, served};
use serde_json::{Value, json};
use std::time::Duration;

/// Many firehoses on one socket that reads nothing for a while, and one display beside it.
#[tokio::test]
async fn a_slow_reader_is_told_and_nobody_else_waits() {
    let (_store, server) = served().await;
    let mut slow = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    for number in 0..30 {
        slow.firehose(
            &format!("s{number}"),
            json!({ "event": "ledger.sale.recorded" }),
        )
        .await;
    }
    slow.firehose("shown", json!({ "event": "custdisp.sale.*" }))
        .await;
    let mut quick = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    quick.firehose("q", json!({ "event": "sale.create" })).await;
    let lines: Vec<_> = (0..10).map(|_| json!({ "ID": 1, "Amount": 1 })).collect();
    let sale = json!({ "command": "payitems", "parameters": { "api_key": "YOUR_API_KEY", "POSID": 1, "PaymentMethod": 1, "Products": lines } });
    let mut till = server.till().await;
    let sales = 2500;
    let selling = async {
        for _ in 0..sales {
            till.exchange(&sale.to_string()).await.unwrap();
        }
        tokio::time::Instant::now()
    };
    let reading = async {
        let mut last = 0;
        for _ in 0..sales {
            let seq = quick.hear().await["seq"].as_u64().unwrap();
            assert!(seq > last);
            last = seq;
        }
        last
    };
    let (began, last) = tokio::join!(selling, reading);
    tokio::time::sleep_until(began + Duration::from_secs(12)).await;
    // Now it reads: what was on its way, then that it was too slow, and where to go on.
    let mut closed: Vec<Value> = Vec::new();
    let mut shown = Vec::new();
    while closed.len() < 30 {
        let heard = slow.hear().await;
        if heard["sc"] == "firehose.status" {
            assert_eq!(
                (&heard["v"]["closed"], &heard["v"]["reason"]),
                (&json!(true), &json!("slow"))
            );
            closed.push(heard);
        } else if heard["rp"] == "shown" {
            shown.push(heard);
        }
    }
    assert!(
        shown.len() < 1500,
        "displays are told the newest state only: {}",
        shown.len()
    );
    // It opens again behind what it saw, and misses nothing.
    let seen = closed[7]["v"]["seq"].as_u64().unwrap();
    assert!(seen < last);
    slow.say(&json!({ "a": "fd1.firehose.open_firehose", "rq": "again", "v": { "event": "ledger.sale.recorded", "after": seen } })).await;
    let mut next = seen + 1;
    while next <= last {
        let heard = slow.hear().await;
        if heard["rp"] == "again" && heard["sc"] == "ledger.sale.recorded" {
            assert_eq!(heard["seq"], next);
            next += 1;
        }
    }
}

/// Two thousand firehoses follow one lane, and each is told.
#[tokio::test]
async fn two_thousand_firehoses_at_once() {
    let (_store, server) = served().await;
    let mut sockets = Vec::new();
    for _ in 0..100 {
        let mut lane = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
        for number in 0..20 {
            lane.say(&json!({ "a": "fd1.firehose.open_firehose", "rq": number, "v": { "event": "sale.create" } })).await;
        }
        for _ in 0..20 {
            assert!(lane.hear().await["data"].is_object());
        }
        sockets.push(lane);
    }
    let mut till = server.till().await;
    for _ in 0..50 {
        super::stand::sell(&mut till).await;
    }
    let mut reading = tokio::task::JoinSet::new();
    for mut lane in sockets {
        reading.spawn(async move {
            let mut last = std::collections::BTreeMap::<String, u64>::new();
            for _ in 0..20 * 50 {
                let heard = lane.hear().await;
                let (rp, seq) = (
                    heard["rp"].as_str().unwrap().to_owned(),
                    heard["seq"].as_u64().unwrap(),
                );
                assert!(last.insert(rp, seq).is_none_or(|before| before < seq));
            }
            assert_eq!(last.len(), 20);
        });
    }
    while let Some(read) = reading.join_next().await {
        read.unwrap();
    }
}
