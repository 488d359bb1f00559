//! Reading: the shape of a message comes from a parser of its format, its numbers from the text.

use super::Value;
use super::decimal::Decimal;
use super::numerals::Numerals;

/// Why a text is no JSON: what was expected, and where.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseError(String);

/// Reads strict JSON (RFC 8259). Numbers may be of any size, as the grammar allows; whoever uses one
/// says what is too large.
///
/// # Errors
/// When the text is anything else, or nests too deeply.
pub fn read(text: &str) -> Result<Value, ParseError> {
    let (shape, numbers) = without_numbers(text);
    let mut value: Value =
        serde_json::from_str(&shape).map_err(|error| ParseError(error.to_string()))?;
    let mut numbers = numbers.into_iter();
    let kept = value.each_number(&mut |number| {
        numbers.next()?.clone_into(number);
        Some(())
    });
    // Never seen: both readers tell numbers from texts alike, or the first has refused already.
    let whole = kept.is_some() && numbers.next().is_none();
    let lost = || ParseError("the numbers cannot be told from the texts".to_owned());
    whole.then_some(value).ok_or_else(lost)
}

/// Reads a message with what `parse` reads its shape with. Nothing when it is refused.
pub fn read_with<'a, E>(
    text: &'a str,
    parse: impl FnOnce(&'a str) -> Result<Value, E>,
) -> Option<Value> {
    let mut value = parse(text).ok()?;
    let mut numerals = Numerals::of(text);
    value.each_number(&mut |parsed| {
        let written = numerals.next()?;
        // Hexadecimal numbers are whole, and parsed exactly.
        if !written.contains(['x', 'X']) {
            agree(parsed, written)?;
            written.trim_start_matches('+').clone_into(parsed);
        }
        Some(())
    })?;
    numerals.next().is_none().then_some(value)
}

/// The text with a zero in the place of each number, and the numbers. A parser that looks at zeros
/// alone has no limit of size; it finds every other mistake at the place where it is. What is no
/// number of JSON stays, and is refused by the parser.
fn without_numbers(text: &str) -> (String, Vec<&str>) {
    let mut numerals = Numerals::of(text);
    let mut shape = String::with_capacity(text.len());
    let mut numbers = Vec::new();
    while let Some(number) = numerals.next() {
        let end = text.len() - numerals.rest().len();
        if Decimal::is_json(number) {
            shape.push_str(&text[shape.len()..end - number.len()]);
            shape.push('0');
            shape.extend(std::iter::repeat_n(' ', number.len() - 1));
            numbers.push(number);
        }
    }
    shape.push_str(&text[shape.len()..]);
    (shape, numbers)
}

/// That a number and its text are about the same: else they do not belong together, and nothing may
/// be booked from either.
fn agree(parsed: &str, written: &str) -> Option<()> {
    let (parsed, written): (f64, f64) = (parsed.parse().ok()?, written.parse().ok()?);
    let near = (parsed - written).abs() <= written.abs() * 1e-9 + f64::MIN_POSITIVE;
    near.then_some(())
}

impl Value {
    /// Hands each number to `put`, in the order of the text, until it returns nothing.
    fn each_number(&mut self, put: &mut dyn FnMut(&mut String) -> Option<()>) -> Option<()> {
        match self {
            Self::Null | Self::Bool(_) | Self::Text(_) => Some(()),
            Self::List(entries) => entries
                .iter_mut()
                .try_for_each(|entry| entry.each_number(put)),
            Self::Object(members) => members
                .iter_mut()
                .try_for_each(|(_, member)| member.each_number(put)),
            Self::Number(number) => put(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_stay_as_they_are_written() {
        let numbers = [
            "0",
            "-0",
            "1.50",
            "2.99999999999999999999",
            "1e400",
            "-1E+999999999",
            "1e-400",
            "18446744073709551616",
        ];
        let text = format!("{{\"1\": [{}], \"1\": \"2 3\"}}", numbers.join(" ,"));
        let Value::Object(members) = read(&text).unwrap() else {
            panic!("no object");
        };
        let numbers = numbers.map(|text| Value::Number(text.to_owned()));
        let expected = [
            ("1".to_owned(), Value::List(numbers.to_vec())),
            ("1".to_owned(), Value::Text("2 3".to_owned())),
        ];
        assert_eq!(members, expected);
    }

    #[test]
    fn only_strict_json_is_read() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{a:1}",
            "{'a':1}",
            "NaN",
            "[Infinity]",
            "-Infinity",
            "+1",
            "01",
            "1.",
            ".5",
            "0x10",
            "1_000",
            "1 2",
            "// 1",
            "[1] // 2",
            "/*1*/2",
            "\"\\ud800\"",
            "\"\n\"",
            "\u{feff}1",
            "True",
            "1e",
            "--1",
            "1a",
            "\"",
            "'1'",
            "\u{e9}1",
            "{\"a\" 1}",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
        for (text, why) in [
            ("{\"a\":1.5e3,}", "trailing comma at line 1 column 12"),
            ("[1, \n NaN]", "expected value at line 2 column 2"),
            ("", "EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), why, "{text:?}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        assert!(read(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_ok());
        for open in ["[", "{\"a\":"] {
            let error = read(&open.repeat(200_000)).unwrap_err().to_string();
            assert!(error.contains("recursion limit"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_serde_json_reads_is_read_and_nothing_else(text in "[-+0-9.eEa\"'{}\\[\\]:, \\\\/x]{0,12}") {
            let theirs = serde_json::from_str::<Value>(&text);
            // Its numbers end where those of a double do.
            let too_large = matches!(&theirs, Err(error) if error.to_string().contains("out of range"));
            prop_assert_eq!(read(&text).is_ok(), theirs.is_ok() || too_large, "{:?}", theirs);
        }

        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            read(&text).ok();
        }
    }
}
