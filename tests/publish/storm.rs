//! Nodes, brokers and networks die under load, and the topic holds every event once, in order.

use super::broker::Broker;
use super::proxy::{Network, Proxy};
use super::records::{figure, lag, node};
use crate::support::kafka::broker;
use crate::support::{Dice, Server, Store, Till, eventually, rounds};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

const TOPIC: &str = "storm.events";
const SELLERS: usize = 4;

/// Three nodes of one store, and tills that sell at whichever answers.
struct Scene {
    store: Store,
    brokers: String,
    nodes: Vec<Server>,
    addresses: Arc<Mutex<Vec<SocketAddr>>>,
    stop: Arc<AtomicBool>,
    sold: Arc<AtomicUsize>,
    sellers: JoinSet<()>,
}

impl Scene {
    async fn begin(brokers: &str) -> Self {
        let store = Store::postgres().await;
        store.import_festival().await;
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(node(&store, brokers, TOPIC).await);
        }
        let addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
        let mut scene = Self {
            store,
            brokers: brokers.to_owned(),
            nodes,
            addresses: Arc::new(Mutex::new(addresses)),
            stop: Arc::default(),
            sold: Arc::default(),
            sellers: JoinSet::new(),
        };
        for seller in 0..SELLERS {
            let (addresses, stop) = (scene.addresses.clone(), scene.stop.clone());
            let sold = scene.sold.clone();
            scene.sellers.spawn(async move {
                let mut at = seller;
                while !stop.load(Ordering::Relaxed) {
                    at += 1;
                    let address = addresses.lock().unwrap()[at % 3];
                    sell_at(address, &stop, &sold).await;
                }
            });
        }
        scene
    }

    /// The node that publishes, if one does now.
    async fn publisher(&self) -> Option<usize> {
        for (index, node) in self.nodes.iter().enumerate() {
            if figure(node, "daybook_kafka_publishing").await == Some(1.0) {
                return Some(index);
            }
        }
        None
    }

    /// Waits until somebody publishes what was sold after now.
    async fn goes_on(&self) {
        let before = self.published().await;
        eventually("events are published again", async || {
            self.published().await > before && self.publisher().await.is_some()
        })
        .await;
    }

    async fn published(&self) -> f64 {
        let mut sum = 0.0;
        for node in &self.nodes {
            let figure = figure(node, "daybook_kafka_published_events_total").await;
            sum += figure.unwrap_or(0.0);
        }
        sum
    }

    /// Waits until a node publishes, and says which.
    async fn find_publisher(&self) -> usize {
        let mut found = None;
        eventually("somebody publishes", async || {
            found = self.publisher().await;
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// Kills the node that publishes, and starts another in its place.
    async fn kill_publisher(&mut self) {
        let index = self.find_publisher().await;
        let dead = self.nodes.remove(index);
        dead.kill().await;
        // The two others go on alone first.
        self.goes_on().await;
        let born = node(&self.store, &self.brokers, TOPIC).await;
        self.addresses.lock().unwrap()[index] = born.address;
        self.nodes.insert(index, born);
    }

    /// Puts the node that publishes to sleep until another does, and wakes it in the middle of what it
    /// was at.
    async fn wake_publisher_too_late(&mut self) {
        let index = self.find_publisher().await;
        let sleeper = self.nodes.remove(index);
        signal(&sleeper, "-STOP").await;
        self.goes_on().await;
        signal(&sleeper, "-CONT").await;
        eventually("it knows", async || {
            figure(&sleeper, "daybook_kafka_publishing").await == Some(0.0)
        })
        .await;
        self.nodes.insert(index, sleeper);
    }

    /// Ends the load, and asks whoever checks.
    async fn end(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.sellers.join_next().await {
            ended.unwrap();
        }
        eventually("the topic holds everything", async || {
            let mut all = true;
            for node in &self.nodes {
                all &= lag(node).await == Some(0.0);
            }
            all
        })
        .await;
        let sold = self.sold.load(Ordering::Relaxed);
        assert!(sold > 0, "nothing was sold");
        let kafka = ["--kafka", &self.brokers, "--topic", TOPIC];
        let (code, stdout, stderr) = verify(&kafka).await;
        assert_eq!(code, 0, "{stdout}{stderr}");
        let compare = [
            "compare",
            "--complete",
            kafka[0],
            kafka[1],
            kafka[2],
            kafka[3],
        ];
        let said = self.store.run_ok(&compare).await;
        eprintln!("{sold} sales; {}{said}", stdout.trim_end());
    }
}

async fn signal(server: &Server, signal: &str) {
    let pid = server.child.id().unwrap().to_string();
    let mut command = tokio::process::Command::new("kill");
    let status = command.args([signal, &pid]).status().await.unwrap();
    assert!(status.success());
}

async fn verify(kafka: &[&str]) -> (i32, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_daybook"));
    let output = command.arg("verify").args(kafka).output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or(-1);
    (code, text(output.stdout), text(output.stderr))
}

/// Sells at a node until it does not answer.
async fn sell_at(address: SocketAddr, stop: &AtomicBool, sold: &AtomicUsize) {
    let Ok(mut till) = Till::connect(address, "/festival").await else {
        tokio::time::sleep(Duration::from_millis(20)).await;
        return;
    };
    let products = json!([{ "ID": 2, "Amount": 1 }]);
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": products });
    while !stop.load(Ordering::Relaxed) {
        match till.ask("payitems", sale.clone()).await {
            Ok(answer) if answer["type"] == "event" => sold.fetch_add(1, Ordering::Relaxed),
            _ => return,
        };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_publishes_dies() {
    if broker("a_node_that_publishes_dies").is_none() {
        return;
    }
    let broker = Broker::start().await;
    let mut scene = Scene::begin(&broker.address).await;
    for _ in 0..rounds(1) {
        scene.kill_publisher().await;
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_slept_is_shut_out() {
    if broker("a_node_that_slept_is_shut_out").is_none() {
        return;
    }
    let broker = Broker::start().await;
    let mut scene = Scene::begin(&broker.address).await;
    for _ in 0..rounds(1) {
        scene.wake_publisher_too_late().await;
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_stops_and_dies() {
    if broker("the_broker_stops_and_dies").is_none() {
        return;
    }
    let broker = Broker::start().await;
    let scene = Scene::begin(&broker.address).await;
    scene.goes_on().await;
    for round in 0..rounds(2) {
        if round % 2 == 0 {
            broker.kill().await;
        } else {
            broker.stop().await;
        }
        broker.restart().await;
        scene.goes_on().await;
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_is_cut() {
    if broker("the_network_is_cut").is_none() {
        return;
    }
    let proxy = Proxy::start().await;
    let broker = Broker::behind(proxy.port).await;
    proxy.stand_before(&broker.address);
    let scene = Scene::begin(&format!("127.0.0.1:{}", proxy.port)).await;
    scene.goes_on().await;
    let mut dice = Dice(7);
    for round in 0..rounds(2) {
        proxy.be(if round % 2 == 0 {
            Network::Cut
        } else {
            Network::Silent
        });
        // The length of an outage is what varies from round to round.
        tokio::time::sleep(Duration::from_millis(dice.roll(3000))).await;
        proxy.be(Network::Whole);
        scene.goes_on().await;
    }
    scene.end().await;
}
