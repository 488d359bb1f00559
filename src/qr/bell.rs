//! Wakes the polls that wait for an event at their instance.
//!
//! One task per instance looks at every commit, and rings only when there is a new event for them:
//! thousands of polls must not wake with every sale of the house.

use crate::ledger::Book;
use daybook_projections::Views;
use daybook_schema::LogName;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The bells of a node, one per instance that has had a waiting poll. Each holds the seq of the
/// newest event.
pub(super) struct Bells {
    senders: Mutex<BTreeMap<LogName, watch::Sender<Option<u64>>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Bells {
    pub(super) fn new(tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self {
            senders: Mutex::default(),
            tasks,
            stop,
        }
    }

    /// An ear that hears of every event from here on. Whoever looks at the views after this call
    /// misses none.
    pub(super) fn listen(&self, book: &Book) -> watch::Receiver<Option<u64>> {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = senders.get(&book.log) {
            return bell.subscribe();
        }
        let follow = book.follow();
        let (bell, ear) = watch::channel(follow.borrow().qr_event.newest());
        let stop = self.stop.clone();
        let ringing = ring(follow, bell.clone());
        self.tasks
            .spawn(async move { stop.run_until_cancelled(ringing).await });
        senders.insert(book.log.clone(), bell);
        ear
    }
}

async fn ring(mut follow: watch::Receiver<Arc<Views>>, bell: watch::Sender<Option<u64>>) {
    loop {
        let newest = follow.borrow_and_update().qr_event.newest();
        bell.send_if_modified(|known| std::mem::replace(known, newest) != newest);
        if follow.changed().await.is_err() {
            return;
        }
    }
}
