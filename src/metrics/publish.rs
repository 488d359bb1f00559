//! What publishing into Kafka counts.

use daybook_schema::LogName;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The publisher's figures. They appear with the first thing that is set.
#[derive(Default)]
pub struct PublishMetrics {
    /// 1 on the node that publishes, 0 on one that watches or cannot.
    pub publishing: Gauge,
    /// Events that this node brought into the topic.
    pub events: Counter,
    /// Entities of views that this node brought into their topics, with tombstones.
    pub entities: Counter,
    /// How often publishing was interrupted by a failure.
    pub failures: Counter,
    lag: Family<InstanceLabel, Gauge>,
    halted: Family<InstanceLabel, Gauge>,
    /// Nothing until a publisher begins.
    published: Mutex<Option<BTreeMap<LogName, u64>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InstanceLabel {
    instance: String,
}

impl InstanceLabel {
    fn of(log: &LogName) -> Self {
        Self {
            instance: log.to_string(),
        }
    }
}

impl PublishMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("kafka");
        let help = "1 on the node that publishes into Kafka, 0 on the others";
        registry.register("publishing", help, self.publishing.clone());
        let help = "Events that this node brought into the events topic";
        registry.register("published_events", help, self.events.clone());
        let help = "Entities that this node brought into the topics of views";
        registry.register("published_entities", help, self.entities.clone());
        let help = "How often publishing was interrupted";
        registry.register("failures", help, self.failures.clone());
        let help = "Events in the log that the events topic lacks, as far as this node knows";
        registry.register("lag_events", help, self.lag.clone());
        let help = "1 when the topic contradicts the log, so that nothing more is published";
        registry.register("halted", help, self.halted.clone());
    }

    /// A publisher begins: from now on there is something to lag behind.
    pub fn begin(&self) {
        self.held().get_or_insert_default();
    }

    /// Takes note of how many events of an instance the topic holds.
    pub fn published(&self, log: &LogName, events: u64) {
        if let Some(published) = self.held().as_mut() {
            published.insert(log.clone(), events);
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<BTreeMap<LogName, u64>>> {
        self.published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of whether an instance cannot be published.
    pub fn halted(&self, log: &LogName, is_halted: bool) {
        let halted = self.halted.get_or_create(&InstanceLabel::of(log));
        halted.set(i64::from(is_halted));
    }

    /// Shows how far the topic is behind a log of so many events, when somebody looks.
    pub fn lags(&self, log: &LogName, events: u64) {
        let Some(published) = self.held().as_ref().map(|held| held.get(log).copied()) else {
            return;
        };
        let lag = events.saturating_sub(published.unwrap_or(0));
        let shown = self.lag.get_or_create(&InstanceLabel::of(log));
        shown.set(i64::try_from(lag).unwrap_or(i64::MAX));
    }
}
