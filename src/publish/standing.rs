//! Where an instance stands in the topic, and whether publishing may go on from there.

use crate::metrics::PublishMetrics;
use daybook_kafka::{KafkaError, Position, Tail};
use daybook_projections::Views;
use daybook_schema::{EventLog, Head, LogError, LogName, hash};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The instances of this node, each with its views as of a commit.
pub(super) type Books = BTreeMap<LogName, Arc<Views>>;

/// Whether an instance can be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// From here.
    At(Position),
    /// Not at all, and why. Somebody has to look.
    Halted(String),
}

impl Standing {
    /// How many events the topic lacks; none for an instance that cannot be published.
    pub(super) fn lag(&self, views: &Views) -> u64 {
        match self {
            Self::At(position) => views.head.size.saturating_sub(position.head.size),
            Self::Halted(_) => 0,
        }
    }

    /// How many events the topic holds.
    pub(super) const fn published(&self) -> u64 {
        match self {
            Self::At(position) => position.head.size,
            Self::Halted(_) => 0,
        }
    }

    /// Shows it to whoever looks at the figures.
    pub(super) fn show(&self, log: &LogName, metrics: &PublishMetrics) {
        metrics.halted(log, matches!(self, Self::Halted(_)));
        if let Self::At(position) = self {
            metrics.published(log, position.head.size);
        }
    }
}

/// Compares the topic's last record of an instance with the log's line of that seq: a topic that holds
/// anything else is never continued.
pub(super) async fn stand(
    tail: &Tail,
    store: &dyn EventLog,
    log: &LogName,
) -> Result<Standing, LogError> {
    let position = match tail.position(log) {
        Ok(position) => position,
        Err(KafkaError::Unsuitable(why)) => return Ok(Standing::Halted(why)),
        Err(error) => return Ok(Standing::Halted(error.to_string())),
    };
    let Head { size, leaf } = position.head;
    let Some(last) = size.checked_sub(1) else {
        return Ok(Standing::At(position));
    };
    let found = store.read(log, last, 1).await?;
    let Some(line) = found.first() else {
        let has = store.head(log).await?.size;
        return Ok(Standing::Halted(format!(
            "the topic holds {size} events of \"{log}\", and the log has {has}: the log was set back. \
             Restore it from the topic (daybook restore --kafka)"
        )));
    };
    if hash::leaf(line) != leaf {
        return Ok(Standing::Halted(format!(
            "the topic holds another event {last} of \"{log}\" than the log: see `daybook compare \
             --kafka`"
        )));
    }
    Ok(Standing::At(position))
}
