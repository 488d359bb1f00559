//! States of views, cut into parts that fit a row.

use crate::{answer, damaged, head_from, signed};
use daybook_schema::log::Snapshot;
use daybook_schema::{LogError, LogName};
use sqlx::PgPool;

/// Largest part, in bytes.
const PART: usize = 16 << 20;

pub(crate) async fn save(pool: &PgPool, log: &LogName, snapshot: &Snapshot) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    // The row's lock comes first: two nodes that save at once do so one after the other.
    let sql = "INSERT INTO daybook.snapshot (log, size, leaf) VALUES ($1, $2, $3)
               ON CONFLICT (log) DO UPDATE SET size = excluded.size, leaf = excluded.leaf";
    sqlx::query(sql)
        .bind(log.as_str())
        .bind(signed(snapshot.head.size))
        .bind(&snapshot.head.leaf.0[..])
        .execute(&mut *transaction)
        .await?;
    sqlx::query("DELETE FROM daybook.snapshot_part WHERE log = $1")
        .bind(log.as_str())
        .execute(&mut *transaction)
        .await?;
    let sql = "INSERT INTO daybook.snapshot_part (log, place, part, view, bytes)
               VALUES ($1, $2, $3, $4, $5)";
    for ((view, bytes), place) in snapshot.views.iter().zip(0_i32..) {
        for (chunk, part) in parts(bytes).zip(0_i32..) {
            sqlx::query(sql)
                .bind(log.as_str())
                .bind(place)
                .bind(part)
                .bind(view)
                .bind(chunk)
                .execute(&mut *transaction)
                .await?;
        }
    }
    transaction.commit().await
}

/// An empty state has one empty part.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let empty = bytes.is_empty().then_some(bytes);
    empty.into_iter().chain(bytes.chunks(PART))
}

type PartRow = (i64, Vec<u8>, Option<i32>, Option<String>, Option<Vec<u8>>);

pub(crate) async fn load(pool: &PgPool, log: &LogName) -> Result<Option<Snapshot>, LogError> {
    // One statement, so that head and parts are of one snapshot.
    let sql = "SELECT size, leaf, place, view, bytes
               FROM daybook.snapshot LEFT JOIN daybook.snapshot_part USING (log)
               WHERE log = $1 ORDER BY place, part";
    let rows: Vec<PartRow> = answer(sqlx::query_as(sql).bind(log.as_str()).fetch_all(pool)).await?;
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
