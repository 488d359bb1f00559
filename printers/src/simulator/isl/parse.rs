//! How strictly a device reads what a host says.

use crate::isl::Isl;
use crate::receipt::{Modifier, line_amount};
use crate::simulator::till::Refusal;
use crate::text::CodePage;
use daybook_schema::Decimal;

pub(super) fn text(data: &[u8]) -> String {
    CodePage::Cp1251.decode(data)
}

/// A number with at most so many decimals.
pub(super) fn number(text: &str, decimals: u32) -> Result<i64, Refusal> {
    let number = Decimal::parse(text).and_then(|number| number.units(decimals));
    number.map_err(|_| Refusal::Syntax)
}

/// An amount with exactly two decimals.
pub(super) fn amount(text: &str) -> Result<i64, Refusal> {
    match text.rsplit_once('.') {
        Some((_, cents)) if cents.len() == 2 => number(text, 2),
        _ => Err(Refusal::Syntax),
    }
}

/// `10.00*2,-10.00`: price, quantity, modifier. What it comes to.
pub(super) fn priced(text: &str, dialect: Isl) -> Result<i64, Refusal> {
    let separator = if dialect == Isl::Daisy { '$' } else { ';' };
    let (rest, modifier) = if let Some((rest, percent)) = text.split_once(',') {
        (rest, Some(Modifier::Percent(amount(percent)?)))
    } else if let Some((rest, change)) = text.split_once(separator) {
        (rest, Some(Modifier::Amount(amount(change)?)))
    } else {
        (text, None)
    };
    let (price, quantity) = match rest.split_once('*') {
        Some((price, quantity)) => (price, number(quantity, 3)?),
        None => (rest, 1000),
    };
    Ok(line_amount(amount(price)?, quantity, modifier))
}

/// `DT279013-DD01-0000001`, or nothing.
pub(super) fn sale_number(text: &str) -> Result<&str, Refusal> {
    let fits = text.is_empty() || (text.len() == 21 && text.matches('-').count() == 2);
    if fits { Ok(text) } else { Err(Refusal::Syntax) }
}

/// So many digits, or between one and so many.
pub(super) fn digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<(), Refusal> {
    let fits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(()) } else { Err(Refusal::Syntax) }
}

/// A point in time whose digits stand where the pattern has `0`.
pub(super) fn time(text: &str, pattern: &str) -> Result<(), Refusal> {
    let fits = |(byte, pattern): (u8, u8)| match pattern {
        b'0' => byte.is_ascii_digit(),
        pattern => byte == pattern,
    };
    let same = text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits);
    if same { Ok(()) } else { Err(Refusal::Syntax) }
}
