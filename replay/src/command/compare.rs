//! `compare`: whether a topic holds what the store holds.

use super::{CommandError, TopicArgs, counted};
use crate::topic::compare::{Compare, Compared};
use crate::topic::range::{Difference, RangeDigests, Side};
use clap::Args;
use daybook_schema::{Digest, EventLog, LogName};
use indicatif::ProgressBar;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// What `compare` is asked.
#[derive(Args, Clone, Debug)]
pub struct CompareOptions {
    /// Kafka brokers: host:port, several with commas
    #[arg(long, value_name = "BROKERS", env = "DAYBOOK_KAFKA")]
    pub kafka: String,

    #[command(flatten)]
    #[expect(missing_docs, reason = "the arguments have texts of their own")]
    pub topic: TopicArgs,

    /// Which instance [default: every one of the store and of the topic]
    #[arg(long, value_name = "SLUG")]
    pub instance: Option<LogName>,

    /// Refuse a topic that lags behind the store, too
    #[arg(long)]
    pub complete: bool,

    /// Show every range with its digest, to compare with another's
    #[arg(long)]
    pub ranges: bool,
}

/// The long help of `compare`.
pub const HELP: &str = "\
Compares, for each instance, ranges of 1,024 events: the BLAKE3 digest of the lines of a range,
each followed by one LF, in the store and in the topic. The first event that differs is told with
its seq, partition and offset, and with what either side holds there.

What the store holds beyond the topic is lag: told, and no difference unless --complete is given.
What the topic holds beyond the store is a difference, and so is an instance of which the topic
has nothing when it has forgotten records. A foreign record, which is of no instance or not where
its instance is, is a difference too: `verify --kafka` says which.

Ranges are the same for everybody, so two who hold copies compare what --ranges prints, and need
not show each other a single event. They end where a record of the topic can be no line.

Nothing is written, and nothing needs to be stopped meanwhile. Memory is that of a range for each
instance, of 10,000 at most. Equal sides may both be wrong: `verify` checks each by itself.
Exit code 0: equal; 1: different; 3: one side cannot be read.";

/// How the sides compare.
#[derive(Clone, Debug)]
pub struct Comparison {
    instances: Vec<Row>,
    foreign: u64,
    complete: bool,
}

/// An instance in words.
#[derive(Clone, Debug)]
struct Row(Compared);

impl CompareOptions {
    /// Compares. `bar` makes a progress bar for so many events.
    ///
    /// # Errors
    /// When a side cannot be read, or nobody has the instance.
    pub async fn run(
        &self,
        store: Arc<dyn EventLog>,
        bar: impl Fn(u64) -> ProgressBar,
    ) -> Result<Comparison, CommandError> {
        let compare = Compare {
            store,
            topic: self.topic.topic(&self.kafka)?,
            only: self.instance.clone(),
            ranges: self.ranges,
        };
        let bar = bar(0);
        let shown = bar.clone();
        let compared = compare.run(move |records, length| {
            shown.set_length(length.max(records));
            shown.set_position(records);
        });
        let compared = compared.await;
        bar.finish_and_clear();
        let compared = compared?;
        if compared.instances.is_empty() && compared.foreign == 0 {
            return Err(CommandError::No(
                "neither store nor topic holds an event: nothing to compare".to_owned(),
            ));
        }
        Ok(Comparison {
            instances: compared.instances.into_iter().map(Row).collect(),
            foreign: compared.foreign,
            complete: self.complete,
        })
    }
}

impl Comparison {
    /// Whether the answer is yes.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        self.is_equal() && (self.is_complete() || !self.complete)
    }

    fn is_equal(&self) -> bool {
        self.foreign == 0 && self.instances.iter().all(|row| row.0.difference.is_none())
    }

    fn is_complete(&self) -> bool {
        self.instances.iter().all(|row| row.0.lag == 0)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.foreign > 0 {
            let records = counted(self.foreign, "foreign record");
            writeln!(
                f,
                "the topic holds {records}: `daybook verify --kafka` says which"
            )?;
        }
        for (index, row) in self.instances.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            f.write_str(separator)?;
            for range in &row.0.ranges {
                writeln!(f, "{} {}", row.0.instance, RangeText(range))?;
            }
            if let Some(seq) = row.0.ranges_end {
                let instance = &row.0.instance;
                writeln!(
                    f,
                    "{instance} no ranges from seq {seq} on: a record there is no line"
                )?;
            }
            row.fmt(f)?;
        }
        Ok(())
    }
}

impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("equal", &self.is_equal())?;
        members.serialize_entry("complete", &self.is_complete())?;
        members.serialize_entry("foreign", &self.foreign)?;
        members.serialize_entry("instances", &self.instances)?;
        members.end()
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Compared {
            instance,
            topic,
            lag,
            difference,
            ranges,
            ranges_end,
        } = &self.0;
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("instance", instance)?;
        members.serialize_entry("equal", &difference.is_none())?;
        if let Some(difference) = difference {
            members.serialize_entry("difference", difference)?;
        } else {
            members.serialize_entry("events", &topic.size)?;
            members.serialize_entry("leaf", &topic.leaf)?;
            members.serialize_entry("lag", lag)?;
        }
        if !ranges.is_empty() {
            members.serialize_entry("ranges", ranges)?;
        }
        if let Some(seq) = ranges_end {
            members.serialize_entry("ranges_end", seq)?;
        }
        members.serialize_entry("text", &self.to_string())?;
        members.end()
    }
}

struct RangeText<'a>(&'a RangeDigests);

impl fmt::Display for RangeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RangeDigests {
            from,
            to,
            store,
            topic,
        } = self.0;
        let shown = |digest: &Option<Digest>| {
            digest.map_or_else(|| "nothing".to_owned(), |digest| digest.to_string())
        };
        if store == topic {
            return write!(f, "[{from}, {to}) {}", shown(store));
        }
        let (store, topic) = (shown(store), shown(topic));
        write!(f, "[{from}, {to}) store {store}, topic {topic}")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Compared {
            instance,
            topic,
            lag,
            difference,
            ..
        } = &self.0;
        if let Some(difference) = difference {
            return write!(f, "{instance}: DIFFERENT at {}", InWords(difference));
        }
        let events = counted(topic.size, "event");
        write!(
            f,
            "{instance}: equal: {events}, head {}:{}",
            topic.size, topic.leaf
        )?;
        if *lag > 0 {
            let lacking = counted(*lag, "event");
            write!(f, "; lag: the topic lacks the last {lacking} of the store")?;
        }
        Ok(())
    }
}

struct InWords<'a>(&'a Difference);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference {
            seq,
            place,
            byte,
            store,
            topic,
            record,
        } = self.0;
        write!(f, "seq {seq}")?;
        if let Some(place) = place {
            write!(f, ", {place}")?;
        }
        if let Some(record) = record {
            return write!(f, ": the topic holds {record} there");
        }
        if let Some(byte) = byte {
            write!(f, ", byte {byte} of the line")?;
        }
        let side = |side: &Option<Side>| match side {
            None => "nothing".to_owned(),
            Some(side) if side.seq == Some(*seq) => format!("leaf {}", side.leaf),
            Some(Side {
                leaf,
                seq: Some(seq),
            }) => format!("leaf {leaf}, of seq {seq}"),
            Some(Side { leaf, seq: None }) => format!("leaf {leaf}, which is no line"),
        };
        let (store, topic) = (side(store), side(topic));
        write!(f, ": the store holds {store}; the topic holds {topic}")
    }
}
