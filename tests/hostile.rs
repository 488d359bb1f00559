//! Clients that mean harm, or break: whatever they send, the others are served, nothing is booked
//! that should not be, and nothing panics.

mod crowd;
mod messages;
mod sockets;

use crate::support::{Server, Store};
use std::process::Stdio;
use tempfile::TempDir;

/// A festival whose server's own log is kept, to be searched for panics.
struct Fortress {
    store: Store,
    server: Server,
    log: TempDir,
}

impl Fortress {
    async fn build() -> Self {
        let store = Store::festival().await;
        let log = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(log.path().join("stderr")).unwrap();
        let flags = ["--rate-limit", "off"];
        let server = Server::start_logged(&store, &flags, Stdio::from(file)).await;
        Self { store, server, log }
    }

    /// The server still answers, ends cleanly and never panicked; the log is whole and holds
    /// exactly this many sales.
    async fn stands(self, sales: usize) {
        let mut till = self.server.till().await;
        till.event("getdeposit", serde_json::json!({})).await;
        let events = self.server.events().await;
        let booked = events
            .iter()
            .filter(|event| event["type"] == "sale.recorded")
            .count();
        assert_eq!(booked, sales, "sales in the log");
        drop(till);
        assert_eq!(self.server.stop().await, 0);
        self.store.run_ok(&["verify"]).await;
        let said = std::fs::read_to_string(self.log.path().join("stderr")).unwrap();
        assert!(!said.contains("panicked"), "{said}");
    }
}
