//! Connections that are cut in the middle of an append.

use crate::{Database, log, run};
use daybook_schema::contract::seal_chain;
use daybook_schema::{AppendError, EventLog, LogError};
use sqlx::PgConnection;

/// Ends the connections that append, and says how many.
async fn cut_appends(superuser: &mut PgConnection, which: &str) -> i64 {
    let sql = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND query LIKE '%INSERT INTO daybook.event%' {which}"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .fetch_one(superuser)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_append_that_is_cut_while_it_waits_is_unknown_and_a_retry_settles_it() {
    let database = Database::new().await;
    let (store, lines, mut superuser) = database.written(1).await;
    let mut holder = crate::admin(&database.url).await;
    run(&mut holder, "BEGIN; SELECT FROM daybook.head FOR UPDATE").await;
    let (log, head) = (log(), lines[0].head());
    let batch = seal_chain(&log, head, 5);
    // The append waits for the head's lock, so it is surely under way when it is cut.
    let cut = async {
        while cut_appends(&mut superuser, "AND wait_event_type = 'Lock'").await == 0 {
            tokio::task::yield_now().await;
        }
    };
    let (result, ()) = tokio::join!(store.append(&log, head, &batch), cut);
    assert!(matches!(result, Err(AppendError::Unknown(_))), "{result:?}");
    run(&mut holder, "ROLLBACK").await;
    store
        .append(&log, head, &batch)
        .await
        .expect("nothing was stored, so the retry succeeds");
    assert_eq!(store.head(&log).await.unwrap(), batch[4].head());
    store.close().await;
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_that_are_cut_anywhere_are_settled_by_repeating_them() {
    let database = Database::new().await;
    let (store, lines, mut superuser) = database.written(1).await;
    let (log, mut head) = (log(), lines[0].head());
    for round in 0..60 {
        let batch = seal_chain(&log, head, 200);
        let cut = async {
            // Somewhere between before and after; the round decides how far the append has come.
            for _ in 0..round * 3 {
                tokio::task::yield_now().await;
            }
            cut_appends(&mut superuser, "").await;
        };
        let (mut result, ()) = tokio::join!(store.append(&log, head, &batch), cut);
        // Each retry meets a new connection or one that was cut meanwhile, so this ends.
        while let Err(AppendError::Unknown(_) | AppendError::NotStored(_)) = result {
            result = store.append(&log, head, &batch).await;
        }
        assert!(
            matches!(result, Ok(()) | Err(AppendError::Conflict)),
            "{result:?}"
        );
        head = batch[199].head();
        let settled = loop {
            match store.head(&log).await {
                Ok(head) => break head,
                Err(LogError::Unavailable(_)) => {}
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!(settled, head, "the lines are stored, once");
    }
    assert_eq!(
        store.read(&log, 0, usize::MAX).await.unwrap().len(),
        1 + 60 * 200
    );
    store.close().await;
    database.discard().await;
}
