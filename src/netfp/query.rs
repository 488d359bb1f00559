//! The parameters of a task: its id, how long to wait for it, until when it may begin.

use super::bind::Misfits;
use crate::ledger::command::random_bytes;
use daybook_printers::device::Message;
use std::num::IntErrorKind;
use std::time::Duration;

/// How long a request waits for its task when it does not say.
const PATIENCE: Duration = Duration::from_secs(29);

/// Characters of a task's id.
const ID_CHARS: usize = 60;

/// How ids of the ledger's own tasks begin.
const OURS: &str = "daybook:";

/// The parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    /// As the client gave it.
    task: Option<String>,
    /// How long to wait for the end.
    pub patience: Duration,
    /// The task must begin within this.
    pub deadline: Option<Duration>,
}

/// A parameter of a query; of one that is given twice the last.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    let parameters = form_urlencoded::parse(query.as_bytes());
    let named = parameters.filter(|(given, _)| given.eq_ignore_ascii_case(name));
    named.last().map(|(_, value)| value.into_owned())
}

impl Parameters {
    /// Reads a query.
    pub(super) fn read(query: &str) -> Result<Self, Misfits> {
        let patience = match parameter(query, "asyncTimeout") {
            None => PATIENCE,
            Some(text) => patience(&text).ok_or_else(|| {
                let what = "This should be a whole number of milliseconds";
                Misfits::one("asyncTimeout", what)
            })?,
        };
        Ok(Self {
            task: parameter(query, "taskId").filter(|id| !id.is_empty()),
            patience,
            deadline: parameter(query, "timeout").and_then(|text| deadline(&text)),
        })
    }

    /// The task's id, or one that nobody has used.
    pub(super) fn task(self) -> Result<String, Message> {
        let Some(id) = self.task else {
            return Ok(drawn());
        };
        let fault = if id.chars().count() > ID_CHARS {
            "Task Id is too long"
        } else if id.chars().any(char::is_control) {
            "Use only printable charaters for Task Id"
        } else if id.starts_with(OURS) {
            "Task Ids that begin with \"daybook:\" are those of the ledger's own tasks"
        } else {
            return Ok(id);
        };
        Err(Message::error("E110", fault))
    }
}

/// A whole number of milliseconds; below zero it is the usual time.
fn patience(text: &str) -> Option<Duration> {
    match text.trim().parse::<i64>() {
        Ok(number) => Some(u64::try_from(number).map_or(PATIENCE, Duration::from_millis)),
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow => Some(Duration::MAX),
            IntErrorKind::NegOverflow => Some(PATIENCE),
            _ => None,
        },
    }
}

/// `1500`, `1500ms`, `90s`, `5m`. What cannot be read is no deadline.
fn deadline(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.len()
        - text
            .trim_start_matches(|char: char| char.is_ascii_digit())
            .len();
    let (number, unit) = text.split_at(digits);
    let milliseconds = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

/// 22 characters of base64 as URLs have it.
fn drawn() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bytes = random_bytes::<22>();
    let chars = bytes.map(|byte| char::from(ALPHABET[usize::from(byte & 63)]));
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_has_a_default() {
        let patience = |query: &str| Parameters::read(query).map(|read| read.patience);
        for (query, milliseconds) in [
            ("", 29_000),
            ("asyncTimeout=-1", 29_000),
            ("asyncTimeout=0", 0),
            ("AsyncTimeout=100&asyncTimeout=250", 250),
        ] {
            assert_eq!(
                patience(query),
                Ok(Duration::from_millis(milliseconds)),
                "{query}"
            );
        }
        for query in ["asyncTimeout=", "asyncTimeout=soon", "asyncTimeout=1.5"] {
            let misfits = patience(query).unwrap_err();
            assert!(misfits.0.contains_key("asyncTimeout"), "{query}");
        }
        let endless = patience("asyncTimeout=99999999999999999999");
        assert_eq!(endless, Ok(Duration::MAX));
    }

    #[test]
    fn deadlines_have_units() {
        for (text, milliseconds) in [
            ("1500", Some(1500)),
            ("1500ms", Some(1500)),
            (" 90 s ", Some(90_000)),
            ("5m", Some(300_000)),
            ("0", None),
            ("", None),
            ("soon", None),
            ("5h", None),
            ("1.5s", None),
            ("-1", None),
            ("99999999999999999999", None),
            ("18446744073709551615m", None),
        ] {
            assert_eq!(
                deadline(text),
                milliseconds.map(Duration::from_millis),
                "{text}"
            );
        }
    }

    #[test]
    fn ids_are_the_clients_or_new() {
        let task = |query: &str| Parameters::read(query).unwrap().task();
        assert_eq!(task("taskId=A+1%2F2"), Ok("A 1/2".to_owned()));
        let longest = "\u{444}".repeat(60);
        let encoded: String = form_urlencoded::byte_serialize(longest.as_bytes()).collect();
        assert_eq!(task(&format!("taskId={encoded}")), Ok(longest));
        let (first, second) = (task("").unwrap(), task("taskId=").unwrap());
        assert!(first.len() == 22 && first != second);
        for (query, text) in [
            (format!("taskId={}", "x".repeat(61)), "Task Id is too long"),
            (
                "taskId=a%0Ab".to_owned(),
                "Use only printable charaters for Task Id",
            ),
            (
                "taskId=daybook:sale:1".to_owned(),
                "are those of the ledger's own tasks",
            ),
        ] {
            let message = task(&query).unwrap_err();
            assert_eq!(message.code, Some("E110"));
            assert!(message.text.contains(text), "{query}");
        }
    }
}
