//! What a firehose delivers only: conditions on the members of its messages.

use super::error::Fault;
use crate::json::{self, Value};
use std::cmp::Ordering;

/// Most conditions of a firehose, most values that one may name, and the longest text in one.
const CONDITIONS: usize = 32;
const VALUES: usize = 100;
const CHARACTERS: usize = 1000;

/// A condition that a message must meet.
#[derive(Debug)]
pub(super) struct Predicate {
    /// The member; nothing stands for the schema.
    member: Option<String>,
    operator: Operator,
    /// One of them must fit.
    values: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Less,
    Greater,
    AtLeast,
    AtMost,
    Like,
    Words,
    BitNotSet,
}

impl Predicate {
    /// Reads the conditions of a request.
    ///
    /// # Errors
    /// When they are no object, or one makes no sense.
    pub(super) fn read_all(q: Option<&Value>) -> Result<Vec<Self>, Fault> {
        let Some(q) = q else {
            return Ok(Vec::new());
        };
        let Value::Object(members) = q else {
            return Err(Fault::bad_request("q must be an object"));
        };
        if members.len() > CONDITIONS {
            return Err(Fault::bad_request("q has more than 32 conditions"));
        }
        members
            .iter()
            .map(|(name, value)| Self::read(name, value))
            .collect()
    }

    fn read(name: &str, value: &Value) -> Result<Self, Fault> {
        let refused = |why: &str| {
            let name: String = name.chars().take(80).collect();
            Err(Fault::bad_request(format!("q.{name}: {why}")))
        };
        let parts = name.strip_suffix(')').and_then(|name| name.split_once('('));
        let (member, operator) = parts.unwrap_or((name, ""));
        // A type may follow; values have their own.
        let operator = operator.split(',').next().unwrap_or_default().trim();
        let operator = match operator {
            "" | "=" => Operator::Equal,
            "<" => Operator::Less,
            ">" => Operator::Greater,
            ">=" => Operator::AtLeast,
            "<=" => Operator::AtMost,
            "like" => Operator::Like,
            "like.words" => Operator::Words,
            "bitnset" => Operator::BitNotSet,
            _ => return refused("there is no such operator"),
        };
        let member = match member.trim() {
            "_sc" => None,
            "" => return refused("it names no member"),
            reserved if reserved.starts_with('_') => return refused("there is no such name"),
            member => Some(member.to_owned()),
        };
        let values = match value {
            Value::List(values) => values.clone(),
            value => vec![value.clone()],
        };
        let simple = |value: &Value| !matches!(value, Value::List(_) | Value::Object(_));
        let short = |value: &Value| {
            value
                .as_str()
                .is_none_or(|t| t.chars().count() <= CHARACTERS)
        };
        if values.len() > VALUES || !values.iter().all(|value| simple(value) && short(value)) {
            return refused("it takes a text, number, boolean or null, or a list of at most 100");
        }
        Ok(Self {
            member,
            operator,
            values,
        })
    }

    /// Whether a message meets the condition. A member that it lacks meets none.
    pub(super) fn holds(&self, schema: &str, message: &Value) -> bool {
        let schema_value;
        let found = match &self.member {
            None => {
                schema_value = Value::Text(schema.to_owned());
                Some(&schema_value)
            }
            Some(member) => at(message, member),
        };
        let fits = |found| {
            self.values
                .iter()
                .any(|value| fits(self.operator, found, value))
        };
        found.is_some_and(fits)
    }
}

/// A member by its name, or by a path with points.
fn at<'a>(message: &'a Value, path: &str) -> Option<&'a Value> {
    message.member(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        at(message.member(first)?, rest)
    })
}

fn fits(operator: Operator, found: &Value, value: &Value) -> bool {
    let order = || order(found, value);
    match operator {
        Operator::Equal => order() == Some(Ordering::Equal) || found == value,
        Operator::Less => order() == Some(Ordering::Less),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::AtLeast => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
        Operator::AtMost => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
        Operator::Like => texts(found, value).is_some_and(|(text, pattern)| like(&text, &pattern)),
        Operator::Words => texts(found, value).is_some_and(|(text, words)| {
            let mut words = words.split_whitespace();
            words.all(|word| text.contains(word))
        }),
        Operator::BitNotSet => match (json::whole(found), json::whole(value)) {
            (Some(found), Some(bits)) => found & bits == 0,
            _ => false,
        },
    }
}

/// Numbers compare as numbers, also when one of the two is written as a text; texts by their
/// characters.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => json::compare(a, b),
    }
}

/// Both as texts in small letters.
fn texts(a: &Value, b: &Value) -> Option<(String, String)> {
    let text = |value: &Value| match value {
        Value::Text(text) | Value::Number(text) => Some(text.to_lowercase()),
        _ => None,
    };
    Some((text(a)?, text(b)?))
}

/// Whether a text fits a pattern in which `%` stands for anything and `_` for any one character.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) =
        (text.chars().collect(), pattern.chars().collect());
    let (mut t, mut p) = (0, 0);
    // Where to go on when it does not fit: behind the last %, one character further.
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('%') => {
                retry = Some((t, p));
                p += 1;
            }
            Some(&c) if c == '_' || c == text[t] => {
                t += 1;
                p += 1;
            }
            _ => {
                let Some((from, percent)) = retry else {
                    return false;
                };
                retry = Some((from + 1, percent));
                (t, p) = (from + 1, percent + 1);
            }
        }
    }
    pattern[p..].iter().all(|&c| c == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALE: &str = r#"{"salephyskey":"S1-000777","saletotal":13.5,"flags":6,"open":true,
        "none":null,"lines":[],"source":{"faid":3},"name":"Große Cola 0.4"}"#;

    fn holds(q: &str) -> bool {
        let q = json::read(q).unwrap();
        let message = json::read(SALE).unwrap();
        let predicates = Predicate::read_all(Some(&q)).unwrap();
        predicates
            .iter()
            .all(|p| p.holds("custdisp.sale.add", &message))
    }

    #[test]
    fn conditions_are_met_or_not() {
        for (q, expected) in [
            ("{}", true),
            (r#"{"saletotal":13.5}"#, true),
            (r#"{"saletotal":"13.50"}"#, true),
            (r#"{"saletotal(=)":13}"#, false),
            (r#"{"saletotal(>=)":10}"#, true),
            (r#"{"saletotal(>=,number)":13.5}"#, true),
            (r#"{"saletotal(>)":13.5}"#, false),
            (r#"{"saletotal(<)":13.50000000000000000001}"#, true),
            (r#"{"saletotal(<=)":13.4}"#, false),
            (r#"{"saletotal(>)":1,"saletotal(<)":13}"#, false),
            (r#"{"saletotal":[1,13.5]}"#, true),
            (r#"{"saletotal":[]}"#, false),
            (r#"{"salephyskey":"S1-000777"}"#, true),
            (r#"{"salephyskey":"s1-000777"}"#, false),
            (r#"{"salephyskey(like)":"s1-%"}"#, true),
            (r#"{"salephyskey(like)":"S1"}"#, false),
            (r#"{"salephyskey(like)":"%7_7"}"#, true),
            (r#"{"salephyskey(>)":"S1"}"#, true),
            (r#"{"name(like.words)":"cola große"}"#, true),
            (r#"{"name(like.words)":"cola kleine"}"#, false),
            (r#"{"flags(bitnset)":1}"#, true),
            (r#"{"flags(bitnset)":2}"#, false),
            (r#"{"name(bitnset)":1}"#, false),
            (r#"{"open":true}"#, true),
            (r#"{"open":1}"#, false),
            (r#"{"none":null}"#, true),
            (r#"{"lines":null}"#, false),
            (r#"{"nobody":null}"#, false),
            (r#"{"source.faid":3}"#, true),
            (r#"{"source.faid.x":3}"#, false),
            (r#"{"_sc":"custdisp.sale.add"}"#, true),
            (r#"{"_sc(like)":"custdisp.%"}"#, true),
            (r#"{"_sc":["sale.create","custdisp.sale.edit"]}"#, false),
        ] {
            assert_eq!(holds(q), expected, "{q}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let many = format!("{{\"a\":[{}]}}", vec!["1"; 101].join(","));
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1001));
        for q in [
            "[]",
            "1",
            "\"a\"",
            r#"{"a(!=)":1}"#,
            r#"{"a(like.word)":1}"#,
            r#"{"_id":1}"#,
            r#"{"":1}"#,
            r#"{"(=)":1}"#,
            r#"{"a":{}}"#,
            r#"{"a":[[1]]}"#,
            &many,
            &long,
        ] {
            let q = json::read(q).unwrap();
            assert_eq!(
                Predicate::read_all(Some(&q)).unwrap_err().code,
                "bad_request",
                "{q:?}"
            );
        }
    }

    #[test]
    fn like_takes_no_longer_than_the_texts_allow() {
        let (text, pattern) = ("a".repeat(5000), "%a".repeat(400) + "b");
        assert!(!like(&text, &pattern));
        assert!(like("", "%%") && !like("", "_") && like("abc", "a%c") && !like("abcd", "a%c"));
    }
}
