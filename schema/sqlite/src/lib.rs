//! The log in one embedded `SQLite` file, for a venue that runs a single program and no server.
//!
//! It keeps the same contracts as the log in Postgres, with the same bytes and hashes. What always
//! holds: one connection writes, and an append is one transaction that is on the disk when it
//! returns (WAL with `synchronous=FULL`); the triggers of `migrations/` refuse any line that does
//! not continue its log, and any change of a line.

mod append;
mod claims;
mod migrate;
mod readers;
mod snapshot;
mod watch;

use async_trait::async_trait;
use claims::Claims;
use daybook_schema::log::{MAX_READ_BYTES, READING_ONLY, Snapshot};
use daybook_schema::{AppendError, EventLog, Head, Leaf, LogError, LogName, SealedLine};
use futures_util::TryStreamExt;
use readers::Readers;
use snapshot::Saver;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;
use watch::Watch;

/// The file's name within its directory.
pub const FILE_NAME: &str = "daybook.sqlite";

/// How long a statement waits for another process that writes to the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The log in a file. Several handles and several processes may use one file.
pub struct SqliteLog {
    /// `None` when opened for reading only.
    writing: Option<Writing>,
    readers: Readers,
    watch: Watch,
}

struct Writing {
    /// For appends and the secret. `None` once closed.
    writer: Mutex<Option<SqliteConnection>>,
    saver: Saver,
    claims: Claims,
}

fn options(dir: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(dir.join(FILE_NAME))
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// Opens the log in a directory, making both where they are missing. A new directory is for its
/// owner only.
///
/// # Errors
/// When the file cannot be used, or was made by a newer program.
pub async fn open(dir: &Path) -> Result<SqliteLog, LogError> {
    make_dir(dir).map_err(|e| LogError::Unavailable(format!("{}: {e}", dir.display())))?;
    let options = options(dir)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    // Changing the journal mode and migrating race with other openers; `SQLite` has no lock for it.
    let opening = migrate::lock(dir).await?;
    let mut writer = options.connect().await.map_err(unavailable)?;
    migrate::run(&mut writer).await?;
    drop(opening);

    let saver = Saver::new(&options).await.map_err(unavailable)?;
    let reading = options.pragma("query_only", "ON");
    let watch = Watch::new(reading.connect().await.map_err(unavailable)?);
    Ok(SqliteLog {
        writing: Some(Writing {
            writer: Mutex::new(Some(writer)),
            saver,
            claims: Claims::new(dir),
        }),
        readers: Readers::of(reading),
        watch,
    })
}

/// Opens the log in a directory for reading only: whatever is asked, nothing is locked, made or
/// migrated, and a directory that nobody is using need not be writable. Appends, snapshots and
/// a first secret are refused. `None` when there is no log.
///
/// # Errors
/// When the file cannot be read, or was made by a newer program.
pub async fn open_reader(dir: &Path) -> Result<Option<SqliteLog>, LogError> {
    if !dir.join(FILE_NAME).is_file() {
        return Ok(None);
    }
    let readers = Readers::only(dir);
    if !readers.ask(migrate::check).await? {
        readers.close().await;
        return Ok(None);
    }
    Ok(Some(SqliteLog {
        writing: None,
        readers,
        watch: Watch::of_time(),
    }))
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
        let not_stored = |why: &str| AppendError::NotStored(why.to_owned());
        let writing = self.writing.as_ref();
        let writing = writing.ok_or_else(|| not_stored(READING_ONLY))?;
        let mut writer = writing.writer.lock().await;
        let writer = writer.as_mut();
        let writer = writer.ok_or_else(|| not_stored("the log is closed"))?;
        append::append(writer, log, head, lines).await
    }

    async fn read(&self, log: &LogName, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, LogError> {
        self.readers
            .ask(|pool| read(pool, log, signed(from), limit))
            .await
    }

    async fn writable(&self) -> Result<(), LogError> {
        let writing = self.writing.as_ref().ok_or_else(reading_only)?;
        let mut writer = writing.writer.lock().await;
        let writer = writer.as_mut().ok_or_else(closed)?;
        // Taking the write lock is what an append begins with; nothing is changed.
        let probe = sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK");
        probe.execute(writer).await.map_err(unavailable)?;
        Ok(())
    }

    async fn head(&self, log: &LogName) -> Result<Head, LogError> {
        self.readers.ask(|pool| head(pool, log)).await
    }

    async fn logs(&self) -> Result<Vec<LogName>, LogError> {
        self.readers.ask(logs).await
    }

    async fn changed(&self) {
        self.watch.changed().await;
    }

    async fn save_snapshot(&self, log: &LogName, snapshot: &Snapshot) -> Result<(), LogError> {
        let Writing { writer, saver, .. } = self.writing.as_ref().ok_or_else(reading_only)?;
        saver.save(writer, log, snapshot).await
    }

    /// Readers have none: an older schema keeps it elsewhere, and whoever checks the lines wants
    /// nothing but lines.
    async fn load_snapshot(&self, log: &LogName) -> Result<Option<Snapshot>, LogError> {
        if self.writing.is_none() {
            return Ok(None);
        }
        let load = |pool| async move { snapshot::load(&pool, log).await };
        self.readers.ask(load).await
    }

    async fn secret(&self) -> Result<[u8; 32], LogError> {
        let stored = match &self.writing {
            Some(writing) => writing.secret().await?,
            None => self.readers.ask(secret).await?.ok_or_else(reading_only)?,
        };
        stored
            .try_into()
            .map_err(|_| damaged("the secret has not 32 bytes"))
    }

    async fn claim(&self, node: &str) -> Result<bool, LogError> {
        let writing = self.writing.as_ref().ok_or_else(reading_only)?;
        writing.claims.claim(node).await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.watch.close().await;
        let Some(writing) = &self.writing else { return };
        writing.saver.close().await;
        if let Some(writer) = writing.writer.lock().await.take() {
            // The last one out folds the WAL back into the file; a failure loses nothing.
            drop(writer.close().await);
        }
        // Last, so that nobody takes the name while something is still being written.
        writing.claims.close().await;
    }
}

impl Writing {
    /// The stored secret, made if there is none.
    async fn secret(&self) -> Result<Vec<u8>, LogError> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|e| LogError::Unavailable(e.to_string()))?;
        let mut writer = self.writer.lock().await;
        let writer = writer.as_mut().ok_or_else(closed)?;
        sqlx::query("INSERT OR IGNORE INTO secret (id, bytes) VALUES (1, ?1)")
            .bind(&fresh[..])
            .execute(&mut *writer)
            .await
            .map_err(unavailable)?;
        sqlx::query_scalar(SECRET)
            .fetch_one(writer)
            .await
            .map_err(unavailable)
    }
}

const SECRET: &str = "SELECT bytes FROM secret";

async fn secret(pool: SqlitePool) -> Result<Option<Vec<u8>>, LogError> {
    let stored = sqlx::query_scalar(SECRET).fetch_optional(&pool);
    stored.await.map_err(unavailable)
}

async fn read(
    pool: SqlitePool,
    log: &LogName,
    from: i64,
    limit: usize,
) -> Result<Vec<Vec<u8>>, LogError> {
    let sql = "SELECT seq, line FROM event WHERE log = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3";
    let mut rows = sqlx::query_as(sql)
        .bind(log.as_str())
        .bind(from)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch(&pool);
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut bytes = 0;
    let mut places = from..;
    while bytes < MAX_READ_BYTES {
        let row: Option<(i64, Vec<u8>)> = rows.try_next().await.map_err(unavailable)?;
        let Some((seq, line)) = row else { break };
        if let Some(expected) = places.next()
            && seq != expected
        {
            return Err(damaged(format!("{log} lacks line {expected}")));
        }
        bytes += line.len();
        lines.push(line);
    }
    Ok(lines)
}

async fn head(pool: SqlitePool, log: &LogName) -> Result<Head, LogError> {
    let sql = "SELECT size, leaf FROM head WHERE log = ?1";
    let row: Option<(i64, Vec<u8>)> = sqlx::query_as(sql)
        .bind(log.as_str())
        .fetch_optional(&pool)
        .await
        .map_err(unavailable)?;
    row.map_or_else(|| Ok(Head::default()), |(size, leaf)| head_from(size, leaf))
}

async fn logs(pool: SqlitePool) -> Result<Vec<LogName>, LogError> {
    let names: Vec<String> = sqlx::query_scalar("SELECT log FROM head ORDER BY log")
        .fetch_all(&pool)
        .await
        .map_err(unavailable)?;
    names
        .iter()
        .map(|name| LogName::new(name).map_err(damaged))
        .collect()
}

fn closed() -> LogError {
    LogError::Unavailable("the log is closed".to_owned())
}

fn reading_only() -> LogError {
    LogError::Unavailable(READING_ONLY.to_owned())
}

impl std::fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteLog").finish_non_exhaustive()
    }
}
