//! Polls and what they are answered: nobody loses an event, nobody takes one away from others.

use super::client::{Client, Stand};
use super::house::House;
use super::venue::{OTHER, STAFF, TABLE, TEA, restaurant};
use crate::support::{Dice, Server, Store, eventually, rounds};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Seconds that events stay in the queue.
const WINDOW: i64 = 300;

const TEA_FOR_ONE: &str = r#"{"items":[{"id":1000050}]}"#;

fn hash(event: &Value) -> String {
    event["hash"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_cursor_that_says_nothing_gets_everything() {
    let house = House::open().await;
    let mut all = Vec::new();
    for table in [TABLE, OTHER, TABLE] {
        let told = house.post(table, "waiter_call", None, "").await;
        all.push(super::client::data(&told)["event"].clone());
    }
    for query in [
        "",
        "hash=none",
        "hash=NONE",
        "hash=",
        "hash",
        "hash=0x",
        "hash=0xzz",
        "hash=%FF",
    ] {
        assert_eq!(house.poll(query).await, all, "{query}");
    }
    for (known, event) in all.iter().enumerate() {
        let hash = hash(event);
        for cursor in [hash.clone(), hash.to_uppercase(), hash.replace("0x", "0X")] {
            assert_eq!(
                house.poll(&format!("hash={cursor}")).await,
                all[known + 1..],
                "{cursor}"
            );
        }
        // Without its beginning it is another text.
        assert_eq!(house.poll(&format!("hash={}", &hash[2..])).await, all);
    }
}

/// An event leaves the queue when its window has passed, and not before; a cursor that left with it
/// stands for everything that is still there.
#[tokio::test]
async fn events_leave_when_their_time_is_over() {
    let house = House::open().await;
    house.post(TABLE, "waiter_call", None, "").await;
    house.pass(100);
    house.post(OTHER, "waiter_call", None, "").await;
    let all = house.poll("").await;
    let first = format!("hash={}", hash(&all[0]));
    house.pass(WINDOW - 100);
    assert_eq!(house.poll("").await, all);
    assert_eq!(house.poll(&first).await, all[1..]);
    house.pass(1);
    assert_eq!(house.poll("").await, all[1..]);
    assert_eq!(house.poll(&first).await, all[1..]);
    house.pass(99);
    assert_eq!(house.poll("").await, all[1..]);
    house.pass(1);
    assert_eq!(house.poll("").await.len(), 0);
    assert_eq!(house.poll(&first).await.len(), 0);
    // A longer window does not bring back what a later event pushed out.
    let mut venue = restaurant();
    venue["settings"]["qr_window_minutes"] = json!("1");
    house.import(&venue).await;
    house.post(TABLE, "waiter_call", None, "").await;
    house.pass(61);
    assert_eq!(house.poll("").await.len(), 0);
    house.post(TABLE, "waiter_call", None, "").await;
    venue["settings"]["qr_window_minutes"] = json!("60");
    house.import(&venue).await;
    assert_eq!(house.poll("").await.len(), 1);
    house.pass(3600);
    assert_eq!(house.poll("").await.len(), 1);
    house.pass(1);
    assert_eq!(house.poll("").await.len(), 0);
}

/// What a poll must be answered, by the rules in words.
fn expected(all: &[(i64, Value)], now: i64, cursor: &str) -> Vec<Value> {
    let queued: Vec<_> = all.iter().filter(|(at, _)| now - at <= WINDOW).collect();
    let known = queued
        .iter()
        .position(|(_, event)| hash(event).eq_ignore_ascii_case(cursor));
    let from = known.map_or(0, |known| known + 1);
    queued[from..]
        .iter()
        .map(|(_, event)| event.clone())
        .collect()
}

/// A random day: what was recorded and when, and what each client has heard.
struct Day {
    house: House,
    dice: Dice,
    all: Vec<(i64, Value)>,
    cursors: Vec<String>,
    heard: Vec<Vec<String>>,
}

impl Day {
    async fn command(&mut self) {
        let table = *self.dice.pick(&[TABLE, OTHER]);
        let commands = [
            ("waiter_call", ""),
            ("order", TEA_FOR_ONE),
            ("online_payment", ""),
        ];
        let (command, body) = *self.dice.pick(&commands);
        let told = self.house.post(table, command, None, body).await;
        if told.status == 200 {
            let event = told.json()["data"]["event"].clone();
            self.all.push((self.house.now(), event));
        }
    }

    /// A poll, which must be answered by the rules.
    async fn poll(&self, cursor: &str) -> Vec<Value> {
        let told = self.house.poll(&format!("hash={cursor}")).await;
        assert_eq!(told, expected(&self.all, self.house.now(), cursor));
        told
    }

    /// A client that remembers where it was.
    async fn follow(&mut self) {
        let client = self.dice.index(self.cursors.len());
        let told = self.poll(&self.cursors[client]).await;
        self.heard[client].extend(told.iter().map(hash));
        if let Some(last) = told.last() {
            self.cursors[client] = hash(last);
        }
    }

    /// Anybody, with anything.
    async fn pry(&mut self) {
        let cursor = match self.dice.roll(3) {
            0 => format!("0x{:08x}", self.dice.roll(u64::from(u32::MAX))),
            _ if self.all.is_empty() => String::new(),
            1 => hash(&self.dice.pick(&self.all).1).to_uppercase(),
            _ => hash(&self.dice.pick(&self.all).1),
        };
        self.poll(&cursor).await;
    }
}

/// Random commands, pauses, restarts and polls of several clients: each poll is answered by the rules,
/// whatever the others did.
#[tokio::test]
async fn random_polls_lose_nothing_and_consume_nothing() {
    for seed in 0..rounds(12) {
        println!("seed {seed}");
        let mut day = Day {
            house: House::open().await,
            dice: Dice(seed as u64),
            all: Vec::new(),
            cursors: vec!["none".to_owned(); 4],
            heard: vec![Vec::new(); 4],
        };
        for _ in 0..80 {
            match day.dice.roll(10) {
                0..=3 => day.command().await,
                4 => day.house.pass(i64::try_from(day.dice.roll(130)).unwrap()),
                5 if day.dice.roll(8) == 0 => day.house = day.house.reopen().await,
                5..=8 => day.follow().await,
                _ => day.pry().await,
            }
        }
        // In order, each at most once: the cursor that expired repeats nothing either.
        let order: Vec<_> = day.all.iter().map(|(_, event)| hash(event)).collect();
        for heard in day.heard {
            let places = heard
                .iter()
                .map(|heard| order.iter().position(|hash| hash == heard));
            assert!(places.is_sorted_by(|a, b| a < b));
        }
        let different: BTreeSet<_> = order.iter().collect();
        assert_eq!(different.len(), order.len());
    }
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    for table in [TABLE, OTHER] {
        staff.event(table, "waiter_call", &Value::Null).await;
        staff.order(table, &[(TEA, 1.0)]).await;
    }
    staff
        .event(OTHER, "online_payment", &json!({"sum": 5}))
        .await;
    let before = staff.get("/api/v4/events?hash=none").await.text;
    let Stand { store, server } = stand;
    assert_eq!(server.stop().await, 0);
    let server = Server::start(&store).await;
    let mut staff = Client::new(server.address, "token", STAFF);
    assert_eq!(staff.get("/api/v4/events?hash=none").await.text, before);
    server.kill().await;
    let server = Server::start(&store).await;
    let mut staff = Client::new(server.address, "token", STAFF);
    assert_eq!(staff.get("/api/v4/events?hash=none").await.text, before);
}

#[tokio::test]
async fn another_node_has_the_same_queue() {
    let here = Stand::on(Store::postgres().await).await;
    let there = Server::start(&here.store).await;
    let (mut one, mut other) = (here.staff(), Client::new(there.address, "token", STAFF));
    for table in [TABLE, OTHER, TABLE] {
        one.event(table, "waiter_call", &Value::Null).await;
        other.order(table, &[(TEA, 1.0)]).await;
    }
    let path = "/api/v4/events?hash=none";
    eventually("both nodes have all events", async || {
        one.events("none").await.len() == 6 && other.events("none").await.len() == 6
    })
    .await;
    assert_eq!(one.get(path).await.text, other.get(path).await.text);
    // A cursor of one node is one of the other.
    let all = one.events("none").await;
    assert_eq!(other.events(&hash(&all[2])).await, all[3..]);
}

/// One answer shows so many lines and no more; the cursor brings the rest, and nothing is left out.
#[tokio::test]
async fn a_long_story_comes_in_several_answers() {
    let house = House::open().await;
    let dishes: Vec<_> = (0..100).map(|_| json!({ "id": 1_000_062 })).collect();
    let order = json!({ "items": dishes }).to_string();
    let mut all = Vec::new();
    for _ in 0..10 {
        let told = house.post(TABLE, "order", None, &order).await;
        all.push(hash(&super::client::data(&told)["event"]));
    }
    let (mut heard, mut cursor) = (Vec::new(), "none".to_owned());
    let mut answers = 0;
    loop {
        let events = house.poll(&format!("hash={cursor}")).await;
        let Some(last) = events.last() else { break };
        cursor = hash(last);
        heard.extend(events.iter().map(hash));
        answers += 1;
    }
    assert_eq!(heard, all);
    assert_eq!(answers, 2);
    // The order is full now.
    let told = house
        .post(TABLE, "order", None, r#"{"items":[{"id":1000062}]}"#)
        .await;
    assert_eq!(told.status, 400, "{}", told.text);
}
