//! From a request to a task, and from its end to the answer.

use super::answer::{Answer, Pending, Progress, TaskResult, UNKNOWN};
use super::caller::Caller;
use super::check::{Checkable, Faults, Order, begin, limitless};
use super::problem::Problem;
use super::query::{Parameters, parameter};
use super::route::Action;
use super::submit::{Draft, used};
use super::wish::Wish;
use super::{Door, Reply};
use crate::body;
use crate::ledger::Book;
use crate::print::Station;
use axum::extract::Request;
use daybook_printers::device::Capabilities;
use daybook_projections::printer_job::{Task, TaskState};
use daybook_schema::At;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// The largest body of this protocol.
pub(super) const MAX_BYTES: usize = 500 * 1024;

/// Why nothing can be recorded for a caller without a key where there are several instances.
const NO_INSTANCE: &str = "This server has several instances, or none, and the request names none: \
     send an API key, or start the server with --instance";

impl Door {
    /// Gives a printer a task, and waits for its end.
    pub(super) async fn act(
        &self,
        caller: &Caller,
        station: &Arc<Station>,
        action: Action,
        request: Request,
    ) -> Result<Reply, Problem> {
        let arrived = Instant::now();
        let parameters = Parameters::read(request.uri().query().unwrap_or_default())?;
        let bytes = read(request).await?;
        let wish = Wish::read(action, &bytes)?;
        let (patience, deadline) = (parameters.patience, parameters.deadline);
        let left = || patience.saturating_sub(arrived.elapsed());
        let task = match parameters.task() {
            Ok(task) => task,
            Err(message) => return Ok(Answer::of(&[message]).into()),
        };
        let Some(book) = &caller.book else {
            return Ok(Answer::error("E999", NO_INSTANCE).into());
        };
        if book.views().printer_job.task(&task).is_some() {
            return Ok(used(&task).into());
        }
        let (order, numbered) = match self.checked(station, wish, left()).await {
            Ok(checked) => checked,
            Err(faults) => return Ok(Answer::of(&faults).into()),
        };
        let warnings = order.warnings.clone();
        let draft = Draft {
            by: caller.by,
            action,
            task: task.clone(),
            printer: station.id.clone(),
            order,
            numbered,
            deadline: deadline.map(|within| later((self.clock)(), within)),
        };
        if let Err(refused) = self.submit(book, draft).await {
            return refused;
        }
        Ok(match self.ended(book, &task, left()).await {
            Some(answer) => answer.after(&warnings).into(),
            None => Reply::of(&Pending { task_id: task }),
        })
    }

    /// The job, and whether the ledger numbers what comes out. What a device that is not known yet
    /// would refuse is found by whoever prints it.
    async fn checked(
        &self,
        station: &Arc<Station>,
        wish: Wish,
        patience: Duration,
    ) -> Result<(Order, bool), Faults> {
        let manner = &station.manner;
        let checkable = match begin(wish, manner)? {
            Checkable::Order(order) => return Ok((order, false)),
            checkable => checkable,
        };
        let known = self.capabilities(station, patience).await?;
        let device = known.unwrap_or_else(limitless);
        let order = match checkable {
            Checkable::Receipt(wanted) => wanted.check(&device, manner)?,
            Checkable::Reversal(reversal) => reversal.check(&device, manner)?,
            Checkable::Order(order) => order,
        };
        Ok((order, !device.fiscal))
    }

    /// What a device can do; nothing when it does not say so in time.
    async fn capabilities(
        &self,
        station: &Arc<Station>,
        patience: Duration,
    ) -> Result<Option<Capabilities>, Faults> {
        if let Some(capabilities) = station.manner.capabilities() {
            return Ok(Some(capabilities));
        }
        if let Some(info) = station.known_info() {
            return Ok(Some(info.capabilities.clone()));
        }
        if patience.is_zero() {
            return Ok(None);
        }
        match timeout(patience, self.info(station)).await {
            Ok(Ok(info)) => Ok(Some(info.capabilities.clone())),
            Ok(Err(messages)) => Err(messages.as_slice().to_vec()),
            // It is still being asked: the next request may know it.
            Err(_) => Ok(None),
        }
    }

    /// The answer of a task once it is over; nothing when that takes too long. Who does not want to
    /// wait is told nothing, however quick it was.
    async fn ended(&self, book: &Book, name: &str, patience: Duration) -> Option<Answer> {
        if patience.is_zero() {
            return None;
        }
        let mut views = book.follow();
        let over = async {
            loop {
                let now = views.borrow_and_update().clone();
                let task = now.printer_job.task(name);
                if let Some(task) = task.filter(|task| is_over(task)) {
                    return Some(task.clone());
                }
                if views.changed().await.is_err() {
                    return None;
                }
            }
        };
        let task = tokio::select! {
            biased;
            task = over => task?,
            () = tokio::time::sleep(patience) => return None,
            () = self.stop.cancelled() => return None,
        };
        // What cannot be read now can be asked for later.
        self.result(book, &task).await.ok()
    }

    async fn result(&self, book: &Book, task: &Task) -> Result<Answer, Problem> {
        let result = self.printers.result(book, task).await?;
        Ok(match &result.end {
            Some(end) => Answer::ended(&result.job, end),
            None => Answer::error("E999", UNKNOWN),
        })
    }

    /// Where a task stands, and how it ended. Asking forgets nothing.
    pub(super) async fn task_info(&self, caller: &Caller, query: &str) -> Result<Reply, Problem> {
        let open = |task_status| {
            let result = TaskResult::Open {};
            Ok(Reply::of(&Progress {
                task_status,
                result,
            }))
        };
        let name = parameter(query, "id").unwrap_or_default();
        let views = caller.book.as_ref().map(|book| (book, book.views()));
        let found = views.as_ref().and_then(|(book, views)| {
            let task = views.printer_job.task(&name)?;
            Some((*book, task))
        });
        let Some((book, task)) = found else {
            return open("unknown");
        };
        match task.state {
            TaskState::Waiting => open("enqueued"),
            TaskState::Running { .. } => open("running"),
            TaskState::Ended { .. } => {
                let result = TaskResult::Ended(Box::new(self.result(book, task).await?));
                let task_status = "finished";
                Ok(Reply::of(&Progress {
                    task_status,
                    result,
                }))
            }
        }
    }
}

/// Reads a body.
pub(super) async fn read(request: Request) -> Result<Vec<u8>, Problem> {
    let bytes = body::read(request.into_body()).await?;
    if bytes.len() > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    Ok(bytes.into())
}

const fn is_over(task: &Task) -> bool {
    matches!(task.state, TaskState::Ended { .. })
}

/// A time after another; what is too far away is as far as times go.
fn later(now: At, within: Duration) -> At {
    let micros = i64::try_from(within.as_micros()).unwrap_or(i64::MAX);
    At::from_micros(now.micros().saturating_add(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_end_where_times_end() {
        let now = At::from_micros(1_795_341_600_000_000);
        let soon = later(now, Duration::from_millis(1500));
        assert_eq!(soon.micros() - now.micros(), 1_500_000);
        let never = later(now, Duration::from_millis(u64::MAX));
        assert_eq!(never, At::from_micros(i64::MAX));
    }
}
