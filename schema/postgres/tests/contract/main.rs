//! The log in Postgres keeps the contracts, and the database defends itself.
//!
//! Every test makes a database of its own in the cluster that `tests/postgres run` has made.

#![expect(clippy::unwrap_used, reason = "a test that panics has said enough")]

mod cash_desks;
mod claims;
mod crash;
mod cut;
mod guards;
mod opening;
mod reporting;

use async_trait::async_trait;
use daybook_postgres::{PostgresLog, open};
use daybook_schema::contract::{Stores, seal_chain, suite};
use daybook_schema::{EventLog, Head, LogName, SealedLine};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};

/// A database that is dropped at the end of a test that succeeds; the others go with the cluster.
struct Database {
    url: String,
    name: String,
}

#[expect(clippy::disallowed_methods, reason = "the test has no configuration")]
fn variable(name: &str) -> String {
    std::env::var(name).expect("run `make test`: it starts a private Postgres")
}

fn cluster() -> String {
    variable("DAYBOOK_TEST_POSTGRES")
}

impl Database {
    async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("t_{}_{count}", std::process::id());
        run(
            &mut admin(&cluster()).await,
            &format!("CREATE DATABASE {name}"),
        )
        .await;
        let (server, _) = cluster()
            .rsplit_once('/')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        Self {
            url: format!("{server}/{name}"),
            name,
        }
    }

    async fn discard(self) {
        run(
            &mut admin(&cluster()).await,
            &format!("DROP DATABASE {} WITH (FORCE)", self.name),
        )
        .await;
    }

    /// A log with some lines, and a superuser beside it.
    async fn written(&self, n: usize) -> (PostgresLog, Vec<SealedLine>, PgConnection) {
        let store = open(&self.url).await.unwrap();
        let lines = seal_chain(&log(), Head::default(), n);
        store.append(&log(), Head::default(), &lines).await.unwrap();
        (store, lines, admin(&self.url).await)
    }
}

async fn admin(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .expect(sql);
}

fn log() -> LogName {
    LogName::new("festival").unwrap()
}

struct Databases;

#[async_trait]
impl Stores for Databases {
    type Place = Database;
    type Log = PostgresLog;

    async fn fresh(&self) -> Database {
        Database::new().await
    }

    async fn open(&self, place: &Database) -> PostgresLog {
        open(&place.url).await.unwrap()
    }

    async fn discard(&self, place: Database) {
        place.discard().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_every_contract() {
    Box::pin(suite(&Databases)).await;
}
