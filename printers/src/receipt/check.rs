//! The check before the first byte: the rules in the order of the protocol, so that the same
//! mistake gets the same answer from every printer.

use super::payments::tenders;
use super::sale::{check_sale, signed};
use super::{Checked, CheckedReversal, Item, Line, Operator, Receipt, Reversal, Transfer};
use crate::device::{Capabilities, Message, Settings, SubtotalModifiers};
use crate::text;
use daybook_schema::Money;
use std::collections::BTreeSet;

/// The largest amount, in minor units: 99 999 999.99.
pub(super) const MAX_AMOUNT: i64 = 9_999_999_999;

/// What is wrong; the first bad item or payment ends the check.
pub(super) type Faults = Vec<Message>;

/// The device and its settings, as far as a check asks.
#[derive(Clone, Copy)]
pub(super) struct Limits<'a> {
    pub(super) device: &'a Capabilities,
    pub(super) settings: &'a Settings,
}

impl Receipt {
    /// Checks the receipt for a device.
    ///
    /// # Errors
    /// With what is wrong; nothing may be printed then.
    pub fn check(&self, device: &Capabilities, settings: &Settings) -> Result<Checked, Faults> {
        let mut checked = self.check_items(Limits { device, settings })?;
        checked.tenders = tenders(&self.payments, checked.total, device)?;
        Ok(checked)
    }

    fn check_items(&self, limits: Limits<'_>) -> Result<Checked, Faults> {
        if self.items.is_empty() {
            return Err(vec![Message::error("E410", "Receipt is empty, no items")]);
        }
        let usn = &self.unique_sale_number;
        if !usn.is_empty() && !is_unique_sale_number(usn) {
            let text = "Invalid format of UniqueSaleNumber";
            return Err(vec![Message::error("E405", text)]);
        }
        let mut checked = Checked {
            unique_sale_number: usn.clone(),
            operator: self.operator.clone(),
            lines: Vec::new(),
            footers: Vec::new(),
            tenders: Vec::new(),
            total: Money::ZERO,
        };
        let mut total: i64 = 0;
        for (index, item) in self.items.iter().enumerate() {
            total += check_item(item, index + 1, limits, &mut checked)?;
            if total.abs() > MAX_AMOUNT {
                return Err(vec![bounds(format!("Item {}: the total", index + 1))]);
            }
        }
        if total < 0 {
            let text = "Items total amount should not be negative";
            return Err(vec![Message::error("E403", text)]);
        }
        checked.total = money(total);
        Ok(checked)
    }
}

impl Reversal {
    /// Checks the reversal for a device; the second part of the answer are warnings.
    ///
    /// # Errors
    /// With what is wrong; nothing may be printed then.
    pub fn check(
        &self,
        device: &Capabilities,
        settings: &Settings,
    ) -> Result<(CheckedReversal, Vec<Message>), Faults> {
        let receipt = self.receipt.check_items(Limits { device, settings })?;
        check_original("ReceiptNumber", &self.number, u8::is_ascii_digit)?;
        let memory = &self.fiscal_memory;
        // What a printer prints that is not fiscal is in no fiscal memory.
        if device.fiscal || !memory.is_empty() {
            check_original(
                "FiscalMemorySerialNumber",
                memory,
                u8::is_ascii_alphanumeric,
            )?;
        }
        let mut warnings = Vec::new();
        if !self.receipt.payments.is_empty() {
            let text = "Reversal receipt payments array should be empty. It will be ignored.";
            warnings.push(Message::warning("W302", text));
        }
        let checked = CheckedReversal {
            receipt,
            number: self.number.clone(),
            time: self.time,
            fiscal_memory: self.fiscal_memory.clone(),
            reason: self.reason,
        };
        Ok((checked, warnings))
    }
}

/// Both fields stand inside a frame, between separators: nothing else may be in them.
fn check_original(name: &str, value: &str, allowed: fn(&u8) -> bool) -> Result<(), Faults> {
    let fault = if value.is_empty() {
        "is empty"
    } else if value.len() > 20 || !value.as_bytes().iter().all(allowed) {
        "is malformed"
    } else {
        return Ok(());
    };
    let text = format!("{name} of the original receipt {fault}");
    Err(vec![Message::error("E405", text)])
}

impl Transfer {
    /// A deposit or withdrawal of an amount.
    ///
    /// # Errors
    /// When the amount is not above zero, or too large.
    pub fn check(amount: Money, operator: Operator) -> Result<Self, Faults> {
        if amount.units() <= 0 {
            let text = "Amount should be positive number";
            return Err(vec![Message::error("E403", text)]);
        }
        if amount.units() > MAX_AMOUNT {
            return Err(vec![bounds("Amount".to_owned())]);
        }
        Ok(Self { amount, operator })
    }
}

/// `^[A-Z]{2}[0-9]{6}-[A-Z0-9]{4}-[0-9]{7}$`
fn is_unique_sale_number(text: &str) -> bool {
    let parts: Vec<&[u8]> = text.as_bytes().split(|byte| *byte == b'-').collect();
    let [device, operator, number] = parts[..] else {
        return false;
    };
    let (letters, digits) = device.split_at(device.len().min(2));
    let capital = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    device.len() == 8
        && letters.iter().all(u8::is_ascii_uppercase)
        && digits.iter().all(u8::is_ascii_digit)
        && operator.len() == 4
        && operator.iter().all(capital)
        && number.len() == 7
        && number.iter().all(u8::is_ascii_digit)
}

/// Adds the item to what will be printed and tells what it changes the total by.
fn check_item(
    item: &Item,
    number: usize,
    limits: Limits<'_>,
    checked: &mut Checked,
) -> Result<i64, Faults> {
    let comment = limits.device.comment_text;
    let lines = |text: &str| {
        if limits.settings.wrap_comments {
            text::wrap(text, comment)
        } else {
            vec![text::cut(text, comment)]
        }
    };
    match item {
        Item::Sale(sale) => {
            let line = check_sale(sale, number, limits.device)?;
            let amount = line.amount.units();
            checked.lines.push(Line::Sale(line));
            return Ok(amount);
        }
        Item::Comment(text) | Item::Footer(text) if text::clean(text).is_empty() => {
            return Err(vec![empty_text(number)]);
        }
        Item::Comment(text) => {
            let lines = lines(text).into_iter().map(Line::Comment);
            checked.lines.extend(lines);
        }
        Item::Footer(text) => checked.footers.extend(lines(text)),
        Item::Subtotal { direction, amount } => {
            let amount = check_subtotal(amount.units(), number, limits.device, &checked.lines)?;
            let amount = signed(*direction, amount);
            checked.lines.push(Line::Subtotal(money(amount)));
            return Ok(amount);
        }
    }
    Ok(0)
}

fn check_subtotal(
    amount: i64,
    number: usize,
    device: &Capabilities,
    lines: &[Line],
) -> Result<i64, Faults> {
    let mut faults = Faults::new();
    if amount <= 0 {
        let text = format!("Item {number}: \"amount\" should be positive number");
        faults.push(Message::error("E403", text));
    } else if amount > MAX_AMOUNT {
        faults.push(bounds(format!("Item {number}: \"amount\"")));
    }
    let groups = lines.iter().filter_map(Line::tax_group);
    let one = groups.collect::<BTreeSet<u8>>().len() <= 1;
    match device.subtotal_modifiers {
        SubtotalModifiers::Unsupported => {
            let text = "subtotal modifiers are not supported by this device";
            faults.push(Message::error("E412", format!("Item {number}: {text}")));
        }
        SubtotalModifiers::OneTaxGroup if !one => {
            let text = "subtotal modifiers need lines of one tax group on this device";
            faults.push(Message::error("E411", format!("Item {number}: {text}")));
        }
        SubtotalModifiers::OneTaxGroup | SubtotalModifiers::Supported => {}
    }
    if faults.is_empty() {
        Ok(amount)
    } else {
        Err(faults)
    }
}

/// From an amount that was bounded before.
pub(super) fn money(units: i64) -> Money {
    Money::new(units).unwrap_or_default()
}

pub(super) fn empty_text(number: usize) -> Message {
    Message::error("E407", format!("Item {number}: \"text\" is empty"))
}

pub(super) fn bounds(what: String) -> Message {
    Message::error("E403", what + " is too large")
}
