//! Sales at tills, which move the same numbers and quotas.

use super::amount::tax;
use super::stock::{Kind, Position, Transaction};
use super::venue::Product;
use super::{Model, Moment};

fn line(product: &Product, pieces: u32, price: i64) -> Position {
    let value = price * i64::from(pieces);
    Position {
        id: 0,
        kind: Kind::Sell,
        product: product.id,
        pieces,
        value,
        rate: product.rate,
        tax: tax(value, product.rate),
        reverses: None,
        entry: None,
        ticket: None,
        items: Vec::new(),
        authorized_by: None,
    }
}

impl Model {
    /// A till's sale that is in order: lines of product and pieces. Returns the transaction's id,
    /// or none when nothing was counted.
    pub fn payitems(
        &mut self,
        point_of_sale: u32,
        payment_method: u32,
        lines: &[(u32, u32)],
        at: Moment,
    ) -> Option<u32> {
        let venue = self.venue.clone();
        let mut positions = Vec::new();
        for (product, pieces) in lines.iter().filter(|(_, pieces)| *pieces > 0) {
            let product = &venue.products[product];
            positions.push(line(product, *pieces, product.price));
            if let Some((price, deposit)) = venue.deposit.filter(|_| product.deposit) {
                positions.push(line(&venue.products[&deposit], *pieces, price));
            }
        }
        if positions.is_empty() {
            return None;
        }
        let transaction = Transaction {
            id: 0,
            session: None,
            point_of_sale,
            payment_method,
            cash_given: None,
            positions,
        };
        Some(self.book(transaction, at))
    }
}
