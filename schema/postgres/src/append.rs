//! One append: one statement, and what its failures mean.

use crate::writers::{Writer, Writers};
use crate::{ANSWER_TIMEOUT, signed};
use daybook_schema::log::MAX_APPEND_LINES;
use daybook_schema::{AppendError, Head, LogName, SealedLine};
use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// Most bytes in one append: the server takes a parameter of at most 1 GiB.
const MAX_APPEND_BYTES: usize = 512 << 20;

const APPEND: &str = "
    INSERT INTO daybook.event (log, seq, at, type, leaf, line)
    SELECT $1, u.seq, timestamptz 'epoch' + u.at * interval '1 microsecond', u.type, u.leaf, u.line
    FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[])
      AS u (seq, at, type, leaf, line)";

pub(crate) async fn append(
    writers: &Writers,
    log: &LogName,
    head: Head,
    lines: &[SealedLine],
) -> Result<(), AppendError> {
    if lines.is_empty() {
        return Ok(());
    }
    if let Some(refusal) = too_large(lines) {
        return Err(AppendError::NotStored(refusal));
    }
    // The server checks the first line against the head that it has, and the last one's leaf. That
    // the named head is this one, and that the rest is a chain, is known here without asking.
    let mut end = head;
    for line in lines {
        if !end.is_continued_by(line) {
            return Err(AppendError::Conflict);
        }
        end = line.head();
    }
    let mut writer = writers.take().await?;
    let insert = insert(&mut writer, log, lines);
    // The commit point lies within this statement: whatever cuts it short leaves the outcome open.
    match tokio::time::timeout(ANSWER_TIMEOUT, insert).await {
        Ok(Ok(())) => {
            writer.give_back();
            Ok(())
        }
        Ok(Err(error)) => match meaning(&error) {
            unknown @ AppendError::Unknown(_) => {
                writers.distrust();
                Err(unknown)
            }
            known => {
                writer.give_back();
                Err(known)
            }
        },
        Err(_) => {
            writers.distrust();
            Err(AppendError::Unknown(format!(
                "no answer within {ANSWER_TIMEOUT:?}"
            )))
        }
    }
}

fn too_large(lines: &[SealedLine]) -> Option<String> {
    if lines.len() > MAX_APPEND_LINES {
        return Some(format!(
            "{} lines in one append, at most {MAX_APPEND_LINES}",
            lines.len()
        ));
    }
    let bytes: usize = lines.iter().map(|line| line.bytes.len()).sum();
    (bytes > MAX_APPEND_BYTES)
        .then(|| format!("{bytes} bytes in one append, at most {MAX_APPEND_BYTES}"))
}

async fn insert(writer: &mut Writer<'_>, log: &LogName, lines: &[SealedLine]) -> sqlx::Result<()> {
    let column = |cell: fn(&SealedLine) -> i64| lines.iter().map(cell).collect::<Vec<i64>>();
    let types: Vec<&str> = lines.iter().map(|line| line.type_name).collect();
    let leaves: Vec<&[u8]> = lines.iter().map(|line| &line.leaf.0[..]).collect();
    let bytes: Vec<&[u8]> = lines.iter().map(|line| &line.bytes[..]).collect();
    sqlx::query(APPEND)
        .bind(log.as_str())
        .bind(column(|line| signed(line.seq)))
        .bind(column(|line| line.at.micros()))
        .bind(types)
        .bind(leaves)
        .bind(bytes)
        .execute(writer.connection())
        .await
        .map(drop)
}

/// What the caller may conclude from an error that came once the statement was on its way.
fn meaning(error: &sqlx::Error) -> AppendError {
    let text = error.to_string();
    let Some(refusal) = error.as_database_error() else {
        // A value that cannot be encoded is never sent; anything else may have arrived.
        return match error {
            sqlx::Error::Encode(_) | sqlx::Error::InvalidArgument(_) => {
                AppendError::NotStored(text)
            }
            _ => AppendError::Unknown(text),
        };
    };
    let refusal = refusal.downcast_ref::<PgDatabaseError>();
    if matches!(refusal.severity(), PgSeverity::Fatal | PgSeverity::Panic) {
        return AppendError::Unknown(text);
    }
    match refusal.code() {
        // Our trigger; the primary key, which a race meets first; and a stricter isolation level.
        "DB001" | "23505" | "40001" => AppendError::Conflict,
        code if code.starts_with("08") || code.starts_with("57P") => AppendError::Unknown(text),
        _ => AppendError::NotStored(text),
    }
}
