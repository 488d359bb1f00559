//! Opening a database: empty, newer, changed, guarded, or not there.

use crate::{Database, log, run};
use daybook_postgres::{check_url, open, open_reader};
use daybook_schema::contract::seal_chain;
use daybook_schema::log::Snapshot;
use daybook_schema::{AppendError, EventLog, Head, LogError, LogName};

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
    let expected = "this database was made by a newer Daybook (schema 7, this program knows 1 to 5): \
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

/// A user who may do nothing but SELECT, and nothing is made or changed for him.
#[tokio::test]
async fn a_reader_needs_no_right_to_write() {
    let database = Database::new().await;
    assert!(open_reader(&database.url).await.unwrap().is_none(), "empty");
    let (store, lines, mut superuser) = database.written(3).await;
    store.close().await;
    let user = format!("auditor_of_{}", database.name);
    run(&mut superuser, &format!("CREATE ROLE {user} LOGIN")).await;
    let url = database.url.replace("//postgres@", &format!("//{user}@"));
    let Err(LogError::Unavailable(why)) = open_reader(&url).await else {
        panic!("it was opened")
    };
    assert!(why.contains("GRANT SELECT ON daybook.event"), "{why}");

    let tables = "daybook.event, daybook.head, daybook._sqlx_migrations";
    let grant =
        format!("GRANT USAGE ON SCHEMA daybook TO {user}; GRANT SELECT ON {tables} TO {user}");
    run(&mut superuser, &grant).await;
    // For the superuser too: a reader does not write, whoever it is.
    for url in [&url, &database.url] {
        let reader = open_reader(url).await.unwrap().expect("a log");
        assert_eq!(reader.logs().await.unwrap(), [log()]);
        assert_eq!(reader.head(&log()).await.unwrap(), lines[2].head());
        assert_eq!(reader.read(&log(), 0, 9).await.unwrap().len(), 3);
        let head = lines[2].head();
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
        reader.changed().await;
        reader.close().await;
    }
    let sql = "INSERT INTO daybook._sqlx_migrations VALUES (7, 'later', now(), true, '', 0)";
    run(&mut superuser, sql).await;
    let newer = open_reader(&url).await;
    assert!(matches!(newer, Err(LogError::NewerSchema(_))), "{newer:?}");
    run(
        &mut superuser,
        &format!("DROP OWNED BY {user}; DROP ROLE {user}"),
    )
    .await;
    database.discard().await;
}

#[test]
fn a_url_that_makes_no_sense_is_told_without_its_password() {
    let rows = [
        ("no url", "does not begin with postgres://"),
        ("mysql://u:geheim@host/d", "does not begin with postgres://"),
        ("postgres://u:geheim@host:port/d", "invalid port number"),
        ("postgres://u:geh#eim@host/d", "%23 for #"),
        ("postgres://u:geheim@host/d?sslmode=some", "some"),
    ];
    for (url, expected) in rows {
        let why = check_url(url).expect_err(url);
        assert!(why.contains(expected), "{url}: {why}");
        assert!(!why.contains("geh"), "{url}: {why}");
    }
    check_url("postgresql://u:geheim@host:5432/d").unwrap();
}
