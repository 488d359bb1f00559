//! `daybook doctor`: is everything as it should be?

use super::{CliError, Output};
use crate::clock;
use crate::store::StoreArgs;
use clap::Args;
use daybook_schema::At;
use std::time::Instant;

/// Check the machine, the store and the settings.
///
/// Looks at the clock, the limit of open files, and the store: whether it answers, which instances
/// it holds and whether their latest events follow one another. It changes nothing.
/// `daybook verify` checks the whole log.
#[derive(Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    store: StoreArgs,
}

/// How many of the latest lines are checked.
const LATEST_LINES: u64 = 1000;

/// How far a log may be ahead of this clock. Unit: microseconds.
const CLOCK_TOLERANCE: i64 = 60_000_000;

struct Finding {
    good: bool,
    what: String,
}

pub(super) async fn run(args: DoctorArgs, output: &Output) -> Result<(), CliError> {
    let mut findings = vec![check_clock(clock::now()), check_open_files()];
    findings.extend(check_store(&args.store).await);
    let healthy = findings.iter().all(|finding| finding.good);
    for finding in &findings {
        output.say(&format!(
            "{} {}",
            if finding.good { "ok  " } else { "BAD " },
            finding.what
        ));
    }
    if output.is_json() {
        let rows = findings
            .iter()
            .map(|f| serde_json::json!({ "good": f.good, "what": f.what }));
        let rows: Vec<_> = rows.collect();
        output.line(&serde_json::json!({ "healthy": healthy, "findings": rows }).to_string());
    }
    match (healthy, output.is_json()) {
        (true, _) => Ok(()),
        (false, true) => Err(CliError::Told),
        (false, false) => Err(CliError::No("not everything is well".to_owned())),
    }
}

fn check_clock(now: At) -> Finding {
    // No release of this program is older than this; a clock before it is not set.
    let good = now.to_string().as_str() >= "2026-01-01";
    Finding {
        good,
        what: format!("the clock says {now}"),
    }
}

fn check_open_files() -> Finding {
    let (_, hard) = rlimit::Resource::NOFILE.get().unwrap_or((0, 0));
    let what = format!("up to {hard} open files: one for each till, and some");
    Finding {
        good: hard >= 4096,
        what,
    }
}

async fn check_store(args: &StoreArgs) -> Vec<Finding> {
    let started = Instant::now();
    let store = match args.open_reader().await {
        Ok(store) => store,
        Err(error) => {
            return vec![Finding {
                good: false,
                what: error.to_string(),
            }];
        }
    };
    let opened = started.elapsed().as_millis();
    let what = format!(
        "{} answers (opened for reading in {opened} ms)",
        args.describe()
    );
    let mut findings = vec![Finding { good: true, what }];
    let logs = match store.logs().await {
        Ok(logs) => logs,
        Err(error) => {
            return vec![Finding {
                good: false,
                what: error.to_string(),
            }];
        }
    };
    if logs.is_empty() {
        let what = "no instance yet: `daybook import FILE` makes one".to_owned();
        findings.push(Finding { good: true, what });
    }
    for log in logs {
        let checked = check_latest(store.as_ref(), &log).await;
        let (good, what) = match checked {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        findings.push(Finding {
            good,
            what: format!("{log}: {what}"),
        });
    }
    store.close().await;
    findings
}

async fn check_latest(
    store: &dyn daybook_schema::EventLog,
    log: &daybook_schema::LogName,
) -> Result<String, String> {
    let head = store.head(log).await.map_err(|error| error.to_string())?;
    let from = head.size.saturating_sub(LATEST_LINES);
    let mut lines = Vec::new();
    loop {
        let at = from + lines.len() as u64;
        let limit = usize::try_from(head.size.saturating_sub(at)).unwrap_or_default();
        let page = store.read(log, at, limit).await;
        let page = page.map_err(|error| error.to_string())?;
        if page.is_empty() {
            break;
        }
        lines.extend(page);
    }
    let mut leaf = None;
    let mut last = None;
    for (seq, line) in (from..).zip(&lines) {
        let event =
            daybook_schema::line::read(line).map_err(|error| format!("seq {seq}: {error}"))?;
        if event.seq != seq || leaf.is_some_and(|leaf| leaf != event.prev) {
            return Err(format!(
                "the chain is broken at seq {seq}: run `daybook verify`"
            ));
        }
        leaf = Some(daybook_schema::hash::leaf(line));
        last = Some(event.at);
    }
    if let Some(at) = last.filter(|at| at.micros() > clock::now().micros() + CLOCK_TOLERANCE) {
        return Err(format!(
            "its last event is of {at}, ahead of this clock: check the clocks"
        ));
    }
    if leaf != Some(head.leaf) && head.size > 0 {
        return Err("the last line is not the one the head names: run `daybook verify`".to_owned());
    }
    Ok(format!(
        "{} events, the latest {} follow one another",
        head.size,
        lines.len()
    ))
}
