//! Recomputes a log: every link, every public hash, every head that is known.
//!
//! What always holds: memory is constant, whatever the length of the log (a head per point of
//! sale, and the sums of one sale); every byte of every line takes part in a hash that is compared; nothing that a store
//! says about itself is believed without the lines.

use crate::failure::{Failure, Layer};
use crate::source::{Piece, Source, SourceError};
use daybook_schema::id::PosId;
use daybook_schema::{At, Chain, Event, Head, Leaf, LogName, TxChains, TxHash, line};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

/// What a whole log is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its name: the slug of its instance.
    pub log: LogName,
    /// Number of events.
    pub events: u64,
    /// Number of public transactions.
    pub transactions: u64,
    /// Where it ends. Keep it: it is a known head for the next time.
    #[serde(serialize_with = "head")]
    pub head: Head,
    /// Time of the first event.
    pub first_at: Option<At>,
    /// Time of the last event.
    pub last_at: Option<At>,
    /// The last public hash of each point of sale that has sold something.
    pub points_of_sale: BTreeMap<PosId, TxHash>,
}

pub(crate) fn head<S: Serializer>(head: &Head, serializer: S) -> Result<S::Ok, S::Error> {
    let mut members = serializer.serialize_struct("Head", 2)?;
    members.serialize_field("size", &head.size)?;
    members.serialize_field("leaf", &head.leaf)?;
    members.end()
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything fits.
    Whole(Report),
    /// Something does not.
    Broken {
        /// Which log, as far as anyone knows.
        log: Option<LogName>,
        /// The first place where something is wrong.
        failure: Failure,
    },
}

impl Verdict {
    /// Which log it is about, as far as anyone knows.
    #[must_use]
    pub const fn log(&self) -> Option<&LogName> {
        match self {
            Self::Whole(report) => Some(&report.log),
            Self::Broken { log, .. } => log.as_ref(),
        }
    }
}

/// Checks one line after another: the pure part, without a store, a file or a clock.
#[derive(Debug)]
pub struct Verifier {
    log: LogName,
    chain: Chain,
    transactions: TxChains,
    /// What the log must pass through, the next one last.
    ahead: Vec<(Head, Layer)>,
    first_at: Option<At>,
    last_at: Option<At>,
}

impl Verifier {
    /// At the beginning of a log that must pass through the known heads.
    #[must_use]
    pub fn new(log: LogName, known: &[Head]) -> Self {
        let ahead = known.iter().map(|head| (*head, Layer::KnownHead)).collect();
        let chain = Chain::new(log.clone());
        let transactions = TxChains::default();
        let mut verifier = Self {
            log,
            chain,
            transactions,
            ahead,
            first_at: None,
            last_at: None,
        };
        verifier.sort();
        verifier
    }

    /// The store's own record of the head, which the log must pass through too.
    fn expect_stored(&mut self, head: Head) {
        self.ahead.push((head, Layer::StoreHead));
        self.sort();
    }

    fn sort(&mut self) {
        self.ahead
            .sort_by_key(|(head, layer)| std::cmp::Reverse((head.size, *layer)));
    }

    /// Checks the next line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.link(bytes).map(drop)
    }

    /// Checks the next line, and says what it means.
    pub(crate) fn link(&mut self, bytes: &[u8]) -> Result<(Event, Leaf), Failure> {
        self.check_heads()?;
        let seq = self.chain.head().size;
        let broken = |broken| Failure::of(seq, &broken);
        let (event, leaf) = self.chain.link(bytes).map_err(broken)?;
        self.transactions.check(&event).map_err(broken)?;
        self.first_at.get_or_insert(event.at);
        self.last_at = Some(event.at);
        Ok((event, leaf))
    }

    /// Where the checked part ends.
    #[cfg(feature = "kafka")]
    pub(crate) const fn head(&self) -> Head {
        self.chain.head()
    }

    /// Whether every sale is complete here.
    #[cfg(feature = "kafka")]
    pub(crate) fn is_between_sales(&self) -> bool {
        self.transactions.finish().is_ok()
    }

    /// Compares the heads that name the place reached.
    pub(crate) fn check_heads(&mut self) -> Result<(), Failure> {
        let here = self.chain.head();
        while let Some((head, layer)) = self.ahead.pop_if(|(head, _)| head.size == here.size) {
            if head.leaf != here.leaf {
                return Err(other_line(head, here, layer));
            }
        }
        Ok(())
    }

    /// Ends: whether the last sale is complete, whether every head was reached, and what the log is.
    ///
    /// # Errors
    /// When lines are missing at the end, or the last one is another.
    pub fn finish(self) -> Result<Report, Failure> {
        let last = self.chain.head().size.saturating_sub(1);
        let unfinished = |broken| Failure::of(last, &broken);
        self.transactions.finish().map_err(unfinished)?;
        self.finish_lagging()
    }

    /// Ends, where more lines may be on their way: the last sale need not be complete.
    pub(crate) fn finish_lagging(mut self) -> Result<Report, Failure> {
        let head = self.chain.head();
        self.check_heads()?;
        if let Some((missing, layer)) = self.ahead.pop() {
            return Err(Failure::truncated(missing.size, head.size, layer));
        }
        Ok(Report {
            log: self.log,
            events: head.size,
            transactions: self.transactions.last().0,
            head,
            first_at: self.first_at,
            last_at: self.last_at,
            points_of_sale: self.transactions.heads().clone(),
        })
    }

    /// Ends, where a store keeps a record of the head. The record was read last: it may be ahead
    /// of the lines when the log grows meanwhile, and never behind them.
    fn finish_stored(self, stored: Head) -> Result<Report, Failure> {
        let found = self.chain.head();
        if stored.size == found.size && stored.leaf != found.leaf {
            return Err(other_line(stored, found, Layer::StoreHead));
        }
        if stored.size < found.size {
            let expected = format!(
                "{} events, as the store's record of the head says",
                stored.size
            );
            return Err(Failure::new(
                stored.size,
                Layer::StoreHead,
                expected,
                "more lines",
            ));
        }
        self.finish()
    }
}

/// The last line before `here` is not the one a head was taken of.
fn other_line(expected: Head, here: Head, layer: Layer) -> Failure {
    let (expected, found) = (expected.leaf, here.leaf);
    let broken = daybook_schema::Broken::Head { expected, found };
    Failure {
        layer,
        ..Failure::of(here.size.saturating_sub(1), &broken)
    }
}

/// Reads a log to its end and checks everything. `progress` hears how many events were checked.
///
/// # Errors
/// When the lines cannot be had. A broken log is a [`Verdict`].
pub async fn verify(
    source: Source,
    known: &[Head],
    progress: impl FnMut(u64) + Send + 'static,
) -> Result<Verdict, SourceError> {
    let (log, known) = (source.log().cloned(), known.to_vec());
    let pieces = source.pieces(u64::MAX);
    let checking =
        tokio::task::spawn_blocking(move || check_all(pieces, log.as_ref(), &known, progress));
    checking.await.unwrap_or(Err(SourceError::Died))
}

fn check_all(
    mut pieces: mpsc::Receiver<Piece>,
    log: Option<&LogName>,
    known: &[Head],
    mut progress: impl FnMut(u64),
) -> Result<Verdict, SourceError> {
    let mut verifier = log.map(|log| Verifier::new(log.clone(), known));
    let mut stored = None;
    loop {
        let checked = match pieces.blocking_recv() {
            None => return Err(SourceError::Died),
            Some(Piece::Failed(error)) => return Err(error),
            Some(Piece::Broken(failure)) => Err(failure),
            Some(Piece::Begin(head)) => {
                stored = Some(head);
                Ok(())
            }
            Some(Piece::Lines(lines)) => check_page(&mut verifier, known, stored.take(), &lines),
            Some(Piece::End(after)) => {
                let mut verifier = verifier.ok_or(SourceError::Nameless)?;
                if let Some(head) = stored {
                    verifier.expect_stored(head);
                }
                let log = Some(verifier.log.clone());
                let report = match after {
                    Some(after) => verifier.finish_stored(after),
                    None => verifier.finish(),
                };
                let broken = |failure| Verdict::Broken { log, failure };
                return Ok(report.map_or_else(broken, Verdict::Whole));
            }
        };
        let reached = verifier
            .as_ref()
            .map_or(0, |verifier| verifier.chain.head().size);
        if let Err(failure) = checked {
            let log = verifier.map(|verifier| verifier.log);
            return Ok(Verdict::Broken { log, failure });
        }
        progress(reached);
    }
}

fn check_page(
    verifier: &mut Option<Verifier>,
    known: &[Head],
    stored: Option<Head>,
    lines: &[Vec<u8>],
) -> Result<(), Failure> {
    let verifier = match (verifier, lines.first()) {
        (Some(verifier), _) => verifier,
        (none, Some(first)) => none.insert(Verifier::new(log_of(first)?, known)),
        (None, None) => return Ok(()),
    };
    if let Some(head) = stored {
        verifier.expect_stored(head);
    }
    lines.iter().try_for_each(|bytes| verifier.check(bytes))
}

/// Which log the first line is of.
pub(crate) fn log_of(first: &[u8]) -> Result<LogName, Failure> {
    let event = line::read(first).map_err(|error| Failure::of(0, &error.into()))?;
    Ok(event.log)
}
