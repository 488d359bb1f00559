//! What a verifier says about the first line that is wrong.

use daybook_schema::Broken;
use serde::Serialize;
use std::fmt;

/// Which check found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The bytes are no event line in canonical form.
    Line,
    /// The line does not continue the one before it.
    Chain,
    /// A public transaction does not continue its point of sale, or a sale contradicts itself.
    Transaction,
    /// The record of a topic is not one that a line belongs in, or says something else beside it.
    Record,
    /// The topic has forgotten older records.
    Retention,
    /// The lines do not end where the store's own record says.
    StoreHead,
    /// The lines are not those that a head from outside was taken of.
    KnownHead,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "line",
            Self::Chain => "chain",
            Self::Transaction => "transaction",
            Self::Record => "record",
            Self::Retention => "retention",
            Self::StoreHead => "store head",
            Self::KnownHead => "known head",
        })
    }
}

/// Where a record stands in its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Which partition.
    pub partition: i32,
    /// Its number within the partition.
    pub offset: i64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "partition {}, offset {}", self.partition, self.offset)
    }
}

/// The first place where a log is broken. Its text says what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("expected {expected}, found {found}{}", Hint(*.layer, .hint))]
pub struct Failure {
    /// Seq of the line that does not fit, or of the first that is missing; none of a record that is
    /// no instance's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Its record, where the lines are from a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Which check found it.
    pub layer: Layer,
    /// What should stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// What that means, where it needs saying.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub hint: &'static str,
}

struct Hint(Layer, &'static str);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            "" => write!(f, " ({})", self.0),
            hint => write!(f, " ({}: {hint})", self.0),
        }
    }
}

impl Failure {
    pub(crate) fn new(
        seq: u64,
        layer: Layer,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) -> Self {
        let (expected, found) = (expected.to_string(), found.to_string());
        Self {
            seq: Some(seq),
            place: None,
            layer,
            expected,
            found,
            hint: "",
        }
    }

    /// A record that is no instance's.
    #[cfg(feature = "kafka")]
    pub(crate) fn foreign(
        place: Place,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) -> Self {
        Self {
            seq: None,
            place: Some(place),
            ..Self::new(0, Layer::Record, expected, found)
        }
    }

    #[cfg(feature = "kafka")]
    pub(crate) const fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Where it is, as people read it: `seq 17`, `seq 17, partition 0, offset 4711`.
    #[must_use]
    pub fn location(&self) -> String {
        match (self.seq, self.place) {
            (Some(seq), None) => format!("seq {seq}"),
            (Some(seq), Some(place)) => format!("seq {seq}, {place}"),
            (None, Some(place)) => place.to_string(),
            (None, None) => "an unknown place".to_owned(),
        }
    }

    pub(crate) const fn because(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// What a check of the law said about the line at `seq`.
    pub(crate) fn of(seq: u64, broken: &Broken) -> Self {
        use Layer::{Chain, KnownHead, Line, Transaction};
        match broken {
            Broken::Line(error) => Self::new(seq, Line, "an event line", error),
            Broken::Log { expected, found } => Self::new(
                seq,
                Chain,
                format!("a line of instance \"{expected}\""),
                format!("one of instance \"{found}\""),
            ),
            Broken::Seq { expected, found } => Self::new(
                seq,
                Chain,
                format!("seq {expected}"),
                format!("seq {found}"),
            ),
            Broken::Prev { expected, found } => Self::new(
                seq,
                Chain,
                format!("prev {expected}"),
                format!("prev {found}"),
            )
            .because("this line was not written after the one that now stands before it"),
            Broken::Time { expected, found } => {
                Self::new(seq, Chain, format!("a time not before {expected}"), found)
            }
            Broken::TxId { expected, found } => Self::new(
                seq,
                Transaction,
                format!("transaction {expected}"),
                format!("transaction {found}"),
            ),
            Broken::TxHash {
                id,
                expected,
                found,
            } => Self::new(
                seq,
                Transaction,
                format!("hash {expected} of transaction {id}"),
                format!("hash {found}"),
            ),
            Broken::Sale { expected, found } => Self::new(seq, Transaction, expected, found),
            Broken::Truncated { expected, found } => Self::new(
                seq,
                KnownHead,
                format!("{expected} events"),
                format!("{found}"),
            )
            .because("the tail is missing"),
            Broken::Head { expected, found } => Self::new(
                seq,
                KnownHead,
                format!("leaf {expected}"),
                format!("leaf {found}"),
            )
            .because("history was rewritten here or before"),
        }
    }

    /// The log ends before a head.
    pub(crate) fn truncated(expected: u64, found: u64, layer: Layer) -> Self {
        let broken = Broken::Truncated { expected, found };
        Self {
            layer,
            ..Self::of(found, &broken)
        }
    }
}
