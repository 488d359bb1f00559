//! The cart while it is evaluated: what earlier positions of the same request took counts.

use crate::ledger::decide::receipt::Priced;
use daybook_projections::Views;
use daybook_schema::facts::{HandedOut, Product, SaleLine};
use daybook_schema::id::{ListEntryId, PreorderPositionId, ProductId};
use daybook_schema::{At, Money, Quantity};
use std::collections::{BTreeMap, BTreeSet};

/// The views, and over them what accepted positions of this cart took.
pub(super) struct Cart<'a> {
    pub views: &'a Views,
    pub at: At,
    /// The accepted positions.
    pub lines: Vec<Priced>,
    redeemed: BTreeSet<PreorderPositionId>,
    entries: BTreeSet<ListEntryId>,
    sold: BTreeMap<ProductId, i64>,
}

impl<'a> Cart<'a> {
    pub(super) const fn new(views: &'a Views, at: At) -> Self {
        Self {
            views,
            at,
            lines: Vec::new(),
            redeemed: BTreeSet::new(),
            entries: BTreeSet::new(),
            sold: BTreeMap::new(),
        }
    }

    /// Takes an accepted position: one piece of a product.
    pub(super) fn take(&mut self, (product, line): (ProductId, SaleLine)) {
        self.entries.extend(line.list_entry);
        match &line.ticket {
            Some(ticket) => drop(self.redeemed.insert(ticket.position)),
            None => *self.sold.entry(product).or_default() += 1,
        }
        self.lines.push(Priced {
            product,
            pieces: 1,
            line,
        });
    }

    /// Whether an earlier position redeemed the ticket.
    pub(super) fn has_redeemed(&self, position: PreorderPositionId) -> bool {
        self.redeemed.contains(&position)
    }

    pub(super) fn is_used(&self, entry: ListEntryId) -> bool {
        self.entries.contains(&entry) || self.views.constraint.is_used(entry)
    }

    pub(super) fn in_window(&self, product: &Product) -> bool {
        self.views.constraint.in_window(product.id, self.at)
    }

    pub(super) fn sold_out(&self, product: &Product) -> bool {
        let here = |id| self.sold.get(&id).copied().unwrap_or_default();
        self.views.constraint.sold_out(product.id, here)
    }
}

/// What is handed out with a product.
pub(super) fn handed_out(product: &Product) -> Vec<HandedOut> {
    let item = |item: &daybook_schema::facts::PackItem| HandedOut {
        amount: Quantity::pieces(item.amount).unwrap_or_default(),
        hidden: !item.visible,
        id: item.id,
        name: item.name.clone(),
    };
    product.pack.iter().map(item).collect()
}

/// Sets what is paid for the one piece of a line.
pub(super) const fn priced(mut line: SaleLine, price: Money) -> SaleLine {
    line.price = price;
    line.total = price;
    line
}
