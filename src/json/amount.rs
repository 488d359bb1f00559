//! Amounts of money in a message, in the many forms that people and tills write them in.

use super::Value;
use super::decimal::Decimal;
use daybook_schema::money::MAX_UNITS;

/// Most digits before the point.
const DIGITS: i64 = 8;

/// An amount of money as people and tills state it, in units of which 10^`exponent` make one and
/// rounded half up: a decimal from 0 on with at most 8 digits before the point, as a number or as a
/// text with or without white space around it. `None` for anything else.
#[must_use]
pub fn amount(value: &Value, exponent: u32) -> Option<i64> {
    match value {
        Value::Number(text) => units(&Decimal::read(text)?, exponent),
        Value::Text(text) => units(&Decimal::read(text.trim())?, exponent),
        _ => None,
    }
}

/// A number exactly as it is stated, in units of which 10^`exponent` make one, with at most 8 digits
/// before the point. `None` when it has more decimals, or is no number.
#[must_use]
pub fn exact(value: &Value, exponent: u32) -> Option<i64> {
    let Value::Number(text) = value else {
        return None;
    };
    let number = Decimal::read(text)?;
    if number.is_zero() {
        return Some(0);
    }
    let point = number.point();
    let kept = usize::try_from(point.saturating_add(i64::from(exponent))).ok()?;
    if point > DIGITS || number.digits().skip(kept).any(|digit| digit != b'0') {
        return None;
    }
    let mut digits = number.digits().chain(std::iter::repeat(b'0')).take(kept);
    let units = digits.try_fold(0i64, |units, digit| {
        units.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
    })?;
    Some(if number.negative { -units } else { units })
}

/// A number of either sign, as a number or as a text with or without white space around it, in units
/// of which 10^`exponent` make one and rounded half away from zero. With more than 8 digits before
/// the point it is [`MAX_UNITS`] in its direction: too large for everything, and still a number.
/// `None` for anything else.
#[must_use]
pub fn nearest(value: &Value, exponent: u32) -> Option<i64> {
    let (Value::Number(text) | Value::Text(text)) = value else {
        return None;
    };
    let mut number = Decimal::read(text.trim())?;
    let negative = std::mem::take(&mut number.negative);
    let units = units(&number, exponent).unwrap_or(MAX_UNITS);
    Some(if negative { -units } else { units })
}

/// The number in units of which 10^`scale` make one.
fn units(number: &Decimal<'_>, scale: u32) -> Option<i64> {
    if number.is_zero() {
        return Some(0);
    }
    let point = number.point();
    if number.negative || point > DIGITS {
        return None;
    }
    let kept = point.saturating_add(i64::from(scale));
    if kept < 0 {
        // A zero at least stands between the last decimal and the first digit that counts.
        return Some(0);
    }
    let mut digits = number.digits().map(|digit| i64::from(digit - b'0'));
    let mut units = 0i64;
    // Ends early where `scale` leaves the range: the first digit is no zero.
    for _ in 0..kept {
        let digit = digits.next().unwrap_or(0);
        units = units.checked_mul(10)?.checked_add(digit)?;
    }
    let up = digits.next().is_some_and(|digit| digit >= 5);
    units.checked_add(i64::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Value {
        Value::Number(text.to_owned())
    }

    #[test]
    fn amounts_are_rounded_half_up() {
        for (text, expected) in [
            ("50", Some(5000)),
            ("50.00", Some(5000)),
            ("0.005", Some(1)),
            ("0.0049999999999999999999", Some(0)),
            ("0.004", Some(0)),
            ("0.0005", Some(0)),
            ("1.005", Some(101)),
            ("19.995", Some(2000)),
            ("000000000000012.5", Some(1250)),
            (".5", Some(50)),
            ("5.", Some(500)),
            ("1.25e1", Some(1250)),
            ("125E-1", Some(1250)),
            ("1e+7", Some(1_000_000_000)),
            ("99999999.99", Some(9_999_999_999)),
            ("99999999.999", Some(10_000_000_000)),
            ("-0", Some(0)),
            ("-0.00e9", Some(0)),
            ("0e999999999", Some(0)),
            ("1e-999999999", Some(0)),
            ("1e-99999999999999999999", Some(0)),
            ("100000000", None),
            ("1e8", None),
            ("1e999999999", None),
            ("1e99999999999999999999", None),
            ("-0.001", None),
            ("-1", None),
        ] {
            assert_eq!(amount(&number(text), 2), expected, "{text}");
            let padded = Value::Text(format!(" \t{text}\n"));
            assert_eq!(amount(&padded, 2), expected, "{text}");
        }
        assert_eq!(amount(&number("12.5"), 0), Some(13));
        assert_eq!(amount(&number("12.4999"), 0), Some(12));
        assert_eq!(amount(&number("0.05"), 4), Some(500));
        assert_eq!(amount(&number("1"), u32::MAX), None);
        assert_eq!(amount(&Value::Text("+1.5".to_owned()), 2), Some(150));
    }

    #[test]
    fn what_is_stated_exactly_has_no_more_decimals() {
        for (text, expected) in [
            ("24.0", Some(2400)),
            ("0.01", Some(1)),
            ("12.500000000000000000000", Some(1250)),
            ("1.25e1", Some(1250)),
            ("1e-2", Some(1)),
            ("-5", Some(-500)),
            ("-0.0", Some(0)),
            ("0e999999999", Some(0)),
            ("99999999.99", Some(9_999_999_999)),
            ("0.005", None),
            ("0.0001", None),
            ("1e-3", None),
            ("99999999.991", None),
            ("100000000", None),
            ("1e8", None),
            ("1e99999999999999999999", None),
            ("1e-99999999999999999999", None),
        ] {
            assert_eq!(exact(&number(text), 2), expected, "{text}");
        }
        assert_eq!(exact(&number("0.375"), 3), Some(375));
        assert_eq!(exact(&number("1"), u32::MAX), None);
        assert_eq!(exact(&Value::Text("1".to_owned()), 2), None);
        assert_eq!(exact(&Value::Null, 2), None);
    }

    #[test]
    fn numbers_of_either_sign_are_rounded_away_from_zero() {
        for (text, expected) in [
            ("12.345", 1235),
            ("-12.345", -1235),
            ("-0.005", -1),
            ("-0.0049", 0),
            ("4.60", 460),
            ("1e2", 10_000),
            ("99999999.99", 9_999_999_999),
            ("100000000", MAX_UNITS),
            ("-1e999999999999999999999", -MAX_UNITS),
        ] {
            assert_eq!(nearest(&number(text), 2), Some(expected), "{text}");
            let padded = Value::Text(format!(" {text} "));
            assert_eq!(nearest(&padded, 2), Some(expected), "{text}");
        }
        assert_eq!(nearest(&number("0.3755"), 3), Some(376));
        for text in ["", "-", "1,5", "NaN", "0x1", "one"] {
            assert_eq!(nearest(&Value::Text(text.to_owned()), 2), None, "{text}");
        }
        assert_eq!(nearest(&Value::Bool(true), 2), None);
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in [
            "", " ", "-", "+", ".", "e5", "1e", "1e+", "NaN", "nan", "Infinity", "-inf", "1_000",
            "1,5", "0x10", "1 0", "+-1", "--1", "1.2.3", "\u{0661}", "1\u{0}",
        ] {
            assert_eq!(amount(&Value::Text(text.to_owned()), 2), None, "{text:?}");
        }
        for value in [
            Value::Null,
            Value::Bool(true),
            Value::List(vec![number("1")]),
        ] {
            assert_eq!(amount(&value, 2), None, "{value:?}");
        }
    }

    /// A decimal in one of its many spellings.
    fn spelling() -> impl Strategy<Value = (i64, i64, String)> {
        let parts = (1i64..10_000_000, -8i64..8, -12i64..12, 0usize..4, 0usize..4);
        parts.prop_map(|(digits, power, moved, before, behind)| {
            // `digits` × 10^`power`, with its point moved and zeros around it.
            let scale = usize::try_from(moved.unsigned_abs()).unwrap();
            let text = if moved < 0 {
                let padded = format!("{digits:0width$}", width = scale + 1);
                let (integer, fraction) = padded.split_at(padded.len() - scale);
                format!("{integer}.{fraction}{}", "0".repeat(behind))
            } else {
                format!("{digits}{}", "0".repeat(scale))
            };
            (
                digits,
                power,
                format!("{}{text}e{}", "0".repeat(before), power - moved),
            )
        })
    }

    proptest! {
        #[test]
        fn every_spelling_is_worth_the_same((digits, power, text) in spelling(), scale in 0u32..5) {
            let plain = format!("{digits}e{power}");
            let canonical = |text| Decimal::read(text).unwrap().canonical().unwrap();
            prop_assert_eq!(canonical(&text), canonical(&plain));
            let found = amount(&number(&text), scale);
            prop_assert_eq!(found, amount(&number(&plain), scale));
            let shift = power + i64::from(scale);
            let ten = |power: i64| 10i128.pow(u32::try_from(power.unsigned_abs()).unwrap());
            let digits = i128::from(digits);
            let exact = if shift < 0 {
                (digits * 2 + ten(shift)) / (2 * ten(shift))
            } else {
                digits * ten(shift)
            };
            let small = digits < 10i128.pow(8) && (power < 0 || digits * ten(power) < 10i128.pow(8));
            prop_assert_eq!(found.map(i128::from), small.then_some(exact));
        }

        #[test]
        fn what_is_exact_is_not_rounded((_, _, text) in spelling(), scale in 0u32..5) {
            let finer = amount(&number(&text), scale + 12);
            let exact = exact(&number(&text), scale);
            if let (Some(exact), Some(finer)) = (exact, finer) {
                prop_assert_eq!(exact.checked_mul(10i64.pow(12)), Some(finer));
            }
            if exact.is_none() && let Some(finer) = finer {
                let ends = number(&text);
                let rounded = amount(&ends, scale).unwrap();
                prop_assert_ne!(rounded.checked_mul(10i64.pow(12)), Some(finer));
            }
        }

        #[test]
        fn any_text_is_an_amount_or_none(text in "[-+0-9.eE_ ]{0,12}") {
            if let Some(units) = amount(&Value::Text(text), 2) {
                prop_assert!((0..=10_000_000_000).contains(&units));
            }
        }
    }
}
