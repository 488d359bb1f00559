//! Importing what others sold or know: a shop's orders, an association's members. They come without
//! ids of ours: known ones keep theirs, new ones get the next.

use super::Rejection;
use daybook_catalogue::{Member, Order, OrderPosition};
use daybook_projections::Views;
use daybook_schema::Fact;
use daybook_schema::facts::{ListEntry, Preorder, PreorderPosition};
use daybook_schema::id::{ConstraintId, ListEntryId, PreorderId, PreorderPositionId};
use std::sync::Arc;

/// Orders are known by their code, their positions by the secret. `dropped` are the codes of orders
/// that have no ticket left: one that is known is canceled.
pub(super) fn orders(
    views: &Views,
    orders: &[Order],
    dropped: &[String],
) -> Result<Vec<Fact>, Rejection> {
    views.instance.described().ok_or(Rejection::NoCatalogue)?;
    let mut next = Next::of(views);
    let mut problems = Vec::new();
    let mut facts = Vec::new();
    for order in orders {
        let known = views.preorder.preorder_of(&order.code);
        let preorder = next.preorder(order, known);
        problems.extend(unsellable(views, &preorder));
        if known.map(Arc::as_ref) != Some(&preorder) {
            facts.push(Fact::PreorderPlaced(preorder));
        }
    }
    for code in dropped {
        let known = views.preorder.preorder_of(code);
        if let Some(known) = known.filter(|known| !known.is_canceled) {
            let mut canceled = known.as_ref().clone();
            canceled.is_canceled = true;
            facts.push(Fact::PreorderPlaced(canceled));
        }
    }
    problems.is_empty().then_some(facts).ok_or(Rejection::Catalogue(problems))
}

/// Positions of a product that the ledger does not have.
fn unsellable(views: &Views, preorder: &Preorder) -> impl Iterator<Item = String> {
    let unknown = |position: &&PreorderPosition| views.product.product(position.product).is_none();
    let unknown = preorder.positions.iter().filter(unknown);
    unknown.map(|position| {
        format!(
            "order {} refers to product {}, which the ledger does not have",
            preorder.order_code, position.product
        )
    })
}

/// The next free ids.
struct Next {
    preorder: u32,
    position: u32,
}

impl Next {
    fn of(views: &Views) -> Self {
        let preorder = views.preorder.preorders().next_back();
        let position = views.preorder.last_position();
        Self {
            preorder: preorder.map_or(1, |last| last.id.0.saturating_add(1)),
            position: position.map_or(1, |last| last.0.saturating_add(1)),
        }
    }

    fn preorder(&mut self, order: &Order, known: Option<&Arc<Preorder>>) -> Preorder {
        let id = known.map_or_else(|| PreorderId(take(&mut self.preorder)), |known| known.id);
        let position = |position: &OrderPosition| {
            let before = known.and_then(|known| {
                let mut positions = known.positions.iter();
                positions.find(|before| before.secret == position.secret)
            });
            let id = before.map(|before| before.id);
            PreorderPosition {
                id: id.unwrap_or_else(|| PreorderPositionId(take(&mut self.position))),
                price: position.price,
                product: position.product,
                secret: position.secret.clone(),
            }
        };
        Preorder {
            id,
            is_canceled: order.is_canceled,
            is_paid: order.is_paid,
            order_code: order.code.clone(),
            positions: order.positions.iter().map(position).collect(),
            warning_text: order.warning_text.clone(),
        }
    }
}

fn take(next: &mut u32) -> u32 {
    let id = *next;
    *next = next.saturating_add(1);
    id
}

/// Members are known by their identifier in the list. Who is on the list and not in the file stays.
pub(super) fn members(
    views: &Views,
    list: ConstraintId,
    members: &[Member],
) -> Result<Vec<Fact>, Rejection> {
    views.constraint.list_constraint(list).ok_or(Rejection::UnknownList(list))?;
    let last = views.constraint.last_entry();
    let mut next = last.map_or(1, |last| last.0.saturating_add(1));
    let mut facts = Vec::new();
    for member in members {
        let known = views.constraint.entries_of(list, &member.identifier).next();
        let before = known.and_then(|id| views.constraint.list_entry(id));
        if before.is_some_and(|before| before.name == member.name) {
            continue;
        }
        facts.push(Fact::ListEntryDefined(ListEntry {
            id: known.unwrap_or_else(|| ListEntryId(take(&mut next))),
            identifier: member.identifier.clone(),
            list,
            name: member.name.clone(),
        }));
    }
    Ok(facts)
}
