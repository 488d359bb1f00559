//! One append: one transaction, and what its failures mean.

use daybook_schema::log::MAX_APPEND_LINES;
use daybook_schema::{AppendError, Head, LogName, SealedLine};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// Most rows of one INSERT: 5 values each, of the 32,766 that `SQLite` can bind. Powers of two
/// below it keep the number of prepared statements small.
const MAX_ROWS: usize = 256;

/// What the triggers say before anything else when a line does not continue its log.
const CONFLICT: &str = "daybook: conflict";

pub(crate) async fn append(
    writer: &mut SqliteConnection,
    log: &LogName,
    head: Head,
    lines: &[SealedLine],
) -> Result<(), AppendError> {
    let Some(first) = lines.first() else {
        return Ok(());
    };
    if lines.len() > MAX_APPEND_LINES {
        let refusal = format!(
            "{} lines in one append, at most {MAX_APPEND_LINES}",
            lines.len()
        );
        return Err(AppendError::NotStored(refusal));
    }
    if !head.is_continued_by(first) {
        return Err(AppendError::Conflict);
    }
    // IMMEDIATE: take the right to write before reading the head, so that no upgrade can fail.
    // Dropped before the commit, the transaction is rolled back.
    let mut transaction = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(not_stored)?;
    let mut rest = lines;
    while !rest.is_empty() {
        let (rows, after) = rest.split_at(largest_power_of_two(rest.len()).min(MAX_ROWS));
        insert(&mut transaction, log, rows)
            .await
            .map_err(not_stored)?;
        rest = after;
    }
    // The commit point: from here on nobody can say "not stored".
    transaction
        .commit()
        .await
        .map_err(|e| AppendError::Unknown(e.to_string()))
}

async fn insert(
    transaction: &mut SqliteConnection,
    log: &LogName,
    rows: &[SealedLine],
) -> Result<(), sqlx::Error> {
    let place = |row: usize| {
        let [seq, at, kind, leaf, line] = [2, 3, 4, 5, 6].map(|column| 5 * row + column);
        format!("(?1,?{seq},?{at},?{kind},?{leaf},?{line})")
    };
    let places = (0..rows.len()).map(place).collect::<Vec<_>>().join(",");
    let sql = format!("INSERT INTO event (log, seq, at, type, leaf, line) VALUES {places}");
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(log.as_str());
    for row in rows {
        query = query
            .bind(crate::signed(row.seq))
            .bind(row.at.micros())
            .bind(row.type_name)
            .bind(&row.leaf.0[..])
            .bind(&row.bytes[..]);
    }
    query.execute(transaction).await.map(drop)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn not_stored(error: sqlx::Error) -> AppendError {
    match error.as_database_error() {
        Some(refusal) if refusal.message().starts_with(CONFLICT) => AppendError::Conflict,
        _ => AppendError::NotStored(error.to_string()),
    }
}

fn largest_power_of_two(n: usize) -> usize {
    n.checked_ilog2().map_or(0, |log| 1 << log)
}
