//! One JSON Schema per kind of entity, generated from the code, describing the whole record of its
//! topic.

use super::{files, schemas};
use crate::entity;
use crate::id::LogName;
use crate::line::MAX_INTEGER;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

fn all() -> impl Iterator<Item = (&'static str, Value)> {
    let schemas = entity::json_schemas().into_iter();
    schemas.map(|(name, doc, data)| (name, record(name, doc, data.into())))
}

fn record(name: &str, doc: &str, mut data: Value) -> Value {
    let object = data.as_object_mut().unwrap();
    object.remove("$schema");
    object.remove("title");
    let definitions = object.remove("$defs");
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "description": format!("The value of a record of view.{name}: {doc}. A record without a value says that the entity is gone."),
        "type": "object",
        "properties": {
            "data": data,
            "instance": schemas::described::<LogName>("The slug of the instance, which is the name of its log."),
            "seq": {
                "type": "integer", "minimum": 0, "maximum": MAX_INTEGER,
                "description": "The last event of that log that the record reflects.",
            },
        },
        "required": ["data", "instance", "seq"],
    });
    if let Some(definitions) = definitions {
        schema["$defs"] = definitions;
    }
    schemas::tighten(&mut schema);
    schema
}

#[test]
fn schemas_of_entities_are_generated_from_the_code() {
    for (name, schema) in all() {
        let text = serde_json::to_string_pretty(&schema).unwrap();
        files::compare(&format!("views/{name}.json"), &format!("{text}\n"));
        schemas::unexplained(name, &schema);
    }
    let expected: BTreeSet<String> = entity::ENTITIES.map(|name| format!("{name}.json")).into();
    let found = fs::read_dir(files::path("views")).unwrap();
    let found = found.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
}
