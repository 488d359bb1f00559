//! Packets: how requests and answers are paired, and what is told of wrong ones.

use super::stand::{ALL_KEY, DISPLAY_KEY, Lane, served};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

async fn lane() -> (crate::support::Store, crate::support::Server, Lane) {
    let (store, server) = served().await;
    let lane = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    (store, server, lane)
}

#[tokio::test]
async fn request_ids_come_back_as_texts_and_tags_unchanged() {
    let (_store, _server, mut lane) = lane().await;
    let long = "x".repeat(199);
    for (rq, rp) in [
        ("2", Some("2")),
        ("\"2\"", Some("2")),
        ("2.50", Some("2.50")),
        ("true", Some("true")),
        ("\"\"", Some("")),
        ("null", None),
        (&format!("\"{long}\""), Some(long.as_str())),
    ] {
        for rt in [
            "7",
            "\"tab\"",
            "{\"b\":[1.50,null],\"a\":1e400}",
            "null",
            "false",
        ] {
            let text = format!(r#"{{"a":"fd1.session.cancel_request","k":1,"rt":{rt},"rq":{rq}}}"#);
            lane.till.send(&text).await.unwrap();
            let heard = lane.till.hear().await.unwrap();
            let tag = format!("\"rt\":{rt}");
            assert!(heard.contains(&tag), "{heard}");
            let heard: Value = serde_json::from_str(&heard.replace("1e400", "1")).unwrap();
            assert_eq!(heard.get("rp").and_then(Value::as_str), rp, "{heard}");
        }
    }
    lane.say(&json!({ "a": "fd1.session.cancel_request", "k": 1 }))
        .await;
    let heard = lane.hear().await;
    assert_eq!(heard.get("rt"), None);
    assert_eq!(heard.get("rp"), None);
}

#[tokio::test]
async fn wrong_packets_are_told() {
    let (_store, _server, mut lane) = lane().await;
    let long = format!(r#"{{"a":"x.y","rq":"{}"}}"#, "x".repeat(200));
    for (text, r, code) in [
        ("", "", "bad_packet"),
        ("{", "", "bad_packet"),
        ("{'a':'x'}", "", "bad_packet"),
        ("[]", "", "bad_packet"),
        ("{}", "", "bad_packet"),
        (r#"{"a":7}"#, "", "bad_packet"),
        (r#"{"a":""}"#, "", "bad_packet"),
        (r#"{"a":"x.y"}"#, "x.y", "unknown_endpoint"),
        (r#"{"a":"x.y","rq":[]}"#, "x.y", "bad_request"),
        (&long, "x.y", "bad_request"),
        (r#"{"a":"x.y","pt":"fd2"}"#, "x.y", "bad_request"),
        (
            r#"{"a":"x.y","pt":"fd1","mo":"chunk","qo":[],"qk":1}"#,
            "x.y",
            "unknown_endpoint",
        ),
        (
            r#"{"a":"fd1.session.cancel_request"}"#,
            "fd1.session.cancel_request",
            "bad_request",
        ),
        (
            r#"{"a":"fd1.session.cancel_request","k":{}}"#,
            "fd1.session.cancel_request",
            "bad_request",
        ),
        (
            r#"{"a":"fd1.session.login","v":7}"#,
            "fd1.session.login",
            "bad_request",
        ),
    ] {
        lane.till.send(text).await.unwrap();
        let heard = lane.hear().await;
        assert_eq!(
            (heard["r"].as_str(), heard["error"]["code"].as_str()),
            (Some(r), Some(code)),
            "{text}"
        );
        assert!(heard.get("data").is_none());
    }
    lane.say(&json!({ "a": "fd1.session.ignore", "rq": 1 }))
        .await;
    lane.is_silent().await;
}

#[tokio::test]
async fn binary_frames_are_packets_and_large_ones_close_the_socket() {
    let (_store, server, mut lane) = lane().await;
    let packet = json!({ "a": "fd1.session.cancel_request", "k": 1 }).to_string();
    lane.till
        .socket
        .send(Message::binary(packet))
        .await
        .unwrap();
    assert_eq!(lane.hear().await["data"]["rows"][0]["cancelled"], false);
    lane.till.send(&" ".repeat(256 << 10)).await.unwrap();
    assert_eq!(lane.hear().await["error"]["code"], "bad_packet");
    drop(lane.till.send(&" ".repeat((256 << 10) + 1)).await);
    assert_eq!(lane.closes_with().await, 1009);
    let mut other = Lane::open(server.address, json!({ "apikey": DISPLAY_KEY })).await;
    other.row("fd1.customerdisplay.get_info", json!({})).await;
}

/// Half messages, cut frames and sockets that vanish in the middle of everything harm nobody.
#[tokio::test]
async fn cut_messages_and_lost_connections_harm_nobody() {
    let (_store, server, mut lane) = lane().await;
    for number in 0..40 {
        let mut other = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
        other
            .firehose("a", json!({ "event": "ledger.*", "after": 0 }))
            .await;
        let bytes: &[u8] = match number % 4 {
            0 => b"\x81",
            1 => b"\x81\xfe\x01",
            2 => b"\x81\x85\x01\x02\x03\x04{",
            _ => b"",
        };
        other.till.socket.get_mut().write_all(bytes).await.unwrap();
    }
    lane.row("fd1.customerdisplay.get_info", json!({})).await;
    crate::support::eventually("only one socket is counted", async || {
        let (_, body) = server.get("/metrics", None).await;
        body.lines().any(|line| line == "daybook_sockets 1")
    })
    .await;
}
