//! What must hold when a log, a snapshot or the secret is read.

use super::{
    Boxed, Stores, append, bytes_of, log_name, read_all, seal_chain, seal_messages, together,
};
use crate::line::{MAX_LINE_BYTES, SealedLine};
use crate::log::{EventLog, Head, MAX_READ_BYTES, Snapshot};

pub(super) async fn bytes_come_back_as_they_went_in(store: &impl EventLog) {
    let log = log_name("bytes");
    let odd = [
        "",
        "\0",
        "\u{1}\u{1f}\u{7f}\u{80}",
        "\\u0000 \\ \" / \t\r\n\u{8}\u{c}",
        "' ; -- $1 ?1 %s",
        "Grüße, 東京, שלום, \u{1f37a}\u{200d}\u{2764}\u{fe0f}",
        "\u{2028}\u{2029}\u{feff}\u{fffd}\u{ffff}",
        "\u{10ffff}",
        "e\u{301} é",
        "\"prev\":\"00\",\"seq\":0,\"type\":\"x\"}",
    ];
    let texts = odd.map(str::to_owned);
    let mut lines = seal_messages(&log, Head::default(), texts);
    let mut head = append(store, &log, Head::default(), &lines).await;
    for bytes in [MAX_LINE_BYTES, MAX_LINE_BYTES - 1] {
        // The only part of a line that may grow is the text; every `x` of it is one byte.
        let frame = seal_messages(&log, head, [String::new()])[0].bytes.len();
        let full = seal_messages(&log, head, ["x".repeat(bytes - frame)]);
        assert_eq!(full[0].bytes.len(), bytes);
        head = append(store, &log, head, &full).await;
        lines.extend(full);
    }
    assert_eq!(read_all(store, &log).await, bytes_of(&lines));
    assert_eq!(store.head(&log).await.expect("head"), head);
}

pub(super) async fn pages_have_no_gaps(store: &impl EventLog) {
    let log = log_name("pages");
    let lines = seal_chain(&log, Head::default(), 25);
    append(store, &log, Head::default(), &lines).await;
    let all = bytes_of(&lines);
    let page = async |from: u64, limit: usize| store.read(&log, from, limit).await.expect("read");
    for limit in [1, 7, 24, 25, 26] {
        let mut seen = Vec::new();
        while seen.len() < all.len() {
            let lines = page(seen.len() as u64, limit).await;
            assert_eq!(
                lines.len(),
                limit.min(all.len() - seen.len()),
                "pages are full"
            );
            seen.extend(lines);
        }
        assert_eq!(seen, all, "limit {limit}");
    }
    assert_eq!(page(3, 2).await, all[3..5]);
    assert_eq!(page(0, 0).await, all[..0]);
    assert_eq!(page(0, usize::MAX).await, all);
    assert_eq!(page(24, usize::MAX).await, all[24..]);
    for beyond in [25, 26, u64::MAX] {
        assert_eq!(
            page(beyond, 10).await,
            all[..0],
            "nothing stands at {beyond}"
        );
    }
}

pub(super) async fn pages_end_after_8_mib(store: &impl EventLog) {
    let log = log_name("large-pages");
    let texts = (0..300).map(|i| format!("{i} {}", "x".repeat(60_000)));
    let lines = seal_messages(&log, Head::default(), texts);
    // Small ones at the end: a page that has grown full is not made fuller by what would still fit.
    let small = seal_chain(&log, lines[299].head(), 5);
    let head = append(store, &log, Head::default(), &lines).await;
    append(store, &log, head, &small).await;
    let mut all = bytes_of(&lines);
    all.extend(bytes_of(&small));
    for limit in [usize::MAX, 10_000, 140] {
        let mut seen = Vec::new();
        loop {
            let page = store
                .read(&log, seen.len() as u64, limit)
                .await
                .expect("read");
            if page.is_empty() {
                break;
            }
            let bytes: usize = page.iter().map(Vec::len).sum();
            assert!(bytes < MAX_READ_BYTES + MAX_LINE_BYTES, "{bytes} in a page");
            let ended = seen.len() + page.len() == all.len() || page.len() == limit;
            assert!(
                ended || bytes >= MAX_READ_BYTES,
                "a page of {bytes} ends early"
            );
            seen.extend(page);
        }
        assert!(seen == all, "limit {limit}: every line once, in order");
    }
    let one = store.read(&log, 7, 1).await.expect("read");
    assert!(one == all[7..8], "one large line is a page");
}

/// A reader beside a writer sees ends of batches only.
pub(super) async fn a_batch_is_seen_whole_or_not_at_all(store: &impl EventLog) {
    let log = log_name("whole");
    let first = seal_chain(&log, Head::default(), 40);
    let second = seal_chain(&log, first[39].head(), 40);
    let writer: Boxed<'_, ()> = Box::pin(async {
        let head = append(store, &log, Head::default(), &first).await;
        append(store, &log, head, &second).await;
    });
    let reader: Boxed<'_, ()> = Box::pin(async {
        let mut seen = 0;
        while seen < 80 {
            let head = store.head(&log).await.expect("head").size;
            let lines = store.read(&log, 0, 100).await.expect("read").len() as u64;
            assert!(
                head.is_multiple_of(40),
                "the head stands inside a batch: {head}"
            );
            assert!(lines.is_multiple_of(40), "half a batch is visible: {lines}");
            assert!(
                lines >= head,
                "the head runs ahead of the lines: {head} of {lines}"
            );
            assert!(
                lines >= seen,
                "what was visible vanished: {lines} after {seen}"
            );
            seen = lines;
        }
    });
    together(vec![writer, reader]).await;
}

pub(super) async fn snapshots_are_replaced(store: &impl EventLog) {
    let (log, other) = (log_name("views"), log_name("other-views"));
    let head = append(
        store,
        &log,
        Head::default(),
        &seal_chain(&log, Head::default(), 3),
    )
    .await;
    let views = |texts: &[(&str, &[u8])]| {
        texts
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
            .collect()
    };
    let snapshots = [
        Snapshot {
            head: Head::default(),
            views: vec![],
        },
        Snapshot {
            head,
            views: views(&[("product", b"\0\xff{}"), ("empty", b""), ("a", b"1")]),
        },
        Snapshot {
            head,
            views: views(&[("a", b"22")]),
        },
    ];
    let elsewhere = Snapshot {
        head: Head::default(),
        views: views(&[("a", b"other")]),
    };
    store
        .save_snapshot(&other, &elsewhere)
        .await
        .expect("saved");
    for snapshot in snapshots {
        store.save_snapshot(&log, &snapshot).await.expect("saved");
        assert_eq!(
            store.load_snapshot(&log).await.expect("loaded"),
            Some(snapshot)
        );
    }
    assert_eq!(
        store.load_snapshot(&other).await.expect("loaded"),
        Some(elsewhere)
    );
    assert_eq!(
        store
            .load_snapshot(&log_name("none"))
            .await
            .expect("loaded"),
        None
    );
}

pub(super) async fn a_view_of_40_mb_fits_a_snapshot(store: &impl EventLog) {
    let log = log_name("large-view");
    let large: Vec<u8> = (0..40_000_000_u32)
        .map(|i| (i ^ (i >> 11)).to_le_bytes()[0])
        .collect();
    // Sizes around the 16 MiB at which stores cut.
    let cut = large[..16 << 20].to_vec();
    let views = vec![("large".to_owned(), large), ("cut".to_owned(), cut)];
    let snapshot = Snapshot {
        head: Head::default(),
        views,
    };
    store.save_snapshot(&log, &snapshot).await.expect("saved");
    let loaded = store.load_snapshot(&log).await.expect("loaded");
    assert!(
        loaded.as_ref() == Some(&snapshot),
        "a large view comes back as it was"
    );
}

pub(super) async fn everything_survives_a_restart<S: Stores>(stores: &S) {
    let place = stores.fresh().await;
    let log = log_name("restarted");
    let mut lines: Vec<SealedLine> = Vec::new();
    let mut head = Head::default();
    for round in 1..4 {
        let node = stores.open(&place).await;
        assert_eq!(node.head(&log).await.expect("head"), head, "round {round}");
        assert_eq!(
            read_all(&node, &log).await,
            bytes_of(&lines),
            "round {round}"
        );
        let more = seal_chain(&log, head, 10 * round);
        head = append(&node, &log, head, &more).await;
        lines.extend(more);
        let snapshot = Snapshot {
            head,
            views: vec![("view".to_owned(), vec![1; round])],
        };
        node.save_snapshot(&log, &snapshot).await.expect("saved");
        node.close().await;
        let again = stores.open(&place).await;
        assert_eq!(
            again.load_snapshot(&log).await.expect("loaded"),
            Some(snapshot)
        );
        again.close().await;
    }
    stores.discard(place).await;
}

pub(super) async fn nodes_share_one_secret<S: Stores>(stores: &S) {
    let place = stores.fresh().await;
    let nodes = [stores.open(&place).await, stores.open(&place).await];
    let asked = together(vec![
        nodes[0].secret(),
        nodes[1].secret(),
        nodes[0].secret(),
    ])
    .await;
    let secrets: Vec<_> = asked
        .into_iter()
        .map(|secret| secret.expect("a secret"))
        .collect();
    assert!(
        secrets[0] == secrets[1] && secrets[0] == secrets[2],
        "all nodes know one secret"
    );
    assert!(secrets[0] != [0; 32], "the secret is not empty");
    for node in nodes {
        node.close().await;
    }
    let later = stores.open(&place).await;
    assert!(
        later.secret().await.expect("a secret") == secrets[0],
        "it survives a restart"
    );
    later.close().await;
    stores.discard(place).await;
}

/// `changed` is a hint: it must come, but it may come without reason.
pub(super) async fn appends_of_another_node_are_noticed<S: Stores>(stores: &S) {
    let place = stores.fresh().await;
    let (near, far) = (stores.open(&place).await, stores.open(&place).await);
    let log = log_name("noticed");
    let mut head = Head::default();
    for _ in 0..3 {
        let lines = seal_chain(&log, head, 2);
        let follower: Boxed<'_, ()> = Box::pin(async {
            while near.head(&log).await.expect("head") == head {
                near.changed().await;
            }
        });
        let writer: Boxed<'_, ()> = Box::pin(async {
            append(&far, &log, head, &lines).await;
        });
        together(vec![follower, writer]).await;
        head = near.head(&log).await.expect("head");
        assert_eq!(head, lines[1].head());
    }
    near.close().await;
    far.close().await;
    stores.discard(place).await;
}
