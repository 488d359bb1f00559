//! The ledger of a node: a book for each instance, and the follower that wakes them when other
//! nodes or processes wrote.

mod book;
pub mod command;
pub mod decide;
pub mod desk;
pub mod feed;
mod find;
mod follow;
pub mod history;
mod load;
mod plan;
pub mod presell;
pub mod print;
mod snapshot;
pub mod table;
mod writer;

pub use book::{Book, Done, Refusal, Status};
pub use command::{Action, Command, CommandId, NewSession, PayItems};
pub use decide::Rejection;

use crate::clock::Clock;
use crate::metrics::Metrics;
use daybook_schema::{EventLog, LogError, LogName};
use feed::Feed;
use snapshot::Snapshots;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::task::TaskTracker;
use writer::Ending;

/// Commands that may wait for one instance; one more is refused as overloaded.
pub const QUEUE_COMMANDS: usize = 8192;

/// How long writers may take to end once they were told to give up.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// All books of a node.
pub struct Ledger {
    store: Arc<dyn EventLog>,
    clock: Clock,
    metrics: Arc<Metrics>,
    books: RwLock<BTreeMap<LogName, Shelf>>,
    opening: tokio::sync::Mutex<()>,
    tasks: TaskTracker,
    ending: Ending,
    opened: watch::Sender<u64>,
    feeds: Mutex<BTreeMap<LogName, Weak<Feed>>>,
}

/// What a slug names.
pub enum Found {
    /// An instance that is served.
    Open(Book),
    /// An instance whose stored log is damaged: nothing of it is shown, and nothing booked.
    Broken,
    /// No instance.
    Unknown,
}

/// A book in use, or why it is not.
enum Shelf {
    Open { book: Book, wake: Arc<Notify> },
    Broken(String),
}

/// Why a book could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store does not answer, or is too new.
    #[error(transparent)]
    Store(#[from] LogError),
    /// What is stored is not a whole log. Nothing may be appended to it.
    #[error("log \"{0}\" is damaged and stays closed: {1}")]
    Broken(LogName, String),
}

impl Ledger {
    /// A ledger without open books, for one command at a time.
    #[must_use]
    pub fn new(store: Arc<dyn EventLog>, clock: Clock, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            store,
            clock,
            metrics,
            books: RwLock::default(),
            opening: tokio::sync::Mutex::default(),
            tasks: TaskTracker::new(),
            ending: Ending::default(),
            opened: watch::Sender::default(),
            feeds: Mutex::default(),
        })
    }

    /// A ledger that serves: opens every log of the store and follows what others write. A damaged
    /// log stays closed and is reported by [`Ledger::health`]; the others are served.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn open(
        store: Arc<dyn EventLog>,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>, OpenError> {
        let ledger = Self::new(store, clock, metrics);
        ledger.open_all().await?;
        let follower = ledger.clone();
        ledger.tasks.spawn(async move { follower.follow().await });
        Ok(ledger)
    }

    /// The store behind the books, for reading lines.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn EventLog> {
        &self.store
    }

    /// Opens the book of an instance, also of one whose log is still empty.
    ///
    /// # Errors
    /// When the store does not answer, or the log is damaged.
    pub async fn open_book(&self, log: &LogName) -> Result<Book, OpenError> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(book) = self.book(log.as_str()) {
            return Ok(book);
        }
        let opened = load::load(self.store.as_ref(), log).await;
        if let Err(OpenError::Broken(_, why)) = &opened {
            tracing::error!(%log, %why, "a log is damaged and stays closed");
            self.shelve(log, Shelf::Broken(why.clone()));
        }
        let (views, saved) = opened?;
        let (queue, commands) = mpsc::channel(QUEUE_COMMANDS);
        let (published, seen) = watch::channel(Arc::new(views.clone()));
        let (status, status_seen) = watch::channel(Status::Ready);
        let book = Book {
            log: log.clone(),
            queue,
            views: seen,
            status: status_seen,
        };
        let writer = writer::Writer {
            log: log.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
            views,
            published,
            status,
            snapshots: Snapshots::at(saved),
            cannot_write: false,
        };
        let wake = Arc::new(Notify::new());
        self.tasks
            .spawn(writer.run(commands, wake.clone(), self.ending.clone()));
        self.shelve(
            log,
            Shelf::Open {
                book: book.clone(),
                wake,
            },
        );
        Ok(book)
    }

    /// Ends: no further commands, those that wait are served, views are saved. When that takes
    /// longer than `patience`, commands with unknown outcome are given up.
    pub async fn close(&self, patience: Duration) {
        self.ending.stop.cancel();
        self.books
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("commands are still waiting for the store: giving them up");
            self.ending.abandon.cancel();
            if tokio::time::timeout(LAST_PATIENCE, self.tasks.wait())
                .await
                .is_err()
            {
                tracing::error!("a writer does not end; leaving it behind");
            }
        }
        self.store.close().await;
    }

    fn shelve(&self, log: &LogName, shelf: Shelf) {
        self.books
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(log.clone(), shelf);
        self.opened.send_modify(|count| *count += 1);
    }

    async fn open_all(&self) -> Result<(), OpenError> {
        for log in self.store.logs().await? {
            match self.open_book(&log).await {
                Ok(_) | Err(OpenError::Broken(..)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Wakes the writers when another process may have written, and opens logs that are new.
    async fn follow(&self) {
        loop {
            tokio::select! {
                biased;
                () = self.store.changed() => {}
                () = self.ending.stop.cancelled() => return,
            }
            match self.store.logs().await {
                Ok(logs) => self.open_new(&logs).await,
                Err(error) => tracing::warn!(%error, "the store does not answer the follower"),
            }
            for shelf in self
                .books
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .values()
            {
                if let Shelf::Open { wake, .. } = shelf {
                    wake.notify_one();
                }
            }
        }
    }

    async fn open_new(&self, logs: &[LogName]) {
        for log in logs {
            let known = self
                .books
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains_key(log);
            if !known && let Err(error) = self.open_book(log).await {
                tracing::warn!(%log, %error, "a new log cannot be opened yet");
            }
        }
    }
}
