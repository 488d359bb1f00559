//! JSON5, as tills write it by hand: comments, single quotes, trailing commas. Numbers must be
//! finite: NaN and the infinities are refused and not taken for an absent value, since a sale that
//! holds one would be booked without that line.
//!
//! The parser's own numbers are binary; [`json::read_with`] puts their texts back.

use crate::json::{self, Value};

/// Deepest nesting that a message may have.
const MAX_DEPTH: usize = 64;

/// Reads a message, or nothing when it is no JSON5 with finite numbers.
pub(super) fn read(text: &str) -> Option<Value> {
    if nesting(text) > MAX_DEPTH {
        return None;
    }
    json::read_with(text, json5::from_str)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read_as_json_reads_it() {
        let json5 = "{a:[1,-2,.5,+0x10,'x',\"y\",true,false,null,{}],b:+18446744073709551616,}";
        let json = r#"{"a":[1,-2,0.5,16,"x","y",true,false,null,{}],"b":18446744073709551616}"#;
        let json = json::read(&json.replace("0.5", "5e-1")).unwrap();
        assert_eq!(read(&json5.replace(".5", "5e-1")), Some(json));
        assert_eq!(read("-0x10"), Some(Value::Number("-16".to_owned())));
        assert_eq!(read(".5"), Some(Value::Number(".5".to_owned())));
    }

    #[test]
    fn numbers_keep_their_text() {
        let written = "2.99999999999999999999";
        assert_eq!(read(written), Some(Value::Number(written.to_owned())));
        let message = format!("{{'1':{written},/*2*/b:'3'}}");
        let expected = Some(Value::Number(written.to_owned()));
        assert_eq!(read(&message).unwrap().member("1").cloned(), expected);
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
            assert_eq!(read(&format!("{{a:[{number}]}}")), None, "{number}");
        }
        assert_eq!(read(&"[".repeat(200_000)), None);
    }
}
