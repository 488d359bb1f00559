//! A server with simulated printers, each named after its driver.

#![expect(unreachable_pub, reason = "every story may stand here")]

use crate::support::desk::Told;
use crate::support::{Desk, FESTIVAL, Server, Store};
use axum::body::Body;
use daybook::simulator::Simulator;
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::uri::Driver;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use tempfile::TempDir;

/// The venue, its server, and the devices beside it.
pub struct Stand {
    pub store: Store,
    pub server: Server,
    /// A key with the scope `print`, and one with `admin` besides.
    pub key: String,
    pub admin: String,
    devices: BTreeMap<&'static str, Simulator>,
    settings: (TempDir, PathBuf),
}

/// The fiscal drivers.
pub fn fiscal() -> Vec<Driver> {
    let all = Driver::ALL.into_iter();
    all.filter(|driver| *driver != Driver::EscPos).collect()
}

impl Stand {
    pub async fn with(drivers: &[Driver]) -> Self {
        Self::of_venues(drivers, &[FESTIVAL]).await
    }

    /// With several instances in one store.
    pub async fn of_venues(drivers: &[Driver], venues: &[&str]) -> Self {
        let store = Store::sqlite();
        store.run_ok(&["import", venues[0]]).await;
        let (key, admin) = (
            issue(&store, &["print"]).await,
            issue(&store, &["print", "admin"]).await,
        );
        for venue in &venues[1..] {
            store.run_ok(&["import", venue]).await;
        }
        let mut devices = BTreeMap::new();
        let mut text = String::new();
        for driver in drivers {
            let (mut simulator, _) = Simulator::new(Simulated::new(*driver));
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = simulator.serve_tcp(listener).unwrap();
            let name = driver.name();
            devices.insert(name, simulator);
            writeln!(
                text,
                "[printers.\"{name}\"]\nuri = \"{name}.tcp://{address}\""
            )
            .unwrap();
        }
        let settings = Store::file("daybook.toml", &text);
        let server = start(&store, &settings.1).await;
        Self {
            store,
            server,
            key,
            admin,
            devices,
            settings,
        }
    }

    /// One Datecs.
    pub async fn open() -> Self {
        Self::with(&[Driver::DatecsP]).await
    }

    /// Another process over the same log and the same devices.
    pub async fn restart(self) -> Self {
        self.restart_then(|| ()).await
    }

    /// The same; between the two processes something happens.
    pub async fn restart_then(self, between: impl FnOnce()) -> Self {
        self.server.kill().await;
        between();
        let server = start(&self.store, &self.settings.1).await;
        Self { server, ..self }
    }

    pub fn device(&self, driver: Driver) -> &Simulator {
        &self.devices[driver.name()]
    }

    /// Any request, and everything that came back.
    pub async fn ask(
        &self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Told {
        let mut client = Desk::new(self.server.address, "");
        let request = axum::http::Request::builder().method(method).uri(path);
        let request = request.header("host", self.server.address.to_string());
        let lines = headers.iter();
        let request = lines.fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let request = request.body(Body::from(body.to_owned())).unwrap();
        client.send(request).await
    }

    /// The JSON of a GET that must be answered with 200.
    pub async fn get(&self, path: &str) -> Value {
        let told = self.ask(("GET", path), &[], "").await;
        assert_eq!(told.status, 200, "{path}: {}", told.text);
        told.json()
    }

    /// The JSON of a POST that must be answered with 200; null is no body at all.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let text = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let told = self.ask(("POST", path), &[], &text).await;
        assert_eq!(told.status, 200, "{path}: {}", told.text);
        told.json()
    }

    /// Something asked of a driver's printer.
    pub async fn act(&self, driver: Driver, action: &str, body: &Value) -> Value {
        let path = format!("/printers/{}/{action}", driver.name());
        self.post(&path, body).await
    }

    /// How many tasks the log holds.
    pub async fn tasks(&self) -> usize {
        let events = self.server.events().await;
        let asked = events
            .iter()
            .filter(|event| event["type"] == "print.requested");
        asked.count()
    }
}

async fn start(store: &Store, settings: &std::path::Path) -> Server {
    Server::start_with(store, &["--config", settings.to_str().unwrap()]).await
}

async fn issue(store: &Store, scopes: &[&str]) -> String {
    let mut args = vec!["--json", "key", "issue", "--name", "Shop"];
    args.extend(scopes.iter().flat_map(|scope| ["--scope", *scope]));
    let said: Value = serde_json::from_str(store.run_ok(&args).await.trim()).unwrap();
    said["key"].as_str().unwrap().to_owned()
}

/// An address where nobody listens.
pub fn nowhere() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// The receipt of the protocol's documentation: 12 + 2 × 10 − 10 % = 30.
pub fn documented() -> Value {
    json!({
        "uniqueSaleNumber": "DT279013-DD01-0000001",
        "items": [
            {"text": "Cheese", "quantity": 1, "unitPrice": 12, "taxGroup": 2},
            {"type": "comment", "text": "Additional comment to the cheese..."},
            {"text": "Milk", "quantity": 2, "unitPrice": 10, "taxGroup": 2,
             "priceModifierValue": 10, "priceModifierType": "discount-percent"}
        ],
        "payments": [{"amount": 30, "paymentType": "cash"}]
    })
}

/// The codes of an answer's messages.
pub fn codes(answer: &Value) -> Vec<&str> {
    let messages = answer["messages"].as_array().unwrap();
    let codes = messages.iter().filter_map(|told| told["code"].as_str());
    codes.collect()
}
