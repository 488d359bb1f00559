//! Writes down how a task ended.

use super::job;
use super::worker::{Went, Worker};
use crate::ledger::print::{PrintCommand, TaskEnd, TaskFailure};
use crate::ledger::{Refusal, Rejection};
use daybook_printers::device::Messages;

impl Worker {
    pub(super) async fn fail(&self, name: &str, messages: Messages) -> Went {
        let failure = TaskFailure {
            task: name.to_owned(),
            messages: job::record_messages(&messages),
        };
        self.end(TaskEnd::Failed(failure), Vec::new()).await
    }

    /// Writes down how a task ended, however long the store takes to answer.
    pub(super) async fn end(&self, end: TaskEnd, frames: Vec<String>) -> Went {
        let node = self.printers.node().to_owned();
        let task = end.task().to_owned();
        let outcome = match &end {
            TaskEnd::Printed(_) => "printed",
            TaskEnd::Failed(_) => "failed",
            TaskEnd::Unknown(_) => "unknown",
        };
        let mut command = PrintCommand::End { node, end, frames };
        let mut perhaps = false;
        loop {
            match self.submit(command.clone()).await {
                Err(Refusal::Rejected(Rejection::TaskSettled(_) | Rejection::UnknownTask(_)))
                    if !perhaps =>
                {
                    tracing::error!(
                        task,
                        outcome,
                        "somebody decided how this task ended before the printer told"
                    );
                    self.printers.forget_password(&self.book.log, &task);
                    return Went::Blocked;
                }
                Ok(())
                | Err(Refusal::Rejected(Rejection::TaskSettled(_) | Rejection::UnknownTask(_))) => {
                    self.printers.metrics.answered("print", "task", outcome);
                    self.printers.forget_password(&self.book.log, &task);
                    return Went::On;
                }
                // What was said fits no event: how it ended does.
                Err(Refusal::Rejected(rejection)) if !shorten(&mut command) => {
                    tracing::error!(task, %rejection, "how a task ended cannot be written down");
                    return Went::Later;
                }
                Err(Refusal::Rejected(_)) => {}
                Err(refusal) => {
                    perhaps |= refusal == Refusal::OutcomeUnknown;
                    tracing::warn!(task, %refusal, "how a task ended cannot be written down yet");
                    if self.printers.stop.is_cancelled() {
                        return Went::Later;
                    }
                    self.store_pause().await;
                }
            }
        }
    }
}

/// Leaves out what only explains. Says whether there was any.
fn shorten(command: &mut PrintCommand) -> bool {
    let PrintCommand::End { end, frames, .. } = command else {
        return false;
    };
    let messages = match end {
        TaskEnd::Printed(done) => {
            done.response = None;
            &mut done.messages
        }
        TaskEnd::Failed(failure) | TaskEnd::Unknown(failure) => &mut failure.messages,
    };
    let more = !frames.is_empty() || !messages.is_empty();
    frames.clear();
    messages.clear();
    more
}
