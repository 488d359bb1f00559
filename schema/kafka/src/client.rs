//! Clients of the library, made in one place, and what they say while they run.

use crate::error::KafkaError;
use crate::settings::Settings;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError as KafkaCause, KafkaResult, RDKafkaErrorCode as Code};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a broker may take to answer a question.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How long brokers may take to settle who is responsible for a partition.
const SETTLING: Duration = Duration::from_secs(5);

/// Largest record that we write or read: a line has at most 65,535 bytes, an entity of a view is
/// bounded by what one event can make of it, and headers come on top.
pub(crate) const MAX_RECORD_BYTES: usize = 4 << 20;

/// Hands on what the library says. Brokers come and go, so this is told at most in detail; the last of
/// it explains why an answer stays away.
#[derive(Default)]
pub(crate) struct Context {
    trouble: Mutex<Option<String>>,
}

impl Context {
    fn note(&self, trouble: &str) {
        // What the library says of its own threads helps nobody.
        let trouble = match trouble.split_once("]: ") {
            Some((thread, trouble)) if thread.starts_with("[thrd:") => trouble,
            _ => trouble,
        };
        let mut noted = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = Some(trouble.to_owned());
    }

    /// What an error about `topic` means, with the reason that the library gave beside it.
    pub(crate) fn sort(&self, topic: &str, cause: &KafkaCause) -> KafkaError {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match (KafkaError::of(topic, cause), trouble.as_ref()) {
            (KafkaError::Unavailable(why), Some(trouble)) => {
                KafkaError::Unavailable(format!("{trouble}; {why}"))
            }
            (sorted, _) => sorted,
        }
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => {
                tracing::debug!(facility, "Kafka client: {message}");
                self.note(message);
            }
            RDKafkaLogLevel::Warning => tracing::debug!(facility, "Kafka client: {message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
                tracing::trace!(facility, "Kafka client: {message}");
            }
        }
    }

    fn error(&self, error: KafkaCause, reason: &str) {
        tracing::trace!(%error, "Kafka client: {reason}");
        // The end of a partition is no error, and that nobody answers is known without a reason.
        let says_nothing = matches!(
            error.rdkafka_error_code(),
            Some(Code::PartitionEOF | Code::AllBrokersDown)
        );
        if !says_nothing {
            self.note(reason);
        }
    }
}

impl ConsumerContext for Context {}

/// What all clients have in common, and a kind of client besides. What the settings say counts more,
/// except for what is Daybook's.
pub(crate) fn config(settings: &Settings, besides: &[(&str, &str)]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("client.id", "daybook")
        .set("message.max.bytes", MAX_RECORD_BYTES.to_string())
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "2000")
        .set("socket.nagle.disable", "true")
        .set("log.connection.close", "false");
    for (name, value) in besides {
        config.set(*name, *value);
    }
    for (name, value) in settings.properties() {
        config.set(name, value);
    }
    config.set("bootstrap.servers", settings.brokers());
    config
}

/// Makes a client.
pub(crate) fn create<T: FromClientConfigAndContext<Context>>(
    config: &ClientConfig,
) -> Result<T, KafkaError> {
    let refused = |error| {
        let KafkaError::Settings(why) = KafkaError::of("", &error) else {
            return KafkaError::Settings(error.to_string());
        };
        // The library's own words name its build flags, which help nobody here.
        let lacks_tls =
            cfg!(not(feature = "tls")) && (why.contains("SSL") || why.contains("SCRAM"));
        KafkaError::Settings(if lacks_tls {
            "this program was built without TLS for Kafka, which SASL's SCRAM needs too: build it \
             with --features kafka-tls"
                .to_owned()
        } else {
            why
        })
    };
    config
        .create_with_context(Context::default())
        .map_err(refused)
}

/// Which records a reader sees.
#[derive(Clone, Copy)]
pub(crate) enum Isolation {
    /// Those of transactions that were committed: what everybody should read.
    Committed,
    /// All, also those that were or will be aborted.
    Uncommitted,
}

/// A client that reads partitions that it is told, and leaves no trace at the broker.
pub(crate) fn consumer(
    settings: &Settings,
    isolation: Isolation,
) -> Result<BaseConsumer<Context>, KafkaError> {
    let level = match isolation {
        Isolation::Committed => "read_committed",
        Isolation::Uncommitted => "read_uncommitted",
    };
    let mut config = config(
        settings,
        &[
            ("fetch.wait.max.ms", "50"),
            ("fetch.error.backoff.ms", "50"),
            // The library's own second makes large reads several times slower.
            ("fetch.queue.backoff.ms", "5"),
            // Bounds memory: what has been fetched and not yet been looked at.
            ("queued.max.messages.kbytes", "16384"),
        ],
    );
    config
        .set("group.id", "daybook")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "error")
        .set("check.crcs", "true")
        .set("isolation.level", level);
    create(&config)
}

/// What an error means, after hearing what the library has yet to tell.
pub(crate) fn explain(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    error: &KafkaCause,
) -> KafkaError {
    while let Some(Err(_)) = consumer.poll(Duration::ZERO) {}
    consumer.context().sort(topic, error)
}

/// Asks again while brokers settle who is responsible, as they do after a start and for topics that
/// were just made.
pub(crate) fn patiently<T>(ask: impl Fn() -> KafkaResult<T>) -> KafkaResult<T> {
    let begun = Instant::now();
    loop {
        let answer = ask();
        let unsettled = matches!(
            answer
                .as_ref()
                .err()
                .and_then(KafkaCause::rdkafka_error_code),
            Some(
                Code::NotLeaderForPartition
                    | Code::LeaderNotAvailable
                    | Code::UnknownTopicOrPartition
                    | Code::UnknownPartition
            )
        );
        if !unsettled || begun.elapsed() > SETTLING {
            return answer;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
}
