//! What is to be printed, as asked ([`Receipt`]) and as found to be sound ([`Checked`]).
//!
//! Only what was checked can be printed: a device that finds a fault in the third line has printed
//! two. The check is pure arithmetic; it knows the device's limits, not the device.

mod check;
mod payments;
mod sale;
#[cfg(test)]
mod tests;

pub(crate) use payments::shortest;
pub use payments::two_digits;
pub(crate) use sale::line_amount;

use crate::device::PaymentKind;
use daybook_schema::{Money, Quantity};
use jiff::civil::DateTime;

/// Who stands at the till. What is left out comes from the printer's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// The operator's number (or name, where devices have names).
    pub id: Option<String>,
    /// The password of that operator. Meaningful only together with `id`.
    pub password: Option<String>,
}

/// A receipt as somebody asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The unique number of the sale, `DT279013-DD01-0000001`; may be empty.
    pub unique_sale_number: String,
    /// Who stands at the till.
    pub operator: Operator,
    /// What was sold and said, in the order of printing.
    pub items: Vec<Item>,
    /// How it was paid. None at all means: everything in cash.
    pub payments: Vec<Payment>,
}

/// A receipt that takes back an earlier one; its payments are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// What is taken back, in positive quantities and amounts.
    pub receipt: Receipt,
    /// The number of the original.
    pub number: String,
    /// When the original was printed, in the device's local time.
    pub time: DateTime,
    /// The fiscal memory that the original is in.
    pub fiscal_memory: String,
    /// Why.
    pub reason: Reason,
}

/// Why a receipt is taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reason {
    /// Somebody typed something wrong.
    #[default]
    OperatorError,
    /// The goods came back.
    Refund,
    /// The price was lowered afterwards.
    TaxBaseReduction,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Something sold.
    Sale(Sale),
    /// A line of text among the lines.
    Comment(String),
    /// A line of text after the payments.
    Footer(String),
    /// Something off or on the receipt so far.
    Subtotal {
        /// Off or on.
        direction: Direction,
        /// How much: above zero.
        amount: Money,
    },
}

/// Less or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The price falls.
    Discount,
    /// The price rises.
    Surcharge,
}

/// Something sold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sale {
    /// Its name.
    pub text: String,
    /// How many; zero counts as one.
    pub quantity: Quantity,
    /// What one costs, tax included.
    pub unit_price: Money,
    /// The device's tax group, 1 to 8; 0 is missing.
    pub tax_group: i32,
    /// The device's department; 0 is none.
    pub department: i32,
    /// An article number, for devices that want one.
    pub code: i64,
    /// How the price of the line is changed.
    pub modifier: ModifierKind,
    /// By how much: hundredths of a percent, or minor units.
    pub modifier_value: i64,
}

/// How the price of a line is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModifierKind {
    /// Not at all.
    #[default]
    None,
    /// By a part of it.
    Percent(Direction),
    /// By an amount.
    Amount(Direction),
}

/// A part of how it was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    /// Somebody paid.
    Paid {
        /// With what.
        kind: PaymentKind,
        /// How much; left out at most once, where it is what the others leave open.
        amount: Option<Money>,
    },
    /// Change that was given back, below zero: bookkeeping that no device sees.
    Change {
        /// How much, below zero.
        amount: Option<Money>,
    },
}

/// Money put into the drawer or taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// How much: above zero, whichever way it goes.
    pub(crate) amount: Money,
    /// Who stands at the till.
    pub(crate) operator: Operator,
}

impl Transfer {
    /// How much.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// Who stands at the till.
    #[must_use]
    pub fn operator(&self) -> &Operator {
        &self.operator
    }
}

/// A receipt that can be printed: cleaned texts that fit, amounts that add up, known payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub(crate) unique_sale_number: String,
    pub(crate) operator: Operator,
    pub(crate) lines: Vec<Line>,
    pub(crate) footers: Vec<String>,
    pub(crate) tenders: Vec<Tender>,
    pub(crate) total: Money,
}

/// A reversal that can be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedReversal {
    pub(crate) receipt: Checked,
    pub(crate) number: String,
    pub(crate) time: DateTime,
    pub(crate) fiscal_memory: String,
    pub(crate) reason: Reason,
}

/// One line that can be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Something sold.
    Sale(SaleLine),
    /// A line of text.
    Comment(String),
    /// An amount on (or below zero: off) the receipt so far.
    Subtotal(Money),
}

/// Something sold, with its amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleLine {
    /// Its name.
    pub text: String,
    /// How many, above zero.
    pub quantity: Quantity,
    /// What one costs.
    pub unit_price: Money,
    /// The device's tax group, 1 to 8; 0 only where receipts are not fiscal.
    pub tax_group: u8,
    /// The device's department; 0 is none.
    pub department: u32,
    /// An article number.
    pub code: i64,
    /// How the price of the line is changed.
    pub modifier: Option<Modifier>,
    /// What the line comes to, rounded.
    pub amount: Money,
}

/// How the price of a line is changed: below zero is a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// In hundredths of a percent.
    Percent(i64),
    /// In minor units.
    Amount(i64),
}

/// A payment that a device sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tender {
    /// With what.
    pub kind: PaymentKind,
    /// How much.
    pub amount: Money,
}

impl Line {
    /// The tax group of something sold.
    #[must_use]
    pub fn tax_group(&self) -> Option<u8> {
        match self {
            Self::Sale(sale) => Some(sale.tax_group),
            Self::Comment(_) | Self::Subtotal(_) => None,
        }
    }
}

impl Checked {
    /// The unique number of the sale; may be empty.
    #[must_use]
    pub fn unique_sale_number(&self) -> &str {
        &self.unique_sale_number
    }

    /// Who stands at the till.
    #[must_use]
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The lines before the payments, in order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The texts after the payments.
    #[must_use]
    pub fn footers(&self) -> &[String] {
        &self.footers
    }

    /// What the device is told about payments; nothing means: everything in cash.
    #[must_use]
    pub fn tenders(&self) -> &[Tender] {
        &self.tenders
    }

    /// What it comes to.
    #[must_use]
    pub fn total(&self) -> Money {
        self.total
    }
}

impl CheckedReversal {
    /// What is taken back.
    #[must_use]
    pub fn receipt(&self) -> &Checked {
        &self.receipt
    }
}
