//! Money, quantities and tax rates: integers with checked arithmetic, never floats.

mod currency;
mod decimal;

pub use currency::{Currency, CurrencyError};
pub use decimal::Decimal;

use serde::{Deserialize, Deserializer, Serialize, de};

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
                self.0
                    .checked_add(other.0)
                    .ok_or(MoneyError::Range)
                    .and_then(Self::new)
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
    /// One piece.
    pub const PIECE: Self = Self(1000);

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
        i64::try_from(rounded)
            .map_err(|_| MoneyError::Range)
            .and_then(Self::new)
    }

    /// The tax contained in a gross amount: round(gross × rate / (100 % + rate)), half away from
    /// zero, so that a sale and its reversal cancel exactly. Net is gross minus this.
    #[must_use]
    pub fn tax_contained(self, rate: TaxRate) -> Self {
        let tax = round_half_away(
            i128::from(self.0) * i128::from(rate.0),
            10_000 + i128::from(rate.0),
        );
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
        if basis_points <= 10_000 {
            Ok(Self(basis_points))
        } else {
            Err(MoneyError::Range)
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tax_of_documented_amounts() {
        let rate = TaxRate::new(1900).unwrap();
        assert_eq!(Money(2300).tax_contained(rate), Money(367));
        assert_eq!(Money(-2300).tax_contained(rate), Money(-367));
    }

    proptest! {
        #[test]
        fn a_sale_and_its_reversal_cancel(units in -MAX_UNITS..=MAX_UNITS, rate in 0u32..=10_000) {
            let rate = TaxRate::new(rate).unwrap();
            let (sale, reversal) = (Money(units).tax_contained(rate), Money(-units).tax_contained(rate));
            prop_assert_eq!(sale.units(), -reversal.units());
            prop_assert!(sale.units().abs() <= units.abs());
        }
    }
}
