//! Preorders: tickets sold before the event.

use daybook_schema::facts::Preorder;
use daybook_schema::id::PreorderId;
use daybook_schema::{Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Preorders: tickets sold before the event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PreorderView {
    preorders: OrdMap<PreorderId, Arc<Preorder>>,
}

impl PreorderView {
    pub(crate) fn apply(&mut self, event: &Event) {
        if let Fact::PreorderPlaced(entry) = &event.fact {
            self.preorders.insert(entry.id, Arc::new(entry.clone()));
        }
    }

    /// A preorder, by id.
    #[must_use]
    pub fn preorder(&self, id: PreorderId) -> Option<&Arc<Preorder>> {
        self.preorders.get(&id)
    }

    /// All of them, by id.
    pub fn preorders(&self) -> impl Iterator<Item = &Arc<Preorder>> {
        self.preorders.values()
    }
}
