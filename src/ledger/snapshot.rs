//! When to save the views, so that a start need not fold the whole log.
//!
//! Derived and optional: a snapshot that is missing or unreadable costs time, never truth. The
//! distance between two grows with the log, so that all saving together stays linear.

use daybook_projections::Views;
use daybook_schema::{EventLog, LogName};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Fewest events between two snapshots.
pub(super) const MIN_DISTANCE: u64 = 50_000;

/// Remembers when the log was last saved.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshots {
    pub saved: u64,
    running: Arc<AtomicBool>,
}

impl Snapshots {
    pub(super) fn at(saved: u64) -> Self {
        Self {
            saved,
            ..Self::default()
        }
    }

    /// Saves in the background when the log has grown by a tenth, and at least [`MIN_DISTANCE`].
    pub(super) fn save_when_due(
        &mut self,
        log: &LogName,
        views: &Views,
        store: &Arc<dyn EventLog>,
    ) {
        let grown = views.head.size - self.saved;
        if grown < MIN_DISTANCE.max(views.head.size / 10)
            || self.running.swap(true, Ordering::AcqRel)
        {
            return;
        }
        self.saved = views.head.size;
        let (log, views, store, running) = (
            log.clone(),
            views.clone(),
            store.clone(),
            self.running.clone(),
        );
        tokio::spawn(async move {
            save(&log, views, store.as_ref()).await;
            running.store(false, Ordering::Release);
        });
    }

    /// Saves at the end of the process, when there is enough to save time with.
    pub(super) async fn save_last(&self, log: &LogName, views: &Views, store: &dyn EventLog) {
        if views.head.size - self.saved >= MIN_DISTANCE / 50 {
            save(log, views.clone(), store).await;
        }
    }
}

async fn save(log: &LogName, views: Views, store: &dyn EventLog) {
    let Ok(snapshot) = tokio::task::spawn_blocking(move || views.snapshot()).await else {
        return;
    };
    if let Err(error) = store.save_snapshot(log, &snapshot).await {
        tracing::warn!(%log, %error, "the snapshot was not saved; the next start takes longer");
    }
}
