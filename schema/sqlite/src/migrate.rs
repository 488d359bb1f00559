//! Brings the file to the schema that this program knows; never back.

use crate::{damaged, unavailable};
use daybook_schema::LogError;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Connection, SqlSafeStr, SqliteConnection};
use std::fs::File;
use std::path::Path;

/// Frozen once released: a database remembers the hash of each.
const MIGRATIONS: [(i64, &str, &str); 2] = [
    (1, "log", include_str!("../migrations/0001_log.sql")),
    (
        2,
        "snapshot",
        include_str!("../migrations/0002_snapshot.sql"),
    ),
];

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
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        file.lock().map(|()| file)
    });
    match locked.await {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(e)) => Err(LogError::Unavailable(format!("daybook.lock: {e}"))),
        Err(e) => Err(LogError::Unavailable(e.to_string())),
    }
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
    let known = MIGRATIONS[MIGRATIONS.len() - 1].0;
    if newest > known {
        return Err(LogError::NewerSchema(format!(
            "this database was made by a newer Daybook (schema {newest}, this program knows 1 to \
             {known}): update the program"
        )));
    }
    if newest < known || applied.len() != MIGRATIONS.len() {
        migrator()
            .run_direct(None, &mut *transaction, false)
            .await
            .map_err(failed)?;
    }
    transaction.commit().await.map_err(unavailable)
}

fn failed(error: MigrateError) -> LogError {
    match error {
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => unavailable(e),
        other => damaged(other),
    }
}
