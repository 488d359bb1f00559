//! What a bypass price buys, and what buys without one.

use super::{KIM, model, one, post, redeem, refusal};
use crate::cashdesk::model::Model;
use crate::cashdesk::venue::TONIS_BADGE;
use serde_json::{Value, json};

/// Members of the position that was booked last.
fn last(model: &Model, names: &[&str]) -> Value {
    let transactions = model.transactions(KIM);
    let position = &transactions.last().unwrap()["positions"][0];
    names.iter().map(|name| position[*name].clone()).collect()
}

#[test]
fn the_whole_purse_is_paid_if_anything_is() {
    // Secret and other members; value, tax rate and tax.
    let rows = json!([
        ["paid-16-x", {"bypass_price": "15.05"}, "15.05", "19.00", "2.40"],
        ["unpaid-member", {"bypass_price": "36.05"}, "36.05", "19.00", "5.76"],
        ["unpaid-priced", {"bypass_price": "50"}, "50.00", "19.00", "7.98"],
        ["paid-13-x", {"bypass_price": "11.995"}, "12.00", "19.00", "1.92"],
        ["paid-10-x", {"bypass_price": "5"}, "5.00", "7.00", "0.33"],
        ["paid-10-x", {"bypass_price": "5", "warning_1_acknowledged": true}, "0.00", "0.00", "0.00"],
        ["paid-01-x", {"bypass_price": "5"}, "0.00", "0.00", "0.00"],
        ["paid-01-x", {}, "0.00", "0.00", "0.00"],
        ["unpaid-free", {"bypass_price": 0}, "0.00", "19.00", "0.00"],
        // The tax is 3.5 cents.
        ["paid-21-x", {"bypass_price": "0.16"}, "0.16", "28.00", "0.04"],
    ]);
    for row in rows.as_array().unwrap() {
        let mut model = model();
        let position = redeem(row[0].as_str().unwrap(), &row[1]);
        assert_eq!(one(&mut model, &position)["success"], true, "{position}");
        let booked = last(&model, &["value", "tax_rate", "tax_value"]);
        assert_eq!(booked, json!([row[2], row[3], row[4]]), "{position}");
    }
}

#[test]
fn a_list_is_passed_by_entry_badge_or_money() {
    let mut model = model();
    // In this order: the entry that is used, and the troubleshooter who let the buyer pass.
    let rows = json!([
        ["paid-13-x", {"list_1": "10001"}, 1, null],
        // Who pays is not asked for an entry, and leaves it for others.
        ["again-27", {"list_1": "10002", "bypass_price": 12}, null, null],
        ["again-28", {"list_1": TONIS_BADGE}, null, 2],
        ["family-3", {"list_3": "30001", "bypass_price": "0.00"}, null, null],
        ["paid-15-x", {"list_3": "30001"}, 9, null],
    ]);
    for row in rows.as_array().unwrap() {
        let position = redeem(row[0].as_str().unwrap(), &row[1]);
        assert_eq!(one(&mut model, &position)["success"], true, "{position}");
        let booked = last(&model, &["listentry", "authorized_by"]);
        assert_eq!(booked, json!([row[2], row[3]]), "{position}");
    }
}

#[test]
fn an_entry_is_used_once() {
    let mut model = model();
    let ticket = |secret: &str| {
        redeem(
            secret,
            &json!({"list_1": "10003", "warning_1_acknowledged": true}),
        )
    };
    let message = json!("This list entry has already been used.");
    let used = refusal(&message, &json!("list_1"), &json!(12.05));
    // Within one cart too.
    let cart = json!({"positions": [ticket("paid-16-x"), ticket("again-29")]});
    let (status, answer) = post(&mut model, KIM, &cart);
    assert_eq!((status, &answer["positions"][1]), (400, &used));
    assert_eq!(one(&mut model, &ticket("paid-16-x"))["success"], true);
    assert_eq!(one(&mut model, &ticket("again-29")), used);
}
