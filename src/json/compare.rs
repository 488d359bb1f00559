//! Which of two numbers is greater, by their exact decimals.

use super::Value;
use super::decimal::Decimal;
use std::cmp::Ordering;

/// Compares two numbers, or texts of numbers. Nothing when one of them is none.
#[must_use]
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    let (a, b) = (number(a)?, number(b)?);
    let sign = |number: &Decimal<'_>| match (number.is_zero(), number.negative) {
        (true, _) => 0,
        (false, true) => -1,
        (false, false) => 1,
    };
    let by_sign = sign(&a).cmp(&sign(&b));
    if by_sign.is_ne() || a.is_zero() {
        return Some(by_sign);
    }
    let longer = a.digits().count().max(b.digits().count());
    let padded = |number: &Decimal<'_>| {
        let digits = number.digits().chain(std::iter::repeat(b'0'));
        digits.take(longer).collect::<Vec<u8>>()
    };
    let magnitude = a.point().cmp(&b.point());
    let magnitude = magnitude.then_with(|| padded(&a).cmp(&padded(&b)));
    Some(if a.negative {
        magnitude.reverse()
    } else {
        magnitude
    })
}

fn number(value: &Value) -> Option<Decimal<'_>> {
    match value {
        Value::Number(text) | Value::Text(text) => Decimal::read(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(a: &str, b: &str) -> Option<Ordering> {
        compare(&Value::Number(a.to_owned()), &Value::Text(b.to_owned()))
    }

    #[test]
    fn spellings_do_not_matter_and_digits_are_never_lost() {
        for (a, b, expected) in [
            ("10", "1e1", Ordering::Equal),
            ("-0", "0.00", Ordering::Equal),
            ("9", "10", Ordering::Less),
            ("0.09", "0.1", Ordering::Less),
            ("-9", "-10", Ordering::Greater),
            ("-1", "0", Ordering::Less),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("1e400", "1e399", Ordering::Greater),
            ("13.50", "13.5", Ordering::Equal),
            ("13.501", "13.5", Ordering::Greater),
        ] {
            assert_eq!(of(a, b), Some(expected), "{a} {b}");
            assert_eq!(of(b, a), Some(expected.reverse()), "{b} {a}");
        }
        assert_eq!(of("1", "x"), None);
        assert_eq!(compare(&Value::Null, &Value::Null), None);
    }

    proptest! {
        #[test]
        fn small_numbers_compare_as_doubles_do(a in -9999i32..9999, b in -9999i32..9999, e in 0usize..4) {
            let text = |n: i32| format!("{n}e-{e}");
            prop_assert_eq!(of(&text(a), &text(b)), Some(a.cmp(&b)));
        }
    }
}
