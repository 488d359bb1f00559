//! The next events of every instance, in one batch.

use super::standing::{Books, Standing};
use daybook_schema::line::Envelope;
use daybook_schema::{At, EventLog, Head, LogError, LogName, hash};
use std::collections::BTreeMap;

/// Most lines of a batch: few enough to be delivered in a moment, and many enough that ending the
/// batch costs little beside them.
const BATCH_LINES: usize = 16_384;

/// Events of one instance that the topic lacks.
pub(super) struct Part {
    pub(super) log: LogName,
    pub(super) partition: i32,
    pub(super) lines: Vec<Vec<u8>>,
    /// Where the instance stands once they are in the topic.
    pub(super) head: Head,
}

/// Reads what the topic lacks, up to a batch. An instance whose lines do not continue the topic's is
/// halted.
pub(super) async fn next(
    store: &dyn EventLog,
    books: &Books,
    standings: &mut BTreeMap<LogName, Standing>,
) -> Result<Vec<Part>, LogError> {
    let mut parts = Vec::new();
    let mut room = BATCH_LINES;
    for (log, views) in books {
        let Some(Standing::At(position)) = standings.get(log) else {
            continue;
        };
        let position = *position;
        let lag = views.head.size.saturating_sub(position.head.size);
        let wanted = room.min(usize::try_from(lag).unwrap_or(room));
        if wanted == 0 {
            continue;
        }
        let read = store.read(log, position.head.size, wanted).await;
        let lines = match read {
            Err(LogError::Damaged(why)) => Err(format!("the log \"{log}\" is damaged: {why}")),
            other => Ok(other?),
        };
        let checked = lines.and_then(|lines| {
            let head = follow(log, position.head, &lines)?;
            Ok((lines, head))
        });
        match checked {
            Ok((lines, head)) => {
                room -= lines.len().min(room);
                parts.push(Part {
                    log: log.clone(),
                    partition: position.partition,
                    lines,
                    head,
                });
            }
            Err(why) => {
                tracing::error!(%log, %why, "this instance is not published any more");
                standings.insert(log.clone(), Standing::Halted(why));
            }
        }
    }
    Ok(parts)
}

/// The head behind lines that continue a head.
fn follow(log: &LogName, mut head: Head, lines: &[Vec<u8>]) -> Result<Head, String> {
    for line in lines {
        let envelope = Envelope::of(line);
        let prev = head.leaf.to_string();
        let follows = |line: &Envelope<'_>| {
            line.seq == head.size && line.prev == prev && line.log == log.as_str()
        };
        if !envelope.as_ref().is_some_and(follows) {
            let seq = head.size;
            return Err(format!(
                "the log \"{log}\" is damaged at seq {seq}: see `daybook verify`"
            ));
        }
        head = Head {
            size: head.size + 1,
            leaf: hash::leaf(line),
        };
    }
    Ok(head)
}

/// The time of a line in milliseconds, for the record.
pub(super) fn millis(line: &[u8]) -> i64 {
    let at = Envelope::of(line).and_then(|line| At::parse(line.at).ok());
    at.unwrap_or_default().micros().div_euclid(1000)
}
