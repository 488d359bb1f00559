//! Whatever is changed in a log is found, at its place, by the layer that should find it; and a
//! replay stops where it was told to.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised")]

mod cases;
mod command;
mod contradictions;
mod folds;
mod forge;
mod matrix;
mod places;
mod properties;
mod reading;

#[path = "../../examples/generator/mod.rs"]
mod generator;

use daybook_replay::{Failure, Layer, Report, Source, Verdict, verify};
use daybook_schema::{Head, LogName};
use std::io::Cursor;

fn log() -> LogName {
    LogName::new("festival").unwrap()
}

/// `count` lines of a log of sales.
fn trade(log: LogName, count: usize) -> Vec<Vec<u8>> {
    let mut trade = generator::Trade::new(log);
    (0..count)
        .map(|_| trade.next_line().unwrap().bytes)
        .collect()
}

fn head_of(lines: &[Vec<u8>]) -> Head {
    let leaf = lines
        .last()
        .map(|line| daybook_schema::hash::leaf(line))
        .unwrap_or_default();
    Head {
        size: lines.len() as u64,
        leaf,
    }
}

fn file_of(lines: &[Vec<u8>]) -> Vec<u8> {
    lines
        .iter()
        .flat_map(|line| line.iter().copied().chain([b'\n']))
        .collect()
}

fn source_of(file: Vec<u8>) -> Source {
    Source::Lines {
        input: Box::new(Cursor::new(file)),
        log: None,
    }
}

async fn verify_file(file: Vec<u8>, known: &[Head]) -> Result<Report, Failure> {
    outcome(verify(source_of(file), known, |_| {}).await.unwrap())
}

fn outcome(verdict: Verdict) -> Result<Report, Failure> {
    match verdict {
        Verdict::Whole(report) => Ok(report),
        Verdict::Broken { failure, .. } => Err(failure),
    }
}

/// Where and by which layer something was found; `None` when nothing was.
fn found(outcome: &Result<Report, Failure>) -> Option<(u64, Layer)> {
    outcome
        .as_ref()
        .err()
        .map(|failure| (failure.seq.unwrap(), failure.layer))
}
