//! A catalogue, all of it or nothing.

use super::super::{CliError, Desk};
use crate::ledger::{Action, Command, CommandId};
use daybook_catalogue::Format;
use daybook_schema::Actor;

/// Imports a catalogue text; returns the instance and how many events that took.
pub(in super::super) async fn import(
    desk: &Desk,
    name: &str,
    text: &str,
    format: Format,
) -> Result<(String, u64), CliError> {
    let catalogue = daybook_catalogue::read(text, format, &desk.installation)
        .map_err(|error| CliError::No(format!("{name}: nothing was imported\n{error}")))?;
    let log = catalogue.instance.slug.clone();
    let book = desk.book(&log).await?;
    let action = Action::Import(Box::new(catalogue));
    let command = Command {
        by: Actor::Operator,
        id: CommandId::fresh(),
        action,
    };
    let done = book
        .submit(command)
        .await
        .map_err(|refusal| match CliError::from(refusal) {
            CliError::No(why) => CliError::No(format!("{name}: nothing was imported\n{why}")),
            other => other,
        })?;
    Ok((log.to_string(), done.end - done.first))
}
