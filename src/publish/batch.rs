//! The next events of every instance, in one batch.

use super::standing::{Books, Standing};
use daybook_kafka::Position;
use daybook_projections::Views;
use daybook_schema::line::Envelope;
use daybook_schema::{EventLog, Head, Leaf, LogError, LogName, hash};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most lines of a batch: few enough to be delivered in a moment, and many enough that ending the
/// batch costs little beside them.
pub(super) const BATCH_LINES: usize = 16_384;

/// Bytes after which a batch ends. The page that reaches them is still in it, and may have as many.
const BATCH_BYTES: usize = 8 << 20;

/// A line and its leaf hash.
pub(super) type Hashed = (Vec<u8>, Leaf);

/// Events of one instance that the topic lacks.
pub(super) struct Part {
    pub(super) log: LogName,
    pub(super) partition: i32,
    pub(super) lines: Vec<Hashed>,
    /// Where the instance stands once they are in the topic.
    pub(super) head: Head,
}

/// Where instances stand.
pub(super) type Standings = BTreeMap<LogName, Standing>;

/// Reads what the topic lacks, up to so many lines, and returns where instances stand once that is in
/// the topic. Every instance that lags has its share, so that a large import delays nobody else's
/// sales. One whose lines do not continue the topic's is halted.
pub(super) async fn next(
    store: Arc<dyn EventLog>,
    books: Books,
    mut standings: Standings,
    most: usize,
) -> Result<(Vec<Part>, Standings), LogError> {
    let mut parts = Vec::new();
    let lags = |(log, views): (&LogName, &Arc<Views>)| {
        let standing = standings.get(log);
        standing.is_some_and(|standing| standing.lag(views) > 0)
    };
    let lagging = books.iter().filter(|book| lags(*book)).count();
    let share = most.div_ceil(lagging.max(1));
    let mut bytes = 0;
    for (log, views) in &books {
        let Some(Standing::At(position)) = standings.get(log) else {
            continue;
        };
        let position = *position;
        let lag = views.head.size.saturating_sub(position.head.size);
        let wanted = share.min(usize::try_from(lag).unwrap_or(share));
        if wanted == 0 || bytes >= BATCH_BYTES {
            continue;
        }
        let read = store.read(log, position.head.size, wanted).await;
        let lines = match read {
            Err(LogError::Damaged(why)) => Err(format!("the log \"{log}\" is damaged: {why}")),
            other => Ok(other?),
        };
        let checked = lines.and_then(|mut lines| {
            if (lines.len() as u64) < lag {
                end_behind_a_command(&mut lines);
            }
            follow(log, position.head, lines)
        });
        match checked {
            Ok((lines, _)) if lines.is_empty() => {}
            Ok((lines, head)) => {
                let partition = position.partition;
                let standing = Standing::At(Position { head, partition });
                standings.insert(log.clone(), standing);
                bytes += lines.iter().map(|(line, _)| line.len()).sum::<usize>();
                parts.push(Part {
                    log: log.clone(),
                    partition,
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
    Ok((parts, standings))
}

/// Leaves the last command's lines to the next batch, since more of them may follow: a topic that ends
/// for good behind this batch then ends behind a whole sale. A command as large as a batch is cut.
fn end_behind_a_command(lines: &mut Vec<Vec<u8>>) {
    let of_last = |line: &Vec<u8>| {
        let cmd = |line| Envelope::of(line).map(|line| line.cmd);
        lines.last().is_some_and(|last| cmd(line) == cmd(last))
    };
    let end = lines.iter().rposition(|line| !of_last(line));
    if let Some(end) = end {
        lines.truncate(end + 1);
    }
}

/// Lines that continue a head, with their leaf hashes, and the head behind them. The hash of a line is
/// the one that the next line names, and only that of the last is computed: a line that was damaged in
/// the store later is published beside the hash that it had, which tells.
fn follow(
    log: &LogName,
    mut head: Head,
    lines: Vec<Vec<u8>>,
) -> Result<(Vec<Hashed>, Head), String> {
    let mut followed: Vec<Hashed> = Vec::with_capacity(lines.len());
    for line in lines {
        let seq = head.size;
        let prev = Envelope::of(&line)
            .filter(|envelope| envelope.seq == seq && envelope.log == log.as_str())
            .and_then(|envelope| Leaf::from_hex(envelope.prev).ok());
        let known = followed.is_empty().then_some(head.leaf);
        let Some(prev) = prev.filter(|prev| known.is_none_or(|known| known == *prev)) else {
            return Err(format!(
                "the log \"{log}\" is damaged at seq {seq}: see `daybook verify`"
            ));
        };
        if let Some((_, leaf)) = followed.last_mut() {
            *leaf = prev;
        }
        followed.push((line, Leaf::ZERO));
        head.size += 1;
    }
    if let Some((line, leaf)) = followed.last_mut() {
        *leaf = hash::leaf(line);
        head.leaf = *leaf;
    }
    Ok((followed, head))
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::facts::Message;
    use daybook_schema::{Actor, At, Event, Fact, line};

    /// Lines of commands with these ids.
    fn lines(commands: &[&str]) -> Vec<Vec<u8>> {
        let mut head = Head::default();
        let mut lines = Vec::new();
        for cmd in commands {
            let event = Event {
                at: At::from_micros(5_000),
                by: Actor::Operator,
                cmd: (*cmd).to_owned(),
                fact: Fact::MessageSent(Message {
                    text: "text".to_owned(),
                }),
                log: LogName::new("festival").unwrap(),
                prev: head.leaf,
                seq: head.size,
            };
            let sealed = line::seal(&event).unwrap();
            head = sealed.head();
            lines.push(sealed.bytes);
        }
        lines
    }

    #[test]
    fn a_batch_ends_behind_a_command() {
        for (commands, kept) in [
            (&["a", "b", "b"][..], 1),
            (&["a", "a"], 2),
            (&["a", "b"], 1),
        ] {
            let mut lines = lines(commands);
            end_behind_a_command(&mut lines);
            assert_eq!(lines.len(), kept, "{commands:?}");
        }
    }

    #[test]
    fn only_what_continues_the_topic_is_sent() {
        let log = LogName::new("festival").unwrap();
        let lines = lines(&["a", "b", "c"]);
        let (hashed, head) = follow(&log, Head::default(), lines.clone()).unwrap();
        assert_eq!(head.size, 3);
        assert!(hashed.iter().all(|(line, leaf)| hash::leaf(line) == *leaf));
        assert_eq!(hashed.last().map(|(_, leaf)| *leaf), Some(head.leaf));
        assert!(follow(&log, head, lines.clone()).is_err());
        assert!(follow(&log, Head::default(), lines[1..].to_vec()).is_err());
        let other = LogName::new("other").unwrap();
        assert!(follow(&other, Head::default(), lines).is_err());
    }
}
