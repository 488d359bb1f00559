use crate::{Database, log, run};
use daybook_schema::contract::seal_chain;
use daybook_schema::{EventLog, Leaf, SealedLine};
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

async fn insert(connection: &mut PgConnection, line: &SealedLine) -> Result<(), String> {
    sqlx::query("INSERT INTO daybook.event (log, seq, at, type, leaf, line) VALUES ($1, $2, now(), $3, $4, $5)")
        .bind(log().as_str())
        .bind(i64::try_from(line.seq).unwrap())
        .bind(line.type_name)
        .bind(&line.leaf.0[..])
        .bind(&line.bytes)
        .execute(connection)
        .await
        .map(drop)
        .map_err(|e| e.as_database_error().unwrap().code().unwrap().into_owned())
}

#[tokio::test]
async fn a_line_that_does_not_continue_is_refused_by_the_database() {
    let database = Database::new().await;
    let (store, lines, mut superuser) = database.written(3).await;
    let head = lines[2].head();
    let good = seal_chain(&log(), head, 1).remove(0);
    let elsewhere = seal_chain(&log(), lines[1].head(), 2).remove(1);
    let mut with_space = good.bytes.clone();
    with_space.push(b' ');
    let wrong = [
        (
            "a gap",
            SealedLine {
                seq: 4,
                ..good.clone()
            },
        ),
        (
            "another type",
            SealedLine {
                type_name: "sale.recorded",
                ..good.clone()
            },
        ),
        (
            "another leaf",
            SealedLine {
                leaf: Leaf([1; 32]),
                ..good.clone()
            },
        ),
        ("another prev", elsewhere),
        (
            "a space after the end",
            SealedLine {
                leaf: daybook_schema::hash::leaf(&with_space),
                bytes: with_space,
                ..good.clone()
            },
        ),
        (
            "no bytes",
            SealedLine {
                leaf: daybook_schema::hash::leaf(b""),
                bytes: vec![],
                ..good.clone()
            },
        ),
    ];
    for mode in ["origin", "replica"] {
        run(
            &mut superuser,
            &format!("SET session_replication_role = {mode}"),
        )
        .await;
        for (what, line) in &wrong {
            assert_eq!(
                insert(&mut superuser, line).await,
                Err("DB001".to_owned()),
                "{mode}: {what}"
            );
        }
        let taken = SealedLine {
            seq: 2,
            ..good.clone()
        };
        assert_eq!(
            insert(&mut superuser, &taken).await,
            Err("23505".to_owned()),
            "{mode}"
        );
    }
    insert(&mut superuser, &good)
        .await
        .expect("the real line is welcome");
    assert_eq!(store.head(&log()).await.unwrap(), good.head());
    store.close().await;
    database.discard().await;
}

#[tokio::test]
async fn a_batch_with_a_gap_is_refused_by_the_database() {
    let database = Database::new().await;
    let (store, lines, mut superuser) = database.written(3).await;
    let next = seal_chain(&log(), lines[2].head(), 3);
    let row = |line: &SealedLine| {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let (seq, leaf, line_hex) = (line.seq, hex(&line.leaf.0), hex(&line.bytes));
        format!(
            "('festival', {seq}, now(), '{}', '\\x{leaf}', '\\x{line_hex}')",
            line.type_name
        )
    };
    let (first, third) = (row(&next[0]), row(&next[2]));
    let (code, why) = refusal(
        &mut superuser,
        &format!("INSERT INTO daybook.event VALUES {first}, {third}"),
    )
    .await;
    assert_eq!(code, "DB001", "{why}");
    assert_eq!(store.read(&log(), 0, 9).await.unwrap().len(), 3);
    store.close().await;
    database.discard().await;
}
