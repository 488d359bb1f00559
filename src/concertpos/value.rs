//! What a message holds, with its numbers as they were written: they are decimals, and binary
//! floating point would make 3 pieces of 2.99999999999999999999.

use super::numerals::Numerals;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A value of JSON or JSON5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object's members, as often and in the order as they were written.
    Object(Vec<(String, Self)>),
}

impl Value {
    /// Reads a message with what `parse` reads its shape with. Nothing when it is refused.
    pub(super) fn read<'a, E>(
        text: &'a str,
        parse: impl FnOnce(&'a str) -> Result<Self, E>,
    ) -> Option<Self> {
        let mut value = parse(text).ok()?;
        let mut numerals = Numerals::of(text);
        value.keep(&mut numerals)?;
        numerals.next().is_none().then_some(value)
    }

    /// Puts each number's own text in the place of what a parser made of it.
    fn keep(&mut self, numerals: &mut Numerals<'_>) -> Option<()> {
        match self {
            Self::Null | Self::Bool(_) | Self::Text(_) => Some(()),
            Self::List(entries) => entries
                .iter_mut()
                .try_for_each(|entry| entry.keep(numerals)),
            Self::Object(members) => members
                .iter_mut()
                .try_for_each(|(_, member)| member.keep(numerals)),
            Self::Number(parsed) => {
                let written = numerals.next()?;
                // Hexadecimal numbers are whole, and parsed exactly.
                if !written.contains(['x', 'X']) {
                    agree(parsed, written)?;
                    written.trim_start_matches('+').clone_into(parsed);
                }
                Some(())
            }
        }
    }

    /// Whether it is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, when it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A member of an object; of one that is given twice the last.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let found = members.iter().rev().find(|(given, _)| given == name);
        found.map(|(_, value)| value)
    }

    /// A member of an object, taken out of it.
    pub(super) fn take(&mut self, name: &str) -> Option<Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let last = members.iter().rposition(|(given, _)| given == name)?;
        Some(members.remove(last).1)
    }
}

/// That a number and its text are about the same: else they do not belong together, and nothing may
/// be booked from either.
fn agree(parsed: &str, written: &str) -> Option<()> {
    let (parsed, written): (f64, f64) = (parsed.parse().ok()?, written.parse().ok()?);
    let near = (parsed - written).abs() <= written.abs() * 1e-9 + f64::MIN_POSITIVE;
    near.then_some(())
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with finite numbers")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value.is_finite() {
            return Ok(Value::Number(format!("{value:e}")));
        }
        Err(E::custom("NaN and Infinity are no numbers here"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
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
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = entries.next_entry()? {
            members.push(member);
        }
        Ok(Value::Object(members))
    }
}
