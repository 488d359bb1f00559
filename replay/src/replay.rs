//! The books as they stood: a fold of the log that stops early.

use crate::failure::Failure;
use crate::source::{Piece, Source, SourceError};
use crate::verify::log_of;
use daybook_projections::Views;
use daybook_schema::{At, Chain, LogName};
use std::str::FromStr;
use tokio::sync::mpsc;

/// How far to fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Up to this event, and with it.
    Seq(u64),
    /// Every event recorded at or before this time.
    Time(At),
    /// Everything.
    End,
}

/// A text that is neither a seq nor a time.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither a seq (digits) nor a time (like 2026-05-01T10:00:00Z)")]
pub struct UntilError(String);

impl FromStr for Until {
    type Err = UntilError;

    fn from_str(text: &str) -> Result<Self, UntilError> {
        let refused = || UntilError(text.chars().take(60).collect());
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Seq).map_err(|_| refused());
        }
        At::parse(text).map(Self::Time).map_err(|_| refused())
    }
}

/// Why there are no books to show.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The lines cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The log is broken before the place asked for.
    #[error("BROKEN at {}: {_0}", _0.location())]
    Broken(Box<Failure>),
}

impl From<Failure> for ReplayError {
    fn from(failure: Failure) -> Self {
        Self::Broken(Box::new(failure))
    }
}

/// Folds a log from its first line into all views, checking that each line continues the one
/// before. Returns the log's name and the views; [`Views::head`] says how far they go.
///
/// Nothing derived is used, so the result depends on the lines alone. Before the first event the
/// views are empty; behind the last they are those of the last.
///
/// # Errors
/// When the lines cannot be had, or are broken before the place asked for.
pub async fn replay(source: Source, until: Until) -> Result<(LogName, Views), ReplayError> {
    let log = source.log().cloned();
    let end = match until {
        Until::Seq(seq) => seq.saturating_add(1),
        Until::Time(_) | Until::End => u64::MAX,
    };
    let pieces = source.pieces(end);
    let folding = tokio::task::spawn_blocking(move || fold(pieces, log, until));
    folding
        .await
        .unwrap_or_else(|_| Err(SourceError::Died.into()))
}

fn fold(
    mut pieces: mpsc::Receiver<Piece>,
    mut log: Option<LogName>,
    until: Until,
) -> Result<(LogName, Views), ReplayError> {
    let mut views = Views::default();
    let mut chain = log.clone().map(Chain::new);
    loop {
        let lines = match pieces.blocking_recv() {
            None => return Err(SourceError::Died.into()),
            Some(Piece::Failed(error)) => return Err(error.into()),
            Some(Piece::Broken(failure)) => return Err(failure.into()),
            Some(Piece::Begin(_)) => continue,
            Some(Piece::End(_)) => return Ok((log.ok_or(SourceError::Nameless)?, views)),
            Some(Piece::Lines(lines)) => lines,
        };
        for bytes in &lines {
            let chain = match &mut chain {
                Some(chain) => chain,
                none => none.insert(Chain::new(log.insert(log_of(bytes)?).clone())),
            };
            let broken = |broken| Failure::of(views.head.size, &broken);
            let (event, leaf) = chain.link(bytes).map_err(broken)?;
            let beyond = match until {
                Until::Seq(seq) => event.seq > seq,
                Until::Time(time) => event.at > time,
                Until::End => false,
            };
            if beyond {
                return Ok((event.log, views));
            }
            views.apply(&event, leaf);
        }
    }
}
