//! A clean end: what was said is true, and sockets learn why they close.

use crate::support::{Server, Store, Till};
use serde_json::{Value, json};

const PIPELINED: usize = 400;

/// Sends many sales without waiting, and reads whatever comes until the socket closes. `begun` is
/// told when answers flow.
async fn pipeline(
    mut till: Till,
    number: usize,
    begun: tokio::sync::mpsc::Sender<()>,
) -> (Vec<Value>, u16) {
    for sale in 0..PIPELINED {
        let sale = json!({ "command": "payitems", "parameters": { "api_key": "YOUR_API_KEY",
            "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 2, "Amount": 1 }],
            "request_id": format!("{number}-{sale}") } });
        till.send(&sale.to_string()).await.unwrap();
    }
    let mut answers = Vec::new();
    loop {
        use futures_util::StreamExt;
        use tokio_tungstenite::tungstenite::Message;
        match till.socket.next().await {
            Some(Ok(Message::Text(text))) => answers.push(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(frame))) => {
                return (answers, frame.map_or(0, |frame| frame.code.into()));
            }
            Some(Ok(_)) => {}
            end => panic!("till {number}: closed without a reason: {end:?}"),
        }
        if answers.len() == 5 {
            begun.send(()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_sigterm_is_in_the_log() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let (begun, mut flowing) = tokio::sync::mpsc::channel(4);
    let mut tills = Vec::new();
    for number in 0..4 {
        tills.push(tokio::spawn(pipeline(
            server.till().await,
            number,
            begun.clone(),
        )));
    }
    for _ in 0..4 {
        flowing.recv().await.unwrap();
    }
    assert_eq!(server.stop().await, 0);
    let mut acknowledged = Vec::new();
    for till in tills {
        let (answers, code) = till.await.unwrap();
        assert_eq!(code, 1001, "going away");
        for answer in answers {
            assert_eq!(answer["type"], "event", "{answer}");
            acknowledged.extend(
                answer["result"]["parameters"]["Transactions"]
                    .as_array()
                    .unwrap()
                    .clone(),
            );
        }
    }
    let server = Server::start(&store).await;
    let list = server
        .till()
        .await
        .event("listtransactions", json!({ "POSID": 1 }))
        .await;
    let booked = list["Transactions"].as_array().unwrap();
    acknowledged.sort_by_key(|row| row["ID"].as_u64());
    // Commands in flight were answered: nothing is booked that nobody was told of.
    assert!(
        booked.iter().rev().eq(&acknowledged),
        "{} and {}",
        booked.len(),
        acknowledged.len()
    );
    store.run_ok(&["verify"]).await;
}

#[tokio::test]
async fn idle_and_unknown_sockets_are_told_too() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut idle = server.till().await;
    idle.event("listpos", json!({})).await;
    let mut nowhere = Till::connect(server.address, "/nowhere").await.unwrap();
    nowhere.error("listpos", json!({})).await;
    let ((), (), code) = tokio::join!(
        async { assert_eq!(u16::from(idle.hear_close().await.unwrap().code), 1001) },
        async { assert_eq!(u16::from(nowhere.hear_close().await.unwrap().code), 1001) },
        server.stop(),
    );
    assert_eq!(code, 0);
}
