//! Amounts as whole cents, read from text digit by digit and never through binary fractions.

use serde_json::{Value, json};

/// 99,999,999.99: eight digits before the point.
const MOST: i64 = 9_999_999_999;

/// An amount of a request: text or number, not negative, rounded half up to cents.
pub fn given(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => parse(text),
        // The text of a number is what stands in the request.
        Value::Number(number) => parse(&number.to_string()),
        _ => None,
    }
}

fn parse(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let all = format!("{whole}{fraction}");
    let all = all.trim_start_matches('0');
    if all.is_empty() {
        return Some(0);
    }
    let cents = rounded(all, 2_i64.checked_sub(scale)?)?;
    (!negative && cents <= MOST).then_some(cents)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `digits` × 10^`shift`, rounded half up; none when that is beyond all amounts.
fn rounded(digits: &str, shift: i64) -> Option<i64> {
    let length = i64::try_from(digits.len()).ok()?;
    if length + shift > 11 {
        return None;
    }
    if shift >= 0 {
        let zeros = usize::try_from(shift).ok()?;
        return format!("{digits}{}", "0".repeat(zeros)).parse().ok();
    }
    let Ok(kept) = usize::try_from(length + shift) else {
        return Some(0);
    };
    let (kept, dropped) = digits.split_at(kept);
    let cents: i64 = if kept.is_empty() {
        0
    } else {
        kept.parse().ok()?
    };
    Some(cents + i64::from(dropped.as_bytes()[0] >= b'5'))
}

/// An amount or a rate of the catalogue, in hundredths.
pub fn hundredths(text: &str) -> i64 {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let hundredths: i64 = format!("{whole}{fraction:0<2}").parse().unwrap();
    sign * hundredths
}

/// Two digits after the point: `"23.00"`.
pub fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// A JSON number with a decimal point: `12.0`.
pub fn quoted(cents: i64) -> Value {
    decimal(cents)
        .parse::<f64>()
        .map(|number| json!(number))
        .unwrap()
}

/// A JSON number in its shortest form: `18`, `4.5`.
pub fn shortest(cents: i64) -> Value {
    if cents % 100 == 0 {
        json!(cents / 100)
    } else {
        quoted(cents)
    }
}

/// The tax that a price contains, rounded half away from zero.
pub fn tax(value: i64, rate: i64) -> i64 {
    let (part, whole) = (value.abs() * rate * 2, 10_000 + rate);
    value.signum() * ((part + whole) / (2 * whole))
}
