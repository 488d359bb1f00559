//! What a log promises. Two implementations stand behind this trait (`SQLite` and Postgres), and one
//! contract suite runs against both.

use crate::hash::Leaf;
use crate::id::LogName;
use crate::line::SealedLine;
use async_trait::async_trait;

/// Where a log ends: how many lines it has, and the leaf hash of the last (zeros when empty).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Number of lines = the seq of the next one.
    pub size: u64,
    /// Leaf hash of the last line.
    pub leaf: Leaf,
}

impl Head {
    /// Whether `line` names this head as its place: its seq, and in its bytes the `prev`, `seq` and
    /// `type` that end every canonical line. Every store asks this before it appends.
    #[must_use]
    pub fn is_continued_by(&self, line: &SealedLine) -> bool {
        let Self { size, leaf } = self;
        let end = format!(
            "\"prev\":\"{leaf}\",\"seq\":{size},\"type\":\"{}\"}}",
            line.type_name
        );
        line.seq == *size && line.bytes.ends_with(end.as_bytes())
    }
}

/// Most lines in one append; a larger import is refused with a clear message.
pub const MAX_APPEND_LINES: usize = 100_000;

/// Bytes after which a page that is read ends. The line that reaches it is still in the page, so a
/// page is at most one line larger.
pub const MAX_READ_BYTES: usize = 8 << 20;

/// What a store that was opened for reading says to whoever writes.
pub const READING_ONLY: &str = "opened for reading only";

/// How an append ended when it did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The log does not end at the expected head. Nothing was stored. Catch up and decide again.
    #[error("the log has grown since it was read")]
    Conflict,
    /// Nothing was stored, and nothing will be.
    #[error("nothing was stored: {0}")]
    NotStored(String),
    /// The lines may be stored, now or in a moment. Appending the same lines again settles it:
    /// success, or a conflict after which the log shows whose lines stand there.
    #[error("the outcome of the append is unknown: {0}")]
    Unknown(String),
}

/// Why a log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The store does not answer; it may later.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// The store was made by a newer program.
    #[error("{0}")]
    NewerSchema(String),
    /// The store answers something that cannot be.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

/// The state of a view at a head, in the view's own encoding. Derived: it may vanish at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The head at which the state stood.
    pub head: Head,
    /// One entry per view: its name and its bytes.
    pub views: Vec<(String, Vec<u8>)>,
}

/// An append-only store of logs, one per instance. There is no update and no delete.
///
/// Contracts, each held by a test of the contract suite:
/// - **Durability**: when `append` returns `Ok`, the lines survive the death of process and machine.
/// - **Atomicity**: all lines of an append become visible together, or none ever does.
/// - **Compare and set**: an append succeeds only on the head it names; of two on the same head
///   exactly one does. A batch that does not continue the stored chain is refused by the store itself.
/// - **Order**: a reader that sees seq n sees all before n; `read` has no gaps.
/// - **Bytes**: what is read is what was appended, byte for byte.
/// - **Retry**: a caller may repeat an append after `Unknown`; it cannot be stored twice.
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Appends lines that continue `head`. An empty batch succeeds and does nothing.
    async fn append(
        &self,
        log: &LogName,
        head: Head,
        lines: &[SealedLine],
    ) -> Result<(), AppendError>;

    /// Whether an append could succeed now, as far as can be told without one: the store answers
    /// and takes writes.
    async fn writable(&self) -> Result<(), LogError>;

    /// Reads up to `limit` lines from seq `from` on, in order; fewer when they reach
    /// [`MAX_READ_BYTES`], but at least one when there is one. A short page is not the end of the
    /// log: an empty one is.
    async fn read(&self, log: &LogName, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, LogError>;

    /// The head as the store keeps it, beside the lines. An unknown log is empty.
    async fn head(&self, log: &LogName) -> Result<Head, LogError>;

    /// The logs that have lines, by name.
    async fn logs(&self) -> Result<Vec<LogName>, LogError>;

    /// Returns when another process may have appended since the last call, and now and then without
    /// reason: a hint to look, never the truth. One caller at a time.
    async fn changed(&self);

    /// Replaces the log's snapshot.
    async fn save_snapshot(&self, log: &LogName, snapshot: &Snapshot) -> Result<(), LogError>;

    /// The log's last snapshot, if it has one.
    async fn load_snapshot(&self, log: &LogName) -> Result<Option<Snapshot>, LogError>;

    /// The installation's secret: made once, shared by all nodes, never in a line. It keys the
    /// hashes of stored secrets.
    async fn secret(&self) -> Result<[u8; 32], LogError>;

    /// Makes this process the only one of the node's name, for as long as it lives: true when it is
    /// (also when it already was), false when another process has the name. A store that was cut off
    /// may have given the name away meanwhile; asking again tells, and takes it back if it is free.
    async fn claim(&self, node: &str) -> Result<bool, LogError>;

    /// Closes connections. The log must not be used afterwards.
    async fn close(&self);
}
