//! Preorders: tickets sold before the event, and which of them were redeemed.

mod former;

use daybook_schema::facts::{Preorder, PreorderPosition, Sale};
use daybook_schema::id::{PreorderId, PreorderPositionId};
use daybook_schema::{At, Event, Fact};
use former::Former;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Preorders: tickets sold before the event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct PreorderView {
    pub(crate) preorders: OrdMap<PreorderId, Arc<Preorder>>,
    pub(crate) redeemed: OrdMap<PreorderPositionId, At>,
    /// Which preorder a position belongs to.
    pub(crate) positions: OrdMap<PreorderPositionId, PreorderId>,
    /// Positions by their secret in lower case: secrets are searched ignoring case, and redeemed
    /// only exactly.
    by_secret: OrdMap<String, Vec<PreorderPositionId>>,
    /// Preorders by the shop's order code.
    by_code: OrdMap<String, Vec<PreorderId>>,
    former: Former,
}

/// What a snapshot keeps; the rest is an index over it.
#[derive(Serialize, Deserialize)]
struct Stored {
    preorders: OrdMap<PreorderId, Arc<Preorder>>,
    redeemed: OrdMap<PreorderPositionId, At>,
    former: Former,
}

impl From<PreorderView> for Stored {
    fn from(view: PreorderView) -> Self {
        Self {
            preorders: view.preorders,
            redeemed: view.redeemed,
            former: view.former,
        }
    }
}

impl From<Stored> for PreorderView {
    fn from(stored: Stored) -> Self {
        let mut view = Self {
            redeemed: stored.redeemed,
            ..Self::default()
        };
        for preorder in stored.preorders.into_iter().map(|(_, preorder)| preorder) {
            view.place(preorder);
        }
        view.former = stored.former;
        view
    }
}

/// A ticket: a position with its preorder.
#[derive(Clone, Debug)]
pub struct TicketOf<'a> {
    /// The preorder.
    pub preorder: &'a Arc<Preorder>,
    /// The position.
    pub position: &'a PreorderPosition,
    /// When it was redeemed, unless that was reversed.
    pub redeemed: Option<At>,
}

impl PreorderView {
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::PreorderPlaced(preorder) => self.place(Arc::new(preorder.clone())),
            Fact::SaleRecorded(sale) => {
                for position in tickets(sale) {
                    self.redeemed.insert(position, event.at);
                }
            }
            Fact::SaleReversed(sale) => {
                for position in tickets(sale) {
                    self.redeemed.remove(&position);
                }
            }
            _ => {}
        }
    }

    /// A position belongs to the preorder that was placed with it last: a shop may split an order.
    /// So the indexes follow from the preorders alone, in whatever order these are placed again.
    fn place(&mut self, preorder: Arc<Preorder>) {
        if let Some(before) = self.preorders.get(&preorder.id).cloned() {
            self.forget(&before);
            self.former.leave(&before.positions);
        }
        self.former.join(&preorder.positions);
        for position in &preorder.positions {
            self.take_from_other(position.id);
        }
        for position in &preorder.positions {
            self.positions.insert(position.id, preorder.id);
            note(
                &mut self.by_secret,
                position.secret.to_lowercase(),
                position.id,
            );
        }
        note(&mut self.by_code, preorder.order_code.clone(), preorder.id);
        self.preorders.insert(preorder.id, preorder);
    }

    fn forget(&mut self, preorder: &Preorder) {
        strike(&mut self.by_code, &preorder.order_code, preorder.id);
        for position in &preorder.positions {
            self.positions.remove(&position.id);
            strike(
                &mut self.by_secret,
                &position.secret.to_lowercase(),
                position.id,
            );
        }
    }

    /// Takes a position from the preorder that has it.
    fn take_from_other(&mut self, id: PreorderPositionId) {
        let owner = self.positions.remove(&id);
        let Some(owner) = owner.and_then(|owner| self.preorders.get_mut(&owner)) else {
            return;
        };
        for position in owner.positions.iter().filter(|position| position.id == id) {
            strike(&mut self.by_secret, &position.secret.to_lowercase(), id);
        }
        Arc::make_mut(owner)
            .positions
            .retain(|position| position.id != id);
    }

    /// A preorder, by id.
    #[must_use]
    pub fn preorder(&self, id: PreorderId) -> Option<&Arc<Preorder>> {
        self.preorders.get(&id)
    }

    /// The preorder with the shop's order code; the first when there are more.
    #[must_use]
    pub fn preorder_of(&self, order_code: &str) -> Option<&Arc<Preorder>> {
        self.preorders.get(self.by_code.get(order_code)?.first()?)
    }

    /// All of them, by id.
    #[must_use]
    pub fn preorders(&self) -> impl DoubleEndedIterator<Item = &Arc<Preorder>> {
        self.preorders.values()
    }

    /// How many preorders there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.preorders.len()
    }

    /// The highest id that any position ever had.
    #[must_use]
    pub fn last_position(&self) -> Option<PreorderPositionId> {
        self.former.last()
    }

    /// The id of the ticket with exactly this secret, also of one that is on no preorder any more.
    #[must_use]
    pub fn id_of(&self, secret: &str) -> Option<PreorderPositionId> {
        let id = self.ticket_of(secret).map(|ticket| ticket.position.id);
        // Whoever renamed a ticket gave its id a new secret.
        let former = || {
            self.former
                .id_of(secret)
                .filter(|id| !self.positions.contains_key(id))
        };
        id.or_else(former)
    }

    /// A ticket by the id of its position.
    #[must_use]
    pub fn ticket(&self, id: PreorderPositionId) -> Option<TicketOf<'_>> {
        let preorder = self.preorders.get(self.positions.get(&id)?)?;
        let position = preorder.positions.iter().find(|p| p.id == id)?;
        let redeemed = self.redeemed.get(&id).copied();
        Some(TicketOf {
            preorder,
            position,
            redeemed,
        })
    }

    /// The ticket with exactly this secret.
    #[must_use]
    pub fn ticket_of(&self, secret: &str) -> Option<TicketOf<'_>> {
        let same = self.by_secret.get(&secret.to_lowercase())?;
        let mut tickets = same.iter().filter_map(|id| self.ticket(*id));
        tickets.find(|ticket| ticket.position.secret == secret)
    }

    /// The ids of the positions with this secret, ignoring case.
    #[must_use]
    pub fn with_secret(&self, secret: &str) -> Vec<PreorderPositionId> {
        let same = self.by_secret.get(&secret.to_lowercase());
        same.cloned().unwrap_or_default()
    }

    /// The ids of the positions whose secret begins so, ignoring case; ascending.
    #[must_use]
    pub fn starting_with(&self, start: &str) -> Vec<PreorderPositionId> {
        let start = start.to_lowercase();
        let from = self.by_secret.range(start.clone()..);
        let same = from.take_while(|(secret, _)| secret.starts_with(&start));
        let mut ids: Vec<_> = same.flat_map(|(_, ids)| ids.iter().copied()).collect();
        ids.sort_unstable();
        ids
    }
}

/// Adds to an index whose entries ascend.
fn note<Id: Copy + Ord>(index: &mut OrdMap<String, Vec<Id>>, text: String, id: Id) {
    let same = index.entry(text).or_default();
    if let Err(place) = same.binary_search(&id) {
        same.insert(place, id);
    }
}

fn strike<Id: Copy + Ord>(index: &mut OrdMap<String, Vec<Id>>, text: &str, id: Id) {
    let Some(same) = index.get_mut(text) else {
        return;
    };
    same.retain(|other| *other != id);
    if same.is_empty() {
        index.remove(text);
    }
}

fn tickets(sale: &Sale) -> impl Iterator<Item = PreorderPositionId> {
    let tickets = sale.lines.iter().filter_map(|line| line.ticket.as_ref());
    tickets.map(|ticket| ticket.position)
}
