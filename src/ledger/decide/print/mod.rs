//! Tasks of printers: given once, done by one node at a time, one after another for each printer.

mod goods;
mod paper;
#[cfg(test)]
mod tests;

pub(super) use paper::follow;

use super::{Decision, Rejection, repeated};
use crate::ledger::command::CommandId;
use crate::ledger::print::{PrintCommand, PrintOrder, TOO_LATE, TaskEnd, TaskFailure};
use daybook_projections::Views;
use daybook_projections::printer_job::{Ending, Task, TaskState};
use daybook_schema::facts::{
    PrintEnd, PrintJob, PrintLevel, PrintMessage, PrintRequest, PrintStart, PrintTalk,
    ReceiptNumber,
};
use daybook_schema::{At, Fact};
use std::sync::Arc;

/// Bytes of frames in one event line, well below its limit.
const TALK_BYTES: usize = 48_000;

pub(super) fn decide(
    views: &Views,
    id: &CommandId,
    command: &PrintCommand,
    at: At,
) -> Result<Decision, Rejection> {
    let facts = match command {
        PrintCommand::Request(order) => {
            if let Some(repeat) = repeated(views, id) {
                return repeat;
            }
            request(views, id, order)?
        }
        PrintCommand::Start {
            start: begin,
            sales,
        } => vec![start(views, begin, *sales, at)?],
        PrintCommand::End { node, end, frames } => {
            check_end(views, node, end)?;
            let mut facts = talks(end.task(), frames);
            facts.push(ended(end));
            facts
        }
        PrintCommand::Resolve(end) => {
            let task = task(views, end.task())?;
            let open = matches!(
                task.state,
                TaskState::Running { .. }
                    | TaskState::Ended {
                        how: Ending::Unknown,
                        ..
                    }
            );
            if !open || matches!(end, TaskEnd::Unknown(_)) {
                return Err(Rejection::TaskSettled(end.task().to_owned()));
            }
            vec![ended(end)]
        }
        PrintCommand::Cancel { task: name } => {
            if task(views, name)?.state != TaskState::Waiting {
                return Err(Rejection::TaskBegun(name.clone()));
            }
            vec![failed(name, "E999", "The task was cancelled")]
        }
    };
    Ok(Decision::Record(facts))
}

fn request(views: &Views, id: &CommandId, order: &PrintOrder) -> Result<Vec<Fact>, Rejection> {
    views.instance.described().ok_or(Rejection::NoCatalogue)?;
    if views.printer_job.task(&order.task).is_some() {
        return Err(Rejection::TaskUsed(order.task.clone()));
    }
    if let Some(failed) = &order.again {
        check_again(views, failed, &order.job)?;
    }
    let mut facts = Vec::new();
    let mut job = order.job.clone();
    if order.numbered
        && let PrintJob::Receipt(receipt) = &mut job
    {
        let number = next_number(views)?;
        receipt.number = Some(number);
        facts.push(Fact::ReceiptNumbered(ReceiptNumber {
            number,
            sale: None,
            task: order.task.clone(),
        }));
    }
    facts.push(Fact::PrintRequested(PrintRequest {
        deadline: order.deadline,
        job,
        node: order.node.clone(),
        printer: order.printer.clone(),
        request: id.request,
        sale: order.sale,
        task: order.task.clone(),
    }));
    Ok(facts)
}

/// What names of further attempts begin with; clients' names never do.
const AGAIN: &str = "daybook:again:";

/// The name of another attempt at a task, counted from 2.
#[must_use]
pub fn attempt(first: &str, count: u32) -> String {
    format!("{AGAIN}{count}:{first}")
}

/// The first attempt's name.
#[must_use]
pub fn first_attempt(task: &str) -> &str {
    let behind = task.strip_prefix(AGAIN);
    let first = behind.and_then(|behind| behind.split_once(':'));
    first.map_or(task, |(_, first)| first)
}

/// Only what failed is asked for again, and only while no attempt may still succeed or has.
fn check_again(views: &Views, name: &str, job: &PrintJob) -> Result<(), Rejection> {
    let failed = |task: &Task| {
        matches!(
            task.state,
            TaskState::Ended {
                how: Ending::Failed,
                ..
            }
        )
    };
    let name = first_attempt(name);
    let first = task(views, name)?;
    let jobs = &views.printer_job;
    let attempts = (2..).map(|count| jobs.task(&attempt(name, count)));
    let mut attempts = attempts.map_while(|task| task);
    let receipt = first.sale.and_then(|sale| jobs.receipt(sale));
    let is_copy = matches!(job, PrintJob::Copy(_));
    let missing = is_copy || receipt.is_none_or(|receipt| receipt.printed.is_none());
    if failed(first) && missing && attempts.all(|task| failed(task)) {
        return Ok(());
    }
    Err(Rejection::TaskSettled(name.to_owned()))
}

fn next_number(views: &Views) -> Result<u32, Rejection> {
    let next = views.printer_job.last_number().checked_add(1);
    next.ok_or(Rejection::NoFreeId("receipt"))
}

/// The first that waits and that this node may do, while nothing else is printed there; or the fact
/// that it is too late for it.
fn start(views: &Views, begin: &PrintStart, sales: bool, at: At) -> Result<Fact, Rejection> {
    let name = &begin.task;
    let task = task(views, name)?;
    if task.state != TaskState::Waiting {
        return Err(Rejection::TaskBegun(name.clone()));
    }
    let mine = |task: &Task| match &task.node {
        Some(node) => *node == begin.node,
        None => sales,
    };
    let mut queue = views.printer_job.queue(&task.printer);
    let running = |(_, task): &(&str, &Arc<Task>)| task.state != TaskState::Waiting;
    if !mine(task) || views.printer_job.queue(&task.printer).any(|t| running(&t)) {
        return Err(Rejection::PrinterBusy(task.printer.clone()));
    }
    let first = queue.find(|(_, task)| mine(task));
    if first.is_none_or(|(first, _)| first != name) {
        return Err(Rejection::PrinterBusy(task.printer.clone()));
    }
    if task.deadline.is_some_and(|deadline| deadline < at) {
        return Ok(failed(name, "E999", TOO_LATE));
    }
    Ok(Fact::PrintStarted(begin.clone()))
}

/// The node that runs it tells of it; and whoever learned it from the device, when nobody knew.
/// What failed before it was begun is told by any node that may do it.
fn check_end(views: &Views, node: &str, end: &TaskEnd) -> Result<(), Rejection> {
    let task = task(views, end.task())?;
    let may = match &task.state {
        TaskState::Running { node: running } => running == node,
        TaskState::Waiting => {
            matches!(end, TaskEnd::Failed(_)) && task.node.as_deref().is_none_or(|own| own == node)
        }
        TaskState::Ended { how, .. } => {
            *how == Ending::Unknown && !matches!(end, TaskEnd::Unknown(_))
        }
    };
    may.then_some(())
        .ok_or_else(|| Rejection::TaskSettled(end.task().to_owned()))
}

fn task<'a>(views: &'a Views, name: &str) -> Result<&'a Arc<Task>, Rejection> {
    let task = views.printer_job.task(name);
    task.ok_or_else(|| Rejection::UnknownTask(name.to_owned()))
}

fn ended(end: &TaskEnd) -> Fact {
    let without = |failure: &TaskFailure| PrintEnd {
        messages: failure.messages.clone(),
        task: failure.task.clone(),
    };
    match end {
        TaskEnd::Printed(done) => Fact::Printed(done.clone()),
        TaskEnd::Failed(failure) => Fact::PrintFailed(without(failure)),
        TaskEnd::Unknown(failure) => Fact::PrintUnknown(without(failure)),
    }
}

fn failed(task: &str, code: &str, text: &str) -> Fact {
    Fact::PrintFailed(PrintEnd {
        messages: vec![PrintMessage {
            code: Some(code.to_owned()),
            level: PrintLevel::Error,
            original: None,
            text: text.to_owned(),
        }],
        task: task.to_owned(),
    })
}

/// What went over the wire, in as many lines as it takes. A single frame that fits no line is cut.
fn talks(task: &str, frames: &[String]) -> Vec<Fact> {
    let mut talks: Vec<Vec<String>> = Vec::new();
    let mut room = 0;
    for frame in frames {
        let frame: String = frame.chars().take(TALK_BYTES).collect();
        if talks.is_empty() || frame.len() + 3 > room {
            talks.push(Vec::new());
            room = TALK_BYTES + 3;
        }
        room -= frame.len() + 3;
        if let Some(talk) = talks.last_mut() {
            talk.push(frame);
        }
    }
    let task = task.to_owned();
    let talk = |frames| {
        let task = task.clone();
        Fact::PrintSpoken(PrintTalk { frames, task })
    };
    talks.into_iter().map(talk).collect()
}
