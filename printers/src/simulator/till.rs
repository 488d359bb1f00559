//! What a simulated till keeps, whatever it speaks: the open receipt, numbers, sums, the drawer, and
//! every document it printed. The rules are those of real devices, so that a driver that breaks one
//! is refused.

mod orders;

use jiff::civil::{DateTime, date};
use std::collections::BTreeMap;

/// What kind of document came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A receipt.
    Receipt,
    /// A receipt that takes one back.
    Reversal,
    /// A receipt that was begun and voided.
    Voided,
    /// Money put in or taken out.
    Transfer,
    /// The report that closes the day.
    DailyReport,
    /// The report that does not.
    InterimReport,
    /// The last receipt again.
    Duplicate,
}

impl Kind {
    /// Whether it is a receipt that counts.
    #[must_use]
    pub fn is_receipt(self) -> bool {
        matches!(self, Self::Receipt | Self::Reversal)
    }
}

/// A document that came out of the printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// What it is.
    pub kind: Kind,
    /// Its number.
    pub number: u32,
    /// What it comes to, in cents.
    pub total: i64,
    /// The unique number of the sale.
    pub sale: String,
    /// What stands on it.
    pub lines: Vec<String>,
}

/// Why a till does not do what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not now: a receipt is open, or none is, or it is being paid.
    Mode,
    /// The text cannot be read.
    Syntax,
    /// There is not enough money in the drawer.
    Cash,
    /// The payment is not possible.
    Payment,
    /// A sum fell below zero or grew too large.
    Overflow,
    /// The tax group is not in use.
    Group,
    /// There is no paper.
    Paper,
    /// Operator or password are wrong.
    Password,
    /// No such command.
    Unknown,
}

/// The receipt that is open.
#[derive(Clone, Debug, Default)]
struct Slip {
    reversal: bool,
    sale: String,
    lines: Vec<String>,
    total: i64,
    groups: BTreeMap<u8, i64>,
    paid: i64,
    in_cash: i64,
    paying: bool,
}

/// The till.
#[derive(Clone, Debug)]
pub struct Till {
    /// Two letters, six digits.
    pub serial: String,
    /// Eight digits.
    pub fiscal_memory: String,
    /// The tax number.
    pub tax_number: String,
    /// The number of the last document, whatever it was.
    pub number: u32,
    /// How many daily reports were printed.
    pub days: u32,
    /// In the drawer, in cents.
    pub cash: i64,
    /// Its clock.
    pub clock: DateTime,
    /// Whether there is paper. Without it nothing but questions works.
    pub paper: bool,
    /// The password of operator 1.
    pub password: String,
    /// How often the drawer was opened by a command.
    pub drawer_opened: u32,
    /// Everything that came out, in order.
    pub printed: Vec<Printed>,
    slip: Option<Slip>,
}

impl Till {
    /// A fiscalised till with paper and an empty drawer.
    #[must_use]
    pub fn new(serial: &str, fiscal_memory: &str) -> Self {
        Self {
            serial: serial.to_owned(),
            fiscal_memory: fiscal_memory.to_owned(),
            tax_number: "000713391".to_owned(),
            number: 84,
            days: 11,
            cash: 0,
            clock: date(2019, 5, 17).at(13, 55, 18, 0),
            paper: true,
            password: "0000".to_owned(),
            drawer_opened: 0,
            printed: Vec::new(),
            slip: None,
        }
    }

    /// The receipts and reversals that came out whole.
    #[must_use]
    pub fn receipts(&self) -> Vec<&Printed> {
        self.printed
            .iter()
            .filter(|one| one.kind.is_receipt())
            .collect()
    }

    /// Whether a receipt was printed since the last daily report.
    #[must_use]
    pub fn has_turnover(&self) -> bool {
        let today = self
            .printed
            .rsplit(|one| one.kind == Kind::DailyReport)
            .next();
        today.is_some_and(|today| today.iter().any(|one| one.kind.is_receipt()))
    }

    /// Whether a receipt is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.slip.is_some()
    }

    /// Whether the open receipt takes one back.
    #[must_use]
    pub fn is_reversing(&self) -> bool {
        self.slip.as_ref().is_some_and(|slip| slip.reversal)
    }

    /// Whether the open receipt is being paid.
    #[must_use]
    pub fn is_paying(&self) -> bool {
        self.slip.as_ref().is_some_and(|slip| slip.paying)
    }

    /// What the open receipt comes to.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.slip.as_ref().map_or(0, |slip| slip.total)
    }

    /// What is still to be paid.
    #[must_use]
    pub fn due(&self) -> i64 {
        self.slip.as_ref().map_or(0, |slip| slip.total - slip.paid)
    }

    /// What the open receipt comes to in one tax group.
    #[must_use]
    pub fn group(&self, group: u8) -> i64 {
        let slip = self.slip.as_ref();
        slip.and_then(|slip| slip.groups.get(&group))
            .copied()
            .unwrap_or_default()
    }

    /// How many lines the open receipt has.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.slip.as_ref().map_or(0, |slip| slip.lines.len())
    }
}

/// Cents with a point.
pub(super) fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}
