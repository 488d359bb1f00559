//! A request for a transaction: its envelope, and all its positions in order.

use super::amount::given;
use super::checks::{Counter, Members, Outcome, Refusal};
use super::stock::{Stock, Transaction};
use super::venue::Session;
use super::views::preorder_position;
use super::{Answer, Model, Moment, detail, redeem};
use serde_json::{Value, json};

const MOST_POSITIONS: usize = 1000;

/// The positions and the cash that a body states.
fn envelope(body: &Value) -> Result<(&[Value], Option<i64>), Answer> {
    let refuse = |text: &str| Err(detail(400, text));
    let Some(body) = body.as_object() else {
        return refuse("Expected a JSON object.");
    };
    let positions = match body.get("positions") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(positions)) => positions.as_slice(),
        Some(_) => return refuse("positions: expected a list."),
    };
    if positions.is_empty() {
        return Err((400, json!("Empty transaction")));
    }
    if positions.len() > MOST_POSITIONS {
        return refuse("Too many positions.");
    }
    let cash_given = match body.get("cash_given") {
        None | Some(Value::Null) => None,
        Some(value) => match given(value) {
            Some(cents) => Some(cents),
            None => return refuse("cash_given: a valid amount is required."),
        },
    };
    Ok((positions, cash_given))
}

/// How a message writes a type that nobody knows.
fn unknown_type(kind: Option<&Value>) -> Refusal {
    let kind = match kind {
        None | Some(Value::Null) => "None".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    Refusal::error(&format!("Type {kind} is not yet implemented"))
}

impl Counter<'_> {
    fn look_at(&self, position: &Value) -> Outcome {
        let members = position.as_object();
        let members = members.ok_or_else(|| Refusal::error("Invalid position."))?;
        let kind = members.get("type");
        match kind.and_then(Value::as_str) {
            Some("redeem") => self.redeem(members),
            Some("sell") => self.sell(members),
            _ => Err(unknown_type(kind)),
        }
    }
}

impl Model {
    pub(super) fn create(&mut self, session: &Session, body: &Value, at: Moment) -> Answer {
        let (asked, cash_given) = match envelope(body) {
            Ok(envelope) => envelope,
            Err(answer) => return answer,
        };
        let mut stock = self.stock.clone();
        let (mut positions, mut answers) = (Vec::new(), Vec::new());
        for one in asked {
            let counter = Counter {
                venue: &self.venue,
                stock: &stock,
                at,
            };
            match counter.look_at(one) {
                Ok(position) => {
                    stock.apply(&position, at);
                    positions.push(position);
                    answers.push(self.accepted(one.as_object().unwrap(), &self.stock));
                }
                Err(refusal) => answers.push(refusal.json()),
            }
        }
        if positions.len() < asked.len() {
            return (400, json!({ "success": false, "positions": answers }));
        }
        let transaction = Transaction {
            id: 0,
            session: Some(session.id),
            point_of_sale: session.point_of_sale,
            payment_method: self.venue.cash_at(session.point_of_sale),
            cash_given,
            positions,
        };
        let id = self.book(transaction, at);
        (
            201,
            json!({ "success": true, "positions": answers, "id": id }),
        )
    }

    /// An accepted position shows its ticket as it was before this request.
    fn accepted(&self, members: &Members, before: &Stock) -> Value {
        match redeem::ticket(&self.venue, members) {
            Ok(ticket) if members["type"] == "redeem" => json!({
                "success": true,
                "preorder_position": preorder_position(&self.venue, before, ticket),
            }),
            _ => json!({ "success": true }),
        }
    }
}
