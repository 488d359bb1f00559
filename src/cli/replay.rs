//! `daybook replay`: the books as they stood.

use super::{CliError, Output};
use crate::store::StoreArgs;
use clap::Args;
use daybook_replay::command::{REPLAY_HELP, ReplayOptions};

/// Show the books as they stood at an event or a time
#[derive(Args)]
#[command(after_long_help = REPLAY_HELP)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    options: ReplayOptions,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: ReplayArgs, output: &Output) -> Result<(), CliError> {
    let store = if args.options.needs_store() {
        Some(args.store.open_reader().await?)
    } else {
        None
    };
    let books = args.options.run(store.clone()).await;
    if let Some(store) = store {
        store.close().await;
    }
    let books = books?;
    output.result(&books.text, &books);
    Ok(())
}
