//! Quotas, sales windows, warnings and lists.

use daybook_schema::facts::{
    ConstrainedProduct, ListConstraint, ListEntry, Quota, Sale, TimeConstraint, WarningConstraint,
};
use daybook_schema::id::{ConstraintId, ListEntryId, ProductId, QuotaId};
use daybook_schema::{At, Event, Fact};
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Quotas, sales windows, warnings and lists.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ConstraintView {
    pub(crate) quotas: OrdMap<QuotaId, Arc<Quota>>,
    pub(crate) time_constraints: OrdMap<ConstraintId, Arc<TimeConstraint>>,
    pub(crate) warning_constraints: OrdMap<ConstraintId, Arc<WarningConstraint>>,
    pub(crate) list_constraints: OrdMap<ConstraintId, Arc<ListConstraint>>,
    list_entries: OrdMap<ListEntryId, Arc<ListEntry>>,
    /// Entries by list and identifier; several people may share one.
    by_identifier: OrdMap<ConstraintId, OrdMap<String, OrdSet<ListEntryId>>>,
    used: OrdSet<ListEntryId>,
    /// Pieces sold of each product less those taken back; redeemed tickets do not count.
    sold: OrdMap<ProductId, i64>,
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
            Fact::ListEntryDefined(entry) => self.list_entry_defined(entry),
            Fact::SaleRecorded(sale) => {
                self.count(sale, 1);
                for entry in sale.lines.iter().filter_map(|line| line.list_entry) {
                    self.used.insert(entry);
                }
            }
            Fact::SaleReversed(sale) => {
                self.count(sale, -1);
                for entry in sale.lines.iter().filter_map(|line| line.list_entry) {
                    self.used.remove(&entry);
                }
            }
            _ => {}
        }
    }

    fn list_entry_defined(&mut self, entry: &ListEntry) {
        if let Some(before) = self.list_entries.get(&entry.id)
            && let Some(list) = self.by_identifier.get_mut(&before.list)
            && let Some(same) = list.get_mut(&before.identifier)
        {
            same.remove(&entry.id);
        }
        let list = self.by_identifier.entry(entry.list).or_default();
        let same = list.entry(entry.identifier.clone()).or_default();
        same.insert(entry.id);
        self.list_entries.insert(entry.id, Arc::new(entry.clone()));
    }

    fn count(&mut self, sale: &Sale, sign: i64) {
        for (line, tx) in sale.lines.iter().zip(&sale.tx) {
            if line.ticket.is_none() {
                *self.sold.entry(tx.product_id).or_default() += sign * i64::from(tx.amount_product);
            }
        }
    }

    /// Pieces sold of a product, by every door, less those taken back.
    #[must_use]
    pub fn sold(&self, product: ProductId) -> i64 {
        self.sold.get(&product).copied().unwrap_or_default()
    }

    /// Whether the product may be sold at a time: it has no window, or one of them is open.
    #[must_use]
    pub fn in_window(&self, product: ProductId, at: At) -> bool {
        let mut windows = self
            .time_constraints
            .values()
            .filter(|window| window.products.contains(&product))
            .peekable();
        let open = |window: &Arc<TimeConstraint>| {
            window.start.is_none_or(|start| start <= at) && window.end.is_none_or(|end| at < end)
        };
        windows.peek().is_none() || windows.any(open)
    }

    /// Whether a quota of the product is used up, with what `more` says was sold besides.
    #[must_use]
    pub fn sold_out(&self, product: ProductId, more: impl Fn(ProductId) -> i64) -> bool {
        let mut quotas = self
            .quotas
            .values()
            .filter(|q| q.products.contains(&product));
        quotas.any(|quota| {
            let sold = quota.products.iter().map(|id| self.sold(*id) + more(*id));
            sold.sum::<i64>() >= i64::from(quota.size)
        })
    }

    /// The warnings of a product, by id.
    pub fn warnings_of(
        &self,
        product: ProductId,
    ) -> impl Iterator<Item = (&Arc<WarningConstraint>, &ConstrainedProduct)> {
        self.warning_constraints
            .values()
            .filter_map(move |warning| {
                let entry = warning.products.iter().find(|p| p.product == product)?;
                Some((warning, entry))
            })
    }

    /// The list to whose people a product is sold; the first when there are more.
    #[must_use]
    pub fn list_of(
        &self,
        product: ProductId,
    ) -> Option<(&Arc<ListConstraint>, &ConstrainedProduct)> {
        self.list_constraints.values().find_map(|list| {
            let entry = list.products.iter().find(|p| p.product == product)?;
            Some((list, entry))
        })
    }

    /// The entries of a list with exactly this identifier, by id.
    pub fn entries_of(
        &self,
        list: ConstraintId,
        identifier: &str,
    ) -> impl Iterator<Item = ListEntryId> {
        let same = self.by_identifier.get(&list);
        let same = same.and_then(|list| list.get(identifier));
        same.into_iter().flat_map(|ids| ids.iter().copied())
    }

    /// Whether a sale used the entry up.
    #[must_use]
    pub fn is_used(&self, entry: ListEntryId) -> bool {
        self.used.contains(&entry)
    }

    /// The highest id of an entry.
    #[must_use]
    pub fn last_entry(&self) -> Option<ListEntryId> {
        self.list_entries.get_max().map(|(id, _)| *id)
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
