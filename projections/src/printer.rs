//! Printers that the venue has.

use daybook_schema::facts::Printer;
use daybook_schema::{Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Printers that the venue has.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PrinterView {
    pub(crate) printers: OrdMap<String, Arc<Printer>>,
}

impl PrinterView {
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::PrinterDefined(entry) => {
                self.printers
                    .insert(entry.id.clone(), Arc::new(entry.clone()));
            }
            Fact::PrinterWithdrawn(gone) => {
                self.printers.remove(&gone.id);
            }
            _ => {}
        }
    }

    /// A printer, by id.
    #[must_use]
    pub fn printer(&self, id: &str) -> Option<&Arc<Printer>> {
        self.printers.get(id)
    }

    /// All of them, by id.
    pub fn printers(&self) -> impl Iterator<Item = &Arc<Printer>> {
        self.printers.values()
    }
}
