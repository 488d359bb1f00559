//! A node's name is one process's only.

use crate::{Database, admin};
use daybook_postgres::open;
use daybook_schema::EventLog;

#[tokio::test]
async fn a_name_is_one_handles_until_it_is_closed() {
    let database = Database::new().await;
    let first = open(&database.url).await.unwrap();
    let second = open(&database.url).await.unwrap();
    assert!(first.claim("node").await.unwrap());
    assert!(first.claim("node").await.unwrap(), "it already has it");
    assert!(!second.claim("node").await.unwrap());
    assert!(second.claim("another").await.unwrap());
    assert!(!first.claim("another").await.unwrap());
    // Asked for twice, and free at once all the same.
    first.close().await;
    first.claim("node").await.expect_err("it is closed");
    assert!(second.claim("node").await.unwrap());
    second.close().await;
    database.discard().await;
}

#[tokio::test]
async fn a_name_whose_connection_is_cut_goes_to_whoever_asks_first() {
    let database = Database::new().await;
    let first = open(&database.url).await.unwrap();
    let second = open(&database.url).await.unwrap();
    let mut superuser = admin(&database.url).await;
    // Returns once the server has ended the connection, and with it released the lock.
    let cut = "SELECT pg_terminate_backend(pid, 30000) FROM pg_locks
               WHERE locktype = 'advisory' AND database =
                   (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert!(first.claim("node").await.unwrap());
    let ended: bool = sqlx::query_scalar(cut)
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert!(ended);
    assert!(first.claim("node").await.unwrap(), "it connects anew");
    assert!(!second.claim("node").await.unwrap());

    let ended: bool = sqlx::query_scalar(cut)
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert!(ended);
    assert!(second.claim("node").await.unwrap());
    assert!(!first.claim("node").await.unwrap(), "it learns of its loss");
    first.close().await;
    second.close().await;
    database.discard().await;
}
