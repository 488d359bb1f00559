//! Tables and waiters of a restaurant.

use daybook_schema::facts::{Table, Waiter};
use daybook_schema::id::{TableId, WaiterId};
use daybook_schema::{Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Tables and waiters of a restaurant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TableView {
    pub(crate) tables: OrdMap<TableId, Arc<Table>>,
    pub(crate) waiters: OrdMap<WaiterId, Arc<Waiter>>,
}

impl TableView {
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::TableDefined(entry) => {
                self.tables.insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::TableWithdrawn(gone) => {
                self.tables.remove(&gone.id);
            }
            Fact::WaiterDefined(entry) => {
                self.waiters.insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::WaiterWithdrawn(gone) => {
                self.waiters.remove(&gone.id);
            }
            _ => {}
        }
    }

    /// A table, by id.
    #[must_use]
    pub fn table(&self, id: TableId) -> Option<&Arc<Table>> {
        self.tables.get(&id)
    }

    /// All of them, by id.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    /// A waiter, by id.
    #[must_use]
    pub fn waiter(&self, id: WaiterId) -> Option<&Arc<Waiter>> {
        self.waiters.get(&id)
    }

    /// All of them, by id.
    pub fn waiters(&self) -> impl Iterator<Item = &Arc<Waiter>> {
        self.waiters.values()
    }
}
