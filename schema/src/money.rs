//! Money, quantities and tax rates: integers with checked arithmetic, never floats.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// An amount in minor units of the instance's currency (cents for EUR, yen for JPY).
///
/// Bounded to 15 digits, so that its decimal form survives a reader that goes through a double.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Money(i64);

/// A quantity in thousandths: 5 pieces are 5000, 0.375 kg are 375.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Quantity(i64);

/// A tax rate in basis points: 19.00 % is 1900. At most 100 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TaxRate(u32);

/// Why an amount, quantity or rate cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result leaves the range of its type.
    #[error("the amount is out of range")]
    Range,
    /// The text is no decimal number.
    #[error("\"{0}\" is no decimal number: write it like \"12.50\"")]
    Grammar(String),
    /// The text has more decimals than the unit allows.
    #[error("\"{text}\" has more than {allowed} decimals")]
    Decimals {
        /// What was given.
        text: String,
        /// How many decimals the unit has.
        allowed: u32,
    },
}

/// The largest magnitude of [`Money`] and [`Quantity`]: 15 nines.
pub const MAX_UNITS: i64 = 999_999_999_999_999;

macro_rules! bounded {
    ($name:ident, $unit:literal) => {
        impl $name {
            /// Zero.
            pub const ZERO: Self = Self(0);

            #[doc = concat!("From ", $unit, ".")]
            ///
            /// # Errors
            /// When the magnitude has more than 15 digits.
            pub const fn new(units: i64) -> Result<Self, MoneyError> {
                if units.unsigned_abs() <= MAX_UNITS.unsigned_abs() {
                    Ok(Self(units))
                } else {
                    Err(MoneyError::Range)
                }
            }

            #[doc = concat!("In ", $unit, ".")]
            #[must_use]
            pub const fn units(self) -> i64 {
                self.0
            }

            /// The sum.
            ///
            /// # Errors
            /// When the sum leaves the range.
            pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
                self.0.checked_add(other.0).ok_or(MoneyError::Range).and_then(Self::new)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                i64::deserialize(deserializer).and_then(|n| Self::new(n).map_err(de::Error::custom))
            }
        }
    };
}

bounded!(Money, "minor units");
bounded!(Quantity, "thousandths");

impl Quantity {
    /// From whole pieces.
    ///
    /// # Errors
    /// When it leaves the range.
    pub fn pieces(pieces: u32) -> Result<Self, MoneyError> {
        Self::new(i64::from(pieces) * 1000)
    }
}

impl Money {
    /// The price of a quantity, rounded half away from zero to whole minor units.
    ///
    /// # Errors
    /// When the result leaves the range.
    pub fn times(self, quantity: Quantity) -> Result<Self, MoneyError> {
        let product = i128::from(self.0) * i128::from(quantity.0);
        let rounded = round_half_away(product, 1000);
        i64::try_from(rounded).map_err(|_| MoneyError::Range).and_then(Self::new)
    }

    /// The tax contained in a gross amount: round(gross × rate / (100 % + rate)), half away from
    /// zero, so that a sale and its reversal cancel exactly. Net is gross minus this.
    #[must_use]
    pub fn tax_contained(self, rate: TaxRate) -> Self {
        let tax = round_half_away(i128::from(self.0) * i128::from(rate.0), 10_000 + i128::from(rate.0));
        // SAFETY of the fallback: |tax| <= |gross|, so it always fits.
        Self(i64::try_from(tax).unwrap_or_default())
    }
}

fn round_half_away(numerator: i128, denominator: i128) -> i128 {
    let magnitude = (2 * numerator.abs() + denominator) / (2 * denominator);
    magnitude * numerator.signum()
}

impl TaxRate {
    /// From basis points.
    ///
    /// # Errors
    /// Above 100 %.
    pub const fn new(basis_points: u32) -> Result<Self, MoneyError> {
        if basis_points <= 10_000 { Ok(Self(basis_points)) } else { Err(MoneyError::Range) }
    }

    /// In basis points.
    #[must_use]
    pub const fn basis_points(self) -> u32 {
        self.0
    }
}

impl<'de> Deserialize<'de> for TaxRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).and_then(|n| Self::new(n).map_err(de::Error::custom))
    }
}

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
        let mut shortest = Self { digits: units, scale };
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
        let missing = scale.checked_sub(self.scale).ok_or_else(|| MoneyError::Decimals {
            text: self.to_string(),
            allowed: scale,
        })?;
        let factor = 10i64.checked_pow(missing).ok_or(MoneyError::Range)?;
        self.digits.checked_mul(factor).ok_or(MoneyError::Range)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return self.digits.fmt(f);
        }
        let sign = if self.digits < 0 { "-" } else { "" };
        let base = 10u64.saturating_pow(self.scale);
        let magnitude = self.digits.unsigned_abs();
        let width = usize::try_from(self.scale).unwrap_or_default();
        write!(f, "{sign}{}.{:0width$}", magnitude / base, magnitude % base)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.scale == 0 {
            return serializer.serialize_i64(self.digits);
        }
        // A raw value carries the digits as they are; an f64 would write them its own way.
        serde_json::value::RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get()).map_err(de::Error::custom)
    }
}

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// Currencies whose minor unit is not the hundredth. Frozen: an exponent never changes under a
/// log that was written with it.
const EXPONENTS: [(u32, &str); 3] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

const HUNDREDTHS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN \
    BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS \
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL \
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP \
    PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT \
    TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";

/// Why a text is no currency.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no ISO 4217 currency code")]
pub struct CurrencyError(String);

impl Currency {
    /// Looks the code up.
    ///
    /// # Errors
    /// When it is not in the table.
    pub fn new(code: &str) -> Result<Self, CurrencyError> {
        let listed = |list: &str| list.split_ascii_whitespace().any(|known| known == code);
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(bytes) if listed(HUNDREDTHS) || EXPONENTS.iter().any(|(_, list)| listed(list)) => {
                Ok(Self(bytes))
            }
            _ => Err(CurrencyError(code.chars().take(20).collect())),
        }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimals an amount has.
    #[must_use]
    pub fn exponent(&self) -> u32 {
        let code = self.code();
        let special = EXPONENTS.iter().find(|(_, list)| list.contains(code));
        special.map_or(2, |(exponent, _)| *exponent)
    }

    /// Reads an amount that a person wrote: `"12.50"`.
    ///
    /// # Errors
    /// When it is no decimal, has too many decimals, or too many digits.
    pub fn money(&self, text: &str) -> Result<Money, MoneyError> {
        Money::new(Decimal::parse(text)?.units(self.exponent())?)
    }

    /// The amount as a decimal in shortest form.
    #[must_use]
    pub fn decimal(&self, money: Money) -> Decimal {
        Decimal::new(money.units(), self.exponent())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(crate::time::TextVisitor(Self::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shortest_form() {
        for (units, scale, text) in
            [(1800, 2, "18"), (350, 2, "3.5"), (-100, 2, "-1"), (0, 2, "0"), (-5, 2, "-0.05"), (7, 0, "7")]
        {
            assert_eq!(Decimal::new(units, scale).to_string(), text);
            assert_eq!(Decimal::parse(text).unwrap().units(scale), Ok(units));
        }
    }

    #[test]
    fn only_plain_decimals_are_read() {
        for text in ["", "-", ".5", "5.", "1e3", "+1", " 1", "1,5", "NaN", "0x10", "1234567890123456"] {
            assert!(Decimal::parse(text).is_err(), "{text}");
        }
        let euro = Currency::new("EUR").unwrap();
        assert!(matches!(euro.money("1.005"), Err(MoneyError::Decimals { .. })));
        assert_eq!(Currency::new("JPY").unwrap().money("100").unwrap().units(), 100);
        assert_eq!(Currency::new("TND").unwrap().money("1.5").unwrap().units(), 1500);
        assert!(Currency::new("XXX").is_err());
    }

    #[test]
    fn tax_of_documented_amounts() {
        let rate = TaxRate::new(1900).unwrap();
        assert_eq!(Money(2300).tax_contained(rate), Money(367));
        assert_eq!(Money(-2300).tax_contained(rate), Money(-367));
    }

    proptest! {
        #[test]
        fn decimal_round_trip(units in -MAX_UNITS..=MAX_UNITS, scale in 0u32..5) {
            let decimal = Decimal::new(units, scale);
            prop_assert_eq!(Decimal::parse(&decimal.to_string()), Ok(decimal));
            prop_assert_eq!(decimal.units(scale), Ok(units));
        }

        #[test]
        fn a_sale_and_its_reversal_cancel(units in -MAX_UNITS..=MAX_UNITS, rate in 0u32..=10_000) {
            let rate = TaxRate::new(rate).unwrap();
            let (sale, reversal) = (Money(units).tax_contained(rate), Money(-units).tax_contained(rate));
            prop_assert_eq!(sale.units(), -reversal.units());
            prop_assert!(sale.units().abs() <= units.abs());
        }
    }
}
