//! The database itself refuses to change or fork what is written.

use crate::{Database, log, run};
use daybook_schema::contract::seal_chain;
use daybook_schema::{EventLog, Leaf, SealedLine, hash};
use sqlx::{AssertSqlSafe, PgConnection};

const CHANGES: [&str; 8] = [
    "UPDATE daybook.event SET line = '' WHERE seq = 1",
    "UPDATE daybook.event SET at = at WHERE false",
    "DELETE FROM daybook.event WHERE seq = 2",
    "TRUNCATE daybook.event",
    "DELETE FROM daybook.head",
    "TRUNCATE daybook.head",
    "UPDATE daybook.head SET size = 2",
    "UPDATE daybook.head SET log = 'other'",
];

/// SQLSTATE and message of a refusal.
async fn refusal(connection: &mut PgConnection, sql: &str) -> (String, String) {
    let result = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await;
    let error = result.map(|_| panic!("{sql} was not refused")).unwrap_err();
    let error = error.into_database_error().expect(sql);
    (
        error.code().unwrap().into_owned(),
        error.message().to_owned(),
    )
}

#[tokio::test]
async fn the_writer_may_not_change_what_is_written() {
    let database = Database::new().await;
    let (store, lines, mut connection) = database.written(3).await;
    run(&mut connection, "SET ROLE daybook_writer").await;
    let more = [
        "UPDATE daybook.head SET size = 9",
        "INSERT INTO daybook.head VALUES ('x', 1, '')",
    ];
    for sql in CHANGES.into_iter().chain(more) {
        let (code, why) = refusal(&mut connection, sql).await;
        assert_eq!(code, "42501", "{sql}: {why}");
    }
    assert_eq!(store.head(&log()).await.unwrap(), lines[2].head());
    store.close().await;
    database.discard().await;
}

#[tokio::test]
async fn nobody_may_change_what_is_written_not_even_as_a_replica() {
    let database = Database::new().await;
    let (store, lines, mut superuser) = database.written(3).await;
    for mode in ["origin", "replica"] {
        run(
            &mut superuser,
            &format!("SET session_replication_role = {mode}"),
        )
        .await;
        for sql in CHANGES {
            let (code, why) = refusal(&mut superuser, sql).await;
            assert_eq!(code, "DB002", "{mode}: {sql}: {why}");
        }
    }
    assert_eq!(store.head(&log()).await.unwrap(), lines[2].head());
    assert_eq!(store.read(&log(), 0, 9).await.unwrap().len(), 3);
    store.close().await;
    database.discard().await;
}

/// Inserts as one statement, as anyone with the right could; says the SQLSTATE of a refusal.
async fn insert(connection: &mut PgConnection, lines: &[SealedLine]) -> Result<(), String> {
    let sql = "INSERT INTO daybook.event (log, seq, at, type, leaf, line)
               SELECT $1, u.seq, now(), u.type, u.leaf, u.line
               FROM unnest($2::bigint[], $3::text[], $4::bytea[], $5::bytea[])
                 AS u (seq, type, leaf, line)";
    let seqs: Vec<i64> = lines.iter().map(|line| line.seq.cast_signed()).collect();
    let types: Vec<&str> = lines.iter().map(|line| line.type_name).collect();
    let leaves: Vec<&[u8]> = lines.iter().map(|line| &line.leaf.0[..]).collect();
    let bytes: Vec<&[u8]> = lines.iter().map(|line| &line.bytes[..]).collect();
    let query = sqlx::query(sql)
        .bind("festival")
        .bind(seqs)
        .bind(types)
        .bind(leaves)
        .bind(bytes);
    let code = |e: sqlx::Error| e.as_database_error().unwrap().code().unwrap().into_owned();
    query.execute(connection).await.map(drop).map_err(code)
}

/// Batches that do not stand after the first three lines.
fn wrong_batches(lines: &[SealedLine]) -> Vec<(&'static str, Vec<SealedLine>)> {
    let next = seal_chain(&log(), lines[2].head(), 3);
    let good = || next[0].clone();
    let with_bytes = |bytes: Vec<u8>| SealedLine {
        leaf: hash::leaf(&bytes),
        bytes,
        ..good()
    };
    let elsewhere = seal_chain(&log(), lines[1].head(), 2).remove(1);
    let with_space = with_bytes([&next[0].bytes[..], b" "].concat());
    let other_type = SealedLine {
        type_name: "sale.recorded",
        ..good()
    };
    let other_leaf = SealedLine {
        leaf: Leaf([1; 32]),
        ..good()
    };
    vec![
        ("another seq", vec![SealedLine { seq: 4, ..good() }]),
        ("another type", vec![other_type]),
        ("another leaf", vec![other_leaf]),
        ("another prev", vec![elsewhere]),
        ("a space after the end", vec![with_space]),
        ("no bytes", vec![with_bytes(vec![])]),
        ("a gap before the batch", next[1..].to_vec()),
        ("a gap in the batch", vec![good(), next[2].clone()]),
    ]
}

#[tokio::test]
async fn a_line_that_does_not_continue_is_refused_by_the_database() {
    let database = Database::new().await;
    let (store, lines, mut superuser) = database.written(3).await;
    let next = seal_chain(&log(), lines[2].head(), 3);
    for mode in ["origin", "replica"] {
        run(
            &mut superuser,
            &format!("SET session_replication_role = {mode}"),
        )
        .await;
        for (what, batch) in wrong_batches(&lines) {
            let refused = insert(&mut superuser, &batch).await;
            assert_eq!(refused, Err("DB001".to_owned()), "{mode}: {what}");
        }
        let taken = SealedLine {
            seq: 2,
            ..next[0].clone()
        };
        let refused = insert(&mut superuser, &[taken]).await;
        assert_eq!(
            refused,
            Err("23505".to_owned()),
            "{mode}: a seq that is taken"
        );
    }
    assert_eq!(store.head(&log()).await.unwrap(), lines[2].head());
    insert(&mut superuser, &next)
        .await
        .expect("the real lines are welcome");
    insert(&mut superuser, &[])
        .await
        .expect("no lines are no harm");
    assert_eq!(store.head(&log()).await.unwrap(), next[2].head());
    store.close().await;
    database.discard().await;
}
