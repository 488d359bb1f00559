//! Requests that no client should send.

use super::Request;
use crate::support::Dice;
use serde_json::{Value, json};

/// Values that are wrong almost anywhere, and right in a few places.
fn junk(dice: &mut Dice) -> Value {
    let junk = [
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(7),
        json!(4_294_967_297_u64),
        json!(1e30),
        json!(""),
        json!("x"),
        json!("0"),
        json!("12.00"),
        json!("99999999999999999999"),
        json!([]),
        json!([1]),
        json!({}),
        json!({"type": "sell"}),
        json!("\u{0}\u{fffd}🎟"),
    ];
    dice.pick(&junk).clone()
}

/// What may stand for an amount, on both sides of every limit.
fn amount(dice: &mut Dice) -> Value {
    let amounts = [
        json!("NaN"),
        json!("Infinity"),
        json!("-0.01"),
        json!(-5),
        json!("99999999.99"),
        json!("99999999.994"),
        json!("99999999.995"),
        json!("100000000"),
        json!(100_000_000),
        json!("1e2"),
        json!("1e9"),
        json!("2.5E-1"),
        json!("0.005"),
        json!("0.0049999999999999999999999"),
        json!("12,00"),
        json!("12.00 EUR"),
        json!("0x10"),
        json!(17.125),
    ];
    dice.pick(&amounts).clone()
}

/// Breaks a request in one place.
pub fn spoiled(dice: &mut Dice, mut request: Request) -> Request {
    match dice.roll(10) {
        0 => {
            // No body is another matter than a body of null.
            let wrong = [
                json!([]),
                json!("positions"),
                json!(1),
                json!(true),
                json!({}),
            ];
            request.body = dice.pick(&wrong).clone();
        }
        1 => {
            let wrong = [
                json!([]),
                json!({}),
                Value::Null,
                json!(false),
                json!(0),
                json!(""),
                json!("x"),
            ];
            request.body["positions"] = dice.pick(&wrong).clone();
        }
        2 => request.body["cash_given"] = junk(dice),
        3 => request.body["cash_given"] = amount(dice),
        _ => {
            let positions = request.body["positions"].as_array_mut().unwrap();
            let index = dice.index(positions.len());
            spoil(dice, &mut positions[index]);
        }
    }
    request
}

fn spoil(dice: &mut Dice, position: &mut Value) {
    let missing = ["type", "secret", "product"];
    let any = [
        "secret",
        "product",
        "auth",
        "authorized_by",
        "list_1",
        "list_2",
        "warning_acknowledged",
        "warning_2_acknowledged",
        "pay_for_unpaid",
        "bypass_price",
    ];
    match dice.roll(12) {
        0 => *position = junk(dice),
        1 => position["type"] = kind(dice),
        2 => {
            let name = *dice.pick(&missing);
            position.as_object_mut().unwrap().remove(name);
        }
        3..6 => position["bypass_price"] = amount(dice),
        6 => position["product"] = junk(dice),
        7 => position["secret"] = junk(dice),
        _ => position[*dice.pick(&any)] = junk(dice),
    }
}

/// Types that nobody knows.
fn kind(dice: &mut Dice) -> Value {
    let kinds = [
        json!("give"),
        json!("reverse"),
        json!("Sell"),
        json!(""),
        json!("\"<b>ö</b>\""),
        json!(7),
        Value::Null,
    ];
    dice.pick(&kinds).clone()
}
