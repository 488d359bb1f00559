//! The writer: the one task per instance and node that decides, seals, appends and folds.
//!
//! It takes everything that waits, decides it over a cheap copy of the views, appends one batch,
//! and only then makes the copy the truth and answers. While a batch commits, the next gathers in
//! the queue: group commit without a timer. A batch that fails is dropped with its copy of the
//! views, so memory never runs ahead of the log.

use super::book::{Done, Refusal, Request, Status};
use super::follow::{self, FoldError};
use super::plan::{MAX_BATCH_COMMANDS, Plan};
use super::snapshot::Snapshots;
use crate::clock::Clock;
use crate::metrics::Metrics;
use daybook_projections::Views;
use daybook_schema::{AppendError, EventLog, LogError, LogName, SealedLine};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

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
    /// The last append was refused by the store, and none has succeeded since.
    pub cannot_write: bool,
}

/// How a writer is told to end: softly, and at once.
#[derive(Clone, Default)]
pub(super) struct Ending {
    pub stop: CancellationToken,
    pub abandon: CancellationToken,
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
    ) -> ControlFlow<()> {
        if let Status::Broken(why) = self.status.borrow().clone() {
            refuse(waiting.drain(..), &Refusal::Unavailable(why));
            return ControlFlow::Continue(());
        }
        let Plan {
            lines,
            views,
            batch,
            answers,
        } = Plan::make(&self.log, &self.views, (self.clock)(), waiting);
        if lines.is_empty() {
            self.refuse_or_look(batch, answers, waiting).await;
            return ControlFlow::Continue(());
        }
        match self.append(&lines, abandon).await {
            Outcome::Stored => {
                // Commit point: from here on the batch is true, and may be said.
                self.views = views;
                self.metrics.committed(lines.len());
                self.publish();
                answer(batch, answers);
                self.snapshots
                    .save_when_due(&self.log, &self.views, &self.store);
            }
            Outcome::Conflict => match self.after_conflict().await {
                // Decided again, in the next turn, against what the others wrote.
                Ok(()) => batch
                    .into_iter()
                    .rev()
                    .for_each(|request| waiting.push_front(request)),
                Err(error) => {
                    self.report(&error);
                    refuse(batch, &Refusal::Unavailable(error.to_string()));
                }
            },
            Outcome::NotStored(why) => {
                self.status.send_replace(Status::Failing(why.clone()));
                self.cannot_write = true;
                refuse(batch, &Refusal::Unavailable(why));
            }
            Outcome::GaveUp => {
                refuse(batch, &Refusal::OutcomeUnknown);
                return ControlFlow::Break(());
            }
        }
        if abandon.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Appends, and does not return before the outcome is certain: after an unknown outcome the
    /// same lines are appended again until they are stored, or others stand in their place.
    async fn append(&mut self, lines: &[SealedLine], abandon: &CancellationToken) -> Outcome {
        let head = self.views.head;
        let mut in_doubt = false;
        let mut pause = Duration::from_millis(20);
        loop {
            let started = tokio::time::Instant::now();
            let failure = match self.store.append(&self.log, head, lines).await {
                Ok(()) => {
                    self.metrics.append_seconds(started.elapsed());
                    self.cannot_write = false;
                    self.recover();
                    return Outcome::Stored;
                }
                Err(AppendError::Conflict) if !in_doubt => return Outcome::Conflict,
                Err(AppendError::Conflict) => match self.ours_stand(lines).await {
                    Ok(true) => return Outcome::Stored,
                    Ok(false) => return Outcome::Conflict,
                    Err(error) => error.to_string(),
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
    async fn ours_stand(&self, lines: &[SealedLine]) -> Result<bool, LogError> {
        let from = self.views.head.size;
        let stored = follow::read_all(self.store.as_ref(), &self.log, from, lines.len()).await?;
        Ok(stored.len() == lines.len() && stored.iter().zip(lines).all(|(a, b)| *a == b.bytes))
    }

    /// Folds what made an append conflict. There must be something: a store that refuses our head
    /// and holds nothing behind it has lost what it acknowledged.
    async fn after_conflict(&mut self) -> Result<(), FoldError> {
        let before = self.views.head;
        self.catch_up().await?;
        if self.views.head != before {
            return Ok(());
        }
        follow::check_head(self.store.as_ref(), &self.log, before).await?;
        let why = "the store refuses to continue the head that it names";
        Err(LogError::Unavailable(why.to_owned()).into())
    }

    /// Looks for lines that others wrote, and whether the store still holds ours.
    async fn look(&mut self) {
        if matches!(*self.status.borrow(), Status::Broken(_)) {
            return;
        }
        match self.look_closely().await {
            Ok(()) => self.recover(),
            Err(error) => self.report(&error),
        }
    }

    async fn look_closely(&mut self) -> Result<(), FoldError> {
        self.catch_up().await?;
        follow::check_head(self.store.as_ref(), &self.log, self.views.head).await?;
        if self.cannot_write {
            self.store.writable().await?;
            self.cannot_write = false;
        }
        Ok(())
    }

    /// Folds what others wrote, and publishes it once it is whole: a part of a batch is never seen.
    /// Answers a batch that records nothing. A refusal is only as good as the views: where a client
    /// chose the command's id, another node may have recorded that very command, so the log is looked
    /// at first, and if it holds more, everything is decided again.
    async fn refuse_or_look(
        &mut self,
        batch: Vec<Request>,
        answers: Vec<Result<Done, Refusal>>,
        waiting: &mut VecDeque<Request>,
    ) {
        let mut both = batch.iter().zip(&answers);
        if !both.any(|(request, answer)| answer.is_err() && request.command.id.request.is_some()) {
            return answer(batch, answers);
        }
        let before = self.views.head;
        match self.catch_up().await {
            Ok(()) if self.views.head == before => answer(batch, answers),
            Ok(()) => batch
                .into_iter()
                .rev()
                .for_each(|request| waiting.push_front(request)),
            Err(error) => {
                self.report(&error);
                refuse(batch, &Refusal::Unavailable(error.to_string()));
            }
        }
    }

    async fn catch_up(&mut self) -> Result<(), FoldError> {
        let mut views = self.views.clone();
        follow::fold(self.store.as_ref(), &self.log, &mut views).await?;
        if views.head != self.views.head {
            self.views = views;
            self.publish();
        }
        Ok(())
    }

    fn publish(&self) {
        self.published.send_replace(Arc::new(self.views.clone()));
    }

    fn report(&self, error: &FoldError) {
        tracing::error!(log = %self.log, %error, "the log cannot be followed");
        self.status.send_replace(Status::from(error));
    }

    /// Failing is over; broken never is.
    fn recover(&self) {
        self.status.send_if_modified(|status| {
            let recovered = matches!(status, Status::Failing(_));
            if recovered {
                *status = Status::Ready;
            }
            recovered
        });
    }
}

fn answer(batch: Vec<Request>, answers: Vec<Result<Done, Refusal>>) {
    for (request, answer) in batch.into_iter().zip(answers) {
        // A client that has gone does not hear it; the event stands all the same.
        drop(request.answer.send(answer));
    }
}

fn refuse(batch: impl IntoIterator<Item = Request>, refusal: &Refusal) {
    for request in batch {
        drop(request.answer.send(Err(refusal.clone())));
    }
}
