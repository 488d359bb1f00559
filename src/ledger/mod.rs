//! The ledger of a node: a book for each instance, and the follower that wakes them when other
//! nodes or processes wrote.

mod book;
pub mod command;
pub mod decide;
mod snapshot;
mod writer;

pub use book::{Book, Done, Refusal, Status};
pub use command::{Action, Command, CommandId, PayItems};
pub use decide::Rejection;

use crate::clock::Clock;
use crate::metrics::Metrics;
use daybook_projections::Views;
use daybook_schema::{At, Chain, EventLog, Head, LogError, LogName, line};
use snapshot::Snapshots;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::task::TaskTracker;
use writer::{Ending, FoldError};

/// Commands that may wait for one instance; one more is refused as overloaded.
pub const QUEUE_COMMANDS: usize = 8192;

/// All books of a node.
pub struct Ledger {
    store: Arc<dyn EventLog>,
    clock: Clock,
    metrics: Arc<Metrics>,
    books: RwLock<BTreeMap<LogName, Shelf>>,
    opening: tokio::sync::Mutex<()>,
    tasks: TaskTracker,
    ending: Ending,
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

    /// The book of an instance that this node knows.
    #[must_use]
    pub fn book(&self, slug: &str) -> Option<Book> {
        let log = LogName::new(slug).ok()?;
        match self
            .books
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&log)?
        {
            Shelf::Open { book, .. } => Some(book.clone()),
            Shelf::Broken(_) => None,
        }
    }

    /// The books of all instances that are served.
    #[must_use]
    pub fn books(&self) -> Vec<Book> {
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        let open = |shelf: &Shelf| match shelf {
            Shelf::Open { book, .. } => Some(book.clone()),
            Shelf::Broken(_) => None,
        };
        books.values().filter_map(open).collect()
    }

    /// How each instance fares.
    #[must_use]
    pub fn health(&self) -> BTreeMap<LogName, Status> {
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        let status = |shelf: &Shelf| match shelf {
            Shelf::Open { book, .. } => book.status(),
            Shelf::Broken(why) => Status::Broken(why.clone()),
        };
        books
            .iter()
            .map(|(log, shelf)| (log.clone(), status(shelf)))
            .collect()
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
        let opened = load(self.store.as_ref(), log).await;
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
    pub async fn close(&self, patience: std::time::Duration) {
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
            self.tasks.wait().await;
        }
        self.store.close().await;
    }

    fn shelve(&self, log: &LogName, shelf: Shelf) {
        self.books
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(log.clone(), shelf);
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

/// The views of a log: from its snapshot where that helps, else from its first line. Returns also
/// the size at which the last snapshot stands.
async fn load(store: &dyn EventLog, log: &LogName) -> Result<(Views, u64), OpenError> {
    let mut views = restore(store, log).await?.unwrap_or_default();
    let saved = views.head.size;
    let broken = |why| OpenError::Broken(log.clone(), why);
    // The store's own record of the head is read first: the log may only be longer by then.
    let head = store.head(log).await?;
    writer::fold(store, log, &mut views)
        .await
        .map_err(|error| match error {
            FoldError::Store(error) => error.into(),
            FoldError::Broken(..) => broken(error.to_string()),
        })?;
    let (found, expected) = (views.head, head);
    let tail_lost = found.size < expected.size;
    let other_tail = found.size == expected.size && found.leaf != expected.leaf;
    if tail_lost || other_tail {
        return Err(broken(format!(
            "its head says {} events ending in {}, its lines are {} ending in {}",
            expected.size, expected.leaf, found.size, found.leaf
        )));
    }
    Ok((views, saved))
}

/// How many lines before a snapshot are hashed again at a start.
const RECHECKED_LINES: u64 = 1000;

/// The views of the last snapshot, if it fits the log's lines.
async fn restore(store: &dyn EventLog, log: &LogName) -> Result<Option<Views>, LogError> {
    let Some(snapshot) = store.load_snapshot(log).await? else {
        return Ok(None);
    };
    let size = snapshot.head.size;
    let from = size.saturating_sub(RECHECKED_LINES);
    let lines = store
        .read(log, from, usize::try_from(size - from).unwrap_or_default())
        .await?;
    let fits = linked(log, from, &lines) == Some(snapshot.head);
    let views = tokio::task::spawn_blocking(move || Views::restore(&snapshot)).await;
    match views {
        Ok(Ok(views)) if fits => Ok(Some(views)),
        Ok(Err(error)) => {
            tracing::info!(%log, %error, "folding the log from its first line instead");
            Ok(None)
        }
        _ => {
            tracing::warn!(%log, "the snapshot does not fit the log; folding from the first line");
            Ok(None)
        }
    }
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
