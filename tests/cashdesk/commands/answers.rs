//! What a cashier does about a refusal.

use super::{CREATE, Model, NOW};
use crate::support::Dice;
use serde_json::{Value, json};

/// Asks the model what it would say, and does something about each refusal. Returns whether
/// anything was refused.
pub fn follow_up(dice: &mut Dice, model: &Model, token: &str, body: &mut Value) -> bool {
    let (_, said) = model.clone().post(token, CREATE, None, body, NOW);
    let Some(answers) = said["positions"].as_array() else {
        return false;
    };
    let mut kept = Vec::new();
    let mut refused = false;
    let asked = body["positions"].as_array().into_iter().flatten();
    for (position, answer) in asked.zip(answers) {
        let mut position = position.clone();
        refused |= answer["success"] == false;
        match answer["missing_field"].as_str() {
            Some(field) => resolve(dice, model, &mut position, field, answer),
            // Nothing helps: mostly it is taken out of the cart.
            None if answer["success"] == false && dice.roll(4) > 0 => continue,
            None => {}
        }
        kept.push(position);
    }
    if kept.is_empty() {
        // The guest asks for something else.
        kept.push(super::position(dice, model));
    }
    body["positions"] = json!(kept);
    refused
}

pub fn badge(dice: &mut Dice, model: &Model) -> Value {
    match dice.roll(8) {
        0 => json!("a badge of nobody"),
        1 => json!(crate::cashdesk::venue::BOS_BADGE),
        _ => json!(dice.pick(&model.badges())),
    }
}

fn resolve(dice: &mut Dice, model: &Model, position: &mut Value, field: &str, answer: &Value) {
    let price = answer["bypass_price"].as_f64();
    if let Some(price) = price.filter(|_| dice.roll(2) == 0 || field == "pay_for_unpaid") {
        pay(dice, position, price);
        return;
    }
    let value = match field {
        "auth" => {
            let name = *dice.pick(&["auth", "auth", "authorized_by"]);
            position[name] = badge(dice, model);
            return;
        }
        _ if field.starts_with("list_") => entry(dice, model, field),
        _ => acknowledgement(dice),
    };
    position[field] = value;
}

/// Adds a price to what the position pays already, not always exactly.
fn pay(dice: &mut Dice, position: &mut Value, price: f64) {
    let before = &position["bypass_price"];
    let text = before.as_str().and_then(|text| text.parse().ok());
    let sum = text.or_else(|| before.as_f64()).unwrap_or(0.0) + price;
    position["bypass_price"] = match dice.roll(12) {
        0 => json!(format!("{:.2}", sum + 1.11)),
        1 => json!(format!("{:.2}", (sum - 0.01).max(0.0))),
        // A fraction of a cent is rounded up to what is due.
        2 => json!(format!("{:.3}", (sum - 0.005).max(0.0))),
        3..7 => json!((sum * 100.0).round() / 100.0),
        _ => json!(format!("{sum:.2}")),
    };
    if dice.roll(8) == 0 {
        position["pay_for_unpaid"] = json!(true);
    }
}

fn entry(dice: &mut Dice, model: &Model, field: &str) -> Value {
    let list: u32 = field.trim_start_matches("list_").parse().unwrap();
    match dice.roll(20) {
        0 => json!("99999"),
        1 => json!(""),
        // A member, but perhaps of another list.
        2 => json!("10001"),
        3 => json!(10001),
        4..7 => badge(dice, model),
        _ => json!(dice.pick(&model.identifiers(list))),
    }
}

fn acknowledgement(dice: &mut Dice) -> Value {
    let yes = [
        json!(true),
        json!(true),
        json!(true),
        json!("true"),
        json!(1),
        json!({}),
        json!([]),
    ];
    let no = [
        json!(false),
        Value::Null,
        json!(""),
        json!(0),
        json!("0"),
        json!("false"),
    ];
    let refuses = dice.roll(5) == 0;
    let values = if refuses { &no[..] } else { &yes[..] };
    dice.pick(values).clone()
}
