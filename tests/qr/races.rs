//! Guests order and staff take payments at the same tables at once, on several nodes: whatever the
//! order of arrivals, the sums are right, nothing is paid twice, and what is paid is sold.

use super::client::{Client, Stand, items, link, log, rows};
use super::venue::{BIG, CHEESE, OTHER, SMALL, STAFF, TABLE, TEA, TERRACE};
use crate::support::{Dice, Server, Store, eventually, rounds};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const CLIENTS: usize = 9;
const COMMANDS: usize = 20;

#[tokio::test]
async fn sums_are_right_on_sqlite() {
    trade(Stand::on(Store::sqlite()).await, 0, 1).await;
}

#[tokio::test]
async fn sums_are_right_on_three_nodes() {
    for seed in 0..rounds(1) {
        trade(Stand::on(Store::postgres().await).await, 2, 2 + seed as u64).await;
    }
}

async fn trade(stand: Stand, more: usize, seed: u64) {
    let mut nodes = vec![stand.server];
    for _ in 0..more {
        nodes.push(Server::start(&stand.store).await);
    }
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
        let table = [TABLE, OTHER][number % 2];
        let link = link(&stand.store, "restaurant", table, "").await;
        clients.push(tokio::spawn(async move {
            let mut asking: Vec<_> = addresses
                .into_iter()
                .map(|address| {
                    let mut client = Client::new(address, "token", STAFF);
                    if number % 3 == 0 {
                        client = Client::new(address, "table-link", &link);
                    }
                    client
                })
                .collect();
            client(
                number,
                &mut asking,
                table,
                Dice(seed * 1000 + number as u64),
            )
            .await
        }));
    }
    let mut told = Vec::new();
    for client in clients {
        told.extend(client.await.unwrap());
    }
    let size =
        futures_util::future::join_all(nodes.iter().map(|node| log(node, "restaurant"))).await;
    let size = size.iter().map(Vec::len).max().unwrap();
    for node in &nodes {
        eventually("the node has folded the log", async || {
            log(node, "restaurant").await.len() >= size
        })
        .await;
    }
    let bills = judge(&log(&nodes[0], "restaurant").await, &told);
    for node in &nodes {
        let mut staff = Client::new(node.address, "token", STAFF);
        for table in [TABLE, OTHER, TERRACE] {
            let link = link(&stand.store, "restaurant", table, "").await;
            let bill = staff.shown(&format!("/t/{link}/bill")).await;
            let expected = bills.get(&table).copied();
            let shown = bill["order"]
                .as_object()
                .map(|order| (units(&order["sum"]), units(&order["unpaid_sum"])));
            assert_eq!(shown, expected, "table {table}");
        }
        rows(node, 1).await;
    }
    stand.store.run_ok(&["verify"]).await;
}

/// One client's commands, each with a key and now and then twice, the second time elsewhere. Returns
/// the events that it was told.
async fn client(number: usize, nodes: &mut [Client], table: u32, mut dice: Dice) -> Vec<Value> {
    let mut told = Vec::new();
    for count in 0..COMMANDS {
        let (command, body) = match dice.roll(5) {
            0 => ("waiter_call", Value::Null),
            1 | 2 => {
                let dishes: Vec<_> = (0..=dice.roll(2))
                    .map(|_| {
                        let count = *dice.pick(&[1.0, 2.0, 0.375, 1.5, 0.333]);
                        (*dice.pick(&[BIG, SMALL, TEA, CHEESE]), count)
                    })
                    .collect();
                ("order", items(&dishes))
            }
            3 => ("online_payment", json!({"sum": 1 + dice.roll(200)})),
            _ => ("online_payment", Value::Null),
        };
        let key = format!("{number}-{count}");
        let node = dice.index(nodes.len());
        let first = nodes[node].post(table, command, Some(&key), &body).await;
        if dice.roll(4) == 0 {
            let node = dice.index(nodes.len());
            let again = nodes[node].post(table, command, Some(&key), &body).await;
            if first.status == 200 && again.status != 429 {
                assert_eq!(again.text, first.text);
            } else if first.status != 200 && again.status == 200 {
                // It was refused when it came first, and came right when it came again.
                told.push(again.json()["data"]["event"].clone());
            }
        }
        if first.status == 200 {
            told.push(first.json()["data"]["event"].clone());
            continue;
        }
        let refused = [
            "no_open_order",
            "invalid_sum",
            "payments_unavailable",
            "too_many_requests",
        ];
        let code = first.json()["error"]["code"].as_str().unwrap().to_owned();
        assert!(refused.contains(&code.as_str()), "{}", first.text);
    }
    told
}

/// An amount as kopecks, from its decimal text.
fn units(number: &Value) -> i64 {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap();
    format!("{whole}{fraction:0<2}").parse().unwrap()
}

/// An open order by the log alone.
#[derive(Default)]
struct Bill {
    sum: i64,
    paid: i64,
    lines: Vec<i64>,
}

impl Bill {
    fn add(&mut self, lines: &Value) {
        for line in lines.as_array().unwrap() {
            let (price, count) = (&line["price"], &line["count"]);
            let exact = price.as_i64().unwrap() * count.as_i64().unwrap();
            let total = (exact + 500) / 1000;
            assert_eq!(line["total"], total);
            self.sum += total;
            self.lines.push(total);
        }
    }

    /// Adds up a payment, which must not be too much.
    fn pay(&mut self, payment: &Value, told: &Value) {
        assert_eq!(units(&told["order"]["sum"]), self.sum);
        let earlier = told["order"]["payments"].as_array().unwrap();
        let earlier = earlier.iter().map(|paid| units(&paid["sum"]));
        assert_eq!(earlier.sum::<i64>(), self.paid);
        self.paid += payment["amount"].as_i64().unwrap();
        assert!(self.paid <= self.sum, "{payment}");
        assert_eq!(payment["unpaid"], self.sum - self.paid);
    }
}

/// Reads the log with a calculator: sums, what is due, sales of what is paid. Returns sum and rest
/// of the orders that are still open, by table.
fn judge(log: &[Value], told: &[Value]) -> BTreeMap<u32, (i64, i64)> {
    let mut open: BTreeMap<u32, (String, Bill)> = BTreeMap::new();
    let mut told: BTreeMap<&str, &Value> = told
        .iter()
        .map(|event| (event["hash"].as_str().unwrap(), event))
        .collect();
    let mut guids = BTreeSet::new();
    let mut sold = None;
    for event in log {
        let data = &event["data"];
        let table = || u32::try_from(data["table"]["id"].as_u64().unwrap()).unwrap();
        let answer = data["hash"].as_str().and_then(|hash| told.remove(hash));
        match event["type"].as_str().unwrap() {
            "waiter.called" => assert_eq!(answer.unwrap()["code"], "waiter_call"),
            "order.extended" => {
                let guid = data["guid"].as_str().unwrap().to_owned();
                let (known, bill) = open.entry(table()).or_insert_with(|| {
                    assert!(guids.insert(guid.clone()), "{guid} is used twice");
                    (guid.clone(), Bill::default())
                });
                assert_eq!(*known, guid);
                bill.add(&data["added"]);
                assert_eq!(data["unpaid"], bill.sum - bill.paid);
                let answer = answer.unwrap();
                assert_eq!(units(&answer["order"]["sum"]), bill.sum);
                assert_eq!(
                    units(&answer["invoice"]["unpaid_sum"]),
                    bill.sum - bill.paid
                );
            }
            "payment.received" => {
                let (guid, bill) = open.get_mut(&table()).expect("an open order");
                assert_eq!(data["guid"], **guid);
                bill.pay(data, answer.unwrap());
                if bill.paid == bill.sum {
                    sold = open.remove(&table());
                }
            }
            "sale.recorded" => {
                let (_, bill) = sold.take().expect("a payment that closes an order");
                let lines = data["lines"].as_array().unwrap();
                let totals: Vec<_> = lines
                    .iter()
                    .map(|line| line["total"].as_i64().unwrap())
                    .collect();
                assert_eq!(totals, bill.lines);
                assert_eq!(data["totals"]["gross"], bill.sum);
                assert_eq!(data["door"], "qr");
            }
            _ => {}
        }
        assert!(
            sold.is_none() || event["type"] == "payment.received",
            "{event}"
        );
    }
    assert!(told.is_empty(), "told, and not recorded: {told:?}");
    open.into_iter()
        .map(|(table, (_, bill))| (table, (bill.sum, bill.sum - bill.paid)))
        .collect()
}
