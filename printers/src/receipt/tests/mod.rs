//! The rules of the check, each with the words of its refusal, and the arithmetic.

mod amounts;

use super::*;
use crate::device::{Capabilities, Message, PaymentKind, Settings, SubtotalModifiers};
use jiff::civil::date;

fn device() -> Capabilities {
    Capabilities {
        item_text: 22,
        comment_text: 10,
        operator_password: 8,
        payments: vec![PaymentKind::Cash, PaymentKind::Card],
        subtotal_modifiers: SubtotalModifiers::Supported,
        terminal: false,
        fiscal: true,
    }
}

fn money(units: i64) -> Money {
    Money::new(units).unwrap()
}

fn sale(price: i64) -> Sale {
    Sale {
        text: "Bread".to_owned(),
        quantity: Quantity::PIECE,
        unit_price: money(price),
        tax_group: 2,
        code: 999,
        ..Sale::default()
    }
}

fn receipt(items: Vec<Item>) -> Receipt {
    Receipt {
        items,
        ..Receipt::default()
    }
}

fn paid(kind: PaymentKind, amount: impl Into<Option<i64>>) -> Payment {
    let amount = amount.into().map(money);
    Payment::Paid { kind, amount }
}

fn change(amount: i64) -> Payment {
    Payment::Change {
        amount: Some(money(amount)),
    }
}

fn check(receipt: &Receipt) -> Result<Checked, Vec<String>> {
    receipt
        .check(&device(), &Settings::default())
        .map_err(|faults| spoken(&faults))
}

fn spoken(faults: &[Message]) -> Vec<String> {
    let code = |fault: &Message| {
        fault
            .code
            .map(|code| format!("{code} "))
            .unwrap_or_default()
    };
    faults
        .iter()
        .map(|fault| format!("{}{}", code(fault), fault.text))
        .collect()
}

fn refused(item: Sale) -> Vec<String> {
    check(&receipt(vec![Item::Sale(item)])).unwrap_err()
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(
        check(&receipt(vec![])).unwrap_err(),
        ["E410 Receipt is empty, no items"]
    );
    for text in [
        "DT279013-DD01-000001",
        "dt279013-DD01-0000001",
        "DT279013-DD01-0000001,",
        "-",
    ] {
        let mut receipt = receipt(vec![Item::Sale(sale(100))]);
        receipt.unique_sale_number = text.to_owned();
        assert_eq!(
            check(&receipt).unwrap_err(),
            ["E405 Invalid format of UniqueSaleNumber"]
        );
        receipt.unique_sale_number = "DT279013-DD01-0000001".to_owned();
        assert!(check(&receipt).is_ok());
    }
    for item in [
        Item::Comment(String::new()),
        Item::Footer("\u{3}".to_owned()),
    ] {
        assert_eq!(
            check(&receipt(vec![item])).unwrap_err(),
            ["E407 Item 1: \"text\" is empty"]
        );
    }
}

#[test]
fn all_faults_of_the_first_bad_sale_are_told() {
    let worst = Sale {
        quantity: Quantity::new(-1).unwrap(),
        unit_price: money(-1),
        department: -1,
        modifier_value: 5,
        ..Sale::default()
    };
    assert_eq!(
        refused(worst),
        [
            "E407 Item 1: \"text\" is empty",
            "E403 Item 1: \"priceModifierType\" should not be \"none\" or empty",
            "E403 Item 1: \"quantity\" should be positive number",
            "E403 Item 1: \"unitPrice\" should be positive number or zero",
            "E403 Item 1; \"department\" should be positive number or zero.",
            "E403 Item 1: \"taxGroup\" shouldn't be \"unspecified\" or empty",
            "E411 Tax group 0 unsupported",
        ]
    );
    let modifier = ModifierKind::Percent(Direction::Discount);
    assert_eq!(
        refused(Sale {
            modifier,
            ..sale(100)
        }),
        ["E403 Item 1: \"priceModifierValue\" should be positive number"]
    );
    assert_eq!(
        refused(Sale {
            tax_group: 9,
            ..sale(100)
        }),
        ["E411 Tax group 9 unsupported"]
    );
    let dear = refused(Sale {
        quantity: Quantity::new(2000).unwrap(),
        ..sale(9_999_999_999)
    });
    assert_eq!(dear, ["E403 Item 1: the amount is too large"]);
}

#[test]
fn subtotals_stay_above_zero() {
    let subtotal = |direction, units| Item::Subtotal {
        direction,
        amount: money(units),
    };
    let zero = receipt(vec![subtotal(Direction::Discount, 0)]);
    let text = "E403 Item 1: \"amount\" should be positive number";
    assert_eq!(check(&zero).unwrap_err(), [text]);
    let below = receipt(vec![
        Item::Sale(sale(100)),
        subtotal(Direction::Discount, 101),
    ]);
    let text = "E403 Items total amount should not be negative";
    assert_eq!(check(&below).unwrap_err(), [text]);
    let device = Capabilities {
        subtotal_modifiers: SubtotalModifiers::Unsupported,
        ..device()
    };
    let faults = receipt(vec![subtotal(Direction::Surcharge, 1)])
        .check(&device, &Settings::default())
        .unwrap_err();
    let text = "E412 Item 1: subtotal modifiers are not supported by this device";
    assert_eq!(spoken(&faults), [text]);
}

#[test]
fn a_reversal_names_its_original_and_ignores_payments() {
    let mut reversal = Reversal {
        receipt: receipt(vec![Item::Sale(sale(100))]),
        number: String::new(),
        time: date(2019, 5, 17).at(13, 55, 18, 0),
        fiscal_memory: "02279013".to_owned(),
        reason: Reason::Refund,
    };
    let refused = |reversal: &Reversal| {
        let answer = reversal.check(&device(), &Settings::default());
        spoken(&answer.unwrap_err())
    };
    let text = "E405 ReceiptNumber of the original receipt is empty";
    assert_eq!(refused(&reversal), [text]);
    reversal.number = "85,1".to_owned();
    let text = "E405 ReceiptNumber of the original receipt is malformed";
    assert_eq!(refused(&reversal), [text]);
    reversal.number = "0000085".to_owned();
    reversal.receipt.payments = vec![paid(PaymentKind::Bank, -5)];
    let (checked, warnings) = reversal.check(&device(), &Settings::default()).unwrap();
    assert_eq!(checked.receipt.tenders, []);
    assert_eq!(
        spoken(&warnings),
        ["W302 Reversal receipt payments array should be empty. It will be ignored."]
    );
}

#[test]
fn texts_are_cut_or_wrapped() {
    let items = vec![
        Item::Sale(Sale {
            text: "A name of more\tthan 22 letters".to_owned(),
            ..sale(1)
        }),
        Item::Comment("four words and more".to_owned()),
    ];
    let receipt = receipt(items);
    let cut = check(&receipt).unwrap();
    assert!(matches!(&cut.lines[0], Line::Sale(line) if line.text == "A name of more than 22"));
    assert_eq!(cut.lines[1], Line::Comment("four words".to_owned()));
    let wrap = Settings {
        wrap_comments: true,
        ..Settings::default()
    };
    let wrapped = receipt.check(&device(), &wrap).unwrap();
    assert_eq!(
        wrapped.lines[1..],
        ["four words", "and more"].map(|l| Line::Comment(l.to_owned()))
    );
}
