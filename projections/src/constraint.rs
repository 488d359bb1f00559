//! Quotas, sales windows, warnings and lists.

use daybook_schema::facts::{ListConstraint, ListEntry, Quota, TimeConstraint, WarningConstraint};
use daybook_schema::id::{ConstraintId, ListEntryId, QuotaId};
use daybook_schema::{Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Quotas, sales windows, warnings and lists.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ConstraintView {
    quotas: OrdMap<QuotaId, Arc<Quota>>,
    time_constraints: OrdMap<ConstraintId, Arc<TimeConstraint>>,
    warning_constraints: OrdMap<ConstraintId, Arc<WarningConstraint>>,
    list_constraints: OrdMap<ConstraintId, Arc<ListConstraint>>,
    list_entries: OrdMap<ListEntryId, Arc<ListEntry>>,
}

impl ConstraintView {
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::QuotaDefined(entry) => {
                self.quotas.insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::QuotaWithdrawn(gone) => {
                self.quotas.remove(&gone.id);
            }
            Fact::TimeConstraintDefined(entry) => {
                self.time_constraints
                    .insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::TimeConstraintWithdrawn(gone) => {
                self.time_constraints.remove(&gone.id);
            }
            Fact::WarningConstraintDefined(entry) => {
                self.warning_constraints
                    .insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::WarningConstraintWithdrawn(gone) => {
                self.warning_constraints.remove(&gone.id);
            }
            Fact::ListConstraintDefined(entry) => {
                self.list_constraints
                    .insert(entry.id, Arc::new(entry.clone()));
            }
            Fact::ListConstraintWithdrawn(gone) => {
                self.list_constraints.remove(&gone.id);
            }
            Fact::ListEntryDefined(entry) => {
                self.list_entries.insert(entry.id, Arc::new(entry.clone()));
            }
            _ => {}
        }
    }

    /// A quota, by id.
    #[must_use]
    pub fn quota(&self, id: QuotaId) -> Option<&Arc<Quota>> {
        self.quotas.get(&id)
    }

    /// All of them, by id.
    pub fn quotas(&self) -> impl Iterator<Item = &Arc<Quota>> {
        self.quotas.values()
    }

    /// A sales window, by id.
    #[must_use]
    pub fn time_constraint(&self, id: ConstraintId) -> Option<&Arc<TimeConstraint>> {
        self.time_constraints.get(&id)
    }

    /// All of them, by id.
    pub fn time_constraints(&self) -> impl Iterator<Item = &Arc<TimeConstraint>> {
        self.time_constraints.values()
    }

    /// A warning, by id.
    #[must_use]
    pub fn warning_constraint(&self, id: ConstraintId) -> Option<&Arc<WarningConstraint>> {
        self.warning_constraints.get(&id)
    }

    /// All of them, by id.
    pub fn warning_constraints(&self) -> impl Iterator<Item = &Arc<WarningConstraint>> {
        self.warning_constraints.values()
    }

    /// A list, by id.
    #[must_use]
    pub fn list_constraint(&self, id: ConstraintId) -> Option<&Arc<ListConstraint>> {
        self.list_constraints.get(&id)
    }

    /// All of them, by id.
    pub fn list_constraints(&self) -> impl Iterator<Item = &Arc<ListConstraint>> {
        self.list_constraints.values()
    }

    /// An entry of a list, by id.
    #[must_use]
    pub fn list_entry(&self, id: ListEntryId) -> Option<&Arc<ListEntry>> {
        self.list_entries.get(&id)
    }

    /// All of them, by id.
    pub fn list_entries(&self) -> impl Iterator<Item = &Arc<ListEntry>> {
        self.list_entries.values()
    }
}
