//! What is asked of printers, and what nodes report of them.

use daybook_schema::At;
use daybook_schema::facts::{PrintDone, PrintJob, PrintMessage, PrintStart};
use daybook_schema::id::TxId;

/// Said of a task that was not begun before its deadline (the protocol's own words).
pub const TOO_LATE: &str = "User timeout occured while sending the request";

/// Something about a task of a printer.
#[derive(Clone, Debug)]
pub enum PrintCommand {
    /// Give a printer a task.
    Request(Box<PrintOrder>),
    /// A node is about to send the task to the device. Refused when another was faster, or when
    /// something else is being printed there.
    Start {
        /// What is begun.
        start: PrintStart,
        /// Whether the node also does what sales ask for: then these come in their turn.
        sales: bool,
    },
    /// The node that runs the task tells how it ended, or what it learned later of an outcome that
    /// nobody knew.
    End {
        /// Which node.
        node: String,
        /// How it ended.
        end: TaskEnd,
        /// What went over the wire, see `print.spoken`.
        frames: Vec<String>,
    },
    /// A person decides what became of a task of which nobody knows, after a look at the paper.
    Resolve(TaskEnd),
    /// A task that still waits is not to be done.
    Cancel {
        /// Its name.
        task: String,
    },
}

/// A task to be given to a printer.
#[derive(Clone, Debug)]
pub struct PrintOrder {
    /// The task's name.
    pub task: String,
    /// Which printer.
    pub printer: String,
    /// What is to be done.
    pub job: PrintJob,
    /// The only node that does it.
    pub node: Option<String>,
    /// When it is not begun any more.
    pub deadline: Option<At>,
    /// The failed task that this is another attempt at. There is one at a time, and none for a receipt
    /// that came out.
    pub again: Option<String>,
    /// Whether the ledger numbers the receipt, since the printer does not.
    pub numbered: bool,
    /// The sale that it is about, by its first record.
    pub sale: Option<TxId>,
}

/// How a task ended.
#[derive(Clone, Debug)]
pub enum TaskEnd {
    /// It was done.
    Printed(PrintDone),
    /// Nothing that counts was printed.
    Failed(TaskFailure),
    /// Nobody knows.
    Unknown(TaskFailure),
}

/// Why a task has no good end.
#[derive(Clone, Debug)]
pub struct TaskFailure {
    /// Which task.
    pub task: String,
    /// Why.
    pub messages: Vec<PrintMessage>,
}

impl TaskEnd {
    /// Which task.
    #[must_use]
    pub fn task(&self) -> &str {
        match self {
            Self::Printed(done) => &done.task,
            Self::Failed(failure) | Self::Unknown(failure) => &failure.task,
        }
    }
}
