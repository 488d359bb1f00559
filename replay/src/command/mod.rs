//! The commands, as `daybook-replay` and `daybook` share them: what may be asked, and what is
//! answered. Opening a store and printing is left to the program.

#[cfg(feature = "kafka")]
mod compare;
#[cfg(feature = "kafka")]
mod kafka;
mod replay;
#[cfg(feature = "kafka")]
mod restore;
mod verify;

#[cfg(feature = "kafka")]
pub use compare::{CompareOptions, Comparison, HELP as COMPARE_HELP};
#[cfg(feature = "kafka")]
pub use kafka::TopicArgs;
pub use replay::HELP as REPLAY_HELP;
pub use replay::{Books, ReplayOptions};
#[cfg(feature = "kafka")]
pub use restore::{HELP as RESTORE_HELP, Restoration, RestoreOptions};
pub use verify::{Finding, HELP as VERIFY_HELP, VerifyOptions};

use crate::source::SourceError;
use daybook_schema::{EventLog, LogError, LogName};
use std::sync::Arc;

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The answer is no.
    #[error("{0}")]
    No(String),
    /// The command line does not say enough.
    #[error("{0}")]
    Usage(String),
    /// Something outside failed: a store, a file.
    #[error("{0}")]
    Outside(String),
}

impl From<SourceError> for CommandError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Store(error) => error.into(),
            SourceError::Nameless => Self::Usage(error.to_string()),
            #[cfg(feature = "kafka")]
            SourceError::WhoseHead(_)
            | SourceError::Kafka {
                cause: daybook_kafka::KafkaError::Settings(_),
                ..
            } => Self::Usage(error.to_string()),
            #[cfg(feature = "kafka")]
            SourceError::NoInstance { .. } => Self::No(error.to_string()),
            other => Self::Outside(other.to_string()),
        }
    }
}

impl From<LogError> for CommandError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Damaged(_) => Self::No(error.to_string()),
            LogError::Unavailable(_) | LogError::NewerSchema(_) => Self::Outside(error.to_string()),
        }
    }
}

const EMPTY_STORE: &str = "the store holds no instance";

/// The logs a command means: the one named, or all.
async fn logs(
    store: &Arc<dyn EventLog>,
    named: Option<&LogName>,
) -> Result<Vec<LogName>, CommandError> {
    let all = store.logs().await?;
    let Some(name) = named else { return Ok(all) };
    // Who removed the head's row hides the log from the list, but not from here.
    let hidden = || async {
        store
            .read(name, 0, 1)
            .await
            .map_or(true, |lines| !lines.is_empty())
    };
    if all.contains(name) || hidden().await {
        Ok(vec![name.clone()])
    } else if all.is_empty() {
        Err(CommandError::No(format!(
            "there is no instance \"{name}\": {EMPTY_STORE}"
        )))
    } else {
        let all = list(&all);
        Err(CommandError::No(format!(
            "there is no instance \"{name}\"; there are: {all}"
        )))
    }
}

fn list(logs: &[LogName]) -> String {
    logs.iter()
        .map(LogName::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

/// `1,234 events`.
fn counted(n: u64, noun: &str) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let plural = if n == 1 { "" } else { "s" };
    format!("{text} {noun}{plural}")
}
