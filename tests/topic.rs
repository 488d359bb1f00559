//! Reading the topic of events: verify, replay, compare and restore with a real broker, right topics
//! and wrong ones.
//!
//! `tests/kafka run` names the broker in `DAYBOOK_TEST_KAFKA`; without one these tests are skipped, and
//! say so.

mod compare;
mod contents;
mod forge;
mod headers;
mod outside;
mod restore;

#[path = "../replay/examples/generator/mod.rs"]
mod generator;

use crate::cli::{daybook, said};
use crate::support::Store;
use daybook_schema::{EventLog, Head, LogName, SealedLine};
use serde_json::Value;

/// `count` lines of an instance's trade.
fn trade(log: &str, count: usize) -> Vec<SealedLine> {
    let mut trade = generator::Trade::new(LogName::new(log).unwrap());
    (0..count).map(|_| trade.next_line().unwrap()).collect()
}

/// A head as `verify` writes it.
fn head_of(lines: &[SealedLine]) -> String {
    let head = lines.last().unwrap().head();
    format!("{}:{}", head.size, head.leaf)
}

/// Opens a test's store as a program would.
async fn open(store: &Store) -> Box<dyn EventLog> {
    match store {
        Store::Sqlite(dir) => Box::new(daybook_sqlite::open(dir.path()).await.unwrap()),
        Store::Postgres(url) => Box::new(daybook_postgres::open(url).await.unwrap()),
    }
}

/// Makes a store hold lines.
async fn fill(store: &Store, log: &str, lines: &[SealedLine]) {
    let log = LogName::new(log).unwrap();
    let opened = open(store).await;
    let mut head = Head::default();
    for lines in lines.chunks(8192) {
        opened.append(&log, head, lines).await.unwrap();
        head = lines.last().unwrap().head();
    }
    opened.close().await;
}

/// The finding about an instance, or the row of it.
fn row<'a>(said: &'a Value, instance: &str) -> &'a Value {
    let rows = said["instances"].as_array().unwrap();
    let found = rows.iter().find(|row| row["instance"] == instance);
    found.unwrap_or_else(|| panic!("nothing about {instance}: {said}"))
}

/// What a command says for machines, and its exit code.
async fn json(args: &[&str]) -> (i32, Value) {
    let (code, stdout, stderr) = daybook(&[&["--json"], args].concat()).await;
    assert_eq!(stderr, "", "{args:?}: {stdout}");
    (code, said(&stdout))
}
