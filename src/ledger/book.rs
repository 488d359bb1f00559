//! A book: the bounded queue in front of one instance's writer, and the views behind it.

use super::command::Command;
use super::decide::Rejection;
use daybook_projections::Views;
use daybook_schema::LogName;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// How long a command waits for its outcome while the store does not answer. A client that hears
/// nothing for longer would give up without knowing why.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);

/// One instance, as doors see it. Cheap to clone.
#[derive(Clone)]
pub struct Book {
    /// The instance's log.
    pub log: LogName,
    pub(super) queue: mpsc::Sender<Request>,
    pub(super) views: watch::Receiver<Arc<Views>>,
    pub(super) status: watch::Receiver<Status>,
}

/// A command and where its answer goes.
pub(super) struct Request {
    pub command: Command,
    pub answer: oneshot::Sender<Result<Done, Refusal>>,
    /// Set by whoever comes first: the writer that begins to decide it, or the door that no longer
    /// waits for it. A command that was withdrawn is never recorded.
    pub claimed: Arc<AtomicBool>,
    /// Whether the writer was first.
    pub taken: bool,
}

impl Request {
    /// Whether the writer may decide it.
    pub(super) fn take(&mut self) -> bool {
        self.taken = self.taken || !self.claimed.swap(true, Ordering::AcqRel);
        self.taken
    }
}

/// A command that is durable: its events are `first..end`, perhaps none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Seq of its first event.
    pub first: u64,
    /// Seq after its last event.
    pub end: u64,
    /// Whether this answers a repetition: nothing was recorded now.
    pub repeated: bool,
}

/// Why a command was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The ledger decided against it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The queue is full. Nothing was recorded; ask again in a moment.
    #[error("overloaded: too many commands are waiting, try again in a moment")]
    Overloaded,
    /// The log cannot be written now. Nothing was recorded.
    #[error("the log cannot be written now, nothing was recorded: {0}")]
    Unavailable(String),
    /// The store did not answer for long, or the process ends, before the outcome was known. It may
    /// be recorded; a repetition with the same command id settles it.
    #[error("the outcome is not known yet: ask again with the same command id")]
    OutcomeUnknown,
}

/// How the writer fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Appends succeed.
    Ready,
    /// The last append or catch-up failed; the next may succeed.
    Failing(String),
    /// The stored log is damaged; nothing is appended to it.
    Broken(String),
}

impl Book {
    /// Hands a command to the writer and waits until it is durable or refused.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn submit(&self, command: Command) -> Result<Done, Refusal> {
        let (answer, answered) = oneshot::channel();
        let claimed = Arc::new(AtomicBool::new(false));
        let request = Request {
            command,
            answer,
            claimed: claimed.clone(),
            taken: false,
        };
        self.queue.try_send(request).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refusal::Overloaded,
            mpsc::error::TrySendError::Closed(_) => {
                Refusal::Unavailable("shutting down".to_owned())
            }
        })?;
        match tokio::time::timeout(ANSWER_PATIENCE, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Refusal::OutcomeUnknown),
            Err(_) if claimed.swap(true, Ordering::AcqRel) => Err(Refusal::OutcomeUnknown),
            // It was still waiting behind others, and is withdrawn.
            Err(_) => Err(Refusal::Unavailable("the store does not answer".to_owned())),
        }
    }

    /// The views as of the latest commit.
    #[must_use]
    pub fn views(&self) -> Arc<Views> {
        self.views.borrow().clone()
    }

    /// The views, and a wake-up with every commit.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Arc<Views>> {
        self.views.clone()
    }

    /// How the writer fares.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// How much of the queue is taken: waiting commands and the queue's limit.
    #[must_use]
    pub fn queue(&self) -> (usize, usize) {
        let limit = self.queue.max_capacity();
        (limit - self.queue.capacity(), limit)
    }
}
