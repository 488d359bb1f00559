//! JSON5, as tills write it by hand: comments, single quotes, trailing commas. Numbers must be
//! finite: NaN and the infinities are refused and not taken for an absent value, since a sale that
//! holds one would be booked without that line.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Deepest nesting that a message may have.
const MAX_DEPTH: usize = 64;

/// Reads a message, or nothing when it is no JSON5 with finite numbers.
pub(super) fn read(message: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(message).ok()?;
    if nesting(text) > MAX_DEPTH {
        return None;
    }
    json5::from_str::<Finite>(text).ok().map(|finite| finite.0)
}

/// How deep brackets nest, counting also those in texts: an upper bound for the reader's stack.
fn nesting(text: &str) -> usize {
    let mut depth = 0usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// A value whose numbers are all finite.
struct Finite(Value);

struct FiniteVisitor;

impl<'de> Deserialize<'de> for Finite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FiniteVisitor).map(Self)
    }
}

impl<'de> Visitor<'de> for FiniteVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with finite numbers")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).map(Value::Number);
        number.ok_or_else(|| E::custom("NaN and Infinity are no numbers here"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Finite(entry)) = entries.next_element()? {
            array.push(entry);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Finite(value))) = entries.next_entry::<String, Finite>()? {
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_of_value_is_read_as_json_reads_it() {
        let text = "{a:[1,-2,.5,0x10,'x',\"y\",true,false,null,{}],b:18446744073709551615,}";
        let expected =
            json!({ "a": [1, -2, 0.5, 16, "x", "y", true, false, null, {}], "b": u64::MAX });
        assert_eq!(read(text.as_bytes()), Some(expected));
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        for number in [
            "NaN",
            "Infinity",
            "-Infinity",
            "+Infinity",
            "1e400",
            "-1e400",
        ] {
            assert_eq!(
                read(format!("{{a:[{number}]}}").as_bytes()),
                None,
                "{number}"
            );
        }
        assert_eq!(read("[".repeat(200_000).as_bytes()), None);
    }
}
