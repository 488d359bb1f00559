//! `daybook print`: tasks of printers, and what a person decides about them.

use super::{CliError, Desk, Output, Place, the_log};
use crate::ledger::decide::{attempt, first_attempt};
use crate::ledger::print::{PrintCommand, PrintOrder, TaskEnd, TaskFailure};
use crate::ledger::{Action, Book, Command, CommandId};
use crate::print::read_event;
use crate::store::Missing;
use clap::{Args, Subcommand};
use daybook_projections::printer_job::{Ending, Task, TaskState};
use daybook_schema::facts::{PrintDone, PrintLevel, PrintMessage, PrintRequest};
use daybook_schema::{Actor, Decimal, EventLog, Fact, Money};
use std::sync::Arc;

#[derive(Subcommand)]
pub(super) enum PrintCommands {
    /// List tasks that wait, run or ended unknown, and receipts of sales that failed
    List(ListArgs),
    /// Show what a task asked for, and what is known of it
    Show(TaskArgs),
    /// Decide what became of a task of which nobody knows, after a look at the paper
    Resolve(ResolveArgs),
    /// Give up a task that still waits
    Cancel(TaskArgs),
    /// Ask once more for a receipt that failed
    Again(TaskArgs),
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// Also those that ended well or failed
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct TaskArgs {
    /// The task's name, from `daybook print list`
    task: String,

    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct ResolveArgs {
    /// The task's name, from `daybook print list`
    task: String,

    /// It is on paper
    #[arg(
        long,
        conflicts_with = "not_printed",
        required_unless_present = "not_printed"
    )]
    printed: bool,

    /// It is not, or it was voided
    #[arg(long)]
    not_printed: bool,

    /// The number on the paper
    #[arg(long, value_name = "NUMBER", requires = "printed")]
    number: Option<String>,

    /// The amount on the paper, like 30.00
    #[arg(long, value_name = "AMOUNT", requires = "printed")]
    amount: Option<String>,

    /// Also a task that still runs: its node is gone for good
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    place: Place,
}

/// An instance's book, and the store behind it.
struct Queue {
    book: Book,
    store: Arc<dyn EventLog>,
}

pub(super) async fn run(command: PrintCommands, output: &Output) -> Result<(), CliError> {
    let place = match &command {
        PrintCommands::List(args) => &args.place,
        PrintCommands::Show(args) | PrintCommands::Cancel(args) | PrintCommands::Again(args) => {
            &args.place
        }
        PrintCommands::Resolve(args) => &args.place,
    };
    let store = place.store.open(Missing::Refuse).await?;
    let log = the_log(store.as_ref(), place.instance.clone()).await?;
    let desk = Desk::open(store.clone()).await?;
    let done = async {
        let book = desk.book(&log).await?;
        let queue = Queue { book, store };
        queue.act(command, output).await
    };
    let done = done.await;
    desk.close().await;
    done
}

impl Queue {
    async fn act(&self, command: PrintCommands, output: &Output) -> Result<(), CliError> {
        match command {
            PrintCommands::List(args) => {
                self.list(args.all, output);
                Ok(())
            }
            PrintCommands::Show(args) => self.show(&args.task, output).await,
            PrintCommands::Resolve(args) => self.resolve(&args, output).await,
            PrintCommands::Cancel(args) => {
                let task = args.task.clone();
                self.submit(PrintCommand::Cancel { task }).await?;
                self.told(output, &args.task, "is given up");
                Ok(())
            }
            PrintCommands::Again(args) => self.again(&args.task, output).await,
        }
    }

    fn list(&self, all: bool, output: &Output) {
        let views = self.book.views();
        let mut rows: Vec<(&str, &Arc<Task>)> = views.printer_job.tasks().collect();
        rows.retain(|(_, task)| all || !is_certain(task) || views.printer_job.is_missing(task));
        rows.sort_by_key(|(_, task)| task.requested);
        if rows.is_empty() && !output.is_json() {
            output.say("Nothing waits or runs, every outcome is known, and no receipt of a sale is missing.");
        }
        for (name, task) in rows {
            let state = state(task);
            let on = node(task).map_or_else(String::new, |node| format!(" on {node}"));
            let text = format!("{:<8} {:<16} {}  {name}{on}", state, task.printer, task.at);
            let row = serde_json::json!({
                "task": name, "printer": task.printer, "state": state, "at": task.at,
                "requested": task.requested, "sale": task.sale, "node": node(task),
            });
            output.result(&text, &row);
        }
    }

    async fn show(&self, name: &str, output: &Output) -> Result<(), CliError> {
        let task = self.task(name)?;
        let end = match task.state {
            TaskState::Ended { seq, .. } => Some(seq),
            TaskState::Waiting | TaskState::Running { .. } => None,
        };
        for seq in [Some(task.requested), task.started, end]
            .into_iter()
            .flatten()
        {
            let lines = self.store.read(&self.book.log, seq, 1).await?;
            for bytes in lines {
                output.line(&String::from_utf8_lossy(&bytes));
            }
        }
        Ok(())
    }

    async fn resolve(&self, args: &ResolveArgs, output: &Output) -> Result<(), CliError> {
        let task = args.task.clone();
        if let TaskState::Running { node } = &self.task(&task)?.state
            && !args.force
        {
            let text = format!(
                "node \"{node}\" is at task \"{task}\", and settles it by itself; if that node is gone for good, say --force"
            );
            return Err(CliError::No(text));
        }
        let end = if args.printed {
            TaskEnd::Printed(PrintDone {
                amount: args.amount.as_deref().map(hundredths).transpose()?,
                messages: vec![said("A person looked: it is on paper")],
                number: args.number.clone(),
                task,
                ..PrintDone::default()
            })
        } else {
            let messages = vec![PrintMessage {
                code: Some("E999".to_owned()),
                level: PrintLevel::Error,
                ..said("A person looked: it is not on paper")
            }];
            TaskEnd::Failed(TaskFailure { task, messages })
        };
        self.submit(PrintCommand::Resolve(end)).await?;
        self.told(output, &args.task, "is settled");
        Ok(())
    }

    /// The same job under a new name, if the task failed.
    async fn again(&self, name: &str, output: &Output) -> Result<(), CliError> {
        let task = self.task(name)?;
        if state(&task) != "failed" {
            let text = format!("task \"{name}\" did not fail: it is {}", state(&task));
            return Err(CliError::No(text));
        }
        let request = self.request(task.requested).await?;
        if request.job.is_secret() {
            let text =
                "it needs an operator's password, which is not kept: let the client ask again";
            return Err(CliError::No(text.to_owned()));
        }
        let views = self.book.views();
        let first = first_attempt(name);
        let mut names = (2..).map(|count| attempt(first, count));
        let free = names.find(|name| views.printer_job.task(name).is_none());
        let new = free.unwrap_or_default();
        let order = PrintOrder {
            task: new.clone(),
            printer: request.printer,
            job: request.job,
            node: request.node,
            deadline: None,
            numbered: false,
            sale: request.sale,
            again: Some(name.to_owned()),
        };
        let submitted = self.submit(PrintCommand::Request(Box::new(order))).await;
        submitted.map_err(|error| match error {
            CliError::No(_) => CliError::No(format!(
                "another attempt at \"{name}\" waits, runs, came out, or ended unknown: see `daybook print list --all`"
            )),
            other => other,
        })?;
        self.told(output, &new, "waits for its printer");
        Ok(())
    }

    fn task(&self, name: &str) -> Result<Arc<Task>, CliError> {
        let views = self.book.views();
        let task = views.printer_job.task(name).cloned();
        task.ok_or_else(|| CliError::No(format!("there is no task \"{name}\"")))
    }

    async fn request(&self, seq: u64) -> Result<PrintRequest, CliError> {
        let event = read_event(self.store.as_ref(), &self.book.log, seq).await?;
        match event.map(|event| event.fact) {
            Some(Fact::PrintRequested(request)) => Ok(request),
            _ => Err(CliError::Outside(format!("event {seq} cannot be read"))),
        }
    }

    async fn submit(&self, print: PrintCommand) -> Result<(), CliError> {
        let command = Command {
            by: Actor::Operator,
            id: CommandId::fresh(),
            action: Action::Print(print),
        };
        self.book.submit(command).await?;
        Ok(())
    }

    fn told(&self, output: &Output, task: &str, what: &str) {
        let value = serde_json::json!({ "instance": self.book.log, "task": task });
        output.result(&format!("Task \"{task}\" {what}."), &value);
    }
}

/// The word for where a task stands.
fn state(task: &Task) -> &'static str {
    match task.state {
        TaskState::Waiting => "waiting",
        TaskState::Running { .. } => "running",
        TaskState::Ended { how, .. } => match how {
            Ending::Printed => "printed",
            Ending::Failed => "failed",
            Ending::Unknown => "unknown",
        },
    }
}

/// The node that is at it, or the only one that does it.
fn node(task: &Task) -> Option<&str> {
    match &task.state {
        TaskState::Running { node } => Some(node),
        _ => task.node.as_deref(),
    }
}

fn is_certain(task: &Task) -> bool {
    matches!(state(task), "printed" | "failed")
}

fn said(text: &str) -> PrintMessage {
    PrintMessage {
        code: None,
        level: PrintLevel::Info,
        original: None,
        text: text.to_owned(),
    }
}

/// An amount as paper has it.
pub(super) fn hundredths(text: &str) -> Result<Money, CliError> {
    let units = Decimal::parse(text).and_then(|amount| amount.units(2));
    let money = units.and_then(Money::new);
    money.map_err(|error| CliError::Usage(format!("\"{text}\" is no amount: {error}")))
}
