//! Sockets that misbehave below the level of messages.

use super::Fortress;
use crate::support::{Till, eventually};
use futures_util::SinkExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

fn one_barrel() -> serde_json::Value {
    json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 1 }] })
}

/// Ten megabytes close the socket that sent them, with the reason; another one sells on.
#[tokio::test]
async fn an_oversized_message_closes_its_own_socket_only() {
    let fortress = Fortress::build().await;
    let mut other = fortress.server.till().await;
    let mut till = fortress.server.till().await;
    // The server may stop reading in the middle of it.
    drop(till.send(&" ".repeat(10 << 20)).await);
    assert_eq!(u16::from(till.hear_close().await.unwrap().code), 1009);
    other.event("payitems", one_barrel()).await;
    // In many frames it is no smaller; and just below the limit it is read.
    let mut till = fortress.server.till().await;
    for number in 0..20 {
        let opcode = OpCode::Data(if number == 0 {
            Data::Text
        } else {
            Data::Continue
        });
        let frame = Frame::message(vec![b' '; 16 << 10], opcode, false);
        drop(till.socket.send(Message::Frame(frame)).await);
    }
    assert_eq!(u16::from(till.hear_close().await.unwrap().code), 1009);
    let mut till = fortress.server.till().await;
    let answer = till.exchange(&" ".repeat(256 << 10)).await.unwrap();
    assert_eq!(answer["result"]["error"], "invalid_json");
    other.event("payitems", one_barrel()).await;
    fortress.stands(2).await;
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_with_1007() {
    let fortress = Fortress::build().await;
    let mut till = fortress.server.till().await;
    let frame = Frame::message(vec![b'{', 0xff, 0xfe, b'}'], OpCode::Data(Data::Text), true);
    till.socket.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(u16::from(till.hear_close().await.unwrap().code), 1007);
    fortress.stands(0).await;
}

/// A client that asks for a long list again and again and reads none of it: only it waits.
#[tokio::test]
async fn a_reader_that_never_reads_delays_nobody_else() {
    let fortress = Fortress::build().await;
    let mut till = fortress.server.till().await;
    let lines: Vec<_> = (0..1000)
        .map(|_| json!({ "ID": 36, "Amount": 1 }))
        .collect();
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": lines });
    till.event("payitems", sale).await;
    let parts = fortress.server.events().await;
    let parts = parts
        .iter()
        .filter(|event| event["type"] == "sale.recorded")
        .count();
    let mut deaf = fortress.server.till().await;
    let list = json!({ "command": "listtransactions", "parameters": { "api_key": "YOUR_API_KEY", "POSID": 1 } });
    // Two hundred answers of a third of a megabyte fill every buffer on the way.
    for _ in 0..200 {
        deaf.send(&list.to_string()).await.unwrap();
    }
    for _ in 0..100 {
        till.event("payitems", one_barrel()).await;
    }
    assert_eq!(
        till.event("listtransactions", json!({ "POSID": 1, "Limit": 1 }))
            .await["Count"],
        1
    );
    drop(deaf);
    fortress.stands(parts + 100).await;
}

/// Connections that begin a handshake and never end it, or end in the middle of a frame.
#[tokio::test]
async fn half_open_handshakes_and_cut_frames_harm_nobody() {
    let fortress = Fortress::build().await;
    let address = fortress.server.address;
    let mut open = Vec::new();
    let head = format!(
        "GET /festival HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    for number in 0..200 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let cut = head.len() * number / 200;
        stream.write_all(&head.as_bytes()[..cut]).await.unwrap();
        open.push(stream);
    }
    // Upgraded, then half a frame, then gone.
    for bytes in [
        &b"\x81"[..],
        b"\x81\xfe",
        b"\x81\x85\x01\x02\x03\x04{",
        b"\x88",
        b"\xff\xff\xff\xff",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 101");
        stream.write_all(bytes).await.unwrap();
    }
    let mut till = fortress.server.till().await;
    for _ in 0..20 {
        till.event("payitems", one_barrel()).await;
    }
    drop(open);
    fortress.stands(20).await;
}

#[tokio::test]
async fn garbage_instead_of_http_is_refused() {
    let fortress = Fortress::build().await;
    let address = fortress.server.address;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    for request in [
        "\r\n\r\n\r\n",
        "HELO festival\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{0}\u{a5}\u{1}",
        "GET /ledger/%ff%fe/head HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "GET /ledger/../../etc/passwd HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "POST /ledger/festival/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: -5\r\n\r\n",
        "GET /festival HTTP/1.1\r\nhost: x\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n",
        long.as_str(),
        many.as_str(),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        drop(stream.write_all(request.as_bytes()).await);
        drop(stream.shutdown().await);
        let mut answer = Vec::new();
        // A reset is an answer, too; only a 5xx is none.
        drop(stream.read_to_end(&mut answer).await);
        let answer = String::from_utf8_lossy(&answer);
        let start = &request[..request.len().min(60)];
        assert!(!answer.starts_with("HTTP/1.1 5"), "{start}: {answer}");
    }
    fortress.stands(0).await;
}

/// Sockets that vanish without a word are forgotten.
#[tokio::test]
async fn sockets_that_vanish_are_forgotten() {
    let fortress = Fortress::build().await;
    let mut tills = Vec::new();
    for _ in 0..50 {
        tills.push(
            Till::connect(fortress.server.address, "/festival")
                .await
                .unwrap(),
        );
    }
    drop(tills);
    eventually("no socket is counted", async || {
        let (_, body) = fortress.server.get("/metrics", None).await;
        body.lines()
            .any(|line| line.contains("sockets") && line.ends_with(" 0"))
    })
    .await;
    fortress.stands(0).await;
}
