//! From what a device brought to what is written down of a task.

use super::job;
use super::talk::Talked;
use crate::ledger::print::{TaskEnd, TaskFailure};
use daybook_printers::device::{Message, Messages};
use daybook_printers::dialogue::{Answer, Failure, Outcome};
use daybook_schema::facts::PrintDone;

/// The end of a task.
pub(super) fn ended(name: &str, talked: Talked, notes: Vec<Message>) -> TaskEnd {
    let failure = |messages: &Messages| TaskFailure {
        task: name.to_owned(),
        messages: job::record_messages(messages),
    };
    match talked.result {
        Ok(outcome) => TaskEnd::Printed(done(name, outcome, notes)),
        Err(Failure::Refused(messages)) => TaskEnd::Failed(failure(&messages)),
        Err(Failure::Unknown { messages, .. }) => TaskEnd::Unknown(failure(&messages)),
    }
}

fn done(name: &str, outcome: Outcome, notes: Vec<Message>) -> PrintDone {
    let mut messages = outcome.messages;
    messages.extend(notes);
    let mut done = PrintDone {
        messages: job::record_messages(&messages),
        task: name.to_owned(),
        ..PrintDone::default()
    };
    match outcome.answer {
        Answer::Printed(printed) => {
            done.amount = Some(printed.amount);
            done.fiscal_memory = Some(printed.fiscal_memory);
            done.number = Some(printed.number);
            done.time = printed.time.map(job::written);
        }
        Answer::Cash(amount) => done.amount = Some(amount),
        Answer::Status(time) => done.time = time.map(job::written),
        Answer::Raw(response) => done.response = Some(response),
        Answer::Done | Answer::Device(_) | Answer::LastDocument(_) => {}
    }
    done
}
