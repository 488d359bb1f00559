//! `daybook qr`: the codes for the tables.

mod font;
mod layout;
mod pdf;
mod png;
mod svg;
#[cfg(test)]
mod tests;

use super::{CliError, Desk, Output, the_log};
use crate::qr::page::{language, place};
use crate::qr::table_link;
use crate::store::{Missing, StoreArgs};
use clap::Args;
use daybook_projections::Views;
use daybook_schema::LogName;
use daybook_schema::id::TableId;
use font::Font;
use layout::{Card, Sheet};
use std::path::{Path, PathBuf};

/// Make a sheet to print, with a code for each table
///
/// Guests scan the code at their table and see the menu, order, and pay. Each code holds a link that
/// nobody can guess; whoever has it is a guest at that table. Setting `table_link_generation` of the
/// instance to another value withdraws all of them.
#[derive(Args)]
pub(super) struct QrArgs {
    /// The file to write: its ending says which kind (.pdf, .svg or .png)
    file: PathBuf,

    /// Where guests reach the server: scheme and host, and what stands before /t/ if anything does
    #[arg(long, value_name = "URL")]
    base_url: String,

    /// Only this table; repeat for several [default: all]
    #[arg(long = "table", value_name = "ID")]
    tables: Vec<u32>,

    /// Which instance, when the store has several
    #[arg(long, value_name = "SLUG")]
    instance: Option<LogName>,

    #[command(flatten)]
    store: StoreArgs,
}

/// How the sheet is written.
#[derive(Clone, Copy)]
enum Kind {
    Pdf,
    Png,
    Svg,
}

impl Kind {
    fn of(path: &Path) -> Result<Self, CliError> {
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "pdf" => Ok(Self::Pdf),
            "png" => Ok(Self::Png),
            "svg" => Ok(Self::Svg),
            _ => Err(CliError::Usage(format!(
                "{}: the file must end in .pdf, .svg or .png",
                path.display()
            ))),
        }
    }

    fn write(self, sheet: &Sheet) -> Result<Vec<u8>, CliError> {
        match self {
            Self::Pdf => Ok(pdf::write(sheet)),
            Self::Png => png::write(sheet),
            Self::Svg => Ok(svg::write(sheet).into_bytes()),
        }
    }
}

/// A table with its link.
struct Linked {
    id: TableId,
    name: String,
    url: String,
}

pub(super) async fn run(args: QrArgs, output: &Output) -> Result<(), CliError> {
    let kind = Kind::of(&args.file)?;
    let base = base(&args.base_url)?;
    let store = args.store.open(Missing::Refuse).await?;
    let log = the_log(store.as_ref(), args.instance.clone()).await?;
    let desk = Desk::open(store).await?;
    let book = desk.book(&log).await;
    let (views, installation) = (book.map(|book| book.views()), desk.installation);
    desk.close().await;
    let views = views?;
    let linked = linked(&views, &args.tables, |id| {
        format!("{base}/t/{}", table_link(&installation, &log, &views, id))
    })?;
    let sheet = sheet(&views, &linked)?;
    let bytes = kind.write(&sheet)?;
    std::fs::write(&args.file, bytes)
        .map_err(|error| CliError::Outside(format!("{}: {error}", args.file.display())))?;
    let rows = linked
        .iter()
        .map(|table| serde_json::json!({ "id": table.id, "name": table.name, "url": table.url }));
    let rows: Vec<_> = rows.collect();
    let file = args.file.display();
    let text = format!(
        "{file}: {} codes for {log}. Each is the key to its table.",
        rows.len()
    );
    output.result(
        &text,
        &serde_json::json!({ "instance": log, "file": args.file, "tables": rows }),
    );
    Ok(())
}

/// The address before `/t/`, without a slash at its end.
fn base(url: &str) -> Result<&str, CliError> {
    let base = url.trim().trim_end_matches('/');
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| base.strip_prefix(scheme));
    let odd = |byte: u8| !byte.is_ascii_graphic() || matches!(byte, b'?' | b'#');
    if rest.is_none_or(str::is_empty) || base.bytes().any(odd) || base.len() > 200 {
        let why = format!("--base-url {url}: write it like https://menu.example");
        return Err(CliError::Usage(why));
    }
    Ok(base)
}

/// The wanted tables in the order of their ids, with their links.
fn linked(
    views: &Views,
    wanted: &[u32],
    url: impl Fn(TableId) -> String,
) -> Result<Vec<Linked>, CliError> {
    let unknown = wanted
        .iter()
        .find(|id| views.table.table(TableId(**id)).is_none());
    if let Some(id) = unknown {
        return Err(CliError::No(format!("there is no table {id}")));
    }
    let tables = views.table.tables();
    let tables = tables.filter(|table| wanted.is_empty() || wanted.contains(&table.id.0));
    let linked = tables.map(|table| Linked {
        id: table.id,
        name: table.name.clone(),
        url: url(table.id),
    });
    let linked: Vec<_> = linked.collect();
    if linked.is_empty() {
        return Err(CliError::No("the instance has no tables".to_owned()));
    }
    Ok(linked)
}

fn sheet(views: &Views, tables: &[Linked]) -> Result<Sheet, CliError> {
    let texts = language(views);
    let font = Font::open().map_err(|error| CliError::Outside(error.to_string()))?;
    let venue = views.instance.described().map_or("", |venue| &venue.name);
    let cards = tables.iter().map(|table| {
        // A name in letters that the font has not would be a row of boxes.
        let named = font.has(&table.name);
        let number = table.id.to_string();
        Card {
            venue: if font.has(venue) { venue } else { "" },
            place: if named {
                place(texts, &table.name)
            } else {
                texts.table.replace("{}", &number)
            },
            scan: texts.scan,
            url: &table.url,
        }
    });
    Sheet::new(&font, cards).map_err(|error| CliError::No(format!("no code: {error}")))
}
