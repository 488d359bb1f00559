//! The log in `SQLite` keeps the contracts, and its file defends itself.

#![expect(clippy::unwrap_used, reason = "a test that panics has said enough")]

use async_trait::async_trait;
use daybook_schema::contract::{Stores, seal_chain, suite};
use daybook_schema::log::Snapshot;
use daybook_schema::{AppendError, EventLog, Head, LogError, LogName, SealedLine};
use daybook_sqlite::{FILE_NAME, SqliteLog, open, open_reader};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

struct Directories;

#[async_trait]
impl Stores for Directories {
    type Place = TempDir;
    type Log = SqliteLog;

    async fn fresh(&self) -> TempDir {
        TempDir::new().unwrap()
    }

    async fn open(&self, place: &TempDir) -> SqliteLog {
        open(&place.path().join("data")).await.unwrap()
    }

    async fn discard(&self, place: TempDir) {
        place.close().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_every_contract() {
    suite(&Directories).await;
}

fn log() -> LogName {
    LogName::new("festival").unwrap()
}

/// Whoever has the file and any `SQLite` program.
async fn intruder(dir: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(dir.join(FILE_NAME))
        .connect()
        .await
        .unwrap()
}

async fn refusal(intruder: &mut SqliteConnection, sql: &str) -> String {
    let result = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(intruder)
        .await;
    result
        .map(|_| panic!("{sql} was not refused"))
        .unwrap_err()
        .to_string()
}

/// A directory with a log of some lines.
async fn written(n: usize) -> (TempDir, SqliteLog, Vec<SealedLine>) {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await.unwrap();
    let lines = seal_chain(&log(), Head::default(), n);
    store.append(&log(), Head::default(), &lines).await.unwrap();
    (dir, store, lines)
}

#[tokio::test]
async fn what_is_written_cannot_be_changed() {
    let (dir, store, lines) = written(3).await;
    let mut intruder = intruder(dir.path()).await;
    let rows = [
        (
            "UPDATE event SET line = x'00' WHERE seq = 1",
            "never changed",
        ),
        ("UPDATE event SET at = 0", "never changed"),
        ("DELETE FROM event WHERE seq = 2", "never removed"),
        ("DELETE FROM event", "never removed"),
        (
            "REPLACE INTO event SELECT * FROM event WHERE seq = 1",
            "conflict",
        ),
        (
            "INSERT OR IGNORE INTO event SELECT * FROM event WHERE seq = 1",
            "conflict",
        ),
        ("UPDATE head SET size = 2", "follows"),
        ("UPDATE head SET size = 4", "follows"),
        ("UPDATE head SET leaf = x'00'", "follows"),
        ("UPDATE head SET log = 'other'", "follows"),
        ("INSERT INTO head VALUES ('other', 1, x'00')", "follows"),
        ("REPLACE INTO head VALUES ('festival', 1, x'00')", "follows"),
        ("DELETE FROM head", "never removed"),
    ];
    for (sql, expected) in rows {
        let why = refusal(&mut intruder, sql).await;
        assert!(why.contains(expected), "{sql}: {why}");
    }
    assert_eq!(store.head(&log()).await.unwrap(), lines[2].head());
    assert_eq!(store.read(&log(), 0, 9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_line_that_does_not_continue_is_refused_by_the_file() {
    let (dir, _store, lines) = written(3).await;
    let mut intruder = intruder(dir.path()).await;
    let good = &seal_chain(&log(), lines[2].head(), 1)[0];
    let elsewhere = &seal_chain(&log(), lines[1].head(), 2)[1];
    let insert = async |intruder: &mut SqliteConnection, seq: i64, type_name: &str, line: &[u8]| {
        sqlx::query("INSERT INTO event (log, seq, at, type, leaf, line) VALUES (?,?,?,?,?,?)")
            .bind(log().as_str())
            .bind(seq)
            .bind(0)
            .bind(type_name)
            .bind(&good.leaf.0[..])
            .bind(line)
            .execute(intruder)
            .await
            .map(drop)
    };
    let rows: [(&str, i64, &str, &[u8]); 6] = [
        ("a gap", 4, good.type_name, &good.bytes),
        ("a seq that is taken", 2, good.type_name, &good.bytes),
        ("another type", 3, "sale.recorded", &good.bytes),
        ("another prev", 3, good.type_name, &elsewhere.bytes),
        (
            "something after the end",
            3,
            good.type_name,
            &[&good.bytes[..], b" "].concat(),
        ),
        ("nothing", 3, good.type_name, b""),
    ];
    for (what, seq, type_name, line) in rows {
        let refused = insert(&mut intruder, seq, type_name, line)
            .await
            .expect_err(what);
        assert!(
            refused.to_string().contains("daybook: conflict"),
            "{what}: {refused}"
        );
    }
    insert(&mut intruder, 3, good.type_name, &good.bytes)
        .await
        .expect("the real line is welcome");
}

#[tokio::test]
async fn a_newer_file_is_not_touched() {
    let (dir, store, _) = written(1).await;
    store.close().await;
    let mut newer = intruder(dir.path()).await;
    let sql = "INSERT INTO _sqlx_migrations VALUES (7, 'later', 0, TRUE, x'00', 0)";
    sqlx::query(sql).execute(&mut newer).await.unwrap();
    let Err(LogError::NewerSchema(why)) = open(dir.path()).await else {
        panic!("it was opened")
    };
    let expected = "this database was made by a newer Daybook (schema 7, this program knows 1 to 3): \
                    update the program";
    assert_eq!(why, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_may_open_an_empty_directory_at_once() {
    for _ in 0..5 {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("data");
        let (a, b, c) = tokio::join!(open(&path), open(&path), open(&path));
        let head = Head::default();
        for (node, name) in [a, b, c].into_iter().zip(["a", "b", "c"]) {
            let (node, log) = (node.expect("all open"), LogName::new(name).unwrap());
            node.append(&log, head, &seal_chain(&log, head, 1))
                .await
                .unwrap();
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_directory_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("data");
    open(&path).await.unwrap().close().await;
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[tokio::test]
async fn an_append_waits_for_no_longer_than_its_timeout_and_then_stored_nothing() {
    let (dir, store, lines) = written(1).await;
    let mut intruder = intruder(dir.path()).await;
    sqlx::query("BEGIN EXCLUSIVE")
        .execute(&mut intruder)
        .await
        .unwrap();
    let next = seal_chain(&log(), lines[0].head(), 2);
    let refused = store
        .append(&log(), lines[0].head(), &next)
        .await
        .unwrap_err();
    assert!(matches!(refused, AppendError::NotStored(_)), "{refused}");
    sqlx::query("ROLLBACK")
        .execute(&mut intruder)
        .await
        .unwrap();
    store
        .append(&log(), lines[0].head(), &next)
        .await
        .expect("the retry succeeds");
}

#[tokio::test]
async fn an_append_that_nobody_waits_for_is_whole_or_gone() {
    let log = log();
    let (_dir, store, lines) = written(1).await;
    let head = lines[0].head();
    let batch = seal_chain(&log, head, 3_000);
    for polls in 1..40 {
        let mut append = store.append(&log, head, &batch);
        let mut polled = 0;
        let given_up = std::future::poll_fn(|context| {
            polled += 1;
            if append.as_mut().poll(context).is_ready() {
                return std::task::Poll::Ready(false);
            }
            if polled == polls {
                std::task::Poll::Ready(true)
            } else {
                std::task::Poll::Pending
            }
        });
        let given_up = given_up.await;
        drop(append);
        let size = store.head(&log).await.unwrap().size;
        assert!(
            size == 1 || size == 3_001,
            "given up after {polls} polls: {size} lines"
        );
        if !given_up || size > 1 {
            break;
        }
    }
    // The retry settles it, whatever happened before.
    let settled = store.append(&log, head, &batch).await;
    let size = store.head(&log).await.unwrap().size;
    assert_eq!(size, 3_001, "{settled:?}");
}

#[tokio::test]
async fn a_name_is_one_handles_until_it_is_closed_or_dropped() {
    let dir = TempDir::new().unwrap();
    let first = open(dir.path()).await.unwrap();
    let second = open(dir.path()).await.unwrap();
    let name = "Node/1 äöü".repeat(50);
    assert!(first.claim(&name).await.unwrap());
    assert!(first.claim(&name).await.unwrap(), "it already has it");
    assert!(!second.claim(&name).await.unwrap());
    assert!(second.claim("another").await.unwrap());
    assert!(!first.claim("another").await.unwrap());
    first.close().await;
    first.claim(&name).await.expect_err("it is closed");
    assert!(second.claim(&name).await.unwrap(), "closed");
    drop(second);
    let third = open(dir.path()).await.unwrap();
    assert!(third.claim(&name).await.unwrap(), "dropped");
}

/// The files of a directory with their bytes.
fn listing(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    entries
        .map(|path| (name(&path), std::fs::read(&path).unwrap()))
        .collect()
}

fn copy(dir: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    for (name, bytes) in listing(dir) {
        std::fs::write(copy.path().join(name), bytes).unwrap();
    }
    copy
}

async fn reads_only(dir: &Path, lines: &[SealedLine]) {
    let reader = open_reader(dir).await.unwrap().expect("a log");
    let head = lines[lines.len() - 1].head();
    assert_eq!(reader.logs().await.unwrap(), [log()]);
    assert_eq!(reader.head(&log()).await.unwrap(), head);
    let read = reader.read(&log(), 0, 99).await.unwrap();
    assert_eq!(read.len(), lines.len());
    let next = seal_chain(&log(), head, 1);
    let refused = reader.append(&log(), head, &next).await.unwrap_err();
    assert!(matches!(refused, AppendError::NotStored(why) if why == "opened for reading only"));
    let views = vec![];
    let snapshot = Snapshot { head, views };
    reader.save_snapshot(&log(), &snapshot).await.unwrap_err();
    reader.secret().await.unwrap_err();
    reader.writable().await.unwrap_err();
    reader.claim("node").await.unwrap_err();
    assert_eq!(reader.load_snapshot(&log()).await.unwrap(), None);
    reader.close().await;
}

#[tokio::test]
async fn a_reader_changes_no_file() {
    let (dir, store, lines) = written(3).await;
    // What a crash leaves: lines that stand in the WAL only.
    let crashed = copy(dir.path());
    store.close().await;
    let before = listing(dir.path());
    reads_only(dir.path(), &lines).await;
    assert!(listing(dir.path()) == before, "a store that lies still");

    let before = listing(crashed.path());
    reads_only(crashed.path(), &lines).await;
    let mut after = listing(crashed.path());
    // The index of the WAL, which `SQLite` makes from it and trusts nobody to keep.
    let index = format!("{FILE_NAME}-shm");
    after.insert(index.clone(), before[&index].clone());
    assert!(after == before, "a store that crashed");
}

#[tokio::test]
async fn a_reader_makes_and_migrates_nothing() {
    let dir = TempDir::new().unwrap();
    assert!(open_reader(dir.path()).await.unwrap().is_none());
    assert!(listing(dir.path()).is_empty());
    std::fs::write(dir.path().join(FILE_NAME), "").unwrap();
    assert!(open_reader(dir.path()).await.unwrap().is_none());
    std::fs::write(dir.path().join(FILE_NAME), "no database ".repeat(999)).unwrap();
    assert!(matches!(
        open_reader(dir.path()).await,
        Err(LogError::Unavailable(_))
    ));

    let (dir, store, lines) = written(1).await;
    store.close().await;
    let mut other = intruder(dir.path()).await;
    let older = "DELETE FROM _sqlx_migrations WHERE version > 1; DROP TABLE snapshot_part;
                 DROP TABLE snapshot";
    sqlx::raw_sql(older).execute(&mut other).await.unwrap();
    let reader = open_reader(dir.path()).await.unwrap().expect("a log");
    assert_eq!(reader.head(&log()).await.unwrap(), lines[0].head());
    assert_eq!(reader.load_snapshot(&log()).await.unwrap(), None);
    reader.close().await;
    let newer = "INSERT INTO _sqlx_migrations VALUES (7, 'later', 0, TRUE, x'00', 0)";
    sqlx::query(newer).execute(&mut other).await.unwrap();
    let newer = open_reader(dir.path()).await;
    assert!(matches!(newer, Err(LogError::NewerSchema(_))), "{newer:?}");
}

#[tokio::test]
async fn a_reader_notices_that_somebody_begins_to_write() {
    let (dir, store, mut lines) = written(3).await;
    store.close().await;
    let reader = open_reader(dir.path()).await.unwrap().expect("a log");
    for n in [2000, 1, 3000] {
        let store = open(dir.path()).await.unwrap();
        let head = lines[lines.len() - 1].head();
        let more = seal_chain(&log(), head, n);
        store.append(&log(), head, &more).await.unwrap();
        lines.extend(more);
        let end = lines[lines.len() - 1].head();
        assert_eq!(reader.head(&log()).await.unwrap(), end);
        store.close().await;
        let from = lines.len() as u64 - 1;
        assert_eq!(
            reader.read(&log(), from, 9).await.unwrap(),
            [lines[lines.len() - 1].bytes.clone()]
        );
    }
    reader.close().await;
}

fn snapshot(byte: u8, size: usize) -> Snapshot {
    let views = vec![("view".to_owned(), vec![byte; size])];
    let head = Head::default();
    Snapshot { head, views }
}

async fn parts(dir: &Path) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM snapshot_part")
        .fetch_one(&mut intruder(dir).await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_save_that_is_cut_short_leaves_the_old_snapshot() {
    let (dir, store, _) = written(1).await;
    let log = log();
    let old = snapshot(1, 3 << 20);
    store.save_snapshot(&log, &old).await.unwrap();
    let large = snapshot(2, 64 << 20);
    let begun = async { while parts(dir.path()).await < 6 {} };
    tokio::select! {
        saved = store.save_snapshot(&log, &large) => panic!("not cut short: {saved:?}"),
        () = begun => {}
    }
    assert!(store.load_snapshot(&log).await.unwrap() == Some(old));
    let next = snapshot(3, 2 << 20);
    store.save_snapshot(&log, &next).await.unwrap();
    assert!(store.load_snapshot(&log).await.unwrap() == Some(next));
    assert_eq!(parts(dir.path()).await, 2, "leftovers are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_go_on_while_a_snapshot_is_saved() {
    let (_dir, store, lines) = written(1).await;
    let log = log();
    let large = snapshot(1, 64 << 20);
    let mut save = store.save_snapshot(&log, &large);
    let mut head = lines[0].head();
    let mut appended = 0;
    loop {
        let next = seal_chain(&log, head, 1);
        let mut append = store.append(&log, head, &next);
        let saved = tokio::select! {
            saved = &mut save => Some(saved),
            done = &mut append => { done.unwrap(); None }
        };
        if let Some(saved) = saved {
            saved.unwrap();
            break;
        }
        head = next[0].head();
        appended += 1;
    }
    assert!(appended >= 30, "{appended} appends beside 64 parts");
}
