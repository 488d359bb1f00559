//! Where lines come from: a store, a file of lines, or a topic.
//!
//! A reader runs ahead of whoever checks, by at most [`PAGES_AHEAD`] pages, so that reading and
//! checking overlap and memory stays constant. It ends with [`Piece::End`]; a channel that closes
//! without it is a failure and never looks like the end of a log.

use crate::failure::{Failure, Layer};
use crate::ndjson;
use daybook_schema::{EventLog, Head, LogError, LogName};
#[cfg(feature = "kafka")]
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;

/// The file of lines within a bundle.
const EVENTS_FILE: &str = "events.ndjson";

/// Most lines of a page, and the bytes a page should not exceed by much.
const PAGE_LINES: usize = 8192;
const PAGE_BYTES: usize = 8 << 20;

const PAGES_AHEAD: usize = 1;

/// Where lines come from.
pub enum Source {
    /// A log in a store.
    Store {
        /// The store.
        store: Arc<dyn EventLog>,
        /// Which of its logs.
        log: LogName,
    },
    /// One line after another, each ended by one LF.
    Lines {
        /// The bytes.
        input: Box<dyn Read + Send>,
        /// Which log they are of; `None` to believe the first line.
        log: Option<LogName>,
    },
    /// The records of an instance in a topic.
    #[cfg(feature = "kafka")]
    Topic {
        /// The topic.
        topic: crate::topic::Topic,
        /// Which instance.
        log: LogName,
    },
}

/// Why lines cannot be had. Says nothing about the log.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The store does not answer, or is of a newer program.
    #[error(transparent)]
    Store(#[from] LogError),
    /// The file cannot be opened.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, io::Error),
    /// A directory without lines.
    #[error("{0} holds no events.ndjson: for the directory of a store, say --data {0}")]
    NoEvents(PathBuf),
    /// Reading stopped half-way.
    #[error("reading stopped at seq {0}: {1}")]
    Stopped(u64, io::Error),
    /// A file without lines does not say whose log it is.
    #[error("there is no line that says which instance this is: name it with --instance")]
    Nameless,
    /// The topic cannot be read.
    #[cfg(feature = "kafka")]
    #[error("{cause}{}", advice(.brokers, .cause))]
    Kafka {
        /// Who was asked.
        brokers: String,
        /// What they, or the client library, said.
        cause: daybook_kafka::KafkaError,
    },
    /// An instance that is not there.
    #[cfg(feature = "kafka")]
    #[error("there is no instance \"{log}\" in {place}; {}", listed(.others))]
    NoInstance {
        /// Which one.
        log: LogName,
        /// Where it was looked for.
        place: &'static str,
        /// Some of those that are there.
        others: BTreeSet<LogName>,
    },
    /// Heads were given, and there are several instances.
    #[cfg(feature = "kafka")]
    #[error("say which instance the head is of, with --instance; {}", listed(.0))]
    WhoseHead(BTreeSet<LogName>),
    /// A part of this program died.
    #[error("the verifier itself failed; this says nothing about the instance")]
    Died,
}

/// What to look at when a broker does not answer.
#[cfg(feature = "kafka")]
fn advice(brokers: &str, error: &daybook_kafka::KafkaError) -> String {
    match error {
        daybook_kafka::KafkaError::Unavailable(_) => {
            format!(": is there a broker at {brokers}? check --kafka")
        }
        _ => String::new(),
    }
}

#[cfg(feature = "kafka")]
fn listed(logs: &BTreeSet<LogName>) -> String {
    if logs.is_empty() {
        return "it holds none".to_owned();
    }
    let names: Vec<&str> = logs.iter().map(LogName::as_str).collect();
    format!("there are: {}", names.join(", "))
}

/// What a reader hands over, in order.
pub(crate) enum Piece {
    /// The store's own record of the head, from before the first line was read.
    Begin(Head),
    /// The next lines.
    Lines(Vec<Vec<u8>>),
    /// No line can be read at this place. The last piece.
    Broken(Failure),
    /// The last piece, with the store's record of the head from after the last line was read.
    End(Option<Head>),
    /// The last piece when lines cannot be had.
    Failed(SourceError),
}

impl Source {
    /// A file, a directory that holds `events.ndjson`, or standard input for `-`.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path, log: Option<LogName>) -> Result<Self, SourceError> {
        if path == Path::new("-") {
            return Ok(Self::Lines {
                input: Box::new(io::stdin()),
                log,
            });
        }
        let file = if path.is_dir() {
            path.join(EVENTS_FILE)
        } else {
            path.to_owned()
        };
        if path.is_dir() && !file.exists() {
            return Err(SourceError::NoEvents(path.to_owned()));
        }
        match File::open(&file) {
            Ok(input) => Ok(Self::Lines {
                input: Box::new(input),
                log,
            }),
            Err(error) => Err(SourceError::Unreadable(file, error)),
        }
    }

    /// Which log this is, when that is known before the first line.
    #[must_use]
    pub const fn log(&self) -> Option<&LogName> {
        match self {
            Self::Store { log, .. } => Some(log),
            Self::Lines { log, .. } => log.as_ref(),
            #[cfg(feature = "kafka")]
            Self::Topic { log, .. } => Some(log),
        }
    }

    /// Starts reading; lines from seq `end` on are not needed.
    pub(crate) fn pieces(self, end: u64) -> mpsc::Receiver<Piece> {
        let (sender, receiver) = mpsc::channel(PAGES_AHEAD);
        match self {
            Self::Store { store, log } => {
                tokio::spawn(async move {
                    let last = read_store(store.as_ref(), &log, end, &sender).await;
                    sender.send(last).await.ok();
                });
            }
            Self::Lines { input, .. } => {
                tokio::task::spawn_blocking(move || {
                    let last = read_lines(input, end, &sender);
                    sender.blocking_send(last).ok();
                });
            }
            #[cfg(feature = "kafka")]
            Self::Topic { topic, log } => {
                tokio::task::spawn_blocking(move || {
                    let last = crate::topic::read_lines(&topic, &log, end, &sender);
                    sender.blocking_send(last).ok();
                });
            }
        }
        receiver
    }
}

async fn read_store(
    store: &dyn EventLog,
    log: &LogName,
    end: u64,
    sender: &mpsc::Sender<Piece>,
) -> Piece {
    let head = match store.head(log).await {
        Ok(head) => head,
        Err(error) => return no_head(error),
    };
    if sender.send(Piece::Begin(head)).await.is_err() {
        return Piece::End(None);
    }
    let mut from = 0;
    let mut limit = PAGE_LINES;
    while from < end {
        let wanted = limit.min(usize::try_from(end - from).unwrap_or(limit));
        let lines = match store.read(log, from, wanted).await {
            Ok(lines) => lines,
            // A hole somewhere in this page: ask for less until the hole is the next line.
            Err(LogError::Damaged(_)) if wanted > 1 => {
                limit = wanted / 2;
                continue;
            }
            Err(error @ LogError::Damaged(_)) => {
                let failure = Failure::new(from, Layer::Chain, format!("seq {from}"), error);
                return Piece::Broken(failure.because("lines are missing here"));
            }
            Err(error) => return Piece::Failed(error.into()),
        };
        if lines.is_empty() {
            break;
        }
        from += lines.len() as u64;
        limit = limit.min(next_limit(&lines));
        if sender.send(Piece::Lines(lines)).await.is_err() {
            return Piece::End(None);
        }
    }
    match store.head(log).await {
        Ok(head) => Piece::End(Some(head)),
        Err(error) => no_head(error),
    }
}

fn no_head(error: LogError) -> Piece {
    match error {
        LogError::Damaged(_) => Piece::Broken(Failure::new(
            0,
            Layer::StoreHead,
            "the store's record of the head",
            error,
        )),
        LogError::Unavailable(_) | LogError::NewerSchema(_) => Piece::Failed(error.into()),
    }
}

/// How many lines like these make a page.
fn next_limit(lines: &[Vec<u8>]) -> usize {
    let bytes = lines.iter().map(Vec::len).sum::<usize>();
    (PAGE_BYTES / (bytes / lines.len()).max(1)).clamp(64, PAGE_LINES)
}

fn read_lines(input: Box<dyn Read + Send>, end: u64, sender: &mpsc::Sender<Piece>) -> Piece {
    let mut input = BufReader::with_capacity(1 << 18, input);
    let mut seq = 0;
    loop {
        let mut lines = Vec::with_capacity(PAGE_LINES);
        let mut bytes = 0;
        let mut last = None;
        while last.is_none() && lines.len() < PAGE_LINES && bytes < PAGE_BYTES {
            match ndjson::next_line(&mut input, seq == 0) {
                _ if seq == end => last = Some(Piece::End(None)),
                Ok(Some(Ok(line))) => {
                    bytes += line.len();
                    lines.push(line);
                    seq += 1;
                }
                Ok(Some(Err(bad))) => last = Some(Piece::Broken(bad.at(seq))),
                Ok(None) => last = Some(Piece::End(None)),
                Err(error) => last = Some(Piece::Failed(SourceError::Stopped(seq, error))),
            }
        }
        let gone = !lines.is_empty() && sender.blocking_send(Piece::Lines(lines)).is_err();
        match last {
            Some(last) => return last,
            None if gone => return Piece::End(None),
            None => {}
        }
    }
}
