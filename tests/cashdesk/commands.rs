//! Random requests as cashiers and broken clients make them. The model tells what a refusal asks
//! for, so most carts end well after a few tries.

#![expect(unreachable_pub, reason = "every story may ask")]

use super::model::{Model, Moment};
use crate::support::Dice;
use serde_json::{Value, json};

mod answers;
mod garbage;

/// One POST. A body of null is no body at all.
#[derive(Clone, Debug)]
pub struct Request {
    pub token: String,
    pub path: String,
    pub key: Option<String>,
    pub body: Value,
}

/// A till's sale: lines of product and pieces.
#[derive(Clone, Debug)]
pub struct TillSale {
    pub point_of_sale: u32,
    pub payment_method: u32,
    pub lines: Vec<(u32, u32)>,
}

const CREATE: &str = "/api/transactions/";
/// When the model is asked what it would say; no window of the venue opens or ends near it.
pub const NOW: Moment = Moment(1_777_636_800_000_000);

/// What comes next at some cash desk.
pub fn command(dice: &mut Dice, model: &Model) -> Request {
    match dice.roll(100) {
        0..8 => repeated(dice, model).unwrap_or_else(|| sale(dice, model)),
        8..24 => reversal(dice, model),
        24..34 => {
            let request = sale(dice, model);
            garbage::spoiled(dice, request)
        }
        _ => sale(dice, model),
    }
}

/// A sale of some pieces at a till.
pub fn till_sale(dice: &mut Dice, model: &Model) -> TillSale {
    let point_of_sale = *dice.pick(&[1, 2]);
    let (products, methods) = model.till(point_of_sale);
    let count = 1 + dice.index(3);
    let lines = (0..count).map(|_| {
        let pieces = *dice.pick(&[0, 1, 1, 1, 2, 12]);
        (*dice.pick(&products), pieces)
    });
    let lines = lines.collect();
    let payment_method = *dice.pick(&methods);
    TillSale {
        point_of_sale,
        payment_method,
        lines,
    }
}

fn token(dice: &mut Dice, model: &Model) -> String {
    let token = match dice.roll(60) {
        0 => "nobody-has-this-token",
        _ => dice.pick(&model.tokens()),
    };
    token.to_owned()
}

/// Now and then a key, seldom one that no key may be, and at times one that was used before.
fn key(dice: &mut Dice) -> Option<String> {
    match dice.roll(100) {
        0 => Some("k".repeat(256)),
        1 => Some("~".repeat(255)),
        2..10 => Some(format!("few-{}", dice.roll(20))),
        10..40 => Some(format!("key-{:016x}", dice.roll(u64::MAX))),
        _ => None,
    }
}

/// A cart, tried until it is accepted or the cashier gives up.
fn sale(dice: &mut Dice, model: &Model) -> Request {
    let token = token(dice, model);
    let mut body = json!({ "positions": cart(dice, model) });
    if dice.roll(3) == 0 {
        body["cash_given"] = dice
            .pick(&[
                json!("50.00"),
                json!(20),
                json!("12.345"),
                json!(0.5),
                Value::Null,
            ])
            .clone();
    }
    for _ in 0..5 {
        if dice.roll(4) == 0 || !answers::follow_up(dice, model, &token, &mut body) {
            break;
        }
    }
    let path = match dice.roll(20) {
        0 => CREATE.trim_end_matches('/'),
        _ => CREATE,
    };
    Request {
        token,
        path: path.to_owned(),
        key: key(dice),
        body,
    }
}

fn cart(dice: &mut Dice, model: &Model) -> Vec<Value> {
    let size = match dice.roll(800) {
        // Tickets for a whole school, and one pupil too many.
        0 => return vec![json!({"type": "sell", "product": 1}); 1000 + dice.index(2)],
        1..9 => 20 + dice.index(30),
        9..320 => 2 + dice.index(3),
        _ => 1,
    };
    let mut cart: Vec<_> = (0..size).map(|_| position(dice, model)).collect();
    // The same ticket is scanned twice.
    if dice.roll(12) == 0 {
        cart.push(cart[0].clone());
    }
    cart
}

fn position(dice: &mut Dice, model: &Model) -> Value {
    if dice.roll(2) == 0 {
        let fresh = model.fresh_secrets();
        let secret = match dice.roll(20) {
            0 => "no-such-ticket",
            1..5 => dice.pick(&model.secrets()),
            _ if fresh.is_empty() => "family-1",
            _ => dice.pick(&fresh),
        };
        return json!({"type": "redeem", "secret": secret});
    }
    let product = match dice.roll(30) {
        0 => 999,
        1..5 => *dice.pick(&[8, 9, 20]),
        _ => *dice.pick(&model.products()),
    };
    let mut position = match dice.roll(5) {
        0 => json!({"type": "sell", "product": product.to_string()}),
        // What clients add for themselves is not read.
        1 => json!({"type": "sell", "product": product, "price": "0.01", "_title": "Ticket"}),
        _ => json!({"type": "sell", "product": product}),
    };
    // Someone is careful and always shows a badge.
    if dice.roll(15) == 0 {
        position["auth"] = answers::badge(dice, model);
    }
    position
}

/// Takes back a transaction, mostly a recent one and mostly from its own session.
fn reversal(dice: &mut Dice, model: &Model) -> Request {
    let booked = model.booked();
    let recent = &booked[booked.len().saturating_sub(6)..];
    let from = if dice.roll(4) == 0 { &booked } else { recent };
    let one = (!from.is_empty()).then(|| *dice.pick(from));
    let (id, owner) = one.unwrap_or((1, None));
    let token = match owner {
        Some(owner) if dice.roll(5) < 3 => owner.to_owned(),
        _ => token(dice, model),
    };
    let id = match dice.roll(25) {
        // Mostly a position of a transaction, but not its first.
        0 => (id + 1).to_string(),
        1 => {
            let odd = [
                "0",
                "4000000000",
                "99999999999999999999",
                "-1",
                "abc",
                "1.5",
                "null",
            ];
            (*dice.pick(&odd)).to_owned()
        }
        _ => id.to_string(),
    };
    let slash = if dice.roll(10) == 0 { "" } else { "/" };
    let key = key(dice);
    let body = match dice.roll(8) {
        0 if key.is_none() => json!({"reason": "by mistake"}),
        _ => Value::Null,
    };
    Request {
        token,
        path: format!("{CREATE}{id}/reverse{slash}"),
        key,
        body,
    }
}

/// A key that was booked under comes again: for the same request, for another, or from elsewhere.
fn repeated(dice: &mut Dice, model: &Model) -> Option<Request> {
    let keyed = model.keyed();
    if keyed.is_empty() {
        return None;
    }
    let (token, path, key, body) = *dice.pick(&keyed);
    let mut request = Request {
        token: token.to_owned(),
        path: format!("{path}/"),
        key: Some(key.to_owned()),
        body: body.clone(),
    };
    match dice.roll(10) {
        0..6 => {}
        6 => (*dice.pick(&model.tokens())).clone_into(&mut request.token),
        // Without a body there is nothing to change.
        _ if body.is_null() => {}
        7 => request.body["_note"] = json!("changed"),
        8 => request.body["positions"] = json!([]),
        _ => request.body = json!({ "positions": cart(dice, model) }),
    }
    Some(request)
}
