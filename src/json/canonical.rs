//! One text for all spellings of a value: what the digest of a request is taken of, so that a client
//! that repeats it may order and write it otherwise.

use super::Value;
use super::decimal::Decimal;
use std::collections::BTreeMap;

impl Value {
    /// The value as JSON in which nothing is left to choose: members sorted by name, of one that is
    /// given twice the last, no white space, and numbers as digits with a power of ten.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut text = Vec::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut Vec<u8>) {
        match self {
            Self::Null => text.extend(b"null"),
            Self::Bool(true) => text.extend(b"true"),
            Self::Bool(false) => text.extend(b"false"),
            Self::Number(written) => {
                let canonical = Decimal::read(written).and_then(|number| number.canonical());
                // With an exponent of more than 18 digits each spelling stands for itself.
                text.extend(canonical.as_ref().unwrap_or(written).bytes());
            }
            Self::Text(content) => quoted(content, text),
            Self::List(entries) => {
                text.push(b'[');
                for (place, entry) in entries.iter().enumerate() {
                    if place > 0 {
                        text.push(b',');
                    }
                    entry.write(text);
                }
                text.push(b']');
            }
            Self::Object(members) => {
                let sorted: BTreeMap<&str, &Self> = members
                    .iter()
                    .map(|(name, member)| (name.as_str(), member))
                    .collect();
                text.push(b'{');
                for (place, (name, member)) in sorted.into_iter().enumerate() {
                    if place > 0 {
                        text.push(b',');
                    }
                    quoted(name, text);
                    text.push(b':');
                    member.write(text);
                }
                text.push(b'}');
            }
        }
    }
}

fn quoted(content: &str, text: &mut Vec<u8>) {
    // A text can always be written, and a vector takes whatever is written to it.
    serde_json::to_writer(text, content).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;
    use proptest::prelude::*;

    fn canonical(text: &str) -> String {
        String::from_utf8(read(text).unwrap().canonical()).unwrap()
    }

    #[test]
    fn order_white_space_and_spelling_do_not_matter() {
        let expected = r#"{"a":[1e0,-125e-1,0,null,true,false,"x\"\u0001é"],"b":{}}"#;
        for text in [
            r#"{"a":[1,-12.5,0,null,true,false,"x\"\u0001é"],"b":{}}"#,
            "{ \"b\" : {},\n\"a\":[1.0, -1.250e1, -0.0e7, null,true,false, \"x\\u0022\\u0001\\u00e9\"]}",
            r#"{"a":5,"b":{},"a":[1e0,-125e-1,0e0,null,true,false,"x\"\u0001é"]}"#,
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn what_differs_stays_different() {
        let texts = [
            "1",
            "\"1\"",
            "10",
            "0.1",
            "-1",
            "[1]",
            "[[1]]",
            "{}",
            "[]",
            "null",
            "\"null\"",
            "true",
            "{\"a\":1}",
            "{\"a\":\"1\"}",
            "{\"b\":1}",
            "[1,2]",
            "[2,1]",
            "[12]",
            "1e999999999",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "2.99999999999999999999",
        ];
        let mut found: Vec<String> = texts.iter().map(|text| canonical(text)).collect();
        found.sort();
        found.dedup();
        assert_eq!(found.len(), texts.len());
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?(e-?[0-9])?".prop_map(Value::Number),
            any::<String>().prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
                proptest::collection::vec((".{0,2}", inner), 0..5).prop_map(Value::Object),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_text_is_json_and_its_own_canonical_text(value in values()) {
            let once = value.canonical();
            let text = std::str::from_utf8(&once).unwrap();
            prop_assert_eq!(&read(text).unwrap().canonical(), &once);
        }

        #[test]
        fn members_may_come_in_any_order(value in values(), others in values()) {
            let member = |name: &str, value: &Value| (name.to_owned(), value.clone());
            let (a, b) = (member("a", &value), member("b", &others));
            let forth = Value::Object(vec![a.clone(), b.clone()]);
            let back = Value::Object(vec![member("a", &others), b, a]);
            prop_assert_eq!(forth.canonical(), back.canonical());
        }
    }
}
