//! One JSON Schema per type of event, generated from the code, describing the whole line.

use super::files;
use crate::event::Actor;
use crate::facts;
use crate::hash::Leaf;
use crate::id::LogName;
use crate::line::{MAX_INTEGER, VERSION};
use crate::time::At;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The schema of every type's line, by type.
pub(super) fn all() -> BTreeMap<&'static str, Value> {
    facts::json_schemas()
        .into_iter()
        .map(|(name, doc, data)| (name, line(name, doc, data.into())))
        .collect()
}

fn line(name: &str, doc: &str, mut data: Value) -> Value {
    let object = data.as_object_mut().unwrap();
    object.remove("$schema");
    object.remove("title");
    let definitions = object.remove("$defs");
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "description": format!("The line of {name}: {doc}. The canonical form is set out in ../README.md."),
        "type": "object",
        "properties": {
            "$": {"const": VERSION, "description": "Version of the envelope."},
            "at": described::<At>("When it was recorded; never smaller than that of the event before."),
            "by": described::<Actor>("Who asked for it: always an id, never a secret."),
            "cmd": {"type": "string", "description": "Command id; events of one command carry the same."},
            "data": data,
            "log": described::<LogName>("The log this belongs to: the slug of the instance."),
            "prev": described::<Leaf>("Leaf hash of the event before; zeros in event 0."),
            "seq": {
                "type": "integer", "minimum": 0, "maximum": MAX_INTEGER,
                "description": "Position in the log, from 0, without gaps.",
            },
            "type": {"const": name, "description": "What kind of fact this is."},
        },
        "required": ["$", "at", "by", "cmd", "data", "log", "prev", "seq", "type"],
    });
    if let Some(definitions) = definitions {
        schema["$defs"] = definitions;
    }
    tighten(&mut schema);
    schema
}

pub(super) fn described<T: JsonSchema>(description: &str) -> Value {
    let mut schema = Value::from(T::json_schema(&mut schemars::SchemaGenerator::default()));
    schema["description"] = description.into();
    schema
}

/// Says what schemars leaves open: no other members, no null for what is left out, exact ranges.
pub(super) fn tighten(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            // What a lenient reader would fill in is no part of the format.
            if object.get("type").is_some_and(Value::is_string) {
                object.remove("default");
            }
            close(object);
            bound(object);
            object.values_mut().for_each(tighten);
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(tighten),
        _ => {}
    }
}

fn close(object: &mut Map<String, Value>) {
    // Only schemas say "object" here: a member named "type" has a schema as its value, not a text.
    if object.get("type").and_then(Value::as_str) != Some("object") {
        return;
    }
    object.insert("additionalProperties".to_owned(), false.into());
    let required: BTreeSet<String> = object
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(text)
        .collect();
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties {
        if !required.contains(name) {
            forbid_null(property.as_object_mut().unwrap());
        }
    }
}

fn forbid_null(property: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|kind| kind != "null");
        let only = types.swap_remove(0);
        property.insert("type".to_owned(), only);
    }
    if let Some(Value::Array(mut choices)) = property.remove("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        let Some(Value::Object(only)) = choices.pop() else {
            panic!("an optional member with no type")
        };
        property.extend(only);
    }
}

/// Turns the number formats of schemars, which no validator knows, into ranges.
fn bound(object: &mut Map<String, Value>) {
    let max = match object.get("format").and_then(Value::as_str) {
        Some("uint8") => u64::from(u8::MAX),
        Some("uint32") => u64::from(u32::MAX),
        Some("uint64") => MAX_INTEGER,
        Some("int32") => {
            object.insert("minimum".to_owned(), i32::MIN.into());
            u64::from(i32::MAX.unsigned_abs())
        }
        _ => return,
    };
    object.remove("format");
    object.insert("maximum".to_owned(), max.into());
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn files_are_generated_from_the_code() {
    let schemas = all();
    assert!(
        schemas.keys().copied().eq(facts::TYPES.iter().copied()),
        "the table is sorted"
    );
    for (name, schema) in &schemas {
        let file = format!("events/{name}.schema.json");
        files::compare(
            &file,
            &format!("{}\n", serde_json::to_string_pretty(schema).unwrap()),
        );
    }
    for entry in fs::read_dir(files::path("events")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let type_name = name.strip_suffix(".schema.json").unwrap_or_default();
        assert!(
            schemas.contains_key(type_name),
            "events/{name} belongs to no type"
        );
    }
}

#[test]
fn every_member_is_explained() {
    for (name, schema) in all() {
        unexplained(name, &schema);
    }
}

pub(super) fn unexplained(place: &str, schema: &Value) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let explained = property.get("description").is_some();
        assert!(explained, "{place}: \"{name}\" has no description");
        unexplained(place, property);
    }
    for definition in schema["$defs"]
        .as_object()
        .into_iter()
        .flat_map(Map::values)
    {
        unexplained(place, definition);
    }
}
