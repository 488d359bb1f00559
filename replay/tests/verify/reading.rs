//! Files that are no log, stores that do not answer, and logs of many pages.

use crate::{file_of, found, head_of, log, outcome, source_of, trade, verify_file};
use daybook_replay::{Layer, Source, SourceError, Until, replay, verify};
use daybook_schema::contract::MemoryLog;
use daybook_schema::{EventLog, Head};
use std::io::Cursor;
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn what_is_no_line_is_found_at_its_place() {
    let file = file_of(&trade(log(), 4));
    let ends: Vec<usize> = (0..file.len()).filter(|i| file[*i] == b'\n').collect();
    let with = |at: usize, bytes: &[u8]| [&file[..at], bytes, &file[at..]].concat();
    let cases = [
        ("a byte order mark", with(0, b"\xef\xbb\xbf"), 0),
        ("a CR", with(ends[1], b"\r"), 1),
        ("an empty line", with(ends[1] + 1, b"\n"), 2),
        ("an empty last line", with(ends[3] + 1, b"\n"), 4),
        ("no last LF", file[..ends[3]].to_vec(), 3),
        ("a torn line", file[..ends[3] - 9].to_vec(), 3),
        (
            "a line without end",
            with(ends[2] + 1, &vec![b'x'; 70_000]),
            3,
        ),
    ];
    for (what, file, seq) in cases {
        let outcome = verify_file(file, &[]).await;
        assert_eq!(
            found(&outcome),
            Some((seq, Layer::Line)),
            "{what}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn an_empty_file_is_somebodys_only_when_named() {
    let empty = |log| Source::Lines {
        input: Box::new(Cursor::new(Vec::new())),
        log,
    };
    let nameless = verify(empty(None), &[], |_| {}).await;
    assert!(
        matches!(nameless, Err(SourceError::Nameless)),
        "{nameless:?}"
    );
    let report = outcome(
        verify(empty(Some(log())), &[Head::default()], |_| {})
            .await
            .unwrap(),
    );
    assert_eq!(report.unwrap().events, 0);
    let known = head_of(&trade(log(), 3));
    let outcome = outcome(verify(empty(Some(log())), &[known], |_| {}).await.unwrap());
    assert_eq!(found(&outcome), Some((0, Layer::KnownHead)));
}

#[tokio::test]
async fn several_heads_tell_where_history_was_rewritten() {
    let all = trade(log(), 12);
    let forged = crate::forge::rewritten(&all, 5, true, crate::forge::cheaper);
    let heads = [12, 8, 5, 0].map(|size| head_of(&all[..size]));
    let outcome = verify_file(file_of(&forged), &heads).await;
    assert_eq!(
        found(&outcome),
        Some((7, Layer::KnownHead)),
        "5 still fits, 8 does not"
    );
}

/// A log of several pages in a store in memory.
async fn long(size: usize) -> (MemoryLog, Head) {
    let store = MemoryLog::reliable();
    let mut trade = crate::generator::Trade::new(log());
    let lines: Vec<_> = (0..size).map(|_| trade.next_line().unwrap()).collect();
    store.append(&log(), Head::default(), &lines).await.unwrap();
    (store, lines[size - 1].head())
}

#[tokio::test]
async fn pages_make_no_difference() {
    let (store, head) = long(20_000).await;
    let source = || Source::Store {
        store: Arc::new(store.clone()),
        log: log(),
    };
    let seen = Arc::new(Mutex::new(Vec::new()));
    let progress = seen.clone();
    let listen = move |events| progress.lock().unwrap().push(events);
    let report = outcome(verify(source(), &[head], listen).await.unwrap()).unwrap();
    assert_eq!((report.events, report.head), (20_000, head));
    let seen = seen.lock().unwrap().clone();
    assert!(
        seen.len() > 2 && seen.is_sorted() && seen.last() == Some(&20_000),
        "{seen:?}"
    );
    let (_, from_store) = replay(source(), Until::End).await.unwrap();
    let file = file_of(&trade(log(), 20_000));
    let (_, from_file) = replay(source_of(file), Until::End).await.unwrap();
    assert_eq!(from_store.fingerprint(), from_file.fingerprint());
    let (_, until) = replay(source(), Until::Seq(12_345)).await.unwrap();
    assert_eq!(until.head.size, 12_346);
}

#[tokio::test]
async fn a_store_that_does_not_answer_says_nothing_about_the_log() {
    let (store, _) = long(20_000).await;
    for fails_at in 1..4 {
        let mut calls = 0;
        let store = store.clone().with_read_faults(move || {
            calls += 1;
            calls == fails_at
        });
        let source = Source::Store {
            store: Arc::new(store),
            log: log(),
        };
        let verdict = verify(source, &[], |_| {}).await;
        assert!(matches!(verdict, Err(SourceError::Store(_))), "{verdict:?}");
    }
}
