//! Requests that no client should send are refused, and say why.

use super::{KIM, error, model, one, post, sell, with};
use serde_json::{Value, json};

#[test]
fn bodies_are_refused_as_a_whole() {
    let ticket = sell(1);
    let detail = |text: &str| json!({ "detail": text });
    let empty = json!("Empty transaction");
    let amount = detail("cash_given: a valid amount is required.");
    let cash = |given: Value| json!({"cash_given": given, "positions": [ticket]});
    let rows = [
        (json!([]), detail("Expected a JSON object.")),
        (Value::Null, detail("Expected a JSON object.")),
        (json!("x"), detail("Expected a JSON object.")),
        (json!({}), empty.clone()),
        (json!({"positions": null}), empty.clone()),
        (json!({"positions": []}), empty),
        (
            json!({"positions": {}}),
            detail("positions: expected a list."),
        ),
        (
            json!({"positions": false}),
            detail("positions: expected a list."),
        ),
        (
            json!({"positions": vec![&ticket; 1001]}),
            detail("Too many positions."),
        ),
        (cash(json!("x")), amount.clone()),
        (cash(json!("")), amount.clone()),
        (cash(json!(true)), amount.clone()),
        (cash(json!("NaN")), amount.clone()),
        (cash(json!("-0.01")), amount.clone()),
        (cash(json!("100000000")), amount.clone()),
        (cash(json!(1e30)), amount),
    ];
    for (body, expected) in rows {
        assert_eq!(post(&mut model(), KIM, &body), (400, expected), "{body}");
    }
    let thousand = json!({"positions": vec![&ticket; 1000]});
    assert_eq!(post(&mut model(), KIM, &thousand).0, 201);
}

#[test]
fn cash_is_rounded_half_up() {
    let ticket = sell(1);
    for (given, kept) in [
        (json!("12.345"), json!("12.35")),
        (json!("12.3449999"), json!("12.34")),
        (json!("0.005"), json!("0.01")),
        (json!(0.5), json!("0.50")),
        (json!(20), json!("20.00")),
        (json!("1e2"), json!("100.00")),
        (json!("2.5E-1"), json!("0.25")),
        (json!("1e-9"), json!("0.00")),
        (json!("99999999.994"), json!("99999999.99")),
        (Value::Null, Value::Null),
    ] {
        let mut model = model();
        let body = json!({"cash_given": given, "positions": [ticket]});
        assert_eq!(post(&mut model, KIM, &body).0, 201, "{given}");
        assert_eq!(model.transactions(KIM)[0]["cash_given"], kept);
    }
}

#[test]
fn positions_are_refused_one_by_one() {
    let price =
        |value: Value| json!({"type": "redeem", "secret": "paid-01-x", "bypass_price": value});
    let unknown = error("This product ID is not known.");
    let rows = [
        (json!(1), error("Invalid position.")),
        (Value::Null, error("Invalid position.")),
        (json!([]), error("Invalid position.")),
        (json!({}), error("Type None is not yet implemented")),
        (
            json!({"type": "give"}),
            error("Type give is not yet implemented"),
        ),
        (json!({"type": 7}), error("Type 7 is not yet implemented")),
        (price(json!("x")), error("Invalid bypass price.")),
        (price(json!(-1)), error("Invalid bypass price.")),
        (price(json!([])), error("Invalid bypass price.")),
        (price(json!("Infinity")), error("Invalid bypass price.")),
        (json!({"type": "sell", "product": "x"}), unknown.clone()),
        (json!({"type": "sell", "product": 1.5}), unknown.clone()),
        (json!({"type": "sell", "product": true}), unknown.clone()),
        (
            json!({"type": "sell", "product": 4_294_967_297_u64}),
            unknown,
        ),
        (
            json!({"type": "redeem", "secret": 5}),
            error("No ticket could be found with the given secret."),
        ),
    ];
    for (position, expected) in rows {
        assert_eq!(one(&mut model(), &position), expected, "{position}");
    }
    // A price that nobody asked for is not even read when something is sold.
    let sold = with(sell(1), &json!({"bypass_price": "x"}));
    assert_eq!(one(&mut model(), &sold), json!({"success": true}));
}
