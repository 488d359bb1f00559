//! `daybook message`: an operator speaks to all tills.

use super::{CliError, Desk, Output, the_log};
use crate::ledger::{Action, Command, CommandId};
use crate::store::{Missing, StoreArgs};
use clap::Args;
use daybook_schema::{Actor, LogName};

/// Send a message to all tills of a venue
///
/// It is recorded as an event, and every server of the venue passes it on to its sockets.
#[derive(Args)]
pub(super) struct MessageArgs {
    /// What all tills are told: 1 to 500 characters
    text: String,

    /// Which instance, when the store has several
    #[arg(long, value_name = "SLUG")]
    instance: Option<LogName>,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: MessageArgs, output: &Output) -> Result<(), CliError> {
    let store = args.store.open(Missing::Refuse).await?;
    let log = the_log(store.as_ref(), args.instance).await?;
    let desk = Desk::open(store).await?;
    let action = Action::SendMessage(args.text);
    let command = Command {
        by: Actor::Operator,
        id: CommandId::fresh(),
        action,
    };
    let book = desk.book(&log).await?;
    let sent = book.submit(command).await;
    desk.close().await;
    let seq = sent?.first;
    let text =
        format!("Recorded as event {seq} of {log}; running servers pass it on within a second.");
    output.result(&text, &serde_json::json!({ "instance": log, "seq": seq }));
    Ok(())
}
