//! Importing what others sold or know: a shop's orders, an association's members. They come without
//! ids of ours: known ones keep theirs, new ones get the next.

#[cfg(test)]
mod tests;

use super::Rejection;
use super::ids::Ids;
use daybook_catalogue::{Member, Order, OrderPosition};
use daybook_projections::Views;
use daybook_schema::Fact;
use daybook_schema::facts::{ListEntry, Preorder, PreorderPosition};
use daybook_schema::id::{ConstraintId, ListEntryId, PreorderId, PreorderPositionId, ProductId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Orders are known by their code, tickets by their secret: that a shop moved one to another order,
/// or left it out for a while, makes no new ticket of it. `dropped` are the codes of orders that
/// have no ticket left: one that is known is canceled.
pub(super) fn orders(
    views: &Views,
    orders: &[Order],
    dropped: &[String],
) -> Result<Vec<Fact>, Rejection> {
    views.instance.described().ok_or(Rejection::NoCatalogue)?;
    let mut next = Next::of(views);
    let mut facts = Vec::new();
    for order in orders {
        let known = views.preorder.preorder_of(&order.code);
        let preorder = next.preorder(views, order, known)?;
        if known.map(Arc::as_ref) != Some(&preorder) {
            facts.push(Fact::PreorderPlaced(preorder));
        }
    }
    for code in dropped {
        let known = views.preorder.preorder_of(code);
        if let Some(known) = known.filter(|known| !known.is_canceled) {
            let mut canceled = known.as_ref().clone();
            canceled.is_canceled = true;
            // What moved to another order just now stays there.
            canceled
                .positions
                .retain(|position| !next.placed.contains(&position.id));
            facts.push(Fact::PreorderPlaced(canceled));
        }
    }
    let problems = unsellable(views, orders);
    problems
        .is_empty()
        .then_some(facts)
        .ok_or(Rejection::Catalogue(problems))
}

/// Products that the ledger does not have, each with the first order that refers to it.
fn unsellable(views: &Views, orders: &[Order]) -> Vec<String> {
    let mut unknown: BTreeMap<ProductId, (&str, u32)> = BTreeMap::new();
    for order in orders {
        for OrderPosition { product, .. } in &order.positions {
            if views.product.product(*product).is_none() {
                unknown.entry(*product).or_insert((&order.code, 0)).1 += 1;
            }
        }
    }
    let told = |(product, (code, count)): (ProductId, (&str, u32))| {
        let more = match count {
            1 => String::new(),
            count => format!("; so do {} more positions", count - 1),
        };
        format!("order {code} refers to product {product}, which the ledger does not have{more}")
    };
    unknown.into_iter().map(told).collect()
}

/// The next free ids, and what was placed so far.
struct Next {
    preorder: Ids,
    position: Ids,
    placed: BTreeSet<PreorderPositionId>,
}

impl Next {
    fn of(views: &Views) -> Self {
        let preorder = views.preorder.preorders().next_back();
        let position = views.preorder.last_position();
        Self {
            preorder: Ids::after("preorder", preorder.map(|last| last.id.0)),
            position: Ids::after("ticket", position.map(|last| last.0)),
            placed: BTreeSet::new(),
        }
    }

    fn preorder(
        &mut self,
        views: &Views,
        order: &Order,
        known: Option<&Arc<Preorder>>,
    ) -> Result<Preorder, Rejection> {
        let id = match known {
            Some(known) => known.id,
            None => PreorderId(self.preorder.take()?),
        };
        let positions = order.positions.iter();
        let positions = positions.map(|position| self.position(views, position));
        Ok(Preorder {
            id,
            is_canceled: order.is_canceled,
            is_paid: order.is_paid,
            order_code: order.code.clone(),
            positions: positions.collect::<Result<_, _>>()?,
            warning_text: order.warning_text.clone(),
        })
    }

    fn position(
        &mut self,
        views: &Views,
        position: &OrderPosition,
    ) -> Result<PreorderPosition, Rejection> {
        let id = match views.preorder.id_of(&position.secret) {
            Some(id) => id,
            None => PreorderPositionId(self.position.take()?),
        };
        self.placed.insert(id);
        Ok(PreorderPosition {
            id,
            price: position.price,
            product: position.product,
            secret: position.secret.clone(),
        })
    }
}

/// Members are known by their identifier in the list. Who is on the list and not in the file stays.
pub(super) fn members(
    views: &Views,
    list: ConstraintId,
    members: &[Member],
) -> Result<Vec<Fact>, Rejection> {
    views
        .constraint
        .list_constraint(list)
        .ok_or(Rejection::UnknownList(list))?;
    let last = views.constraint.last_entry();
    let mut next = Ids::after("entry of a list", last.map(|last| last.0));
    let mut facts = Vec::new();
    for member in members {
        let mut known = views
            .constraint
            .entries_of(list, &member.identifier)
            .peekable();
        let first = known.peek().copied();
        let mut entries = known.filter_map(|id| views.constraint.list_entry(id));
        // A catalogue may give several people one identifier.
        if entries.any(|entry| entry.name == member.name) {
            continue;
        }
        let id = match first {
            Some(id) => id,
            None => ListEntryId(next.take()?),
        };
        facts.push(Fact::ListEntryDefined(ListEntry {
            id,
            identifier: member.identifier.clone(),
            list,
            name: member.name.clone(),
        }));
    }
    Ok(facts)
}
