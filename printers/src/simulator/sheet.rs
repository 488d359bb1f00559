//! A document that came out of a simulated device, as somebody holds it in their hand.

use super::till::{Kind, Printed, Till, decimal};
use crate::text::wrap;
use jiff::civil::DateTime;

/// Characters on a line.
pub const COLUMNS: usize = 42;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is; `None` where the device does not know (ESC/POS).
    pub kind: Option<Kind>,
    /// Its number. A device that keeps none (ESC/POS) prints what it is sent: then it is the one
    /// beside the time, if there is one.
    pub number: Option<u32>,
    /// What it comes to, in cents; `None` where the device does not know (ESC/POS).
    pub total: Option<i64>,
    /// The unique number of the sale; empty when there is none.
    pub sale: String,
    /// What the device's clock showed when it came out.
    pub time: DateTime,
    /// The page, line by line.
    pub text: Vec<String>,
}

/// What stands at the top of a till's documents.
pub(super) struct Letterhead<'a> {
    pub(super) model: &'a str,
    pub(super) till: &'a Till,
}

impl Sheet {
    /// What it is called in lists and file names.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.kind {
            Some(Kind::Receipt) => "receipt",
            Some(Kind::Reversal) => "reversal",
            Some(Kind::Voided) => "voided",
            Some(Kind::Transfer) => "transfer",
            Some(Kind::DailyReport) => "daily-report",
            Some(Kind::InterimReport) => "interim-report",
            Some(Kind::Duplicate) => "duplicate",
            None => "document",
        }
    }

    /// What it comes to, with a point.
    #[must_use]
    pub fn amount(&self) -> Option<String> {
        self.total.map(decimal)
    }

    /// The page of a printer that prints what it is sent.
    pub(super) fn plain(page: &str, time: DateTime) -> Self {
        Self {
            kind: None,
            number: page.lines().rev().find_map(stamped),
            total: None,
            sale: String::new(),
            time,
            text: page.lines().map(str::to_owned).collect(),
        }
    }

    /// A till's document, laid out.
    pub(super) fn of_till(head: &Letterhead<'_>, printed: &Printed) -> Self {
        let till = head.till;
        let rule = "-".repeat(COLUMNS);
        let mut text = vec![
            centre(&format!("{} (simulated)", head.model)),
            centre(&format!("Tax number {}", till.tax_number)),
            sides(&till.serial, &format!("FM {}", till.fiscal_memory)),
        ];
        if !printed.sale.is_empty() {
            text.push(printed.sale.clone());
        }
        text.push(rule.clone());
        text.extend(title(printed).map(centre));
        // A report's or a slip's only line is its amount, which stands below.
        if printed.kind.is_receipt() || matches!(printed.kind, Kind::Voided | Kind::Duplicate) {
            text.extend(printed.lines.iter().flat_map(|line| lay_out(line)));
        }
        text.push(rule);
        text.push(sides("TOTAL", &decimal(printed.total)));
        let time = till.clock.strftime("%d.%m.%Y %H:%M:%S").to_string();
        text.push(sides(&format!("{:07}", printed.number), &time));
        text.push(centre("SIMULATED, NOT A FISCAL RECEIPT"));
        Self {
            kind: Some(printed.kind),
            number: Some(printed.number),
            total: Some(printed.total),
            sale: printed.sale.clone(),
            time: till.clock,
            text,
        }
    }
}

const fn title(printed: &Printed) -> Option<&'static str> {
    match printed.kind {
        Kind::Receipt => None,
        Kind::Reversal => Some("REVERSAL"),
        Kind::Voided => Some("VOIDED"),
        Kind::Transfer if printed.total < 0 => Some("WITHDRAWAL"),
        Kind::Transfer => Some("DEPOSIT"),
        Kind::DailyReport => Some("DAILY REPORT, DAY CLOSED"),
        Kind::InterimReport => Some("INTERIM REPORT"),
        Kind::Duplicate => Some("DUPLICATE"),
    }
}

/// The number of a line like `0000017         03.02.2026 04:05`.
fn stamped(line: &str) -> Option<u32> {
    let mut words = line.split_whitespace();
    let (number, day, time) = (words.next()?, words.next()?, words.next()?);
    DateTime::strptime("%d.%m.%Y %H:%M", format!("{day} {time}")).ok()?;
    number.parse().ok().filter(|_| words.next().is_none())
}

/// A line of a till: its amount moves to the right edge.
fn lay_out(line: &str) -> Vec<String> {
    let is_amount = |word: &str| {
        let digits = word.strip_prefix('-').unwrap_or(word);
        let part = digits.split_once('.');
        part.is_some_and(|(whole, cents)| {
            cents.len() == 2
                && [whole, cents]
                    .concat()
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
        })
    };
    let (text, amount) = match line.rsplit_once(' ') {
        Some((text, amount)) if is_amount(amount) => (text, amount),
        _ if is_amount(line) => ("", line),
        _ => (line, ""),
    };
    let mut lines = wrap(text, COLUMNS - amount.len() - 1);
    if let Some(last) = lines.last_mut().filter(|_| !amount.is_empty()) {
        *last = sides(last, amount);
    }
    lines
}

fn sides(left: &str, right: &str) -> String {
    let width = COLUMNS.saturating_sub(left.chars().count());
    format!("{left}{right:>width$}")
}

fn centre(text: &str) -> String {
    format!("{text:^COLUMNS$}").trim_end().to_owned()
}
