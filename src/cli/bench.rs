//! `daybook bench`.

use super::{CliError, Output};
use clap::Args;

#[derive(Args)]
pub(super) struct BenchArgs {}

pub(super) async fn run(_args: BenchArgs, _output: &Output) -> Result<(), CliError> {
    Err(CliError::No("not built yet".to_owned()))
}
