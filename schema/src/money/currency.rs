//! The currencies and their decimals.

use super::{Decimal, Money, MoneyError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// Currencies whose minor unit is not the hundredth. Frozen: an exponent never changes under a
/// log that was written with it.
const EXPONENTS: [(u32, &str); 3] = [
    (
        0,
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// The most decimals that any currency has.
pub(super) const MAX_EXPONENT: u32 = 4;

const HUNDREDTHS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN \
    BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS \
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL \
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP \
    PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT \
    TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";

/// Whether a list of codes, each but the last followed by one space, holds the code. The lists are
/// in alphabetical order, which a test holds: currencies are looked up on every sale.
fn listed(list: &str, code: [u8; 3]) -> bool {
    let (mut low, mut high) = (0, list.len().div_ceil(4));
    while low < high {
        let middle = usize::midpoint(low, high);
        match list.as_bytes()[4 * middle..4 * middle + 3].cmp(&code) {
            Ordering::Equal => return true,
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    false
}

fn special_exponent(code: [u8; 3]) -> Option<u32> {
    EXPONENTS
        .iter()
        .find(|(_, list)| listed(list, code))
        .map(|(exponent, _)| *exponent)
}

/// Why a text is no currency.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no ISO 4217 currency code")]
pub struct CurrencyError(String);

impl Currency {
    /// The largest amount that any protocol states: 99 999 999.99, or with as many decimals as the
    /// currency has.
    #[must_use]
    pub fn largest(self) -> Money {
        Money(10i64.pow(8 + self.exponent()) - 1)
    }

    /// Looks the code up.
    ///
    /// # Errors
    /// When it is not in the table.
    pub fn new(code: &str) -> Result<Self, CurrencyError> {
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(bytes) if listed(HUNDREDTHS, bytes) || special_exponent(bytes).is_some() => {
                Ok(Self(bytes))
            }
            _ => Err(CurrencyError(code.chars().take(20).collect())),
        }
    }

    /// All codes, in the order of the tables.
    #[cfg(test)]
    pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
        EXPONENTS
            .into_iter()
            .map(|(_, list)| list)
            .chain([HUNDREDTHS])
            .flat_map(|list| list.split(' '))
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimals an amount has.
    #[must_use]
    pub fn exponent(&self) -> u32 {
        special_exponent(self.0).unwrap_or(2)
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

    #[test]
    fn every_listed_currency_is_found_with_its_exponent() {
        for (exponent, list) in EXPONENTS.into_iter().chain([(2, HUNDREDTHS)]) {
            let codes: Vec<&str> = list.split(' ').collect();
            assert!(
                codes.is_sorted() && codes.iter().all(|code| code.len() == 3),
                "{list}"
            );
            for code in codes {
                assert_eq!(Currency::new(code).unwrap().exponent(), exponent, "{code}");
            }
            assert!(exponent <= MAX_EXPONENT);
        }
        for no_code in ["", "EU", "EURO", "eur", "ED ", "AAA", "ZZZ", "\u{fc}x"] {
            assert!(Currency::new(no_code).is_err(), "{no_code}");
        }
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let euro = Currency::new("EUR").unwrap();
        assert!(matches!(
            euro.money("1.005"),
            Err(MoneyError::Decimals { .. })
        ));
        assert_eq!(
            Currency::new("JPY").unwrap().money("100").unwrap().units(),
            100
        );
        assert_eq!(
            Currency::new("TND").unwrap().money("1.5").unwrap().units(),
            1500
        );
        assert!(Currency::new("XXX").is_err());
    }
}
