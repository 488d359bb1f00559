//! `daybook import`: files of others become events.

mod catalogue;
mod presale;

pub(super) use catalogue::import;

use super::{CliError, Desk, Output, the_log};
use crate::store::{Missing, StoreArgs};
use clap::Args;
use daybook_catalogue::{Format, ItemMap};
use daybook_schema::LogName;
use daybook_schema::id::ConstraintId;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The largest file.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Import a venue's catalogue, the orders of a ticket shop, or a list of members
///
/// A catalogue (.json or .toml) brings the venue to its state: the difference becomes events, all
/// of them or none. An export "Order data (JSON)" of a pretix shop (.json, told by its content)
/// adds its tickets. A list of members (.csv) adds them to a list of the venue.
///
/// Importing the same file twice writes nothing the second time. Orders and members are written
/// 10,000 at a time: each stands for itself, so when the import stops in between, import the file
/// again. A server that runs on the same store notices by itself.
#[derive(Args)]
pub(super) struct ImportArgs {
    /// The file, ending in .json, .toml or .csv (see catalogue/README.md)
    file: PathBuf,

    /// Which instance gets orders or members, when the store has several; a catalogue names its own
    #[arg(long, value_name = "SLUG")]
    instance: Option<LogName>,

    /// What an item of the shop is here, by ids: 101=3, for one of its variations 101/7=5, or
    /// 102=skip; repeat for each item
    #[arg(long = "map", value_name = "ITEM=PRODUCT")]
    maps: Vec<String>,

    /// Id of the list that the members are added to
    #[arg(long, value_name = "ID")]
    list: Option<u32>,

    #[command(flatten)]
    store: StoreArgs,
}

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Catalogue(Format),
    Orders,
    Members,
}

/// A file that was read, in the words of errors.
struct File {
    name: String,
    text: String,
}

pub(super) async fn run(args: ImportArgs, output: &Output) -> Result<(), CliError> {
    let (file, kind) = read_file(&args.file)?;
    check_flags(&args, &file, kind)?;
    match kind {
        Kind::Catalogue(format) => {
            let desk = Desk::open(args.store.open(Missing::Create).await?).await?;
            let imported = import(&desk, &file.name, &file.text, format).await;
            desk.close().await;
            let (slug, events) = imported?;
            let value = serde_json::json!({ "instance": slug, "events": events });
            output.result(&written(&slug, events), &value);
            Ok(())
        }
        Kind::Orders => {
            let map = ItemMap::parse(args.maps.iter().map(String::as_str))
                .map_err(|error| CliError::Usage(error.to_string()))?;
            let (desk, log) = existing(&args).await?;
            let imported = presale::orders(&desk, &log, &file, &map).await;
            desk.close().await;
            imported.map(|done| done.tell(&log, output))
        }
        Kind::Members => {
            let list = ConstraintId(args.list.unwrap_or_default());
            let (desk, log) = existing(&args).await?;
            let imported = presale::members(&desk, &log, &file, list).await;
            desk.close().await;
            imported.map(|done| done.tell(&log, output))
        }
    }
}

/// The instance that a file adds to: it must be there.
async fn existing(args: &ImportArgs) -> Result<(Desk, LogName), CliError> {
    let store = args.store.open(Missing::Refuse).await?;
    let log = the_log(store.as_ref(), args.instance.clone()).await?;
    Ok((Desk::open(store).await?, log))
}

/// Each kind of file has its own flags.
fn check_flags(args: &ImportArgs, file: &File, kind: Kind) -> Result<(), CliError> {
    let name = &file.name;
    let (what, instance, maps, list) = match kind {
        Kind::Catalogue(_) => (
            "is a catalogue, which names its instance itself",
            false,
            false,
            false,
        ),
        Kind::Orders => ("is a shop's export", true, true, false),
        Kind::Members => ("is a list of members", true, false, true),
    };
    let given = [
        ("--instance", args.instance.is_some(), instance),
        ("--map", !args.maps.is_empty(), maps),
        ("--list", args.list.is_some(), list),
    ];
    if let Some((flag, ..)) = given.iter().find(|(_, given, fits)| *given && !fits) {
        return Err(CliError::Usage(format!(
            "{name} {what}: {flag} does not belong to it"
        )));
    }
    if kind == Kind::Members && args.list.is_none() {
        let why = "say with --list which list constraint it is for";
        return Err(CliError::Usage(format!("{name} {what}: {why}")));
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<(File, Kind), CliError> {
    let name = path.display().to_string();
    let ending = path.extension().map(OsStr::to_ascii_lowercase);
    let format = Format::of_file_name(&path.to_string_lossy());
    let is_csv = ending.is_some_and(|ending| ending == "csv");
    if format.is_none() && !is_csv {
        return Err(CliError::No(format!(
            "{name}: the name must end in .json or .toml (a catalogue), .json (a shop's export) or \
             .csv (members), to tell the format"
        )));
    }
    let unreadable = |error| CliError::Outside(format!("{name} cannot be read: {error}"));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_FILE_BYTES {
        return Err(CliError::No(format!(
            "{name} has {size} bytes, at most {MAX_FILE_BYTES} are read"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let kind = match format {
        None => Kind::Members,
        Some(Format::Json) if is_export(&text) => Kind::Orders,
        Some(format) => Kind::Catalogue(format),
    };
    Ok((File { name, text }, kind))
}

/// The members by which a shop's export is told from a catalogue.
#[derive(Deserialize)]
struct Outline {
    event: Option<IgnoredAny>,
    instance: Option<IgnoredAny>,
}

/// Whether a JSON text is a shop's export, be it a broken one. What is no JSON is neither; the
/// reader of catalogues says where it ends to be some.
fn is_export(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let outline = serde_json::from_str::<Outline>(text);
    outline.is_ok_and(|outline| outline.event.is_some() && outline.instance.is_none())
}

/// How much an import wrote, for people.
fn written(slug: &str, events: u64) -> String {
    match events {
        0 => format!("{slug} is up to date: nothing to write"),
        1 => format!("{slug}: 1 event written"),
        n => format!("{slug}: {n} events written"),
    }
}
