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

use crate::failure::{Failure, Layer, Place};
use crate::source::SourceError;
use crate::verify::Verifier;
use daybook_kafka::{Found, KafkaError, Reader, Settings};
use daybook_schema::line::Envelope;
use daybook_schema::{Leaf, LogName, MAX_LINE_BYTES};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Records between two looks at the progress.
const STEP: u64 = 1024;

/// Instances that one pass tells apart, so that a topic full of keys costs no memory.
const MAX_INSTANCES: usize = 10_000;

/// What a gap before the first record of a partition means.
const FORGOTTEN: &str = "the topic has forgotten the records before: retention.ms and \
                         retention.bytes must be -1";

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
        line: Line<'a, 'b>,
    },
    /// So many that are no instance's; what is wrong with the first of them.
    Foreign(Failure, u64),
}

/// The line of a record, if it may be one, and the record.
type Line<'a, 'b> = Result<(&'a [u8], &'a Found<'b>), Misfit>;

/// Why a record with an instance's key cannot be the next of that instance, whatever its line says.
#[derive(Debug)]
pub(crate) enum Misfit {
    /// It has no value.
    Empty,
    /// Its value has so many bytes: more than any line.
    TooLong(usize),
    /// It is the first record of an instance whose first line is nowhere in the topic.
    NoBeginning(Box<Failure>),
}

impl Misfit {
    /// What it breaks, where the event `seq` should be.
    pub(crate) fn failure(self, seq: u64, place: Place) -> Failure {
        let failure = match self {
            Self::Empty => Failure::new(
                seq,
                Layer::Record,
                "an event line",
                "a record without value",
            ),
            Self::TooLong(bytes) => Failure::new(
                seq,
                Layer::Record,
                format!("a line of at most {MAX_LINE_BYTES} bytes"),
                format!("a record of {bytes} bytes"),
            ),
            Self::NoBeginning(failure) => *failure,
        };
        failure.at(Some(place))
    }
}

/// Where an instance's records are.
enum Home {
    /// In the partition that has its first line.
    Partition(i32),
    /// Unknown until that is found: the first record with its key, what is wrong with it as a first
    /// line, and how many there are.
    Unknown(Place, Box<Failure>, u64),
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
        let mut homes: BTreeMap<LogName, Home> = BTreeMap::new();
        let mut others = BTreeSet::new();
        let mut count = 0;
        let mut is_too_full = false;
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
                (Err(foreign), None) => return each(Record::Foreign(foreign, 1), count),
            };
            if homes.len() == MAX_INSTANCES && !homes.contains_key(&log) {
                is_too_full = true;
                return ControlFlow::Break(());
            }
            let (foreign, line) = sort(&mut homes, &log, place, line_of(found));
            if let Some((failure, records)) = foreign {
                each(Record::Foreign(failure, records), count)?;
            }
            let Some(line) = line else {
                return ControlFlow::Continue(());
            };
            let log = &log;
            each(Record::Of { log, place, line }, count)
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
        if is_too_full {
            return Err(KafkaError::Unsuitable(format!(
                "the topic has records with keys of more than {MAX_INSTANCES} instances: name the one \
                 you mean with --instance"
            )));
        }
        let mut logs = BTreeSet::new();
        for (log, home) in homes {
            if let Home::Unknown(place, failure, _) = home
                && goes_on
            {
                let line = Err(Misfit::NoBeginning(failure));
                let log = &log;
                goes_on = each(Record::Of { log, place, line }, count).is_continue();
            }
            logs.insert(log);
        }
        Ok(Seen { logs, others })
    }
}

/// Whose a record with an instance's key is: so many foreign ones that are known by it, and its line
/// if it is the instance's.
fn sort<'a, 'b>(
    homes: &mut BTreeMap<LogName, Home>,
    log: &LogName,
    place: Place,
    line: Line<'a, 'b>,
) -> (Option<(Failure, u64)>, Option<Line<'a, 'b>>) {
    match homes.get_mut(log) {
        Some(Home::Partition(home)) if *home == place.partition => (None, Some(line)),
        Some(Home::Partition(home)) => (Some((astray(log, *home, place), 1)), None),
        _ if begins(log, &line) => {
            let home = Home::Partition(place.partition);
            let early = match homes.insert(log.clone(), home) {
                Some(Home::Unknown(first, _, records)) => {
                    Some((early(log, place, first, records), records))
                }
                _ => None,
            };
            (early, Some(line))
        }
        Some(Home::Unknown(_, _, records)) => {
            *records += 1;
            (None, None)
        }
        None => {
            let failure = Box::new(no_beginning(log, line, place));
            homes.insert(log.clone(), Home::Unknown(place, failure, 1));
            (None, None)
        }
    }
}

fn line_of<'a, 'b>(found: &'a Found<'b>) -> Line<'a, 'b> {
    match found.value() {
        None => Err(Misfit::Empty),
        Some(value) if value.len() > MAX_LINE_BYTES => Err(Misfit::TooLong(value.len())),
        Some(value) => Ok((value, found)),
    }
}

/// Whether a line says that it is the first of the instance.
fn begins(log: &LogName, line: &Line<'_, '_>) -> bool {
    let line = line.as_ref().ok().and_then(|(line, _)| Envelope::of(line));
    line.is_some_and(|line| {
        line.log == log.as_str() && line.seq == 0 && line.prev == Leaf::default().to_string()
    })
}

/// What is wrong with a record as the first of its instance.
fn no_beginning(log: &LogName, line: Line<'_, '_>, place: Place) -> Failure {
    let checked = match line {
        Ok((line, _)) => Verifier::new(log.clone(), &[]).check(line),
        Err(misfit) => Err(misfit.failure(0, place)),
    };
    let other = || Failure::new(0, Layer::Line, "an event line", "another form of it");
    checked.err().unwrap_or_else(other).at(Some(place))
}

/// A record with an instance's key where that instance is not.
fn astray(log: &LogName, home: i32, place: Place) -> Failure {
    let expected = format!("all records of \"{log}\" in partition {home}");
    let found = format!("one in partition {}", place.partition);
    Failure::foreign(place, expected, found).because("between partitions there is no order")
}

/// Records with an instance's key that were found before its first line was, at `home`.
fn early(log: &LogName, home: Place, first: Place, records: u64) -> Failure {
    let expected = format!("nothing of \"{log}\" before its first line, {home}");
    let found = match records {
        1 => "a record with its key".to_owned(),
        _ => format!("{records} records with its key"),
    };
    Failure::foreign(first, expected, found)
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
