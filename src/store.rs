//! Opens the store that the settings name. The one place that knows which stores there are.

use clap::Args;
use daybook_schema::{EventLog, LogError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the log is kept when nothing is said.
pub const DEFAULT_DATA: &str = "./daybook-data";

/// Which store to use: a directory with an embedded SQLite file, or a Postgres database.
#[derive(Args, Clone, Debug, Default)]
pub struct StoreArgs {
    /// Directory of the embedded store [default: ./daybook-data]
    #[arg(
        long,
        value_name = "DIR",
        env = "DAYBOOK_DATA",
        conflicts_with = "database_url"
    )]
    pub data: Option<PathBuf>,

    /// Postgres database instead of the embedded store: `postgres://user:password@host/database`
    #[arg(
        long,
        value_name = "URL",
        env = "DAYBOOK_DATABASE_URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,
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
        if let Some(url) = &self.database_url {
            return Ok(Arc::new(daybook_postgres::open(url).await?));
        }
        let dir = self
            .data
            .as_deref()
            .unwrap_or_else(|| Path::new(DEFAULT_DATA));
        if missing == Missing::Refuse && !dir.join(daybook_sqlite::FILE_NAME).is_file() {
            return Err(StoreError::NoLedger(dir.to_owned()));
        }
        Ok(Arc::new(daybook_sqlite::open(dir).await?))
    }

    /// The store in words, without a password.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.database_url.is_some() {
            return "Postgres".to_owned();
        }
        let dir = self
            .data
            .as_deref()
            .unwrap_or_else(|| Path::new(DEFAULT_DATA));
        format!("the embedded store in {}", dir.display())
    }
}
