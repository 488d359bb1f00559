//! A lane that is served, and a client of it.

#![expect(unreachable_pub, reason = "every story may stand here")]

use crate::support::{Server, Store, Till, festival};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

/// The display's key, and one that may do everything.
pub const DISPLAY_KEY: &str = "demo-display-key";
pub const ALL_KEY: &str = "demo-admin-key";

/// How long an answer may take, and how long silence lasts before it is believed.
const PATIENCE: Duration = Duration::from_mins(2);
const SILENCE: Duration = Duration::from_millis(400);

/// A client of a lane.
pub struct Lane {
    pub till: Till,
    count: u64,
}

impl Lane {
    /// A socket that has yet to log in.
    pub async fn connect(address: SocketAddr, path: &str) -> Self {
        let till = Till::connect(address, path).await.unwrap();
        Self { till, count: 0 }
    }

    /// A socket that logged in with a key, in front of lane 1.
    pub async fn open(address: SocketAddr, v: Value) -> Self {
        Self::open_at(address, "/fd1/open_websocket", v).await
    }

    pub async fn open_at(address: SocketAddr, path: &str, v: Value) -> Self {
        let mut lane = Self::connect(address, path).await;
        let answer = lane.ask("fd1.session.login", json!({ "v": v })).await;
        assert!(answer["data"].is_object(), "{answer}");
        lane
    }

    /// A tablet.
    pub async fn tablet(address: SocketAddr) -> Self {
        let v = json!({ "apikey": ALL_KEY });
        Self::open_at(address, "/fd1/open_websocket?purpose=presell", v).await
    }

    pub async fn say(&mut self, packet: &Value) {
        self.till.send(&packet.to_string()).await.unwrap();
    }

    /// The next message, whatever it is.
    pub async fn hear(&mut self) -> Value {
        let heard = timeout(PATIENCE, self.till.hear()).await;
        let text = heard
            .expect("something is said")
            .expect("the socket is open");
        serde_json::from_str(&text).unwrap()
    }

    /// Nothing is said for a while.
    pub async fn is_silent(&mut self) {
        let heard = timeout(SILENCE, self.till.hear()).await;
        assert!(heard.is_err(), "{heard:?}");
    }

    /// Asks, and returns the answer; what firehoses say meanwhile is passed over.
    pub async fn ask(&mut self, a: &str, members: Value) -> Value {
        self.count += 1;
        let rq = format!("ask-{}", self.count);
        let mut packet = json!({ "a": a, "rq": rq });
        packet
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        let rp = packet["rq"]
            .as_str()
            .map_or_else(|| packet["rq"].to_string(), str::to_owned);
        self.say(&packet).await;
        loop {
            let heard = self.hear().await;
            if heard["r"] == a && heard["rp"] == rp.as_str() {
                return heard;
            }
        }
    }

    /// The row of an answer that must be one.
    pub async fn row(&mut self, a: &str, members: Value) -> Value {
        let answer = self.ask(a, members).await;
        assert!(answer["error"].is_null(), "{a}: {answer}");
        assert_eq!(answer["data"]["rows"].as_array().unwrap().len(), 1);
        answer["data"]["rows"][0].clone()
    }

    /// The code of an answer that must be a refusal.
    pub async fn code(&mut self, a: &str, members: Value) -> String {
        let answer = self.ask(a, members).await;
        assert!(
            !answer["error"]["text"]
                .as_str()
                .unwrap_or_default()
                .is_empty(),
            "{a}: {answer}"
        );
        answer["error"]["code"].as_str().unwrap().to_owned()
    }

    /// Opens a firehose with this name; the next message is its first.
    pub async fn firehose(&mut self, rq: &str, v: Value) -> Value {
        self.row("fd1.firehose.open_firehose", json!({ "rq": rq, "v": v }))
            .await
    }

    pub async fn closes_with(&mut self) -> u16 {
        let closed = timeout(Duration::from_secs(90), self.till.hear_close()).await;
        closed
            .expect("it closes")
            .map_or(0, |frame| frame.code.into())
    }
}

/// The festival with what displays are told of a shop.
pub fn shop() -> Value {
    let mut venue = festival();
    venue["settings"]["phone"] = json!("+49 30 123");
    venue["settings"]["tax_id"] = json!("DE123456789");
    venue["settings"]["display_message"] = json!("Willkommen!");
    venue
}

/// A served festival.
pub async fn served() -> (Store, Server) {
    let store = Store::sqlite();
    store.import_ok(&shop()).await;
    let server = Server::start(&store).await;
    (store, server)
}

/// Books a barrel (18.00) at the first lane.
pub async fn sell(till: &mut Till) -> Value {
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 1 }] });
    till.event("payitems", sale).await
}
