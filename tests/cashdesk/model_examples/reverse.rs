//! Taking back, in the order of its refusals.

use super::{KIM, NOW, model, one, post, sell};
use crate::cashdesk::model::Model;
use crate::cashdesk::venue::{LU, SAM, TONI};
use serde_json::{Value, json};

fn reverse(model: &mut Model, token: &str, id: &str) -> (u16, Value) {
    let path = format!("/api/transactions/{id}/reverse/");
    model.post(token, &path, None, &Value::Null, NOW)
}

fn refused(message: &str) -> (u16, Value) {
    (400, json!({"success": false, "message": message}))
}

#[test]
fn refusals_come_in_their_order() {
    let mut model = model();
    let cart = json!({"positions": [sell(1), sell(1)]});
    post(&mut model, KIM, &cart);
    let unknown = refused("Transaction ID not known.");
    // A transaction is named by its first position only.
    for id in ["0", "2", "3", "abc", "-1", "1.0", "99999999999999999999"] {
        assert_eq!(reverse(&mut model, KIM, id), unknown);
    }
    let message = "Only troubleshooters can reverse sales from other sessions.";
    assert_eq!(reverse(&mut model, LU, "1"), refused(message));
    assert_eq!(
        reverse(&mut model, TONI, "1"),
        (200, json!({"success": true, "id": 3}))
    );
    assert_eq!(reverse(&mut model, LU, "1"), refused(message));
    let message = "At least one position of this transaction has already been reversed.";
    assert_eq!(reverse(&mut model, KIM, "1"), refused(message));
    let message = "At least one position of this transaction is a reversal.";
    assert_eq!(reverse(&mut model, SAM, "3"), refused(message));
}

#[test]
fn what_is_taken_back_is_usable_again() {
    let mut model = model();
    let ticket = json!({"type": "redeem", "secret": "paid-13-x", "list_1": "10001"});
    let body = json!({"cash_given": 50, "positions": [ticket, sell(1)]});
    post(&mut model, KIM, &body);
    assert_eq!(reverse(&mut model, SAM, "1").0, 200);
    assert_eq!(model.preorder_position("paid-13-x")["is_redeemed"], false);
    assert_eq!(
        model.preorder_position("paid-13-x")["redemption_message"],
        Value::Null
    );
    let position = |id: u32, reverses: u32| {
        json!({"id": id, "type": "reverse", "value": "0.00", "tax_rate": "0.00", "tax_value": "0.00",
            "product": 13, "reverses": reverses, "listentry": 1, "preorder_position": 113,
            "items": [2], "authorized_by": null})
    };
    let mut sold = position(4, 2);
    for (name, value) in [
        ("value", json!("-23.00")),
        ("tax_rate", json!("19.00")),
        ("tax_value", json!("-3.67")),
        ("product", json!(1)),
        ("listentry", Value::Null),
        ("preorder_position", Value::Null),
        ("items", json!([1, 2])),
    ] {
        sold[name] = value;
    }
    let expected =
        json!({"id": 3, "session": 4, "cash_given": null, "positions": [position(3, 1), sold]});
    assert_eq!(model.transactions(KIM)[1], expected);
    // Booked where it is taken back, by the method of the sale.
    let row = |id: u32, place: u32, product: u32, money: i64| {
        json!({"ID": id, "Payment_ID": 2, "PointOfSaleID": place, "Product_ID": product,
            "AmountProduct": 1, "AmountMoney": money})
    };
    let rows = [
        row(1, 1, 13, 0),
        row(2, 1, 1, 23),
        row(3, 2, 13, 0),
        row(4, 2, 1, -23),
    ];
    assert_eq!(model.rows(), rows);
    assert_eq!(one(&mut model, &ticket)["success"], true);
}

#[test]
fn a_troubleshooter_takes_back_what_a_till_sold() {
    let mut model = model();
    assert_eq!(model.payitems(2, 1, &[(19, 3), (17, 1)], NOW), Some(1));
    let message = "Only troubleshooters can reverse sales from other sessions.";
    assert_eq!(reverse(&mut model, KIM, "1"), refused(message));
    assert_eq!(
        reverse(&mut model, SAM, "1"),
        (200, json!({"success": true, "id": 4}))
    );
    let row = |id: u32, product: u32, pieces: u32, money: Value| {
        json!({"ID": id, "Payment_ID": 1, "PointOfSaleID": 2, "Product_ID": product,
            "AmountProduct": pieces, "AmountMoney": money})
    };
    let rows = [
        row(1, 19, 3, json!(13.5)),
        row(2, 18, 3, json!(6)),
        row(3, 17, 1, json!(-1)),
        row(4, 19, 3, json!(-13.5)),
        row(5, 18, 3, json!(-6)),
        row(6, 17, 1, json!(1)),
    ];
    assert_eq!(model.rows(), rows);
    // At another point of sale only the reversal is seen.
    let ids = |token: &str| {
        let seen = model.transactions(token).into_iter();
        seen.map(|one| one["id"].clone()).collect::<Value>()
    };
    assert_eq!((ids(KIM), ids(SAM)), (json!([4]), json!([1, 4])));
    let till = &model.transactions(SAM)[0];
    assert_eq!(
        (&till["session"], &till["cash_given"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(till["positions"][0]["value"], "13.50");
    assert_eq!(till["positions"][0]["tax_value"], "2.16");
}
