//! The tamper matrix: every attack on a file, on `SQLite` and on Postgres.

use crate::cases::{SIZE, cases, untouched};
use crate::places::{Postgres, Sqlite, Superuser};
use crate::{file_of, found, head_of, log, outcome, trade, verify_file};
use daybook_replay::{Source, verify};
use daybook_schema::{EventLog, Head};
use std::sync::Arc;

#[tokio::test]
async fn every_change_of_a_file_is_found() {
    let all = trade(log(), SIZE);
    let head = head_of(&all);
    let report = verify_file(file_of(&all), &[head, head_of(&all[..1])])
        .await
        .unwrap();
    assert_eq!(
        (report.events, report.transactions, report.head),
        (12, 11, head)
    );
    assert_eq!(report.points_of_sale.len(), 4);
    for case in cases(&all) {
        let lines: Vec<_> = case.lines.into_iter().flatten().collect();
        if lines.is_empty() {
            continue; // An empty file does not say whose it is; see `reading`.
        }
        let file = file_of(&lines);
        assert_eq!(
            found(&verify_file(file.clone(), &[]).await),
            case.in_file,
            "{}",
            case.name
        );
        let with_head = case.in_file.or(case.with_head);
        let outcome = verify_file(file, &[head]).await;
        assert_eq!(
            found(&outcome),
            with_head,
            "{} with a head: {outcome:?}",
            case.name
        );
    }
}

async fn every_change_of_a_store_is_found(store: Arc<dyn EventLog>, mut superuser: impl Superuser) {
    let all = trade(log(), SIZE);
    let mut trade = crate::generator::Trade::new(log());
    let sealed: Vec<_> = (0..SIZE).map(|_| trade.next_line().unwrap()).collect();
    store
        .append(&log(), Head::default(), &sealed)
        .await
        .unwrap();
    let head = head_of(&all);
    let check = async |known: &[Head]| {
        let source = Source::Store {
            store: store.clone(),
            log: log(),
        };
        outcome(verify(source, known, |_| {}).await.unwrap())
    };
    assert_eq!(check(&[head]).await.unwrap().head, head);
    for case in cases(&all) {
        superuser.leave(&case).await;
        let alone = check(&[]).await;
        assert_eq!(found(&alone), case.in_store, "{}: {alone:?}", case.name);
        let outcome = check(&[head]).await;
        let with_head = case.in_store.or(case.with_head);
        assert_eq!(
            found(&outcome),
            with_head,
            "{} with a head: {outcome:?}",
            case.name
        );
    }
    superuser.leave(&untouched(&all)).await;
    check(&[head]).await.expect("put back, it is whole");
    store.close().await;
    superuser.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_in_sqlite_is_found() {
    let superuser = Sqlite::new().await;
    every_change_of_a_store_is_found(superuser.store.clone(), superuser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_in_postgres_is_found() {
    let superuser = Postgres::new().await;
    every_change_of_a_store_is_found(superuser.store.clone(), superuser).await;
}
