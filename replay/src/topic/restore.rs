//! Writes what a topic holds into a store, in one pass, each line verified before it is written.
//!
//! What was written is a verified prefix of the topic's log at any time, and ends between two sales.
//! So a restore that ended early is repeated: it checks again what is there, and goes on behind it.

use super::{Line, Record, STEP, Topic};
use crate::failure::{Failure, Layer, Place};
use crate::source::SourceError;
use crate::verify::Verifier;
use daybook_schema::{AppendError, EventLog, Head, LogError, LogName, SealedLine};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::runtime::Handle;

/// After how many lines or bytes they are written. A batch goes on to the end of its last sale.
const BATCH_LINES: usize = 8192;
const BATCH_BYTES: usize = 8 << 20;

/// How often an append is repeated whose outcome is unknown.
const ATTEMPTS: usize = 3;

/// What became of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Which instance.
    pub(crate) instance: LogName,
    /// Where its log ends in the store now.
    pub(crate) head: Head,
    /// How many events were written just now.
    pub(crate) written: u64,
    /// Events at the end of the topic that belong to a sale of which the rest is missing.
    pub(crate) left_out: u64,
    /// Why it is not whole.
    pub(crate) refused: Option<Refused>,
}

/// Why the rest of an instance is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The topic's log is broken there.
    Broken(Failure),
    /// The store holds something else than a beginning of the topic's log.
    Different(Failure),
    /// The store holds more than the topic, which has so many events.
    Longer(u64),
    /// Somebody else writes to the store.
    Contended,
}

/// Everything that was restored.
pub(crate) struct Restoration {
    pub(crate) instances: Vec<Restored>,
    /// Foreign records: those that are no instance's.
    pub(crate) foreign: u64,
    /// The first records of partitions that have forgotten older ones, where all instances were meant.
    pub(crate) forgotten: Vec<Place>,
    /// What ended it early.
    pub(crate) ended: Option<SourceError>,
}

struct Restoring {
    store: Arc<dyn EventLog>,
    log: LogName,
    verifier: Verifier,
    /// Where the store's log ends.
    head: Head,
    written: u64,
    batch: Vec<SealedLine>,
    bytes: usize,
    /// How many lines of the batch end between two sales.
    complete: usize,
    refused: Option<Refused>,
}

/// Restores one instance, or all that the topic has. `progress` hears how many records of about how
/// many are done.
///
/// # Errors
/// When the topic is not there or does not have the instance. What happens later is told beside
/// what was restored until then.
pub(crate) async fn restore(
    topic: &Topic,
    store: Arc<dyn EventLog>,
    only: Option<LogName>,
    progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<Restoration, SourceError> {
    let restore = move |topic: Topic| restore_all(&topic, &store, only.as_ref(), progress);
    topic.blocking(restore).await
}

fn restore_all(
    topic: &Topic,
    store: &Arc<dyn EventLog>,
    only: Option<&LogName>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Restoration, SourceError> {
    let pass = topic.open()?;
    let mut logs: BTreeMap<LogName, Restoring> = BTreeMap::new();
    // One instance says itself whether its beginning is there.
    let forgotten = pass.forgotten().filter(|_| only.is_none()).collect();
    let (mut foreign, mut ended) = (0, None);
    let seen = pass.read(only, |record, count| {
        if count % STEP == 0 {
            progress(count, pass.length());
        }
        let taken = match record {
            Record::Foreign(_, records) => {
                foreign += records;
                Ok(())
            }
            Record::Of { log, place, line } => match logs.get_mut(log) {
                Some(restoring) => restoring.take(place, line),
                None => Restoring::begin(store, log).and_then(|restoring| {
                    let restoring = logs.entry(log.clone()).or_insert(restoring);
                    restoring.take(place, line)
                }),
            },
        };
        match taken {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                ended = Some(error.into());
                ControlFlow::Break(())
            }
        }
    });
    match (seen, only) {
        (Ok(seen), Some(log)) if seen.logs.is_empty() => {
            return Err(seen.lacks(log));
        }
        (Ok(_), _) => {}
        (Err(error), _) => ended = Some(topic.failed(error)),
    }
    let mut instances = Vec::new();
    for mut restoring in logs.into_values() {
        if ended.is_none() {
            ended = restoring.flush().err().map(SourceError::from);
        }
        instances.push(restoring.finish(ended.is_none()));
    }
    Ok(Restoration {
        instances,
        foreign,
        forgotten,
        ended,
    })
}

impl Restoring {
    fn begin(store: &Arc<dyn EventLog>, log: &LogName) -> Result<Self, LogError> {
        let head = Handle::current().block_on(store.head(log))?;
        // What the store holds already must be what the topic begins with.
        let known = (head.size > 0).then_some(head);
        Ok(Self {
            store: store.clone(),
            log: log.clone(),
            verifier: Verifier::new(log.clone(), known.as_slice()),
            head,
            written: 0,
            batch: Vec::new(),
            bytes: 0,
            complete: 0,
            refused: None,
        })
    }

    fn take(&mut self, place: Place, line: Line<'_, '_>) -> Result<(), LogError> {
        if self.refused.is_some() {
            return Ok(());
        }
        let seq = self.verifier.head().size;
        let linked = match line {
            Ok((line, _)) => self.verifier.link(line).map(|linked| (linked, line)),
            Err(misfit) => {
                let known = self.verifier.check_heads();
                known.and_then(|()| Err(misfit.failure(seq, place)))
            }
        };
        let ((event, leaf), bytes) = match linked {
            Ok(linked) => linked,
            Err(failure) if failure.layer == Layer::KnownHead => {
                self.refused = Some(Refused::Different(failure));
                return Ok(());
            }
            Err(failure) => {
                self.refused = Some(Refused::Broken(failure.at(Some(place))));
                return self.flush();
            }
        };
        if seq < self.head.size {
            return Ok(());
        }
        self.bytes += bytes.len();
        self.batch.push(SealedLine {
            seq: event.seq,
            at: event.at,
            type_name: event.fact.type_name(),
            leaf,
            bytes: bytes.to_vec(),
        });
        if self.verifier.is_between_sales() {
            self.complete = self.batch.len();
        }
        let is_full = self.batch.len() >= BATCH_LINES || self.bytes >= BATCH_BYTES;
        if is_full && self.complete > 0 {
            return self.flush();
        }
        Ok(())
    }

    /// Writes the complete sales of the batch.
    fn flush(&mut self) -> Result<(), LogError> {
        let lines: Vec<SealedLine> = self.batch.drain(..self.complete).collect();
        self.complete = 0;
        self.bytes = self.batch.iter().map(|line| line.bytes.len()).sum();
        let Some(end) = lines.last().map(SealedLine::head) else {
            return Ok(());
        };
        let handle = Handle::current();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let appended = handle.block_on(self.store.append(&self.log, self.head, &lines));
            match appended {
                Ok(()) => break,
                // It may have been stored the time before.
                Err(AppendError::Conflict)
                    if attempts > 1 && handle.block_on(self.store.head(&self.log))? == end =>
                {
                    break;
                }
                Err(AppendError::Conflict) => {
                    self.refused.get_or_insert(Refused::Contended);
                    self.batch.clear();
                    return Ok(());
                }
                Err(AppendError::Unknown(_)) if attempts < ATTEMPTS => {}
                Err(error) => return Err(LogError::Unavailable(error.to_string())),
            }
        }
        self.head = end;
        self.written += lines.len() as u64;
        Ok(())
    }

    fn finish(self, is_all: bool) -> Restored {
        let mut refused = self.refused;
        let is_whole = is_all && refused.is_none();
        let left_out = if is_whole { self.batch.len() as u64 } else { 0 };
        let size = self.verifier.head().size;
        if is_whole && size < self.head.size {
            refused = Some(Refused::Longer(size));
        } else if is_whole && let Err(failure) = self.verifier.finish_lagging() {
            refused = Some(Refused::Different(failure));
        }
        Restored {
            instance: self.log,
            head: self.head,
            written: self.written,
            left_out,
            refused,
        }
    }
}
