//! The receipts and the device that the tests use.

use crate::device::{Message, PaymentKind, Settings};
use crate::dialogue::{Failure, Operation, Outcome};
use crate::icp::{capabilities, dialogue};
use crate::receipt::{
    Checked, Direction, Item, ModifierKind, Operator, Payment, Reason, Receipt, Reversal, Sale,
};
use crate::simulator::icp::IcpDevice;
use crate::simulator::till::Till;
use crate::simulator::wire::Wire;
use daybook_schema::{Money, Quantity};
use jiff::civil::date;

pub(super) const USN: &str = "IS001028-DD01-0000001";
pub(super) const TOTAL: i64 = 3395;

pub(super) fn device() -> IcpDevice {
    IcpDevice::new(Till::new("IS001028", "12001028"))
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
        code: 999,
        ..Sale::default()
    }
}

pub(super) fn receipt() -> Receipt {
    Receipt {
        unique_sale_number: USN.to_owned(),
        operator: Operator::default(),
        items: vec![
            Item::Sale(sale("Cheese", 1200, 0)),
            Item::Comment("A comment".to_owned()),
            Item::Sale(Sale {
                modifier: ModifierKind::Percent(Direction::Discount),
                modifier_value: 1000,
                ..sale("Мляко", 1000, 2000)
            }),
            Item::Sale(Sale {
                department: 10,
                code: 5,
                modifier: ModifierKind::Amount(Direction::Surcharge),
                modifier_value: 20,
                ..sale("Coffee", 250, 1500)
            }),
            Item::Footer("Thank you!".to_owned()),
        ],
        payments: vec![
            Payment::Paid {
                kind: PaymentKind::Card,
                amount: Some(money(1395)),
            },
            Payment::Paid {
                kind: PaymentKind::Cash,
                amount: Some(money(5000)),
            },
            Payment::Change {
                amount: Some(money(-3000)),
            },
        ],
    }
}

/// One that is paid in cash without a text behind.
pub(super) fn plain() -> Receipt {
    let mut receipt = receipt();
    receipt.items.pop();
    receipt.payments.clear();
    receipt
}

pub(super) fn checked(receipt: &Receipt) -> Checked {
    receipt
        .check(&capabilities(47), &Settings::default())
        .unwrap()
}

pub(super) fn print(receipt: &Receipt) -> Operation {
    Operation::Receipt(Box::new(checked(receipt)))
}

pub(super) fn reversal() -> Operation {
    let reversal = Reversal {
        receipt: receipt(),
        number: "0000085".to_owned(),
        time: date(2019, 5, 17).at(13, 55, 18, 0),
        fiscal_memory: "12001028".to_owned(),
        reason: Reason::Refund,
    };
    let (reversal, _) = reversal
        .check(&capabilities(47), &Settings::default())
        .unwrap();
    Operation::Reversal(Box::new(reversal))
}

pub(super) fn ask(
    device: &mut IcpDevice,
    operation: Operation,
    wire: &mut Wire,
) -> Result<Outcome, Failure> {
    let mut dialogue = dialogue(operation, Settings::default());
    wire.hold(dialogue.as_mut(), device).expect("it ends")
}

pub(super) fn asked(device: &mut IcpDevice, operation: Operation) -> Result<Outcome, Failure> {
    ask(device, operation, &mut Wire::healthy())
}

pub(super) fn codes(messages: &[Message]) -> Vec<&str> {
    messages.iter().filter_map(|message| message.code).collect()
}
