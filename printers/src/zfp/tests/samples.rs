//! The receipts and the device that the tests use.

use crate::device::{Message, PaymentKind, Settings};
use crate::dialogue::{Failure, Operation, Outcome};
use crate::receipt::{
    Checked, Direction, Item, ModifierKind, Operator, Payment, Reason, Receipt, Reversal, Sale,
};
use crate::simulator::till::Till;
use crate::simulator::wire::Wire;
use crate::simulator::zfp::ZfpDevice;
use crate::zfp::{Generation, dialogue};
use daybook_schema::{Money, Quantity};
use jiff::civil::date;

pub(super) const USN: &str = "ZK126720-DD01-0000001";

pub(super) fn device() -> ZfpDevice {
    ZfpDevice::new(Till::new("ZK126720", "50163145"))
}

pub(super) fn money(units: i64) -> Money {
    Money::new(units).unwrap()
}

pub(super) fn sale(text: &str, price: i64, quantity: i64) -> Sale {
    Sale {
        text: text.to_owned(),
        quantity: Quantity::new(quantity).unwrap(),
        unit_price: money(price),
        tax_group: 2,
        ..Sale::default()
    }
}

/// The receipt of the protocol's own example: 12 + 2 × 10 − 10 % = 30, and more.
pub(super) fn receipt() -> Receipt {
    Receipt {
        unique_sale_number: USN.to_owned(),
        operator: Operator::default(),
        items: vec![
            Item::Sale(sale("Cheese", 1200, 0)),
            Item::Comment("Additional comment to the cheese...".to_owned()),
            Item::Sale(Sale {
                modifier: ModifierKind::Percent(Direction::Discount),
                modifier_value: 1000,
                ..sale("Мляко | 1 l", 1000, 2000)
            }),
            Item::Sale(Sale {
                department: 3,
                modifier: ModifierKind::Amount(Direction::Surcharge),
                modifier_value: 5,
                ..sale("Coffee", 250, 1500)
            }),
            Item::Subtotal {
                direction: Direction::Discount,
                amount: money(80),
            },
            Item::Footer("Thank you!".to_owned()),
        ],
        payments: vec![
            Payment::Paid {
                kind: PaymentKind::Cash,
                amount: Some(money(2000)),
            },
            Payment::Paid {
                kind: PaymentKind::Card,
                amount: None,
            },
        ],
    }
}

pub(super) const TOTAL: i64 = 3300;

pub(super) fn checked(receipt: &Receipt) -> Checked {
    let capabilities = Generation::First.capabilities();
    receipt.check(&capabilities, &Settings::default()).unwrap()
}

pub(super) fn reversal() -> Operation {
    let reversal = Reversal {
        receipt: receipt(),
        number: "0000085".to_owned(),
        time: date(2019, 5, 17).at(13, 55, 18, 0),
        fiscal_memory: "50163145".to_owned(),
        reason: Reason::Refund,
    };
    let capabilities = Generation::First.capabilities();
    let (reversal, _) = reversal.check(&capabilities, &Settings::default()).unwrap();
    Operation::Reversal(Box::new(reversal))
}

pub(super) fn print() -> Operation {
    Operation::Receipt(Box::new(checked(&receipt())))
}

pub(super) fn ask(
    device: &mut ZfpDevice,
    operation: Operation,
    wire: &mut Wire,
) -> Result<Outcome, Failure> {
    let mut dialogue = dialogue(operation, Generation::First, Settings::default(), 7);
    wire.hold(dialogue.as_mut(), device).expect("it ends")
}

pub(super) fn asked(device: &mut ZfpDevice, operation: Operation) -> Result<Outcome, Failure> {
    ask(device, operation, &mut Wire::healthy())
}

pub(super) fn codes(messages: &[Message]) -> Vec<&str> {
    messages.iter().filter_map(|message| message.code).collect()
}
