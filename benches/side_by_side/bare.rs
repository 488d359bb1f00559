//! The same Postgres without Daybook: the same bytes in batches of the same size, one connection.

use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};

/// Lines that are read back and inserted over and over.
const LINES: i64 = 20_000;

/// What the bare database took.
pub(crate) struct Rate {
    /// Rows per second.
    pub(crate) rate: f64,
    /// Median time of one insert.
    pub(crate) p50: Duration,
}

/// A connection and how many rows it has inserted.
pub(crate) struct Bare {
    connection: PgConnection,
    lines: Vec<Vec<u8>>,
    next: i64,
}

/// The server's version and what it does about durability.
pub(crate) async fn describe(url: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let version: String = sqlx::query_scalar("SHOW server_version")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let fsync: String = sqlx::query_scalar("SHOW fsync")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let commit: String = sqlx::query_scalar("SHOW synchronous_commit")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    format!("Postgres {version}, fsync {fsync}, synchronous_commit {commit}")
}

impl Bare {
    pub(crate) async fn new(url: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let table = "CREATE TABLE public.bare (seq bigint PRIMARY KEY, line bytea NOT NULL)";
        sqlx::query(table).execute(&mut connection).await.unwrap();
        Self {
            connection,
            lines: Vec::new(),
            next: 0,
        }
    }

    /// Inserts what Daybook wrote in batches of `size` on average, one after another.
    pub(crate) async fn insert(&mut self, size: f64, seconds: u32) -> Rate {
        let sql = "SELECT line FROM daybook.event WHERE type = 'sale.recorded' ORDER BY seq DESC LIMIT $1";
        self.lines = sqlx::query_scalar(sql)
            .bind(LINES)
            .fetch_all(&mut self.connection)
            .await
            .unwrap();
        let (start, length) = (Instant::now(), Duration::from_secs(seconds.into()));
        let (first, mut times) = (self.next, Vec::new());
        let mut owed = 0.0;
        while start.elapsed() < length {
            // Batches of whole rows whose mean is the one asked for.
            owed += size;
            let rows = (owed as usize).max(1);
            owed -= rows as f64;
            times.push(self.insert_batch(rows).await);
        }
        let rate = (self.next - first) as f64 / start.elapsed().as_secs_f64();
        times.sort();
        Rate {
            rate,
            p50: times[times.len() / 2],
        }
    }

    async fn insert_batch(&mut self, rows: usize) -> Duration {
        let start = Instant::now();
        let seqs: Vec<i64> = (self.next..).take(rows).collect();
        let at = self.next as usize % self.lines.len();
        let lines = self.lines.iter().cycle().skip(at).take(rows);
        let lines: Vec<&[u8]> = lines.map(Vec::as_slice).collect();
        sqlx::query("INSERT INTO public.bare SELECT * FROM unnest($1::bigint[], $2::bytea[])")
            .bind(seqs)
            .bind(lines)
            .execute(&mut self.connection)
            .await
            .unwrap();
        self.next += rows as i64;
        start.elapsed()
    }
}
