//! `daybook verify`: is every instance whole?

use super::{CliError, Output};
use crate::store::StoreArgs;
use clap::Args;
use daybook_replay::command::{CommandError, Finding, VERIFY_HELP, VerifyOptions};

/// Recompute every hash, and say the first event that is wrong
#[derive(Args)]
#[command(after_long_help = VERIFY_HELP)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    options: VerifyOptions,

    #[command(flatten)]
    store: StoreArgs,
}

impl From<CommandError> for CliError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::No(why) => Self::No(why),
            CommandError::Usage(why) => Self::Usage(why),
            CommandError::Outside(why) => Self::Outside(why),
        }
    }
}

pub(super) async fn run(args: VerifyArgs, output: &Output) -> Result<(), CliError> {
    let store = if args.options.needs_store() {
        Some(args.store.open_reader().await?)
    } else {
        None
    };
    let bar = |length| output.progress(length, "verifying");
    let say = |finding: &Finding| output.say(&finding.to_string());
    let findings = args.options.run(store.clone(), bar, say).await;
    if let Some(store) = store {
        store.close().await;
    }
    let findings = findings?;
    let count = |of: fn(&Finding) -> bool| findings.iter().filter(|finding| of(finding)).count();
    let (broken, of_topic) = (
        count(|finding| !finding.is_whole()),
        count(Finding::is_of_topic),
    );
    if output.is_json() {
        let body = serde_json::json!({ "whole": broken == 0, "instances": findings });
        output.line(&body.to_string());
    }
    match broken {
        0 => Ok(()),
        _ if output.is_json() => Err(CliError::Told),
        _ => Err(CliError::No(format!(
            "{} of {} instances broken{}{}",
            broken - of_topic,
            findings.len() - of_topic,
            match count(Finding::is_foreign) {
                0 => "",
                _ => ", and the topic holds foreign records",
            },
            match count(Finding::is_forgotten) {
                0 => "",
                _ => ", and the topic has forgotten records",
            },
        ))),
    }
}
