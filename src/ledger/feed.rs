//! The feed of a book: its events in order, each read once from the store for everyone who follows.
//!
//! One task per book that somebody follows reads what is new and keeps the latest events. Whoever is
//! behind those reads the store for itself; nobody who is slow is waited for.

use daybook_projections::Views;
use daybook_schema::{Event, EventLog, LogError, LogName, line};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// How many of the latest events are kept, and how many bytes their lines may have.
const KEPT_EVENTS: usize = 4096;
const KEPT_BYTES: usize = 8 << 20;

/// How many lines the feed asks the store for at once.
const READ_LINES: usize = 1024;

/// How many events a follower gets at once; fewer where they come from the store, since everyone who
/// is behind holds a page of their own.
const PAGE: usize = 64;
const STORE_PAGE: usize = 16;

/// Followers that read the store at once.
const STORE_READERS: usize = 4;

/// Followers are woken at most this often: with thousands of them, each wake-up costs.
const PAUSE: Duration = Duration::from_millis(10);

/// Pause after the store did not answer.
const RETRY: Duration = Duration::from_secs(1);

/// An event with its line.
#[derive(Debug)]
pub struct Entry {
    /// What the line says.
    pub event: Event,
    /// The line, as it is stored.
    pub line: Vec<u8>,
}

/// The events of one book. It is read for as long as somebody holds this.
pub struct Feed {
    source: Arc<Source>,
    _reading: DropGuard,
}

struct Source {
    log: LogName,
    store: Arc<dyn EventLog>,
    recent: Mutex<Recent>,
    /// Seq behind the last event that followers may read.
    end: watch::Sender<u64>,
    readers: Semaphore,
}

/// The latest events, without gaps up to the end.
#[derive(Default)]
struct Recent {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
}

impl Feed {
    /// A feed of what comes from now on, that also reads what was before.
    pub(super) fn start(
        log: LogName,
        store: Arc<dyn EventLog>,
        views: watch::Receiver<Arc<Views>>,
        (tasks, stop): (&TaskTracker, &CancellationToken),
    ) -> Self {
        let (end, _) = watch::channel(views.borrow().head.size);
        let source = Arc::new(Source {
            log,
            store,
            recent: Mutex::default(),
            end,
            readers: Semaphore::new(STORE_READERS),
        });
        let (reading, reader) = (stop.child_token(), source.clone());
        let until = reading.clone();
        tasks.spawn(async move { until.run_until_cancelled(reader.follow(views)).await });
        Self {
            source,
            _reading: reading.drop_guard(),
        }
    }

    /// Seq behind the last event, and a wake-up when there are more. The book's views hold at least
    /// these events.
    #[must_use]
    pub fn end(&self) -> watch::Receiver<u64> {
        self.source.end.subscribe()
    }

    /// Some events from seq `from` on; none when there are none yet.
    ///
    /// # Errors
    /// When `from` is long gone by, and the store does not answer.
    pub async fn read(&self, from: u64) -> Result<Vec<Arc<Entry>>, LogError> {
        let end = *self.source.end.borrow();
        if from >= end {
            return Ok(Vec::new());
        }
        if let Some(page) = self.source.recent().from(from) {
            return Ok(page);
        }
        // The semaphore is never closed.
        let _turn = self.source.readers.acquire().await.ok();
        let mut page = self.source.fetch(from, STORE_PAGE).await?;
        page.retain(|entry| entry.event.seq < end);
        Ok(page)
    }
}

impl Source {
    /// Reads what is new, whenever something is.
    async fn follow(&self, mut views: watch::Receiver<Arc<Views>>) {
        loop {
            let size = views.borrow_and_update().head.size;
            self.read_up_to(size).await;
            tokio::time::sleep(PAUSE).await;
            if views.changed().await.is_err() {
                return;
            }
        }
    }

    async fn read_up_to(&self, size: u64) {
        loop {
            let end = *self.end.borrow();
            if end >= size {
                return;
            }
            // No further than the views are: the store is ahead of them while a batch is published,
            // and whoever is told of an event looks up there what it led to.
            let new = usize::try_from(size - end).unwrap_or(READ_LINES);
            match self.fetch(end, new.min(READ_LINES)).await {
                Ok(entries) if !entries.is_empty() => {
                    self.recent().push(entries.iter().cloned());
                    self.end.send_replace(end + entries.len() as u64);
                }
                Ok(_) => {
                    tracing::warn!(log = %self.log, "the store holds less than was read from it");
                    tokio::time::sleep(RETRY).await;
                }
                Err(error) => {
                    tracing::warn!(log = %self.log, %error, "what is new cannot be read");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Reads events from the store. They were verified when they were folded.
    async fn fetch(&self, from: u64, limit: usize) -> Result<Vec<Arc<Entry>>, LogError> {
        let lines = self.store.read(&self.log, from, limit).await?;
        let entry = |line: Vec<u8>| {
            let event = line::read(&line).map_err(|error| LogError::Damaged(error.to_string()))?;
            Ok(Arc::new(Entry { event, line }))
        };
        lines.into_iter().map(entry).collect()
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn push(&mut self, entries: impl Iterator<Item = Arc<Entry>>) {
        for entry in entries {
            self.bytes += entry.line.len();
            self.entries.push_back(entry);
            while self.entries.len() > KEPT_EVENTS || self.bytes > KEPT_BYTES {
                let Some(oldest) = self.entries.pop_front() else {
                    return;
                };
                self.bytes -= oldest.line.len();
            }
        }
    }

    /// A page from seq `from` on. Nothing when it is not kept any more, or not yet here.
    fn from(&self, from: u64) -> Option<Vec<Arc<Entry>>> {
        let first = self.entries.front()?.event.seq;
        let skip = usize::try_from(from.checked_sub(first)?).ok()?;
        let page = self.entries.iter().skip(skip).take(PAGE).cloned();
        let page: Vec<_> = page.collect();
        (!page.is_empty()).then_some(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::contract::MemoryLog;
    use daybook_schema::facts::Message;
    use daybook_schema::{Actor, At, Fact, Head};

    /// A log of messages.
    async fn stored(log: &LogName, count: u64) -> Arc<MemoryLog> {
        let store = MemoryLog::reliable();
        let mut head = Head::default();
        for seq in 0..count {
            let event = Event {
                at: At::from_micros(5),
                by: Actor::Operator,
                cmd: seq.to_string(),
                fact: Fact::MessageSent(Message {
                    text: seq.to_string(),
                }),
                log: log.clone(),
                prev: head.leaf,
                seq,
            };
            let line = line::seal(&event).unwrap();
            store
                .append(log, head, std::slice::from_ref(&line))
                .await
                .unwrap();
            head = line.head();
        }
        Arc::new(store)
    }

    fn at(size: u64) -> Arc<Views> {
        let mut views = Views::default();
        views.head.size = size;
        Arc::new(views)
    }

    /// Reads from a place to the end.
    async fn rest(feed: &Feed, mut from: u64) -> Vec<u64> {
        let mut seqs = Vec::new();
        loop {
            let page = feed.read(from).await.unwrap();
            let Some(last) = page.last() else { return seqs };
            from = last.event.seq + 1;
            seqs.extend(page.iter().map(|entry| entry.event.seq));
        }
    }

    /// The store holds what others appended, or what is just being published, before the views do.
    #[tokio::test(start_paused = true)]
    async fn nobody_is_told_of_more_than_the_views_hold() {
        let log = LogName::new("festival").unwrap();
        let store = stored(&log, 200).await;
        let (publish, views) = watch::channel(at(50));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let feed = Feed::start(log, store, views, (&tasks, &stop));
        assert_eq!(rest(&feed, 0).await, (0..50).collect::<Vec<_>>());
        let mut end = feed.end();
        for size in [51, 120, 200] {
            publish.send_replace(at(size));
            end.wait_for(|end| *end >= size).await.unwrap();
            assert_eq!(*end.borrow(), size);
            for from in [0, 40, 60, 119, size] {
                assert_eq!(rest(&feed, from).await, (from..size).collect::<Vec<_>>());
            }
        }
        // Nobody follows any more: it is not read any more.
        drop(feed);
        tasks.close();
        tasks.wait().await;
    }
}
