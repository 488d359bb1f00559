//! What changes: which tickets are redeemed, which entries are used, how much was sold. And the
//! transactions that say so.

use super::moment::Moment;
use super::venue::{Product, Venue};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Redeem,
    Sell,
    Reverse,
}

impl Kind {
    pub fn text(self) -> &'static str {
        match self {
            Self::Redeem => "redeem",
            Self::Sell => "sell",
            Self::Reverse => "reverse",
        }
    }
}

/// A position of a transaction: one record of the books.
#[derive(Clone)]
pub struct Position {
    /// Zero until it is booked.
    pub id: u32,
    pub kind: Kind,
    pub product: u32,
    pub pieces: u32,
    pub value: i64,
    pub rate: i64,
    pub tax: i64,
    pub reverses: Option<u32>,
    pub entry: Option<u32>,
    pub ticket: Option<u32>,
    pub items: Vec<u32>,
    pub authorized_by: Option<u32>,
}

/// Positions that were booked together.
pub struct Transaction {
    /// Zero until it is booked.
    pub id: u32,
    /// None when a till sold.
    pub session: Option<u32>,
    pub point_of_sale: u32,
    pub payment_method: u32,
    pub cash_given: Option<i64>,
    pub positions: Vec<Position>,
}

#[derive(Clone, Default)]
pub struct Stock {
    /// Tickets that are redeemed, and since when.
    redeemed: BTreeMap<u32, Moment>,
    entries: BTreeSet<u32>,
    /// Pieces per product: sales less their reversals. Redemptions never count.
    sold: BTreeMap<u32, i64>,
    reversed: BTreeSet<u32>,
}

impl Stock {
    pub fn apply(&mut self, position: &Position, at: Moment) {
        let pieces = i64::from(position.pieces);
        let reverses = position.kind == Kind::Reverse;
        match position.ticket {
            Some(ticket) if reverses => {
                self.redeemed.remove(&ticket);
            }
            Some(ticket) => {
                self.redeemed.insert(ticket, at);
            }
            None => {
                let sold = self.sold.entry(position.product).or_default();
                *sold += if reverses { -pieces } else { pieces };
            }
        }
        if let Some(entry) = position.entry {
            if reverses {
                self.entries.remove(&entry);
            } else {
                self.entries.insert(entry);
            }
        }
        self.reversed.extend(position.reverses);
    }

    pub fn redeemed_at(&self, ticket: u32) -> Option<Moment> {
        self.redeemed.get(&ticket).copied()
    }

    pub fn is_used(&self, entry: u32) -> bool {
        self.entries.contains(&entry)
    }

    pub fn is_reversed(&self, position: u32) -> bool {
        self.reversed.contains(&position)
    }

    pub fn is_sold_out(&self, venue: &Venue, product: u32) -> bool {
        let mut quotas = venue.quotas.iter();
        quotas.any(|quota| {
            let sold = quota.products.iter().filter_map(|id| self.sold.get(id));
            quota.products.contains(&product) && sold.sum::<i64>() >= quota.size
        })
    }
}

/// Whether a product's time has come: it has no window, or one of them is open.
pub fn in_time(product: &Product, at: Moment) -> bool {
    let open = |(start, end): &(Option<Moment>, Option<Moment>)| {
        start.is_none_or(|start| start <= at) && end.is_none_or(|end| at < end)
    };
    product.windows.is_empty() || product.windows.iter().any(open)
}
