//! The lines of one instance from a topic, in pages, as other sources hand them over.

use super::{Record, Topic};
use crate::source::{Piece, SourceError};
use daybook_schema::LogName;
use std::ops::ControlFlow;
use tokio::sync::mpsc;

/// Most lines of a page, and the bytes a page should not exceed by much.
const PAGE_LINES: usize = 1024;
const PAGE_BYTES: usize = 4 << 20;

/// Reads up to the line `end`; returns the last piece.
pub(crate) fn read_lines(
    topic: &Topic,
    log: &LogName,
    end: u64,
    sender: &mpsc::Sender<Piece>,
) -> Piece {
    read(topic, log, end, sender).unwrap_or_else(Piece::Failed)
}

fn read(
    topic: &Topic,
    log: &LogName,
    end: u64,
    sender: &mpsc::Sender<Piece>,
) -> Result<Piece, SourceError> {
    let pass = topic.open()?;
    let (mut page, mut bytes, mut seq) = (Vec::new(), 0, 0);
    let mut last = Piece::End(None);
    let seen = pass.read(Some(log), |record, _| {
        let Record::Of { place, line, .. } = record else {
            return ControlFlow::Continue(());
        };
        if seq == end {
            return ControlFlow::Break(());
        }
        match line {
            Ok((line, _)) => page.push(line.to_vec()),
            Err(misfit) => {
                last = Piece::Broken(misfit.failure(seq, place));
                return ControlFlow::Break(());
            }
        }
        seq += 1;
        bytes += page.last().map_or(0, Vec::len);
        if page.len() < PAGE_LINES && bytes < PAGE_BYTES {
            return ControlFlow::Continue(());
        }
        bytes = 0;
        match sender.blocking_send(Piece::Lines(std::mem::take(&mut page))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    let seen = seen.map_err(|error| topic.failed(error))?;
    if seen.logs.is_empty() {
        return Err(seen.lacks(log));
    }
    // Whoever does not listen any more does not need the last lines either.
    if !page.is_empty() && sender.blocking_send(Piece::Lines(page)).is_err() {
        return Ok(Piece::End(None));
    }
    Ok(last)
}
