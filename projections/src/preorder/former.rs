//! Tickets that are on no preorder any more: one that comes back is the same ticket, and its id is
//! nobody else's, since sales and redemptions name it.

use daybook_schema::facts::PreorderPosition;
use daybook_schema::id::PreorderPositionId;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

/// What was once on a preorder.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Former {
    by_secret: OrdMap<String, PreorderPositionId>,
    /// The highest id that any position ever had.
    last: Option<PreorderPositionId>,
}

impl Former {
    /// Positions are taken off their preorder.
    pub(super) fn leave(&mut self, positions: &[PreorderPosition]) {
        for position in positions {
            self.by_secret.insert(position.secret.clone(), position.id);
        }
    }

    /// Positions stand on a preorder.
    pub(super) fn join(&mut self, positions: &[PreorderPosition]) {
        for position in positions {
            self.by_secret.remove(&position.secret);
            self.last = self.last.max(Some(position.id));
        }
    }

    /// The id that the ticket with exactly this secret had.
    pub(super) fn id_of(&self, secret: &str) -> Option<PreorderPositionId> {
        self.by_secret.get(secret).copied()
    }

    pub(super) const fn last(&self) -> Option<PreorderPositionId> {
        self.last
    }
}
