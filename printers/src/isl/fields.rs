//! Numbers and times as ISL devices write them.

use crate::receipt::two_digits;
use daybook_schema::{Decimal, Money};
use jiff::civil::DateTime;

/// The fields of an answer.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    text.split(separator).map(str::trim).collect()
}

/// An amount in an answer. A sign, or no point, means cents; with a point it is in units.
pub(crate) fn amount(text: &str) -> Option<Money> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let units = if digits.contains('.') {
        Decimal::parse(digits).ok()?.units(2).ok()?
    } else if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().ok()?
    } else {
        return None;
    };
    Money::new(if negative { -units } else { units }).ok()
}

/// An amount in a command: always two decimals, no sign unless it is below zero.
pub(crate) fn decimal(amount: Money) -> String {
    two_digits(amount.units())
}

/// A point in time: `17-05-19 13:55:18`, also with dots, without seconds, or with a mark of summer
/// time behind it; all of them were seen.
pub(crate) fn time(text: &str) -> Option<DateTime> {
    let mut words = text.split_ascii_whitespace();
    let (date, clock) = (words.next()?, words.next()?);
    let [day, month, year] = three(date, ['-', '.'])?;
    let [hour, minute, second] = three(clock, [':', ':'])?;
    let year = if year < 100 { year + 2000 } else { year };
    let small = |number: i16| i8::try_from(number).ok();
    DateTime::new(
        year,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    )
    .ok()
}

/// Two or three numbers; the third is zero when it is left out.
fn three(text: &str, separators: [char; 2]) -> Option<[i16; 3]> {
    let mut numbers = [0; 3];
    let mut count = 0;
    for part in text.split(separators) {
        let plain = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        *numbers.get_mut(count)? = plain.then(|| part.parse().ok())??;
        count += 1;
    }
    (count >= 2).then_some(numbers)
}

/// A point in time in a command: `17-05-19 13:55:18`.
pub(crate) fn dashed(time: DateTime) -> String {
    time.strftime("%d-%m-%y %H:%M:%S").to_string()
}

/// A point in time without separators: `170519135518`.
pub(crate) fn compact(time: DateTime) -> String {
    time.strftime("%d%m%y%H%M%S").to_string()
}

/// What may stand between commas or tabs: nothing that would begin a new field.
pub(crate) fn field(text: &str) -> String {
    let separator = |char: &char| matches!(char, ',' | ';' | '\t');
    let clean = crate::text::clean(text);
    clean
        .chars()
        .filter(|char| !separator(char))
        .take(32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn amounts_have_cents_or_a_point() {
        for (text, units) in [
            ("+00003000", 3000),
            ("-00003000", -3000),
            ("30.00", 3000),
            ("-0.5", -50),
            ("123456", 123_456),
            ("0", 0),
        ] {
            assert_eq!(amount(text).unwrap().units(), units, "{text}");
        }
        for text in ["", "+", "1.234", "x", "1e3", "--1", "99999999999999999999"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_in_every_form_that_was_seen() {
        let whole = date(2019, 5, 31).at(18, 11, 55, 0);
        for text in [
            "31-05-19 18:11:55",
            "31.05.19 18:11:55",
            "31-05-19 18:11:55 DST",
        ] {
            assert_eq!(time(text), Some(whole), "{text}");
        }
        assert_eq!(
            time("31-05-2019 18:11"),
            Some(date(2019, 5, 31).at(18, 11, 0, 0))
        );
        assert_eq!(
            (dashed(whole), compact(whole)),
            ("31-05-19 18:11:55".into(), "310519181155".into())
        );
        for text in [
            "",
            "31-05-19",
            "31-02-19 18:11:55",
            "31-05-19 25:11:55",
            "0-0-0 0:0:0",
            "1-1-1-1 1:1",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
