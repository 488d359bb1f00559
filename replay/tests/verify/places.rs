//! Real stores, and somebody who may do anything in them: takes the guards away, edits, and puts
//! the guards back.

use crate::cases::Case;
use crate::log;
use daybook_schema::{EventLog, hash};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::fmt::Write;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) trait Superuser {
    /// Leaves the store as the case says.
    async fn leave(&mut self, case: &Case);

    /// Removes the store.
    async fn discard(self);
}

/// How the two databases differ.
struct Dialect {
    schema: &'static str,
    at: &'static str,
    bytes: (&'static str, &'static str),
}

/// Edits in place what differs, removes what the case has not, adds what it has.
fn edits(case: &Case, dialect: &Dialect) -> String {
    let Dialect {
        schema,
        at,
        bytes: (open, close),
    } = dialect;
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    };
    let log = log();
    let mut sql = String::new();
    for (seq, line) in case.lines.iter().enumerate() {
        let Some(line) = line else {
            writeln!(
                sql,
                "DELETE FROM {schema}event WHERE log = '{log}' AND seq = {seq};"
            )
            .unwrap();
            continue;
        };
        let (leaf, line) = (hex(&hash::leaf(line).0), hex(line));
        writeln!(
            sql,
            "INSERT INTO {schema}event (log, seq, at, type, leaf, line) VALUES
             ('{log}', {seq}, {at}, 'sale.recorded', {open}{leaf}{close}, {open}{line}{close})
             ON CONFLICT (log, seq) DO UPDATE SET leaf = excluded.leaf, line = excluded.line;"
        )
        .unwrap();
    }
    let size = case.lines.len();
    writeln!(
        sql,
        "DELETE FROM {schema}event WHERE log = '{log}' AND seq >= {size};"
    )
    .unwrap();
    writeln!(sql, "DELETE FROM {schema}head WHERE log = '{log}';").unwrap();
    if let Some(head) = case.head {
        let (size, leaf) = (head.size, hex(&head.leaf.0));
        writeln!(sql, "INSERT INTO {schema}head (log, size, leaf) VALUES ('{log}', {size}, {open}{leaf}{close});")
            .unwrap();
    }
    sql
}

pub(crate) struct Sqlite {
    pub(crate) store: Arc<dyn EventLog>,
    connection: SqliteConnection,
    dir: TempDir,
}

impl Sqlite {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(daybook_sqlite::open(dir.path()).await.unwrap());
        let file = dir.path().join(daybook_sqlite::FILE_NAME);
        let connection = SqliteConnection::connect(&file.display().to_string())
            .await
            .unwrap();
        Self {
            store,
            connection,
            dir,
        }
    }

    async fn run(&mut self, sql: String) {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut self.connection)
            .await
            .unwrap();
    }
}

impl Superuser for Sqlite {
    async fn leave(&mut self, case: &Case) {
        let guards = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
        let guards: Vec<(String, String)> = sqlx::query_as(guards)
            .fetch_all(&mut self.connection)
            .await
            .unwrap();
        assert_eq!(guards.len(), 7, "the guards of the first migration");
        for (name, _) in &guards {
            self.run(format!("DROP TRIGGER {name}")).await;
        }
        self.run(edits(
            case,
            &Dialect {
                schema: "",
                at: "0",
                bytes: ("X'", "'"),
            },
        ))
        .await;
        for (_, sql) in guards {
            self.run(sql).await;
        }
    }

    async fn discard(self) {
        self.connection.close().await.unwrap();
        self.dir.close().unwrap();
    }
}

pub(crate) struct Postgres {
    pub(crate) store: Arc<dyn EventLog>,
    connection: PgConnection,
    name: String,
}

#[expect(clippy::disallowed_methods, reason = "the test has no configuration")]
fn cluster() -> String {
    std::env::var("DAYBOOK_TEST_POSTGRES").expect("run `make test`: it starts a private Postgres")
}

async fn admin(url: &str, sql: &str) {
    let mut admin = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut admin)
        .await
        .expect(sql);
}

impl Postgres {
    pub(crate) async fn new() -> Self {
        let name = format!("replay_{}", std::process::id());
        admin(&cluster(), &format!("CREATE DATABASE {name}")).await;
        let url = format!("{}/{name}", cluster().rsplit_once('/').unwrap().0);
        let store = Arc::new(daybook_postgres::open(&url).await.unwrap());
        let connection = PgConnection::connect(&url).await.unwrap();
        Self {
            store,
            connection,
            name,
        }
    }
}

impl Superuser for Postgres {
    async fn leave(&mut self, case: &Case) {
        let edits = edits(
            case,
            &Dialect {
                schema: "daybook.",
                at: "to_timestamp(0)",
                bytes: ("decode('", "', 'hex')"),
            },
        );
        let sql = format!(
            "ALTER TABLE daybook.event DISABLE TRIGGER ALL;
             ALTER TABLE daybook.head DISABLE TRIGGER ALL;
             {edits}
             ALTER TABLE daybook.event ENABLE ALWAYS TRIGGER continues;
             ALTER TABLE daybook.event ENABLE ALWAYS TRIGGER keeps;
             ALTER TABLE daybook.head ENABLE ALWAYS TRIGGER keeps;
             ALTER TABLE daybook.head ENABLE ALWAYS TRIGGER goes_forward;"
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut self.connection)
            .await
            .unwrap();
    }

    async fn discard(self) {
        self.connection.close().await.unwrap();
        admin(
            &cluster(),
            &format!("DROP DATABASE {} WITH (FORCE)", self.name),
        )
        .await;
    }
}
