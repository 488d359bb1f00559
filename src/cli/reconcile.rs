//! `daybook reconcile`: paper and books side by side.

use super::print::hundredths;
use super::{CliError, Output, the_log};
use crate::print::reconcile::{Books, Paper, Row, Verdict};
use crate::store::StoreArgs;
use clap::Args;
use daybook_printers::receipt::two_digits;
use daybook_schema::{EventLog, LogName, Money, line};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How many lines are read at once.
const READ_LINES: usize = 4096;

const HELP: &str = "\
The journal is a CSV file with the columns number and amount, and if you like kind (receipt,
reversal; others are left out). Devices export such lists, and
`daybook printer-simulator --journal FILE` writes one. Numbers are compared without leading
zeros; the amounts of reversals without their sign.

Each document is matched, amount differs, ledger only, printer only, or unknown (a task that
somebody has to settle with `daybook print resolve`). Exit code 0: everything is matched; 1: it
is not.";

/// Compare what a printer printed with what the ledger says
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct ReconcileArgs {
    /// The printer's id
    #[arg(long, value_name = "ID")]
    printer: String,

    /// What the device says it printed
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,

    /// Which instance, when the store has several
    #[arg(long, value_name = "SLUG")]
    instance: Option<LogName>,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: ReconcileArgs, output: &Output) -> Result<(), CliError> {
    let papers = read(&args.journal)?;
    let store = args.store.open_reader().await?;
    let log = the_log(store.as_ref(), args.instance).await?;
    let books = books(store.as_ref(), &log, &args.printer).await;
    store.close().await;
    let rows = books?.compare(&papers);
    let mut counts = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.verdict).or_insert(0) += 1;
        output.say(&text(row));
    }
    let count = |verdict| counts.get(&verdict).copied().unwrap_or(0);
    let summary = format!(
        "{} matched, {} with other amounts, {} in the ledger only, {} on paper only, {} unknown",
        count(Verdict::Matched),
        count(Verdict::AmountDiffers),
        count(Verdict::LedgerOnly),
        count(Verdict::PrinterOnly),
        count(Verdict::Unknown),
    );
    let value = serde_json::json!({ "instance": log, "printer": args.printer, "rows": rows });
    output.result(&summary, &value);
    if count(Verdict::Matched) == rows.len() {
        Ok(())
    } else {
        Err(CliError::Told)
    }
}

async fn books(store: &dyn EventLog, log: &LogName, printer: &str) -> Result<Books, CliError> {
    let mut books = Books::of(printer);
    let mut next = 0;
    loop {
        let lines = store.read(log, next, READ_LINES).await?;
        if lines.is_empty() {
            return Ok(books);
        }
        for bytes in &lines {
            let event = line::read(bytes);
            let damaged = |error| CliError::No(format!("the log \"{log}\" is damaged: {error}"));
            books.apply(&event.map_err(damaged)?);
        }
        next += lines.len() as u64;
    }
}

fn read(path: &Path) -> Result<Vec<Paper>, CliError> {
    let shown = path.display();
    let mut reader = csv::Reader::from_path(path)
        .map_err(|error| CliError::Outside(format!("{shown} cannot be read: {error}")))?;
    let wrong = |error: csv::Error| CliError::No(format!("{shown} is no journal: {error}"));
    let heads = reader.headers().map_err(wrong)?.clone();
    let column = |name: &str| heads.iter().position(|head| head.trim() == name);
    let needed = |name: &str| {
        let missing = || CliError::No(format!("{shown} has no column \"{name}\""));
        column(name).ok_or_else(missing)
    };
    let (number, amount) = (needed("number")?, needed("amount")?);
    let kind = column("kind");
    let mut papers = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let text = |at: Option<usize>| {
            let field = at.and_then(|at| record.get(at));
            field.unwrap_or_default().trim().to_owned()
        };
        let written = text(Some(amount));
        // Reports and the like come to nothing.
        let amount = if written.is_empty() {
            Money::ZERO
        } else {
            hundredths(&written)?
        };
        papers.push(Paper {
            number: text(Some(number)),
            kind: text(kind),
            amount,
        });
    }
    Ok(papers)
}

fn text(row: &Row) -> String {
    let amount = |money: Option<Money>| {
        money.map_or_else(|| "-".to_owned(), |money| two_digits(money.units()))
    };
    let verdict = match row.verdict {
        Verdict::Matched => "matched",
        Verdict::AmountDiffers => "amount differs",
        Verdict::LedgerOnly => "ledger only",
        Verdict::PrinterOnly => "printer only",
        Verdict::Unknown => "unknown",
    };
    let seqs = match (row.requested, row.ended) {
        (Some(requested), Some(ended)) => format!("events {requested} and {ended}"),
        _ => "no event".to_owned(),
    };
    format!(
        "{verdict:<15} {:>9} {:>12} {:>12}  {}  {seqs}",
        row.number.as_deref().unwrap_or("-"),
        amount(row.ledger),
        amount(row.printer),
        row.task.as_deref().unwrap_or("-"),
    )
}
