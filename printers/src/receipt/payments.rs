//! The check of payments: they must come to the total, and the device must know them.

use super::check::{Faults, MAX_AMOUNT, bounds, money};
use super::{Payment, Tender};
use crate::device::{Capabilities, Message, PaymentKind};
use daybook_schema::{Decimal, Money};

/// What the device is told. The one payment without an amount takes what the others leave open.
pub(super) fn tenders(
    payments: &[Payment],
    total: Money,
    device: &Capabilities,
) -> Result<Vec<Tender>, Faults> {
    if payments.is_empty() {
        return Ok(Vec::new());
    }
    let mut paid: i64 = 0;
    let mut open = None;
    for (index, payment) in payments.iter().enumerate() {
        let faults = check(payment, index + 1, device, open.is_some());
        if !faults.is_empty() {
            let info = Message::info(format!("Error occured at Payment {}", index + 1));
            return Err(faults.into_iter().chain([info]).collect());
        }
        match amount(payment) {
            Some(amount) => paid += amount.units(),
            None => open = Some(index),
        }
    }
    let rest = total.units() - paid;
    let settled = match open.map(|index| &payments[index]) {
        None => rest == 0,
        Some(Payment::Paid { .. }) => rest >= 0,
        Some(Payment::Change { .. }) => rest <= 0,
    };
    if !settled {
        let text = format!(
            "Payment total amount ({}) should be the same as the items total amount ({})",
            two_digits(paid),
            two_digits(total.units())
        );
        return Err(vec![Message::error("E403", text)]);
    }
    let tender = |payment: &Payment| match payment {
        Payment::Paid { kind, amount } => Some(Tender {
            kind: *kind,
            amount: amount.unwrap_or_else(|| money(rest)),
        }),
        Payment::Change { .. } => None,
    };
    // Some devices refuse a payment of nothing.
    let sent = payments.iter().filter_map(tender);
    let mut sent: Vec<Tender> = sent.filter(|tender| tender.amount != Money::ZERO).collect();
    if payments
        .iter()
        .any(|payment| matches!(payment, Payment::Change { .. }))
    {
        // Only cash gives change, and whatever comes after too much is refused.
        sent.sort_by_key(|tender| tender.kind == PaymentKind::Cash);
    }
    Ok(sent)
}

fn amount(payment: &Payment) -> Option<Money> {
    match payment {
        Payment::Paid { amount, .. } | Payment::Change { amount } => *amount,
    }
}

fn check(payment: &Payment, number: usize, device: &Capabilities, had_open: bool) -> Faults {
    let mut faults = Faults::new();
    let units = amount(payment).map(Money::units);
    let is_change = matches!(payment, Payment::Change { .. });
    if !is_change && units.is_some_and(|units| units < 0) {
        let text = format!("Payment {number}: \"amount\" should be positive number or zero");
        faults.push(Message::error("E403", text));
    }
    if is_change && units.is_some_and(|units| units >= 0) {
        let text = format!("Change {number}: \"amount\" should be negative number");
        faults.push(Message::error("E403", text));
    }
    if units.is_some_and(|units| units.abs() > MAX_AMOUNT) {
        faults.push(bounds(format!("Payment {number}: \"amount\"")));
    }
    if units.is_none() && had_open {
        let text = format!("Payment {number}: \"amount\" may be omitted only once");
        faults.push(Message::error("E403", text));
    }
    if let Payment::Paid { kind, .. } = payment
        && !device.payments.contains(kind)
    {
        let text = format!("Payment type {} unsupported", kind.name());
        faults.push(Message::error("E406", text));
    }
    faults
}

/// An amount as people write it, with both its decimals.
#[must_use]
pub fn two_digits(units: i64) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let units = units.unsigned_abs();
    format!("{sign}{}.{:02}", units / 100, units % 100)
}

/// A quantity without trailing zeros: `2`, `0.375`.
pub(crate) fn shortest(thousandths: i64) -> String {
    Decimal::new(thousandths, 3).to_string()
}
