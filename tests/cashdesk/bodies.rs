//! What a request's body may be, and how much of it.

use super::stand::{CREATE, Stand, detail, heard, sell};
use super::venue::KIM;
use crate::support::Desk;
use crate::support::desk::Told;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=xYz";

async fn post(desk: &mut Desk, path: &str, kind: Option<&str>, body: &[u8]) -> Told {
    let mut request = desk.request("POST", path);
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    desk.send(request.body(body.to_vec().into()).unwrap()).await
}

fn one_ticket() -> Value {
    json!({"positions": [sell(1)]})
}

/// JSON in whatever charset it claims; anything else is named as it named itself.
#[tokio::test]
async fn bodies_are_json_or_forms() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let body = one_ticket().to_string();
    for kind in [
        JSON,
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=latin1",
    ] {
        let told = post(&mut desk, CREATE, Some(kind), body.as_bytes()).await;
        assert_eq!(told.status, 201, "{kind}: {}", told.text);
        assert_eq!(told.header("content-type"), JSON);
    }
    let size = stand.server.size().await;
    for kind in [
        "text/xml",
        "text/plain;charset=UTF-8",
        "application/jsonp",
        "application/merge-patch+json",
        "x",
    ] {
        let told = post(&mut desk, CREATE, Some(kind), body.as_bytes()).await;
        let text = format!("Unsupported media type \"{kind}\" in request.");
        assert_eq!(heard(&told), (415, detail(&text)), "{kind}");
    }
    let told = post(&mut desk, CREATE, None, body.as_bytes()).await;
    assert_eq!(
        heard(&told),
        (415, detail("Unsupported media type \"\" in request."))
    );
    // No body is an empty one, whatever it calls itself.
    for kind in [None, Some(JSON), Some(FORM), Some("text/xml")] {
        let told = post(&mut desk, CREATE, kind, b"").await;
        assert_eq!(heard(&told), (400, json!("Empty transaction")), "{kind:?}");
    }
    assert_eq!(stand.server.size().await, size);
}

/// A form has no lists, so it books nothing; it says all that actions need.
#[tokio::test]
async fn forms_say_what_actions_need() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let (pong, print) = ("/api/cashdesk/pong/", "/api/cashdesk/print-ping/");
    let part = |name: &str, text: &str| {
        format!("--xYz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    for (number, kind) in [FORM, PARTS].into_iter().enumerate() {
        desk.post(print, None, &Value::Null).await;
        let path = format!("/api/pings/{}/", number + 1);
        let secret = desk.shown(&path).await["secret"]
            .as_str()
            .unwrap()
            .to_owned();
        let body = if kind == FORM {
            format!("x=1&pong={}", secret.replace('/', "%2F").replace(' ', "+"))
        } else {
            format!("{}{}--xYz--\r\n", part("x", "1"), part("pong", &secret))
        };
        let told = post(&mut desk, pong, Some(kind), body.as_bytes()).await;
        assert_eq!(heard(&told), (200, json!({"success": true})), "{kind}");
        assert_ne!(desk.shown(&path).await["ponged"], Value::Null, "{kind}");
    }
    let text = |kind: &'static str, body: String| (kind, body);
    for (kind, body) in [
        text(FORM, "positions=%5B%5D".to_owned()),
        text(PARTS, format!("{}--xYz--\r\n", part("positions", "[]"))),
    ] {
        let told = post(&mut desk, CREATE, Some(kind), body.as_bytes()).await;
        assert_eq!(
            heard(&told),
            (400, detail("positions: expected a list.")),
            "{kind}"
        );
    }
    for (kind, body) in [
        (FORM, b"a=\xff".to_vec()),
        (
            PARTS,
            b"--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end".to_vec(),
        ),
        (PARTS, b"nothing of the kind".to_vec()),
        ("multipart/form-data", b"--xYz--\r\n".to_vec()),
    ] {
        let (status, said) = heard(&post(&mut desk, CREATE, Some(kind), &body).await);
        let said = said["detail"].as_str().unwrap();
        assert_eq!(
            (status, said.split(" - ").next()),
            (400, Some("Form parse error")),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn broken_json_is_told_and_books_nothing() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let size = stand.server.size().await;
    let deep = "[".repeat(200_000);
    for body in [
        "{",
        "{]",
        "{\"positions\": [}",
        "nul",
        "{'a': 1}",
        "[1,]",
        "01",
        "1.",
        "{\"a\":1} x",
        "NaN",
        "\u{feff}{}",
        " ",
        "\"\u{1}\"",
        "\"\\ud800\"",
        deep.as_str(),
    ] {
        let (status, said) = heard(&post(&mut desk, CREATE, Some(JSON), body.as_bytes()).await);
        let said = said["detail"].as_str().unwrap();
        let start: String = body.chars().take(20).collect();
        assert_eq!(status, 400, "{start}: {said}");
        assert!(said.starts_with("JSON parse error - "), "{start}: {said}");
    }
    let told = post(&mut desk, CREATE, Some(JSON), b"{\"a\": \"\xff\"}").await;
    assert!(told.text.contains("JSON parse error - "), "{}", told.text);
    for body in ["[]", "1", "\"x\"", "true", "null", "[{\"positions\": []}]"] {
        let told = post(&mut desk, CREATE, Some(JSON), body.as_bytes()).await;
        assert_eq!(
            heard(&told),
            (400, detail("Expected a JSON object.")),
            "{body}"
        );
    }
    for body in [
        "{}",
        "{\"positions\": null}",
        "{\"positions\": []}",
        "{\"positions\": [], \"cash_given\": \"x\"}",
    ] {
        let told = post(&mut desk, CREATE, Some(JSON), body.as_bytes()).await;
        assert_eq!(
            (told.status, told.text.as_str()),
            (400, "\"Empty transaction\""),
            "{body}"
        );
    }
    assert_eq!(stand.server.size().await, size);
}

/// The announcement alone is refused; so is a body that turns out too long without one.
#[tokio::test]
async fn a_body_has_at_most_one_mebibyte() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let mut body = one_ticket().to_string();
    body.push_str(&" ".repeat((1 << 20) - body.len()));
    let told = post(&mut desk, CREATE, Some(JSON), body.as_bytes()).await;
    assert_eq!(told.status, 201, "{}", told.text);
    let size = stand.server.size().await;
    let address = stand.server.address;
    let head = format!(
        "POST {CREATE} HTTP/1.1\r\nhost: x\r\nauthorization: Token {KIM}\r\ncontent-type: {JSON}\r\n"
    );
    // An answer comes at once, also while there is more to send.
    let announced = format!("{head}content-length: {}\r\n\r\n", (1 << 20) + 1);
    let chunk = format!("{:x}\r\n{body}\r\n1\r\n \r\n", body.len());
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}");
    for request in [announced, chunked] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(
            answer.ends_with("{\"detail\":\"A request body has at most 1 MiB.\"}"),
            "{answer}"
        );
    }
    assert_eq!(stand.server.size().await, size);
}

/// Members and parameters that nobody knows are passed over.
#[tokio::test]
async fn what_is_unknown_is_ignored() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let position = json!({"type": "sell", "product": "1", "price": "0.01", "_title": "x",
        "transaction_id": 7, "secret": "tiny", "bypass_price": "1.00", "list_9": "x",
        "warning_9_acknowledged": true, "auth": "nobody", "success": true});
    let body = json!({"positions": [position], "id": 99, "session": 3, "datetime": "x"});
    let told = desk
        .post("/api/transactions/?page=x&secret=", None, &body)
        .await;
    assert_eq!(told.status, 201, "{}", told.text);
    let id = told.json()["id"].clone();
    let shown = desk
        .shown(&format!("{CREATE}{id}/?page=9&format=xml"))
        .await;
    assert_eq!(
        (&shown["session"], &shown["positions"][0]["value"]),
        (&json!(1), &json!("23.00"))
    );
    assert_eq!(shown["positions"][0]["authorized_by"], Value::Null);
    let all = desk
        .shown("/api/products/?name=x&ordering=-id&format=api&limit=1")
        .await;
    assert_eq!(
        (&all["count"], &all["results"][0]["id"]),
        (&json!(21), &json!(1))
    );
}
