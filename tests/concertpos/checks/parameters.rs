//! Check 8: what is required comes before what is wrong.

use super::{FESTIVAL, Row, ask, check};
use serde_json::json;

#[tokio::test]
async fn check_8_required_parameters_in_their_order_before_any_wrong_one() {
    let mut rows: Vec<Row> = Vec::new();
    for command in ["listpm", "listproducts", "listtransactions", "payitems"] {
        for posid in [json!(null), json!("")] {
            let message = ask(
                command,
                json!({ "POSID": posid, "Limit": 0, "Products": 5 }),
            );
            rows.push((FESTIVAL, message, "missing_parameter_posid", 300));
        }
    }
    rows.extend([
        (
            FESTIVAL,
            ask("payitems", json!({ "POSID": "x" })),
            "missing_parameter_products",
            300,
        ),
        (
            FESTIVAL,
            ask("payitems", json!({ "POSID": 1, "Products": "" })),
            "missing_parameter_products",
            300,
        ),
        (
            FESTIVAL,
            ask("payitems", json!({ "POSID": "x", "Products": 5 })),
            "missing_parameter_paymentmethod",
            300,
        ),
        (
            FESTIVAL,
            ask("payitems", json!({ "POSID": 99, "Products": [] })),
            "missing_parameter_paymentmethod",
            300,
        ),
        (
            FESTIVAL,
            ask("registerdevice", json!({ "workplace": "x" })),
            "missing_parameter_uuid",
            300,
        ),
        (
            FESTIVAL,
            ask("registerdevice", json!({ "UUID": "" })),
            "missing_parameter_uuid",
            300,
        ),
        (
            FESTIVAL,
            ask("verifyauth", json!({})),
            "missing_parameter_password",
            300,
        ),
        (
            FESTIVAL,
            ask("verifyauth", json!({ "workplace": 1 })),
            "missing_parameter_password",
            300,
        ),
        (
            FESTIVAL,
            ask("verifyauth", json!({ "password": true })),
            "missing_parameter_workplace",
            300,
        ),
    ]);
    check(rows).await;
}
