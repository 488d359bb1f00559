//! Stores of their own for each test.

use sqlx::Connection;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// A store that belongs to one test.
pub enum Store {
    Sqlite(TempDir),
    Postgres(String),
}

static DATABASES: AtomicUsize = AtomicUsize::new(0);

impl Store {
    /// An embedded store in a directory that goes with the test.
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// A database of its own in the run's private cluster, which goes with the run.
    #[expect(
        clippy::disallowed_methods,
        reason = "the cluster's address comes by the environment"
    )]
    pub async fn postgres() -> Self {
        let cluster = std::env::var("DAYBOOK_TEST_POSTGRES")
            .expect("run `make test`: it starts a private Postgres for the tests");
        Self::postgres_at(&cluster).await
    }

    /// A database of its own in a given cluster.
    pub async fn postgres_at(cluster: &str) -> Self {
        let count = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("e2e_{}_{count}", std::process::id());
        let mut connection = sqlx::PgConnection::connect(cluster).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create))
            .execute(&mut connection)
            .await
            .unwrap();
        let (base, _) = cluster.rsplit_once('/').unwrap();
        Self::Postgres(format!("{base}/{name}"))
    }

    /// The flags that name this store.
    pub fn flags(&self) -> Vec<String> {
        match self {
            Self::Sqlite(dir) => vec!["--data".to_owned(), dir.path().display().to_string()],
            Self::Postgres(url) => vec!["--database-url".to_owned(), url.clone()],
        }
    }

    /// Runs a command of the program on this store and returns exit code, stdout and stderr.
    pub async fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_daybook"));
        let output = command
            .args(args)
            .args(self.flags())
            .output()
            .await
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap_or(-1),
            text(output.stdout),
            text(output.stderr),
        )
    }

    /// Runs a command that must succeed, and returns its output.
    pub async fn run_ok(&self, args: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(args).await;
        assert_eq!(code, 0, "daybook {args:?}\n{stdout}\n{stderr}");
        stdout
    }

    /// Imports the festival.
    pub async fn import_festival(&self) {
        self.run_ok(&["import", super::FESTIVAL]).await;
    }

    /// A file of this test's own with the given content, beside the store or anywhere.
    pub fn file(name: &str, content: &str) -> (TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        (dir, path)
    }
}
