//! States of views, cut into parts that fit a row.
//!
//! A snapshot may be hundreds of megabytes, and `SQLite` has one writer at a time: a sale must not
//! wait for all of it. So each part is a transaction of its own, under a generation that nobody
//! reads yet; the last transaction makes it the one that holds. A program that dies in between
//! leaves the old snapshot as it was, and leftovers that the next save removes.

use crate::{closed, damaged, head_from, signed, unavailable};
use daybook_schema::log::Snapshot;
use daybook_schema::{LogError, LogName};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, SqlitePool};
use std::time::Duration;
use tokio::sync::Mutex;

/// Largest part, in bytes: what an append may have to wait for.
const PART: usize = 1 << 20;

/// Time between two parts for other processes, which find `SQLite` busy and ask again.
const PAUSE: Duration = Duration::from_millis(5);

/// Writes snapshots on a connection of its own.
pub(crate) struct Saver(Mutex<Option<SqliteConnection>>);

impl Saver {
    pub(crate) async fn new(options: &SqliteConnectOptions) -> sqlx::Result<Self> {
        options
            .connect()
            .await
            .map(|own| Self(Mutex::new(Some(own))))
    }

    /// `turns` is the lock of the appends, which is served first come, first served: taken for each
    /// part, it lets the appends of this process in between without their asking `SQLite` in vain.
    pub(crate) async fn save<T>(
        &self,
        turns: &Mutex<T>,
        log: &LogName,
        snapshot: &Snapshot,
    ) -> Result<(), LogError> {
        let mut own = self.0.lock().await;
        let mut saving = Saving {
            own: own.as_mut().ok_or_else(closed)?,
            turns,
            log,
        };
        saving.sweep().await?;
        // Two processes that save at once never share a number.
        let generation = getrandom::u64().map_err(|e| LogError::Unavailable(e.to_string()))?;
        let generation = signed(generation >> 1);
        let parts = saving.write(generation, snapshot).await?;
        saving.switch(generation, parts, snapshot).await?;
        saving.sweep().await
    }

    pub(crate) async fn close(&self) {
        if let Some(own) = self.0.lock().await.take() {
            drop(own.close().await);
        }
    }
}

type Statement<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

struct Saving<'a, T> {
    own: &'a mut SqliteConnection,
    turns: &'a Mutex<T>,
    log: &'a LogName,
}

impl<T> Saving<'_, T> {
    /// One small transaction. Says how many rows it has changed.
    async fn step(&mut self, statement: Statement<'_>) -> Result<u64, LogError> {
        let turn = self.turns.lock().await;
        let done = statement.execute(&mut *self.own).await;
        drop(turn);
        Ok(done.map_err(unavailable)?.rows_affected())
    }

    /// Removes what does not hold, a part at a time.
    async fn sweep(&mut self) -> Result<(), LogError> {
        let sql = "DELETE FROM snapshot_part WHERE rowid IN (
                       SELECT rowid FROM snapshot_part WHERE log = ?1 AND generation IS NOT
                           (SELECT generation FROM snapshot WHERE log = ?1) LIMIT 1)";
        let log = self.log.as_str();
        while self.step(sqlx::query(sql).bind(log)).await? > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Writes the parts, and says how many.
    async fn write(&mut self, generation: i64, snapshot: &Snapshot) -> Result<i64, LogError> {
        let sql = "INSERT INTO snapshot_part (log, generation, place, part, view, bytes)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let log = self.log.as_str();
        let mut count = 0;
        for ((view, bytes), place) in snapshot.views.iter().zip(0_i64..) {
            for (chunk, part) in parts(bytes).zip(0_i64..) {
                let insert = sqlx::query(sql).bind(log).bind(generation).bind(place);
                let insert = insert.bind(part).bind(view).bind(chunk);
                self.step(insert).await?;
                count += 1;
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(count)
    }

    /// Makes the parts hold, if all are there.
    async fn switch(
        &mut self,
        generation: i64,
        parts: i64,
        snapshot: &Snapshot,
    ) -> Result<(), LogError> {
        let sql = "INSERT INTO snapshot (log, generation, size, leaf) SELECT ?1, ?2, ?3, ?4
                   WHERE (SELECT count(*) FROM snapshot_part WHERE log = ?1 AND generation = ?2) = ?5
                   ON CONFLICT (log) DO UPDATE SET
                       generation = excluded.generation, size = excluded.size, leaf = excluded.leaf";
        let switch = sqlx::query(sql).bind(self.log.as_str()).bind(generation);
        let switch = switch
            .bind(signed(snapshot.head.size))
            .bind(&snapshot.head.leaf.0[..])
            .bind(parts);
        if self.step(switch).await? > 0 {
            return Ok(());
        }
        // It began later and has swept ours away; its snapshot is as good.
        let why = "another process saves a snapshot of this log at the same time";
        Err(LogError::Unavailable(why.to_owned()))
    }
}

/// An empty state has one empty part.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let empty = bytes.is_empty().then_some(bytes);
    empty.into_iter().chain(bytes.chunks(PART))
}

type PartRow = (i64, Vec<u8>, Option<i64>, Option<String>, Option<Vec<u8>>);

pub(crate) async fn load(
    readers: &SqlitePool,
    log: &LogName,
) -> Result<Option<Snapshot>, LogError> {
    // One statement, so that head and parts are of one snapshot.
    let sql = "SELECT size, leaf, place, view, bytes
               FROM snapshot LEFT JOIN snapshot_part USING (log, generation)
               WHERE log = ?1 ORDER BY place, part";
    let rows: Vec<PartRow> = sqlx::query_as(sql)
        .bind(log.as_str())
        .fetch_all(readers)
        .await
        .map_err(unavailable)?;
    let Some((size, leaf, ..)) = rows.first() else {
        return Ok(None);
    };
    let mut snapshot = Snapshot {
        head: head_from(*size, leaf.clone())?,
        views: Vec::new(),
    };
    for row in rows {
        let (_, _, Some(place), Some(view), Some(part)) = row else {
            continue;
        };
        let place = usize::try_from(place).map_err(damaged)?;
        match snapshot.views.get_mut(place) {
            Some((_, bytes)) => bytes.extend(part),
            None => snapshot.views.push((view, part)),
        }
    }
    Ok(Some(snapshot))
}
