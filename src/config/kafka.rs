//! Settings of the publisher: brokers, topics, and what the client library is told.

use super::{ConfigError, Switch};
use crate::publish::Setup;
use clap::Args;
use daybook_kafka::topic::{DEFAULT_PARTITIONS, DEFAULT_TOPIC};
use daybook_replay::command::TopicArgs;
use serde::Deserialize;
use std::path::PathBuf;

/// What the command line and the environment say about Kafka.
#[derive(Args, Debug, Default)]
pub struct KafkaArgs {
    /// Brokers to publish the log to, with commas between them [default: nothing is published]
    #[arg(
        long = "kafka",
        id = "kafka_brokers",
        value_name = "HOST:PORT",
        env = "DAYBOOK_KAFKA"
    )]
    brokers: Option<String>,

    /// Topic of events; made when it is missing [default: daybook.events]
    #[arg(long = "kafka-topic", value_name = "NAME", env = "DAYBOOK_KAFKA_TOPIC")]
    topic: Option<String>,

    /// Partitions of topics that are made; an instance is always in one [default: 3]
    #[arg(
        long = "kafka-partitions",
        value_name = "N",
        env = "DAYBOOK_KAFKA_PARTITIONS",
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    partitions: Option<u16>,

    /// Copies of topics that are made [default: the brokers' default]
    #[arg(
        long = "kafka-replication",
        value_name = "N",
        env = "DAYBOOK_KAFKA_REPLICATION",
        value_parser = clap::value_parser!(u16).range(1..=100)
    )]
    replication: Option<u16>,

    /// Whether the latest state of products, transactions and so on is published too [default: on]
    #[arg(
        long = "kafka-views",
        value_name = "on|off",
        env = "DAYBOOK_KAFKA_VIEWS"
    )]
    views: Option<Switch>,

    /// File of settings for the Kafka client, one librdkafka property a line, such as
    /// `security.protocol=SASL_SSL`; every variable `DAYBOOK_KAFKA_PROPERTY_SASL_PASSWORD` sets one too
    /// (here `sasl.password`)
    #[arg(
        long = "kafka-config",
        id = "kafka_client",
        value_name = "FILE",
        env = "DAYBOOK_KAFKA_CONFIG"
    )]
    config: Option<PathBuf>,
}

/// The table `[kafka]` of the settings file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KafkaFile {
    brokers: Option<String>,
    topic: Option<String>,
    partitions: Option<u16>,
    replication: Option<u16>,
    views: Option<Switch>,
    config: Option<PathBuf>,
}

/// What is published where; nothing when no broker is named.
pub(super) fn setup(args: KafkaArgs, file: KafkaFile) -> Result<Option<Setup>, ConfigError> {
    // A variable that is set to nothing is none.
    let named = |brokers: &String| !brokers.trim().is_empty();
    let Some(brokers) = args.brokers.filter(named).or(file.brokers).filter(named) else {
        return Ok(None);
    };
    let topic = TopicArgs {
        topic: args
            .topic
            .or(file.topic)
            .unwrap_or_else(|| DEFAULT_TOPIC.to_owned()),
        config: args.config.or(file.config),
    };
    Ok(Some(Setup {
        kafka: topic.settings(&brokers)?,
        topic: topic.topic,
        partitions: args
            .partitions
            .or(file.partitions)
            .unwrap_or(DEFAULT_PARTITIONS),
        replication: args.replication.or(file.replication),
        views: args.views.or(file.views) != Some(Switch::Off),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_published_without_brokers() {
        let args = KafkaArgs {
            topic: Some("t".to_owned()),
            ..KafkaArgs::default()
        };
        assert!(setup(args, KafkaFile::default()).unwrap().is_none());
    }

    #[test]
    fn flags_beat_the_file() {
        let file: KafkaFile =
            toml::from_str("brokers = \"a:1\"\ntopic = \"bar\"\npartitions = 6\nviews = \"off\"")
                .unwrap();
        let args = KafkaArgs {
            brokers: Some("b:2".to_owned()),
            ..KafkaArgs::default()
        };
        let setup = setup(args, file).unwrap().unwrap();
        assert_eq!(
            (setup.kafka.brokers(), setup.topic.as_str()),
            ("b:2", "bar")
        );
        assert_eq!((setup.partitions, setup.views), (6, false));
    }
}
