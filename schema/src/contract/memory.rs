//! A log in memory that fails on command: what the tests of several nodes run against.
//!
//! Handles share one storage; each handle has its own faults, as each node has its own connection.
//! Nothing here is random and nothing waits for a clock, so a seeded schedule can be replayed.

use crate::id::LogName;
use crate::line::SealedLine;
use crate::log::{
    AppendError, EventLog, Head, LogError, MAX_APPEND_LINES, MAX_READ_BYTES, Snapshot,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// How one append shall go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Not at all.
    #[default]
    None,
    /// Nothing is stored, and the caller is told so.
    NotStored,
    /// The lines are stored if they fit, but the caller is told that nobody knows.
    StoredThenUnknown,
    /// Nothing is stored, but the caller is told that nobody knows.
    UnknownNotStored,
    /// The caller is told that nobody knows; the write lands, if it still fits, just before the
    /// next operation of anyone on that log.
    UnknownStoredLater,
}

/// A handle to a log in memory. Clones share its storage and its faults.
#[derive(Clone)]
pub struct MemoryLog {
    storage: Arc<Mutex<Storage>>,
    append_faults: Arc<Mutex<dyn FnMut() -> Fault + Send>>,
    read_faults: Arc<Mutex<dyn FnMut() -> bool + Send>>,
    /// The version that [`EventLog::changed`] has reported last.
    seen: Arc<AtomicU64>,
}

#[derive(Default)]
struct Storage {
    logs: BTreeMap<LogName, Vec<SealedLine>>,
    snapshots: BTreeMap<LogName, Snapshot>,
    /// Writes under way that nobody has been told the end of.
    late: Vec<(LogName, Head, Vec<SealedLine>)>,
    /// Counts what a follower should look at: appends, and failures after which it should ask again.
    version: u64,
    wakers: Vec<Waker>,
}

impl MemoryLog {
    /// A new storage, and a handle that asks `faults` before each append of at least one line.
    #[must_use]
    pub fn new(faults: impl FnMut() -> Fault + Send + 'static) -> Self {
        Self::reliable().with_faults(faults)
    }

    /// A new storage, and a handle without faults.
    #[must_use]
    pub fn reliable() -> Self {
        Self {
            storage: Arc::default(),
            append_faults: Arc::new(Mutex::new(|| Fault::None)),
            read_faults: Arc::new(Mutex::new(|| false)),
            seen: Arc::default(),
        }
    }

    /// Another handle to the same storage, with its own faults in appends and none in reads.
    #[must_use]
    pub fn with_faults(&self, faults: impl FnMut() -> Fault + Send + 'static) -> Self {
        Self {
            storage: Arc::clone(&self.storage),
            append_faults: Arc::new(Mutex::new(faults)),
            read_faults: Arc::new(Mutex::new(|| false)),
            seen: Arc::default(),
        }
    }

    /// This handle, asking `unavailable` before each operation that is no append: when it says
    /// yes, the operation fails with [`LogError::Unavailable`].
    #[must_use]
    pub fn with_read_faults(self, unavailable: impl FnMut() -> bool + Send + 'static) -> Self {
        Self {
            read_faults: Arc::new(Mutex::new(unavailable)),
            ..self
        }
    }

    /// Loses all lines of a log from seq `size` on, as a store does that is set back to a backup.
    pub fn set_back(&self, log: &LogName, size: usize) {
        if let Some(lines) = self.storage().logs.get_mut(log) {
            lines.truncate(size);
        }
    }

    fn storage(&self) -> MutexGuard<'_, Storage> {
        locked(&self.storage)
    }

    /// The storage as a read finds it, when the store answers.
    fn answer(&self, log: Option<&LogName>) -> Result<MutexGuard<'_, Storage>, LogError> {
        let unavailable = (*locked(&self.read_faults))();
        let mut storage = self.storage();
        storage.land_late(log);
        if unavailable {
            // Whoever waits for a change must ask again; there is no clock here that would wake it.
            storage.wake();
            return Err(LogError::Unavailable("a fault on command".to_owned()));
        }
        Ok(storage)
    }
}

fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Storage {
    fn head(&self, log: &LogName) -> Head {
        self.logs
            .get(log)
            .and_then(|lines| lines.last())
            .map(SealedLine::head)
            .unwrap_or_default()
    }

    /// Stores the lines whole if each continues the one before, and the first the head.
    fn store(
        &mut self,
        log: &LogName,
        head: Head,
        lines: &[SealedLine],
    ) -> Result<(), AppendError> {
        let mut end = head;
        let chained = lines.iter().all(|line| {
            let continued = end.is_continued_by(line);
            end = line.head();
            continued
        });
        if self.head(log) != head || !chained {
            return Err(AppendError::Conflict);
        }
        self.logs
            .entry(log.clone())
            .or_default()
            .extend_from_slice(lines);
        Ok(())
    }

    /// Lands the late writes of one log, or of all.
    fn land_late(&mut self, log: Option<&LogName>) {
        let due = |name: &LogName| log.is_none_or(|log| log == name);
        let late = self
            .late
            .extract_if(.., |(name, ..)| due(name))
            .collect::<Vec<_>>();
        for (name, head, lines) in late {
            if self.store(&name, head, &lines).is_ok() {
                self.wake();
            }
        }
    }

    fn wake(&mut self) {
        self.version += 1;
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(
        &self,
        log: &LogName,
        head: Head,
        lines: &[SealedLine],
    ) -> Result<(), AppendError> {
        let mut storage = self.storage();
        storage.land_late(Some(log));
        if lines.is_empty() {
            return Ok(());
        }
        if lines.len() > MAX_APPEND_LINES {
            return Err(AppendError::NotStored(format!(
                "more than {MAX_APPEND_LINES} lines"
            )));
        }
        let unknown = || Err(AppendError::Unknown("a fault on command".to_owned()));
        let fault = (*locked(&self.append_faults))();
        let result = match fault {
            Fault::None => storage.store(log, head, lines),
            Fault::NotStored => Err(AppendError::NotStored("a fault on command".to_owned())),
            Fault::UnknownNotStored => unknown(),
            Fault::StoredThenUnknown => storage
                .store(log, head, lines)
                .or(Ok(()))
                .and_then(|()| unknown()),
            Fault::UnknownStoredLater => {
                storage.late.push((log.clone(), head, lines.to_vec()));
                unknown()
            }
        };
        storage.wake();
        result
    }

    async fn read(&self, log: &LogName, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, LogError> {
        let storage = self.answer(Some(log))?;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let lines = storage.logs.get(log).into_iter().flatten();
        let mut bytes = 0;
        let fits = |line: &&SealedLine| {
            let fits = bytes < MAX_READ_BYTES;
            bytes += line.bytes.len();
            fits
        };
        Ok(lines
            .skip(from)
            .take(limit)
            .take_while(fits)
            .map(|line| line.bytes.clone())
            .collect())
    }

    async fn writable(&self) -> Result<(), LogError> {
        match (*locked(&self.append_faults))() {
            Fault::None => Ok(()),
            fault => Err(LogError::Unavailable(format!("{fault:?}"))),
        }
    }

    async fn head(&self, log: &LogName) -> Result<Head, LogError> {
        Ok(self.answer(Some(log))?.head(log))
    }

    async fn logs(&self) -> Result<Vec<LogName>, LogError> {
        Ok(self.answer(None)?.logs.keys().cloned().collect())
    }

    /// Returns once anybody has tried to append, or was refused a read, since the last call.
    async fn changed(&self) {
        std::future::poll_fn(|context| {
            let mut storage = self.storage();
            if self.seen.swap(storage.version, Ordering::Relaxed) != storage.version {
                return Poll::Ready(());
            }
            if !storage
                .wakers
                .iter()
                .any(|waker| waker.will_wake(context.waker()))
            {
                storage.wakers.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    async fn save_snapshot(&self, log: &LogName, snapshot: &Snapshot) -> Result<(), LogError> {
        self.answer(Some(log))?
            .snapshots
            .insert(log.clone(), snapshot.clone());
        Ok(())
    }

    async fn load_snapshot(&self, log: &LogName) -> Result<Option<Snapshot>, LogError> {
        Ok(self.answer(Some(log))?.snapshots.get(log).cloned())
    }

    /// The same in every storage, so that a schedule can be replayed.
    async fn secret(&self) -> Result<[u8; 32], LogError> {
        self.answer(None)
            .map(|_| *b"a secret of a log in memory only")
    }

    /// No other process can have it.
    async fn claim(&self, _node: &str) -> Result<bool, LogError> {
        Ok(true)
    }

    async fn close(&self) {}
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let storage = self.storage();
        let sizes = storage
            .logs
            .iter()
            .map(|(log, lines)| (log.as_str(), lines.len()));
        f.debug_map().entries(sizes).finish()
    }
}

#[cfg(test)]
mod tests;
