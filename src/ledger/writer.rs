//! The writer: the one task per instance and node that decides, seals, appends and folds.
//!
//! It takes everything that waits, decides it over a cheap copy of the views, appends one batch,
//! and only then makes the copy the truth and answers. While a batch commits, the next gathers in
//! the queue: group commit without a timer. A batch that fails is dropped with its copy of the
//! views, so memory never runs ahead of the log.

use super::book::{Done, Refusal, Request, Status};
use super::decide::{self, Decision, Rejection};
use super::snapshot::Snapshots;
use crate::clock::Clock;
use crate::metrics::Metrics;
use daybook_projections::Views;
use daybook_schema::log::MAX_APPEND_LINES;
use daybook_schema::{
    AppendError, Broken, Chain, Event, EventLog, LogError, LogName, SealedLine, line,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Most commands in one batch.
const MAX_BATCH_COMMANDS: usize = 1024;

/// A batch takes no further command once its lines have this many bytes.
const MAX_BATCH_BYTES: usize = 8 << 20;

/// How many lines are read at once when catching up.
pub(super) const READ_LINES: usize = 4096;

/// The longest pause between two attempts to learn the outcome of an append.
const MAX_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Writer {
    pub log: LogName,
    pub store: Arc<dyn EventLog>,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub views: Views,
    pub published: watch::Sender<Arc<Views>>,
    pub status: watch::Sender<Status>,
    pub snapshots: Snapshots,
}

/// How a writer is told to end: softly, and at once.
#[derive(Clone, Default)]
pub(super) struct Ending {
    pub stop: CancellationToken,
    pub abandon: CancellationToken,
}

/// A decided batch: what would be appended, the views after it, and what everyone gets to hear.
struct Plan {
    lines: Vec<SealedLine>,
    views: Views,
    answers: Vec<Result<Done, Refusal>>,
}

/// How an append ended, exactly.
enum Outcome {
    Stored,
    Conflict,
    NotStored(String),
    /// The process is told to end at once while the store does not answer.
    GaveUp,
}

impl Writer {
    /// Serves the queue until `ending.stop`, then what still waits in it; `ending.abandon` gives up
    /// on a store that does not answer.
    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Request>,
        wake: Arc<Notify>,
        ending: Ending,
    ) {
        let mut waiting = VecDeque::new();
        let mut taken = Vec::with_capacity(MAX_BATCH_COMMANDS);
        loop {
            if waiting.is_empty() {
                tokio::select! {
                    biased;
                    count = queue.recv_many(&mut taken, MAX_BATCH_COMMANDS) => {
                        if count == 0 {
                            break;
                        }
                        waiting.extend(taken.drain(..));
                    }
                    () = wake.notified() => self.look().await,
                    () = ending.stop.cancelled(), if !queue.is_closed() => queue.close(),
                }
            }
            if !waiting.is_empty() && self.serve(&mut waiting, &ending.abandon).await.is_break() {
                break;
            }
        }
        self.snapshots
            .save_last(&self.log, &self.views, self.store.as_ref())
            .await;
    }

    /// Decides, appends and answers one batch from the front of `waiting`.
    async fn serve(
        &mut self,
        waiting: &mut VecDeque<Request>,
        abandon: &CancellationToken,
    ) -> std::ops::ControlFlow<()> {
        loop {
            let plan = self.plan(waiting);
            let batch = waiting.drain(..plan.answers.len());
            if plan.lines.is_empty() {
                answer(batch, plan.answers);
                return std::ops::ControlFlow::Continue(());
            }
            match self.append(&plan.lines, abandon).await {
                Outcome::Stored => {
                    // Commit point: from here on the batch is true, and may be said.
                    self.views = plan.views;
                    self.metrics.committed(plan.lines.len());
                    self.publish();
                    answer(batch, plan.answers);
                    self.snapshots
                        .save_when_due(&self.log, &self.views, &self.store);
                    return std::ops::ControlFlow::Continue(());
                }
                Outcome::Conflict => {
                    let batch: Vec<Request> = batch.collect();
                    if let Err(error) = self.catch_up().await {
                        self.status.send_replace(Status::from(&error));
                        refuse(batch, &Refusal::Unavailable(error.to_string()));
                        return std::ops::ControlFlow::Continue(());
                    }
                    batch
                        .into_iter()
                        .rev()
                        .for_each(|request| waiting.push_front(request));
                }
                Outcome::NotStored(why) => {
                    self.status.send_replace(Status::Failing(why.clone()));
                    refuse(batch, &Refusal::Unavailable(why));
                    return std::ops::ControlFlow::Continue(());
                }
                Outcome::GaveUp => {
                    refuse(batch, &Refusal::OutcomeUnknown);
                    return std::ops::ControlFlow::Break(());
                }
            }
        }
    }

    /// Decides commands one after another, each seeing the effects of those before it.
    fn plan(&self, waiting: &VecDeque<Request>) -> Plan {
        let mut plan = Plan {
            lines: Vec::new(),
            views: self.views.clone(),
            answers: Vec::new(),
        };
        let at = (self.clock)().max(self.views.at);
        let mut bytes = 0;
        for request in waiting.iter().take(MAX_BATCH_COMMANDS) {
            let before = plan.lines.len();
            let answer = decide_one(&self.log, &mut plan, request, at);
            plan.answers.push(answer);
            bytes += plan.lines[before..]
                .iter()
                .map(|line| line.bytes.len())
                .sum::<usize>();
            if bytes > MAX_BATCH_BYTES || plan.lines.len() > MAX_APPEND_LINES / 2 {
                break;
            }
        }
        plan
    }

    /// Appends, and does not return before the outcome is certain: after an unknown outcome the
    /// same lines are appended again until they are stored, or others stand in their place.
    async fn append(&self, lines: &[SealedLine], abandon: &CancellationToken) -> Outcome {
        let head = self.views.head;
        let mut in_doubt = false;
        let mut pause = Duration::from_millis(20);
        loop {
            let started = tokio::time::Instant::now();
            let failure = match self.store.append(&self.log, head, lines).await {
                Ok(()) => {
                    self.metrics.append_seconds(started.elapsed());
                    self.status.send_if_modified(|status| {
                        let changed = *status != Status::Ready;
                        *status = Status::Ready;
                        changed
                    });
                    return Outcome::Stored;
                }
                Err(AppendError::Conflict) if !in_doubt => return Outcome::Conflict,
                Err(AppendError::Conflict) => match self.ours_stand(lines).await {
                    Ok(true) => return Outcome::Stored,
                    Ok(false) => return Outcome::Conflict,
                    Err(why) => why,
                },
                Err(AppendError::NotStored(why)) if !in_doubt => return Outcome::NotStored(why),
                Err(AppendError::NotStored(why) | AppendError::Unknown(why)) => {
                    in_doubt = true;
                    why
                }
            };
            tracing::warn!(log = %self.log, %failure, "the outcome of an append is unknown, asking again");
            self.status.send_replace(Status::Failing(failure));
            tokio::select! {
                biased;
                () = tokio::time::sleep(pause) => {}
                () = abandon.cancelled() => return Outcome::GaveUp,
            }
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    /// Whether the log holds exactly these lines in their place.
    async fn ours_stand(&self, lines: &[SealedLine]) -> Result<bool, String> {
        let from = self.views.head.size;
        let stored = self.store.read(&self.log, from, lines.len()).await;
        let stored = stored.map_err(|error| error.to_string())?;
        Ok(stored.len() == lines.len() && stored.iter().zip(lines).all(|(a, b)| *a == b.bytes))
    }

    /// Looks for lines that others wrote.
    async fn look(&mut self) {
        match self.catch_up().await {
            Ok(()) => {
                self.status.send_if_modified(|status| {
                    let recovered = matches!(status, Status::Failing(_));
                    if recovered {
                        *status = Status::Ready;
                    }
                    recovered
                });
            }
            Err(error) => {
                tracing::warn!(log = %self.log, %error, "what others wrote cannot be folded");
                self.status.send_replace(Status::from(&error));
            }
        }
    }

    /// Folds what others wrote, and publishes it.
    async fn catch_up(&mut self) -> Result<(), FoldError> {
        let before = self.views.head;
        let folded = fold(self.store.as_ref(), &self.log, &mut self.views).await;
        if self.views.head != before {
            self.publish();
        }
        folded
    }

    fn publish(&self) {
        self.published.send_replace(Arc::new(self.views.clone()));
    }
}

/// Why the lines behind the views could not be folded.
#[derive(Debug, thiserror::Error)]
pub(super) enum FoldError {
    /// The store does not answer; it may later.
    #[error(transparent)]
    Store(#[from] LogError),
    /// A line does not continue the log.
    #[error("broken at seq {0}: {1}")]
    Broken(u64, Broken),
}

impl From<&FoldError> for Status {
    fn from(error: &FoldError) -> Self {
        match error {
            FoldError::Store(_) => Self::Failing(error.to_string()),
            FoldError::Broken(..) => Self::Broken(error.to_string()),
        }
    }
}

/// Folds the log's lines behind `views` into them, checking that each continues the chain.
pub(super) async fn fold(
    store: &dyn EventLog,
    log: &LogName,
    views: &mut Views,
) -> Result<(), FoldError> {
    let mut chain = Chain::resume(log.clone(), views.head, views.at);
    loop {
        let lines = store.read(log, views.head.size, READ_LINES).await?;
        for bytes in &lines {
            let linked = chain.link(bytes);
            let (event, leaf) =
                linked.map_err(|broken| FoldError::Broken(views.head.size, broken))?;
            views.apply(&event, leaf);
        }
        if lines.len() < READ_LINES {
            return Ok(());
        }
        // A long log must not starve other tasks of this thread.
        tokio::task::yield_now().await;
    }
}

/// Decides one command; its facts are sealed and folded into the plan.
fn decide_one(
    log: &LogName,
    plan: &mut Plan,
    request: &Request,
    at: daybook_schema::At,
) -> Result<Done, Refusal> {
    let command = &request.command;
    let first = plan.views.head.size;
    let facts = match decide::decide(&plan.views, command, at)? {
        Decision::Repeat { first, end } => {
            return Ok(Done {
                first,
                end,
                repeated: true,
            });
        }
        Decision::Record(facts) => facts,
    };
    if facts.len() > MAX_APPEND_LINES / 2 {
        return Err(Rejection::TooManyEvents(facts.len()).into());
    }
    // All or nothing: nothing is folded before the last line is sealed.
    let mut head = plan.views.head;
    let mut sealed = Vec::with_capacity(facts.len());
    for fact in facts {
        let (prev, seq) = (head.leaf, head.size);
        let (cmd, log) = (command.id.cmd.clone(), log.clone());
        let event = Event {
            at,
            by: command.by,
            cmd,
            fact,
            log,
            prev,
            seq,
        };
        let line = line::seal(&event).map_err(|error| Rejection::TooLong(error.to_string()))?;
        head = line.head();
        sealed.push((event, line));
    }
    for (event, line) in sealed {
        plan.views.apply(&event, line.leaf);
        plan.lines.push(line);
    }
    Ok(Done {
        first,
        end: plan.views.head.size,
        repeated: false,
    })
}

fn answer(batch: impl Iterator<Item = Request>, answers: Vec<Result<Done, Refusal>>) {
    for (request, answer) in batch.zip(answers) {
        // A client that has gone does not hear it; the event stands all the same.
        drop(request.answer.send(answer));
    }
}

fn refuse(batch: impl IntoIterator<Item = Request>, refusal: &Refusal) {
    for request in batch {
        drop(request.answer.send(Err(refusal.clone())));
    }
}
