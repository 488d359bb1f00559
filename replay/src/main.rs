//! `daybook-replay`: verify, replay and compare without the service.

use clap::{Args, Parser, Subcommand};
#[cfg(feature = "kafka")]
use daybook_replay::command::{COMPARE_HELP, CompareOptions};
use daybook_replay::command::{
    CommandError, REPLAY_HELP, ReplayOptions, VERIFY_HELP, VerifyOptions,
};
use daybook_schema::EventLog;
use indicatif::ProgressBar;
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

/// Verify and replay the logs of Daybook, without Daybook.
#[derive(Parser)]
#[command(name = "daybook-replay", version, max_term_width = 100)]
struct Cli {
    /// Print JSON for machines instead of text for people
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Recompute every hash, and say the first event that is wrong
    #[command(after_long_help = VERIFY_HELP)]
    Verify {
        #[command(flatten)]
        options: VerifyOptions,
        #[command(flatten)]
        store: Store,
    },
    /// Show the books as they stood at an event or a time
    #[command(after_long_help = REPLAY_HELP)]
    Replay {
        #[command(flatten)]
        options: ReplayOptions,
        #[command(flatten)]
        store: Store,
    },
    /// Compare a topic in Kafka with the store, and say the first event that differs
    #[cfg(feature = "kafka")]
    #[command(after_long_help = COMPARE_HELP)]
    Compare {
        #[command(flatten)]
        options: CompareOptions,
        #[command(flatten)]
        store: Store,
    },
}

/// Which store, when no file or topic is named.
#[derive(Args)]
struct Store {
    /// Directory of an embedded store
    #[cfg(feature = "stores")]
    #[arg(long, value_name = "DIR", conflicts_with = "database_url")]
    data: Option<std::path::PathBuf>,

    /// Postgres database, by its URL with user, password, host and name
    #[cfg(feature = "stores")]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl Store {
    #[cfg(feature = "stores")]
    async fn open(&self) -> Result<Option<Arc<dyn EventLog>>, CommandError> {
        let missing = |what: String| CommandError::Outside(format!("there is no ledger in {what}"));
        if let Some(dir) = &self.data {
            let store = daybook_sqlite::open_reader(dir).await?;
            let store = store.ok_or_else(|| missing(format!("{}: check --data", dir.display())))?;
            return Ok(Some(Arc::new(store)));
        }
        let Some(url) = &self.database_url else {
            return Ok(None);
        };
        daybook_postgres::check_url(url)
            .map_err(|why| CommandError::Usage(format!("--database-url makes no sense: {why}")))?;
        let store = daybook_postgres::open_reader(url).await?;
        let store =
            store.ok_or_else(|| missing("this database: check --database-url".to_owned()))?;
        Ok(Some(Arc::new(store)))
    }

    #[cfg(not(feature = "stores"))]
    #[expect(clippy::unused_async, reason = "with stores it awaits")]
    async fn open(&self) -> Result<Option<Arc<dyn EventLog>>, CommandError> {
        Ok(None)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let answer = match &cli.command {
        Command::Verify { options, store } => verify(options, store, cli.json).await,
        Command::Replay { options, store } => replay(options, store, cli.json).await,
        #[cfg(feature = "kafka")]
        Command::Compare { options, store } => compare(options, store, cli.json).await,
    };
    let (code, why) = match answer {
        Ok(true) => return ExitCode::SUCCESS,
        Ok(false) => return ExitCode::from(1),
        Err(error @ CommandError::No(_)) => (1, error),
        Err(error @ CommandError::Usage(_)) => (2, error),
        Err(error @ CommandError::Outside(_)) => (3, error),
    };
    if cli.json {
        print(&serde_json::json!({ "error": why.to_string(), "exit": code }).to_string());
    } else {
        writeln!(std::io::stderr().lock(), "daybook-replay: {why}").ok();
    }
    ExitCode::from(code)
}

async fn verify(options: &VerifyOptions, store: &Store, json: bool) -> Result<bool, CommandError> {
    let opened = if options.needs_store() {
        store.open().await?
    } else {
        None
    };
    let bar = |length| bar(length, json);
    let say = |finding: &_| {
        if !json {
            print(&format!("{finding}"));
        }
    };
    let findings = options.run(opened.clone(), bar, say).await;
    close(opened).await;
    let findings = findings?;
    let whole = findings
        .iter()
        .all(daybook_replay::command::Finding::is_whole);
    if json {
        print_json(&serde_json::json!({ "whole": whole, "instances": findings }));
    }
    Ok(whole)
}

async fn replay(options: &ReplayOptions, store: &Store, json: bool) -> Result<bool, CommandError> {
    let opened = if options.needs_store() {
        store.open().await?
    } else {
        None
    };
    let books = options.run(opened.clone()).await;
    close(opened).await;
    let books = books?;
    if json {
        print_json(&books);
    } else {
        print(&books.text);
    }
    Ok(true)
}

#[cfg(feature = "kafka")]
async fn compare(
    options: &CompareOptions,
    store: &Store,
    json: bool,
) -> Result<bool, CommandError> {
    let store = store.open().await?.ok_or_else(|| {
        CommandError::Usage("say what the topic is compared with: a store".to_owned())
    })?;
    let comparison = options.run(store.clone(), |length| bar(length, json)).await;
    store.close().await;
    let comparison = comparison?;
    if json {
        print_json(&comparison);
    } else {
        print(&comparison.to_string());
    }
    Ok(comparison.is_yes())
}

fn bar(length: u64, json: bool) -> ProgressBar {
    if json {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(length)
    }
}

async fn close(store: Option<Arc<dyn EventLog>>) {
    if let Some(store) = store {
        store.close().await;
    }
}

fn print_json(value: &impl Serialize) {
    print(&serde_json::to_string(value).unwrap_or_default());
}

fn print(text: &str) {
    // A reader that has gone (a closed pipe) is no failure of ours.
    writeln!(std::io::stdout().lock(), "{text}").ok();
}
