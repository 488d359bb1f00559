//! Brings the file to the schema that this program knows; never back.

use crate::readers::unreadable;
use crate::{damaged, unavailable};
use daybook_schema::LogError;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Connection, SqlSafeStr, SqliteConnection, SqlitePool};
use std::fs::File;
use std::path::Path;

/// Frozen once released: a database remembers the hash of each.
const MIGRATIONS: [(i64, &str, &str); 3] = [
    (1, "log", include_str!("../migrations/0001_log.sql")),
    (
        2,
        "snapshot",
        include_str!("../migrations/0002_snapshot.sql"),
    ),
    (
        3,
        "generations",
        include_str!("../migrations/0003_generations.sql"),
    ),
];

/// The newest schema that this program knows.
const KNOWN: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

const TABLE: &str = "_sqlx_migrations";

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
    Migrator::with_migrations(MIGRATIONS.map(migration).into())
}

/// Waits until no other process opens this directory. Released when the file is dropped.
pub(crate) async fn lock(dir: &Path) -> Result<File, LogError> {
    let path = dir.join("daybook.lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = lock_file(&path)?;
        file.lock().map(|()| file)
    });
    match locked.await {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(e)) => Err(LogError::Unavailable(format!("daybook.lock: {e}"))),
        Err(e) => Err(LogError::Unavailable(e.to_string())),
    }
}

/// Opens a file that is there to be locked, making it if it is missing.
pub(crate) fn lock_file(path: &Path) -> std::io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

pub(crate) async fn run(writer: &mut SqliteConnection) -> Result<(), LogError> {
    // All or nothing: a program that dies here leaves the file as it was.
    let mut transaction = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(unavailable)?;
    transaction
        .ensure_migrations_table(TABLE)
        .await
        .map_err(failed)?;
    let applied = transaction
        .list_applied_migrations(TABLE)
        .await
        .map_err(failed)?;
    let newest = applied
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    refuse_newer(newest)?;
    if newest < KNOWN || applied.len() != MIGRATIONS.len() {
        migrator()
            .run_direct(None, &mut *transaction, false)
            .await
            .map_err(failed)?;
    }
    transaction.commit().await.map_err(unavailable)
}

/// Whether there is a log that this program can read. Changes nothing. Every schema has the tables
/// of the log, so an older one will do.
pub(crate) async fn check(readers: SqlitePool) -> Result<bool, LogError> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    let tables: i64 = sqlx::query_scalar(sql)
        .bind(TABLE)
        .fetch_one(&readers)
        .await
        .map_err(unreadable)?;
    if tables == 0 {
        return Ok(false);
    }
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&readers)
        .await
        .map_err(unavailable)?;
    newest.map_or(Ok(false), |newest| refuse_newer(newest).map(|()| true))
}

fn refuse_newer(version: i64) -> Result<(), LogError> {
    if version <= KNOWN {
        return Ok(());
    }
    Err(LogError::NewerSchema(format!(
        "this database was made by a newer Daybook (schema {version}, this program knows 1 to \
         {KNOWN}): update the program"
    )))
}

fn failed(error: MigrateError) -> LogError {
    match error {
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => unavailable(e),
        other => damaged(other),
    }
}
