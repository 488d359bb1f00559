//! Topics: their names, making them, and whether they may be used.

use crate::client::{self, Isolation};
use crate::error::KafkaError;
use crate::settings::Settings;
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

/// Asks the brokers who they are, for a reason why they cannot be reached.
///
/// # Errors
/// When none answers, or they do not let us in.
pub fn reach(settings: &Settings) -> Result<(), KafkaError> {
    let consumer = client::consumer(settings, Isolation::Committed)?;
    let answer = consumer.fetch_metadata(Some(""), client::PATIENCE);
    answer
        .map(drop)
        .map_err(|error| client::explain(&consumer, "", &error))
}

/// Makes the topics that do not exist yet. `replication` is how many brokers keep a copy; nothing
/// stands for the brokers' default.
///
/// # Errors
/// When the broker does not answer or does not let us, or a topic of events would lose events.
pub async fn ensure(
    settings: &Settings,
    topics: &[(String, Kind)],
    partitions: u16,
    replication: Option<u16>,
) -> Result<(), KafkaError> {
    let admin: AdminClient<client::Context> = client::create(&client::config(settings))?;
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
    for (name, _) in topics.iter().filter(|(_, kind)| *kind == Kind::Events) {
        check(&admin, &options, name).await?;
    }
    Ok(())
}

/// The same as [`client::MAX_RECORD_BYTES`], in the words of a topic.
const LARGEST_RECORD: &str = "4194304";

/// Compaction would keep one event of each instance and lose all others, silently.
async fn check(
    admin: &AdminClient<client::Context>,
    options: &AdminOptions,
    topic: &str,
) -> Result<(), KafkaError> {
    let described = admin
        .describe_configs(&[ResourceSpecifier::Topic(topic)], options)
        .await;
    let Ok([Ok(config)]) = described.as_deref() else {
        tracing::warn!(
            topic,
            "the broker does not say how long it keeps this topic's records"
        );
        return Ok(());
    };
    let value = |name| value(config, name);
    if value("cleanup.policy").contains("compact") {
        return Err(KafkaError::Unsuitable(format!(
            "the topic \"{topic}\" has cleanup.policy={}: it would keep one event of each instance \
             only. Set cleanup.policy=delete, or name another topic",
            value("cleanup.policy")
        )));
    }
    let (time, bytes) = (value("retention.ms"), value("retention.bytes"));
    if time != "-1" || bytes != "-1" {
        tracing::warn!(
            topic,
            "this topic forgets (retention.ms={time}, retention.bytes={bytes}): what it has \
             forgotten cannot be restored from it. Set both to -1"
        );
    }
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
        assert_eq!(LARGEST_RECORD, client::MAX_RECORD_BYTES.to_string());
    }
}
