//! From a request to a task, and from its end to the answer.

use super::answer::{Answer, Pending, Progress, TaskResult, UNKNOWN};
use super::caller::Caller;
use super::check::{Checkable, Faults, Order, begin};
use super::problem::Problem;
use super::query::{Parameters, parameter};
use super::route::Action;
use super::wish::Wish;
use super::{Door, Reply};
use crate::body;
use crate::ledger::command::{self, CommandId};
use crate::ledger::print::{PrintCommand, PrintOrder};
use crate::ledger::{Book, Command, Refusal, Rejection};
use crate::print::Station;
use axum::extract::Request;
use daybook_printers::device::Message;
use daybook_projections::printer_job::{Task, TaskState};
use daybook_schema::At;
use std::sync::Arc;
use std::time::Duration;

/// The largest body of this protocol.
pub(super) const MAX_BYTES: usize = 500 * 1024;

/// Why nothing can be recorded for a caller without a key where there are several instances.
const NO_INSTANCE: &str = "This server has several instances, or none, and the request names none: \
     send an API key, or start the server with --instance";

/// A job on its way to the log.
struct Draft {
    task: String,
    order: Order,
    numbered: bool,
    deadline: Option<At>,
    /// What makes two requests the same.
    meaningful: Vec<u8>,
}

impl Door {
    /// Gives a printer a task, and waits for its end.
    pub(super) async fn act(
        &self,
        caller: &Caller,
        station: &Arc<Station>,
        action: Action,
        request: Request,
    ) -> Result<Reply, Problem> {
        let parameters = Parameters::read(request.uri().query().unwrap_or_default())?;
        let bytes = read(request).await?;
        let wish = Wish::read(action, &bytes)?;
        let (patience, deadline) = (parameters.patience, parameters.deadline);
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
        let (order, numbered) = match self.checked(station, wish).await {
            Ok(checked) => checked,
            Err(faults) => return Ok(Answer::of(&faults).into()),
        };
        let warnings = order.warnings.clone();
        let draft = Draft {
            task: task.clone(),
            order,
            numbered,
            deadline: deadline.map(|within| later((self.clock)(), within)),
            meaningful: [format!("{action:?} {}\n", station.id).as_bytes(), &bytes].concat(),
        };
        if let Err(refused) = self.submit(caller, book, station, draft).await {
            return refused;
        }
        Ok(match self.ended(book, &task, patience).await {
            Some(answer) => answer.after(&warnings).into(),
            None => Reply::of(&Pending { task_id: task }),
        })
    }

    /// The job, and whether the ledger numbers what comes out.
    async fn checked(&self, station: &Arc<Station>, wish: Wish) -> Result<(Order, bool), Faults> {
        let manner = &station.manner;
        let checkable = match begin(wish, manner)? {
            Checkable::Order(order) => return Ok((order, false)),
            checkable => checkable,
        };
        let device = if let Some(capabilities) = manner.capabilities() {
            capabilities
        } else {
            let info = self.info(station).await;
            let info = info.map_err(|messages| messages.as_slice().to_vec())?;
            info.capabilities.clone()
        };
        let order = match checkable {
            Checkable::Receipt(wanted) => wanted.check(&device, manner)?,
            Checkable::Reversal(reversal) => reversal.check(&device, manner)?,
            Checkable::Order(order) => order,
        };
        Ok((order, !device.fiscal))
    }

    /// Puts a task into the log. The error is the answer.
    async fn submit(
        &self,
        caller: &Caller,
        book: &Book,
        station: &Station,
        draft: Draft,
    ) -> Result<(), Result<Reply, Problem>> {
        let task = draft.task;
        let id = CommandId::chosen("print", &task, &draft.meaningful);
        if let Some(password) = draft.order.password {
            self.printers.keep_password(&book.log, &task, password);
        }
        let order = PrintOrder {
            task: task.clone(),
            printer: station.id.clone(),
            job: draft.order.job,
            node: Some(self.printers.node().to_owned()),
            deadline: draft.deadline,
            numbered: draft.numbered,
            sale: None,
        };
        let submitted = book.submit(Command {
            by: caller.by,
            id,
            action: command::Action::Print(PrintCommand::Request(Box::new(order))),
        });
        let refusal = match submitted.await {
            Ok(done) if !done.repeated => return Ok(()),
            Ok(_) => return Err(Ok(used(&task).into())),
            Err(refusal) => refusal,
        };
        let rejection = match refusal {
            // The password may be another task's of this name.
            Refusal::Rejected(Rejection::TaskUsed(_) | Rejection::CommandConflict) => {
                return Err(Ok(used(&task).into()));
            }
            // It may be recorded, and is printed then.
            Refusal::OutcomeUnknown => return Err(Ok(Answer::error("E999", UNKNOWN).into())),
            Refusal::Rejected(rejection) => Ok(rejection),
            Refusal::Overloaded => Err(Problem::Overloaded),
            Refusal::Unavailable(_) => Err(Problem::Unavailable),
        };
        self.printers.forget_password(&book.log, &task);
        Err(rejection.map(|rejection| {
            let code = match rejection {
                Rejection::TooLong(_) => "E403",
                _ => "E999",
            };
            Answer::error(code, rejection.to_string()).into()
        }))
    }

    /// The answer of a task once it is over; nothing when that takes too long.
    async fn ended(&self, book: &Book, name: &str, patience: Duration) -> Option<Answer> {
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

fn used(task: &str) -> Answer {
    Answer::of(&[Message::error(
        "E109",
        format!("Task Id \"{task}\" is already used"),
    )])
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
