//! The door within the test, with a clock that the test turns: what depends on time needs no
//! patience.

#![expect(unreachable_pub, reason = "every story may stand here")]

use super::venue::{STAFF, restaurant};
use crate::support::desk::Told;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use daybook::clock::Clock;
use daybook::ledger::{Action, Command, CommandId, Ledger};
use daybook::metrics::Metrics;
use daybook::qr::Door;
use daybook_catalogue::Format;
use daybook_schema::contract::MemoryLog;
use daybook_schema::id::{KeyId, TableId};
use daybook_schema::{Actor, At, EventLog};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A restaurant on a log in memory.
pub struct House {
    pub log: MemoryLog,
    time: Arc<AtomicI64>,
    ledger: Arc<Ledger>,
    door: Door,
    pub stop: CancellationToken,
}

impl House {
    pub async fn open() -> Self {
        let house = Self::on(
            MemoryLog::reliable(),
            Arc::new(AtomicI64::new(1_795_341_600_000_000)),
        )
        .await;
        house.import(&restaurant()).await;
        house
    }

    async fn on(log: MemoryLog, time: Arc<AtomicI64>) -> Self {
        let told = time.clone();
        let clock: Clock = Arc::new(move || At::from_micros(told.load(Ordering::Relaxed)));
        let store: Arc<dyn EventLog> = Arc::new(log.clone());
        let secret = store.secret().await.unwrap();
        let metrics = Arc::new(Metrics::default());
        let ledger = Ledger::open(store, clock.clone(), metrics.clone())
            .await
            .unwrap();
        let stop = CancellationToken::new();
        let ending = (TaskTracker::new(), stop.clone());
        let door = Door::new(ledger.clone(), secret, clock, metrics, None, ending);
        Self {
            log,
            time,
            ledger,
            door,
            stop,
        }
    }

    pub async fn import(&self, venue: &Value) {
        let secret = self.log.secret().await.unwrap();
        let catalogue = daybook_catalogue::read(&venue.to_string(), Format::Json, &secret).unwrap();
        let book = self
            .ledger
            .open_book(&catalogue.instance.slug)
            .await
            .unwrap();
        let command = Command {
            by: Actor::Operator,
            id: CommandId::fresh(),
            action: Action::Import(Box::new(catalogue)),
        };
        book.submit(command).await.unwrap();
    }

    /// Withdraws a key.
    pub async fn revoke(&self, id: u32) {
        let command = Command {
            by: Actor::Operator,
            id: CommandId::fresh(),
            action: Action::RevokeKey(KeyId(id)),
        };
        let book = self.ledger.book("restaurant").unwrap();
        book.submit(command).await.unwrap();
    }

    /// The same log with another program.
    pub async fn reopen(self) -> Self {
        self.ledger.close(std::time::Duration::from_secs(5)).await;
        Self::on(self.log, self.time).await
    }

    /// Lets seconds pass.
    pub fn pass(&self, seconds: i64) {
        self.time.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// The time, in seconds.
    pub fn now(&self) -> i64 {
        self.time.load(Ordering::Relaxed) / 1_000_000
    }

    pub async fn link(&self, table: u32) -> String {
        let secret = self.log.secret().await.unwrap();
        daybook_catalogue::secrets::table_link(&secret, "restaurant", TableId(table), "")
    }

    pub async fn ask(
        &self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Told {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (head, body) = self.door.serve(request).await.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Told {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// A command of the staff.
    pub async fn post(&self, table: u32, command: &str, key: Option<&str>, body: &str) -> Told {
        let path = format!("/api/v4/tables/{table}/{command}");
        let mut headers = vec![("token", STAFF)];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.ask(("POST", &path), &headers, body).await
    }

    /// A poll of the staff, which must be answered; the events behind the hash.
    pub async fn poll(&self, query: &str) -> Vec<Value> {
        let path = format!("/api/v4/events?{query}");
        let told = self.ask(("GET", &path), &[("token", STAFF)], "").await;
        let data = super::client::data(&told);
        data["updates"].as_array().unwrap().clone()
    }
}
