//! Opening a log: its last snapshot where that helps, then every line behind it, then a comparison
//! with the head that the store keeps.

use super::OpenError;
use super::follow::{self, FoldError};
use daybook_projections::Views;
use daybook_schema::{At, Chain, EventLog, Head, LogError, LogName, line};

/// How many lines before a snapshot are hashed again at a start.
const RECHECKED_LINES: u64 = 1000;

/// The views of a log, and the size at which its last snapshot stands.
pub(super) async fn load(store: &dyn EventLog, log: &LogName) -> Result<(Views, u64), OpenError> {
    let mut views = restore(store, log).await?.unwrap_or_default();
    let saved = views.head.size;
    let folded = async {
        follow::fold(store, log, &mut views).await?;
        follow::check_head(store, log, views.head).await
    };
    match folded.await {
        Ok(()) => Ok((views, saved)),
        Err(FoldError::Store(error)) => Err(error.into()),
        Err(FoldError::Broken(why)) => Err(OpenError::Broken(log.clone(), why)),
    }
}

/// The views of the last snapshot, if it is whole and fits the log's lines.
async fn restore(store: &dyn EventLog, log: &LogName) -> Result<Option<Views>, LogError> {
    let snapshot = match store.load_snapshot(log).await {
        Ok(Some(snapshot)) => snapshot,
        Ok(None) => return Ok(None),
        Err(LogError::Damaged(why)) => return Ok(anew(log, &why)),
        Err(error) => return Err(error),
    };
    let size = snapshot.head.size;
    let from = size.saturating_sub(RECHECKED_LINES);
    let count = usize::try_from(size - from).unwrap_or_default();
    let lines = match follow::read_all(store, log, from, count).await {
        Ok(lines) => lines,
        Err(LogError::Damaged(why)) => return Ok(anew(log, &why)),
        Err(error) => return Err(error),
    };
    if linked(log, from, &lines) != Some(snapshot.head) {
        return Ok(anew(log, "the snapshot does not fit the log's lines"));
    }
    match tokio::task::spawn_blocking(move || Views::restore(&snapshot)).await {
        Ok(Ok(views)) => Ok(Some(views)),
        Ok(Err(error)) => Ok(anew(log, &error.to_string())),
        Err(error) => Ok(anew(log, &error.to_string())),
    }
}

/// Says why a snapshot is of no use. Folding the log from its first line is always right.
fn anew(log: &LogName, why: &str) -> Option<Views> {
    tracing::warn!(%log, why, "folding the log from its first line, without its snapshot");
    None
}

/// The head after lines that follow one another from seq `from` on; `None` when they do not. What
/// stands before the first of them is believed.
fn linked(log: &LogName, from: u64, lines: &[Vec<u8>]) -> Option<Head> {
    let leaf = line::read(lines.first()?).ok()?.prev;
    let mut chain = Chain::resume(log.clone(), Head { size: from, leaf }, At::default());
    for line in lines {
        chain.link(line).ok()?;
    }
    Some(chain.head())
}
