//! The two commands, as `daybook-replay` and `daybook` share them: what may be asked, and what is
//! answered. Opening a store and printing is left to the program.

mod replay;
mod verify;

pub use replay::HELP as REPLAY_HELP;
pub use replay::{Books, ReplayOptions};
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
