//! Check 9: types and ranges, before the point of sale is looked for.

use super::{FESTIVAL, Row, ask, check};
use serde_json::{Value, json};

/// A point of sale that does not exist: what is wrong besides comes first.
const NOWHERE: u32 = 99;

fn pay(products: Value) -> Value {
    let mut sale = json!({ "POSID": NOWHERE, "PaymentMethod": 1 });
    sale["Products"] = products;
    sale
}

#[tokio::test]
async fn numbers_must_be_whole() {
    let mut rows: Vec<Row> = Vec::new();
    let mut wrong = |command: &str, parameters: Value, error: &'static str| {
        rows.push((FESTIVAL, ask(command, parameters), error, 301));
    };
    for value in [
        json!("x"),
        json!(true),
        json!([]),
        json!({}),
        json!(1.5),
        json!("1.5"),
        json!(1e300),
    ] {
        let pos = json!({ "POSID": value });
        for command in ["listpm", "listproducts", "listtransactions"] {
            wrong(command, pos.clone(), "invalid_parameter_posid");
        }
        let sale = json!({ "POSID": value, "Products": [], "PaymentMethod": 1 });
        wrong("payitems", sale, "invalid_parameter_posid");
        let sale = json!({ "POSID": NOWHERE, "Products": [], "PaymentMethod": value });
        wrong("payitems", sale, "invalid_parameter_paymentmethod");
        let device = json!({ "UUID": "u", "workplace": value });
        wrong("registerdevice", device, "invalid_parameter_workplace");
        let password = json!({ "password": "p", "workplace": value });
        wrong("verifyauth", password, "invalid_parameter_workplace");
        let list = json!({ "POSID": NOWHERE, "Limit": value });
        wrong("listtransactions", list, "invalid_parameter_limit");
    }
    for limit in [json!(0), json!(-1), json!("0"), json!("")] {
        // 3 has a password: this comes first, too.
        let list = json!({ "POSID": 3, "Limit": limit });
        wrong("listtransactions", list, "invalid_parameter_limit");
    }
    check(rows).await;
}

#[tokio::test]
async fn texts_and_lists_must_be_some() {
    let mut rows: Vec<Row> = Vec::new();
    let mut wrong = |command: &str, parameters: Value, error: &'static str| {
        rows.push((FESTIVAL, ask(command, parameters), error, 301));
    };
    for entry in [
        json!(5),
        json!([1, 2]),
        json!(null),
        json!({ "ID": 1, "Amount": 1.5 }),
        json!({ "ID": 1, "Amount": "x" }),
        json!({ "ID": 1, "Amount": [] }),
        json!({ "ID": 1, "Amount": 10_001 }),
        json!({ "ID": "x", "Amount": 1 }),
        json!({ "Amount": 1 }),
    ] {
        wrong(
            "payitems",
            pay(json!([entry])),
            "invalid_parameter_products",
        );
    }
    for products in [
        json!({}),
        json!(5),
        json!("x"),
        json!(true),
        Value::Array(vec![json!({}); 1001]),
    ] {
        wrong("payitems", pay(products), "invalid_parameter_products");
    }
    for uuid in [json!(5), json!(true), json!([]), json!("ü".repeat(65))] {
        wrong(
            "registerdevice",
            json!({ "UUID": uuid }),
            "invalid_parameter_uuid",
        );
    }
    for password in [json!(true), json!([]), json!({})] {
        let parameters = json!({ "password": password, "workplace": NOWHERE });
        wrong("verifyauth", parameters, "invalid_parameter_password");
    }
    for id in [
        json!(""),
        json!(5),
        json!(true),
        json!([]),
        json!("x".repeat(129)),
    ] {
        let mut sale = pay(json!([]));
        sale["request_id"] = id;
        wrong("payitems", sale, "invalid_parameter_request_id");
    }
    check(rows).await;
}
