//! Topics as a server writes them, and as nobody should.

use crate::support::kafka;
use daybook_kafka::record::expected;
use daybook_kafka::topic::{Kind, make, writer_name};
use daybook_kafka::{Settings, Writer};
use daybook_schema::SealedLine;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// A topic of a test's own, with three partitions.
#[derive(Clone)]
pub(super) struct Topic {
    pub(super) brokers: String,
    pub(super) name: String,
}

/// A record as anybody can write one. In tests its offset is its place in its partition.
#[derive(Clone)]
pub(super) struct Raw {
    pub(super) partition: i32,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<(String, String)>,
    /// Its timestamp; none is now.
    pub(super) millis: Option<i64>,
}

impl Raw {
    /// The record of a line, as a server would write it.
    pub(super) fn of(partition: i32, log: &str, line: &[u8]) -> Self {
        let headers = expected(line).unwrap_or_default().into_iter();
        let event = daybook_schema::line::read(line).ok();
        Self {
            partition,
            key: Some(log.as_bytes().to_vec()),
            value: Some(line.to_vec()),
            headers: headers
                .map(|(name, text)| (name.to_owned(), text))
                .collect(),
            millis: event.map(|event| event.at.micros().div_euclid(1000)),
        }
    }

    /// The records of lines.
    pub(super) fn all(partition: i32, log: &str, lines: &[SealedLine]) -> Vec<Self> {
        let lines = lines.iter();
        lines
            .map(|line| Self::of(partition, log, &line.bytes))
            .collect()
    }

    /// Another text in its line, with the headers as they were.
    pub(super) fn with(mut self, from: &str, to: &str) -> Self {
        let line = String::from_utf8(self.value.unwrap()).unwrap();
        assert!(line.contains(from), "{from} stands in {line}");
        self.value = Some(line.replacen(from, to, 1).into_bytes());
        self
    }
}

impl Topic {
    /// A new topic, if there is a broker.
    pub(super) async fn new(test: &str) -> Option<Self> {
        let brokers = kafka::broker(test)?;
        let name = kafka::topic();
        let topics = [(name.clone(), Kind::Events)];
        make(&Settings::new(&brokers), &topics, 3, None)
            .await
            .unwrap();
        Some(Self { brokers, name })
    }

    /// A command on this topic: its flags behind its name.
    pub(super) fn flags<'a>(&'a self, command: &'a str) -> Vec<&'a str> {
        vec![command, "--kafka", &self.brokers, "--topic", &self.name]
    }

    /// Writes lines as a server does.
    pub(super) async fn publish(&self, partition: i32, lines: &[SealedLine]) {
        let (topic, lines) = (self.clone(), lines.to_vec());
        let publishing = tokio::task::spawn_blocking(move || {
            let settings = Settings::new(&topic.brokers);
            let topics = [topic.name.clone()];
            let writer = Writer::open(&settings, &writer_name(&topic.name), &topics).unwrap();
            for lines in lines.chunks(1000) {
                writer.begin().unwrap();
                for line in lines {
                    let written = writer.line(&topic.name, partition, &line.bytes, line.leaf);
                    written.unwrap();
                }
                writer.commit().unwrap();
            }
        });
        publishing.await.unwrap();
    }

    /// Writes records of any kind.
    pub(super) async fn write(&self, records: Vec<Raw>) {
        let topic = self.clone();
        let writing = tokio::task::spawn_blocking(move || {
            let producer = topic.producer(None);
            topic.send(&producer, &records);
            producer.flush(PATIENCE).unwrap();
        });
        writing.await.unwrap();
    }

    /// Writes records in a transaction that is aborted.
    pub(super) async fn write_and_abort(&self, records: Vec<Raw>) {
        let topic = self.clone();
        let writing = tokio::task::spawn_blocking(move || {
            let producer = topic.producer(Some("somebody"));
            producer.init_transactions(PATIENCE).unwrap();
            producer.begin_transaction().unwrap();
            topic.send(&producer, &records);
            producer.flush(PATIENCE).unwrap();
            producer.abort_transaction(PATIENCE).unwrap();
        });
        writing.await.unwrap();
    }

    /// Makes a partition forget what is before an offset, as retention does.
    pub(super) async fn forget(&self, partition: i32, before: i64) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.name, partition, Offset::Offset(before))
            .unwrap();
        admin
            .delete_records(&list, &AdminOptions::new())
            .await
            .unwrap();
    }

    pub(super) fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.brokers);
        config
    }

    fn producer(&self, name: Option<&str>) -> BaseProducer {
        let mut config = self.config();
        config.set("enable.idempotence", "true");
        if let Some(name) = name {
            config.set("transactional.id", format!("{name}.{}", self.name));
        }
        config.create().unwrap()
    }

    fn send(&self, producer: &BaseProducer, records: &[Raw]) {
        for raw in records {
            let headers = raw
                .headers
                .iter()
                .fold(OwnedHeaders::new(), |all, (key, text)| {
                    let value = Some(text.as_str());
                    all.insert(Header { key, value })
                });
            let mut record = BaseRecord::<[u8], [u8]>::to(&self.name)
                .partition(raw.partition)
                .headers(headers);
            record.key = raw.key.as_deref();
            record.payload = raw.value.as_deref();
            record.timestamp = raw.millis;
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
    }
}
