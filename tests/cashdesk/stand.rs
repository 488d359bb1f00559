//! A venue that is served, and what desks at it say most.

#![expect(unreachable_pub, reason = "every story may stand here")]

use super::venue::venue;
use crate::support::desk::Told;
use crate::support::{Desk, Server, Store};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tokio::process::Command;

pub const CREATE: &str = "/api/transactions/";

/// A store and one node.
pub struct Stand {
    pub store: Store,
    pub server: Server,
}

impl Stand {
    /// The venue of this folder, in an embedded store.
    pub async fn open() -> Self {
        Self::of(&venue()).await
    }

    /// Any venue that calls itself the festival.
    pub async fn of(catalogue: &Value) -> Self {
        Self::with(catalogue, &[]).await
    }

    /// A venue and flags of the server.
    pub async fn with(catalogue: &Value, flags: &[&str]) -> Self {
        let store = Store::sqlite();
        store.import_ok(catalogue).await;
        let flags = [&["--rate-limit", "off"], flags].concat();
        let server = Server::start_with(&store, &flags).await;
        Self { store, server }
    }

    /// The desk of a session.
    pub fn desk(&self, token: &str) -> Desk {
        Desk::new(self.server.address, token)
    }

    /// Ends the server and starts another on the same store.
    pub async fn restart(self) -> Self {
        let Self { store, server } = self;
        assert_eq!(server.stop().await, 0);
        let server = Server::start(&store).await;
        Self { store, server }
    }
}

pub fn sell(product: u32) -> Value {
    json!({"type": "sell", "product": product})
}

pub fn redeem(secret: &str) -> Value {
    json!({"type": "redeem", "secret": secret})
}

/// The value with more members.
pub fn with(mut value: Value, members: &Value) -> Value {
    let members = members.as_object().cloned().into_iter().flatten();
    value.as_object_mut().unwrap().extend(members);
    value
}

pub fn detail(text: &str) -> Value {
    json!({ "detail": text })
}

/// Books positions, which must be accepted; returns the transaction's id.
pub async fn book(desk: &mut Desk, positions: &[Value]) -> u64 {
    let told = desk
        .post(CREATE, None, &json!({ "positions": positions }))
        .await;
    assert_eq!(told.status, 201, "{positions:?}: {}", told.text);
    told.json()["id"].as_u64().unwrap()
}

/// Takes a transaction back; returns the reversal's id.
pub async fn take_back(desk: &mut Desk, id: u64) -> u64 {
    let path = format!("{CREATE}{id}/reverse/");
    let told = desk.post(&path, None, &Value::Null).await;
    assert_eq!(told.status, 200, "{id}: {}", told.text);
    told.json()["id"].as_u64().unwrap()
}

/// A request that says nothing but this: no token unless it is among the headers.
pub async fn ask(
    desk: &mut Desk,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Told {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", desk.address.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    desk.send(request.body(body.into()).unwrap()).await
}

/// What is heard: status and JSON.
pub fn heard(told: &Told) -> (u16, Value) {
    (told.status, told.json())
}

/// Python, and nothing of ours, recomputes the hashes of a `listtransactions` answer.
pub async fn verified(answer: &Value) -> String {
    let (_dir, path) = Store::file("answer.json", &answer.to_string());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/verify_transactions.py");
    let mut python = Command::new("python3");
    let output = python
        .args([script, "festival"])
        .arg(path)
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(output.status.success(), "{said}");
    said
}
