//! Following a log: folding the lines that stand behind the views, and finding out when what stood
//! there is gone.

use super::Status;
use daybook_projections::Views;
use daybook_schema::{Broken, Chain, EventLog, Head, LogError, LogName};

/// How many lines are asked for at once.
const READ_LINES: usize = 4096;

/// Why the lines behind the views could not be folded.
#[derive(Debug, thiserror::Error)]
pub(super) enum FoldError {
    /// The store does not answer; it may later.
    #[error(transparent)]
    Store(LogError),
    /// The log is damaged: a line does not continue it, or lines are missing.
    #[error("{0}")]
    Broken(String),
}

impl From<LogError> for FoldError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Damaged(why) => Self::Broken(why),
            other => Self::Store(other),
        }
    }
}

impl From<&FoldError> for Status {
    fn from(error: &FoldError) -> Self {
        match error {
            FoldError::Store(_) => Self::Failing(error.to_string()),
            FoldError::Broken(_) => Self::Broken(error.to_string()),
        }
    }
}

/// Folds the log's lines behind `views` into them, checking that each continues the chain. When it
/// fails, `views` hold a part and must be thrown away.
pub(super) async fn fold(
    store: &dyn EventLog,
    log: &LogName,
    views: &mut Views,
) -> Result<(), FoldError> {
    let mut chain = Chain::resume(log.clone(), views.head, views.at);
    loop {
        let lines = store.read(log, views.head.size, READ_LINES).await?;
        if lines.is_empty() {
            return Ok(());
        }
        for bytes in &lines {
            let broken = |why: Broken| {
                FoldError::Broken(format!("broken at seq {}: {why}", views.head.size))
            };
            let (event, leaf) = chain.link(bytes).map_err(broken)?;
            views.apply(&event, leaf);
        }
        // A long log must not starve other tasks of this thread.
        tokio::task::yield_now().await;
    }
}

/// Checks that the store still holds what was folded from it: a store that was set back (restored
/// from a backup, failed over to a copy that lagged behind, tampered with) must not be continued.
pub(super) async fn check_head(
    store: &dyn EventLog,
    log: &LogName,
    folded: Head,
) -> Result<(), FoldError> {
    let stored = store.head(log).await?;
    let longer = stored.size > folded.size;
    if longer || stored == folded {
        return Ok(());
    }
    Err(FoldError::Broken(format!(
        "the store lost events: {} were acknowledged, ending in {}, and it holds {}, ending in {}",
        folded.size, folded.leaf, stored.size, stored.leaf
    )))
}

/// Reads `count` lines from seq `from` on, or as many as there are.
pub(super) async fn read_all(
    store: &dyn EventLog,
    log: &LogName,
    from: u64,
    count: usize,
) -> Result<Vec<Vec<u8>>, LogError> {
    let mut lines: Vec<Vec<u8>> = Vec::with_capacity(count);
    while lines.len() < count {
        let page = store
            .read(log, from + lines.len() as u64, count - lines.len())
            .await?;
        if page.is_empty() {
            break;
        }
        lines.extend(page);
    }
    Ok(lines)
}
