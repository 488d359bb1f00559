//! Works off the tasks of one printer of one instance, one after another.
//!
//! What is to be printed stands in the log before the device hears of it; that a node is at it stands
//! there before the first byte that prints, with the number of the device's last document; how it
//! ended, before anybody is told. So whoever comes after a crash can ask the device what became of it.

use super::outcome::ended;
use super::plan::{Desk, Plan};
use super::station::{Session, settle};
use super::{Printers, record};
use crate::ledger::command::CommandId;
use crate::ledger::print::{PrintCommand, TOO_LATE};
use crate::ledger::{Action, Book, Command, Refusal};
use crate::zone;
use daybook_printers::device::{DeviceInfo, Message, Messages};
use daybook_printers::dialogue::{Answer, Failure, Operation, Pending};
use daybook_projections::Views;
use daybook_projections::printer_job::{Task, TaskState};
use daybook_schema::facts::PrintStart;
use daybook_schema::{Actor, At};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Pause before a printer that cannot be reached is tried again, and before a store that does not
/// answer is asked again.
const RETRY: Duration = Duration::from_secs(5);
const STORE_RETRY: Duration = Duration::from_secs(1);

/// How long a device is asked what became of a print whose end nobody heard, and the pause between.
pub(super) const SETTLE_PATIENCE: Duration = Duration::from_secs(10);
pub(super) const SETTLE_PAUSE: Duration = Duration::from_secs(1);

/// How long a start is waited for of which the store did not tell.
const START_PATIENCE: Duration = Duration::from_mins(2);

/// After this time the same is asked again for tasks that ended unknown.
const RECHECK: Duration = Duration::from_secs(30);

/// One printer's worker.
pub(super) struct Worker {
    pub printers: Arc<Printers>,
    pub book: Book,
    pub printer: String,
    /// Whether it was told that receipts wait.
    pub outage: AtomicBool,
}

/// What is to be done next.
enum Next {
    /// Learn what became of a task that this node had begun.
    Settle(String, Arc<Task>),
    /// Ask the device once more about a task that ended unknown.
    Recheck(String, Arc<Task>),
    Print(String, Arc<Task>),
    /// It is too late for this one.
    Late(String),
    Nothing,
}

/// How to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Went {
    /// At once.
    On,
    /// A little later, whatever happens meanwhile: the printer is not there.
    Later,
    /// As soon as something changes.
    Blocked,
}

impl Worker {
    /// Works until the server stops. A task that was begun is brought to its end.
    pub(super) async fn run(self) {
        let stop = self.printers.stop.clone();
        // What was found before is there again only after the first search.
        let searched = self.printers.roster.wait_searched();
        if stop.run_until_cancelled(searched).await.is_none() {
            return;
        }
        let mut views = self.book.follow();
        let mut recheck = Instant::now();
        while !stop.is_cancelled() {
            let now = views.borrow_and_update().clone();
            let next = self.next(&now, recheck <= Instant::now());
            let went = match next {
                Next::Nothing => Went::Blocked,
                Next::Late(name) => self.late(&name).await,
                Next::Print(name, task) => self.print(&name, &task).await,
                Next::Settle(name, task) => self.settle(&name, &task).await,
                Next::Recheck(name, task) => {
                    recheck = Instant::now() + RECHECK;
                    self.settle(&name, &task).await
                }
            };
            let pause = match went {
                Went::On => continue,
                Went::Later => RETRY,
                Went::Blocked => RECHECK,
            };
            let pause = pause.min(self.until_deadline(&now));
            // A printer that is not there is not there for new tasks either.
            let changed = async {
                if went == Went::Later || views.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(pause) => {}
                () = changed => {}
            }
        }
    }

    fn next(&self, views: &Views, may_recheck: bool) -> Next {
        let node = self.printers.node();
        let now = (self.printers.clock)();
        let jobs = &views.printer_job;
        let (mut waiting, mut busy) = (None, false);
        for (name, task) in jobs.queue(&self.printer) {
            match &task.state {
                TaskState::Running { node: running } if running == node => {
                    return Next::Settle(name.to_owned(), task.clone());
                }
                TaskState::Waiting if self.may_do(task) => {
                    if task.deadline.is_some_and(|deadline| deadline < now) {
                        return Next::Late(name.to_owned());
                    }
                    waiting = waiting.or_else(|| Some((name.to_owned(), task.clone())));
                }
                // Another node is at it.
                TaskState::Running { .. } => busy = true,
                _ => {}
            }
        }
        match waiting {
            _ if busy => Next::Nothing,
            Some((name, task)) => Next::Print(name, task),
            None => match jobs.last_unknown(&self.printer) {
                Some((name, task)) if may_recheck && self.may_do(task) => {
                    Next::Recheck(name.to_owned(), task.clone())
                }
                _ => Next::Nothing,
            },
        }
    }

    fn may_do(&self, task: &Task) -> bool {
        match &task.node {
            Some(node) => node == self.printers.node(),
            None => self.printers.setup.print,
        }
    }

    /// How long until it is too late for something that waits.
    fn until_deadline(&self, views: &Views) -> Duration {
        let now = (self.printers.clock)();
        let queue = views.printer_job.queue(&self.printer);
        let own = queue.filter(|(_, task)| task.state == TaskState::Waiting && self.may_do(task));
        let deadlines = own.filter_map(|(_, task)| task.deadline);
        let left = deadlines
            .map(|deadline| deadline.micros() - now.micros())
            .min();
        left.map_or(Duration::MAX, |left| {
            Duration::from_micros(u64::try_from(left).unwrap_or(0)) + Duration::from_millis(1)
        })
    }

    async fn late(&self, name: &str) -> Went {
        self.fail(name, Message::error("E999", TOO_LATE).into())
            .await
    }

    /// Prints a task, or says why not.
    async fn print(&self, name: &str, task: &Task) -> Went {
        let Some(station) = self.printers.find(&self.book, &self.printer) else {
            // Sales ask for printers of the catalogue, which every node knows.
            return self.fail(name, unknown_printer()).await;
        };
        let Ok(request) = self.request(task.requested).await else {
            return self.store_pause().await;
        };
        let wanted = request.job.is_secret();
        let password = self.printers.password(&self.book.log, name);
        let password = password.filter(|_| wanted);
        if wanted && password.is_none() {
            let text = "The operator's password did not survive a restart: send the request again, \
                        under a new task id";
            return self.fail(name, Message::error("E408", text).into()).await;
        }
        // Once it prints again, the device cannot tell any more what became of the task before.
        let views = self.book.views();
        if let Some((earlier, task)) = views.printer_job.last_unknown(&self.printer) {
            self.settle(earlier, task).await;
        }
        let mut session = station.session().await;
        let info = match session.identify().await {
            Ok(info) => info,
            Err(messages) => {
                drop(session);
                return self.unreachable(name, task, messages).await;
            }
        };
        let Ok(original) = self.original(&request.job).await else {
            return self.store_pause().await;
        };
        let desk = Desk {
            station: &station,
            info: &info,
            password,
            now: self.now(),
            original,
        };
        let plan = match desk.plan(&request.job) {
            Ok(plan) => plan,
            Err(messages) => return self.fail(name, messages).await,
        };
        self.begin(&mut session, (name, task), &info, plan).await
    }

    /// Asks where the device stands, writes down that the task begins, and lets it print.
    async fn begin(
        &self,
        session: &mut Session<'_>,
        (name, task): (&str, &Task),
        info: &DeviceInfo,
        plan: Plan,
    ) -> Went {
        let numbered = plan.total.is_some() || plan.last_must_be.is_some();
        let before = match last_document(session, info, numbered).await {
            Ok(before) => before,
            Err(messages) => return self.unreachable(name, task, messages).await,
        };
        if let Some(wanted) = &plan.last_must_be
            && before
                .as_ref()
                .is_none_or(|last| !same_number(last, wanted))
        {
            let text = format!(
                "This printer repeats its last document only, and that is not receipt {wanted}"
            );
            return self.fail(name, Message::error("E405", text).into()).await;
        }
        // Only of what has a total can the device be asked later.
        let before = before.filter(|_| plan.total.is_some());
        let start = PrintStart {
            before: before.clone(),
            device: Some(info.serial.clone()).filter(|serial| !serial.is_empty()),
            node: self.printers.node().to_owned(),
            task: name.to_owned(),
            unique_sale_number: plan.unique_sale_number.clone(),
        };
        if !self.has_name().await {
            return Went::Later;
        }
        let sales = self.printers.setup.print;
        match self.submit(PrintCommand::Start { start, sales }).await {
            Ok(()) => {}
            Err(Refusal::OutcomeUnknown) => self.until_begun(name).await,
            Err(Refusal::Rejected(_)) => return Went::Blocked,
            Err(_) => return self.store_pause().await,
        }
        // It may have been too late for it.
        let views = self.book.views();
        let begun = views.printer_job.task(name);
        if !begun.is_some_and(|task| matches!(task.state, TaskState::Running { .. })) {
            return Went::On;
        }
        self.outage.store(false, Ordering::Relaxed);
        session.begins(&self.book.log, name);
        let manner = plan.manner.unwrap_or_else(|| session.manner().clone());
        let mut talked = session.ask_in(&manner, plan.operation, plan.stamp).await;
        if let Err(Failure::Unknown { pending, .. }) = &talked.result {
            // A driver knows what cannot be learned (a duplicate takes no number).
            let known = before.map(|before| Pending {
                before,
                total: plan.total,
            });
            if let Some(pending) = pending.clone().or(known) {
                let settled = settle(session, &pending, SETTLE_PATIENCE, SETTLE_PAUSE).await;
                talked.frames.extend(settled.frames);
                talked.result = settled.result;
            }
        }
        let frames = record::frames(manner.driver, &talked.frames);
        let end = ended(name, talked, plan.notes);
        self.end(end, frames).await
    }

    /// What sales ask for waits until the printer is there and ready; clients are told at once, also
    /// those whose tasks stand behind. What will not pass by itself is told in any case.
    async fn unreachable(&self, name: &str, task: &Task, messages: Messages) -> Went {
        if task.node.is_some() || !passes(&messages) {
            return self.fail(name, messages).await;
        }
        if !self.outage.swap(true, Ordering::Relaxed) {
            let why = messages.as_slice().first().map(|message| &*message.text);
            let printer = &self.printer;
            tracing::warn!(printer, task = name, why, "receipts wait for their printer");
        }
        let views = self.book.views();
        for (name, task) in views.printer_job.queue(&self.printer) {
            let waits = task.state == TaskState::Waiting;
            if waits && task.node.as_deref() == Some(self.printers.node()) {
                self.fail(name, messages.clone()).await;
            }
        }
        Went::Later
    }

    /// Whether this process still is the only one of its name: a store that was cut off may have given
    /// it away meanwhile.
    pub(super) async fn has_name(&self) -> bool {
        let store = self.printers.ledger.store();
        matches!(store.claim(self.printers.node()).await, Ok(true))
    }

    /// Waits until the log shows a start of which the store did not tell.
    async fn until_begun(&self, name: &str) {
        let mut views = self.book.follow();
        let begun = views.wait_for(|views| {
            let task = views.printer_job.task(name);
            task.is_none_or(|task| task.state != TaskState::Waiting)
        });
        tokio::select! {
            () = self.printers.stop.cancelled() => {}
            () = sleep(START_PATIENCE) => {}
            _ = begun => {}
        }
    }

    pub(super) async fn submit(&self, command: PrintCommand) -> Result<(), Refusal> {
        let command = Command {
            by: Actor::Ledger,
            id: CommandId::fresh(),
            action: Action::Print(command),
        };
        self.book.submit(command).await.map(|_| ())
    }

    pub(super) async fn store_pause(&self) -> Went {
        tokio::select! {
            () = self.printers.stop.cancelled() => {}
            () = sleep(STORE_RETRY) => {}
        }
        Went::On
    }

    /// What clocks of the venue show.
    pub(super) fn now(&self) -> jiff::civil::DateTime {
        self.local((self.printers.clock)())
    }

    /// What they showed then, in whole seconds.
    pub(super) fn local(&self, at: At) -> jiff::civil::DateTime {
        let views = self.book.views();
        let described = views.instance.described();
        let zone = zone::zone(described.map_or("UTC", |venue| venue.time_zone.as_str()));
        let time = zone::local(at, &zone).datetime();
        time.with().subsec_nanosecond(0).build().unwrap_or(time)
    }
}

/// The number of the device's last document, where it numbers them and that matters. A device that
/// says that it cannot print now (no paper, an open cover) is not begun with.
async fn last_document(
    session: &mut Session<'_>,
    info: &DeviceInfo,
    numbered: bool,
) -> Result<Option<String>, Messages> {
    if !info.capabilities.fiscal || !numbered {
        return Ok(None);
    }
    let mut talked = session.ask(Operation::LastDocument, None).await;
    if let Ok(outcome) = &talked.result
        && matches!(&outcome.answer, Answer::LastDocument(last) if last.open)
    {
        // What somebody left open is ended first, so that its number is not taken for ours.
        session.ask(Operation::Reset, None).await;
        talked = session.ask(Operation::LastDocument, None).await;
    }
    match talked.result {
        Ok(outcome) if cannot_print(&outcome.messages) => Err(outcome.messages),
        Ok(outcome) => match outcome.answer {
            Answer::LastDocument(last) => Ok(Some(last.number)),
            _ => Err(Message::error("E107", "The device does not say where it stands").into()),
        },
        Err(failure) => Err(failure.messages().clone()),
    }
}

/// Whether it is only a matter of time: no answer, busy, no paper, an open cover, not ready.
fn passes(messages: &Messages) -> bool {
    let codes = ["E101", "E108", "E199", "E301", "E302"];
    codes.into_iter().any(|code| messages.has(code))
}

fn cannot_print(messages: &Messages) -> bool {
    ["E301", "E302"].into_iter().any(|code| messages.has(code))
}

fn same_number(one: &str, other: &str) -> bool {
    one.trim_start_matches('0') == other.trim_start_matches('0')
}

fn unknown_printer() -> Messages {
    Message::error("E101", "The printer is not connected to this node").into()
}
