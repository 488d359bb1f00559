//! The end of the events topic: how far every instance has come.
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

/// Follows the end of the topic.
pub struct Tail {
    reader: Reader,
    /// For each partition, the offset behind the last record that was looked at.
    next: BTreeMap<i32, i64>,
    /// Partitions that do not begin at their beginning any more.
    forgetful: BTreeSet<i32>,
    positions: BTreeMap<LogName, Position>,
    sought: BTreeSet<LogName>,
}

impl Tail {
    /// At the end of the topic, without having looked for anybody.
    ///
    /// # Errors
    /// When the topic does not exist, or no broker answers.
    pub fn open(settings: &Settings, topic: &str) -> Result<Self, KafkaError> {
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
            next,
            forgetful,
            positions: BTreeMap::new(),
            sought: BTreeSet::new(),
        })
    }

    /// Reads what came since the last look, and looks for instances that were not looked for before.
    ///
    /// # Errors
    /// When no broker answers.
    pub fn catch_up(&mut self, wanted: &BTreeSet<LogName>) -> Result<(), KafkaError> {
        let mut from = Vec::new();
        for (&partition, &next) in &self.next {
            if self.reader.ends(partition)?.1 > next {
                from.push((partition, next));
            }
        }
        if !from.is_empty() {
            let (next, positions) = (&mut self.next, &mut self.positions);
            self.reader.read(&from, |found| {
                next.insert(found.partition(), found.offset() + 1);
                note(positions, found);
                ControlFlow::Continue(())
            })?;
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
                note(positions, found);
                ControlFlow::Continue(())
            })?;
            let found = wanted.iter().all(|log| self.positions.contains_key(log));
            if found || is_all {
                return Ok(());
            }
            step = step.saturating_mul(GROWTH);
        }
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

/// Takes note of a record, if it is a line of the instance that its key names. What else is there is
/// for whoever verifies the topic.
fn note(positions: &mut BTreeMap<LogName, Position>, found: &Found<'_>) {
    let (Some(key), Some(line)) = (found.key(), found.value()) else {
        return;
    };
    let Some(envelope) = Envelope::of(line).filter(|line| line.log.as_bytes() == key) else {
        return;
    };
    let Ok(log) = LogName::new(envelope.log) else {
        return;
    };
    let size = envelope.seq.saturating_add(1);
    let known = positions.get(&log).map_or(0, |known| known.head.size);
    if size > known {
        let leaf = hash::leaf(line);
        let position = Position {
            head: Head { size, leaf },
            partition: found.partition(),
        };
        positions.insert(log, position);
    }
}
