//! Checks 10 to 12: the point of sale, its password and its goods.

use super::{FESTIVAL, Row, ask, check};
use serde_json::{Value, json};

const LISTS: [&str; 3] = ["listpm", "listproducts", "listtransactions"];

/// A sale of one piece.
fn pay(pos: &Value, product: u64, method: u64, password: &Value) -> Value {
    let products = json!([{ "ID": product, "Amount": 1 }]);
    let sale = json!({ "POSID": pos, "Products": products, "PaymentMethod": method, "posPassword": password });
    ask("payitems", sale)
}

#[tokio::test]
async fn check_10_the_point_of_sale_before_its_password() {
    let mut rows: Vec<Row> = Vec::new();
    let wrong = json!("wrong");
    for pos in [
        json!(99),
        json!("99"),
        json!(0),
        json!(-1),
        json!(1_000_000_000_000u64),
    ] {
        for command in LISTS {
            let message = ask(command, json!({ "POSID": pos, "posPassword": "wrong" }));
            rows.push((FESTIVAL, message, "unknown_pos", 400));
        }
        rows.push((FESTIVAL, pay(&pos, 3, 99, &wrong), "unknown_pos", 400));
        let no_id = 1_000_000_000_000;
        rows.push((FESTIVAL, pay(&pos, no_id, 99, &wrong), "unknown_pos", 400));
    }
    // 5 is closed, and would be locked; 4 is closed.
    for password in [json!(null), wrong, json!("geheim")] {
        rows.push((
            FESTIVAL,
            pay(&json!(5), 9999, 99, &password),
            "pos_disabled",
            401,
        ));
        rows.push((
            FESTIVAL,
            pay(&json!(4), 9999, 99, &password),
            "pos_disabled",
            401,
        ));
    }
    check(rows).await;
}

#[tokio::test]
async fn check_11_the_password_before_the_goods() {
    let mut rows: Vec<Row> = Vec::new();
    for password in [
        json!(null),
        json!("wrong"),
        json!(5),
        json!(true),
        json!("geheim"),
    ] {
        for command in LISTS {
            let message = ask(command, json!({ "POSID": 3, "posPassword": password }));
            rows.push((FESTIVAL, message, "invalid_password", 204));
        }
        rows.push((
            FESTIVAL,
            pay(&json!(3), 9999, 99, &password),
            "invalid_password",
            204,
        ));
    }
    check(rows).await;
}

/// One bad line books no line; a line beyond any amount is as bad.
#[tokio::test]
async fn check_12_products_before_the_payment_method() {
    let mut rows: Vec<Row> = Vec::new();
    let (bar, nothing) = (json!(1), json!(null));
    for product in [3, 9999, 1_000_000_000_000] {
        rows.push((
            FESTIVAL,
            pay(&bar, product, 99, &nothing),
            "unknown_product",
            402,
        ));
    }
    for method in [3, 99, 1_000_000_000_000] {
        rows.push((
            FESTIVAL,
            pay(&bar, 1, method, &nothing),
            "unknown_payment_method",
            403,
        ));
    }
    let one = json!({ "ID": 1, "Amount": 1 });
    let unknown =
        json!({ "POSID": 1, "PaymentMethod": 1, "Products": [one, { "ID": 3, "Amount": 1 }] });
    rows.push((FESTIVAL, ask("payitems", unknown), "unknown_product", 402));
    let dear = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [one, { "ID": 99, "Amount": 10_000 }] });
    rows.push((
        FESTIVAL,
        ask("payitems", dear),
        "invalid_parameter_products",
        301,
    ));
    check(rows).await;
}
