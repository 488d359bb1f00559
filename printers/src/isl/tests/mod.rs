//! Frames that were published, every dialect against its device, and every way to lose an answer.

mod answers;
mod babble;
mod charges;
mod commands;
mod devices;
mod frames;
mod line;
mod lost;
mod reasons;
mod refusals;
mod terminal;

use crate::device::{Capabilities, Message, PaymentKind, Settings, SubtotalModifiers};
use crate::dialogue::{Answer, Failure, Operation, Outcome};
use crate::isl::{Isl, dialogue};
use crate::receipt::{
    Checked, CheckedReversal, Direction, Item, ModifierKind, Payment, Reason, Receipt, Reversal,
    Sale,
};
use crate::simulator::isl::IslDevice;
use crate::simulator::wire::Wire;
use daybook_schema::{Money, Quantity};
use jiff::civil::date;

fn hold(device: &mut IslDevice, operation: Operation) -> Result<Outcome, Failure> {
    hold_with(device, operation, Settings::default())
}

fn hold_with(
    device: &mut IslDevice,
    operation: Operation,
    settings: Settings,
) -> Result<Outcome, Failure> {
    hold_as(device.dialect, device, operation, settings)
}

fn hold_as(
    dialect: Isl,
    device: &mut IslDevice,
    operation: Operation,
    settings: Settings,
) -> Result<Outcome, Failure> {
    // Conversations begin at different numbers, as they do in the service.
    let seed = u8::try_from(device.heard * 7 % 251).unwrap();
    let mut dialogue = dialogue(operation, dialect, settings, seed);
    let mut wire = Wire::healthy();
    wire.hold(dialogue.as_mut(), device)
        .expect("the conversation ends")
}

fn hold_over(
    wire: &mut Wire,
    device: &mut IslDevice,
    operation: Operation,
) -> Result<Outcome, Failure> {
    let mut dialogue = dialogue(operation, device.dialect, Settings::default(), 3);
    wire.hold(dialogue.as_mut(), device)
        .expect("the conversation ends")
}

fn capabilities(dialect: Isl) -> Capabilities {
    let taken = |kind: &PaymentKind| dialect.dialect().payment_code(*kind).is_some();
    Capabilities {
        item_text: 20,
        comment_text: 28,
        operator_password: 8,
        payments: PaymentKind::ALL.into_iter().filter(taken).collect(),
        subtotal_modifiers: SubtotalModifiers::Supported,
        terminal: false,
        fiscal: true,
    }
}

fn sale(price: i64) -> Sale {
    Sale {
        text: "Хляб".to_owned(),
        quantity: Quantity::PIECE,
        unit_price: Money::new(price).unwrap(),
        tax_group: 2,
        ..Sale::default()
    }
}

/// A bit of everything.
fn asked() -> Receipt {
    let modified = |kind, value| Sale {
        modifier: kind,
        modifier_value: value,
        quantity: Quantity::new(1500).unwrap(),
        ..sale(1000)
    };
    Receipt {
        items: vec![
            Item::Sale(modified(ModifierKind::Percent(Direction::Discount), 1000)),
            Item::Comment("Маса 4".to_owned()),
            Item::Sale(modified(ModifierKind::Amount(Direction::Discount), 50)),
            Item::Sale(modified(ModifierKind::Amount(Direction::Surcharge), 20)),
            Item::Sale(Sale {
                department: 3,
                ..sale(250)
            }),
            Item::Subtotal {
                direction: Direction::Discount,
                amount: Money::new(100).unwrap(),
            },
            Item::Footer("Благодарим Ви!".to_owned()),
        ],
        payments: vec![
            Payment::Paid {
                kind: PaymentKind::Card,
                amount: Some(Money::new(1000).unwrap()),
            },
            Payment::Paid {
                kind: PaymentKind::Cash,
                amount: Some(Money::new(5000).unwrap()),
            },
            Payment::Change { amount: None },
        ],
        ..Receipt::default()
    }
}

fn checked(receipt: &Receipt, dialect: Isl) -> Checked {
    receipt
        .check(&capabilities(dialect), &Settings::default())
        .unwrap()
}

fn receipt(dialect: Isl) -> Checked {
    let serial = IslDevice::new(dialect).till.serial;
    let mut asked = asked();
    asked.unique_sale_number = format!("{serial}-DD01-0000001");
    checked(&asked, dialect)
}

fn reversal(dialect: Isl) -> CheckedReversal {
    let device = IslDevice::new(dialect);
    let mut receipt = asked();
    receipt.unique_sale_number = format!("{}-DD01-0000001", device.till.serial);
    receipt.payments.clear();
    let reversal = Reversal {
        receipt,
        number: "0000085".to_owned(),
        time: date(2019, 5, 17).at(13, 55, 18, 0),
        fiscal_memory: device.till.fiscal_memory,
        reason: Reason::Refund,
    };
    reversal
        .check(&capabilities(dialect), &Settings::default())
        .unwrap()
        .0
}

fn money(units: i64) -> Money {
    Money::new(units).unwrap()
}

fn ask(device: &mut IslDevice, operation: Operation) -> Answer {
    let outcome = hold(device, operation).unwrap();
    assert!(outcome.messages.is_ok(), "{:?}", outcome.messages);
    outcome.answer
}

fn refused(device: &mut IslDevice, operation: Operation) -> Vec<&'static str> {
    match hold(device, operation).unwrap_err() {
        Failure::Refused(messages) => codes(messages.as_slice()),
        unknown @ Failure::Unknown { .. } => panic!("{unknown:?}"),
    }
}

fn codes(messages: &[Message]) -> Vec<&'static str> {
    messages.iter().filter_map(|message| message.code).collect()
}
