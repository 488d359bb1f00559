//! Anything that can be sent, on every path: never a fault of the server, always JSON, and nothing
//! is written but by who was told so.

mod documented;
mod request;
mod text;

use super::stand::{CREATE, Stand, book, sell};
use super::venue::{KIM, venue};
use crate::support::{Dice, rounds};
use request::{Spoken, request};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Requests of one round.
const REQUESTS: usize = 500;

/// Status and body.
async fn exchange(address: SocketAddr, spoken: &Spoken) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may answer and hang up before it has read a body that it has no use for.
    drop(stream.write_all(&spoken.bytes()).await);
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    let answer = String::from_utf8(answer).unwrap();
    let split = answer.split_once("\r\n\r\n");
    let (head, body) = split.unwrap_or_else(|| panic!("{spoken:?}: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let json = head.contains("\r\ncontent-type: application/json");
    assert!(json, "{spoken:?}: {head}");
    (status, body.to_owned())
}

async fn campaign(seed: u64) {
    let stand = Stand::with(&venue(), &["--trusted-proxy", "127.0.0.1"]).await;
    let address = stand.server.address;
    // There is something to take back, to print and to answer.
    let mut desk = stand.desk(KIM);
    book(&mut desk, &[sell(1), sell(2)]).await;
    desk.post("/api/cashdesk/print-ping/", None, &Value::Null)
        .await;
    let mut dice = Dice(seed);
    let mut size = stand.server.size().await;
    let mut heard = std::collections::BTreeMap::<u16, u32>::new();
    for number in 0..rounds(3) * REQUESTS {
        let spoken = request(&mut dice);
        let (status, body) = exchange(address, &spoken).await;
        assert!(
            (200..500).contains(&status),
            "{seed}/{number}: {spoken:?}: {status} {body}"
        );
        if spoken.method == "HEAD" {
            assert_eq!(body, "");
        } else {
            let read: Result<Value, _> = serde_json::from_str(&body);
            assert!(read.is_ok(), "{seed}/{number}: {spoken:?}: {status} {body}");
        }
        let now = stand.server.size().await;
        let moved = now != size;
        assert!(
            !moved || status < 300,
            "{seed}/{number}: {spoken:?}: {status} {body}"
        );
        size = now;
        *heard.entry(status).or_default() += 1;
    }
    // The dice reach what they should.
    for status in [200, 201, 400, 401, 404, 405, 415] {
        assert!(heard.contains_key(&status), "{heard:?}");
    }
    book(&mut desk, &[sell(1)]).await;
    assert_eq!(stand.server.stop().await, 0);
    stand.store.run_ok(&["verify"]).await;
}

#[tokio::test]
async fn nothing_that_is_sent_is_answered_with_a_fault() {
    campaign(0xdead).await;
}

/// One after the other in each field, all that JSON can hold.
#[tokio::test]
async fn any_value_in_any_field_is_answered() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let fields = [
        "type",
        "secret",
        "product",
        "auth",
        "authorized_by",
        "list_1",
        "list_2",
        "bypass_price",
        "warning_acknowledged",
        "warning_1_acknowledged",
        "pay_for_unpaid",
        "list_",
        "warning__acknowledged",
    ];
    let bases = [
        json!({"type": "redeem", "secret": "nobody"}),
        json!({"type": "sell", "product": 3}),
    ];
    let size = stand.server.size().await;
    for value in text::VALUES {
        for (field, base) in fields
            .iter()
            .flat_map(|field| bases.iter().map(move |base| (field, base)))
        {
            let mut members = base.as_object().unwrap().clone();
            members.remove(*field);
            let rest = Value::Object(members).to_string();
            let rest = rest.trim_start_matches('{');
            let comma = if rest == "}" { "" } else { "," };
            let body = format!("{{\"positions\":[{{\"{field}\":{value}{comma}{rest}]}}");
            let request = desk
                .request("POST", CREATE)
                .header("content-type", "application/json");
            let told = desk.send(request.body(body.clone().into()).unwrap()).await;
            let shown = told.json();
            assert_eq!(told.status, 400, "{body}: {}", told.text);
            if shown.get("detail").is_none() {
                let position = &shown["positions"][0];
                assert_eq!(position.as_object().unwrap().len(), 5, "{body}: {position}");
                assert_eq!(position["success"], false, "{body}");
            }
        }
    }
    assert_eq!(stand.server.size().await, size);
}

/// Work grows with what is sent, and not with its square.
#[tokio::test]
async fn a_position_with_very_many_answers_is_read_in_one_pass() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let mut position = serde_json::Map::new();
    position.insert("type".to_owned(), json!("sell"));
    position.insert("product".to_owned(), json!(1));
    for id in 0..40_000 {
        position.insert(format!("list_{id}"), json!("1"));
        if id % 10 == 0 {
            position.insert(format!("warning_{id}_acknowledged"), json!(true));
        }
    }
    let body = json!({ "positions": [position] });
    assert!(body.to_string().len() < 1 << 20);
    let told = desk.post("/api/transactions/", None, &body).await;
    assert_eq!(told.status, 201, "{}", told.text);
}
