//! Requests: what a message asks for, as it stands there and not yet checked.

use super::error::PosError;
use super::lenient;
use crate::json::{self, Value};
use std::fmt;

/// A request as it stands in the message, not yet checked.
#[derive(Debug, Default)]
pub struct Request {
    /// `command`, when it is there and a text.
    pub command: Option<String>,
    /// `parameters`, empty when missing or no object.
    pub parameters: Parameters,
}

/// The parameters of a request.
pub struct Parameters(Value);

impl Default for Parameters {
    fn default() -> Self {
        Self(Value::Object(Vec::new()))
    }
}

/// Names alone: among the values are keys and passwords, which no log may hold.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Value::Object(members) = &self.0 else {
            return f.write_str("{}");
        };
        let redacted = members.iter().map(|(name, _)| (name, format_args!("…")));
        f.debug_map().entries(redacted).finish()
    }
}

impl Request {
    /// Reads a message: as JSON, then as JSON5. Which of the two errors is told depends on what the
    /// socket asked for.
    ///
    /// # Errors
    /// When the message is neither, or no object.
    pub fn read(message: &[u8], json5: bool) -> Result<Self, PosError> {
        let read = || {
            let text = std::str::from_utf8(message).ok()?;
            json::read(text)
                .ok()
                .or_else(|| lenient::read(text))
                .filter(|value| matches!(value, Value::Object(_)))
        };
        let refused = if json5 {
            PosError::InvalidJson5
        } else {
            PosError::InvalidJson
        };
        let mut message = read().ok_or(refused)?;
        let command = match message.take("command") {
            Some(Value::Text(name)) if !name.is_empty() => Some(name),
            Some(Value::Null | Value::Text(_)) | None => None,
            // A command that is no text names nothing we know.
            Some(_) => Some(String::new()),
        };
        let parameters = match message.take("parameters") {
            Some(parameters @ Value::Object(_)) => Parameters(parameters),
            _ => Parameters::default(),
        };
        Ok(Self {
            command,
            parameters,
        })
    }
}

impl Parameters {
    /// The value, unless it is absent, null or an empty text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.given(name).filter(|value| value.as_str() != Some(""))
    }

    /// The value, unless it is absent or null. An empty text is a value here: where a parameter may
    /// be left out, one that was meant to be something must not count as left out.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&Value> {
        self.0.member(name).filter(|value| !value.is_null())
    }

    /// A text; a number counts as its digits, since passwords and keys often are numbers.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_json5_are_read_on_every_socket() {
        for message in [
            r#"{"command":"version","parameters":{"api_key":"K"}}"#,
            "{\"command\":\"version\",\"parameters\":{\"api_key\":\"K\",}}",
            "{command:'version',parameters:{api_key:'K'}} // trailing comment",
            r#"{"command":5,"command":"version","parameters":{"api_key":"J","api_key":"K"}}"#,
        ] {
            for json5 in [false, true] {
                let request = Request::read(message.as_bytes(), json5).unwrap();
                assert_eq!(request.command.as_deref(), Some("version"));
                assert_eq!(request.parameters.text("api_key").as_deref(), Some("K"));
            }
        }
    }

    #[test]
    fn nonsense_is_named_by_the_sockets_format() {
        let deep = "[".repeat(200_000);
        for message in [
            "",
            "{",
            "[]",
            "3",
            "null",
            "\"x\"",
            "{\"a\":NaN",
            deep.as_str(),
        ] {
            assert_eq!(
                Request::read(message.as_bytes(), false).unwrap_err(),
                PosError::InvalidJson
            );
            assert_eq!(
                Request::read(message.as_bytes(), true).unwrap_err(),
                PosError::InvalidJson5
            );
        }
        assert_eq!(
            Request::read(b"{\"a\":\"\xff\"}", false).unwrap_err(),
            PosError::InvalidJson
        );
    }

    #[test]
    fn empty_is_not_absent_where_it_matters() {
        let message = br#"{"parameters":{"a":"","b":null,"c":0}}"#;
        let parameters = Request::read(message, false).unwrap().parameters;
        let found = |name| {
            (
                parameters.get(name).is_some(),
                parameters.given(name).is_some(),
            )
        };
        assert_eq!(found("a"), (false, true));
        assert_eq!(found("b"), (false, false));
        assert_eq!(found("c"), (true, true));
        assert_eq!(found("d"), (false, false));
    }

    #[test]
    fn no_secret_is_shown() {
        let message = br#"{"command":"payitems","parameters":{"api_key":"topsecret","posPassword":4711,"Products":["topsecret"]}}"#;
        let shown = format!("{:?}", Request::read(message, false).unwrap());
        assert!(shown.contains("payitems") && shown.contains("posPassword"));
        assert!(!shown.contains("topsecret") && !shown.contains("4711"));
    }
}
