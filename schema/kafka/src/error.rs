//! What can go wrong with a broker, as far as anyone can act on it.

use rdkafka::error::{KafkaError as Cause, RDKafkaErrorCode as Code};

/// Why something with a topic did not work.
#[derive(Debug, thiserror::Error)]
pub enum KafkaError {
    /// No broker answers, or not in time; it may later.
    #[error("Kafka does not answer: {0}")]
    Unavailable(String),
    /// The topic does not exist.
    #[error("there is no topic \"{0}\" at this broker: check --kafka and --kafka-topic")]
    NoTopic(String),
    /// Another writer with our name has begun after us, on another node.
    #[error("another node has taken over")]
    Fenced,
    /// A topic that must not be used as it is.
    #[error("{0}")]
    Unsuitable(String),
    /// The settings make no client.
    #[error("the settings for Kafka make no sense: {0}")]
    Settings(String),
    /// The broker does not let us.
    #[error("Kafka refuses: {0}")]
    Refused(String),
}

impl KafkaError {
    /// Sorts what the client library says about `topic`.
    pub(crate) fn of(topic: &str, cause: &Cause) -> Self {
        match (cause.rdkafka_error_code(), cause) {
            (Some(Code::UnknownTopicOrPartition | Code::UnknownTopic), _) => {
                Self::NoTopic(topic.to_owned())
            }
            (Some(Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch), _) => {
                Self::Fenced
            }
            (
                Some(
                    code @ (Code::TopicAuthorizationFailed
                    | Code::ClusterAuthorizationFailed
                    | Code::TransactionalIdAuthorizationFailed
                    | Code::GroupAuthorizationFailed
                    | Code::SaslAuthenticationFailed
                    | Code::Authentication),
                ),
                _,
            ) => Self::Refused(format!("{code}")),
            (_, Cause::ClientConfig(_, why, name, _)) => Self::Settings(format!("{name}: {why}")),
            (_, Cause::ClientCreation(why)) => Self::Settings(why.clone()),
            (_, Cause::Transaction(error)) => Self::Unavailable(error.string()),
            (Some(code), _) => Self::Unavailable(format!("{code}")),
            (None, cause) => Self::Unavailable(cause.to_string()),
        }
    }
}
