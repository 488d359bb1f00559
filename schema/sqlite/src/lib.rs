//! The log in one embedded `SQLite` file, for a venue that runs a single program and no server.
//!
//! It keeps the same contracts as the log in Postgres, with the same bytes and hashes. What always
//! holds: one connection writes, and an append is one transaction that is on the disk when it
//! returns (WAL with `synchronous=FULL`); the triggers of `migrations/` refuse any line that does
//! not continue its log, and any change of a line.

mod append;
mod migrate;
mod snapshot;
mod watch;

use async_trait::async_trait;
use daybook_schema::log::Snapshot;
use daybook_schema::{AppendError, EventLog, Head, Leaf, LogError, LogName, SealedLine};
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, SqlitePool};
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;
use watch::Watch;

/// The file's name within its directory.
pub const FILE_NAME: &str = "daybook.sqlite";

/// How long a statement waits for another process that writes to the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const READERS: u32 = 4;

/// The log in a file. Several handles and several processes may use one file.
pub struct SqliteLog {
    /// `None` once closed.
    writer: Mutex<Option<SqliteConnection>>,
    readers: SqlitePool,
    watch: Watch,
}

/// Opens the log in a directory, making both where they are missing. A new directory is for its
/// owner only.
///
/// # Errors
/// When the file cannot be used, or was made by a newer program.
pub async fn open(dir: &Path) -> Result<SqliteLog, LogError> {
    make_dir(dir).map_err(|e| LogError::Unavailable(format!("{}: {e}", dir.display())))?;
    let options = SqliteConnectOptions::new()
        .filename(dir.join(FILE_NAME))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    // Changing the journal mode and migrating race with other openers; `SQLite` has no lock for it.
    let opening = migrate::lock(dir).await?;
    let mut writer = options.connect().await.map_err(unavailable)?;
    migrate::run(&mut writer).await?;
    drop(opening);

    let reading = options.pragma("query_only", "ON");
    let readers = PoolOptions::<Sqlite>::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .connect_lazy_with(reading.clone());
    let watch = Watch::new(reading.connect().await.map_err(unavailable)?);
    Ok(SqliteLog {
        writer: Mutex::new(Some(writer)),
        readers,
        watch,
    })
}

fn make_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn unavailable(error: sqlx::Error) -> LogError {
    LogError::Unavailable(error.to_string())
}

fn damaged(what: impl std::fmt::Display) -> LogError {
    LogError::Damaged(what.to_string())
}

/// `SQLite` counts in signed 64 bits; what lies beyond cannot be stored, so nothing stands there.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn head_from(size: i64, leaf: Vec<u8>) -> Result<Head, LogError> {
    let size = u64::try_from(size).map_err(damaged)?;
    let leaf = leaf
        .try_into()
        .map_err(|_| damaged("a leaf has not 32 bytes"))?;
    Ok(Head {
        size,
        leaf: Leaf(leaf),
    })
}

#[async_trait]
impl EventLog for SqliteLog {
    async fn append(
        &self,
        log: &LogName,
        head: Head,
        lines: &[SealedLine],
    ) -> Result<(), AppendError> {
        let mut writer = self.writer.lock().await;
        let closed = || AppendError::NotStored("the log is closed".to_owned());
        append::append(writer.as_mut().ok_or_else(closed)?, log, head, lines).await
    }

    async fn read(&self, log: &LogName, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, LogError> {
        let sql = "SELECT seq, line FROM event WHERE log = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3";
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(sql)
            .bind(log.as_str())
            .bind(signed(from))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)?;
        let in_place = |((seq, line), expected): ((i64, Vec<u8>), i64)| {
            if seq == expected {
                Ok(line)
            } else {
                Err(damaged(format!("{log} lacks line {expected}")))
            }
        };
        rows.into_iter().zip(signed(from)..).map(in_place).collect()
    }

    async fn head(&self, log: &LogName) -> Result<Head, LogError> {
        let sql = "SELECT size, leaf FROM head WHERE log = ?1";
        let row: Option<(i64, Vec<u8>)> = sqlx::query_as(sql)
            .bind(log.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(unavailable)?;
        row.map_or_else(|| Ok(Head::default()), |(size, leaf)| head_from(size, leaf))
    }

    async fn logs(&self) -> Result<Vec<LogName>, LogError> {
        let names: Vec<String> = sqlx::query_scalar("SELECT log FROM head ORDER BY log")
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)?;
        names
            .iter()
            .map(|name| LogName::new(name).map_err(damaged))
            .collect()
    }

    async fn changed(&self) {
        self.watch.changed().await;
    }

    async fn save_snapshot(&self, log: &LogName, snapshot: &Snapshot) -> Result<(), LogError> {
        let mut writer = self.writer.lock().await;
        let writer = writer.as_mut().ok_or_else(closed)?;
        snapshot::save(writer, log, snapshot)
            .await
            .map_err(unavailable)
    }

    async fn load_snapshot(&self, log: &LogName) -> Result<Option<Snapshot>, LogError> {
        snapshot::load(&self.readers, log).await
    }

    async fn secret(&self) -> Result<[u8; 32], LogError> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|e| LogError::Unavailable(e.to_string()))?;
        let mut writer = self.writer.lock().await;
        let writer = writer.as_mut().ok_or_else(closed)?;
        sqlx::query("INSERT OR IGNORE INTO secret (id, bytes) VALUES (1, ?1)")
            .bind(&fresh[..])
            .execute(&mut *writer)
            .await
            .map_err(unavailable)?;
        let stored: Vec<u8> = sqlx::query_scalar("SELECT bytes FROM secret")
            .fetch_one(writer)
            .await
            .map_err(unavailable)?;
        stored
            .try_into()
            .map_err(|_| damaged("the secret has not 32 bytes"))
    }

    async fn close(&self) {
        self.readers.close().await;
        self.watch.close().await;
        if let Some(writer) = self.writer.lock().await.take() {
            // The last one out folds the WAL back into the file; a failure loses nothing.
            drop(writer.close().await);
        }
    }
}

fn closed() -> LogError {
    LogError::Unavailable("the log is closed".to_owned())
}

impl std::fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteLog").finish_non_exhaustive()
    }
}
