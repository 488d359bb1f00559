//! The exact decimal of transaction records.

use super::currency::MAX_EXPONENT;
use super::{MAX_UNITS, MoneyError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// An exact decimal in shortest form: `18`, `3.5`, `-1`; never `18.0`, `3.50` or `-0`.
/// It writes and reads the amounts of transaction records, the one place where a line holds a
/// number that is no integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimal {
    digits: i64,
    scale: u32,
}

impl Decimal {
    /// From `units` of which 10^`scale` make one.
    #[must_use]
    pub const fn new(units: i64, scale: u32) -> Self {
        let mut shortest = Self {
            digits: units,
            scale,
        };
        while shortest.scale > 0 && shortest.digits % 10 == 0 {
            shortest.digits /= 10;
            shortest.scale -= 1;
        }
        shortest
    }

    /// Reads a plain decimal: an optional minus, digits, optionally a point and digits. Anything
    /// else (exponents, signs, spaces, 16 digits) is refused.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let refused = || MoneyError::Grammar(text.chars().take(40).collect());
        let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let complete = !whole.is_empty() && !unsigned.ends_with('.');
        if !complete || !all_digits(whole) || !all_digits(fraction) || unsigned.len() > 24 {
            return Err(refused());
        }
        let mut digits: i64 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            digits = digits
                .checked_mul(10)
                .and_then(|n| n.checked_add(i64::from(digit - b'0')))
                .filter(|n| *n <= MAX_UNITS)
                .ok_or_else(refused)?;
        }
        let scale = u32::try_from(fraction.len()).map_err(|_| refused())?;
        Ok(Self::new(sign * digits, scale))
    }

    /// In units of which 10^`scale` make one.
    ///
    /// # Errors
    /// When the number has more decimals, or is too large.
    pub fn units(self, scale: u32) -> Result<i64, MoneyError> {
        let missing = scale
            .checked_sub(self.scale)
            .ok_or_else(|| MoneyError::Decimals {
                text: self.to_string(),
                allowed: scale,
            })?;
        let factor = 10i64.checked_pow(missing).ok_or(MoneyError::Range)?;
        self.digits.checked_mul(factor).ok_or(MoneyError::Range)
    }
}

/// Sign, a zero, a point and the digits of any `i64`, with room for more decimals than any has.
type Buffer = [u8; 48];

impl Decimal {
    /// Writes the number to the end of a buffer: on the hot path, and simpler than formatting.
    fn write(self, buffer: &mut Buffer) -> &str {
        let mut first = buffer.len();
        let mut put = |byte: u8| {
            first = first.saturating_sub(1);
            buffer[first] = byte;
        };
        let mut magnitude = self.digits.unsigned_abs();
        let mut place = 0;
        while magnitude > 0 || place <= self.scale {
            if place > 0 && place == self.scale {
                put(b'.');
            }
            put(b'0' + u8::try_from(magnitude % 10).unwrap_or_default());
            magnitude /= 10;
            place += 1;
        }
        if self.digits < 0 {
            put(b'-');
        }
        std::str::from_utf8(&buffer[first..]).unwrap_or_default()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write(&mut [0; 48]))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.scale == 0 {
            return serializer.serialize_i64(self.digits);
        }
        // A raw value carries the digits as they are; an f64 would write them its own way.
        serde_json::from_str::<&serde_json::value::RawValue>(self.write(&mut [0; 48]))
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        let decimal = Self::parse(raw.get()).map_err(de::Error::custom)?;
        // More decimals belong to no currency, and other writers would turn to exponents.
        if decimal.scale > MAX_EXPONENT {
            return Err(de::Error::custom(MoneyError::Decimals {
                text: decimal.to_string(),
                allowed: MAX_EXPONENT,
            }));
        }
        Ok(decimal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shortest_form() {
        for (units, scale, text) in [
            (1800, 2, "18"),
            (350, 2, "3.5"),
            (-100, 2, "-1"),
            (0, 2, "0"),
            (-5, 2, "-0.05"),
            (7, 0, "7"),
            (7, 4, "0.0007"),
            (-i64::MAX, 22, "-0.0009223372036854775807"),
        ] {
            assert_eq!(Decimal::new(units, scale).to_string(), text);
            if units.abs() <= MAX_UNITS {
                assert_eq!(Decimal::parse(text).unwrap().units(scale), Ok(units));
            }
        }
    }

    #[test]
    fn only_plain_decimals_are_read() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1e3",
            "+1",
            " 1",
            "1,5",
            "NaN",
            "0x10",
            "1234567890123456",
        ] {
            assert!(Decimal::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_amount_in_a_line_has_at_most_four_decimals() {
        assert!(serde_json::from_str::<Decimal>("0.0001").is_ok());
        assert!(serde_json::from_str::<Decimal>("0.00001").is_err());
    }

    proptest! {
        #[test]
        fn decimal_round_trip(units in -MAX_UNITS..=MAX_UNITS, scale in 0u32..5) {
            let decimal = Decimal::new(units, scale);
            prop_assert_eq!(Decimal::parse(&decimal.to_string()), Ok(decimal));
            prop_assert_eq!(decimal.units(scale), Ok(units));
        }
    }
}
