//! Wakes the publisher's thread when something was committed.

use crate::ledger::{Book, Ledger};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Hears that there may be something new: a hint to look, never the truth.
pub(super) struct Wake(Receiver<()>);

impl Wake {
    /// Returns when something may be new, at the latest after a while.
    pub(super) fn wait(&self, longest: Duration) {
        // Without anybody left who could wake it, there is only the time to wait for.
        if self.0.recv_timeout(longest) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected) {
            std::thread::park_timeout(longest);
        }
    }
}

/// Follows the books of a ledger, also those that are opened later, until it is told to stop.
pub(super) fn follow(ledger: Arc<Ledger>, stop: CancellationToken) -> Wake {
    let (waker, wake) = sync_channel(1);
    tokio::spawn(async move {
        let mut opened = ledger.opened();
        let mut followed = BTreeSet::new();
        loop {
            opened.mark_unchanged();
            for book in ledger.books() {
                if followed.insert(book.log.clone()) {
                    tokio::spawn(follow_book(book, waker.clone(), stop.clone()));
                }
            }
            // Full means that it is being woken already.
            waker.try_send(()).ok();
            tokio::select! {
                () = stop.cancelled() => break,
                changed = opened.changed() => if changed.is_err() { break },
            }
        }
        waker.try_send(()).ok();
    });
    Wake(wake)
}

async fn follow_book(book: Book, waker: SyncSender<()>, stop: CancellationToken) {
    let mut views = book.follow();
    drop(book);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = views.changed() => if changed.is_err() { return },
        }
        views.mark_unchanged();
        waker.try_send(()).ok();
    }
}
