//! Writes batches of records, each wholly or not at all, and by one writer alone.
//!
//! How exactly one copy of every line comes into the topic, whatever dies:
//!
//! 1. Writers of a topic share one name (`transactional.id`). Whoever begins under it ends all
//!    earlier ones: the broker refuses their records and aborts the batch that they had open.
//! 2. A batch is a Kafka transaction: readers of committed records see all of it or nothing.
//! 3. After beginning, and not before, a writer reads how far the topic has come (see [`crate::tail`]),
//!    and goes on behind it. Nobody else can write any more, so what it read stays true.
//! 4. After any failure it does not guess what became of the batch: it begins anew, at 1.
//!
//! One thing more was seen in tests with brokers that are killed: a batch that was open when the
//! broker died may still be open after a new writer has begun, and the next commit would commit it
//! too. So a new writer first looks whether the topic ends where its committed records end, and if not,
//! opens a batch in that partition and aborts it, which settles both ([`Writer::open`]).

use crate::client::{self, Context, Isolation, PATIENCE};
use crate::error::KafkaError;
use crate::record::{self, Headers};
use crate::settings::Settings;
use daybook_schema::line::Envelope;
use daybook_schema::{At, Leaf};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError as Cause, RDKafkaErrorCode as Code};
use rdkafka::message::DeliveryResult;
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long a batch may be open. A writer that dies with an open batch holds readers up for that long,
/// unless another begins.
const BATCH: Duration = Duration::from_secs(15);

/// How long a record may be on its way; less than the batch, so that the failure is known in it.
const RECORD: Duration = Duration::from_secs(10);

/// How long the end of a batch is asked for again.
const COMMIT_PATIENCE: Duration = Duration::from_secs(30);

/// How often deliveries are looked at. The library's own wait is a tenth of a second, whatever happens.
const TICK: Duration = Duration::from_millis(1);

impl ProducerContext for Context {
    type DeliveryOpaque = ();

    /// A record that does not arrive fails its batch; nothing needs to be known beside that.
    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

/// The one who writes, until another begins.
pub struct Writer {
    producer: BaseProducer<Context>,
    name: String,
    /// When the batch was opened.
    begun: Cell<Instant>,
}

/// An entity of a view, for a topic that keeps the latest of each.
#[derive(Clone, Copy, Debug)]
pub struct Entity<'a> {
    /// Which instance.
    pub instance: &'a str,
    /// Which view.
    pub view: &'a str,
    /// Which entity of it.
    pub id: &'a str,
    /// Its JSON, as `daybook_projections::entity::Change::value` gives it; none when it is gone.
    pub value: Option<&'a str>,
    /// The last event that this reflects.
    pub seq: u64,
    /// When that was recorded.
    pub at: At,
}

impl Writer {
    /// Begins under a name, ends whoever wrote under it before, and settles what they left open in the
    /// topics that are named.
    ///
    /// # Errors
    /// When no broker answers, does not let us, or somebody else's batch stays open.
    pub fn open(settings: &Settings, name: &str, topics: &[String]) -> Result<Self, KafkaError> {
        let mut config = client::config(
            settings,
            &[
                ("compression.type", "lz4"),
                ("linger.ms", "2"),
                ("batch.size", "1000000"),
            ],
        );
        config
            .set("transactional.id", name)
            .set("transaction.timeout.ms", BATCH.as_millis().to_string())
            .set("message.timeout.ms", RECORD.as_millis().to_string())
            .set("allow.auto.create.topics", "false")
            .set("enable.idempotence", "true")
            .set("acks", "all");
        let producer: BaseProducer<Context> = client::create(&config)?;
        let writer = Self {
            producer,
            name: name.to_owned(),
            begun: Cell::new(Instant::now()),
        };
        let begun = writer.producer.init_transactions(PATIENCE);
        begun.map_err(|error| writer.failed(&error))?;
        writer.settle(settings, topics)?;
        Ok(writer)
    }

    /// Aborts what a writer left open whose broker died with it.
    fn settle(&self, settings: &Settings, topics: &[String]) -> Result<(), KafkaError> {
        let ends = Ends::new(settings)?;
        let open = ends.open(topics)?;
        if open.is_empty() {
            return Ok(());
        }
        tracing::info!(?open, "settling what was left open in the topics");
        self.begin()?;
        for (topic, partition) in &open {
            self.send(BaseRecord::to(topic).partition(*partition))?;
        }
        self.deliver()?;
        let aborted = self.producer.abort_transaction(PATIENCE);
        aborted.map_err(|error| self.failed(&error))?;
        let begun = Instant::now();
        loop {
            let open = ends.open(topics)?;
            let Some((topic, partition)) = open.first() else {
                return Ok(());
            };
            if begun.elapsed() > PATIENCE {
                return Err(KafkaError::Unavailable(format!(
                    "somebody else has a transaction open in partition {partition} of \"{topic}\": if it does not end by itself, see kafka-transactions.sh"
                )));
            }
            self.producer.poll(Duration::from_millis(20));
        }
    }

    /// Opens a batch.
    ///
    /// # Errors
    /// When another has taken over.
    pub fn begin(&self) -> Result<(), KafkaError> {
        self.begun.set(Instant::now());
        let begun = self.producer.begin_transaction();
        begun.map_err(|error| self.failed(&error))
    }

    /// Puts a line and its leaf hash into the batch, under the instance that it is of.
    ///
    /// # Errors
    /// When another has taken over, no broker answers, or the bytes are no line.
    pub fn line(
        &self,
        topic: &str,
        partition: i32,
        line: &[u8],
        leaf: Leaf,
    ) -> Result<(), KafkaError> {
        let none = || KafkaError::Unsuitable("bytes that are no line: verify the log".to_owned());
        let envelope = Envelope::of(line).ok_or_else(none)?;
        let at = At::parse(envelope.at).unwrap_or_default();
        let record = BaseRecord::to(topic)
            .partition(partition)
            .key(envelope.log.as_bytes())
            .payload(line)
            .timestamp(millis(at))
            .headers(record::of(&envelope, leaf).write());
        self.send(record)
    }

    /// Puts an entity into the batch, or the tombstone of one that is gone.
    ///
    /// # Errors
    /// When another has taken over, or no broker answers.
    pub fn entity(
        &self,
        topic: &str,
        partitions: i32,
        entity: &Entity<'_>,
    ) -> Result<(), KafkaError> {
        let Entity {
            instance,
            view,
            id,
            value,
            seq,
            at,
        } = *entity;
        let key = entity_key(instance, id);
        let headers = Headers {
            id: format!("{key}@{seq}"),
            source: record::source(instance),
            type_name: &format!("view.{view}"),
            time: &at.to_string(),
            seq,
            leaf: None,
        };
        let partition = record::partition_of(key.as_bytes(), partitions);
        let mut record = BaseRecord::to(topic)
            .partition(partition)
            .key(key.as_bytes())
            .timestamp(millis(at))
            .headers(headers.write());
        record.payload = value.map(str::as_bytes);
        self.send(record)
    }

    fn send(&self, mut record: BaseRecord<'_, [u8], [u8]>) -> Result<(), KafkaError> {
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((Cause::MessageProduction(Code::QueueFull), again)) => {
                    record = again;
                    self.producer.poll(TICK);
                }
                Err((error, _)) => return Err(self.failed(&error)),
            }
        }
    }

    /// What an error means, also when it is only that an earlier one was the last.
    fn failed(&self, error: &Cause) -> KafkaError {
        let client = self.producer.client();
        if let Some((code, why)) = client.fatal_error() {
            return match KafkaError::of(&self.name, &Cause::Global(code)) {
                // The broker ends a batch that was open for too long as if another had begun.
                KafkaError::Fenced if self.begun.get().elapsed() >= BATCH => {
                    KafkaError::Unavailable("a batch took too long".to_owned())
                }
                KafkaError::Unavailable(_) => KafkaError::Unavailable(why),
                sorted => sorted,
            };
        }
        // Hears what the library has yet to tell.
        self.producer.poll(Duration::ZERO);
        client.context().sort(&self.name, error)
    }

    /// Waits until every record has arrived, or it is clear that one does not.
    fn deliver(&self) -> Result<(), KafkaError> {
        let begun = Instant::now();
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(TICK);
            if begun.elapsed() > COMMIT_PATIENCE {
                return Err(KafkaError::Unavailable("records do not arrive".to_owned()));
            }
        }
        Ok(())
    }

    /// Ends the batch: from now on everybody sees all of it.
    ///
    /// # Errors
    /// When that is not certain. This writer is of no use then.
    pub fn commit(&self) -> Result<(), KafkaError> {
        self.deliver()?;
        let begun = Instant::now();
        loop {
            match self.producer.commit_transaction(PATIENCE) {
                Ok(()) => return Ok(()),
                Err(Cause::Transaction(error))
                    if error.is_retriable() && begun.elapsed() < COMMIT_PATIENCE => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
    }
}

/// A time as Kafka counts it.
const fn millis(at: At) -> i64 {
    at.micros().div_euclid(1000)
}

/// The key of an entity's records.
#[must_use]
pub fn entity_key(instance: &str, id: &str) -> String {
    format!("{instance}/{id}")
}

/// Two readers that see the ends of partitions: of what is committed, and of everything.
struct Ends {
    committed: BaseConsumer<Context>,
    all: BaseConsumer<Context>,
}

impl Ends {
    fn new(settings: &Settings) -> Result<Self, KafkaError> {
        Ok(Self {
            committed: client::consumer(settings, Isolation::Committed)?,
            all: client::consumer(settings, Isolation::Uncommitted)?,
        })
    }

    /// The partitions in which something is written that is neither committed nor aborted.
    fn open(&self, topics: &[String]) -> Result<Vec<(String, i32)>, KafkaError> {
        let mut open = Vec::new();
        for topic in topics {
            let failed = |error| client::explain(&self.all, topic, &error);
            let metadata = self.all.fetch_metadata(Some(topic), PATIENCE);
            let metadata = metadata.map_err(failed)?;
            let partitions = metadata.topics().iter().flat_map(MetadataTopic::partitions);
            for partition in partitions.map(MetadataPartition::id) {
                let end = |client: &BaseConsumer<Context>| {
                    let ask = || client.fetch_watermarks(topic, partition, PATIENCE);
                    client::patiently(ask).map(|(_, end)| end).map_err(failed)
                };
                if end(&self.committed)? < end(&self.all)? {
                    open.push((topic.clone(), partition));
                }
            }
        }
        Ok(open)
    }
}
