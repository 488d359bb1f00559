//! The log in Postgres, for several nodes that share one.
//!
//! What always holds: an append is one statement, and so one round trip and one commit; the
//! trigger of `migrations/0002_log.sql` decides under the lock of the log's head whether it
//! continues, so that no program needs to be trusted; the program works as the role
//! `daybook_writer`, which may add lines and never change them. `NOTIFY` only wakes; the log is the
//! truth.

mod append;
mod claims;
mod migrate;
mod notify;
mod snapshot;
mod writers;

use async_trait::async_trait;
use claims::Claims;
use daybook_schema::log::{MAX_READ_BYTES, READING_ONLY, Snapshot};
use daybook_schema::{AppendError, EventLog, Head, Leaf, LogError, LogName, SealedLine};
use notify::{Announcer, Listener};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool, Postgres};
use std::time::Duration;
use writers::Writers;

/// How long a connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// When a statement without an answer is given up. The server gives up earlier, so that it can say
/// so itself.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
const STATEMENT_TIMEOUT: &str = "25s";

const READERS: u32 = 4;

/// The log in a Postgres database. Several handles and several nodes may use one database.
pub struct PostgresLog {
    /// `None` when opened for reading only.
    writing: Option<Writing>,
    readers: PgPool,
    listener: Listener,
}

struct Writing {
    writers: Writers,
    announcer: Announcer,
    claims: Claims,
}

/// What is wrong with the text of a database URL, in words without its password.
///
/// # Errors
/// When no database could be meant by it.
pub fn check_url(url: &str) -> Result<(), String> {
    parse(url).map(drop)
}

fn parse(url: &str) -> Result<PgConnectOptions, String> {
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err("it does not begin with postgres://".to_owned());
    }
    let options = url.parse::<PgConnectOptions>().map_err(|error| {
        let why = match error {
            sqlx::Error::Configuration(why) => why.to_string(),
            other => other.to_string(),
        };
        format!("{why} (in a password, write %40 for @, %3A for :, %2F for / and %23 for #)")
    })?;
    Ok(match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("daybook"),
    }
    .disable_statement_logging())
}

fn senseless(why: impl std::fmt::Display) -> LogError {
    LogError::Unavailable(format!("the database URL makes no sense: {why}"))
}

/// What every connection is set to.
fn patient(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("statement_timeout", STATEMENT_TIMEOUT),
        // A node that vanished from the network must not hold a head's lock for hours.
        ("tcp_keepalives_idle", "15"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
    ])
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(CONNECT_TIMEOUT)
        .connect_lazy_with(options)
}

/// Connects, brings the database to the schema that this program knows, and takes the role
/// `daybook_writer`.
///
/// # Errors
/// When the server does not answer or is older than Postgres 15, when the user may not do what is
/// needed, or when the database was made by a newer program.
pub async fn open(url: &str) -> Result<PostgresLog, LogError> {
    let options = parse(url).map_err(senseless)?;
    let durable = migrate::run(&options).await?;

    let working = patient(options).options([("role", "daybook_writer")]);
    let readers = pool(working.clone());
    // The first use would find out, but then nobody is there to read the message.
    drop(readers.acquire().await.map_err(role_refused)?);
    // A database that is set to lose commits does not decide what "stored" means here.
    let writing = if durable {
        working.clone()
    } else {
        working.clone().options([("synchronous_commit", "on")])
    };
    let tag = notify::tag()?;
    Ok(PostgresLog {
        writing: Some(Writing {
            writers: Writers::new(writing),
            announcer: Announcer::start(&working, &tag),
            claims: Claims::new(working.clone()),
        }),
        readers,
        listener: Listener::new(working, tag),
    })
}

/// Connects for reading only, as the user of the URL, who needs no more than USAGE of the schema
/// `daybook` and SELECT on `event`, `head` and `_sqlx_migrations`. Nothing is migrated; appends,
/// snapshots and a first secret are refused. `None` when the database holds no log.
///
/// # Errors
/// When the server does not answer, the user may not read, or the database was made by a newer
/// program.
pub async fn open_reader(url: &str) -> Result<Option<PostgresLog>, LogError> {
    let options = patient(parse(url).map_err(senseless)?);
    let reading = options.options([("default_transaction_read_only", "on")]);
    let readers = pool(reading.clone());
    if !migrate::check(&readers).await? {
        readers.close().await;
        return Ok(None);
    }
    Ok(Some(PostgresLog {
        writing: None,
        readers,
        listener: Listener::new(reading, notify::tag()?),
    }))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn unavailable(error: sqlx::Error) -> LogError {
    LogError::Unavailable(error.to_string())
}

fn role_refused(error: sqlx::Error) -> LogError {
    let code = error
        .as_database_error()
        .and_then(|e| e.code().map(std::borrow::Cow::into_owned));
    if code.as_deref() == Some("42501") {
        let advice = "let a superuser run: GRANT daybook_writer TO the user of the database URL";
        return LogError::Unavailable(format!("{error}; {advice}"));
    }
    unavailable(error)
}

fn damaged(what: impl std::fmt::Display) -> LogError {
    LogError::Damaged(what.to_string())
}

/// Postgres counts in signed 64 bits; what lies beyond cannot be stored, so nothing stands there.
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

fn reading_only() -> LogError {
    LogError::Unavailable(READING_ONLY.to_owned())
}

/// Most lines that are measured for one page; shorter lines than this allows do not exist.
const MAX_READ_LINES: usize = MAX_READ_BYTES / 128;

/// A page, measured by the server before any line of it is sent.
const READ: &str = "
    WITH sizes AS (
        SELECT seq, octet_length(line) AS bytes FROM daybook.event
        WHERE log = $1 AND seq >= $2 ORDER BY seq LIMIT $3
    ), sums AS (SELECT seq, sum(bytes) OVER (ORDER BY seq) - bytes AS before FROM sizes)
    SELECT seq, line FROM daybook.event
    WHERE log = $1 AND seq >= $2 AND seq <= (SELECT max(seq) FROM sums WHERE before < $4)
    ORDER BY seq";

/// Waits for an answer, but not for ever.
async fn answer<T>(question: impl Future<Output = sqlx::Result<T>>) -> Result<T, LogError> {
    let silence = |_| LogError::Unavailable(format!("no answer within {ANSWER_TIMEOUT:?}"));
    tokio::time::timeout(ANSWER_TIMEOUT, question)
        .await
        .map_err(silence)?
        .map_err(unavailable)
}

#[async_trait]
impl EventLog for PostgresLog {
    async fn append(
        &self,
        log: &LogName,
        head: Head,
        lines: &[SealedLine],
    ) -> Result<(), AppendError> {
        let refusal = || AppendError::NotStored(READING_ONLY.to_owned());
        let writing = self.writing.as_ref().ok_or_else(refusal)?;
        let Writing {
            writers, announcer, ..
        } = writing;
        let result = append::append(writers, log, head, lines).await;
        // Others should look also when nobody knows.
        if !lines.is_empty() && matches!(result, Ok(()) | Err(AppendError::Unknown(_))) {
            announcer.announce(log);
        }
        result
    }

    async fn read(&self, log: &LogName, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, LogError> {
        let rows = sqlx::query_as(READ)
            .bind(log.as_str())
            .bind(signed(from))
            .bind(i64::try_from(limit.min(MAX_READ_LINES)).unwrap_or(i64::MAX))
            .bind(i64::try_from(MAX_READ_BYTES).unwrap_or(i64::MAX))
            .fetch_all(&self.readers);
        let in_place = |((seq, line), expected): ((i64, Vec<u8>), i64)| {
            if seq == expected {
                Ok(line)
            } else {
                Err(damaged(format!("{log} lacks line {expected}")))
            }
        };
        answer(rows)
            .await?
            .into_iter()
            .zip(signed(from)..)
            .map(in_place)
            .collect()
    }

    async fn writable(&self) -> Result<(), LogError> {
        self.writing.as_ref().ok_or_else(reading_only)?;
        let sql =
            "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'";
        let takes_writes = answer(sqlx::query_scalar(sql).fetch_one(&self.readers)).await?;
        if takes_writes {
            return Ok(());
        }
        Err(LogError::Unavailable(
            "the database takes no writes".to_owned(),
        ))
    }

    async fn head(&self, log: &LogName) -> Result<Head, LogError> {
        let sql = "SELECT size, leaf FROM daybook.head WHERE log = $1";
        let row = sqlx::query_as(sql)
            .bind(log.as_str())
            .fetch_optional(&self.readers);
        answer(row)
            .await?
            .map_or_else(|| Ok(Head::default()), |(size, leaf)| head_from(size, leaf))
    }

    async fn logs(&self) -> Result<Vec<LogName>, LogError> {
        let sql = "SELECT log FROM daybook.head ORDER BY log";
        let names: Vec<String> = answer(sqlx::query_scalar(sql).fetch_all(&self.readers)).await?;
        names
            .iter()
            .map(|name| LogName::new(name).map_err(damaged))
            .collect()
    }

    async fn changed(&self) {
        self.listener.changed().await;
    }

    async fn save_snapshot(&self, log: &LogName, snapshot: &Snapshot) -> Result<(), LogError> {
        self.writing.as_ref().ok_or_else(reading_only)?;
        answer(snapshot::save(&self.readers, log, snapshot)).await
    }

    /// Readers have none: they may not be allowed to read it, and whoever checks the lines wants
    /// nothing but lines.
    async fn load_snapshot(&self, log: &LogName) -> Result<Option<Snapshot>, LogError> {
        if self.writing.is_none() {
            return Ok(None);
        }
        snapshot::load(&self.readers, log).await
    }

    async fn secret(&self) -> Result<[u8; 32], LogError> {
        if self.writing.is_some() {
            let mut fresh = [0; 32];
            getrandom::fill(&mut fresh).map_err(|e| LogError::Unavailable(e.to_string()))?;
            let sql =
                "INSERT INTO daybook.secret (id, bytes) VALUES (1, $1) ON CONFLICT DO NOTHING";
            let insert = sqlx::query::<Postgres>(sql).bind(&fresh[..]);
            answer(insert.execute(&self.readers)).await?;
        }
        let stored =
            sqlx::query_scalar("SELECT bytes FROM daybook.secret").fetch_optional(&self.readers);
        let stored: Vec<u8> = answer(stored).await?.ok_or_else(reading_only)?;
        stored
            .try_into()
            .map_err(|_| damaged("the secret has not 32 bytes"))
    }

    async fn claim(&self, node: &str) -> Result<bool, LogError> {
        let writing = self.writing.as_ref().ok_or_else(reading_only)?;
        writing.claims.claim(node).await
    }

    async fn close(&self) {
        if let Some(writing) = &self.writing {
            writing.announcer.stop().await;
            writing.writers.close().await;
            // Last, so that nobody takes the name while something is still being written.
            writing.claims.close().await;
        }
        self.listener.close().await;
        self.readers.close().await;
    }
}

impl std::fmt::Debug for PostgresLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresLog").finish_non_exhaustive()
    }
}
