//! `daybook restore`: a store made of what a topic holds.

use super::{CliError, Output};
use crate::store::{Missing, StoreArgs};
use clap::Args;
use daybook_replay::command::{RESTORE_HELP, RestoreOptions};

/// What a node is called that nobody has named.
const DEFAULT_NODE: &str = "daybook";

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
    // Restoring beside a node ends in two histories. Only those that print have a claim to be seen.
    match store.claim(DEFAULT_NODE).await {
        Ok(true) => {}
        Ok(false) => {
            store.close().await;
            return Err(CliError::No(format!(
                "a node named \"{DEFAULT_NODE}\" serves this store: end every node of the store first, \
                 and start none before the restore has ended"
            )));
        }
        Err(error) => {
            store.close().await;
            return Err(error.into());
        }
    }
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
