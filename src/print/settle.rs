//! Learns what became of a task whose end nobody heard: the server died, the line broke, the power
//! failed. The device is asked; what it cannot tell, a person has to.

use super::job;
use super::outcome::ended;
use super::plan::{Desk, Original, leaves_a_trace};
use super::record;
use super::station::{Session, settle};
use super::worker::{SETTLE_PATIENCE, SETTLE_PAUSE, Went, Worker};
use crate::ledger::print::{TaskEnd, TaskFailure};
use daybook_printers::device::{DeviceInfo, Message, Messages};
use daybook_printers::dialogue::Pending;
use daybook_projections::printer_job::{Ending, Task, TaskState};
use daybook_schema::facts::{PrintJob, PrintStart};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

impl Worker {
    /// Learns from the device what became of a task, and writes it down.
    pub(super) async fn settle(&self, name: &str, task: &Task) -> Went {
        if !self.has_name().await {
            return Went::Later;
        }
        let (Ok(request), Ok(start)) = (
            self.request(task.requested).await,
            self.start(task.started).await,
        ) else {
            return self.store_pause().await;
        };
        let was_unknown = matches!(
            task.state,
            TaskState::Ended {
                how: Ending::Unknown,
                ..
            }
        );
        if !leaves_a_trace(&request.job) {
            let text = "The server stopped before there was an answer: ask again";
            return self.fail(name, Message::error("E999", text).into()).await;
        }
        // Another node's device may be another device.
        let elsewhere = |start: &PrintStart| start.node != self.printers.node();
        if was_unknown && start.as_ref().is_none_or(elsewhere) {
            return Went::Blocked;
        }
        let Ok(original) = self.original(&request.job).await else {
            return self.store_pause().await;
        };
        let patience = if was_unknown {
            Duration::ZERO
        } else {
            SETTLE_PATIENCE
        };
        let asked = self.asked(name, start, (&request.job, original), patience);
        match asked.await {
            Some((TaskEnd::Unknown(_), frames)) => {
                self.nobody_knows(name, was_unknown, frames).await
            }
            Some((end, frames)) => self.end(end, frames).await,
            None => self.nobody_knows(name, was_unknown, Vec::new()).await,
        }
    }

    /// What the device says, and what was spoken; nothing where it cannot be asked.
    async fn asked(
        &self,
        name: &str,
        start: Option<PrintStart>,
        (job, original): (&PrintJob, Option<Original>),
        patience: Duration,
    ) -> Option<(TaskEnd, Vec<String>)> {
        let start = start?;
        let before = start.before?;
        let station = self.printers.find(&self.book, &self.printer)?;
        let mut session = station.session().await;
        if patience.is_zero() && session.printed_another(&self.book.log, name) {
            return None;
        }
        let info = persist(&mut session, patience).await.ok()?;
        if start.device.is_some_and(|device| device != info.serial) {
            tracing::warn!(
                printer = self.printer,
                task = name,
                "the device that was to print it is not there any more"
            );
            return None;
        }
        // Only the total counts here: what was begun was sound.
        let desk = Desk {
            station: &station,
            info: &info,
            password: self.printers.password(&self.book.log, name),
            now: self.now(),
            original,
        };
        let total = desk.plan(job).ok()?.total?;
        let pending = Pending {
            before,
            total: Some(total),
        };
        let talked = settle(&mut session, &pending, patience, SETTLE_PAUSE).await;
        let frames = record::frames(station.uri.driver, &talked.frames);
        Some((ended(name, talked, Vec::new()), frames))
    }

    /// Nobody can say what became of it: a person has to look.
    async fn nobody_knows(&self, name: &str, was_unknown: bool, frames: Vec<String>) -> Went {
        if was_unknown {
            return Went::Blocked;
        }
        let text = "Outcome of the print is unknown";
        let failure = TaskFailure {
            task: name.to_owned(),
            messages: job::record_messages(&Message::error("E999", text).into()),
        };
        self.end(TaskEnd::Unknown(failure), frames).await
    }
}

/// Who the device is, asked again for a while: half a frame that was under way when the server died
/// may be in its ear.
async fn persist(
    session: &mut Session<'_>,
    patience: Duration,
) -> Result<Arc<DeviceInfo>, Messages> {
    let until = Instant::now() + patience;
    loop {
        match session.identify().await {
            Err(_) if Instant::now() + SETTLE_PAUSE < until => sleep(SETTLE_PAUSE).await,
            identified => return identified,
        }
    }
}
