//! Compares the instances of a store and of a topic, range by range, in one pass over both.
//!
//! An event is in the store before it is in the topic. So the topic leads the pass, and the store is
//! asked for what the topic has; whatever the store has beyond is lag.

use super::range::{Difference, Half, RANGE_EVENTS, RangeDigests, first_difference};
use super::{FORGOTTEN, Line, Record, STEP, Topic};
use crate::failure::{Layer, Place};
use crate::source::SourceError;
use daybook_schema::{EventLog, Head, LogError, LogName, hash};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How an instance compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Which instance.
    pub(crate) instance: LogName,
    /// The events of the topic: its number, and the leaf of the last.
    pub(crate) topic: Head,
    /// Events that the store has behind them. The topic is on its way to them.
    pub(crate) lag: u64,
    /// The first place where the two differ.
    pub(crate) difference: Option<Difference>,
    /// Every range, where that was asked for.
    pub(crate) ranges: Vec<RangeDigests>,
    /// Where they end because the record there is no line, so that nobody can say which are behind it.
    pub(crate) ranges_end: Option<u64>,
}

/// How a store and a topic compare.
pub(crate) struct Comparison {
    pub(crate) instances: Vec<Compared>,
    /// Foreign records: those that are no instance's.
    pub(crate) foreign: u64,
}

/// What is compared with what.
pub(crate) struct Compare {
    pub(crate) store: Arc<dyn EventLog>,
    pub(crate) topic: Topic,
    pub(crate) only: Option<LogName>,
    /// Whether every range is told, also behind a difference.
    pub(crate) ranges: bool,
}

impl Compare {
    /// Compares. `progress` hears how many records of about how many are done.
    ///
    /// # Errors
    /// When either side cannot be read, or nobody has the instance.
    pub(crate) async fn run(
        self,
        progress: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<Comparison, SourceError> {
        let topic = self.topic.clone();
        topic.blocking(move |_| self.compare(progress)).await
    }

    fn compare(&self, mut progress: impl FnMut(u64, u64)) -> Result<Comparison, SourceError> {
        let pass = self.topic.open()?;
        let mut logs = BTreeMap::new();
        let mut foreign = 0;
        let mut failed = None;
        let seen = pass.read(self.only.as_ref(), |record, count| {
            if count % STEP == 0 {
                progress(count, pass.length());
            }
            let (log, place, line) = match record {
                Record::Of { log, place, line } => (log, place, line),
                Record::Foreign(_, records) => {
                    foreign += records;
                    return ControlFlow::Continue(());
                }
            };
            let comparing = logs.entry(log.clone());
            let comparing = comparing.or_insert_with(|| self.begin(log.clone()));
            match comparing.take(place, line) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        let seen = seen.map_err(|error| self.topic.failed(error))?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        // What the topic has nothing of lags as a whole, unless the topic had it once.
        let forgets = pass.forgotten().next().is_some();
        let handle = Handle::current();
        let stored: BTreeSet<LogName> = handle.block_on(self.store.logs())?.into_iter().collect();
        let wanted = |log: &LogName| self.only.as_ref().is_none_or(|only| only == log);
        for log in stored.iter().filter(|log| wanted(log)) {
            logs.entry(log.clone()).or_insert_with(|| {
                let mut absent = self.begin(log.clone());
                if forgets {
                    let found = format!("nothing ({FORGOTTEN})");
                    absent.difference = Some(Difference::of_record(0, None, found));
                }
                absent
            });
        }
        match &self.only {
            Some(log) if logs.is_empty() => Err(SourceError::NoInstance {
                log: log.clone(),
                place: "the store or the topic",
                others: seen.others.into_iter().chain(stored).collect(),
            }),
            _ => {
                let instances = logs.into_values().map(Comparing::finish);
                let instances = instances.collect::<Result<_, LogError>>()?;
                Ok(Comparison { instances, foreign })
            }
        }
    }

    fn begin(&self, log: LogName) -> Comparing {
        Comparing {
            cursor: Cursor {
                store: self.store.clone(),
                log,
                next: 0,
                lines: VecDeque::new(),
                ahead: None,
                handle: Handle::current(),
            },
            wants_ranges: self.ranges,
            from: 0,
            store: Half::default(),
            topic: Half::default(),
            places: Vec::new(),
            end: Head::default(),
            difference: None,
            ranges: Vec::new(),
            ranges_end: None,
        }
    }
}

/// An instance that is being compared.
struct Comparing {
    cursor: Cursor,
    wants_ranges: bool,
    /// The range that is being filled: its first event, both sides, and where the topic has it.
    from: u64,
    store: Half,
    topic: Half,
    places: Vec<Place>,
    /// How far the topic has been read.
    end: Head,
    difference: Option<Difference>,
    ranges: Vec<RangeDigests>,
    ranges_end: Option<u64>,
}

impl Comparing {
    /// Takes the next record of the topic.
    fn take(&mut self, place: Place, line: Line<'_, '_>) -> Result<(), LogError> {
        if self.difference.is_some() && !self.wants_ranges {
            return Ok(());
        }
        match line {
            Ok((line, _)) => {
                self.topic.push(line);
                self.places.push(place);
                self.end.size += 1;
            }
            Err(misfit) => {
                let seq = self.end.size;
                self.settle()?;
                let failure = misfit.failure(seq, place);
                let found = match failure.layer {
                    Layer::Line => format!("no event line ({})", failure.found),
                    _ => failure.found,
                };
                let difference = || Difference::of_record(seq, Some(place), found);
                self.difference.get_or_insert_with(difference);
                if std::mem::take(&mut self.wants_ranges) {
                    self.ranges_end = Some(seq);
                }
            }
        }
        if self.topic.len() == RANGE_EVENTS {
            self.settle()?;
        }
        Ok(())
    }

    /// Compares the range that has been filled.
    fn settle(&mut self) -> Result<(), LogError> {
        let Some(last) = self.topic.last() else {
            return Ok(());
        };
        self.end.leaf = hash::leaf(last);
        for line in self.cursor.take(self.topic.len())? {
            self.store.push(&line);
        }
        let range = RangeDigests {
            from: self.from,
            to: self.from + self.topic.len() as u64,
            store: self.store.digest(),
            topic: self.topic.digest(),
        };
        if range.store != range.topic && self.difference.is_none() {
            self.difference = first_difference(self.from, &self.store, &self.topic, &self.places);
        }
        self.from = range.to;
        if self.wants_ranges {
            self.ranges.push(range);
        }
        self.store.clear();
        self.topic.clear();
        self.places.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Compared, LogError> {
        self.settle()?;
        let Cursor {
            store, log, handle, ..
        } = &self.cursor;
        // After a difference nobody knows how far the topic has come with this log.
        let lag = if self.difference.is_some() {
            0
        } else {
            let stored = handle.block_on(store.head(log))?.size;
            stored.saturating_sub(self.end.size)
        };
        Ok(Compared {
            instance: log.clone(),
            topic: self.end,
            lag,
            difference: self.difference,
            ranges: self.ranges,
            ranges_end: self.ranges_end,
        })
    }
}

/// Reads a log of the store, a page ahead.
struct Cursor {
    store: Arc<dyn EventLog>,
    log: LogName,
    /// The first event that is not in `lines`.
    next: u64,
    lines: VecDeque<Vec<u8>>,
    ahead: Option<JoinHandle<Result<Vec<Vec<u8>>, LogError>>>,
    handle: Handle,
}

impl Cursor {
    /// The next lines: so many, or fewer when the store has no more now.
    fn take(&mut self, count: usize) -> Result<Vec<Vec<u8>>, LogError> {
        while self.lines.len() < count {
            let mut page = match self.ahead.take() {
                Some(ahead) => self.handle.block_on(ahead).unwrap_or(Ok(Vec::new()))?,
                None => Vec::new(),
            };
            // What was not there a page ago may be there now.
            if page.is_empty() {
                let read = self.store.read(&self.log, self.next, RANGE_EVENTS);
                page = self.handle.block_on(read)?;
            }
            if page.is_empty() {
                break;
            }
            self.next += page.len() as u64;
            self.lines.extend(page);
            let (store, log, next) = (self.store.clone(), self.log.clone(), self.next);
            let read = async move { store.read(&log, next, RANGE_EVENTS).await };
            self.ahead = Some(self.handle.spawn(read));
        }
        Ok(self.lines.drain(..count.min(self.lines.len())).collect())
    }
}
