//! The numbers of a message as they were written: where they stand, and what they are worth as
//! decimals.

use super::value::Value;

/// The texts of a message's numbers, in order. The message must be JSON or JSON5: of any other text
/// these are no numbers.
pub(super) struct Numerals<'a> {
    rest: &'a str,
}

impl<'a> Numerals<'a> {
    pub(super) const fn of(message: &'a str) -> Self {
        Self { rest: message }
    }
}

impl<'a> Iterator for Numerals<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let first = self.rest.chars().next()?;
            let length = match first {
                '"' | '\'' => text_length(self.rest, first),
                '/' => comment_length(self.rest),
                '0'..='9' | '+' | '-' | '.' => length_while(self.rest, in_number),
                _ if in_name(first) => length_while(self.rest, in_name),
                _ => first.len_utf8(),
            };
            let (token, rest) = self.rest.split_at(length);
            self.rest = rest;
            if in_number(first) && !first.is_ascii_alphabetic() {
                return Some(token);
            }
        }
    }
}

fn length_while(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

const fn in_number(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

/// Names of members need no quotes in JSON5, and may be in any script.
fn in_name(c: char) -> bool {
    let white = c.is_whitespace() || c == '\u{feff}';
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '\\') || !(c.is_ascii() || white)
}

/// A text with its quotes.
fn text_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

fn comment_length(text: &str) -> usize {
    if let Some(comment) = text.strip_prefix("/*") {
        let end = comment.find("*/");
        return end.map_or(text.len(), |at| at + 4);
    }
    length_while(text, |c| {
        !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
    })
}

/// A number in its parts, as `-12.50e1` is.
struct Decimal<'a> {
    negative: bool,
    integer: &'a str,
    fraction: &'a str,
    /// Too long ones count as endless.
    exponent: i64,
}

impl<'a> Decimal<'a> {
    fn read(text: &'a str) -> Option<Self> {
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
            exponent: exponent.map_or(0, |text| text.parse().unwrap_or(i64::MAX)),
        })
    }

    fn is_zero(&self) -> bool {
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
pub(super) fn at_most_zero(value: &Value) -> bool {
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
    fn numbers_are_found_wherever_they_stand() {
        let message = "{a1:1,\"2\":-2.50,'\\'3':.3e+1,/*4*/b:[+5.,0x1F,true],//6\u{2028}\u{e9}7:8,\u{a0}d:\u{a0}9}//";
        let found: Vec<&str> = Numerals::of(message).collect();
        assert_eq!(found, ["1", "-2.50", ".3e+1", "+5.", "0x1F", "8", "9"]);
        for message in ["", "'", "\"\\", "/*", "/", "//", "a", "\u{2028}"] {
            assert_eq!(Numerals::of(message).count(), 0, "{message:?}");
        }
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
}
