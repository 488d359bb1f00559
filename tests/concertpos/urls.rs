//! The forms of a socket's URL, and what they decide.

use crate::support::{Server, Store, Till, festival};
use futures_util::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn every_form_leads_to_the_festival() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    for path in [
        "/festival",
        "/festival/",
        "/exon/festival",
        "/cyton/festival/",
        "/any-word/festival",
        "/?instance=festival",
        "/?instance=festival&Content-Type=json",
        "/zeus/?instance=festival&Content-Type=json5",
        "/zeus?instance=festival&Content-Typejson5",
        "/elsewhere?instance=festival",
        "/festival?unknown=1&Content-Type=xml",
    ] {
        let mut till = Till::connect(server.address, path).await.unwrap();
        assert_eq!(
            till.event("getdeposit", json!({})).await["Deposit"]["Price"],
            1,
            "{path}"
        );
    }
}

/// Which word the error has follows the URL; both formats are read in both modes.
#[tokio::test]
async fn the_format_decides_the_name_of_the_error_and_nothing_else() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    for (path, error, code) in [
        ("/festival", "invalid_json", 100),
        ("/?instance=festival&Content-Type=json", "invalid_json", 100),
        ("/?instance=festival&Content-Type=yaml", "invalid_json", 100),
        (
            "/?instance=festival&Content-Type=json5",
            "invalid_json5",
            101,
        ),
        (
            "/?instance=festival&Content-Typejson5",
            "invalid_json5",
            101,
        ),
    ] {
        let mut till = Till::connect(server.address, path).await.unwrap();
        let answer = till.exchange("{oh no").await.unwrap();
        assert_eq!(
            answer["result"],
            json!({ "error": error, "code": code }),
            "{path}"
        );
        for text in [
            r#"{"command":"getdeposit","parameters":{"api_key":"YOUR_API_KEY"}}"#,
            r#"{"command":"getdeposit","parameters":{"api_key":"YOUR_API_KEY",},}"#,
            "/* a till */ {command:'getdeposit', parameters:{api_key:'YOUR_API_KEY'}}",
        ] {
            let answer = till.exchange(text).await.unwrap();
            assert_eq!(answer["type"], "event", "{path} {text}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_binary_frame_of_text_is_text() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let text = r#"{"command":"getdeposit","parameters":{"api_key":"YOUR_API_KEY"}}"#;
    till.socket
        .send(Message::binary(text.as_bytes()))
        .await
        .unwrap();
    let answer = till.hear().await.unwrap();
    assert!(answer.contains(r#""event":"getdeposit""#), "{answer}");
    till.socket
        .send(Message::binary(vec![0xff, 0xfe, 0x00]))
        .await
        .unwrap();
    let answer = till.hear().await.unwrap();
    assert!(answer.contains(r#""error":"invalid_json""#), "{answer}");
}

/// A till that connects before its venue exists waits, asks again, and is served when it does.
#[tokio::test]
async fn an_unknown_slug_keeps_the_socket_open_until_the_instance_exists() {
    let store = Store::sqlite();
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    for _ in 0..3 {
        let error = till.error("listpos", json!({})).await;
        assert_eq!(error, ("invalid_instance".to_owned(), json!(200)));
    }
    store.import_ok(&festival()).await;
    let mut asked = 0;
    loop {
        let answer = till.ask("listpos", json!({})).await.unwrap();
        asked += 1;
        if answer["type"] == "event" {
            break;
        }
        assert!(asked < 100_000, "{answer}");
        tokio::task::yield_now().await;
    }
}

/// Words that lead to other doors are never instances.
#[tokio::test]
async fn a_socket_on_another_doors_path_is_refused() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    for path in [
        "/ledger/festival",
        "/api/festival",
        "/printers",
        "/metrics/festival",
    ] {
        assert!(Till::connect(server.address, path).await.is_err(), "{path}");
    }
}
