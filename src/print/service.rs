//! What the print server is told about itself while it runs: printers, where to look for devices,
//! and which web pages may print. It begins as the settings have it, and ends with the process.

use crate::json::Value;
use daybook_printers::uri::Uri;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::watch;

/// What holds at present.
#[derive(Clone, Debug)]
pub struct ServiceState {
    /// This server's name: the node's.
    pub server_id: String,
    /// Whether serial ports are searched for devices.
    pub auto_detect: bool,
    /// Ports that are not touched.
    pub excluded: BTreeSet<String>,
    /// How long the search may stay at one port.
    pub detection_timeout: Duration,
    /// Origins of web pages that may use the print server; none stands for all.
    pub allowed_origins: Vec<String>,
    /// Whether browsers are told that public pages may reach this server in a private network.
    pub private_network: bool,
    /// Printers that are named here, by id.
    pub printers: BTreeMap<String, Uri>,
    /// What programs keep here about devices, by serial number. Nothing follows from it.
    pub properties: BTreeMap<String, Value>,
    /// How often somebody asked for a search. Whoever searches looks for changes of it.
    pub searches: u64,
}

/// The settings that `/service` shows and changes.
#[derive(Debug)]
pub struct Service(watch::Sender<ServiceState>);

impl Service {
    /// With what holds at the start.
    #[must_use]
    pub fn new(state: ServiceState) -> Self {
        Self(watch::Sender::new(state))
    }

    /// Looks at what holds now.
    pub fn see<T>(&self, look: impl FnOnce(&ServiceState) -> T) -> T {
        look(&self.0.borrow())
    }

    /// Changes what holds, and wakes those who follow.
    pub fn change(&self, change: impl FnOnce(&mut ServiceState)) {
        self.0.send_modify(change);
    }

    /// What holds now, and a wake-up with every change.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<ServiceState> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn changes_are_seen_and_told() {
        let service = Service::new(ServiceState {
            server_id: "node".to_owned(),
            auto_detect: false,
            excluded: BTreeSet::new(),
            detection_timeout: Duration::from_secs(30),
            allowed_origins: Vec::new(),
            private_network: false,
            printers: BTreeMap::new(),
            properties: BTreeMap::new(),
            searches: 0,
        });
        let mut followed = service.follow();
        service.change(|state| state.searches += 1);
        followed.changed().await.unwrap();
        assert_eq!(followed.borrow_and_update().searches, 1);
        assert_eq!(service.see(|state| state.searches), 1);
    }
}
