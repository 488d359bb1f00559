//! What the numbers of a message are worth: decimals, read without binary floating point and without
//! writing out what an exponent stands for.

use super::Value;

/// A number in its parts, as `-12.50e1` is.
pub(super) struct Decimal<'a> {
    pub(super) negative: bool,
    integer: &'a str,
    fraction: &'a str,
    /// One that is too long for this counts as endless in its direction.
    exponent: i64,
}

impl<'a> Decimal<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let negative = text.starts_with('-');
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (digits, exponent) = match digits.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, Some(exponent)),
            None => (digits, None),
        };
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned = |text: &'a str| text.strip_prefix(['-', '+']).unwrap_or(text);
        let exponent_is_one = exponent
            .map(unsigned)
            .is_none_or(|e| !e.is_empty() && all(e));
        let some = !(integer.is_empty() && fraction.is_empty());
        let is_one = some && all(integer) && all(fraction) && exponent_is_one;
        is_one.then(|| Self {
            negative,
            integer,
            fraction,
            exponent: exponent.map_or(0, |text| text.parse().unwrap_or_else(|_| endless(text))),
        })
    }

    /// Whether the text is a number of strict JSON, which knows no `+5`, `05`, `.5` and `5.`.
    pub(super) fn is_json(text: &'a str) -> bool {
        Self::read(text).is_some_and(|number| {
            let plain = number.integer == "0" || !number.integer.starts_with('0');
            let complete =
                !number.integer.is_empty() && text.contains('.') != number.fraction.is_empty();
            plain && complete && !text.starts_with('+')
        })
    }

    /// All digits, without the zeros before the first that counts.
    pub(super) fn digits(&self) -> impl Iterator<Item = u8> {
        let digits = self.integer.bytes().chain(self.fraction.bytes());
        digits.skip_while(|digit| *digit == b'0')
    }

    /// Where the point stands, counted from the first digit that counts.
    pub(super) fn point(&self) -> i64 {
        let length = |digits: usize| i64::try_from(digits).unwrap_or(i64::MAX);
        let behind = length(self.digits().count()) - length(self.fraction.len());
        self.exponent.saturating_add(behind)
    }

    /// The number in the one form that all its spellings share: a whole number without zeros at its
    /// end, and a power of ten. `None` when the exponent is too long to tell.
    pub(super) fn canonical(&self) -> Option<String> {
        if self.is_zero() {
            return Some("0".to_owned());
        }
        if matches!(self.exponent, i64::MIN | i64::MAX) {
            return None;
        }
        let digits: String = self.digits().map(char::from).collect();
        let digits = digits.trim_end_matches('0');
        let exponent = self
            .point()
            .checked_sub(i64::try_from(digits.len()).ok()?)?;
        let sign = if self.negative { "-" } else { "" };
        Some(format!("{sign}{digits}e{exponent}"))
    }

    pub(super) fn is_zero(&self) -> bool {
        let mut digits = self.integer.bytes().chain(self.fraction.bytes());
        digits.all(|digit| digit == b'0')
    }

    /// The number, when it is whole and not too large.
    fn whole(&self) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        let digits = format!("{}{}", self.integer, self.fraction);
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
        let behind = i64::try_from(self.fraction.len()).ok()?;
        let zeros = self.exponent.saturating_add(zeros).saturating_sub(behind);
        let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros < 20)?;
        let sign = if self.negative { "-" } else { "" };
        let text = format!("{sign}{significant}{}", "0".repeat(zeros));
        text.parse().ok()
    }
}

/// Stands for an exponent that is too long to count with.
fn endless(exponent: &str) -> i64 {
    if exponent.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    }
}

/// A whole number, also one with a zero fraction (`5.0`) or an exponent that leaves it whole (`1e3`);
/// a text must hold plain digits.
#[must_use]
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(text) => Decimal::read(text)?.whole(),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// Whether it is a number, or the text of one, that is not above 0.
#[must_use]
pub fn at_most_zero(value: &Value) -> bool {
    let (Value::Number(text) | Value::Text(text)) = value else {
        return false;
    };
    Decimal::read(text).is_some_and(|number| number.negative || number.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(text.to_owned())
    }

    #[test]
    fn whole_numbers_come_in_many_forms() {
        for (text, expected) in [
            ("3", Some(3)),
            ("-1", Some(-1)),
            ("-0", Some(0)),
            ("3.0", Some(3)),
            ("3.", Some(3)),
            ("1e3", Some(1000)),
            ("1.5E+1", Some(15)),
            ("1200e-2", Some(12)),
            ("0.03e2", Some(3)),
            ("0e99999999999999999999", Some(0)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1e300", None),
            ("1e99999999999999999999", None),
            ("1e-99999999999999999999", None),
            ("2.5", None),
            (".5", None),
            ("5e-1", None),
            ("2.99999999999999999999", None),
            ("3.00000000000000000001", None),
            ("9007199254740993", Some(9_007_199_254_740_993)),
        ] {
            assert_eq!(whole(&number(text)), expected, "{text}");
        }
        for (text, expected) in [
            ("3", Some(3)),
            ("-3", Some(-3)),
            ("3.0", None),
            ("1e3", None),
            (" 3", None),
            ("", None),
        ] {
            assert_eq!(whole(&Value::Text(text.to_owned())), expected, "{text}");
        }
        assert_eq!(whole(&Value::Bool(true)), None);
        assert_eq!(whole(&Value::List(vec![number("3")])), None);
    }

    #[test]
    fn the_sign_is_told_before_wholeness() {
        for text in ["0", "-0", "0.000", "0e5", "-1", "-1.5", "-1e-300"] {
            assert!(at_most_zero(&number(text)), "{text}");
            assert!(at_most_zero(&Value::Text(text.to_owned())), "{text}");
        }
        for text in ["1", "0.5", "1e-300", "", "-", ".", "-x", "1e", "-e5", "--1"] {
            assert!(!at_most_zero(&Value::Text(text.to_owned())), "{text}");
        }
        assert!(!at_most_zero(&Value::Null));
    }

    #[test]
    fn strict_json_knows_fewer_spellings() {
        for text in ["0", "-0", "10", "0.50", "-1e5", "1E+05", "1.5e-999"] {
            assert!(Decimal::is_json(text), "{text}");
        }
        for text in [
            "", "-", "+1", "01", "-01", ".5", "5.", "5.e1", "1e", "0x1", "1a", "1-2",
        ] {
            assert!(!Decimal::is_json(text), "{text}");
        }
    }
}
