//! Orders of a shop and lists of members: each entry stands for itself, so that large files are
//! written in parts.

use super::super::{CliError, Desk, Output, currency};
use super::{File, written};
use crate::ledger::{Action, Book, Command, CommandId};
use daybook_catalogue::{ItemMap, Skipped, read_members, read_orders};
use daybook_schema::id::ConstraintId;
use daybook_schema::{Actor, LogName};

/// Orders or members that are written together.
const PART: usize = 10_000;

/// What an import did.
pub(super) struct Imported {
    events: u64,
    /// What was left out, of a shop's export.
    skipped: Option<Skipped>,
}

impl Imported {
    pub(super) fn tell(&self, log: &LogName, output: &Output) {
        let mut text = written(log.as_str(), self.events);
        let mut value = serde_json::json!({ "instance": log, "events": self.events });
        if let Some(skipped) = self.skipped {
            let parts = [
                counted(skipped.test_orders, "test order", "test orders"),
                counted(skipped.positions, "position by --map", "positions by --map"),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            if !parts.is_empty() {
                text.push_str(&format!("\nskipped: {}", parts.join(", ")));
            }
            value["skipped"] = serde_json::json!({
                "test_orders": skipped.test_orders, "positions": skipped.positions,
            });
        }
        output.result(&text, &value);
    }
}

fn counted(count: usize, one: &str, more: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {more}")),
    }
}

/// Imports a shop's export.
pub(super) async fn orders(
    desk: &Desk,
    log: &LogName,
    file: &File,
    map: &ItemMap,
) -> Result<Imported, CliError> {
    let book = desk.book(log).await?;
    let currency = currency(log, &book)?;
    let read = read_orders(&file.text, currency, map).map_err(|error| file.refused(&error))?;
    let mut parts = Parts::new(&book, file, "orders");
    for orders in read.orders.chunks(PART) {
        let orders = orders.to_vec();
        let count = orders.len();
        let dropped = Vec::new();
        parts
            .send(Action::ImportOrders { orders, dropped }, count)
            .await?;
    }
    // After the orders: a ticket may have moved to one of them.
    for dropped in read.dropped.chunks(PART) {
        let dropped = dropped.to_vec();
        let count = dropped.len();
        let orders = Vec::new();
        parts
            .send(Action::ImportOrders { orders, dropped }, count)
            .await?;
    }
    Ok(Imported {
        events: parts.events,
        skipped: Some(read.skipped),
    })
}

/// Imports a list of members.
pub(super) async fn members(
    desk: &Desk,
    log: &LogName,
    file: &File,
    list: ConstraintId,
) -> Result<Imported, CliError> {
    let book = desk.book(log).await?;
    currency(log, &book)?;
    let members = read_members(&file.text).map_err(|error| file.refused(&error))?;
    let mut parts = Parts::new(&book, file, "members");
    // A list without members still says whether its constraint is there.
    let empty = members.is_empty().then_some(&[][..]);
    for members in empty.into_iter().chain(members.chunks(PART)) {
        let action = Action::ImportMembers(list, members.to_vec());
        parts.send(action, members.len()).await?;
    }
    Ok(Imported {
        events: parts.events,
        skipped: None,
    })
}

impl File {
    fn refused(&self, why: &dyn std::fmt::Display) -> CliError {
        CliError::No(format!("{}: nothing was imported\n{why}", self.name))
    }
}

/// The parts of a file on their way to the ledger.
struct Parts<'a> {
    book: &'a Book,
    file: &'a File,
    what: &'static str,
    /// How many orders or members are through.
    done: usize,
    events: u64,
}

impl<'a> Parts<'a> {
    const fn new(book: &'a Book, file: &'a File, what: &'static str) -> Self {
        Self {
            book,
            file,
            what,
            done: 0,
            events: 0,
        }
    }

    async fn send(&mut self, action: Action, count: usize) -> Result<(), CliError> {
        let command = Command {
            by: Actor::Operator,
            id: CommandId::fresh(),
            action,
        };
        let done = self.book.submit(command).await;
        let done = done.map_err(|refusal| self.stopped(refusal.into()))?;
        self.done += count;
        self.events += done.end - done.first;
        Ok(())
    }

    /// What is to be done when a part fails.
    fn stopped(&self, error: CliError) -> CliError {
        let Self {
            file,
            what,
            done,
            events,
            ..
        } = self;
        let name = &file.name;
        if *done == 0 {
            return match error {
                CliError::No(why) => file.refused(&why),
                other => other,
            };
        }
        let stands = format!(
            "{name}: the first {done} {what} were imported ({events} events), the others not\n"
        );
        let next = "\nWhat was imported stands: import the file again, and only what is missing is written";
        match error {
            CliError::No(why) => CliError::No(format!("{stands}{why}{next}")),
            CliError::Outside(why) => CliError::Outside(format!("{stands}{why}{next}")),
            other => other,
        }
    }
}
