//! Connections for reading, of a store that is at work or of one that lies still.
//!
//! A file that nobody has open is read without locks and without a WAL (`immutable`), so that
//! nothing in its directory is made or changed, and the directory need not be writable. Such a
//! reader would not see a program that begins to write meanwhile; so it looks after each answer
//! whether the file is still the same, and otherwise asks again as an ordinary reader.

use crate::{FILE_NAME, unavailable};
use daybook_schema::LogError;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Sqlite, SqlitePool};
use std::fs::metadata;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

const READERS: u32 = 4;

pub(crate) struct Readers(Mutex<State>);

#[derive(Clone)]
struct State {
    pool: SqlitePool,
    /// While the file is taken to lie still.
    still: Option<Still>,
}

/// How a file looked when nobody had it open.
#[derive(Clone, PartialEq, Eq)]
struct Still {
    dir: PathBuf,
    length: u64,
    modified: SystemTime,
}

impl Still {
    /// `None` when somebody may be writing: then there are lines in the WAL.
    fn look(dir: &Path) -> Option<Self> {
        let wal = metadata(dir.join(format!("{FILE_NAME}-wal")));
        if wal.is_ok_and(|wal| wal.len() > 0) {
            return None;
        }
        let file = metadata(dir.join(FILE_NAME)).ok()?;
        Some(Self {
            dir: dir.to_owned(),
            length: file.len(),
            modified: file.modified().ok()?,
        })
    }
}

fn pool(options: SqliteConnectOptions) -> SqlitePool {
    PoolOptions::<Sqlite>::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .connect_lazy_with(options.pragma("query_only", "ON"))
}

impl Readers {
    /// Beside the writer of the same handle.
    pub(crate) fn of(options: SqliteConnectOptions) -> Self {
        let pool = pool(options);
        Self(Mutex::new(State { pool, still: None }))
    }

    /// Of a file that this handle never writes.
    pub(crate) fn only(dir: &Path) -> Self {
        let still = Still::look(dir);
        let options = only_reading(dir).immutable(still.is_some());
        let pool = pool(options);
        Self(Mutex::new(State { pool, still }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and asks again when the file has not stayed as it was.
    pub(crate) async fn ask<T, F>(&self, question: impl Fn(SqlitePool) -> F) -> Result<T, LogError>
    where
        F: Future<Output = Result<T, LogError>>,
    {
        let State { pool, still } = self.state().clone();
        let answer = question(pool).await;
        match still {
            Some(still) if Still::look(&still.dir).as_ref() != Some(&still) => {
                let ordinary = self.wake(&still.dir);
                question(ordinary).await
            }
            _ => answer,
        }
    }

    /// From now on an ordinary reader.
    fn wake(&self, dir: &Path) -> SqlitePool {
        let mut state = self.state();
        if state.still.take().is_some() {
            state.pool = pool(only_reading(dir));
        }
        state.pool.clone()
    }

    pub(crate) async fn close(&self) {
        let pool = self.state().pool.clone();
        pool.close().await;
    }
}

fn only_reading(dir: &Path) -> SqliteConnectOptions {
    crate::options(dir).read_only(true)
}

/// Why a file that is there cannot be read.
pub(crate) fn unreadable(error: sqlx::Error) -> LogError {
    const CANNOT_OPEN: &str = "14";
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    if code.as_deref() == Some(CANNOT_OPEN) {
        return LogError::Unavailable(format!(
            "{error}: may this user read {FILE_NAME}? When there are lines in {FILE_NAME}-wal, its \
             directory must be writable too: read a copy"
        ));
    }
    unavailable(error)
}
