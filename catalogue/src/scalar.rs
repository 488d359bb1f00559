//! Single values: text, numbers, amounts, rates, times and words. Each reader says what it expected,
//! and repeats only what cannot be a secret.

use crate::limits::{CREDENTIAL_CHARS, MAX_WHOLE_DIGITS};
use crate::value::Value;
use daybook_schema::money::{Currency, Decimal, Money, MoneyError, TaxRate};
use daybook_schema::time::At;
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error};
use std::ops::RangeInclusive;

/// Whether an amount may be negative.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Any,
    NotNegative,
}

/// The message for a value of another kind. It does not repeat the value.
pub(crate) fn expected(what: &str, found: &Value) -> String {
    format!("expected {what}, found {}", found.kind())
}

/// The first characters of a text, without control characters.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    let safe = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().take(most).map(safe).collect()
}

fn text(value: &Value) -> Result<&str, String> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(expected("a text in quotes", other)),
    }
}

/// A text of one line.
pub(crate) fn line(value: &Value, chars: &RangeInclusive<usize>) -> Result<String, String> {
    let text = text(value)?;
    if text.chars().any(char::is_control) {
        return Err("contains a control character (a line break, say)".to_owned());
    }
    if *chars.start() > 0 && text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    length(text, chars)
}

/// A text that may have several lines.
pub(crate) fn prose(value: &Value, chars: &RangeInclusive<usize>) -> Result<String, String> {
    let text = text(value)?;
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err("contains a control character".to_owned());
    }
    length(text, chars)
}

/// A key or token that travels in headers: visible ASCII.
pub(crate) fn credential(value: &Value) -> Result<String, String> {
    let text = text(value)?;
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("may hold only visible ASCII characters, no spaces".to_owned());
    }
    length(text, &CREDENTIAL_CHARS)
}

/// A name for machines: letters, digits and `. _ -`.
pub(crate) fn code(value: &Value, chars: &RangeInclusive<usize>) -> Result<String, String> {
    let text = text(value)?;
    if !text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    {
        return Err("may hold only the characters A-Z a-z 0-9 . _ -".to_owned());
    }
    length(text, chars)
}

fn length(text: &str, chars: &RangeInclusive<usize>) -> Result<String, String> {
    let count = text.chars().count();
    if chars.contains(&count) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "has {count} characters; {} to {} are allowed",
        chars.start(),
        chars.end()
    ))
}

/// A text that another type reads.
pub(crate) fn parsed<T, E: std::fmt::Display>(
    value: &Value,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, String> {
    parse(text(value)?).map_err(|error| error.to_string())
}

/// One of the words of an enum.
pub(crate) fn word<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    // Longer than any word, so that cutting makes no word of what is none.
    let text = shorten(text(value)?, 40);
    let read: Result<T, Error> = T::deserialize(text.into_deserializer());
    read.map_err(|error| error.to_string())
}

pub(crate) fn flag(value: &Value) -> Result<bool, String> {
    match value {
        Value::Flag(flag) => Ok(*flag),
        other => Err(expected("true or false", other)),
    }
}

pub(crate) fn number(value: &Value, range: &RangeInclusive<u32>) -> Result<u32, String> {
    let Value::Whole(number) = value else {
        return Err(expected("a whole number without quotes", value));
    };
    match u32::try_from(*number) {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!(
            "{number} is out of range: {} to {}",
            range.start(),
            range.end()
        )),
    }
}

/// An amount in the instance's currency. Without a currency (it is refused elsewhere) only the
/// grammar can be checked.
pub(crate) fn money(
    value: &Value,
    currency: Option<Currency>,
    sign: Sign,
) -> Result<Money, String> {
    let decimal = decimal(value, "18.00")?;
    let Some(currency) = currency else {
        return Ok(Money::ZERO);
    };
    let units = decimal
        .units(currency.exponent())
        .map_err(|error| match error {
            MoneyError::Decimals { .. } => format!("{error} ({currency})"),
            MoneyError::Range | MoneyError::Grammar(_) => error.to_string(),
        })?;
    let limit = 10u64.saturating_pow(MAX_WHOLE_DIGITS + currency.exponent());
    if units.unsigned_abs() >= limit {
        return Err(format!(
            "is too large: at most {MAX_WHOLE_DIGITS} digits before the point"
        ));
    }
    if sign == Sign::NotNegative && units < 0 {
        return Err("cannot be negative".to_owned());
    }
    Money::new(units).map_err(|error| error.to_string())
}

/// A tax rate in per cent.
pub(crate) fn rate(value: &Value) -> Result<TaxRate, String> {
    let basis_points = decimal(value, "19.00")?
        .units(2)
        .map_err(|error| error.to_string())?;
    let rate = u32::try_from(basis_points)
        .ok()
        .and_then(|points| TaxRate::new(points).ok());
    rate.ok_or_else(|| "a tax rate is 0 to 100 per cent".to_owned())
}

fn decimal(value: &Value, example: &str) -> Result<Decimal, String> {
    match value {
        Value::Text(text) => Decimal::parse(text).map_err(|error| error.to_string()),
        Value::Whole(_) | Value::Fraction => Err(format!(
            "write it as a text: \"{example}\"; a bare number is not read as a decimal"
        )),
        other => Err(expected(
            &format!("a decimal in quotes, like \"{example}\""),
            other,
        )),
    }
}

/// A time with its offset, as RFC 3339 has it.
pub(crate) fn time(value: &Value) -> Result<At, String> {
    let (Value::Text(text) | Value::Time(text)) = value else {
        return Err(expected("a time like \"2026-05-01T10:00:00+02:00\"", value));
    };
    // `At` reads more than RFC 3339 has; what other programs would refuse has no place in a file.
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"-+:.TZ".contains(&b));
    let offset = text
        .len()
        .checked_sub(6)
        .and_then(|at| text.as_bytes().get(at..));
    let zoned = text.ends_with('Z') || matches!(offset, Some([b'+' | b'-', _, _, b':', _, _]));
    if plain && zoned && text.as_bytes().get(10) == Some(&b'T') {
        return At::parse(text).map_err(|error| error.to_string());
    }
    let text = shorten(text, 60);
    Err(format!(
        "\"{text}\" is no time with an offset, like 2026-05-01T10:00:00+02:00"
    ))
}
