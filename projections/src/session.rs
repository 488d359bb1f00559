//! Cash desks and the sessions at them.

use daybook_schema::facts::{CashDesk, Session};
use daybook_schema::id::{CashDeskId, SessionId};
use daybook_schema::{Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Cash desks and the sessions at them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SessionView {
    cash_desks: OrdMap<CashDeskId, Arc<CashDesk>>,
    sessions: OrdMap<SessionId, Arc<Session>>,
}

impl SessionView {
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::CashDeskDefined(entry) => {
                self.cash_desks.insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::CashDeskWithdrawn(gone) => {
                self.cash_desks.remove(&gone.id);
            }
            Fact::SessionOpened(entry) => {
                self.sessions.insert(entry.id, Arc::new(entry.clone()));
            }
            _ => {}
        }
    }

    /// A cash desk, by id.
    #[must_use]
    pub fn cash_desk(&self, id: CashDeskId) -> Option<&Arc<CashDesk>> {
        self.cash_desks.get(&id)
    }

    /// All of them, by id.
    pub fn cash_desks(&self) -> impl Iterator<Item = &Arc<CashDesk>> {
        self.cash_desks.values()
    }

    /// A session, by id.
    #[must_use]
    pub fn session(&self, id: SessionId) -> Option<&Arc<Session>> {
        self.sessions.get(&id)
    }

    /// All of them, by id.
    pub fn sessions(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.sessions.values()
    }
}
