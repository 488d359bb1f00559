//! The end of a topic: how far every instance has come in it.
//!
//! There is no other record of what has been published: no table, no committed offsets. Whoever wants
//! to go on reads the last record of each instance, and goes on behind it.

use crate::error::KafkaError;
use crate::reader::{Found, Reader};
use crate::record::partition_of;
use crate::settings::Settings;
use daybook_schema::line::Envelope;
use daybook_schema::{Head, LogName, hash};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// How many records the first look behind the end takes in, and by what it grows when that was too few.
const FIRST_STEP: i64 = 64;
const GROWTH: i64 = 8;

/// Where an instance stands in the topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The head of what the topic holds: the next seq, and the leaf of the last line.
    pub head: Head,
    /// The partition that its events are in, also when more partitions were added later.
    pub partition: i32,
}

/// Says of which instance a record is, and where that stands with it.
type Note = fn(&Found<'_>) -> Option<(LogName, Head)>;

/// Follows the end of a topic.
pub struct Tail {
    reader: Reader,
    note: Note,
    /// For each partition, the offset behind the last record that was looked at.
    next: BTreeMap<i32, i64>,
    /// Partitions that do not begin at their beginning any more.
    forgetful: BTreeSet<i32>,
    positions: BTreeMap<LogName, Position>,
    sought: BTreeSet<LogName>,
}

impl Tail {
    /// At the end of a topic of events, without having looked for anybody.
    ///
    /// # Errors
    /// When the topic does not exist, or no broker answers.
    pub fn open(settings: &Settings, topic: &str) -> Result<Self, KafkaError> {
        Self::with(settings, topic, line)
    }

    /// At the end of a topic of entities, of which every record says which event it reflects.
    ///
    /// # Errors
    /// When the topic does not exist, or no broker answers.
    pub fn of_entities(settings: &Settings, topic: &str) -> Result<Self, KafkaError> {
        Self::with(settings, topic, entity)
    }

    fn with(settings: &Settings, topic: &str, note: Note) -> Result<Self, KafkaError> {
        let reader = Reader::open(settings, topic)?;
        let mut next = BTreeMap::new();
        let mut forgetful = BTreeSet::new();
        for &partition in reader.partitions() {
            let (low, end) = reader.ends(partition)?;
            next.insert(partition, end);
            if low > 0 {
                forgetful.insert(partition);
            }
        }
        Ok(Self {
            reader,
            note,
            next,
            forgetful,
            positions: BTreeMap::new(),
            sought: BTreeSet::new(),
        })
    }

    /// Reads what came since the last look, and looks for instances that were not looked for before.
    ///
    /// # Errors
    /// When no broker answers, or the topic is another one than before.
    pub fn catch_up(&mut self, wanted: &BTreeSet<LogName>) -> Result<(), KafkaError> {
        let (mut from, mut ends) = (Vec::new(), Vec::new());
        for (&partition, &next) in &self.next {
            let end = self.reader.ends(partition)?.1;
            if end < next {
                return Err(KafkaError::Unsuitable(format!(
                    "the topic \"{}\" is shorter than it was: somebody has made it anew, or brokers \
                     have lost a part of it",
                    self.reader.topic()
                )));
            }
            if end > next {
                from.push((partition, next));
                ends.push((partition, end));
            }
        }
        if !from.is_empty() {
            let (next, positions) = (&mut self.next, &mut self.positions);
            self.reader.read(&from, |found| {
                next.insert(found.partition(), found.offset() + 1);
                take(positions, found, self.note);
                ControlFlow::Continue(())
            })?;
        }
        // What ends a batch takes an offset, too, and is no record.
        for (partition, end) in ends {
            let next = self.next.entry(partition).or_default();
            *next = end.max(*next);
        }
        let unknown: BTreeSet<LogName> = wanted.difference(&self.sought).cloned().collect();
        if !unknown.is_empty() {
            self.seek(&unknown)?;
            self.sought.extend(unknown);
        }
        Ok(())
    }

    /// Goes back from the end, in growing steps, until every instance is found or nothing is left.
    fn seek(&mut self, wanted: &BTreeSet<LogName>) -> Result<(), KafkaError> {
        let mut step = FIRST_STEP;
        loop {
            let mut from = Vec::new();
            let mut is_all = true;
            for (&partition, &next) in &self.next {
                let (low, _) = self.reader.ends(partition)?;
                let begin = low.max(next.saturating_sub(step));
                is_all &= begin == low;
                if begin < next {
                    from.push((partition, begin));
                }
            }
            let positions = &mut self.positions;
            self.reader.read(&from, |found| {
                take(positions, found, self.note);
                ControlFlow::Continue(())
            })?;
            let found = wanted.iter().all(|log| self.positions.contains_key(log));
            if found || is_all {
                return Ok(());
            }
            step = step.saturating_mul(GROWTH);
        }
    }

    /// Whether the topic still has the partitions that are followed.
    ///
    /// # Errors
    /// When no broker answers.
    pub fn follows_all(&self, settings: &Settings) -> Result<bool, KafkaError> {
        let now = Reader::open(settings, self.reader.topic())?;
        Ok(now.partitions() == self.reader.partitions())
    }

    /// How many events the records of an instance say it has.
    #[must_use]
    pub fn size(&self, log: &LogName) -> u64 {
        self.positions.get(log).map_or(0, |found| found.head.size)
    }

    /// Where an instance stands; one that was never published stands at the beginning of the partition
    /// that its key belongs to.
    ///
    /// # Errors
    /// When it is not in the topic, and might have been before the topic forgot its oldest records.
    pub fn position(&self, log: &LogName) -> Result<Position, KafkaError> {
        if let Some(position) = self.positions.get(log) {
            return Ok(*position);
        }
        if let Some(partition) = self.forgetful.first() {
            return Err(KafkaError::Unsuitable(format!(
                "the topic \"{}\" has forgotten its oldest records (partition {partition}), and holds \
                 none of \"{log}\": nobody can tell whether its events were there. Name a new topic, \
                 or delete this one",
                self.reader.topic()
            )));
        }
        let partitions = i32::try_from(self.reader.partitions().len()).unwrap_or(i32::MAX);
        Ok(Position {
            head: Head::default(),
            partition: partition_of(log.as_str().as_bytes(), partitions),
        })
    }
}

/// Takes note of a record that says how far an instance has come. What else is there is for whoever
/// verifies the topic.
fn take(positions: &mut BTreeMap<LogName, Position>, found: &Found<'_>, note: Note) {
    let Some((log, head)) = note(found) else {
        return;
    };
    let known = positions.get(&log).map_or(0, |known| known.head.size);
    if head.size > known {
        let partition = found.partition();
        positions.insert(log, Position { head, partition });
    }
}

/// A line of the instance that its key names.
fn line(found: &Found<'_>) -> Option<(LogName, Head)> {
    let (key, line) = (found.key()?, found.value()?);
    let envelope = Envelope::of(line).filter(|line| line.log.as_bytes() == key)?;
    let head = Head {
        size: envelope.seq.checked_add(1)?,
        leaf: hash::leaf(line),
    };
    Some((LogName::new(envelope.log).ok()?, head))
}

/// An entity, whose key begins with its instance, and the event that it reflects.
fn entity(found: &Found<'_>) -> Option<(LogName, Head)> {
    let (instance, _) = std::str::from_utf8(found.key()?).ok()?.split_once('/')?;
    let headers = found.headers();
    let (_, seq) = headers.iter().find(|(name, _)| *name == "ce_sequence")?;
    let seq: u64 = std::str::from_utf8(seq).ok()?.parse().ok()?;
    let head = Head {
        size: seq.checked_add(1)?,
        ..Head::default()
    };
    Some((LogName::new(instance).ok()?, head))
}
