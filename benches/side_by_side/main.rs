//! Daybook side by side with the bare database, in one run on one machine: rates, latencies,
//! verification, replay, start-up. `benches/README.md` says how to run it, `docs/benchmarks.md`
//! holds the last table.
//!
//! Rounds of Daybook and of the bare database take turns, so that a machine that slows down slows
//! both, and medians of the rounds are shown. Nothing here passes or fails: a figure depends on the
//! machine, so it is compared with its neighbour in the table.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures for people, far below any limit"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot be made ends with its reason"
)]

mod bare;
mod daybook;
mod delivery;
mod disk;
mod history;
mod publish;
mod table;

use bare::Bare;
use daybook::{Load, Measured, Server, Store};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;
use table::Table;

/// Sockets that are open at once.
pub(crate) const CLIENTS: u32 = 64;

/// The share of the measured ceiling at which latency is measured.
const OPEN_SHARE: f64 = 0.8;

struct Options {
    rounds: usize,
    seconds: u32,
    events: u64,
    listeners: usize,
    write: bool,
}

/// One round of everything that takes turns.
pub(crate) struct Round {
    pub(crate) fsync: disk::Fsync,
    pub(crate) postgres: Measured,
    pub(crate) bare: bare::Rate,
    pub(crate) sqlite: Measured,
    pub(crate) postgres_open: Measured,
    pub(crate) sqlite_open: Measured,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options = Options::parse(&arguments);
    let Some(url) = std::env::var_os("DAYBOOK_TEST_POSTGRES") else {
        run_with_postgres(&arguments)
    };
    let url = url.into_string().expect("a URL is a text");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(&options, &url));
}

impl Options {
    fn parse(arguments: &[String]) -> Self {
        let mut options = Self {
            rounds: 3,
            seconds: 6,
            events: 1_000_000,
            listeners: 2000,
            write: false,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut number = || {
                rest.next()
                    .and_then(|n| n.parse::<u32>().ok())
                    .expect("a number")
            };
            match argument.as_str() {
                "--rounds" => options.rounds = number() as usize,
                "--seconds" => options.seconds = number().max(1),
                "--events" => options.events = u64::from(number()),
                "--listeners" => options.listeners = number() as usize,
                "--write" => options.write = true,
                "--bench" => {} // cargo says so
                other => {
                    eprintln!(
                        "{other}? Known: --rounds N, --seconds N, --events N, --listeners N, --write"
                    );
                    std::process::exit(2);
                }
            }
        }
        options
    }
}

/// Starts this program again with a private cluster, which is gone when it ends.
fn run_with_postgres(arguments: &[String]) -> ! {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres");
    let mut line: Vec<OsString> = vec!["run".into(), std::env::current_exe().unwrap().into()];
    line.extend(arguments.iter().map(OsString::from));
    let error = Command::new(script).args(line).exec();
    panic!("{script}: {error}");
}

async fn run(options: &Options, url: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut table = Table::new(options.write);
    table.machine(&bare::describe(url).await, options.rounds, options.seconds);
    if options.rounds > 0 {
        side_by_side(options, (url, dir.path()), &mut table).await;
    }
    if options.events > 0 {
        eprintln!("{} events of history", options.events);
        table.history(&history::measure(dir.path(), options.events).await);
        if let Some(brokers) = std::env::var_os("DAYBOOK_TEST_KAFKA") {
            let brokers = brokers.into_string().expect("an address is a text");
            eprintln!("{} events into Kafka and back", options.events);
            table.published(&publish::measure(dir.path(), &brokers, options.rounds).await);
        }
    }
    if options.listeners > 0 {
        eprintln!("{} listeners of each kind", options.listeners);
        let delivered = delivery::measure(dir.path(), options.listeners, options.seconds).await;
        table.deliveries(&delivered);
    }
    table.end();
}

async fn side_by_side(options: &Options, (url, dir): (&str, &std::path::Path), table: &mut Table) {
    let embedded = Store::Sqlite(dir.join("embedded"));
    let shared = Store::Postgres(url.to_owned());
    for store in [&embedded, &shared] {
        daybook::import(store);
    }
    let mut bare = Bare::new(url).await;
    let mut rounds = Vec::new();
    let postgres = Server::start(&shared);
    let sqlite = Server::start(&embedded);
    for number in 1..=options.rounds {
        eprintln!("round {number} of {}", options.rounds);
        rounds.push(round(options, dir, &postgres, &sqlite, &mut bare).await);
    }
    drop((postgres, sqlite));
    table.rates(&rounds);
    table.latencies(&rounds);
}

async fn round(
    options: &Options,
    dir: &std::path::Path,
    postgres: &Server,
    sqlite: &Server,
    bare: &mut Bare,
) -> Round {
    let closed = Load {
        seconds: options.seconds,
        rate: None,
    };
    let on_postgres = postgres.load(&closed);
    let bare_rate = bare
        .insert(on_postgres.events_per_batch, options.seconds)
        .await;
    let on_sqlite = sqlite.load(&closed);
    let open = |measured: &Measured| Load {
        seconds: options.seconds,
        rate: Some(daybook::share(measured.rate, OPEN_SHARE)),
    };
    Round {
        fsync: disk::fsync(dir),
        postgres_open: postgres.load(&open(&on_postgres)),
        sqlite_open: sqlite.load(&open(&on_sqlite)),
        postgres: on_postgres,
        bare: bare_rate,
        sqlite: on_sqlite,
    }
}
