//! Preorders: tickets sold before the event, and which of them were redeemed.

use daybook_schema::facts::{Preorder, PreorderPosition, Sale};
use daybook_schema::id::{PreorderId, PreorderPositionId};
use daybook_schema::{At, Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Preorders: tickets sold before the event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct PreorderView {
    preorders: OrdMap<PreorderId, Arc<Preorder>>,
    redeemed: OrdMap<PreorderPositionId, At>,
    /// Which preorder a position belongs to.
    positions: OrdMap<PreorderPositionId, PreorderId>,
    /// Positions by their secret in lower case: secrets are searched ignoring case, and redeemed
    /// only exactly.
    by_secret: OrdMap<String, Vec<PreorderPositionId>>,
    by_code: OrdMap<String, PreorderId>,
}

/// What a snapshot keeps; the rest is an index over it.
#[derive(Serialize, Deserialize)]
struct Stored {
    preorders: OrdMap<PreorderId, Arc<Preorder>>,
    redeemed: OrdMap<PreorderPositionId, At>,
}

impl From<PreorderView> for Stored {
    fn from(view: PreorderView) -> Self {
        Self {
            preorders: view.preorders,
            redeemed: view.redeemed,
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

    fn place(&mut self, preorder: Arc<Preorder>) {
        if let Some(before) = self.preorders.get(&preorder.id).cloned() {
            self.forget(&before);
        }
        for position in &preorder.positions {
            self.positions.insert(position.id, preorder.id);
            let same = self.by_secret.entry(position.secret.to_lowercase());
            let same = same.or_default();
            if let Err(place) = same.binary_search(&position.id) {
                same.insert(place, position.id);
            }
        }
        self.by_code
            .insert(preorder.order_code.clone(), preorder.id);
        self.preorders.insert(preorder.id, preorder);
    }

    fn forget(&mut self, preorder: &Preorder) {
        if self.by_code.get(&preorder.order_code) == Some(&preorder.id) {
            self.by_code.remove(&preorder.order_code);
        }
        for position in &preorder.positions {
            if self.positions.get(&position.id) == Some(&preorder.id) {
                self.positions.remove(&position.id);
            }
            let secret = position.secret.to_lowercase();
            if let Some(same) = self.by_secret.get_mut(&secret) {
                same.retain(|id| *id != position.id);
                if same.is_empty() {
                    self.by_secret.remove(&secret);
                }
            }
        }
    }

    /// A preorder, by id.
    #[must_use]
    pub fn preorder(&self, id: PreorderId) -> Option<&Arc<Preorder>> {
        self.preorders.get(&id)
    }

    /// The preorder with the shop's order code.
    #[must_use]
    pub fn preorder_of(&self, order_code: &str) -> Option<&Arc<Preorder>> {
        self.preorders.get(self.by_code.get(order_code)?)
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

    /// The highest id of a position.
    #[must_use]
    pub fn last_position(&self) -> Option<PreorderPositionId> {
        self.positions.get_max().map(|(id, _)| *id)
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

fn tickets(sale: &Sale) -> impl Iterator<Item = PreorderPositionId> {
    let tickets = sale.lines.iter().filter_map(|line| line.ticket.as_ref());
    tickets.map(|ticket| ticket.position)
}
