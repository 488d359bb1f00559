//! The FD1 door: a WebSocket on which customer displays, tools and tablets follow a lane.
//!
//! A client logs in, opens firehoses and is told what happens; tablets build sales that a lane then
//! completes. Behaviour follows the protocol's documentation; `docs/fd1.md` says what we do where
//! that is silent.

mod client;
mod connection;
mod control;
pub mod display;
mod endpoint;
mod error;
mod firehose;
mod hub;
mod info;
mod packet;
mod predicate;
mod presell;
mod schema;
mod session;
mod shown;

pub use endpoint::endpoints;
pub use schema::SCHEMAS;

use crate::ledger::{Book, Ledger};
use crate::metrics::Metrics;
use crate::peer::Peer;
use crate::peer::local::{is_local, is_no_foreign_page};
use crate::socket::Socket;
use axum::http::{HeaderMap, Uri};
use connection::Connection;
use daybook_schema::LogName;
use hub::Hub;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Everything that the sockets of a node share.
pub struct Door {
    ledger: Arc<Ledger>,
    installation: [u8; 32],
    metrics: Arc<Metrics>,
    /// The instance of logins without a credential; nothing stands for the only one.
    instance: Option<LogName>,
    trust_loopback: bool,
    hubs: Mutex<BTreeMap<LogName, Arc<Hub>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// How a socket was opened.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Whether the URL says that a tablet will build sales.
    presell: bool,
    /// Whether it comes from a program on this machine.
    local: bool,
}

impl Arrival {
    /// Reads what a request for a socket says.
    #[must_use]
    pub fn of(uri: &Uri, headers: &HeaderMap, peer: Option<Peer>) -> Self {
        let query = uri.query().unwrap_or_default().as_bytes();
        let mut pairs = form_urlencoded::parse(query);
        Self {
            presell: pairs.any(|(name, value)| name == "purpose" && value == "presell"),
            local: is_local(peer, headers) && is_no_foreign_page(headers),
        }
    }
}

impl Door {
    /// A door to the ledger's instances. `tasks` and `stop` are the server's: sockets run in the
    /// one and end with the other.
    #[must_use]
    pub fn new(
        ledger: Arc<Ledger>,
        installation: [u8; 32],
        metrics: Arc<Metrics>,
        (instance, trust_loopback): (Option<LogName>, bool),
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Self {
        Self {
            ledger,
            installation,
            metrics,
            instance,
            trust_loopback,
            hubs: Mutex::default(),
            tasks,
            stop,
        }
    }

    /// Serves one socket until it closes or the server stops.
    pub async fn serve(&self, socket: Socket, arrival: Arrival) {
        self.metrics.sockets.inc();
        Connection::new(self, socket, arrival).run().await;
        self.metrics.sockets.dec();
    }

    /// What the sockets of an instance share.
    fn hub(&self, book: &Book) -> Arc<Hub> {
        let mut hubs = self.hubs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hub) = hubs.get(&book.log) {
            return hub.clone();
        }
        let hub = Arc::new(Hub::new(book.clone(), self.ledger.feed(book)));
        let (stop, running) = (self.stop.clone(), hub.clone());
        self.tasks
            .spawn(async move { stop.run_until_cancelled(running.run()).await });
        hubs.insert(book.log.clone(), hub.clone());
        hub
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn local(ip: &str, headers: &[(&'static str, &str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()));
        let headers = headers.collect();
        let peer = Peer {
            ip: ip.parse().unwrap(),
            https: false,
        };
        Arrival::of(
            &"/fd1/open_websocket".parse().unwrap(),
            &headers,
            Some(peer),
        )
        .local
    }

    #[test]
    fn only_programs_and_pages_of_this_machine_are_local() {
        for (ip, headers, expected) in [
            ("127.0.0.1", &[][..], true),
            ("::1", &[], true),
            ("192.0.2.1", &[], false),
            ("127.0.0.1", &[("x-forwarded-for", "127.0.0.1")], false),
            ("127.0.0.1", &[("forwarded", "for=127.0.0.1")], false),
            (
                "127.0.0.1",
                &[
                    ("origin", "http://127.0.0.1:8080"),
                    ("host", "127.0.0.1:8080"),
                ],
                true,
            ),
            (
                "127.0.0.1",
                &[
                    ("origin", "http://localhost:8080"),
                    ("host", "localhost:8080"),
                ],
                true,
            ),
            (
                "::1",
                &[("origin", "http://[::1]:8080"), ("host", "[::1]:8080")],
                true,
            ),
            (
                "127.0.0.1",
                &[
                    ("origin", "http://evil.example"),
                    ("host", "127.0.0.1:8080"),
                ],
                false,
            ),
            (
                "127.0.0.1",
                &[("origin", "http://evil.example"), ("host", "evil.example")],
                false,
            ),
            (
                "127.0.0.1",
                &[("origin", "null"), ("host", "localhost")],
                false,
            ),
        ] {
            assert_eq!(local(ip, headers), expected, "{ip} {headers:?}");
        }
    }

    #[test]
    fn the_url_names_tablets() {
        for (url, presell) in [
            ("/fd1/open_websocket", false),
            ("/fd1/open_websocket?purpose=presell", true),
            ("/ws/open_websocket?a=1&purpose=pre%73ell", true),
            ("/fd1/open_websocket?purpose=customerdisplay", false),
            ("/fd1/open_websocket?notpurpose=presell", false),
        ] {
            let arrival = Arrival::of(&url.parse().unwrap(), &HeaderMap::new(), None);
            assert_eq!(arrival.presell, presell, "{url}");
        }
    }
}
