//! What the process counts, for Prometheus.

mod publish;

pub use publish::PublishMetrics;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// All figures of a node.
pub struct Metrics {
    registry: Registry,
    events: Counter,
    batch: Histogram,
    append: Histogram,
    commands: Family<CommandLabels, Counter>,
    /// Sockets that are open now.
    pub sockets: Gauge,
    /// Publishing into Kafka; empty without a broker in the settings.
    pub publish: PublishMetrics,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CommandLabels {
    door: &'static str,
    command: &'static str,
    outcome: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("daybook");
        let events = Counter::default();
        registry.register(
            "events_appended",
            "Events this node appended",
            events.clone(),
        );
        let batch = Histogram::new(exponential_buckets(1.0, 2.0, 13));
        registry.register("append_batch_events", "Events per append", batch.clone());
        let append = Histogram::new(exponential_buckets(0.000_1, 2.0, 16));
        let help = "Time of a successful append, until it is durable";
        registry.register_with_unit("append", help, Unit::Seconds, append.clone());
        let commands = Family::<CommandLabels, Counter>::default();
        let help = "Commands answered, by door, command and outcome (ok or the error's name)";
        registry.register("commands", help, commands.clone());
        let sockets = Gauge::default();
        registry.register("sockets", "WebSockets open now", sockets.clone());
        registry.register_collector(Box::new(ProcessTime));
        let publish = PublishMetrics::default();
        publish.register(&mut registry);
        Self {
            registry,
            events,
            batch,
            append,
            commands,
            sockets,
            publish,
        }
    }
}

impl Metrics {
    /// Counts a committed batch.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub fn committed(&self, events: usize) {
        self.events.inc_by(events as u64);
        self.batch.observe(events as f64);
    }

    /// Counts the time of an append.
    pub fn append_seconds(&self, elapsed: Duration) {
        self.append.observe(elapsed.as_secs_f64());
    }

    /// Counts an answered command. `command` is a known name, never a client's text.
    pub fn answered(&self, door: &'static str, command: &'static str, outcome: &'static str) {
        self.commands
            .get_or_create(&CommandLabels {
                door,
                command,
                outcome,
            })
            .inc();
    }

    /// The figures in the text format of OpenMetrics.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        prometheus_client::encoding::text::encode(&mut text, &self.registry).unwrap_or_default();
        text
    }
}

/// The processor time of this process, asked when somebody looks.
#[derive(Debug)]
struct ProcessTime;

impl Collector for ProcessTime {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Some(seconds) = process_seconds() else {
            return Ok(());
        };
        let counter = ConstCounter::new(seconds);
        let help = "User and system time of this process";
        let metric = encoder.encode_descriptor(
            "process_cpu",
            help,
            Some(&Unit::Seconds),
            counter.metric_type(),
        )?;
        counter.encode(metric)
    }
}

/// User and system time in seconds, on systems that have `/proc`.
fn process_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The command name in brackets may hold spaces; the fields after it do not.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    // Linux reports hundredths of a second to user space, on every architecture.
    Some((ticks(11)? + ticks(12)?) / 100.0)
}
