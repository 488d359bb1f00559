//! Gives a task to the ledger, and its operator's password to whoever prints it. This goes on when
//! the client has gone, so that no password stays behind for a task that was not taken.

use super::answer::{Answer, UNKNOWN};
use super::check::Order;
use super::problem::Problem;
use super::route::Action;
use super::{Door, Reply};
use crate::ledger::command::{self, CommandId};
use crate::ledger::print::{PrintCommand, PrintOrder};
use crate::ledger::{Book, Command, Refusal, Rejection};
use crate::print::Printers;
use daybook_printers::device::Message;
use daybook_schema::{Actor, At};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pause before a writer that does not answer is asked again whether a task was taken.
const DOUBT_PAUSE: Duration = Duration::from_secs(5);

/// A job on its way to the log.
pub(super) struct Draft {
    pub by: Actor,
    pub action: Action,
    pub task: String,
    pub printer: String,
    pub order: Order,
    /// Whether the ledger numbers what comes out.
    pub numbered: bool,
    pub deadline: Option<At>,
}

/// What it takes to give a task to a log.
#[derive(Clone)]
struct Clerk {
    printers: Arc<Printers>,
    book: Book,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Door {
    /// Puts a task into the log. The error is the answer.
    pub(super) async fn submit(
        &self,
        book: &Book,
        draft: Draft,
    ) -> Result<(), Result<Reply, Problem>> {
        let clerk = Clerk {
            printers: self.printers.clone(),
            book: book.clone(),
            tasks: self.tasks.clone(),
            stop: self.stop.clone(),
        };
        let task = draft.task.clone();
        let submitting = self.tasks.spawn(async move { clerk.take(draft).await });
        let taken = submitting.await.unwrap_or(Err(Refusal::OutcomeUnknown));
        taken.map_err(|refusal| answer(&task, refusal))
    }
}

impl Clerk {
    /// The password is kept before the task is in the log: its printer may begin at once.
    async fn take(&self, mut draft: Draft) -> Result<(), Refusal> {
        let task = draft.task.clone();
        let password = draft.order.password.take();
        let kept = password.is_some();
        if let Some(password) = password
            && !self.printers.keep_password(&self.book.log, &task, password)
        {
            return Err(Rejection::TaskUsed(task).into());
        }
        let command = command(draft, self.printers.node());
        let refusal = match self.book.submit(command).await {
            Ok(done) if !done.repeated => return Ok(()),
            Ok(_) => Rejection::TaskUsed(task.clone()).into(),
            Err(refusal) => refusal,
        };
        match refusal {
            _ if !kept => {}
            // It may be recorded yet, and is printed then.
            Refusal::OutcomeUnknown => {
                let clerk = self.clone();
                self.tasks
                    .spawn(async move { clerk.learn(&task, DOUBT_PAUSE).await });
            }
            _ => self.printers.forget_password(&self.book.log, &task),
        }
        Err(refusal)
    }

    /// Waits until it is certain whether a task was taken, and forgets its password if it was not.
    async fn learn(&self, task: &str, pause: Duration) {
        loop {
            // It changes nothing. Commands are done in order of arrival, so once it is answered,
            // those before it are done or refused.
            let nothing = Command {
                by: Actor::Ledger,
                id: CommandId::fresh(),
                action: command::Action::Print(PrintCommand::Cancel {
                    task: String::new(),
                }),
            };
            if let Ok(_) | Err(Refusal::Rejected(_)) = self.book.submit(nothing).await {
                if self.book.views().printer_job.task(task).is_none() {
                    self.printers.forget_password(&self.book.log, task);
                }
                return;
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

/// Two requests are the same that ask for the same: what is recorded counts, and no password does,
/// since a digest of a short one gives it away.
fn command(draft: Draft, node: &str) -> Command {
    let mut meaningful = format!("{:?} {}\n", draft.action, draft.printer).into_bytes();
    // Texts and numbers: serialising cannot fail.
    meaningful.extend(serde_json::to_vec(&draft.order.job).unwrap_or_default());
    let id = CommandId::chosen("print", &draft.task, &meaningful);
    let order = PrintOrder {
        task: draft.task,
        printer: draft.printer,
        job: draft.order.job,
        node: Some(node.to_owned()),
        deadline: draft.deadline,
        numbered: draft.numbered,
        sale: None,
        again: None,
    };
    Command {
        by: draft.by,
        id,
        action: command::Action::Print(PrintCommand::Request(Box::new(order))),
    }
}

fn answer(task: &str, refusal: Refusal) -> Result<Reply, Problem> {
    let rejection = match refusal {
        Refusal::Rejected(Rejection::TaskUsed(_) | Rejection::CommandConflict) => {
            return Ok(used(task).into());
        }
        Refusal::Rejected(rejection) => rejection,
        Refusal::OutcomeUnknown => return Ok(Answer::error("E999", UNKNOWN).into()),
        Refusal::Overloaded => return Err(Problem::Overloaded),
        Refusal::Unavailable(_) => return Err(Problem::NotRecorded),
    };
    let code = match rejection {
        Rejection::TooLong(_) => "E403",
        _ => "E999",
    };
    Ok(Answer::error(code, rejection.to_string()).into())
}

/// Said of a task id that somebody used before.
pub(super) fn used(task: &str) -> Answer {
    Answer::of(&[Message::error(
        "E109",
        format!("Task Id \"{task}\" is already used"),
    )])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;
    use crate::metrics::Metrics;
    use crate::print::Setup;
    use crate::print::wire::Opener;
    use daybook_catalogue::Format;
    use daybook_schema::LogName;
    use daybook_schema::contract::MemoryLog;
    use daybook_schema::facts::{PrintJob, PrintTransfer};
    use daybook_schema::{EventLog, Money};
    use serde_json::json;
    use std::io;

    /// A node whose printers do not work: what is taken stays.
    async fn clerk() -> Clerk {
        let store: Arc<dyn EventLog> = Arc::new(MemoryLog::reliable());
        let clock: crate::clock::Clock = Arc::new(|| At::from_micros(1_795_341_600_000_000));
        let metrics = Arc::new(Metrics::default());
        let ledger = Ledger::new(store, clock.clone(), metrics.clone());
        let log = LogName::new("shop").unwrap();
        let book = ledger.open_book(&log).await.unwrap();
        let opener = Opener::custom(|_| async { Err(io::Error::other("no devices")) });
        let (node, setup) = ("here".to_owned(), Setup::default());
        let printers = Printers::new(ledger, (clock, metrics), node, setup, opener);
        let clerk = Clerk {
            printers,
            book,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        let file = json!({"instance": {
            "slug": "shop", "name": "Shop", "currency": "EUR", "time_zone": "Europe/Sofia"
        }});
        let read = daybook_catalogue::read(&file.to_string(), Format::Json, &[7; 32]).unwrap();
        let import = Command {
            by: Actor::Operator,
            id: CommandId::fresh(),
            action: command::Action::Import(Box::new(read)),
        };
        clerk.book.submit(import).await.unwrap();
        clerk
    }

    fn draft(task: &str, operator: Option<&str>, password: Option<&str>) -> Draft {
        let transfer = PrintTransfer {
            amount: Money::new(100).unwrap(),
            operator: operator.map(str::to_owned),
            secret: password.is_some(),
        };
        Draft {
            by: Actor::Anyone,
            action: Action::Deposit,
            task: task.to_owned(),
            printer: "FP_Room1".to_owned(),
            order: Order {
                job: PrintJob::Deposit(transfer),
                password: password.map(str::to_owned),
                warnings: Vec::new(),
            },
            numbered: false,
            deadline: None,
        }
    }

    /// Whether a password is kept for the task. Afterwards there is none.
    fn had_password(clerk: &Clerk, task: &str) -> bool {
        let (log, printers) = (&clerk.book.log, &clerk.printers);
        let vacant = printers.keep_password(log, task, String::new());
        printers.forget_password(log, task);
        !vacant
    }

    fn is_used(taken: &Result<(), Refusal>) -> bool {
        matches!(
            taken,
            Err(Refusal::Rejected(
                Rejection::TaskUsed(_) | Rejection::CommandConflict
            ))
        )
    }

    #[test]
    fn two_passwords_make_one_request() {
        let id = |password| {
            command(draft("t", Some("1"), Some(password)), "here")
                .id
                .request
        };
        assert_eq!(id("0000"), id("7391"));
        let other = command(draft("t", Some("2"), Some("0000")), "here")
            .id
            .request;
        assert_ne!(id("0000"), other);
    }

    #[tokio::test]
    async fn a_password_is_kept_for_what_was_taken() {
        let clerk = clerk().await;
        clerk.take(draft("t", Some("1"), Some("0"))).await.unwrap();
        // Again, with the same or another body: the first password stays.
        for operator in ["1", "2"] {
            let again = clerk.take(draft("t", Some(operator), Some("1"))).await;
            assert!(is_used(&again));
        }
        assert!(had_password(&clerk, "t"));
    }

    #[tokio::test]
    async fn a_password_is_forgotten_when_the_task_was_not_taken() {
        let clerk = clerk().await;
        // Somebody was faster, who needs none, or whose printer is done with it.
        clerk.take(draft("t", None, None)).await.unwrap();
        assert!(is_used(&clerk.take(draft("t", Some("1"), Some("1"))).await));
        assert!(!had_password(&clerk, "t"));
        let long = "1".repeat(70_000);
        let refused = clerk.take(draft("long", Some(&long), Some("1"))).await;
        let too_long = matches!(refused, Err(Refusal::Rejected(Rejection::TooLong(_))));
        assert!(too_long, "{refused:?}");
        assert!(!had_password(&clerk, "long"));
    }

    #[tokio::test]
    async fn a_password_of_another_request_is_neither_replaced_nor_forgotten() {
        let clerk = clerk().await;
        let (log, printers) = (&clerk.book.log, &clerk.printers);
        assert!(printers.keep_password(log, "t", "theirs".to_owned()));
        assert!(is_used(&clerk.take(draft("t", Some("1"), Some("1"))).await));
        assert!(clerk.book.views().printer_job.task("t").is_none());
        assert!(had_password(&clerk, "t"));
    }

    #[tokio::test]
    async fn in_doubt_a_password_is_kept_until_it_is_certain() {
        let clerk = clerk().await;
        clerk.take(draft("t", Some("1"), Some("1"))).await.unwrap();
        let (log, printers) = (&clerk.book.log, &clerk.printers);
        assert!(printers.keep_password(log, "never", "1".to_owned()));
        for task in ["t", "never"] {
            clerk.learn(task, Duration::ZERO).await;
        }
        assert!(had_password(&clerk, "t"));
        assert!(!had_password(&clerk, "never"));
    }
}
