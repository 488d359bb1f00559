//! `daybook restore`: a store made of what a topic holds.

use super::{CliError, Output};
use crate::store::{Missing, StoreArgs};
use clap::Args;
use daybook_replay::command::{RESTORE_HELP, RestoreOptions};

/// Write the events of a topic in Kafka into an empty store
#[derive(Args)]
#[command(after_long_help = RESTORE_HELP)]
pub(super) struct RestoreArgs {
    #[command(flatten)]
    options: RestoreOptions,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: RestoreArgs, output: &Output) -> Result<(), CliError> {
    // A store is made only when there is something to put into it.
    let topic = args.options.topic().await?;
    let store = args.store.open(Missing::Create).await?;
    let bar = |length| output.progress(length, "restoring");
    let restored = args.options.run(&topic, store.clone(), bar).await;
    store.close().await;
    let restored = restored?;
    output.result(&restored.to_string(), &restored);
    if restored.is_whole() {
        Ok(())
    } else {
        Err(CliError::Told)
    }
}
