//! Cash desks and the sessions at them.

use daybook_schema::facts::{CashDesk, Session};
use daybook_schema::id::{CashDeskId, SessionId};
use daybook_schema::{At, Digest, Event, Fact, Money};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Cash desks and the sessions at them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SessionView {
    pub(crate) cash_desks: OrdMap<CashDeskId, Arc<CashDesk>>,
    pub(crate) sessions: OrdMap<SessionId, Arc<Session>>,
    pub(crate) opened: OrdMap<SessionId, At>,
    pub(crate) closed: OrdMap<SessionId, Closed>,
    by_token: OrdMap<Digest, SessionId>,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// When.
    pub at: At,
    /// Cash counted in the drawer, when it was counted.
    pub cash_after: Option<Money>,
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
                self.by_token.insert(entry.token_hash, entry.id);
                self.opened.insert(entry.id, event.at);
                self.sessions.insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::SessionClosed(end) => {
                let (at, cash_after) = (event.at, end.cash_after);
                self.closed.insert(end.id, Closed { at, cash_after });
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

    /// The session whose token has this hash, also an ended one.
    #[must_use]
    pub fn session_of(&self, token: &Digest) -> Option<&Arc<Session>> {
        self.sessions.get(self.by_token.get(token)?)
    }

    /// When the session was opened.
    #[must_use]
    pub fn opened(&self, id: SessionId) -> Option<At> {
        self.opened.get(&id).copied()
    }

    /// How the session ended, if it did.
    #[must_use]
    pub fn closed(&self, id: SessionId) -> Option<Closed> {
        self.closed.get(&id).copied()
    }

    /// Whether somebody may work in the session at a time: it has begun and has not ended.
    #[must_use]
    pub fn is_open(&self, session: &Session, at: At) -> bool {
        let begun = session.starts.is_none_or(|starts| starts <= at);
        begun && !self.closed.contains_key(&session.id)
    }
}
