//! The release binary: a server on a store, loaded by `daybook bench`, each a process of its own.

use crate::CLIENTS;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const DAYBOOK: &str = env!("CARGO_BIN_EXE_daybook");
const VENUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/festival.json");

/// Where a server keeps its log.
pub(crate) enum Store {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Store {
    fn arguments(&self) -> [String; 2] {
        match self {
            Self::Sqlite(dir) => ["--data".to_owned(), dir.display().to_string()],
            Self::Postgres(url) => ["--database-url".to_owned(), url.clone()],
        }
    }
}

/// What to send.
pub(crate) struct Load {
    pub(crate) seconds: u32,
    /// Commands per second, or as many as are answered.
    pub(crate) rate: Option<u32>,
}

/// What `daybook bench --json` says.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) rate: f64,
    pub(crate) rate_asked: Option<f64>,
    pub(crate) errors: u64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) p999: Duration,
    pub(crate) max: Duration,
    pub(crate) events_per_batch: f64,
    pub(crate) cpu_micros: f64,
}

/// A share of a rate, as a rate to ask for.
pub(crate) fn share(rate: f64, share: f64) -> u32 {
    (rate * share) as u32
}

/// A running server. Dropped, it ends.
pub(crate) struct Server {
    child: Child,
    address: String,
    /// From the start of the process until it listens.
    pub(crate) startup: Duration,
}

/// Runs the binary to its end; says what it said when it fails.
pub(crate) fn daybook(arguments: &[&str]) -> Result<Output, String> {
    let output = Command::new(DAYBOOK).args(arguments).output().unwrap();
    if output.status.success() {
        return Ok(output);
    }
    let said = [&output.stderr[..], &output.stdout[..]].concat();
    Err(String::from_utf8_lossy(&said).trim().to_owned())
}

/// Makes the venue in a store.
pub(crate) fn import(store: &Store) {
    import_venue(VENUE, store);
}

/// Makes the venue of a file in a store.
pub(crate) fn import_venue(file: &str, store: &Store) {
    let [flag, value] = store.arguments();
    daybook(&["import", file, &flag, &value]).unwrap();
}

impl Server {
    pub(crate) fn start(store: &Store) -> Self {
        let start = Instant::now();
        let mut child = Command::new(DAYBOOK)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--rate-limit",
                "off",
                "--log",
                "warn",
                "--json",
            ])
            .args(store.arguments())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let startup = start.elapsed();
        let listening: Value =
            serde_json::from_str(&line).expect("the server says where it listens");
        let address = listening["listen"].as_str().unwrap().to_owned();
        Self {
            child,
            address,
            startup,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Loads it from a process of its own.
    pub(crate) fn load(&self, load: &Load) -> Measured {
        let url = format!("ws://{}/festival", self.address);
        let (clients, seconds) = (CLIENTS.to_string(), load.seconds.to_string());
        let rate = load.rate.map(|rate| rate.to_string());
        let mut arguments = vec![
            "bench",
            "--json",
            "--url",
            &url,
            "--clients",
            &clients,
            "--seconds",
            &seconds,
        ];
        if let Some(rate) = &rate {
            arguments.extend(["--rate", rate]);
        }
        let output = daybook(&arguments).unwrap();
        Measured::read(&serde_json::from_slice(&output.stdout).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, so that it saves its views; the standard library only knows SIGKILL.
        let told = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        if !told.is_ok_and(|status| status.success()) {
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }
}

impl Measured {
    fn read(value: &Value) -> Self {
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        let micros = |value: &Value| Duration::from_secs_f64(value.as_f64().unwrap_or(0.0) / 1e6);
        let (sale, server) = (&value["latency"]["sale"], &value["server"]);
        let errors = value["errors"]
            .as_object()
            .into_iter()
            .flat_map(|errors| errors.values());
        let missing = value["not_answered"].as_u64().unwrap_or_default();
        Self {
            rate: number(&value["rate"]),
            rate_asked: value["rate_asked"].as_f64(),
            errors: missing + errors.filter_map(Value::as_u64).sum::<u64>(),
            p50: micros(&sale["p50_us"]),
            p99: micros(&sale["p99_us"]),
            p999: micros(&sale["p999_us"]),
            max: micros(&sale["max_us"]),
            events_per_batch: number(&server["events_per_batch"]),
            cpu_micros: number(&server["cpu_us_per_command"]),
        }
    }
}

/// Time of a whole command, or why there is none.
pub(crate) fn timed(arguments: &[&str]) -> Result<Duration, String> {
    let start = Instant::now();
    daybook(arguments).map(|_| start.elapsed())
}

/// Starts a server on the embedded store in `dir`, and says how long that took.
pub(crate) fn startup(dir: &Path) -> Duration {
    Server::start(&Store::Sqlite(dir.to_owned())).startup
}
