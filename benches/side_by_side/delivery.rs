//! How soon others hear: thousands of firehoses and of waiting polls at once, while sales and calls go
//! on.
//!
//! A delivery is counted from the moment at which whoever caused it had the answer, that is, from the
//! commit as its client saw it, on one clock. What came before that counts as nothing.

use crate::daybook::{self, Server, Store};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

const VENUE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/restaurant.json"
);

/// A key of the venue that opens every door.
const KEY: &str = "restaurant-admin-key";

/// Time between two sales, and between two calls.
const SALE_EVERY: Duration = Duration::from_millis(100);
const CALL_EVERY: Duration = Duration::from_millis(500);

/// How long everyone may take to connect, and to hear the last of it.
const PATIENCE: Duration = Duration::from_mins(2);

/// What one kind of listener heard.
pub(crate) struct Delivered {
    pub(crate) listeners: usize,
    pub(crate) events: usize,
    pub(crate) heard: usize,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) max: Duration,
}

/// When something was answered, and when each listener heard it, by what tells it apart.
#[derive(Default)]
struct Record {
    answered: BTreeMap<String, Instant>,
    heard: Vec<(String, Instant)>,
}

type Shared = Arc<Mutex<Record>>;

/// Both kinds of listeners at once.
pub(crate) async fn measure(dir: &Path, listeners: usize, seconds: u32) -> [Delivered; 2] {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let store = Store::Sqlite(dir.join("delivery"));
    daybook::import_venue(VENUE, &store);
    let server = Server::start(&store);
    let address = server.address().to_owned();
    let (sales, calls) = (Shared::default(), Shared::default());
    let (ready, mut readied) = tokio::sync::mpsc::unbounded_channel();
    let mut tasks = Vec::new();
    for _ in 0..listeners {
        let (there, told, record) = (address.clone(), ready.clone(), sales.clone());
        tasks.push(tokio::spawn(async move {
            firehose(&there, told, &record).await;
        }));
        let (there, told, record) = (address.clone(), ready.clone(), calls.clone());
        tasks.push(tokio::spawn(async move {
            poller(&there, told, &record).await;
        }));
    }
    for _ in 0..2 * listeners {
        let next = tokio::time::timeout(PATIENCE, readied.recv()).await;
        next.expect("everyone connects in time");
    }
    let length = Duration::from_secs(u64::from(seconds));
    tokio::join!(
        sell(&address, length, &sales),
        call(&address, length, &calls)
    );
    let missing = |record: &Shared| {
        let record = record.lock().unwrap();
        record.heard.len() < record.answered.len() * listeners
    };
    let start = Instant::now();
    while (missing(&sales) || missing(&calls)) && start.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for task in tasks {
        task.abort();
    }
    [delivered(&sales, listeners), delivered(&calls, listeners)]
}

fn delivered(record: &Shared, listeners: usize) -> Delivered {
    let record = record.lock().unwrap();
    let late = record.heard.iter().filter_map(|(key, heard)| {
        let answered = record.answered.get(key)?;
        Some(heard.saturating_duration_since(*answered))
    });
    let mut late: Vec<Duration> = late.collect();
    late.sort_unstable();
    let at = |share: f64| {
        let index = (late.len() as f64 * share) as usize;
        late.get(index.min(late.len().saturating_sub(1))).copied()
    };
    Delivered {
        listeners,
        events: record.answered.len(),
        heard: late.len(),
        p50: at(0.5).unwrap_or_default(),
        p99: at(0.99).unwrap_or_default(),
        max: late.last().copied().unwrap_or_default(),
    }
}

async fn connect(address: &str, path: &str) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    client_async(format!("ws://{address}{path}"), stream)
        .await
        .unwrap()
        .0
}

/// The next JSON of a socket.
async fn hear(socket: &mut WebSocketStream<TcpStream>) -> Option<Value> {
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) => return serde_json::from_str(&text).ok(),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

/// Hears every completed sale.
async fn firehose(address: &str, ready: tokio::sync::mpsc::UnboundedSender<()>, record: &Shared) {
    let mut socket = connect(address, "/fd1/open_websocket").await;
    for packet in [
        json!({"a": "fd1.session.login", "rq": 1, "v": {"apikey": KEY}}),
        json!({"a": "fd1.firehose.open_firehose", "rq": 2, "v": {"event": "sale.create"}}),
    ] {
        socket
            .send(Message::text(packet.to_string()))
            .await
            .unwrap();
        let answer = hear(&mut socket).await.expect("an answer");
        assert!(answer["error"].is_null(), "{answer}");
    }
    ready.send(()).unwrap();
    while let Some(message) = hear(&mut socket).await {
        if message["sc"] == "sale.create" {
            let key = message["v"]["salephyskey"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            record.lock().unwrap().heard.push((key, Instant::now()));
        }
    }
}

/// Waits for every event of the tables.
async fn poller(address: &str, ready: tokio::sync::mpsc::UnboundedSender<()>, record: &Shared) {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    let mut cursor = "none".to_owned();
    let first = ask(&mut stream, address, &format!("hash={cursor}")).await;
    assert_eq!(first["result"], true, "{first}");
    ready.send(()).unwrap();
    loop {
        let answer = ask(&mut stream, address, &format!("hash={cursor}&wait=60")).await;
        let heard = Instant::now();
        for update in answer["data"]["updates"].as_array().into_iter().flatten() {
            update["hash"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut cursor);
            record.lock().unwrap().heard.push((cursor.clone(), heard));
        }
    }
}

/// One request on a connection that is kept.
async fn ask(stream: &mut BufReader<TcpStream>, address: &str, query: &str) -> Value {
    let request =
        format!("GET /api/v4/events?{query} HTTP/1.1\r\nhost: {address}\r\ntoken: {KEY}\r\n\r\n");
    stream
        .get_mut()
        .write_all(request.as_bytes())
        .await
        .unwrap();
    answer(stream).await
}

/// The JSON body of an answer with a length.
async fn answer(stream: &mut BufReader<TcpStream>) -> Value {
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    serde_json::from_slice(&body).unwrap_or_default()
}

/// Sells at a till on a fixed schedule.
async fn sell(address: &str, length: Duration, record: &Shared) {
    let mut socket = connect(address, "/restaurant").await;
    let mut schedule = tokio::time::interval(SALE_EVERY);
    let start = Instant::now();
    while start.elapsed() < length {
        schedule.tick().await;
        let sale = json!({"command": "payitems", "parameters": {"api_key": KEY, "POSID": 1,
            "PaymentMethod": 1, "Products": [{"ID": 1_000_062, "Amount": 1}]}});
        socket.send(Message::text(sale.to_string())).await.unwrap();
        let told = hear(&mut socket).await.expect("an answer");
        let id = told["result"]["parameters"]["Transactions"][0]["ID"].as_u64();
        let key = format!("S1-{:06}", id.expect("a sale"));
        record.lock().unwrap().answered.insert(key, Instant::now());
    }
}

/// Calls the waiter on a fixed schedule.
async fn call(address: &str, length: Duration, record: &Shared) {
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mut schedule = tokio::time::interval(CALL_EVERY);
    let start = Instant::now();
    while start.elapsed() < length {
        schedule.tick().await;
        let request = format!(
            "POST /api/v4/tables/1000028/waiter_call HTTP/1.1\r\nhost: {address}\r\ntoken: {KEY}\r\ncontent-length: 0\r\n\r\n"
        );
        stream
            .get_mut()
            .write_all(request.as_bytes())
            .await
            .unwrap();
        let told = answer(&mut stream).await;
        let hash = told["data"]["event"]["hash"].as_str().expect("an event");
        record
            .lock()
            .unwrap()
            .answered
            .insert(hash.to_owned(), Instant::now());
    }
}
