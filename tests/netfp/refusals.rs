//! What is refused before anything is printed, in the order of the protocol.

use super::stand::{Stand, documented};
use daybook_printers::uri::Driver;
use serde_json::{Value, json};

/// The first message of a refusal.
async fn refused(stand: &Stand, driver: Driver, action: &str, body: &Value) -> (String, String) {
    let answer = stand.act(driver, action, body).await;
    assert_eq!(answer["ok"], false, "{body}");
    let members: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(members, ["messages", "ok"], "{answer}");
    let first = &answer["messages"][0];
    assert_eq!(first["type"], "error", "{answer}");
    let text = |name: &str| first[name].as_str().unwrap().to_owned();
    (text("code"), text("text"))
}

fn sale(members: &Value) -> Value {
    let mut item = json!({"text": "Bread", "unitPrice": 1.5, "taxGroup": 2});
    for (name, value) in members.as_object().unwrap() {
        item[name] = value.clone();
    }
    json!({"items": [item]})
}

fn paid(payments: &Value) -> Value {
    let mut receipt = sale(&json!({}));
    receipt["payments"] = payments.clone();
    receipt
}

/// Checks that each body is refused with its code and text, and that nothing came of it.
async fn assert_refused(rows: &[(Value, &str, &str)]) {
    let stand = Stand::with(&[Driver::DatecsC]).await;
    for (body, code, text) in rows {
        let found = refused(&stand, Driver::DatecsC, "receipt", body).await;
        assert_eq!(found, ((*code).to_owned(), (*text).to_owned()), "{body}");
    }
    assert_eq!(stand.tasks().await, 0);
    assert!(stand.device(Driver::DatecsC).documents().is_empty());
}

#[tokio::test]
async fn every_rule_of_items_has_its_code_and_text() {
    let mut named = documented();
    named["uniqueSaleNumber"] = "DT279013-dd01-0000001".into();
    assert_refused(&[
        (json!({}), "E410", "Receipt is empty, no items"),
        (json!({"items": null}), "E410", "Receipt is empty, no items"),
        (named, "E405", "Invalid format of UniqueSaleNumber"),
        (
            sale(&json!({"text": ""})),
            "E407",
            "Item 1: \"text\" is empty",
        ),
        (
            json!({"items": [{"type": "footer-comment"}]}),
            "E407",
            "Item 1: \"text\" is empty",
        ),
        (
            sale(&json!({"priceModifierType": "discount-amount"})),
            "E403",
            "Item 1: \"priceModifierValue\" should be positive number",
        ),
        (
            sale(&json!({"priceModifierValue": 5})),
            "E403",
            "Item 1: \"priceModifierType\" should not be \"none\" or empty",
        ),
        (
            sale(&json!({"quantity": -1})),
            "E403",
            "Item 1: \"quantity\" should be positive number",
        ),
        (
            sale(&json!({"department": -1})),
            "E403",
            "Item 1; \"department\" should be positive number or zero.",
        ),
        (
            sale(&json!({"taxGroup": null})),
            "E403",
            "Item 1: \"taxGroup\" shouldn't be \"unspecified\" or empty",
        ),
        (
            sale(&json!({"taxGroup": 9})),
            "E411",
            "Tax group 9 unsupported",
        ),
        (
            json!({"items": [{"type": "discount-amount"}]}),
            "E403",
            "Item 1: \"amount\" should be positive number",
        ),
        (
            json!({"items": [{"text": "x", "taxGroup": 1, "unitPrice": 1},
                             {"type": "discount-amount", "amount": 1.01}]}),
            "E403",
            "Items total amount should not be negative",
        ),
        (
            sale(&json!({"unitPrice": "1e9"})),
            "E403",
            "Item 1: \"unitPrice\" is too large",
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_rule_of_payments_has_its_code_and_text() {
    assert_refused(&[
        (
            paid(&json!([{"amount": -1}])),
            "E403",
            "Payment 1: \"amount\" should be positive number or zero",
        ),
        (
            paid(&json!([{"amount": 2}, {"paymentType": "change", "amount": 0.5}])),
            "E403",
            "Change 2: \"amount\" should be negative number",
        ),
        (
            paid(&json!([{}, {"paymentType": "card"}])),
            "E403",
            "Payment 2: \"amount\" may be omitted only once",
        ),
        (
            paid(&json!([{"paymentType": "damage"}])),
            "E406",
            "Payment type damage unsupported",
        ),
        (
            paid(&json!([{"amount": 1.49}])),
            "E403",
            "Payment total amount (1.49) should be the same as the items total amount (1.50)",
        ),
        (
            paid(&json!([{"amount": 2}])),
            "E403",
            "Payment total amount (2.00) should be the same as the items total amount (1.50)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_else_belongs_to_a_refusal() {
    let stand = Stand::with(&[Driver::DatecsC, Driver::Icp]).await;
    // All errors of one item, and none of the next.
    let body = json!({"items": [{"text": "", "quantity": -1}, {"text": ""}]});
    let answer = stand.act(Driver::DatecsC, "receipt", &body).await;
    let texts: Vec<&str> = answer["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|told| told["text"].as_str().unwrap())
        .collect();
    let expected = [
        "Item 1: \"text\" is empty",
        "Item 1: \"quantity\" should be positive number",
        "Item 1: \"taxGroup\" shouldn't be \"unspecified\" or empty",
        "Tax group 0 unsupported",
    ];
    assert_eq!(texts, expected);
    // Which payment it was.
    let body = paid(&json!([{"amount": 1}, {"paymentType": "damage"}]));
    let answer = stand.act(Driver::DatecsC, "receipt", &body).await;
    let info = json!({"type": "info", "text": "Error occured at Payment 2"});
    assert_eq!(answer["messages"][1], info);
    // A device without subtotal modifiers.
    let body = json!({"items": [{"text": "x", "taxGroup": 1, "unitPrice": 1},
                                {"type": "surcharge-amount", "amount": 1}]});
    let (code, text) = refused(&stand, Driver::Icp, "receipt", &body).await;
    assert_eq!(code, "E412");
    assert_eq!(
        text,
        "Item 2: subtotal modifiers are not supported by this device"
    );
    for action in ["deposit", "withdraw"] {
        let found = refused(&stand, Driver::Icp, action, &json!({"amount": 0})).await;
        let expected = ("E403", "Amount should be positive number");
        assert_eq!((found.0.as_str(), found.1.as_str()), expected);
    }
}

#[tokio::test]
async fn a_reversal_needs_its_original() {
    let stand = Stand::open().await;
    let mut body = documented();
    body["receiptNumber"] = "0000085".into();
    body["receiptDateTime"] = "2026-05-01T12:00:00".into();
    body["fiscalMemorySerialNumber"] = "02279013".into();
    for (name, text) in [
        (
            "receiptNumber",
            "ReceiptNumber of the original receipt is empty",
        ),
        (
            "fiscalMemorySerialNumber",
            "FiscalMemorySerialNumber of the original receipt is empty",
        ),
        (
            "receiptDateTime",
            "ReceiptDateTime of the original receipt is empty",
        ),
    ] {
        let mut body = body.clone();
        body[name] = "".into();
        let found = refused(&stand, Driver::DatecsP, "reversalreceipt", &body).await;
        assert_eq!(found, ("E405".to_owned(), text.to_owned()));
    }
    body["items"] = json!([]);
    body["receiptNumber"] = "".into();
    let (code, _) = refused(&stand, Driver::DatecsP, "reversalreceipt", &body).await;
    assert_eq!(code, "E410", "items come first");
}

#[tokio::test]
async fn nobody_prints_invoices() {
    let stand = Stand::open().await;
    for (action, text) in [
        (
            "invoice",
            "Invoice printing is not implemented by this driver",
        ),
        (
            "creditnote",
            "Credit note printing is not implemented by this driver",
        ),
    ] {
        let found = refused(&stand, Driver::DatecsP, action, &documented()).await;
        assert_eq!(found, ("E413".to_owned(), text.to_owned()));
    }
    assert_eq!(stand.tasks().await, 0);
}

#[tokio::test]
async fn what_a_client_wrote_oddly_is_printed_all_the_same() {
    let stand = Stand::open().await;
    // Other case, texts for numbers, the other spelling, an old comment, no types at all.
    let body = json!({"ITEMS": [
        {"Text": "Bread", "QUANTIY": "2", "UnitPrice": "1.505", "taxgroup": "2"},
        {"text": "Old words", "isComment": true}
    ], "payments": [{}], "unknown": 5});
    let answer = stand.act(Driver::DatecsP, "receipt", &body).await;
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(answer["receiptAmount"].to_string(), "3.02");
    assert_eq!(answer["messages"][0]["code"], "W401");
    let paper = stand.device(Driver::DatecsP).documents();
    assert!(paper[0].text.join("\n").contains("Old words"));
    // Change is bookkeeping.
    let body = paid(&json!([{"amount": 20}, {"paymentType": "change", "amount": -18.5}]));
    let answer = stand.act(Driver::DatecsP, "receipt", &body).await;
    assert_eq!(answer["receiptAmount"].to_string(), "1.5", "{answer}");
}
