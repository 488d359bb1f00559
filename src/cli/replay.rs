//! `daybook replay`.

use super::{CliError, Output};
use clap::Args;

#[derive(Args)]
pub(super) struct ReplayArgs {}

pub(super) async fn run(_args: ReplayArgs, _output: &Output) -> Result<(), CliError> {
    Err(CliError::No("not built yet".to_owned()))
}
