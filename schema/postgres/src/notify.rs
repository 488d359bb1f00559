//! Waking the other nodes: hints that may be late, lost or needless, and never cost an append time.

use crate::{migrate, unavailable};
use daybook_schema::{LogError, LogName};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;

const CHANNEL: &str = "daybook";

/// When a follower looks at the log without a hint.
const PATIENCE: Duration = Duration::from_secs(1);

/// Least time between two announcements: what happens meanwhile is announced together.
const PAUSE: Duration = Duration::from_millis(10);

/// What a handle's own announcements begin with, so that it does not wake itself.
pub(crate) fn tag() -> Result<String, LogError> {
    let number = getrandom::u64().map_err(|e| LogError::Unavailable(e.to_string()))?;
    Ok(format!("{number:016x}"))
}

/// Announces appends from a task of its own.
pub(crate) struct Announcer {
    due: Arc<Due>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Due {
    logs: StdMutex<BTreeSet<String>>,
    wake: Notify,
}

impl Announcer {
    pub(crate) fn start(options: &PgConnectOptions, tag: &str) -> Self {
        let due = Arc::new(Due::default());
        // A notification is a commit; without this it would wait for the disk like an append.
        let options = options.clone().options([("synchronous_commit", "off")]);
        let task = tokio::spawn(run(Arc::clone(&due), options, tag.to_owned()));
        Self { due, task }
    }

    pub(crate) fn announce(&self, log: &LogName) {
        self.due.logs().insert(log.as_str().to_owned());
        self.due.wake.notify_one();
    }

    pub(crate) async fn stop(&self) {
        self.task.abort();
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Due {
    fn logs(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn run(due: Arc<Due>, options: PgConnectOptions, tag: String) {
    let mut connection = None;
    loop {
        due.wake.notified().await;
        let payloads: Vec<_> = std::mem::take(&mut *due.logs())
            .iter()
            .map(|log| format!("{tag} {log}"))
            .collect();
        let warm = match connection.take() {
            Some(warm) => Ok(warm),
            None => migrate::connect(&options).await,
        };
        if let Ok(mut warm) = warm {
            let sent = sqlx::query(
                "SELECT pg_notify($1, u.payload) FROM unnest($2::text[]) AS u (payload)",
            )
            .bind(CHANNEL)
            .bind(&payloads)
            .execute(&mut warm);
            // A hint that is lost costs others at most their patience.
            if let Ok(Ok(_)) = tokio::time::timeout(PATIENCE, sent).await {
                connection = Some(warm);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Hears the announcements of others.
pub(crate) struct Listener {
    options: PgConnectOptions,
    tag: String,
    connection: Mutex<Option<PgListener>>,
}

impl Listener {
    pub(crate) fn new(options: PgConnectOptions, tag: String) -> Self {
        Self {
            options,
            tag,
            connection: Mutex::default(),
        }
    }

    /// Returns at an announcement of another, after a lost or new connection, or out of patience.
    pub(crate) async fn changed(&self) {
        drop(tokio::time::timeout(PATIENCE, self.hint()).await);
    }

    async fn hint(&self) {
        let mut slot = self.connection.lock().await;
        let Some(listener) = slot.as_mut() else {
            match self.connect().await {
                // What was announced before is not known: the caller should look.
                Ok(listener) => *slot = Some(listener),
                Err(_) => std::future::pending().await,
            }
            return;
        };
        let heard = loop {
            match listener.try_recv().await {
                Ok(Some(hint)) if hint.payload().starts_with(&self.tag) => {}
                // Somebody's hint, or a lost connection and with it what was announced meanwhile.
                Ok(_) => break true,
                Err(_) => break false,
            }
        };
        if heard {
            while listener.next_buffered().is_some() {}
        } else {
            *slot = None;
            std::future::pending::<()>().await;
        }
    }

    async fn connect(&self) -> Result<PgListener, LogError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.options.clone());
        let mut listener = PgListener::connect_with(&pool).await.map_err(unavailable)?;
        listener.ignore_pool_close_event(true);
        listener.listen(CHANNEL).await.map_err(unavailable)?;
        Ok(listener)
    }

    pub(crate) async fn close(&self) {
        *self.connection.lock().await = None;
    }
}
