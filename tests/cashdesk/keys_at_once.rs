//! A key that comes several times in the same moment, on one node and on two.

use super::idempotency::{REPLAYED, cart, conflict};
use super::stand::{CREATE, Stand, heard, redeem, sell};
use super::venue::{KIM, venue};
use crate::support::{Desk, Server, Store};
use serde_json::Value;

/// Asks at once, at these addresses in turn; returns who repeated, and the one answer of all.
async fn at_once(
    desks: &mut [Desk],
    path: &str,
    key: &str,
    body: &Value,
) -> (usize, (u16, String)) {
    let asking = desks
        .iter_mut()
        .map(|desk| desk.post(path, Some(key), body));
    let told = futures_util::future::join_all(asking).await;
    let answers: Vec<_> = told
        .iter()
        .map(|told| (told.status, told.text.clone()))
        .collect();
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    let repeated = told
        .iter()
        .filter(|told| told.header(REPLAYED) == "true")
        .count();
    (repeated, answers[0].clone())
}

#[tokio::test]
async fn many_at_once_are_one_booking() {
    let stand = Stand::open().await;
    let mut desks: Vec<_> = (0..10).map(|_| stand.desk(KIM)).collect();
    for round in 0..5 {
        let size = stand.server.size().await;
        let key = format!("key-{round}");
        // A shirt is limited, and a ticket is redeemed once: both would be refused the second time.
        let body = cart(&[redeem(&format!("paid-0{}-x", round + 1)), sell(1)]);
        let open = round != 4;
        let (repeated, (status, text)) = at_once(&mut desks, CREATE, &key, &body).await;
        assert_eq!(status, if open { 201 } else { 400 }, "{text}");
        assert_eq!(repeated, if open { 9 } else { 0 });
        assert_eq!(stand.server.size().await, size + u64::from(open));
        let Some(id) = serde_json::from_str::<Value>(&text).unwrap()["id"].as_u64() else {
            continue;
        };
        let path = format!("{CREATE}{id}/reverse/");
        let (repeated, (status, _)) = at_once(&mut desks, &path, &key, &Value::Null).await;
        assert_eq!((repeated, status), (9, 200));
    }
}

/// The second node waits for the first, and both say the same.
#[tokio::test]
async fn two_nodes_book_a_key_once() {
    let store = Store::postgres().await;
    store.import_ok(&venue()).await;
    let nodes = [Server::start(&store).await, Server::start(&store).await];
    let desk = |number: usize| Desk::new(nodes[number % 2].address, KIM);
    let mut desks: Vec<_> = (0..8).map(desk).collect();
    let size = nodes[0].size().await;
    for round in 0..5 {
        let body = cart(&[redeem(&format!("again-{}", 22 + round)), sell(1)]);
        let body = if round < 2 {
            body
        } else {
            cart(&[sell(1), sell(2)])
        };
        let (repeated, (status, text)) =
            at_once(&mut desks, CREATE, &format!("k{round}"), &body).await;
        assert_eq!((repeated, status), (7, 201), "{text}");
    }
    for node in &nodes {
        node.reaches(size + 5).await;
        assert_eq!(node.size().await, size + 5);
    }
    // Another request under the key is refused on the node that did not book it, too.
    for desk in &mut desks {
        assert_eq!(
            heard(&desk.post(CREATE, Some("k0"), &cart(&[sell(1)])).await),
            conflict()
        );
    }
    drop(nodes);
    store.run_ok(&["verify"]).await;
}
