//! Taking back a whole transaction.

use super::stock::{Kind, Position, Transaction};
use super::venue::Session;
use super::{Answer, Model, Moment};
use serde_json::json;

/// A position that takes another one back.
fn taken_back(position: &Position) -> Position {
    Position {
        id: 0,
        kind: Kind::Reverse,
        value: -position.value,
        tax: -position.tax,
        reverses: Some(position.id),
        authorized_by: None,
        ..position.clone()
    }
}

impl Model {
    pub(super) fn reverse(&mut self, session: &Session, id: &str, at: Moment) -> Answer {
        let old = id
            .parse()
            .ok()
            .and_then(|id: u32| self.transactions.get(&id));
        let Some(old) = old.cloned() else {
            return refused("Transaction ID not known.");
        };
        if old.session != Some(session.id) && !session.is_troubleshooter {
            return refused("Only troubleshooters can reverse sales from other sessions.");
        }
        let mut positions = old.positions.iter();
        if positions.any(|position| self.stock.is_reversed(position.id)) {
            return refused("At least one position of this transaction has already been reversed.");
        }
        let mut positions = old.positions.iter();
        if positions.any(|position| position.kind == Kind::Reverse) {
            return refused("At least one position of this transaction is a reversal.");
        }
        let transaction = Transaction {
            id: 0,
            session: Some(session.id),
            point_of_sale: session.point_of_sale,
            payment_method: old.payment_method,
            cash_given: None,
            positions: old.positions.iter().map(taken_back).collect(),
        };
        let id = self.book(transaction, at);
        (200, json!({ "success": true, "id": id }))
    }
}

fn refused(message: &str) -> Answer {
    (400, json!({ "success": false, "message": message }))
}
