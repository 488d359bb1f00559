//! Looks for devices at serial ports, at start and when a port appears. It never prints.

use super::Printers;
use super::detect;
use super::service::ServiceState;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::time::Duration;

/// Ports that were silent are asked again after so many looks: somebody may have switched a device on.
const ASK_AGAIN: u32 = 60;

/// How often ports are listed again: what is plugged in appears, what is unplugged goes.
const PAUSE: Duration = Duration::from_secs(5);

impl Printers {
    /// Searches until the server stops, while it is switched on.
    pub(super) async fn search(&self) {
        let mut looked_at = BTreeSet::new();
        let mut service = self.service.follow();
        let (mut searches, mut looks) = (0, 0);
        loop {
            let state = service.borrow_and_update().clone();
            if state.searches != searches {
                searches = state.searches;
                looked_at.clear();
            }
            looks = (looks + 1) % ASK_AGAIN;
            if looks == 0 {
                looked_at.clear();
            }
            if state.auto_detect {
                self.look(&state, &mut looked_at).await;
            }
            self.roster.searched();
            tokio::select! {
                () = self.stop.cancelled() => return,
                _ = service.changed() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Asks at ports that are new, all at once.
    async fn look(&self, state: &ServiceState, looked_at: &mut BTreeSet<String>) {
        let ports = detect::ports(&state.excluded, &self.setup.extra);
        let ports: BTreeSet<String> = ports.into_iter().collect();
        self.roster.keep(&ports);
        looked_at.retain(|port| ports.contains(port));
        let taken = self.roster.taken_ports(&self.ledger.books());
        let found = self.roster.found_ports();
        let new = |port: &&String| {
            !looked_at.contains(*port) && !taken.contains(*port) && !found.contains(*port)
        };
        let new: Vec<String> = ports.iter().filter(new).cloned().collect();
        let patience = state.detection_timeout;
        let probes = new
            .iter()
            .map(|port| detect::probe(self.roster.opener(), port, patience));
        let probing = self.stop.run_until_cancelled(join_all(probes)).await;
        for (uri, info) in probing.unwrap_or_default().into_iter().flatten() {
            let station = self.roster.add(&uri, info);
            tracing::info!(printer = station.id, %uri, "a printer was found");
        }
        looked_at.extend(new);
    }
}
