//! Opens the store that the settings name. The one place that knows which stores there are.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use daybook_schema::{EventLog, LogError};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the log is kept when nothing is said.
pub const DEFAULT_DATA: &str = "./daybook-data";

/// Which store to use: a directory with an embedded SQLite file, or a Postgres database. At most
/// one is set when it comes from the command line, where a flag beats either variable.
#[derive(Clone, Default)]
pub struct StoreArgs {
    /// Directory of the embedded store.
    pub data: Option<PathBuf>,
    /// Postgres database instead of the embedded store. May hold a password.
    pub database_url: Option<String>,
}

impl fmt::Debug for StoreArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreArgs")
            .field("data", &self.data)
            .field("database_url", &self.database_url.as_ref().map(|_| "…"))
            .finish()
    }
}

#[derive(Args)]
struct StoreFlags {
    /// Directory of the embedded store [default: ./daybook-data]
    #[arg(long, value_name = "DIR", env = "DAYBOOK_DATA")]
    data: Option<PathBuf>,

    /// Postgres database instead of the embedded store: `postgres://user:password@host/database`
    #[arg(
        long,
        value_name = "URL",
        env = "DAYBOOK_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<String>,
}

impl Args for StoreArgs {
    fn augment_args(command: Command) -> Command {
        StoreFlags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        StoreFlags::augment_args_for_update(command)
    }
}

impl FromArgMatches for StoreArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let StoreFlags { data, database_url } = StoreFlags::from_arg_matches(matches)?;
        let mut chosen = Self { data, database_url };
        if chosen.data.is_none() || chosen.database_url.is_none() {
            return Ok(chosen);
        }
        let is_flag = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        match (is_flag("data"), is_flag("database_url")) {
            (true, false) => chosen.database_url = None,
            (false, true) => chosen.data = None,
            (true, true) => return Err(both("--data", "--database-url")),
            (false, false) => return Err(both("DAYBOOK_DATA", "DAYBOOK_DATABASE_URL")),
        }
        Ok(chosen)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn both(one: &str, other: &str) -> clap::Error {
    let why = format!("{one} and {other} name two stores: keep one\n");
    clap::Error::raw(ErrorKind::ArgumentConflict, why)
}

/// Whether a store may come into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Make it.
    Create,
    /// Refuse, so that a typo in a path does not start a second ledger.
    Refuse,
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no store where one was expected.
    #[error(
        "there is no ledger in {0}: check --data, or make one with `daybook import` or `daybook serve`"
    )]
    NoLedger(PathBuf),
    /// The database is there, but no ledger in it.
    #[error(
        "there is no ledger in this database: check --database-url, or make one with `daybook \
         import` or `daybook serve`"
    )]
    EmptyDatabase,
    /// The text of the URL is none.
    #[error("--database-url makes no sense: {0}")]
    Url(String),
    /// The store refused.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl StoreArgs {
    /// Opens the store.
    ///
    /// # Errors
    /// When there is none and none may be made, or it does not answer.
    pub async fn open(&self, missing: Missing) -> Result<Arc<dyn EventLog>, StoreError> {
        if let Some(url) = self.url()? {
            return Ok(Arc::new(daybook_postgres::open(url).await?));
        }
        let dir = self.dir();
        if missing == Missing::Refuse && !dir.join(daybook_sqlite::FILE_NAME).is_file() {
            return Err(StoreError::NoLedger(dir.to_owned()));
        }
        Ok(Arc::new(daybook_sqlite::open(dir).await?))
    }

    /// Opens the store for reading only: nothing is made, migrated or locked, and no right to write
    /// is needed.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub async fn open_reader(&self) -> Result<Arc<dyn EventLog>, StoreError> {
        if let Some(url) = self.url()? {
            let store = daybook_postgres::open_reader(url).await?;
            return Ok(Arc::new(store.ok_or(StoreError::EmptyDatabase)?));
        }
        let dir = self.dir();
        let store = daybook_sqlite::open_reader(dir).await?;
        let none = || StoreError::NoLedger(dir.to_owned());
        Ok(Arc::new(store.ok_or_else(none)?))
    }

    fn url(&self) -> Result<Option<&str>, StoreError> {
        let url = self.database_url.as_deref();
        url.map_or(Ok(()), daybook_postgres::check_url)
            .map_err(StoreError::Url)?;
        Ok(url)
    }

    fn dir(&self) -> &Path {
        let data = self.data.as_deref();
        data.unwrap_or_else(|| Path::new(DEFAULT_DATA))
    }

    /// The store in words, without a password.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.database_url.is_some() {
            return "Postgres".to_owned();
        }
        format!("the embedded store in {}", self.dir().display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        store: StoreArgs,
    }

    #[test]
    fn a_flag_names_the_store_and_two_are_refused() {
        let url = "postgres://u:geheim@host/d";
        let cli = Cli::try_parse_from(["x", "--database-url", url]).unwrap();
        assert_eq!(cli.store.database_url.as_deref(), Some(url));
        assert_eq!(cli.store.data, None);
        assert!(!format!("{:?}", cli.store).contains("geheim"));
        let cli = Cli::try_parse_from(["x", "--data", "here"]).unwrap();
        assert_eq!(cli.store.data, Some("here".into()));
        let both = Cli::try_parse_from(["x", "--data", "here", "--database-url", url]);
        let both = both.unwrap_err();
        assert_eq!(both.exit_code(), 2);
        assert!(both.to_string().contains("two stores"), "{both}");
    }

    #[test]
    fn a_url_without_sense_is_no_silent_store() {
        let store = StoreArgs {
            data: None,
            database_url: Some("postgres://u:geheim@host:port/d".to_owned()),
        };
        let why = store.url().unwrap_err().to_string();
        assert!(why.starts_with("--database-url makes no sense: invalid port number"));
        assert!(!why.contains("geheim"));
    }
}
