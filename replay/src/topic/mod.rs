//! A topic of events: its committed records in one pass, each given to the instance it is of.
//!
//! A pass blocks, so it has a thread of its own; the client library fetches ahead on another, by a
//! bounded number of bytes. Memory is constant for each instance.

pub(crate) mod compare;
mod lines;
pub(crate) mod range;
pub(crate) mod restore;
pub(crate) mod verify;

pub(crate) use lines::read_lines;

use crate::failure::{Failure, Place};
use crate::source::SourceError;
use daybook_kafka::{Found, KafkaError, Reader, Settings};
use daybook_schema::LogName;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Records between two looks at the progress.
const STEP: u64 = 1024;

/// Names of other instances that an error lists.
const MAX_NAMES: usize = 20;

/// Which topic of events.
#[derive(Clone, Debug)]
pub struct Topic {
    /// How to reach the brokers.
    pub settings: Settings,
    /// Its name.
    pub name: String,
}

/// A topic that is there, with the ends of its partitions before anything was read.
pub(crate) struct Pass {
    reader: Reader,
    from: Vec<(i32, i64)>,
    length: u64,
}

/// A record, and whose it is.
pub(crate) enum Record<'a, 'b> {
    /// The next one of an instance.
    Of {
        log: &'a LogName,
        place: Place,
        /// Its line, if it may be one.
        line: Result<&'a [u8], Misfit>,
        found: &'a Found<'b>,
    },
    /// One that no instance can have written.
    Foreign(Failure),
}

/// Why a record with an instance's key cannot be the next of that instance, whatever its line says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Misfit {
    /// It has no value.
    Empty,
    /// The instance's other records are in this partition.
    Astray(i32),
}

impl Misfit {
    /// What it breaks, where the event `seq` should be.
    pub(crate) fn failure(self, seq: u64, place: Place) -> Failure {
        use crate::failure::Layer::Record;
        let failure = match self {
            Self::Empty => Failure::new(seq, Record, "an event line", "a record without value"),
            Self::Astray(home) => Failure::new(
                seq,
                Record,
                format!("all records of the instance in partition {home}"),
                format!("one in partition {}", place.partition),
            )
            .because("between partitions there is no order"),
        };
        failure.at(Some(place))
    }
}

/// What a pass has seen.
pub(crate) struct Seen {
    /// The instances that were read.
    pub(crate) logs: BTreeSet<LogName>,
    /// Some of those that were not wanted.
    pub(crate) others: BTreeSet<LogName>,
}

impl Seen {
    /// What to say when the wanted instance is not there.
    pub(crate) fn lacks(self, log: &LogName) -> SourceError {
        SourceError::NoInstance {
            log: log.clone(),
            place: "the topic",
            others: self.others,
        }
    }
}

impl Topic {
    /// Looks whether the topic is there. Blocks.
    pub(crate) fn open(&self) -> Result<Pass, SourceError> {
        let opened = || {
            let reader = Reader::open(&self.settings, &self.name)?;
            let (mut from, mut length) = (Vec::new(), 0);
            for &partition in reader.partitions() {
                let (low, end) = reader.ends(partition)?;
                from.push((partition, low));
                length += u64::try_from(end - low).unwrap_or(0);
            }
            Ok(Pass {
                reader,
                from,
                length,
            })
        };
        opened().map_err(|error| self.failed(error))
    }

    /// Whether the topic is there.
    ///
    /// # Errors
    /// When it is not, or no broker answers.
    pub async fn check(&self) -> Result<(), SourceError> {
        self.blocking(|topic| topic.open().map(drop)).await
    }

    /// The instances that have records. Reads the whole topic: Kafka keeps no list of keys.
    pub(crate) async fn logs(&self) -> Result<Vec<LogName>, SourceError> {
        let seen = self.blocking(|topic| {
            let pass = topic.open()?;
            let seen = pass.read(None, |_, _| ControlFlow::Continue(()));
            seen.map_err(|error| topic.failed(error))
        });
        Ok(seen.await?.logs.into_iter().collect())
    }

    /// Does something on a thread where blocking does no harm.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        task: impl FnOnce(Self) -> Result<T, SourceError> + Send + 'static,
    ) -> Result<T, SourceError> {
        let topic = self.clone();
        let done = tokio::task::spawn_blocking(move || task(topic)).await;
        done.unwrap_or(Err(SourceError::Died))
    }

    pub(crate) fn failed(&self, cause: KafkaError) -> SourceError {
        let brokers = self.settings.brokers().to_owned();
        SourceError::Kafka { brokers, cause }
    }
}

impl Pass {
    /// About how many records there are: aborted ones and marks count, too.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// The first offset that a partition still has, if older records are gone.
    pub(crate) fn forgotten(&self) -> impl Iterator<Item = Place> + '_ {
        let forgetful = self.from.iter().filter(|(_, offset)| *offset > 0);
        forgetful.map(|&(partition, offset)| Place { partition, offset })
    }

    /// Reads everything that is committed now, one partition after another: of one instance, or of
    /// all. `each` is given the records in their order, how many there were with it, and may end the
    /// pass.
    pub(crate) fn read(
        &self,
        only: Option<&LogName>,
        mut each: impl FnMut(Record<'_, '_>, u64) -> ControlFlow<()>,
    ) -> Result<Seen, KafkaError> {
        let mut homes: BTreeMap<LogName, i32> = BTreeMap::new();
        let mut others = BTreeSet::new();
        let mut count = 0;
        let mut look = |found: &Found<'_>| {
            count += 1;
            let place = Place {
                partition: found.partition(),
                offset: found.offset(),
            };
            let log = match (log_of(found, place), only) {
                (Ok(log), Some(wanted)) if log != *wanted => {
                    if others.len() < MAX_NAMES {
                        others.insert(log);
                    }
                    return ControlFlow::Continue(());
                }
                (Ok(log), _) => log,
                (Err(_), Some(_)) => return ControlFlow::Continue(()),
                (Err(foreign), None) => return each(Record::Foreign(foreign), count),
            };
            let home = match homes.get(&log) {
                Some(home) => *home,
                None => *homes.entry(log.clone()).or_insert(place.partition),
            };
            let line = match found.value() {
                _ if home != place.partition => Err(Misfit::Astray(home)),
                value => value.ok_or(Misfit::Empty),
            };
            let record = Record::Of {
                log: &log,
                place,
                line,
                found,
            };
            each(record, count)
        };
        let mut goes_on = true;
        for from in &self.from {
            self.reader.read(std::slice::from_ref(from), |found| {
                let flow = look(found);
                goes_on = flow.is_continue();
                flow
            })?;
            if !goes_on {
                break;
            }
        }
        Ok(Seen {
            logs: homes.into_keys().collect(),
            others,
        })
    }
}

/// Whose record it is, by its key.
fn log_of(found: &Found<'_>, place: Place) -> Result<LogName, Failure> {
    let foreign = |found: String| Failure::foreign(place, "a key that names an instance", found);
    let key = found.key().ok_or_else(|| foreign("none".to_owned()))?;
    let text = String::from_utf8_lossy(key);
    LogName::new(&text).map_err(|_| {
        let shown: String = text.escape_debug().take(60).collect();
        foreign(format!("\"{shown}\""))
    })
}
