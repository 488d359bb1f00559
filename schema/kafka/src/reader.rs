//! Reads the committed records of a topic, in the order of each partition.

use crate::client::{self, Isolation, PATIENCE};
use crate::error::KafkaError;
use crate::settings::Settings;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError as Cause, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Headers as _};
use rdkafka::metadata::MetadataPartition;
use rdkafka::{Message, Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How long one look for records may wait. Short, so that silence is noticed in time.
const POLL: Duration = Duration::from_millis(200);

/// How long a broker may take to answer the first question. Shorter than later ones: it tells whether
/// there is a broker at all.
const FIRST_PATIENCE: Duration = Duration::from_secs(10);

/// How long a topic that was just made may be unknown.
const JUST_MADE: Duration = Duration::from_secs(1);

/// A reader of one topic. It belongs to no group and commits nothing.
pub struct Reader {
    consumer: BaseConsumer<client::Context>,
    topic: String,
    partitions: Vec<i32>,
}

/// A record, where it was found.
pub struct Found<'a>(BorrowedMessage<'a>);

impl Found<'_> {
    /// Which partition.
    #[must_use]
    pub fn partition(&self) -> i32 {
        self.0.partition()
    }

    /// Its place in the partition.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.0.offset()
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> Option<&[u8]> {
        self.0.key()
    }

    /// Its value; none is a tombstone.
    #[must_use]
    pub fn value(&self) -> Option<&[u8]> {
        self.0.payload()
    }

    /// Its time, in milliseconds since 1970.
    #[must_use]
    pub fn millis(&self) -> Option<i64> {
        self.0.timestamp().to_millis()
    }

    /// All its headers, in order.
    #[must_use]
    pub fn headers(&self) -> Vec<(&str, &[u8])> {
        let headers = self.0.headers().into_iter();
        let all = headers.flat_map(|headers| headers.iter());
        all.map(|header| (header.key, header.value.unwrap_or_default()))
            .collect()
    }
}

impl Reader {
    /// A reader of a topic that exists.
    ///
    /// # Errors
    /// When it does not, or no broker answers.
    pub fn open(settings: &Settings, topic: &str) -> Result<Self, KafkaError> {
        let consumer = client::consumer(settings, Isolation::Committed)?;
        let begun = Instant::now();
        let mut partitions = loop {
            let metadata = consumer.fetch_metadata(Some(topic), FIRST_PATIENCE);
            let metadata = metadata.map_err(|error| client::explain(&consumer, topic, &error))?;
            let found = metadata.topics().iter().find(|found| found.name() == topic);
            if let Some(found) = found.filter(|found| found.error().is_none()) {
                let partitions = found.partitions().iter();
                break partitions.map(MetadataPartition::id).collect::<Vec<_>>();
            }
            // One that was made a moment ago is not known everywhere yet.
            if begun.elapsed() > JUST_MADE {
                return Err(KafkaError::NoTopic(topic.to_owned()));
            }
            std::thread::park_timeout(Duration::from_millis(50));
        };
        partitions.sort_unstable();
        Ok(Self {
            consumer,
            topic: topic.to_owned(),
            partitions,
        })
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Its partitions.
    #[must_use]
    pub fn partitions(&self) -> &[i32] {
        &self.partitions
    }

    /// The offset of the oldest record that a partition still has, and the offset behind the last that
    /// is committed.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub fn ends(&self, partition: i32) -> Result<(i64, i64), KafkaError> {
        let ask = || {
            self.consumer
                .fetch_watermarks(&self.topic, partition, PATIENCE)
        };
        client::patiently(ask).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &Cause) -> KafkaError {
        client::explain(&self.consumer, &self.topic, error)
    }

    /// Reads from each offset to the present end of its partition. `each` may end it sooner.
    ///
    /// # Errors
    /// When no broker answers for a while, or records from there on are gone.
    pub fn read(
        &self,
        from: &[(i32, i64)],
        mut each: impl FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<(), KafkaError> {
        let failed = |error: Cause| self.failed(&error);
        let mut list = TopicPartitionList::new();
        for (partition, offset) in from {
            list.add_partition_offset(&self.topic, *partition, Offset::Offset(*offset))
                .map_err(failed)?;
        }
        self.consumer.assign(&list).map_err(failed)?;
        let mut open: BTreeSet<i32> = from.iter().map(|(partition, _)| *partition).collect();
        let mut heard = Instant::now();
        let mut trouble = None;
        while !open.is_empty() {
            match self.consumer.poll(POLL) {
                Some(Ok(record)) => {
                    if each(&Found(record)).is_break() {
                        break;
                    }
                    // However long that took, it was not the broker.
                    heard = Instant::now();
                }
                Some(Err(Cause::PartitionEOF(partition))) => {
                    heard = Instant::now();
                    open.remove(&partition);
                }
                Some(Err(Cause::MessageConsumption(Code::AutoOffsetReset))) => {
                    return Err(KafkaError::Unsuitable(format!(
                        "the topic \"{}\" has forgotten records that were just there: set \
                         retention.ms and retention.bytes to -1",
                        self.topic
                    )));
                }
                Some(Err(Cause::MessageConsumption(
                    code @ (Code::BadMessage
                    | Code::BadCompression
                    | Code::NotImplemented
                    | Code::InvalidRecord
                    | Code::MessageSizeTooLarge),
                ))) => return Err(self.unreadable(code)),
                // The library goes on by itself; only silence that lasts is an answer.
                Some(Err(error)) => trouble = Some(error),
                None => {}
            }
            if heard.elapsed() > PATIENCE {
                let silence = || KafkaError::Unavailable("no answer to a fetch".to_owned());
                return Err(trouble.map_or_else(silence, failed));
            }
        }
        self.consumer.unassign().map_err(failed)
    }

    /// The library would go on behind what it cannot read, and nobody would know what was there.
    fn unreadable(&self, code: Code) -> KafkaError {
        let place = self.consumer.position().ok().and_then(|all| {
            let first = all.elements().into_iter().next()?;
            Some(format!(
                " behind offset {:?} of partition {}",
                first.offset(),
                first.partition()
            ))
        });
        KafkaError::Unsuitable(format!(
            "the topic \"{}\" holds records that cannot be read{}: {code}",
            self.topic,
            place.unwrap_or_default()
        ))
    }

    /// Reads everything that is committed.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn read_all(
        &self,
        each: impl FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<(), KafkaError> {
        let mut from = Vec::new();
        for partition in &self.partitions {
            from.push((*partition, self.ends(*partition)?.0));
        }
        self.read(&from, each)
    }
}
