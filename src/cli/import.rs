//! `daybook import`: a catalogue file becomes events.

use super::{CliError, Desk, Output};
use crate::ledger::{Action, Command, CommandId};
use crate::store::{Missing, StoreArgs};
use clap::Args;
use daybook_catalogue::Format;
use daybook_schema::Actor;
use std::path::{Path, PathBuf};

/// The largest catalogue file.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Bring a venue to the state of its catalogue file.
///
/// The difference to the present becomes events, all of them or none. Importing the same file
/// twice writes nothing the second time. A server that runs on the same store notices by itself.
#[derive(Args)]
pub(super) struct ImportArgs {
    /// The catalogue, ending in .json or .toml (see catalogue/README.md)
    file: PathBuf,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: ImportArgs, output: &Output) -> Result<(), CliError> {
    let (text, format) = read_file(&args.file)?;
    let store = args.store.open(Missing::Create).await?;
    let desk = Desk::open(store).await?;
    let imported = import(&desk, &args.file.display().to_string(), &text, format).await;
    desk.close().await;
    let (slug, events) = imported?;
    let text = match events {
        0 => format!("{slug} is up to date: nothing to write"),
        1 => format!("{slug}: 1 event written"),
        n => format!("{slug}: {n} events written"),
    };
    output.result(
        &text,
        &serde_json::json!({ "instance": slug, "events": events }),
    );
    Ok(())
}

fn read_file(path: &Path) -> Result<(String, Format), CliError> {
    let name = path.display();
    let format = Format::of_file_name(&path.to_string_lossy()).ok_or_else(|| {
        CliError::No(format!(
            "{name}: the name must end in .json or .toml, to tell the format"
        ))
    })?;
    let unreadable = |error| CliError::Outside(format!("{name} cannot be read: {error}"));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_FILE_BYTES {
        return Err(CliError::No(format!(
            "{name} has {size} bytes, at most {MAX_FILE_BYTES} are read"
        )));
    }
    Ok((std::fs::read_to_string(path).map_err(unreadable)?, format))
}

/// Imports a catalogue text; returns the instance and how many events that took.
pub(super) async fn import(
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
