//! Writing a value back: numbers as they were written, members as often and in the same order.

use super::Value;
use serde::ser::{Error, Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(text) => {
                let number: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
                number.serialize(serializer)
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(entries) => serializer.collect_seq(entries),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, member) in members {
                    map.serialize_entry(name, member)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::json::read;

    #[test]
    fn what_was_read_is_written() {
        let text = r#"{"b":[1.50,-0,1e400,"é\"\n",null,true],"a":{},"a":18446744073709551616}"#;
        let value = read(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }
}
