//! What must hold when lines are appended.

use super::{Boxed, Stores, append, bytes_of, end_of, log_name, read_all, seal_chain, together};
use crate::hash::Leaf;
use crate::log::{AppendError, EventLog, Head, MAX_APPEND_LINES};

fn conflicts(result: &Result<(), AppendError>) -> bool {
    matches!(result, Err(AppendError::Conflict))
}

pub(super) async fn a_new_log_is_empty(store: &impl EventLog) {
    let log = log_name("new");
    assert_eq!(store.head(&log).await.expect("head"), Head::default());
    assert_eq!(
        store.read(&log, 0, 10).await.expect("read"),
        Vec::<Vec<u8>>::new()
    );
    assert_eq!(store.logs().await.expect("logs"), vec![]);
    assert_eq!(store.load_snapshot(&log).await.expect("snapshot"), None);
}

pub(super) async fn an_empty_batch_succeeds_and_does_nothing(store: &impl EventLog) {
    let log = log_name("empty-batch");
    store
        .append(&log, Head::default(), &[])
        .await
        .expect("an empty batch succeeds");
    assert_eq!(
        store.logs().await.expect("logs"),
        vec![],
        "an empty batch makes no log"
    );
    let head = append(
        store,
        &log,
        Head::default(),
        &seal_chain(&log, Head::default(), 1),
    )
    .await;
    store
        .append(&log, head, &[])
        .await
        .expect("an empty batch succeeds");
    assert_eq!(store.head(&log).await.expect("head"), head);
}

pub(super) async fn only_the_stored_head_is_continued(store: &impl EventLog) {
    let log = log_name("heads");
    let lines = seal_chain(&log, Head::default(), 4);
    let head = append(store, &log, Head::default(), &lines).await;
    let leaf = Leaf([0xab; 32]);
    let another = Head { leaf, ..head };
    let ahead = Head {
        size: head.size + 1,
        ..head
    };
    let shorter = Head {
        size: head.size - 1,
        leaf,
    };

    // Lines that fit the head they name, which is not the stored one.
    for named in [Head::default(), lines[2].head(), shorter, another, ahead] {
        let result = store.append(&log, named, &seal_chain(&log, named, 2)).await;
        assert!(conflicts(&result), "{named:?}: {result:?}");
    }
    // Lines that fit the stored head, while the caller names another.
    let next = seal_chain(&log, head, 2);
    for named in [another, ahead] {
        let result = store.append(&log, named, &next).await;
        assert!(
            conflicts(&result),
            "lines beside the named {named:?}: {result:?}"
        );
    }
    // Lines whose `prev` is not the stored head's leaf, though the caller names the stored head.
    let torn = seal_chain(&log, another, 2);
    let result = store.append(&log, head, &torn).await;
    assert!(conflicts(&result), "lines with another prev: {result:?}");

    let stored = store.head(&log).await.expect("head");
    assert_eq!(stored, head, "a conflict stores nothing");
    let stored = read_all(store, &log).await;
    assert_eq!(stored, bytes_of(&lines), "a conflict stores nothing");
    append(store, &log, head, &next).await;
}

pub(super) async fn a_batch_that_is_no_chain_is_refused_whole(store: &impl EventLog) {
    let log = log_name("torn");
    let lines = seal_chain(&log, Head::default(), 6);
    let mut gap = lines.clone();
    gap.remove(3);
    let mut swapped = lines.clone();
    swapped.swap(2, 3);
    let mut twice = lines.clone();
    twice.insert(3, lines[3].clone());
    let mut torn = lines[..3].to_vec();
    torn.extend(seal_chain(
        &log,
        Head {
            size: 3,
            leaf: Leaf([7; 32]),
        },
        2,
    ));
    for (what, batch) in [
        ("gap", gap),
        ("swapped", swapped),
        ("twice", twice),
        ("torn", torn),
    ] {
        let result = store.append(&log, Head::default(), &batch).await;
        assert!(conflicts(&result), "{what}: {result:?}");
        assert_eq!(
            store.head(&log).await.expect("head"),
            Head::default(),
            "{what}"
        );
        assert!(
            read_all(store, &log).await.is_empty(),
            "{what}: nothing of it is stored"
        );
    }
    append(store, &log, Head::default(), &lines).await;
}

pub(super) async fn repeating_an_append_is_a_conflict(store: &impl EventLog) {
    let log = log_name("repeated");
    let lines = seal_chain(&log, Head::default(), 3);
    let head = append(store, &log, Head::default(), &lines).await;
    let again = store.append(&log, Head::default(), &lines).await;
    assert!(conflicts(&again), "{again:?}");
    assert_eq!(store.head(&log).await.expect("head"), head);
    assert_eq!(
        read_all(store, &log).await,
        bytes_of(&lines),
        "nothing is stored twice"
    );
}

pub(super) async fn logs_do_not_disturb_each_other(store: &impl EventLog) {
    let names = ["b", "a", "a-1", "1"].map(log_name);
    let mut heads = names.clone().map(|_| Head::default());
    let mut written = names.clone().map(|_| Vec::new());
    for round in 1..4 {
        for ((log, head), all) in names.iter().zip(&mut heads).zip(&mut written) {
            let lines = seal_chain(log, *head, round);
            *head = append(store, log, *head, &lines).await;
            all.extend(bytes_of(&lines));
        }
    }
    for ((log, head), all) in names.iter().zip(heads).zip(written) {
        assert_eq!(store.head(log).await.expect("head"), head);
        assert_eq!(read_all(store, log).await, all);
    }
    assert_eq!(
        store.logs().await.expect("logs"),
        ["1", "a", "a-1", "b"].map(log_name)
    );
}

pub(super) async fn ten_thousand_lines_fit_one_append(store: &impl EventLog) {
    let log = log_name("import");
    let lines = seal_chain(&log, Head::default(), 10_000);
    let head = append(store, &log, Head::default(), &lines).await;
    assert_eq!(store.head(&log).await.expect("head"), head);
    assert_eq!(read_all(store, &log).await, bytes_of(&lines));
    append(store, &log, head, &seal_chain(&log, head, 1)).await;
}

pub(super) async fn too_many_lines_are_refused(store: &impl EventLog) {
    let log = log_name("too-many");
    let lines = seal_chain(&log, Head::default(), MAX_APPEND_LINES + 1);
    let result = store.append(&log, Head::default(), &lines).await;
    let Err(AppendError::NotStored(why)) = result else {
        panic!("one line more than the limit was not refused: {result:?}");
    };
    assert!(why.contains("100000"), "the message names the limit: {why}");
    assert_eq!(store.head(&log).await.expect("head"), Head::default());
}

/// Two nodes with four appenders each; every round all of them try the same head.
pub(super) async fn of_eight_appenders_exactly_one_wins<S: Stores>(stores: &S) {
    let place = stores.fresh().await;
    let nodes = [stores.open(&place).await, stores.open(&place).await];
    let log = log_name("race");
    let mut head = Head::default();
    let mut won = Vec::new();
    for round in 0..12 {
        let batches: Vec<_> = (0..8)
            .map(|i| seal_chain(&log, head, 1 + (i + round) % 5))
            .collect();
        let racers = batches.iter().enumerate().map(|(i, lines)| {
            let (node, log) = (&nodes[i % 2], &log);
            let racer: Boxed<'_, _> = Box::pin(node.append(log, head, lines));
            racer
        });
        let results = together(racers.collect()).await;
        let winners: Vec<_> = (0..8).filter(|i| results[*i].is_ok()).collect();
        assert_eq!(winners.len(), 1, "round {round}: {results:?}");
        let lost = results.iter().filter(|result| conflicts(result)).count();
        assert_eq!(
            lost, 7,
            "round {round}: the others learn of a conflict: {results:?}"
        );
        won.extend(bytes_of(&batches[winners[0]]));
        head = end_of(&batches[winners[0]], head);
        for node in &nodes {
            assert_eq!(node.head(&log).await.expect("head"), head);
        }
    }
    assert_eq!(read_all(&nodes[0], &log).await, won, "the chain is whole");
    for node in nodes {
        node.close().await;
    }
    stores.discard(place).await;
}
