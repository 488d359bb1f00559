//! The composition root: builds store, ledger and doors in order, and ends them in reverse.

use crate::clock;
use crate::concertpos::rate_limit::RateLimit;
use crate::http;
use crate::ledger::{Ledger, OpenError};
use crate::metrics::Metrics;
use crate::peer::TrustedProxy;
use crate::print::wire::Opener;
use crate::print::{self, Printers};
use crate::publish::{self, Publisher};
use crate::qr::payment::Setup;
use daybook_schema::{EventLog, LogError, LogName};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long commands may wait for a store that does not answer when the server stops.
const CLOSE_PATIENCE: Duration = Duration::from_secs(10);

/// How long a printer may take to end what it prints when the server stops.
const PRINT_PATIENCE: Duration = Duration::from_secs(15);

/// How long the broker may take to end a batch when the server stops.
const PUBLISH_PATIENCE: Duration = Duration::from_secs(5);

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] LogError),
    /// The ledger cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The settings for Kafka make no client.
    #[error(transparent)]
    Kafka(#[from] daybook_kafka::KafkaError),
    /// An address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The system does not say where it listens, or has no thread left.
    #[error("the system refuses: {0}")]
    System(#[from] std::io::Error),
}

/// What a server is started with, beside its store.
#[derive(Debug)]
pub struct Options {
    /// Where to listen. Port 0 takes a free port.
    pub listen: Vec<SocketAddr>,
    /// This node's name.
    pub node: String,
    /// Whether the ConcertPOS budgets count.
    pub rate_limit: bool,
    /// Whose word about their clients counts.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// The instance that requests without a credential belong to; nothing stands for the only one.
    pub instance: Option<LogName>,
    /// Whether programs on this machine may log in to lanes without a key.
    pub trust_loopback: bool,
    /// Who takes the payments of guests at tables.
    pub payments: Setup,
    /// Printers, and where to look for them.
    pub printers: print::Setup,
    /// What is published into Kafka.
    pub publish: Option<publish::Setup>,
}

/// A server that has its ports and its ledger, ready to run.
pub struct Server {
    ledger: Arc<Ledger>,
    printers: Arc<Printers>,
    publisher: Option<Publisher>,
    parts: http::Parts,
    listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
}

impl Server {
    /// Opens the ledger and binds the addresses.
    ///
    /// # Errors
    /// See [`ServerError`].
    pub async fn start(
        store: Arc<dyn EventLog>,
        options: Options,
        stop: CancellationToken,
    ) -> Result<Self, ServerError> {
        raise_open_files();
        if let Some(publish) = &options.publish {
            publish.kafka.check()?;
        }
        let metrics = Arc::new(Metrics::default());
        let installation = store.secret().await?;
        let clock = clock::system();
        let ledger = Ledger::open(store, clock.clone(), metrics.clone()).await?;
        // Last, so that nobody connects to a server that has yet to read its log.
        let mut listeners = Vec::new();
        for address in options.listen {
            let bound = TcpListener::bind(address).await;
            listeners.push(bound.map_err(|error| ServerError::Listen(address, error))?);
        }
        let addresses = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<Result<_, _>>()?;
        let opener = Opener::system(options.printers.captures.clone());
        let printers = Printers::new(
            ledger.clone(),
            (clock.clone(), metrics.clone()),
            options.node.clone(),
            options.printers,
            opener,
        );
        let publish = |setup| Publisher::start(setup, ledger.clone(), metrics.clone());
        let publisher = options.publish.map(publish).transpose()?;
        let parts = http::Parts {
            ledger: ledger.clone(),
            printers: printers.clone(),
            metrics,
            installation,
            node: options.node,
            clock,
            rate_limit: RateLimit::new(options.rate_limit),
            trusted_proxies: options.trusted_proxies,
            instance: options.instance,
            trust_loopback: options.trust_loopback,
            payments: options.payments.payments(&installation),
            stop,
        };
        Ok(Self {
            ledger,
            printers,
            publisher,
            parts,
            listeners,
            addresses,
        })
    }

    /// The addresses it listens on.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The ledger it serves.
    #[must_use]
    pub const fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Serves until stopped; then answers what is in flight, saves the views and ends.
    pub async fn run(self) {
        self.printers.start();
        http::serve(self.parts, self.listeners).await;
        let published = async {
            if let Some(publisher) = self.publisher {
                publisher.close(PUBLISH_PATIENCE).await;
            }
        };
        tokio::join!(self.printers.close(PRINT_PATIENCE), published);
        self.ledger.close(CLOSE_PATIENCE).await;
    }
}

/// Thousands of idle tills need as many open files as the system grants.
fn raise_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}
