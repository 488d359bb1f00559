//! How this protocol writes money and rates: decimals as texts, and one number with a point.

use crate::json;
use daybook_schema::{Currency, Decimal, Money, TaxRate};
use serde_json::Number;

/// Fewest digits after the point, whatever the currency has.
const PLACES: u32 = 2;

/// An amount as `"23.00"`: with two decimals, or as many as its currency has beyond.
#[must_use]
pub(super) fn decimal(money: Money, currency: Currency) -> String {
    padded(currency.decimal(money), currency.exponent().max(PLACES))
}

/// A tax rate in percent, as `"19.00"`.
#[must_use]
pub(super) fn rate(rate: TaxRate) -> String {
    padded(Decimal::new(i64::from(rate.basis_points()), PLACES), PLACES)
}

/// An amount as a JSON number that has a point even when it is whole: `12.0`.
#[must_use]
pub(super) fn float(money: Money, currency: Currency) -> Number {
    json::float(currency.decimal(money))
}

/// The decimal with at least so many digits after its point.
fn padded(decimal: Decimal, places: u32) -> String {
    let mut text = decimal.to_string();
    let point = text.find('.').unwrap_or_else(|| {
        text.push('.');
        text.len() - 1
    });
    let places = usize::try_from(places).unwrap_or_default();
    let missing = (point + 1 + places).saturating_sub(text.len());
    text.extend(std::iter::repeat_n('0', missing));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::money::MAX_UNITS;
    use proptest::prelude::*;

    fn money(units: i64) -> Money {
        Money::new(units).unwrap()
    }

    fn currency(code: &str) -> Currency {
        Currency::new(code).unwrap()
    }

    #[test]
    fn amounts_have_at_least_two_decimals() {
        for (units, code, text, number) in [
            (2300, "EUR", "23.00", "23.0"),
            (1250, "EUR", "12.50", "12.5"),
            (1205, "EUR", "12.05", "12.05"),
            (0, "EUR", "0.00", "0.0"),
            (-5, "EUR", "-0.05", "-0.05"),
            (-1200, "EUR", "-12.00", "-12.0"),
            (1200, "JPY", "1200.00", "1200.0"),
            (1500, "TND", "1.500", "1.5"),
            (1, "CLF", "0.0001", "0.0001"),
            (MAX_UNITS, "EUR", "9999999999999.99", "9999999999999.99"),
            (
                -MAX_UNITS,
                "JPY",
                "-999999999999999.00",
                "-999999999999999.0",
            ),
        ] {
            assert_eq!(decimal(money(units), currency(code)), text);
            assert_eq!(float(money(units), currency(code)).to_string(), number);
        }
        let inside = serde_json::json!({ "bypass_price": float(money(1200), currency("EUR")) });
        assert_eq!(inside.to_string(), "{\"bypass_price\":12.0}");
    }

    #[test]
    fn rates_are_percent() {
        for (points, text) in [
            (1900, "19.00"),
            (0, "0.00"),
            (750, "7.50"),
            (10_000, "100.00"),
        ] {
            assert_eq!(rate(TaxRate::new(points).unwrap()), text);
        }
    }

    proptest! {
        #[test]
        fn no_amount_is_written_otherwise_than_it_is(
            units in -MAX_UNITS..=MAX_UNITS,
            code in prop::sample::select(vec!["JPY", "EUR", "TND", "CLF"]),
        ) {
            let (money, currency) = (money(units), currency(code));
            let number = float(money, currency).to_string();
            prop_assert_eq!(&number, &padded(currency.decimal(money), 1));
            prop_assert_eq!(currency.money(&number).ok().or_else(|| {
                currency.money(number.strip_suffix(".0")?).ok()
            }), Some(money));
            let text = decimal(money, currency);
            prop_assert_eq!(currency.money(&text).ok().or_else(|| {
                currency.money(text.strip_suffix(".00")?).ok()
            }), Some(money));
        }
    }
}
