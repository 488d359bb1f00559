//! Which topic, and how its brokers are spoken to: what all commands say alike that know Kafka.

use super::CommandError;
use crate::topic::Topic;
use clap::Args;
use daybook_kafka::topic::{self, DEFAULT_TOPIC};
use daybook_kafka::{Settings, SettingsError};
use std::path::PathBuf;

/// Which topic of events, beside the brokers.
#[derive(Args, Clone, Debug)]
pub struct TopicArgs {
    /// The topic of events
    #[arg(
        long = "kafka-topic",
        visible_alias = "topic",
        value_name = "NAME",
        env = "DAYBOOK_KAFKA_TOPIC",
        default_value = DEFAULT_TOPIC
    )]
    pub topic: String,

    /// File of settings for the Kafka client, one librdkafka property a line, such as
    /// `security.protocol=SASL_SSL`; every variable `DAYBOOK_KAFKA_PROPERTY_SASL_PASSWORD` sets one too
    /// (here `sasl.password`)
    #[arg(
        long = "kafka-config",
        value_name = "FILE",
        env = "DAYBOOK_KAFKA_CONFIG"
    )]
    pub config: Option<PathBuf>,
}

impl TopicArgs {
    /// How to reach these brokers: with what the file says, and what variables say beside or against
    /// it.
    ///
    /// # Errors
    /// When the file cannot be read, or either sets what is Daybook's.
    pub fn settings(&self, brokers: &str) -> Result<Settings, SettingsError> {
        topic::check_name(&self.topic)?;
        let mut settings = Settings::new(brokers);
        settings.check_brokers()?;
        if let Some(file) = &self.config {
            settings.read(file)?;
        }
        settings.take_variables(std::env::vars_os())?;
        Ok(settings)
    }

    /// The topic at these brokers.
    ///
    /// # Errors
    /// As [`TopicArgs::settings`].
    pub fn topic(&self, brokers: &str) -> Result<Topic, CommandError> {
        let settings = self.settings(brokers).map_err(|error| match error {
            SettingsError::Unreadable(..) => CommandError::Outside(error.to_string()),
            other => CommandError::Usage(other.to_string()),
        })?;
        let name = self.topic.clone();
        Ok(Topic { settings, name })
    }
}
