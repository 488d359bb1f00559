//! Tells all sockets of an instance what they must hear: `updatepos` after the catalogue changed,
//! and operators' messages.
//!
//! Both follow from the views, so they reach the sockets of every node that folds the log.

use super::wire;
use crate::ledger::Book;
use daybook_projections::Views;
use daybook_schema::LogName;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Broadcasts that wait for a slow socket. One that falls further behind is told `updatepos`.
const WAITING_BROADCASTS: usize = 64;

/// At most one `updatepos` in this time.
const UPDATE_PAUSE: Duration = Duration::from_secs(1);

/// The announcers of a node, one per instance that has had a socket.
#[derive(Default)]
pub(super) struct Announcers {
    senders: Mutex<BTreeMap<LogName, broadcast::Sender<Arc<str>>>>,
}

impl Announcers {
    /// A socket's ear for the broadcasts of an instance.
    pub(super) fn subscribe(
        &self,
        book: &Book,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> broadcast::Receiver<Arc<str>> {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = senders.get(&book.log) {
            return sender.subscribe();
        }
        let (sender, ear) = broadcast::channel(WAITING_BROADCASTS);
        // From here on every change is announced, and this ear hears it.
        let mut follow = book.follow();
        let told = Told::all_of(&follow.borrow_and_update());
        let announcer = announce(follow, told, sender.clone());
        let stop = stop.clone();
        tasks.spawn(async move { stop.run_until_cancelled(announcer).await });
        senders.insert(book.log.clone(), sender);
        ear
    }
}

/// What the sockets have been told.
struct Told {
    changed: u64,
    messages: u64,
}

impl Told {
    fn all_of(views: &Views) -> Self {
        Self {
            changed: views.product.changed(),
            messages: views.head.size,
        }
    }
}

async fn announce(
    mut follow: watch::Receiver<Arc<Views>>,
    mut told: Told,
    sender: broadcast::Sender<Arc<str>>,
) {
    let mut next_update = Instant::now();
    loop {
        let views = follow.borrow_and_update().clone();
        for message in views.instance.messages_from(told.messages) {
            // Nobody listening is fine.
            drop(sender.send(wire::broadcast(&message.text).into()));
        }
        told.messages = views.head.size;
        let update_due = views.product.changed() != told.changed;
        if update_due && Instant::now() >= next_update {
            drop(sender.send(wire::broadcast("updatepos").into()));
            told.changed = views.product.changed();
            next_update = Instant::now() + UPDATE_PAUSE;
        }
        let pending = views.product.changed() != told.changed;
        tokio::select! {
            changed = follow.changed() => if changed.is_err() { return },
            () = tokio::time::sleep_until(next_update), if pending => {}
        }
    }
}
