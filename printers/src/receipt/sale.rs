//! The check of something sold, and what it comes to.

use super::check::{Faults, MAX_AMOUNT, bounds, empty_text, money};
use super::{Direction, Modifier, ModifierKind, Sale, SaleLine};
use crate::device::{Capabilities, Message};
use crate::text;
use daybook_schema::Quantity;

/// The largest quantity, in thousandths: 999 999.999.
const MAX_QUANTITY: i64 = 999_999_999;

pub(super) fn check_sale(
    sale: &Sale,
    number: usize,
    device: &Capabilities,
) -> Result<SaleLine, Faults> {
    let mut faults = Faults::new();
    if text::clean(&sale.text).is_empty() {
        faults.push(empty_text(number));
    }
    let mut positive = |wrong: bool, text: &str| {
        if wrong {
            faults.push(Message::error("E403", format!("Item {number}{text}")));
        }
    };
    let value = sale.modifier_value;
    let modified = sale.modifier != ModifierKind::None;
    positive(
        modified && value <= 0,
        ": \"priceModifierValue\" should be positive number",
    );
    positive(
        !modified && value != 0,
        ": \"priceModifierType\" should not be \"none\" or empty",
    );
    let (quantity, price) = (sale.quantity.units(), sale.unit_price.units());
    positive(quantity < 0, ": \"quantity\" should be positive number");
    positive(
        price < 0,
        ": \"unitPrice\" should be positive number or zero",
    );
    positive(
        sale.department < 0,
        "; \"department\" should be positive number or zero.",
    );
    positive(
        device.fiscal && sale.tax_group == 0,
        ": \"taxGroup\" shouldn't be \"unspecified\" or empty",
    );
    positive(quantity > MAX_QUANTITY, ": \"quantity\" is too large");
    positive(price > MAX_AMOUNT, ": \"unitPrice\" is too large");
    positive(value > MAX_AMOUNT, ": \"priceModifierValue\" is too large");
    let group = u8::try_from(sale.tax_group).ok();
    let group = group.filter(|group| (1..=8).contains(group) || (*group == 0 && !device.fiscal));
    if group.is_none() {
        let text = format!("Tax group {} unsupported", sale.tax_group);
        faults.push(Message::error("E411", text));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let modifier = modifier(sale);
    let quantity = if quantity == 0 {
        Quantity::PIECE
    } else {
        sale.quantity
    };
    let amount = line_amount(price, quantity.units(), modifier);
    if amount.abs() > MAX_AMOUNT {
        return Err(vec![bounds(format!("Item {number}: the amount"))]);
    }
    Ok(SaleLine {
        text: text::cut(&sale.text, device.item_text),
        quantity,
        unit_price: sale.unit_price,
        tax_group: group.unwrap_or_default(),
        department: sale.department.unsigned_abs(),
        code: sale.code,
        modifier,
        amount: money(amount),
    })
}

fn modifier(sale: &Sale) -> Option<Modifier> {
    match sale.modifier {
        ModifierKind::None => None,
        ModifierKind::Percent(way) => Some(Modifier::Percent(signed(way, sale.modifier_value))),
        ModifierKind::Amount(way) => Some(Modifier::Amount(signed(way, sale.modifier_value))),
    }
}

pub(super) fn signed(direction: Direction, amount: i64) -> i64 {
    match direction {
        Direction::Discount => -amount,
        Direction::Surcharge => amount,
    }
}

/// Quantity times price, rounded; then the modifier, a percentage of that, rounded: the rule that
/// Datecs publishes for its devices. Every number is bounded, so nothing overflows.
pub(crate) fn line_amount(price: i64, quantity: i64, modifier: Option<Modifier>) -> i64 {
    let line = round(i128::from(price) * i128::from(quantity), 1000);
    let change = match modifier {
        None => 0,
        Some(Modifier::Amount(amount)) => i128::from(amount),
        Some(Modifier::Percent(percent)) => round(line * i128::from(percent), 10_000),
    };
    i64::try_from(line + change).unwrap_or(i64::MAX)
}

/// Half away from zero.
fn round(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator.abs() + denominator) / (2 * denominator) * numerator.signum()
}
