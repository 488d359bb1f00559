//! `daybook verify`.

use super::{CliError, Output};
use clap::Args;

#[derive(Args)]
pub(super) struct VerifyArgs {}

pub(super) async fn run(_args: VerifyArgs, _output: &Output) -> Result<(), CliError> {
    Err(CliError::No("not built yet".to_owned()))
}
