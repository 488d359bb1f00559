//! Topics: their names, making them, and whether they may be used.

use crate::client::{self, Isolation};
use crate::error::KafkaError;
use crate::settings::{Settings, SettingsError};
use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::consumer::Consumer;
use rdkafka::error::RDKafkaErrorCode as Code;

/// The topic of events when nothing is said.
pub const DEFAULT_TOPIC: &str = "daybook.events";

/// How many partitions a new topic gets when nothing is said. All events of an instance are in one.
pub const DEFAULT_PARTITIONS: u16 = 3;

/// What keeps every record for ever.
const KEEP_ALL: [(&str, &str); 3] = [
    ("cleanup.policy", "delete"),
    ("retention.ms", "-1"),
    ("retention.bytes", "-1"),
];

/// What keeps the last record of each key. Tombstones stay for a day, within which whoever copies the
/// topic must have read it.
const KEEP_LATEST: [(&str, &str); 2] = [
    ("cleanup.policy", "compact"),
    ("delete.retention.ms", "86400000"),
];

/// Whether a topic may have this name.
///
/// # Errors
/// When it may not.
pub fn check_name(name: &str) -> Result<(), SettingsError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_dots = matches!(name, "." | "..");
    if (1..=249).contains(&name.len()) && name.bytes().all(fits) && !is_dots {
        return Ok(());
    }
    Err(SettingsError::Topic(name.chars().take(80).collect()))
}

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every event, for ever.
    Events,
    /// The present state of entities.
    View,
}

/// The topic of a view beside a topic of events: `daybook.events` → `daybook.view.product`.
#[must_use]
pub fn view_topic(events: &str, view: &str) -> String {
    let base = events.strip_suffix(".events").unwrap_or(events);
    format!("{base}.view.{view}")
}

/// The name of the writer of a topic. Of all that have it, on whatever node, only the latest writes.
#[must_use]
pub fn writer_name(events: &str) -> String {
    format!("daybook.publisher.{events}")
}

/// Which of these topics do not exist.
///
/// # Errors
/// When no broker answers, or they do not let us in.
pub fn missing(
    settings: &Settings,
    topics: &[(String, Kind)],
) -> Result<Vec<(String, Kind)>, KafkaError> {
    let consumer = client::consumer(settings, Isolation::Committed)?;
    let mut missing = Vec::new();
    for (name, kind) in topics {
        let answer = consumer.fetch_metadata(Some(name), client::PATIENCE);
        let answer = answer.map_err(|error| client::explain(&consumer, name, &error))?;
        let found = answer.topics().iter().find(|found| found.name() == name);
        if found.is_none_or(|found| found.partitions().is_empty()) {
            missing.push((name.clone(), *kind));
        }
    }
    Ok(missing)
}

/// Makes topics. `replication` is how many brokers keep a copy; nothing stands for the brokers'
/// default. One that exists by now is left as it is.
///
/// # Errors
/// When the broker does not answer or does not let us.
pub async fn make(
    settings: &Settings,
    topics: &[(String, Kind)],
    partitions: u16,
    replication: Option<u16>,
) -> Result<(), KafkaError> {
    if topics.is_empty() {
        return Ok(());
    }
    let admin: AdminClient<client::Context> = client::create(&client::config(settings, &[]))?;
    let options = AdminOptions::new().request_timeout(Some(client::PATIENCE));
    let copies = replication.map_or(-1, i32::from);
    let new: Vec<NewTopic<'_>> = topics
        .iter()
        .map(|(name, kind)| {
            let copies = TopicReplication::Fixed(copies);
            let topic = NewTopic::new(name, i32::from(partitions), copies);
            let kept: &[(&str, &str)] = match kind {
                Kind::Events => &KEEP_ALL,
                Kind::View => &KEEP_LATEST,
            };
            let largest = ("max.message.bytes", LARGEST_RECORD);
            kept.iter()
                .chain([&largest])
                .fold(topic, |topic, (name, value)| topic.set(name, value))
        })
        .collect();
    let made = admin.create_topics(&new, &options).await;
    let mut names = Vec::new();
    for made in made.map_err(|error| admin.inner().context().sort("", &error))? {
        match made {
            Ok(name) => names.push(name),
            Err((_, Code::TopicAlreadyExists)) => {}
            Err((name, code)) => {
                return Err(KafkaError::Refused(format!(
                    "the topic \"{name}\" cannot be made: {code}"
                )));
            }
        }
    }
    if !names.is_empty() {
        tracing::info!(topics = names.join(", "), "made topics");
    }
    Ok(())
}

/// The same as [`client::MAX_RECORD_BYTES`], in the words of a topic.
const LARGEST_RECORD: &str = "4194304";

/// Whether a topic that somebody made may hold events: compaction would keep one of each instance and
/// lose all others, silently.
///
/// # Errors
/// When it may not.
pub async fn check(settings: &Settings, topic: &str) -> Result<(), KafkaError> {
    let admin: AdminClient<client::Context> = client::create(&client::config(settings, &[]))?;
    let options = AdminOptions::new().request_timeout(Some(client::PATIENCE));
    let described = admin
        .describe_configs(&[ResourceSpecifier::Topic(topic)], &options)
        .await;
    let described = described.map_err(|error| admin.inner().context().sort(topic, &error))?;
    let config = match described.first() {
        Some(Ok(config)) => config,
        Some(Err(Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed)) | None => {
            return unknown(topic);
        }
        Some(Err(code)) => return Err(KafkaError::Unavailable(code.to_string())),
    };
    let value = |name| value(config, name);
    let (cleanup, time, bytes) = (
        value("cleanup.policy"),
        value("retention.ms"),
        value("retention.bytes"),
    );
    if cleanup.is_empty() {
        return unknown(topic);
    }
    if cleanup.contains("compact") {
        return Err(KafkaError::Unsuitable(format!(
            "the topic \"{topic}\" has cleanup.policy={cleanup}: it would keep one event of each \
             instance only. Set cleanup.policy=delete, or name another topic"
        )));
    }
    if time != "-1" || bytes != "-1" {
        tracing::warn!(
            topic,
            "this topic forgets (retention.ms={time}, retention.bytes={bytes}): what it has \
             forgotten cannot be restored from it. Set both to -1"
        );
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the answer of the check")]
fn unknown(topic: &str) -> Result<(), KafkaError> {
    tracing::warn!(
        topic,
        "the brokers do not say how long they keep this topic (that needs DescribeConfigs): see to \
         it that nothing is compacted or forgotten"
    );
    Ok(())
}

fn value<'a>(config: &'a ConfigResource, name: &str) -> &'a str {
    let entry = config.get(name);
    entry.and_then(|entry| entry.value.as_deref()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_events_topic() {
        assert_eq!(view_topic(DEFAULT_TOPIC, "product"), "daybook.view.product");
        assert_eq!(view_topic("bar", "product"), "bar.view.product");
        assert!(check_name(DEFAULT_TOPIC).is_ok());
        assert!(
            ["", "..", "a b", "a\0b"]
                .iter()
                .all(|name| check_name(name).is_err())
        );
        assert_eq!(LARGEST_RECORD, client::MAX_RECORD_BYTES.to_string());
    }
}
