//! The command line: one file per command.
//!
//! Exit codes: 0 done and whole; 1 the answer is no (a broken log, a refused file); 2 the command
//! line makes no sense; 3 something outside failed (a store, a port, a file).

mod ask;
mod bench;
mod compare;
mod demo;
mod doctor;
mod health;
mod import;
mod key;
mod message;
mod output;
mod print;
mod qr;
mod reconcile;
mod replay;
mod restore;
mod serve;
mod session;
mod simulator;
mod till;
mod verify;

pub use output::Output;

use crate::clock;
use crate::ledger::{Book, Ledger, OpenError, Refusal};
use crate::metrics::Metrics;
use crate::store::{StoreArgs, StoreError};
use clap::{Args, Parser, Subcommand};
use daybook_schema::{Currency, EventLog, LogName};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Daybook, the open transaction ledger for points of sale.
///
/// Every sale becomes one event in a hash-chained log: in an embedded file, or in Postgres.
/// Start with `daybook demo`.
#[derive(Parser)]
#[command(name = "daybook", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    /// Print JSON for machines instead of text for people
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  daybook demo                              a venue to try, with a little trade
  daybook ask listpos                       what a till sees: its points of sale
  daybook import venue.json                 make or change a venue from its catalogue file
  daybook import members.csv --list 1       add the members of an association to a list
  daybook session open --cash-desk 1 --user 1 --cash-before 150.00
  daybook qr tables.pdf --base-url https://menu.example     codes for the tables
  daybook printer-simulator bg.dt.p.isl.tcp://127.0.0.1:9100    a fiscal printer to try
  daybook serve                             serve it on http://127.0.0.1:8080
  daybook verify                            recompute every hash of the log
  daybook replay --until 2026-11-22T12:00:00Z --view transaction
  daybook compare --kafka 127.0.0.1:9092    does the topic hold what the store holds?

Exit codes: 0 done and whole · 1 the answer is no · 2 wrong usage · 3 something outside failed";

// The summaries stand on the arguments' own types, with what they teach below them.
#[derive(Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Ask(ask::AskArgs),
    Serve(Box<serve::ServeArgs>),
    Import(import::ImportArgs),
    /// Issue, revoke and list API keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Open, close and list sessions at cash desks
    #[command(subcommand)]
    Session(session::SessionCommand),
    /// Look at tasks of printers, and decide what nobody knows
    #[command(subcommand)]
    Print(print::PrintCommands),
    Reconcile(reconcile::ReconcileArgs),
    Message(message::MessageArgs),
    Qr(qr::QrArgs),
    Verify(verify::VerifyArgs),
    Replay(replay::ReplayArgs),
    Compare(compare::CompareArgs),
    Restore(restore::RestoreArgs),
    PrinterSimulator(simulator::SimulatorArgs),
    Doctor(doctor::DoctorArgs),
    Health(health::HealthArgs),
    Bench(bench::BenchArgs),
}

/// Why a command failed, for the person who typed it.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The answer is no: exit code 1.
    #[error("{0}")]
    No(String),
    /// The answer is no, and the command has said so itself: exit code 1.
    #[error("the answer is no")]
    Told,
    /// The command line does not say enough: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// Something outside failed: exit code 3.
    #[error("{0}")]
    Outside(String),
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Url(_) => Self::Usage(error.to_string()),
            _ => Self::Outside(error.to_string()),
        }
    }
}

impl From<daybook_schema::LogError> for CliError {
    fn from(error: daybook_schema::LogError) -> Self {
        Self::Outside(error.to_string())
    }
}

impl From<OpenError> for CliError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Broken(..) => Self::No(error.to_string()),
            OpenError::Store(_) => Self::Outside(error.to_string()),
        }
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::No(rejection.to_string()),
            other => Self::Outside(other.to_string()),
        }
    }
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&CliError::Outside(format!("no runtime: {error}"))),
    };
    match runtime.block_on(run(cli.command, &output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output.fail(&error),
    }
}

async fn run(command: Command, output: &Output) -> Result<(), CliError> {
    match command {
        Command::Ask(args) => ask::run(args, output).await,
        Command::Demo(args) => demo::run(args, output).await,
        Command::Serve(args) => serve::run(*args, output).await,
        Command::Import(args) => import::run(args, output).await,
        Command::Key(command) => key::run(command, output).await,
        Command::Session(command) => session::run(command, output).await,
        Command::Print(command) => print::run(command, output).await,
        Command::Reconcile(args) => reconcile::run(args, output).await,
        Command::Message(args) => message::run(args, output).await,
        Command::Qr(args) => qr::run(args, output).await,
        Command::Verify(args) => verify::run(args, output).await,
        Command::Replay(args) => replay::run(args, output).await,
        Command::Compare(args) => compare::run(args, output).await,
        Command::Restore(args) => restore::run(args, output).await,
        Command::PrinterSimulator(args) => simulator::run(args, output).await,
        Command::Doctor(args) => doctor::run(args, output).await,
        Command::Health(args) => health::run(args, output).await,
        Command::Bench(args) => bench::run(args, output).await,
    }
}

/// Which instance of which store a command is about.
#[derive(Args)]
struct Place {
    /// Which instance, when the store has several
    #[arg(long, value_name = "SLUG")]
    instance: Option<LogName>,

    #[command(flatten)]
    store: StoreArgs,
}

/// How long a command line command waits for its writer to end.
const CLOSE_PATIENCE: Duration = Duration::from_secs(30);

/// A ledger for the length of one command, beside whatever servers use the same store.
struct Desk {
    ledger: Arc<Ledger>,
    installation: [u8; 32],
}

impl Desk {
    async fn open(store: Arc<dyn EventLog>) -> Result<Self, CliError> {
        let installation = store.secret().await?;
        let ledger = Ledger::new(store, clock::system(), Arc::new(Metrics::default()));
        Ok(Self {
            ledger,
            installation,
        })
    }

    async fn book(&self, log: &LogName) -> Result<Book, CliError> {
        Ok(self.ledger.open_book(log).await?)
    }

    async fn close(self) {
        self.ledger.close(CLOSE_PATIENCE).await;
    }
}

/// The currency of an instance, which it has from its catalogue.
fn currency(log: &LogName, book: &Book) -> Result<Currency, CliError> {
    let views = book.views();
    let described = views.instance.described();
    let described = described.ok_or_else(|| {
        CliError::No(format!(
            "instance \"{log}\" has no catalogue yet: import one first"
        ))
    })?;
    Ok(described.currency)
}

/// The log a command means: the one named, or the only one there is.
async fn the_log(store: &dyn EventLog, named: Option<LogName>) -> Result<LogName, CliError> {
    let mut logs = store.logs().await?;
    let list = |logs: &[LogName]| {
        logs.iter()
            .map(LogName::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    match named {
        Some(name) if logs.contains(&name) => Ok(name),
        Some(name) if logs.is_empty() => Err(CliError::No(format!(
            "there is no instance \"{name}\": the store is empty"
        ))),
        Some(name) => Err(CliError::No(format!(
            "there is no instance \"{name}\"; there are: {}",
            list(&logs)
        ))),
        None if logs.len() == 1 => Ok(logs.remove(0)),
        None if logs.is_empty() => Err(CliError::No(
            "the store is empty: import a catalogue first".to_owned(),
        )),
        None => Err(CliError::Usage(format!(
            "say which instance with --instance: {}",
            list(&logs)
        ))),
    }
}
