//! Brings the database to the schema that this program knows; never back.

use crate::{CONNECT_TIMEOUT, answer, damaged, unavailable};
use daybook_schema::LogError;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, SqlSafeStr};

/// The oldest server: 15 has what the guards need, and is maintained.
const OLDEST_SERVER: i32 = 15;

/// Frozen once released: a database remembers the hash of each.
const MIGRATIONS: [(i64, &str, &str); 5] = [
    (1, "roles", include_str!("../migrations/0001_roles.sql")),
    (2, "log", include_str!("../migrations/0002_log.sql")),
    (
        3,
        "snapshot",
        include_str!("../migrations/0003_snapshot.sql"),
    ),
    (
        4,
        "reporting",
        include_str!("../migrations/0004_reporting.sql"),
    ),
    (
        5,
        "reporting_cash_desks",
        include_str!("../migrations/0005_reporting_cash_desks.sql"),
    ),
];

const TABLE: &str = "daybook._sqlx_migrations";

fn migrator() -> Migrator {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(
            version,
            name.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    let mut migrator = Migrator::with_migrations(MIGRATIONS.map(migration).into());
    migrator.create_schema("daybook");
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

/// Connects within [`CONNECT_TIMEOUT`].
pub(crate) async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let silence = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(CONNECT_TIMEOUT, options.connect())
        .await
        .map_err(silence)?
}

/// Migrates. Says whether the server, as it is set, waits for the disk when it commits.
pub(crate) async fn run(options: &PgConnectOptions) -> Result<bool, LogError> {
    let mut connection = connect(options).await.map_err(unavailable)?;
    let sql = "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_version'),
               current_setting('server_encoding'), current_setting('synchronous_commit') <> 'off'";
    let (major, version, encoding, durable): (i32, String, String, bool) = sqlx::query_as(sql)
        .fetch_one(&mut connection)
        .await
        .map_err(unavailable)?;
    if major < OLDEST_SERVER {
        return Err(LogError::Unavailable(format!(
            "Postgres {version} is too old: Daybook needs {OLDEST_SERVER} or newer"
        )));
    }
    if encoding != "UTF8" {
        return Err(LogError::Unavailable(format!(
            "the database has the encoding {encoding}: create it with ENCODING 'UTF8'"
        )));
    }
    if !is_current(&mut connection).await? {
        // Takes the database's advisory lock, so that of several nodes one migrates and the others
        // wait for it. The lock ends with the connection when this fails.
        migrator()
            .run_direct(None, &mut connection, false)
            .await
            .map_err(failed)?;
    }
    connection.close().await.map_err(unavailable)?;
    Ok(durable)
}

/// The schema from which on there is a log.
const FIRST_LOG: i64 = 2;

/// Whether there is a log that this program can read. Changes nothing. An older schema will do,
/// since the tables of the log are the same in all.
pub(crate) async fn check(readers: &PgPool) -> Result<bool, LogError> {
    let exists: bool = answer(sqlx::query_scalar(HAS_TABLE).fetch_one(readers)).await?;
    if !exists {
        return Ok(false);
    }
    let sql = "SELECT max(version) FROM daybook._sqlx_migrations WHERE success";
    let newest = sqlx::query_scalar(sql).fetch_one(readers).await;
    let newest: Option<i64> = newest.map_err(may_not_read)?;
    match newest {
        Some(version) if version > MIGRATIONS[MIGRATIONS.len() - 1].0 => Err(newer(version)),
        Some(version) => Ok(version >= FIRST_LOG),
        None => Ok(false),
    }
}

fn may_not_read(error: sqlx::Error) -> LogError {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    if code.as_deref() == Some("42501") {
        return LogError::Unavailable(format!(
            "{error}; let the owner run: GRANT USAGE ON SCHEMA daybook TO the user of the database \
             URL; GRANT SELECT ON daybook.event, daybook.head, daybook._sqlx_migrations TO that user"
        ));
    }
    unavailable(error)
}

const HAS_TABLE: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'daybook' AND c.relname = '_sqlx_migrations')";

/// Whether nothing is to be done. Asked first, since a user who owns nothing may ask it.
async fn is_current(connection: &mut PgConnection) -> Result<bool, LogError> {
    let exists: bool = sqlx::query_scalar(HAS_TABLE)
        .fetch_one(&mut *connection)
        .await
        .map_err(unavailable)?;
    if !exists {
        return Ok(false);
    }
    let applied = connection
        .list_applied_migrations(TABLE)
        .await
        .map_err(failed)?;
    let newest = applied
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    if newest > MIGRATIONS[MIGRATIONS.len() - 1].0 {
        return Err(newer(newest));
    }
    let same = |known: &Migration| {
        applied
            .iter()
            .any(|a| (a.version, &a.checksum) == (known.version, &known.checksum))
    };
    Ok(migrator().iter().all(same))
}

fn newer(version: i64) -> LogError {
    let known = MIGRATIONS[MIGRATIONS.len() - 1].0;
    LogError::NewerSchema(format!(
        "this database was made by a newer Daybook (schema {version}, this program knows 1 to \
         {known}): update the program"
    ))
}

fn failed(error: MigrateError) -> LogError {
    match error {
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => unavailable(e),
        MigrateError::VersionMissing(version) => newer(version),
        other => damaged(other),
    }
}
