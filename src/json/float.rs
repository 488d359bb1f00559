//! Numbers that have a point even when they are whole, for clients whose types tell the two apart.

use daybook_schema::Decimal;
use serde_json::Number;

/// The decimal as a JSON number with a point: `12.0`, `0.375`.
#[must_use]
pub fn float(decimal: Decimal) -> Number {
    let mut text = decimal.to_string();
    if !text.contains('.') {
        text.push_str(".0");
    }
    // Ours have at most 15 digits, which a double gives back as they came; so there is always one.
    text.parse().unwrap_or_else(|_| Number::from(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_schema::money::MAX_UNITS;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_have_a_point() {
        for (units, scale, text) in [
            (15_000, 2, "150.0"),
            (1250, 2, "12.5"),
            (375, 3, "0.375"),
            (0, 2, "0.0"),
            (-1200, 2, "-12.0"),
            (1, 4, "0.0001"),
            (MAX_UNITS, 0, "999999999999999.0"),
            (MAX_UNITS, 2, "9999999999999.99"),
        ] {
            assert_eq!(float(Decimal::new(units, scale)).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn no_number_is_written_otherwise_than_it_is(
            units in -MAX_UNITS..=MAX_UNITS,
            scale in 0u32..5,
        ) {
            let number = float(Decimal::new(units, scale)).to_string();
            prop_assert!(number.contains('.') && !number.contains('e'), "{}", number);
            let plain = number.strip_suffix(".0").unwrap_or(&number);
            prop_assert_eq!(Decimal::parse(plain).unwrap().units(scale), Ok(units));
        }
    }
}
