//! The ConcertPOS door: a WebSocket on which tills list what they sell and book sales.
//!
//! One JSON message per command; commands of one socket are answered in order, one at a time. Every
//! command carries its API key. Behaviour follows the protocol's documentation; where that is
//! silent, `docs/concertpos.md` says what we do.

pub mod address;
mod announcer;
mod command;
mod error;
mod lenient;
pub mod rate_limit;
mod request;
pub mod wire;

pub use command::COMMANDS;
pub use error::PosError;

use crate::clock::Clock;
use crate::ledger::{Found, Ledger};
use crate::metrics::Metrics;
use crate::socket::{Incoming, Socket};
use address::Address;
use announcer::Announcers;
use command::{Answered, Caller};
use rate_limit::RateLimit;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Large answers that are written at once; each takes much memory and a processor.
const LARGE_ANSWERS: usize = 1;

/// Everything that the sockets of a node share.
pub struct Door {
    ledger: Arc<Ledger>,
    installation: [u8; 32],
    clock: Clock,
    limit: RateLimit,
    large: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    announcers: Announcers,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Door {
    /// A door to the ledger's instances. `tasks` and `stop` are the server's: sockets run in the
    /// one and end with the other.
    #[must_use]
    pub fn new(
        ledger: Arc<Ledger>,
        installation: [u8; 32],
        clock: Clock,
        limit: RateLimit,
        metrics: Arc<Metrics>,
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Self {
        let announcers = Announcers::default();
        Self {
            ledger,
            installation,
            clock,
            limit,
            large: Arc::new(Semaphore::new(LARGE_ANSWERS)),
            metrics,
            announcers,
            tasks,
            stop,
        }
    }

    /// Serves one socket until it closes or the server stops. A command in flight is answered first.
    pub async fn serve(&self, mut socket: Socket, address: Address) {
        self.metrics.sockets.inc();
        let mut ear = None;
        let mut opened = self.ledger.opened();
        loop {
            if ear.is_none() {
                // Before looking: an instance that is opened meanwhile wakes the wait below.
                opened.mark_unchanged();
                if let Found::Open(book) = self.ledger.find(&address.slug) {
                    ear = Some(self.announcers.subscribe(&book, &self.tasks, &self.stop));
                }
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {
                    socket.close(1001, "the server is going away").await;
                    break;
                }
                () = another(&mut opened), if ear.is_none() => {}
                text = hear(&mut ear) => if socket.send(&text).await.is_err() { break },
                incoming = socket.receive() => {
                    let Incoming::Message(message) = incoming else { break };
                    if !self.answer(&mut socket, &address, &message).await {
                        break;
                    }
                }
            }
        }
        self.metrics.sockets.dec();
    }

    /// Answers one message. False when the socket is at its end.
    async fn answer(&self, socket: &mut Socket, address: &Address, message: &[u8]) -> bool {
        let caller = Caller {
            ledger: &self.ledger,
            installation: &self.installation,
            limit: &self.limit,
            large: &self.large,
            slug: &address.slug,
            json5: address.json5,
            now: Instant::now(),
            at: (self.clock)(),
        };
        let Answered { name, answer } = command::answer(&caller, message).await;
        let outcome = match &answer {
            Some(Ok(_)) => "ok",
            Some(Err(error)) => error.kind(),
            None => "outcome_unknown",
        };
        self.metrics.answered("concertpos", name, outcome);
        match answer {
            Some(Ok(text)) => socket.send(&text).await.is_ok(),
            Some(Err(error)) => socket.send(&error.render()).await.is_ok(),
            None => {
                socket
                    .close(1011, "the outcome is unknown, ask again")
                    .await;
                false
            }
        }
    }
}

/// Returns when an instance was opened: it may be the one that a socket waits for.
async fn another(opened: &mut watch::Receiver<u64>) {
    if opened.changed().await.is_err() {
        // The ledger is gone, and with it whatever could be opened.
        std::future::pending::<()>().await;
    }
}

/// The next broadcast; never returns without an ear. A socket that was too slow to hear all of them
/// is told to update.
async fn hear(ear: &mut Option<broadcast::Receiver<Arc<str>>>) -> Arc<str> {
    match ear {
        None => std::future::pending().await,
        Some(receiver) => match receiver.recv().await {
            Ok(text) => text,
            Err(broadcast::error::RecvError::Lagged(_)) => wire::broadcast("updatepos").into(),
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        },
    }
}
