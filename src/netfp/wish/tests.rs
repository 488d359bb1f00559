//! Bodies as clients write them.

use super::*;

fn receipt(body: &str) -> Wanted {
    match Wish::read(Action::Receipt, body.as_bytes()) {
        Ok(Wish::Receipt(wanted)) => wanted,
        other => panic!("{other:?}"),
    }
}

fn misfits(action: Action, body: &str) -> Vec<String> {
    let misfits = Wish::read(action, body.as_bytes()).unwrap_err();
    misfits.0.into_keys().collect()
}

fn units(units: i64) -> Money {
    Money::new(units).unwrap()
}

#[test]
fn the_documented_receipt_is_read() {
    let wanted = receipt(
        r#"{"uniqueSaleNumber":"DT279013-DD01-0000001","operator":"1","operatorPassword":"1",
         "items":[{"text":"Bread","quantity":2,"unitPrice":1.5,"taxGroup":2,
           "priceModifierValue":10,"priceModifierType":"discount-percent"},
          {"type":"comment","text":"Table 4"},{"type":"discount-amount","amount":0.2},
          {"type":"footer-comment","text":"Thank you"}],
         "payments":[{"amount":1,"paymentType":"card"},{"paymentType":"cash"}]}"#,
    );
    assert!(wanted.warnings.is_empty());
    let expected = Receipt {
        unique_sale_number: "DT279013-DD01-0000001".to_owned(),
        operator: Operator {
            id: Some("1".to_owned()),
            password: Some("1".to_owned()),
        },
        items: vec![
            Item::Sale(Sale {
                text: "Bread".to_owned(),
                quantity: Quantity::pieces(2).unwrap(),
                unit_price: units(150),
                tax_group: 2,
                department: 0,
                code: 999,
                modifier: ModifierKind::Percent(Direction::Discount),
                modifier_value: 1000,
            }),
            Item::Comment("Table 4".to_owned()),
            Item::Subtotal {
                direction: Direction::Discount,
                amount: units(20),
            },
            Item::Footer("Thank you".to_owned()),
        ],
        payments: vec![
            Payment::Paid {
                kind: PaymentKind::Card,
                amount: Some(units(100)),
            },
            Payment::Paid {
                kind: PaymentKind::Cash,
                amount: None,
            },
        ],
    };
    assert_eq!(wanted.receipt, expected);
}

fn first_sale(item: &str) -> Sale {
    let wanted = receipt(&format!("{{\"items\":[{item}]}}"));
    match &wanted.receipt.items[0] {
        Item::Sale(sale) => sale.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn numbers_are_rounded_and_may_be_texts() {
    let sale = first_sale(
        r#"{"text":"x","quantity":"0.3755","unitPrice":"4.605","taxGroup":"2","ItemCode":7}"#,
    );
    assert_eq!((sale.quantity.units(), sale.unit_price.units()), (376, 461));
    assert_eq!((sale.tax_group, sale.code), (2, 7));
    // What no device could print is left to the check, which says why.
    let sale = first_sale(r#"{"quantity":1e20,"unitPrice":-1e20,"taxGroup":99999999999}"#);
    assert!(sale.quantity.units() > 999_999_999 && sale.unit_price.units() < -9_999_999_999);
    assert_eq!(sale.tax_group, i32::MAX);
}

#[test]
fn quantities_have_two_spellings_and_the_right_one_wins() {
    for (item, thousandths) in [
        (r#"{"quantiy":3}"#, 3000),
        (r#"{"quantiy":3,"quantity":2}"#, 2000),
        (r#"{"quantiy":3,"quantity":null}"#, 3000),
        (r"{}", 0),
    ] {
        assert_eq!(first_sale(item).quantity.units(), thousandths, "{item}");
    }
}

#[test]
fn an_old_comment_is_one_with_a_warning() {
    let wanted = receipt(r#"{"items":[{"text":"a"},{"text":"b","isComment":true,"type":"sale"}]}"#);
    assert_eq!(wanted.receipt.items[1], Item::Comment("b".to_owned()));
    let [warning] = wanted.warnings.as_slice() else {
        panic!("{:?}", wanted.warnings);
    };
    assert_eq!(warning.code, Some("W401"));
    assert!(warning.text.starts_with("Item 2"));
    assert!(
        receipt(r#"{"items":[{"isComment":false}]}"#)
            .warnings
            .is_empty()
    );
}

#[test]
fn payments_have_defaults() {
    for (payments, expected) in [
        ("null", vec![]),
        ("[]", vec![]),
        (
            r#"[{"amount":"20"},{"paymentType":"change","amount":-2}]"#,
            vec![
                Payment::Paid {
                    kind: PaymentKind::Cash,
                    amount: Some(units(2000)),
                },
                Payment::Change {
                    amount: Some(units(-200)),
                },
            ],
        ),
    ] {
        let wanted = receipt(&format!("{{\"payments\":{payments}}}"));
        assert_eq!(wanted.receipt.payments, expected, "{payments}");
    }
    for kind in PaymentKind::ALL {
        let words = PAYMENT_WORDS.iter();
        let named = words.filter(|(word, known)| *known == Some(kind) && *word == kind.name());
        assert_eq!(named.count(), 1, "{kind:?}");
    }
}

#[test]
fn what_does_not_bind_is_told_by_its_path() {
    for (action, body, paths) in [
        (Action::Receipt, "[]", vec!["$"]),
        (Action::Receipt, "", vec!["$"]),
        (Action::Receipt, r#"{"items":{}}"#, vec!["items"]),
        (
            Action::Receipt,
            r#"{"items":[{"type":"comment","text":5,"quantity":"x","amount":"y"}]}"#,
            vec!["items[0].amount", "items[0].quantity", "items[0].text"],
        ),
        (
            Action::Receipt,
            r#"{"items":[{"type":"gift"},{"priceModifierType":"half","unitPrice":"a"}],
               "payments":[{},{"paymentType":"gold"}],"operator":1}"#,
            vec![
                "items[0].type",
                "items[1].priceModifierType",
                "items[1].unitPrice",
                "operator",
                "payments[1].paymentType",
            ],
        ),
        (
            Action::ReversalReceipt,
            r#"{"reason":"mood"}"#,
            vec!["reason"],
        ),
        (
            Action::ReversalReceipt,
            r#"{"receiptDateTime":"yesterday"}"#,
            vec!["receiptDateTime"],
        ),
        (Action::Deposit, "{}", vec!["amount"]),
        (Action::Withdraw, r#"{"amount":true}"#, vec!["amount"]),
        (Action::RawRequest, "{}", vec!["rawRequest"]),
        (
            Action::Invoice,
            r#"{"recipient":{"identifierType":"name"}}"#,
            vec!["recipient.identifierType"],
        ),
        (
            Action::Datetime,
            r#"{"deviceDateTime":"12 o'clock"}"#,
            vec!["deviceDateTime"],
        ),
    ] {
        assert_eq!(misfits(action, body), paths, "{action:?} {body}");
    }
}

#[test]
fn bodies_that_mean_nothing_are_not_read() {
    for action in [
        Action::Cash,
        Action::Duplicate,
        Action::Reset,
        Action::XReport,
        Action::ZReport,
    ] {
        assert!(Wish::read(action, b"operator=1&x").is_ok(), "{action:?}");
    }
    for body in [
        "",
        " ",
        "{}",
        "{\"deviceDateTime\":null}",
        "{\"deviceDateTime\":\"\"}",
    ] {
        let wish = Wish::read(Action::Datetime, body.as_bytes());
        assert!(matches!(wish, Ok(Wish::Datetime(None))), "{body}");
    }
}

#[test]
fn a_password_without_an_operator_is_nobodys() {
    let Ok(Wish::Deposit(transfer)) = Wish::read(
        Action::Deposit,
        br#"{"amount":"12.345","operatorPassword":"1","text":"float"}"#,
    ) else {
        panic!("no transfer");
    };
    assert_eq!(transfer.amount, units(1235));
    assert_eq!(transfer.operator, Operator::default());
}
