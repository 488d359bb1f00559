//! Opening a database: empty, newer, changed, guarded, or not there.

use crate::{Database, log, run};
use daybook_postgres::open;
use daybook_schema::contract::seal_chain;
use daybook_schema::{EventLog, Head, LogError, LogName};

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_may_open_an_empty_database_at_once() {
    for _ in 0..3 {
        let database = Database::new().await;
        let url = &database.url;
        let (a, b, c) = tokio::join!(open(url), open(url), open(url));
        let head = Head::default();
        for (node, name) in [a, b, c].into_iter().zip(["a", "b", "c"]) {
            let (node, log) = (node.expect("all open"), LogName::new(name).unwrap());
            node.append(&log, head, &seal_chain(&log, head, 1))
                .await
                .unwrap();
            node.close().await;
        }
        database.discard().await;
    }
}

#[tokio::test]
async fn a_newer_database_is_not_touched() {
    let database = Database::new().await;
    let (store, _, mut superuser) = database.written(1).await;
    store.close().await;
    let sql = "INSERT INTO daybook._sqlx_migrations VALUES (7, 'later', now(), true, '', 0)";
    run(&mut superuser, sql).await;
    let Err(LogError::NewerSchema(why)) = open(&database.url).await else {
        panic!("it was opened")
    };
    let expected = "this database was made by a newer Daybook (schema 7, this program knows 1 to 4): \
                    update the program";
    assert_eq!(why, expected);
    database.discard().await;
}

#[tokio::test]
async fn a_changed_migration_is_reported() {
    let database = Database::new().await;
    let (store, _, mut superuser) = database.written(1).await;
    store.close().await;
    run(
        &mut superuser,
        "UPDATE daybook._sqlx_migrations SET checksum = '' WHERE version = 2",
    )
    .await;
    assert!(matches!(
        open(&database.url).await,
        Err(LogError::Damaged(_))
    ));
    database.discard().await;
}

/// A node whose user owns nothing: the database's owner has migrated, and granted the role.
#[tokio::test]
async fn a_user_who_may_only_write_can_run_a_node() {
    let database = Database::new().await;
    let (store, lines, mut superuser) = database.written(1).await;
    let user = format!("node_of_{}", database.name);
    run(&mut superuser, &format!("CREATE ROLE {user} LOGIN")).await;
    let url = database.url.replace("//postgres@", &format!("//{user}@"));

    let Err(LogError::Unavailable(why)) = open(&url).await else {
        panic!("it was opened")
    };
    assert!(why.contains("permission denied"), "{why}");

    run(&mut superuser, &format!("GRANT daybook_writer TO {user}")).await;
    let node = open(&url).await.expect("the grant suffices");
    let head = lines[0].head();
    node.append(&log(), head, &seal_chain(&log(), head, 2))
        .await
        .expect("it may append");
    node.secret().await.expect("it may make the secret");
    node.close().await;
    store.close().await;
    run(
        &mut superuser,
        &format!("DROP OWNED BY {user}; DROP ROLE {user}"),
    )
    .await;
    database.discard().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    // Nothing listens on the port of a name service without one.
    let result = open("postgres://nobody@127.0.0.1:9/nothing").await;
    assert!(
        matches!(result, Err(LogError::Unavailable(_))),
        "{result:?}"
    );
    let result = open("no url").await;
    assert!(
        matches!(result, Err(LogError::Unavailable(_))),
        "{result:?}"
    );
}
