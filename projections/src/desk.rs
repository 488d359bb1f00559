//! What cash desks have besides sales: pings, packs of items, calls for more items.

use daybook_schema::facts::SupplyPack;
use daybook_schema::id::{PingId, SessionId, SupplyPackId};
use daybook_schema::{At, Event, Fact};
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a call for more items counts, as the protocol has it: 10 minutes.
const WANTED_FOR: i64 = 600_000_000;

/// What cash desks have besides sales.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DeskView {
    pings: OrdMap<PingId, Ping>,
    by_secret: OrdMap<String, PingId>,
    packs: OrdMap<SupplyPackId, Arc<SupplyPack>>,
    used: OrdSet<SupplyPackId>,
    wanted: OrdMap<SessionId, At>,
}

/// A ping, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Id.
    pub id: PingId,
    /// What its code says.
    pub secret: Arc<str>,
    /// When it was printed.
    pub pinged: Mark,
    /// When it was first scanned.
    pub ponged: Option<Mark>,
    /// When someone first took note of it.
    pub synced: Option<Mark>,
}

/// When something happened, and by which event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: At,
    /// Seq of the event.
    pub seq: u64,
}

impl DeskView {
    pub(crate) fn apply(&mut self, event: &Event) {
        let mark = Mark {
            at: event.at,
            seq: event.seq,
        };
        match &event.fact {
            Fact::PingSent(sent) => {
                self.by_secret.insert(sent.secret.clone(), sent.id);
                let ping = Ping {
                    id: sent.id,
                    secret: sent.secret.as_str().into(),
                    pinged: mark,
                    ponged: None,
                    synced: None,
                };
                self.pings.insert(sent.id, ping);
            }
            Fact::PingAnswered(answered) => {
                if let Some(ping) = self.pings.get_mut(&answered.id) {
                    ping.ponged.get_or_insert(mark);
                }
            }
            Fact::PingSynced(synced) => {
                if let Some(ping) = self.pings.get_mut(&synced.id) {
                    ping.synced.get_or_insert(mark);
                }
            }
            Fact::SupplyPackDefined(pack) => {
                self.packs.insert(pack.id, Arc::new(pack.clone()));
            }
            Fact::SupplyUsed(supply) => {
                self.used.insert(supply.pack);
            }
            Fact::SupplyRequested(action) => {
                self.wanted.insert(action.session, event.at);
            }
            _ => {}
        }
    }

    /// A ping.
    #[must_use]
    pub fn ping(&self, id: PingId) -> Option<&Ping> {
        self.pings.get(&id)
    }

    /// The ping with this code.
    #[must_use]
    pub fn ping_of(&self, secret: &str) -> Option<&Ping> {
        self.pings.get(self.by_secret.get(secret)?)
    }

    /// The latest ping's id.
    #[must_use]
    pub fn last_ping(&self) -> Option<PingId> {
        self.pings.get_max().map(|(id, _)| *id)
    }

    /// All pings, newest first.
    pub fn pings(&self) -> impl Iterator<Item = &Ping> {
        self.pings.values().rev()
    }

    /// The pack with this code, and whether a desk has used it.
    #[must_use]
    pub fn pack_of(&self, identifier: &str) -> Option<(&Arc<SupplyPack>, bool)> {
        let pack = self.packs.values().find(|p| p.identifier == identifier)?;
        Some((pack, self.used.contains(&pack.id)))
    }

    /// All packs by id.
    pub fn packs(&self) -> impl Iterator<Item = &Arc<SupplyPack>> {
        self.packs.values()
    }

    /// When the session last asked for more items, while that counts.
    #[must_use]
    pub fn wanted(&self, session: SessionId, now: At) -> Option<At> {
        let at = *self.wanted.get(&session)?;
        (now.micros() < at.micros() + WANTED_FOR).then_some(at)
    }
}
