//! The judge is judged: the documentation's own examples, and its tables row by row.

use super::model::{Model, Moment, timeless};
use super::venue::{BO, KIM, LU, TONI, venue};
use crate::support::{entry, festival};
use serde_json::{Value, json};

mod garbage;
mod objects;
mod purse;
mod redeem;
mod reverse;
mod sell;

const CREATE: &str = "/api/transactions/";
/// 2026-05-01 12:00:00.123456 UTC
const NOW: Moment = Moment(1_777_636_800_123_456);

fn model() -> Model {
    Model::of(&venue())
}

fn post(model: &mut Model, token: &str, body: &Value) -> (u16, Value) {
    model.post(token, CREATE, None, body, NOW)
}

/// Asks for one position, and returns what is said of it; an accepted one is booked.
fn one(model: &mut Model, position: &Value) -> Value {
    let (status, answer) = post(model, KIM, &json!({ "positions": [position] }));
    let success = answer["success"] == true;
    assert_eq!(status, if success { 201 } else { 400 });
    assert_eq!(answer.get("id").is_some(), success);
    answer["positions"][0].clone()
}

/// A refusal with its field and price, which may be null. The field tells the type.
fn refusal(message: &Value, field: &Value, price: &Value) -> Value {
    let kind = field.as_str().map(|field| {
        let input = field == "auth" || field.starts_with("list_");
        if input { "input" } else { "confirmation" }
    });
    json!({"success": false, "message": message, "type": kind, "missing_field": field, "bypass_price": price})
}

fn error(message: &str) -> Value {
    refusal(&json!(message), &Value::Null, &Value::Null)
}

/// A position with more members.
fn with(mut position: Value, members: &Value) -> Value {
    let members = members.as_object().cloned().into_iter().flatten();
    position.as_object_mut().unwrap().extend(members);
    position
}

fn redeem(secret: &str, members: &Value) -> Value {
    with(json!({"type": "redeem", "secret": secret}), members)
}

fn sell(product: u32) -> Value {
    json!({"type": "sell", "product": product})
}

/// The first example: a ticket for a list that the client did not know of.
#[test]
fn the_first_example_is_answered_as_documented() {
    let mut venue = festival();
    entry(&mut venue, "list_constraints", 1)["products"] = json!([]);
    entry(&mut venue, "list_constraints", 3)["products"] = json!([{"product": 5}]);
    let mut model = Model::of(&venue);
    let body = json!({"cash_given": "12.00", "positions": [
        {"type": "redeem", "secret": "abcdefgh"},
        {"type": "sell", "product": 1, "authorized_by": "12345"},
    ]});
    let message = "This ticket can only be redeemed by persons on the \"CCC Members\" list";
    let refused = refusal(&json!(message), &json!("list_3"), &Value::Null);
    let expected = json!({"success": false, "positions": [refused, {"success": true}]});
    let answer = post(&mut model, "abcdefgh1234567890", &body);
    assert_eq!(answer, (400, expected));
    assert!(model.rows().is_empty());
}

/// The second example: a used entry is refused with the price of the upgrade, which then is paid.
#[test]
fn a_used_entry_quotes_the_upgrade() {
    let mut model = Model::of(&festival());
    let token = "abcdefgh1234567890";
    let first = json!({"positions": [with(sell(5), &json!({"list_1": "12345"}))]});
    let expected = json!({"success": true, "positions": [{"success": true}], "id": 1});
    assert_eq!(post(&mut model, token, &first), (201, expected));
    let mut ticket = redeem("abcdefgh", &json!({"list_1": "12345"}));
    let body = json!({"cash_given": "50.00", "positions": [ticket, sell(3)]});
    let message = json!("This list entry has already been used.");
    let used = refusal(&message, &json!("list_1"), &json!(12.0));
    let expected = json!({"success": false, "positions": [used, {"success": true}]});
    assert_eq!(post(&mut model, token, &body), (400, expected));
    ticket["bypass_price"] = json!(12.0);
    let body = json!({"cash_given": "50.00", "positions": [ticket, sell(3)]});
    let shown = json!({"id": 3, "preorder": 2, "secret": "abcdefgh", "product": 5, "is_redeemed": false,
        "is_paid": true, "product_name": "Mitgliederticket", "pack_list": "", "redemption_message": null});
    let positions = json!([{"success": true, "preorder_position": shown}, {"success": true}]);
    let expected = json!({"success": true, "positions": positions, "id": 2});
    assert_eq!(post(&mut model, token, &body), (201, expected));
}

#[test]
fn a_key_stands_for_one_request() {
    let mut model = model();
    let ask = |model: &mut Model, token: &str, path: &str, key: &str, body: &Value| {
        model.post(token, path, Some(key), body, NOW)
    };
    // What was refused may come again, completed.
    let body = json!({"positions": [sell(10)]});
    assert_eq!(ask(&mut model, KIM, CREATE, "a", &body).0, 400);
    let body = json!({"positions": [with(sell(10), &json!({"warning_1_acknowledged": true}))]});
    let first = ask(&mut model, KIM, CREATE, "a", &body);
    assert_eq!(first.0, 201);
    let again = ask(&mut model, KIM, CREATE.trim_end_matches('/'), "a", &body);
    assert_eq!(again, first);
    let conflict = json!({"detail": "Idempotency-Key was used for a different request."});
    for other in [json!({"positions": [sell(1)]}), json!([]), Value::Null] {
        let answer = ask(&mut model, KIM, CREATE, "a", &other);
        assert_eq!(answer, (422, conflict.clone()));
    }
    // A key belongs to its session and its path.
    assert_eq!(ask(&mut model, LU, CREATE, "a", &body).1["id"], 2);
    let back = "/api/transactions/1/reverse/";
    let reversed = ask(&mut model, KIM, back, "a", &Value::Null);
    assert_eq!(reversed, (200, json!({"success": true, "id": 3})));
    assert_eq!(ask(&mut model, KIM, back, "a", &Value::Null), reversed);
    assert_eq!(ask(&mut model, KIM, back, "b", &Value::Null).0, 400);
    assert_eq!(model.size(), 3);
    for key in ["", "ö", "a\tb", &"k".repeat(256)] {
        let expected = (400, json!({"detail": "Invalid Idempotency-Key."}));
        assert_eq!(ask(&mut model, KIM, CREATE, key, &body), expected);
    }
}

#[test]
fn sessions_are_told_by_their_tokens() {
    let mut model = model();
    let body = json!({"positions": [sell(1)]});
    let said = |text: &str| json!({ "detail": text });
    let answer = post(&mut model, "x", &body);
    assert_eq!(answer, (401, said("Invalid token.")));
    model.close(3);
    let answer = post(&mut model, BO, &body);
    assert_eq!(answer, (401, said("Your session has ended.")));
    let answer = model.post(TONI, "/api/transaction/", None, &body, NOW);
    assert_eq!(answer, (404, said("Not found.")));
}

#[test]
fn times_are_left_out_of_messages() {
    let message = "This ticket (abcdef…) has already been redeemed at 2026-05-01 12:00:00.";
    let blurred = timeless(&json!([{ "message": message }]));
    let expected = "This ticket (abcdef…) has already been redeemed at …";
    assert_eq!(blurred, json!([{ "message": expected }]));
}
