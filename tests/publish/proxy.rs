//! A network between nodes and a broker that can be cut.

use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    /// It carries.
    Whole,
    /// Every connection breaks, and no new one is made.
    Cut,
    /// Bytes stop on their way, and nobody is told.
    Silent,
}

/// A proxy in front of a broker.
pub(super) struct Proxy {
    pub(super) port: u16,
    network: watch::Sender<Network>,
    target: watch::Sender<Option<SocketAddr>>,
}

impl Proxy {
    /// Listens on a free port; whom it stands before is told later.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (network, seen) = watch::channel(Network::Whole);
        let (target, whom) = watch::channel(None);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (network, whom) = (seen.clone(), *whom.borrow());
                if *network.borrow() == Network::Cut {
                    continue;
                }
                if let Some(whom) = whom {
                    tokio::spawn(carry(client, whom, network));
                }
            }
        });
        Self {
            port,
            network,
            target,
        }
    }

    pub(super) fn stand_before(&self, broker: &str) {
        self.target.send_replace(Some(broker.parse().unwrap()));
    }

    pub(super) fn be(&self, network: Network) {
        self.network.send_replace(network);
    }
}

async fn carry(client: TcpStream, whom: SocketAddr, network: watch::Receiver<Network>) {
    let Ok(broker) = TcpStream::connect(whom).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = broker.into_split();
    // Whichever way ends first ends the other.
    tokio::select! {
        () = copy(from_client, to_broker, network.clone()) => {}
        () = copy(from_broker, to_client, network) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut network: watch::Receiver<Network>,
) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let now = *network.borrow_and_update();
        match now {
            Network::Cut => return,
            Network::Silent => {
                if network.changed().await.is_err() {
                    return;
                }
            }
            Network::Whole => {
                tokio::select! {
                    biased;
                    changed = network.changed() => if changed.is_err() { return },
                    read = from.read(&mut buffer) => match read {
                        Ok(count) if count > 0 => {
                            if to.write_all(&buffer[..count]).await.is_err() {
                                return;
                            }
                        }
                        _ => return,
                    },
                }
            }
        }
    }
}
