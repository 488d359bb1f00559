//! JSON and TOML as one kind of value. Equal members of an object are all kept, so that they can be
//! refused by their path; a map would silently keep the last.

use crate::Format;
use crate::error::CatalogueError;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess};
use std::fmt;

/// A value of a document. It has no `Debug`: it may hold secrets.
pub(crate) enum Value {
    Null,
    Flag(bool),
    Whole(i128),
    /// A number with decimals. Its digits are not kept: nothing here is read from a float.
    Fraction,
    Text(String),
    /// A date-time of TOML, written without quotes.
    Time(String),
    List(Vec<Self>),
    Members(Vec<(String, Self)>),
}

impl Value {
    /// What kind of value this is, for messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "true or false",
            Self::Whole(_) => "a whole number",
            Self::Fraction => "a number with decimals",
            Self::Text(_) => "a text",
            Self::Time(_) => "a time without quotes",
            Self::List(_) => "a list",
            Self::Members(_) => "an object",
        }
    }
}

/// Parses a document.
pub(crate) fn parse(text: &str, format: Format) -> Result<Value, CatalogueError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Json => serde_json::from_str(text).map_err(|error| {
            let full = error.to_string();
            let message = full
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned();
            CatalogueError::Syntax {
                line: error.line(),
                column: error.column(),
                message,
            }
        }),
        Format::Toml => text.parse::<toml::Table>().map(members).map_err(|error| {
            // `Display` would quote the line, and the line may hold a secret.
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            let message = error.message().replace('\n', ", ");
            CatalogueError::Syntax {
                line,
                column,
                message,
            }
        }),
    }
}

/// Line and column of a byte, both from 1, in characters.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

fn members(table: toml::Table) -> Value {
    Value::Members(
        table
            .into_iter()
            .map(|(name, value)| (name, from_toml(value)))
            .collect(),
    )
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(number) => Value::Whole(number.into()),
        toml::Value::Float(_) => Value::Fraction,
        toml::Value::Boolean(flag) => Value::Flag(flag),
        toml::Value::Datetime(time) => Value::Time(time.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => members(table),
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Whole(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Whole(number.into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Fraction)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Value::Members(members))
    }
}
