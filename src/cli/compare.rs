//! `daybook compare`: does the topic hold what the store holds?

use super::{CliError, Output};
use crate::store::StoreArgs;
use clap::Args;
use daybook_replay::command::{COMPARE_HELP, CompareOptions};

/// Compare a topic in Kafka with the store, and say the first event that differs
#[derive(Args)]
#[command(after_long_help = COMPARE_HELP)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    options: CompareOptions,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: CompareArgs, output: &Output) -> Result<(), CliError> {
    let store = args.store.open_reader().await?;
    let bar = |length| output.progress(length, "comparing");
    let comparison = args.options.run(store.clone(), bar).await;
    store.close().await;
    let comparison = comparison?;
    output.result(&comparison.to_string(), &comparison);
    if comparison.is_yes() {
        Ok(())
    } else {
        Err(CliError::Told)
    }
}
