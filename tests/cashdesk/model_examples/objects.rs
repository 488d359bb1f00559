//! The objects as the documentation shows them.

use super::{KIM, NOW, model, post, sell, with};
use serde_json::{Value, json};

#[test]
fn products_and_preorders_look_as_documented() {
    let mut model = model();
    let product = json!({"id": 1, "name": "Day ticket", "price": "23.00", "tax_rate": "19.00",
        "requires_authorization": false, "is_available": true, "is_availably_by_time": true,
        "pack_list": "2x Voucher, Wristband"});
    assert_eq!(model.product(1, NOW), product);
    let available = |id: u32| {
        let product = model.product(id, NOW);
        json!([product["is_available"], product["is_availably_by_time"]])
    };
    assert_eq!(available(4), json!([false, true]));
    assert_eq!(available(5), json!([false, false]));
    assert_eq!(available(6), json!([true, true]));
    assert_eq!(available(7), json!([false, false]));
    assert_eq!(available(3), json!([true, true]));
    let position = json!({"id": 101, "preorder": 1, "secret": "paid-01-x", "product": 1,
        "is_redeemed": false, "is_paid": true, "product_name": "Day ticket",
        "pack_list": "2x Voucher, Wristband", "redemption_message": null});
    assert_eq!(model.preorder_position("paid-01-x"), position);
    let preorder = json!({"order_code": "O0001", "is_paid": true, "is_canceled": false,
        "warning_text": "", "positions": [position]});
    assert_eq!(model.preorders()[0], preorder);
    post(
        &mut model,
        KIM,
        &json!({"positions": [{"type": "redeem", "secret": "paid-02-x"}]}),
    );
    assert_eq!(
        model.preorder_position("paid-02-x")["pack_list"],
        "Wristband"
    );
    let family = model.preorders().pop().unwrap();
    assert_eq!(family["positions"].as_array().unwrap().len(), 3);
}

/// 23.00 at 19 % holds 3.67.
#[test]
fn a_transaction_looks_as_documented() {
    let mut model = model();
    let body = json!({"cash_given": "50.00", "positions": [sell(1)]});
    post(&mut model, KIM, &body);
    let position = json!({"id": 1, "type": "sell", "value": "23.00", "tax_rate": "19.00",
        "tax_value": "3.67", "product": 1, "reverses": null, "listentry": null,
        "preorder_position": null, "items": [1, 2], "authorized_by": null});
    let expected = json!({"id": 1, "session": 1, "cash_given": "50.00", "positions": [position]});
    assert_eq!(model.transactions(KIM), [expected]);
}

/// Half a cent of tax goes away from zero, also where a sale is negative.
#[test]
fn tax_is_rounded_half_away_from_zero() {
    let mut model = model();
    for product in [11, 17, 14] {
        let more = json!({"warning_2_acknowledged": true, "list_2": "20002"});
        post(
            &mut model,
            KIM,
            &json!({"positions": [with(sell(product), &more)]}),
        );
    }
    model.post(KIM, "/api/transactions/1/reverse/", None, &Value::Null, NOW);
    let transactions = model.transactions(KIM).into_iter();
    let taxes = transactions.map(|one| one["positions"][0]["tax_value"].clone());
    let taxes: Vec<_> = taxes.collect();
    assert_eq!(taxes, ["3.54", "-0.16", "0.00", "-3.54"]);
}
