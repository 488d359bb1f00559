//! Publishes the log: every committed event into the events topic, and what became of it into the
//! topics of views.
//!
//! The publisher follows the log like any other reader and knows nothing of the way that it is
//! written: a broker that is away, or slow, costs lag and nothing else. It keeps no position of its
//! own; the topic's tail is the position. Of all nodes one publishes: the others watch the topic, and
//! take over when it falls behind the log and does not move. How that stays exactly once is told in
//! [`daybook_kafka::writer`].

mod batch;
mod lead;
mod session;
mod standing;
mod views;
mod wake;

use crate::ledger::Ledger;
use crate::metrics::Metrics;
use daybook_kafka::Settings;
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// What is published where.
#[derive(Clone, Debug)]
pub struct Setup {
    /// How to reach the brokers.
    pub kafka: Settings,
    /// The topic of events.
    pub topic: String,
    /// How many partitions topics get that do not exist yet.
    pub partitions: u16,
    /// How many brokers keep a copy of such topics; nothing stands for the brokers' default.
    pub replication: Option<u16>,
    /// Whether views are published too.
    pub views: bool,
}

/// A publisher that runs.
pub struct Publisher {
    stop: CancellationToken,
    ended: oneshot::Receiver<()>,
}

impl Publisher {
    /// Starts the publisher of this node, on a thread of its own, since the client library blocks.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(
        setup: Setup,
        ledger: Arc<Ledger>,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let stop = CancellationToken::new();
        let (end, ended) = oneshot::channel();
        metrics.publish.begin();
        let wake = wake::follow(ledger.clone(), stop.clone());
        let publishing = session::Publishing {
            setup,
            ledger,
            metrics,
            wake,
            stop: stop.clone(),
            runtime: Handle::current(),
            batch_lines: Cell::new(batch::BATCH_LINES),
        };
        std::thread::Builder::new()
            .name("publisher".to_owned())
            .spawn(move || {
                publishing.run();
                // Nobody may be waiting any more.
                end.send(()).ok();
            })?;
        Ok(Self { stop, ended })
    }

    /// Ends after the batch that is being written. What is not published by then another node
    /// publishes, or this one when it is back.
    pub async fn close(self, patience: Duration) {
        self.stop.cancel();
        if tokio::time::timeout(patience, self.ended).await.is_err() {
            tracing::warn!("Kafka does not answer: leaving the publisher behind");
        }
    }
}
