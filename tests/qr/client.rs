//! A served restaurant, and who asks there over HTTP.

#![expect(unreachable_pub, reason = "every story may stand here")]

use super::venue::{ADMIN, STAFF, cafe, restaurant};
use crate::support::desk::Told;
use crate::support::{Desk, Server, Store, Till};
use axum::body::Body;
use axum::http::Request;
use daybook::store::StoreArgs;
use daybook_schema::id::TableId;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// A store with two venues, and one node.
pub struct Stand {
    pub store: Store,
    pub server: Server,
}

impl Stand {
    pub async fn open() -> Self {
        Self::on(Store::sqlite()).await
    }

    pub async fn on(store: Store) -> Self {
        store.import_ok(&restaurant()).await;
        store.import_ok(&cafe()).await;
        let server = Server::start(&store).await;
        Self { store, server }
    }

    pub fn staff(&self) -> Client {
        Client::new(self.server.address, "token", STAFF)
    }

    pub async fn guest(&self, table: u32) -> Client {
        let link = link(&self.store, "restaurant", table, "").await;
        Client::new(self.server.address, "table-link", &link)
    }
}

/// The link of a table, as the program prints it.
pub async fn link(store: &Store, slug: &str, table: u32, generation: &str) -> String {
    let args = match store {
        Store::Sqlite(dir) => StoreArgs {
            data: Some(dir.path().to_owned()),
            database_url: None,
        },
        Store::Postgres(url) => StoreArgs {
            data: None,
            database_url: Some(url.clone()),
        },
    };
    let store = args.open_reader().await.unwrap();
    let secret = store.secret().await.unwrap();
    store.close().await;
    daybook_catalogue::secrets::table_link(&secret, slug, TableId(table), generation)
}

/// Someone with a credential of one kind, on a connection of their own.
pub struct Client {
    desk: Desk,
    credential: (String, String),
}

impl Client {
    pub fn new(address: SocketAddr, header: &str, value: &str) -> Self {
        Self {
            desk: Desk::new(address, ""),
            credential: (header.to_owned(), value.to_owned()),
        }
    }

    /// Any request with the credential; a header of the same name replaces it.
    pub async fn ask(
        &mut self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Told {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("host", self.desk.address.to_string());
        let (name, value) = &self.credential;
        if !headers.iter().any(|(given, _)| given == name) {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.desk.send(request.body(body.into()).unwrap()).await
    }

    pub async fn get(&mut self, path: &str) -> Told {
        self.ask(("GET", path), &[], Body::empty()).await
    }

    /// The `data` of a GET that must succeed.
    pub async fn shown(&mut self, path: &str) -> Value {
        data(&self.get(path).await)
    }

    /// The events behind a hash.
    pub async fn events(&mut self, hash: &str) -> Vec<Value> {
        let shown = self.shown(&format!("/api/v4/events?hash={hash}")).await;
        shown["updates"].as_array().unwrap().clone()
    }

    /// A command at a table; null is no body at all.
    pub async fn post(
        &mut self,
        table: u32,
        command: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Told {
        let path = format!("/api/v4/tables/{table}/{command}");
        let headers: Vec<_> = key
            .map(|key| ("idempotency-key", key))
            .into_iter()
            .collect();
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.ask(("POST", &path), &headers, body).await
    }

    /// The event of a command that must succeed.
    pub async fn event(&mut self, table: u32, command: &str, body: &Value) -> Value {
        let told = self.post(table, command, None, body).await;
        data(&told)["event"].clone()
    }

    /// The event of an order of pieces.
    pub async fn order(&mut self, table: u32, dishes: &[(u32, f64)]) -> Value {
        self.event(table, "order", &items(dishes)).await
    }

    /// Status and code of a command that must be refused.
    pub async fn refused(&mut self, table: u32, command: &str, body: &Value) -> (u16, String) {
        refusal(&self.post(table, command, None, body).await)
    }
}

pub fn items(dishes: &[(u32, f64)]) -> Value {
    let items = dishes
        .iter()
        .map(|(id, count)| json!({"id": id, "count": count}));
    json!({ "items": items.collect::<Vec<_>>() })
}

/// What a success holds.
pub fn data(told: &Told) -> Value {
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(
        told.header("content-type"),
        "application/json; charset=utf-8"
    );
    let body = told.json();
    assert_eq!(body["result"], true, "{body}");
    body["data"].clone()
}

/// Status and code of a refusal, which must have the protocol's form.
pub fn refusal(told: &Told) -> (u16, String) {
    assert_eq!(
        told.header("content-type"),
        "application/json; charset=utf-8",
        "{}",
        told.text
    );
    let body = told.json();
    assert_eq!(body["result"], false, "{body}");
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    let error = body["error"].as_object().unwrap();
    assert_eq!(error.len(), 2, "{body}");
    assert!(!error["message"].as_str().unwrap().is_empty(), "{body}");
    (told.status, error["code"].as_str().unwrap().to_owned())
}

pub fn coded(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// All events of a log.
pub async fn log(server: &Server, slug: &str) -> Vec<Value> {
    let path = format!("/ledger/{slug}/events?limit=10000");
    let (status, body) = server.get(&path, Some(ADMIN)).await;
    assert_eq!(status, 200, "{body}");
    body.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The rows of a point of sale, of which Python and nothing of ours recomputes the hashes.
pub async fn rows(server: &Server, pos: u32) -> Vec<Value> {
    let mut till = Till::connect(server.address, "/restaurant").await.unwrap();
    let asked =
        json!({"command": "listtransactions", "parameters": {"api_key": ADMIN, "POSID": pos}});
    let answer = till.exchange(&asked.to_string()).await.unwrap();
    let (_dir, path) = Store::file("answer.json", &answer.to_string());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/verify_transactions.py");
    let mut python = tokio::process::Command::new("python3");
    let judged = python
        .args([script, "restaurant"])
        .arg(path)
        .output()
        .await
        .unwrap();
    assert!(judged.status.success(), "{judged:?}");
    let rows = answer["result"]["parameters"]["Transactions"]
        .as_array()
        .unwrap();
    rows.iter().rev().cloned().collect()
}
