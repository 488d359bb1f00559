//! Tasks of printers: what waits, what is being printed, how it ended. And the numbers of receipts.
//!
//! What a task asks for and what it brought stays in the log, at the places that stand here.

use crate::instance::InstanceView;
use daybook_schema::facts::{PrintJob, PrintRequest, ReceiptNumber};
use daybook_schema::id::TxId;
use daybook_schema::{At, Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many days a task is remembered after its end, unless the setting [`KEPT_SETTING`] says
/// otherwise.
pub const KEPT_DAYS: u32 = 90;

/// The instance's setting for that.
pub const KEPT_SETTING: &str = "print_task_days";

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Tasks of printers, and the receipts of sales.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PrinterJobView {
    pub(crate) tasks: OrdMap<String, Arc<Task>>,
    /// Waiting and running tasks of each printer, by the place of their request.
    open: OrdMap<String, OrdMap<u64, String>>,
    /// Tasks whose end is certain, by the place of their end, until they are forgotten.
    ended: OrdMap<u64, String>,
    /// Tasks of which nobody knows the outcome.
    unknown: OrdMap<u64, String>,
    /// Receipts of sales, by the first record of the sale.
    receipts: OrdMap<TxId, SaleReceipt>,
    last_number: u32,
    /// Seq of the latest start on each printer.
    latest: OrdMap<String, u64>,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Which printer.
    pub printer: String,
    /// The only node that does it.
    pub node: Option<String>,
    /// When it is not begun any more.
    pub deadline: Option<At>,
    /// The sale that it is about, by its first record.
    pub sale: Option<TxId>,
    /// Seq of its request.
    pub requested: u64,
    /// Seq of its start.
    pub started: Option<u64>,
    /// When the last of this happened.
    pub at: At,
    /// Where it stands.
    pub state: TaskState,
}

/// Where a task stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskState {
    /// It waits for its turn.
    Waiting,
    /// A node is at it.
    Running {
        /// Which.
        node: String,
    },
    /// It ended.
    Ended {
        /// How.
        how: Ending,
        /// Seq of the event that says so.
        seq: u64,
    },
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// It was done.
    Printed,
    /// Nothing that counts was printed.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// The receipt of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleReceipt {
    /// Its number.
    pub number: u32,
    /// Seq of the request that printed it first.
    pub requested: u64,
    /// Seq of the event that says that it was printed.
    pub printed: Option<u64>,
    /// How many copies were asked for.
    pub copies: u32,
}

impl PrinterJobView {
    pub(crate) fn apply(&mut self, event: &Event, instance: &InstanceView) {
        match &event.fact {
            Fact::PrintRequested(request) => {
                let kept = instance.setting(KEPT_SETTING);
                let kept = kept.and_then(|days| days.trim().parse().ok());
                self.forget(event.at, kept.unwrap_or(KEPT_DAYS));
                self.request(event, request);
            }
            Fact::PrintStarted(start) => {
                let node = start.node.clone();
                if let Some(task) = self.tasks.get(&start.task) {
                    self.latest.insert(task.printer.clone(), event.seq);
                }
                self.change(&start.task, |task| {
                    task.started = Some(event.seq);
                    task.at = event.at;
                    task.state = TaskState::Running { node };
                });
            }
            Fact::Printed(done) => self.end(event, &done.task, Ending::Printed),
            Fact::PrintFailed(end) => self.end(event, &end.task, Ending::Failed),
            Fact::PrintUnknown(end) => self.end(event, &end.task, Ending::Unknown),
            Fact::ReceiptNumbered(numbered) => self.number(numbered),
            _ => {}
        }
    }

    fn request(&mut self, event: &Event, request: &PrintRequest) {
        let task = Task {
            printer: request.printer.clone(),
            node: request.node.clone(),
            deadline: request.deadline,
            sale: request.sale,
            requested: event.seq,
            started: None,
            at: event.at,
            state: TaskState::Waiting,
        };
        let queue = self.open.entry(request.printer.clone()).or_default();
        queue.insert(event.seq, request.task.clone());
        self.tasks.insert(request.task.clone(), Arc::new(task));
        if let Some(receipt) = request.sale.and_then(|sale| self.receipts.get_mut(&sale)) {
            match &request.job {
                PrintJob::Copy(copy) => receipt.copies = copy.copy,
                // The first, or one more attempt at what was not printed.
                PrintJob::Receipt(_) | PrintJob::Reversal(_) if receipt.printed.is_none() => {
                    receipt.requested = event.seq;
                }
                _ => {}
            }
        }
    }

    fn end(&mut self, event: &Event, name: &str, how: Ending) {
        let seq = event.seq;
        let Some(task) = self.tasks.get(name).cloned() else {
            return;
        };
        if let TaskState::Ended { seq, .. } = task.state {
            self.unknown.remove(&seq);
        }
        if let Some(queue) = self.open.get_mut(&task.printer) {
            queue.remove(&task.requested);
            if queue.is_empty() {
                self.open.remove(&task.printer);
            }
        }
        let ends = match how {
            Ending::Unknown => &mut self.unknown,
            Ending::Printed | Ending::Failed => &mut self.ended,
        };
        ends.insert(seq, name.to_owned());
        if how == Ending::Printed
            && let Some(receipt) = task.sale.and_then(|sale| self.receipts.get_mut(&sale))
            && receipt.requested == task.requested
        {
            receipt.printed = Some(seq);
        }
        self.change(name, |task| {
            task.at = event.at;
            task.state = TaskState::Ended { how, seq };
        });
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.get_mut(name) {
            change(Arc::make_mut(task));
        }
    }

    /// The request follows in the same command.
    fn number(&mut self, numbered: &ReceiptNumber) {
        self.last_number = numbered.number;
        if let Some(sale) = numbered.sale {
            let receipt = SaleReceipt {
                number: numbered.number,
                requested: u64::MAX,
                printed: None,
                copies: 0,
            };
            self.receipts.insert(sale, receipt);
        }
    }

    /// Forgets what ended long ago.
    fn forget(&mut self, now: At, kept: u32) {
        // The setting may name more days than there ever were.
        let kept = i64::from(kept).saturating_mul(DAY);
        let before = now.micros().saturating_sub(kept);
        while let Some((seq, name)) = self.ended.get_min().cloned() {
            let task = self.tasks.get(&name);
            if task.is_some_and(|task| task.at.micros() >= before) {
                return;
            }
            self.tasks.remove(&name);
            self.ended.remove(&seq);
        }
    }

    /// A task, by its name.
    #[must_use]
    pub fn task(&self, name: &str) -> Option<&Arc<Task>> {
        self.tasks.get(name)
    }

    /// Printers that have something to do.
    pub fn busy(&self) -> impl Iterator<Item = &str> {
        self.open.keys().map(String::as_str)
    }

    /// What waits for a printer or is being printed, in order of arrival: name and task.
    pub fn queue<'a>(&'a self, printer: &str) -> impl Iterator<Item = (&'a str, &'a Arc<Task>)> {
        let queue = self.open.get(printer).into_iter().flat_map(OrdMap::values);
        queue.filter_map(|name| Some((name.as_str(), self.tasks.get(name)?)))
    }

    /// Tasks of which nobody knows the outcome, oldest first: name and task.
    pub fn unknown(&self) -> impl Iterator<Item = (&str, &Arc<Task>)> {
        let names = self.unknown.values();
        names.filter_map(|name| Some((name.as_str(), self.tasks.get(name)?)))
    }

    /// All tasks that are remembered, by name.
    pub fn tasks(&self) -> impl Iterator<Item = (&str, &Arc<Task>)> {
        self.tasks.iter().map(|(name, task)| (name.as_str(), task))
    }

    /// The latest task that a printer began, if nobody knows its outcome: its device can be asked, as
    /// long as nothing was printed after it. Name and task.
    #[must_use]
    pub fn last_unknown(&self, printer: &str) -> Option<(&str, &Arc<Task>)> {
        let latest = *self.latest.get(printer)?;
        self.unknown()
            .find(|(_, task)| task.printer == printer && task.started == Some(latest))
    }

    /// Whether a sale's receipt is not on paper though its task failed: somebody should look.
    #[must_use]
    pub fn is_missing(&self, task: &Task) -> bool {
        let failed = matches!(
            task.state,
            TaskState::Ended {
                how: Ending::Failed,
                ..
            }
        );
        let receipt = task.sale.and_then(|sale| self.receipts.get(&sale));
        let missing = |receipt: &SaleReceipt| {
            receipt.requested == task.requested && receipt.printed.is_none()
        };
        failed && receipt.is_some_and(missing)
    }

    /// The receipt of a sale, by the sale's first record.
    #[must_use]
    pub fn receipt(&self, sale: TxId) -> Option<&SaleReceipt> {
        self.receipts.get(&sale)
    }

    /// The number of the last receipt; 0 before the first.
    #[must_use]
    pub const fn last_number(&self) -> u32 {
        self.last_number
    }
}
