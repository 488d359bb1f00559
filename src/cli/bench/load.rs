//! The load itself: clients on their sockets, in a closed or an open loop.
//!
//! Nothing is parsed while the clock runs: a prefix tells success, and only a refusal is read. In
//! an open loop a thread of its own keeps the time, since the runtime's timers are only good for
//! milliseconds; latency counts from the scheduled time, so a server that stalls cannot hide behind
//! clients that wait for it.

use super::mix::{KINDS, Script};
use super::scrape::Figures;
use super::target::Target;
use crate::cli::CliError;
use futures_util::{SinkExt, StreamExt};
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// How long answers may take to come after the end.
const DRAIN: Duration = Duration::from_secs(20);

/// The longest latency that is told apart, in microseconds.
const MAX_MICROS: u64 = 60_000_000;

/// How an event begins, and a broadcast, which is no answer.
const EVENT: &str = "{\"type\":\"event\"";
const BROADCAST: &str = "{\"type\":\"broadcast\"";

pub(super) type Socket = WebSocketStream<TcpStream>;

/// The load to put on a server.
pub(super) struct Load {
    /// One per key; clients take them in turn.
    pub scripts: Vec<Script>,
    pub clients: usize,
    pub rate: Option<u32>,
    pub warmup: Duration,
    pub length: Duration,
}

/// What came of it.
pub(super) struct Measured {
    pub tally: Tally,
    /// Growth of the server's own figures within the measured time.
    pub server: Option<Figures>,
}

/// Latencies in microseconds by kind, and refusals by name.
pub(super) struct Tally {
    pub kinds: [Histogram<u64>; KINDS.len()],
    pub errors: BTreeMap<String, u64>,
    /// Answers within the measured time: what the rate is made of.
    pub in_time: u64,
}

/// One client's answer to one command.
enum Answer {
    Event,
    Refused(String),
}

/// The measured time: commands that are due in it count.
#[derive(Clone, Copy)]
struct Window {
    from: Instant,
    until: Instant,
}

impl Load {
    /// Sends one command of each kind, so that a wrong key or id is told before the clock starts.
    pub(super) async fn probe(&self, target: &Target) -> Result<(), CliError> {
        let mut socket = connect(target).await?;
        for script in &self.scripts {
            for (kind, message) in script.samples() {
                match ask(&mut socket, message).await? {
                    Answer::Refused(name) if name != "ratelimit" => {
                        let text = format!(
                            "the server refuses \"{}\" with \"{name}\": check --key, --pos, --payment-method and --product",
                            KINDS[kind]
                        );
                        return Err(CliError::No(text));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Opens the clients' sockets.
    pub(super) async fn connect(&self, target: &Target) -> Result<Vec<Socket>, CliError> {
        let mut sockets = Vec::with_capacity(self.clients);
        for _ in 0..self.clients {
            sockets.push(connect(target).await?);
        }
        Ok(sockets)
    }

    /// Runs all clients to the end.
    pub(super) async fn run(
        &self,
        sockets: Vec<Socket>,
        (start, from, until): (Instant, Instant, Instant),
    ) -> Tally {
        let tally = Arc::new(Mutex::new(Tally::new()));
        let window = Window { from, until };
        let mut clients = JoinSet::new();
        let mut arrivals = Vec::new();
        for (number, socket) in sockets.into_iter().enumerate() {
            let script = self.scripts[number % self.scripts.len()].clone();
            // Clients start at different places of the script, so that a mix is mixed at once.
            let mut client = Client {
                socket,
                script,
                next: number,
                window,
                tally: tally.clone(),
            };
            if self.rate.is_some() {
                let (arrive, due) = mpsc::unbounded_channel();
                arrivals.push(arrive);
                clients.spawn(async move { client.open_loop(due).await });
            } else {
                clients.spawn(async move { client.closed_loop().await });
            }
        }
        if let Some(rate) = self.rate {
            // The pace must not depend on anyone who waits for the server.
            std::thread::spawn(move || keep_pace(&arrivals, f64::from(rate), start, until));
        }
        let all = async { while clients.join_next().await.is_some() {} };
        tokio::time::timeout_at((until + DRAIN).into(), all)
            .await
            .ok();
        clients.shutdown().await;
        let mut tally = lock(&tally);
        std::mem::replace(&mut *tally, Tally::new())
    }

    /// How many commands are due within the measured time of an open loop.
    #[must_use]
    pub(super) fn due(rate: u32, seconds: u64) -> u64 {
        u64::from(rate) * seconds
    }
}

/// Hands out scheduled times to the clients in turn, at a fixed rate, each when it has come.
fn keep_pace(
    clients: &[mpsc::UnboundedSender<Instant>],
    rate: f64,
    start: Instant,
    until: Instant,
) {
    for (number, client) in (0u32..).zip(clients.iter().cycle()) {
        let due = start + Duration::from_secs_f64(f64::from(number) / rate);
        if due >= until {
            return;
        }
        // May wake early; then it waits again.
        while let Some(rest) = due
            .checked_duration_since(Instant::now())
            .filter(|rest| !rest.is_zero())
        {
            std::thread::park_timeout(rest);
        }
        // A client whose socket broke has counted that; its arrivals are lost.
        client.send(due).ok();
    }
}

struct Client {
    socket: Socket,
    script: Script,
    next: usize,
    window: Window,
    tally: Arc<Mutex<Tally>>,
}

impl Client {
    /// Sends, waits, sends.
    async fn closed_loop(&mut self) {
        loop {
            let now = Instant::now();
            if now >= self.window.until || !self.command(now).await {
                return;
            }
        }
    }

    /// Sends when a command is due, or as soon as the one before is answered.
    async fn open_loop(&mut self, mut due: mpsc::UnboundedReceiver<Instant>) {
        while let Some(due) = due.recv().await {
            if !self.command(due).await {
                return;
            }
        }
    }

    /// One command, with latency from `due` on. False when the socket is broken.
    async fn command(&mut self, due: Instant) -> bool {
        let (kind, message) = self.script.command(self.next);
        self.next += 1;
        let answer = ask(&mut self.socket, message).await;
        let now = Instant::now();
        let alive = answer.is_ok();
        let Window { from, until } = self.window;
        let mut tally = lock(&self.tally);
        if (from..until).contains(&now) && matches!(answer, Ok(Answer::Event)) {
            tally.in_time += 1;
        }
        if due < from {
            return alive;
        }
        match answer {
            Ok(Answer::Event) => {
                let micros = u64::try_from((now - due).as_micros()).unwrap_or(MAX_MICROS);
                tally.kinds[kind].saturating_record(micros);
            }
            Ok(Answer::Refused(name)) => *tally.errors.entry(name).or_default() += 1,
            Err(_) => *tally.errors.entry("socket_closed".to_owned()).or_default() += 1,
        }
        alive
    }
}

impl Tally {
    fn new() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the bounds are constants that the type accepts"
        )]
        let histogram = || Histogram::new_with_bounds(1, MAX_MICROS, 3).expect("valid bounds");
        Self {
            kinds: [histogram(), histogram(), histogram()],
            errors: BTreeMap::new(),
            in_time: 0,
        }
    }
}

fn lock(tally: &Mutex<Tally>) -> std::sync::MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn connect(target: &Target) -> Result<Socket, CliError> {
    let unreachable = |error: &dyn std::fmt::Display| {
        CliError::Outside(format!("{} does not answer: {error}", target.url))
    };
    let stream = TcpStream::connect(target.address)
        .await
        .map_err(|error| unreachable(&error))?;
    stream
        .set_nodelay(true)
        .map_err(|error| unreachable(&error))?;
    let config = WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(0);
    let upgraded = client_async_with_config(target.url.as_str(), stream, Some(config)).await;
    Ok(upgraded.map_err(|error| unreachable(&error))?.0)
}

/// Sends a command and waits for its answer.
async fn ask(socket: &mut Socket, message: Message) -> Result<Answer, CliError> {
    let gone =
        |error: &dyn std::fmt::Display| CliError::Outside(format!("the socket broke: {error}"));
    socket.send(message).await.map_err(|error| gone(&error))?;
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) if text.starts_with(EVENT) => return Ok(Answer::Event),
            Some(Ok(Message::Text(text))) if text.starts_with(BROADCAST) => {}
            Some(Ok(Message::Text(text))) => return Ok(Answer::Refused(error_name(&text))),
            Some(Ok(Message::Close(_))) | None => return Err(gone(&"closed by the server")),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(gone(&error)),
        }
    }
}

fn error_name(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    value["result"]["error"]
        .as_str()
        .unwrap_or("unreadable")
        .to_owned()
}
