//! Arbitrary events, made from the JSON Schemas: a new type of fact is covered once it is in the
//! table, and a schema that promises more than the reader takes is found out.

use super::schemas;
use crate::event::{Actor, Event};
use crate::facts::Fact;
use crate::hash::Leaf;
use crate::id::{KeyId, LogName, SessionId, TableId, UserId};
use crate::line::MAX_INTEGER;
use crate::money::{Decimal, MAX_UNITS};
use crate::time::{At, TxTime};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::string::string_regex;
use serde_json::Value;

/// Characters that writers of JSON disagree about, and neighbours of theirs.
const ODD: [char; 22] = [
    '"',
    '\\',
    '/',
    '\0',
    '\u{1}',
    '\u{8}',
    '\t',
    '\n',
    '\u{b}',
    '\u{c}',
    '\r',
    '\u{1f}',
    ' ',
    '\u{7f}',
    '\u{80}',
    'é',
    '\u{2028}',
    '\u{2029}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{ffff}',
    '\u{1f37a}',
];

/// Any fact of any type, with any place in a log.
pub(super) fn events() -> BoxedStrategy<Event> {
    let facts = schemas::all()
        .into_iter()
        .map(|(name, schema)| fact(name, &schema));
    let log =
        "[a-z0-9][a-z0-9-]{0,63}".prop_filter_map("reserved", |name| LogName::new(&name).ok());
    (
        moments(),
        actors(),
        strings(),
        Union::new(facts),
        log,
        any::<[u8; 32]>(),
        0..=MAX_INTEGER,
    )
        .prop_map(|(at, by, cmd, fact, log, prev, seq)| Event {
            at,
            by,
            cmd,
            fact,
            log,
            prev: Leaf(prev),
            seq,
        })
        .boxed()
}

fn fact(name: &'static str, schema: &Value) -> BoxedStrategy<Fact> {
    let data = values(&schema["properties"]["data"], schema);
    let read = move |text: String| {
        Fact::read(name, &text)
            .unwrap()
            .unwrap_or_else(|error| panic!("{name}: {error}: {text}"))
    };
    data.prop_map(read).boxed()
}

fn moments() -> impl Strategy<Value = At> {
    (0..=253_402_300_799_999_999i64).prop_map(At::from_micros)
}

fn actors() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(Actor::Anyone),
        Just(Actor::Operator),
        any::<u32>().prop_map(|id| Actor::Key(KeyId(id))),
        any::<u32>().prop_map(|id| Actor::Session(SessionId(id))),
        any::<u32>().prop_map(|id| Actor::Table(TableId(id))),
        any::<u32>().prop_map(|id| Actor::User(UserId(id))),
    ]
}

/// Texts over the whole of Unicode, with the characters that hurt more often than by chance.
pub(super) fn strings() -> BoxedStrategy<String> {
    let character = prop_oneof![
        any::<char>(),
        select(ODD.to_vec()),
        proptest::char::range('a', 'z')
    ];
    proptest::collection::vec(character, 0..12)
        .prop_map(String::from_iter)
        .boxed()
}

/// JSON texts that a schema allows, in canonical form.
fn values(schema: &Value, root: &Value) -> BoxedStrategy<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return values(
            root.pointer(reference.trim_start_matches('#')).unwrap(),
            root,
        );
    }
    if let Some(only) = schema.get("const") {
        return Just(only.to_string()).boxed();
    }
    if let Some(listed) = schema.get("enum").and_then(Value::as_array) {
        return select(listed.clone())
            .prop_map(|value| value.to_string())
            .boxed();
    }
    if let Some(choices) = schema
        .get("oneOf")
        .or_else(|| schema.get("anyOf"))
        .and_then(Value::as_array)
    {
        return Union::new(choices.iter().map(|choice| values(choice, root))).boxed();
    }
    match &schema["type"] {
        Value::String(kind) => of_type(kind, schema, root),
        Value::Array(kinds) => Union::new(
            kinds
                .iter()
                .map(|kind| of_type(kind.as_str().unwrap(), schema, root)),
        )
        .boxed(),
        other => panic!("a schema of type {other}"),
    }
}

fn of_type(kind: &str, schema: &Value, root: &Value) -> BoxedStrategy<String> {
    match kind {
        "null" => Just("null".to_owned()).boxed(),
        "boolean" => any::<bool>().prop_map(|value| value.to_string()).boxed(),
        "integer" => {
            let (min, max) = (
                schema["minimum"].as_i64().unwrap(),
                schema["maximum"].as_i64().unwrap(),
            );
            prop_oneof![Just(min), Just(max), min..=max, min..=max.min(100)]
                .prop_map(|number| number.to_string())
                .boxed()
        }
        "number" => (
            prop_oneof![-MAX_UNITS..=MAX_UNITS, -1000..1000i64],
            0u32..=4,
        )
            .prop_map(|(units, scale)| Decimal::new(units, scale).to_string())
            .boxed(),
        "string" => texts(schema)
            .prop_map(|text| Value::from(text).to_string())
            .boxed(),
        "array" => {
            let least = usize::from(schema["minItems"] == 1);
            proptest::collection::vec(values(&schema["items"], root), least..4)
                .prop_map(|items| format!("[{}]", items.join(",")))
                .boxed()
        }
        "object" => object(schema, root),
        other => panic!("a schema of type {other}"),
    }
}

fn texts(schema: &Value) -> BoxedStrategy<String> {
    let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else {
        return strings();
    };
    if schema.get("format").is_none() {
        let reserved = schema["not"]["enum"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        return string_regex(pattern.trim_start_matches('^').trim_end_matches('$'))
            .unwrap()
            .prop_filter("reserved", move |text| {
                !reserved.iter().any(|word| word == text)
            })
            .boxed();
    }
    if pattern.ends_with("\\.000Z$") {
        return (0..=253_402_300_799i64)
            .prop_map(|s| TxTime::from_seconds(s).to_string())
            .boxed();
    }
    moments().prop_map(|at| at.to_string()).boxed()
}

fn object(schema: &Value, root: &Value) -> BoxedStrategy<String> {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let members = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let mut strategy = Just(String::new()).boxed();
    for (name, property) in members {
        let needed = required.contains(&Value::from(name.as_str()));
        let member =
            values(&property, root).prop_map(move |value| Some(format!("\"{name}\":{value}")));
        let member = if needed {
            member.boxed()
        } else {
            prop_oneof![Just(None), member].boxed()
        };
        strategy = (strategy, member)
            .prop_map(|(before, member)| match member {
                Some(member) if before.is_empty() => member,
                Some(member) => format!("{before},{member}"),
                None => before,
            })
            .boxed();
    }
    strategy
        .prop_map(|members| format!("{{{members}}}"))
        .boxed()
}
