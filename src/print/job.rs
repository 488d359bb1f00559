//! Receipts as the log has them and as devices print them.

use daybook_printers::device::{self, Level, Messages};
use daybook_printers::receipt::{
    Direction, Item, ModifierKind, Operator, Payment, Reason, Receipt, Sale,
};
use daybook_schema::Money;
use daybook_schema::facts::{
    PaymentKind, PrintItem, PrintLevel, PrintMessage, PrintModifier, PrintPayment, PrintReason,
    PrintReceipt, PrintSale,
};
use jiff::civil::DateTime;

/// How times of devices are written.
pub const TIME: &str = "%Y-%m-%dT%H:%M:%S";

/// Kinds of payment: the ledger's, and the printers' crate's.
const KINDS: [(PaymentKind, device::PaymentKind); 11] = [
    (PaymentKind::Bank, device::PaymentKind::Bank),
    (PaymentKind::Card, device::PaymentKind::Card),
    (PaymentKind::Cash, device::PaymentKind::Cash),
    (PaymentKind::Check, device::PaymentKind::Check),
    (PaymentKind::Coupons, device::PaymentKind::Coupons),
    (PaymentKind::Damage, device::PaymentKind::Damage),
    (PaymentKind::ExtCoupons, device::PaymentKind::ExtCoupons),
    (
        PaymentKind::InternalUsage,
        device::PaymentKind::InternalUsage,
    ),
    (PaymentKind::Packaging, device::PaymentKind::Packaging),
    (PaymentKind::Reserved1, device::PaymentKind::Reserved1),
    (PaymentKind::Reserved2, device::PaymentKind::Reserved2),
];

/// A receipt as the log has it. The operator's password stays behind. For receipts that were
/// checked: what no device could print is cut down to what a line holds.
#[must_use]
pub fn record(receipt: &Receipt) -> PrintReceipt {
    PrintReceipt {
        items: receipt.items.iter().map(record_item).collect(),
        number: None,
        operator: receipt.operator.id.clone(),
        payments: receipt.payments.iter().map(record_payment).collect(),
        secret: receipt.operator.password.is_some(),
        unique_sale_number: Some(receipt.unique_sale_number.clone())
            .filter(|number| !number.is_empty()),
    }
}

fn record_item(item: &Item) -> PrintItem {
    match item {
        Item::Comment(text) => PrintItem::Comment(text.clone()),
        Item::Footer(text) => PrintItem::Footer(text.clone()),
        Item::Sale(sale) => PrintItem::Sale(record_sale(sale)),
        Item::Subtotal { direction, amount } => {
            let amount = signed(*direction, amount.units());
            PrintItem::Subtotal(Money::new(amount).unwrap_or_default())
        }
    }
}

fn record_sale(sale: &Sale) -> PrintSale {
    let modifier = match sale.modifier {
        ModifierKind::None => None,
        ModifierKind::Percent(direction) => {
            let percent = signed(direction, sale.modifier_value);
            let bound = i32::try_from(percent).unwrap_or(i32::MAX);
            Some(PrintModifier::Percent(bound))
        }
        ModifierKind::Amount(direction) => {
            let amount = signed(direction, sale.modifier_value);
            Some(PrintModifier::Amount(
                Money::new(amount).unwrap_or_default(),
            ))
        }
    };
    PrintSale {
        code: u32::try_from(sale.code).unwrap_or(u32::MAX),
        department: u32::try_from(sale.department).unwrap_or_default(),
        modifier,
        quantity: sale.quantity,
        tax_group: u8::try_from(sale.tax_group).unwrap_or_default(),
        text: sale.text.clone(),
        unit_price: sale.unit_price,
    }
}

const fn signed(direction: Direction, amount: i64) -> i64 {
    match direction {
        Direction::Discount => -amount,
        Direction::Surcharge => amount,
    }
}

fn record_payment(payment: &Payment) -> PrintPayment {
    let (kind, amount) = match payment {
        Payment::Paid { kind, amount } => {
            let known = KINDS.iter().find(|(_, other)| other == kind);
            (
                Some(known.map_or(PaymentKind::Cash, |(kind, _)| *kind)),
                *amount,
            )
        }
        Payment::Change { amount } => (None, *amount),
    };
    PrintPayment { amount, kind }
}

/// A receipt as devices print it, to be checked.
#[must_use]
pub fn receipt(recorded: &PrintReceipt, password: Option<String>) -> Receipt {
    Receipt {
        unique_sale_number: recorded.unique_sale_number.clone().unwrap_or_default(),
        operator: Operator {
            id: recorded.operator.clone(),
            password,
        },
        items: recorded.items.iter().map(item).collect(),
        payments: recorded.payments.iter().map(payment).collect(),
    }
}

fn item(item: &PrintItem) -> Item {
    match item {
        PrintItem::Comment(text) => Item::Comment(text.clone()),
        PrintItem::Footer(text) => Item::Footer(text.clone()),
        PrintItem::Sale(sale) => Item::Sale(sold(sale)),
        PrintItem::Subtotal(amount) => Item::Subtotal {
            direction: direction(amount.units()),
            amount: Money::new(amount.units().abs()).unwrap_or_default(),
        },
    }
}

fn sold(sale: &PrintSale) -> Sale {
    let (modifier, value) = match sale.modifier {
        None => (ModifierKind::None, 0),
        Some(PrintModifier::Amount(amount)) => {
            let units = amount.units();
            (ModifierKind::Amount(direction(units)), units.abs())
        }
        Some(PrintModifier::Percent(percent)) => {
            let units = i64::from(percent);
            (ModifierKind::Percent(direction(units)), units.abs())
        }
    };
    Sale {
        text: sale.text.clone(),
        quantity: sale.quantity,
        unit_price: sale.unit_price,
        tax_group: i32::from(sale.tax_group),
        department: i32::try_from(sale.department).unwrap_or(i32::MAX),
        code: i64::from(sale.code),
        modifier,
        modifier_value: value,
    }
}

const fn direction(units: i64) -> Direction {
    if units < 0 {
        Direction::Discount
    } else {
        Direction::Surcharge
    }
}

fn payment(payment: &PrintPayment) -> Payment {
    let amount = payment.amount;
    let Some(kind) = payment.kind else {
        return Payment::Change { amount };
    };
    let known = KINDS.iter().find(|(one, _)| *one == kind);
    let kind = known.map_or(device::PaymentKind::Cash, |(_, kind)| *kind);
    Payment::Paid { kind, amount }
}

/// Reasons of reversals, as the printers' crate has them.
#[must_use]
pub const fn reason(reason: PrintReason) -> Reason {
    match reason {
        PrintReason::OperatorError => Reason::OperatorError,
        PrintReason::Refund => Reason::Refund,
        PrintReason::TaxBaseReduction => Reason::TaxBaseReduction,
    }
}

/// Messages as the log has them.
#[must_use]
pub fn record_messages(messages: &Messages) -> Vec<PrintMessage> {
    let one = |message: &device::Message| PrintMessage {
        code: message.code.map(str::to_owned),
        level: match message.level {
            Level::Error => PrintLevel::Error,
            Level::Warning => PrintLevel::Warning,
            Level::Info => PrintLevel::Info,
        },
        original: message.original.clone(),
        text: message.text.to_string(),
    };
    messages.as_slice().iter().map(one).collect()
}

/// A time of a device, as it is written.
#[must_use]
pub fn written(time: DateTime) -> String {
    time.strftime(TIME).to_string()
}

/// A receipt's number as protocols show it: at least seven digits.
#[must_use]
pub fn seven_digits(number: u32) -> String {
    format!("{number:07}")
}
