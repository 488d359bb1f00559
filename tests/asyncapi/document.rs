//! Builds the document of `/asyncapi.json`: what the code knows by tables, and what is written down
//! beside it in `src/http/asyncapi/`.

use super::{concertpos, fd1, kafka};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The document while it grows.
pub(super) struct Document {
    root: Value,
    /// Shared definitions as they stand in the files of the schema.
    definitions: BTreeMap<String, Value>,
}

/// The whole document.
pub(super) fn build() -> Value {
    let mut document = Document {
        root: json!({
            "asyncapi": "3.0.0",
            "info": info(),
            "defaultContentType": "application/json",
            "servers": servers(),
            "channels": {},
            "operations": {},
            "components": {
                "correlationIds": {}, "messageBindings": {}, "messages": {}, "schemas": {},
            },
        }),
        definitions: BTreeMap::new(),
    };
    kafka::add(&mut document);
    concertpos::add(&mut document);
    fd1::add(&mut document);
    document.root
}

fn info() -> Value {
    json!({
        "title": "Daybook",
        "version": env!("CARGO_PKG_VERSION"),
        "license": {"name": "Apache-2.0"},
        "description": "An open transaction ledger for points of sale: the WebSockets and the topics. \
            `/openapi.json` describes the HTTP side.\n\n\
            Tills speak ConcertPOS; displays, tools and tablets speak FD1. Every event comes to Kafka \
            as it was hashed, and entities come there in their present state. Operations are Daybook's: \
            what it receives, others send.\n\n\
            Schemas are those of AsyncAPI itself, and use only what means the same in JSON Schema \
            draft-07 and 2020-12.",
    })
}

fn servers() -> Value {
    json!({
        "node": {
            "host": "{host}",
            "protocol": "ws",
            "description": "A node; all are alike. Behind a proxy with TLS the protocol is wss.",
            "variables": {
                "host": {"default": "127.0.0.1:8080", "description": "What `--listen` says."},
            },
        },
        "kafka": {
            "host": "{brokers}",
            "protocol": "kafka",
            "description": "The brokers to which nodes with `--kafka` publish. What else they ask for \
                (SASL, TLS) stands in the file of `--kafka-config`.",
            "variables": {
                "brokers": {"default": "127.0.0.1:9092", "description": "What `--kafka` says."},
            },
        },
    })
}

impl Document {
    /// Adds something under a name that is new.
    pub(super) fn put(&mut self, place: &str, name: &str, value: Value) {
        let place = self.root.pointer_mut(place).expect(place);
        let before = place
            .as_object_mut()
            .unwrap()
            .insert(name.to_owned(), value);
        assert_eq!(before, None, "two things are called {name}");
    }

    pub(super) fn schema(&mut self, name: &str, schema: Value) {
        self.put("/components/schemas", name, schema);
    }

    /// Adds a message to a channel.
    pub(super) fn message(&mut self, channel: &str, name: &str, message: Value) {
        self.put("/components/messages", name, message);
        self.share(channel, name);
    }

    /// Adds a message that is there to a further channel.
    pub(super) fn share(&mut self, channel: &str, name: &str) {
        let place = format!("/channels/{channel}/messages");
        let reference = json!({"$ref": format!("#/components/messages/{name}")});
        self.put(&place, name, reference);
    }

    /// Adds a schema of a file, and what it shares with others under names of their own. References
    /// lead through the document from now on.
    pub(super) fn embed(&mut self, name: &str, mut schema: Value) {
        let object = schema.as_object_mut().unwrap();
        object.remove("$schema");
        let definitions = match object.remove("$defs") {
            Some(Value::Object(definitions)) => definitions,
            _ => Map::new(),
        };
        let mut names = BTreeMap::new();
        for (definition, value) in &definitions {
            let known = self.definitions.entry(definition.clone());
            let same = known.or_insert_with(|| value.clone()) == value;
            let ours = if same {
                definition.clone()
            } else {
                format!("{name}.{definition}")
            };
            names.insert(format!("#/$defs/{definition}"), ours);
        }
        for (definition, mut value) in definitions {
            relink(&mut value, &names);
            let ours = &names[&format!("#/$defs/{definition}")];
            let schemas = &self.root["components"]["schemas"];
            match schemas.get(ours) {
                Some(before) => assert_eq!(before, &value, "two schemas are called {ours}"),
                None => self.schema(ours, value),
            }
        }
        relink(&mut schema, &names);
        self.schema(name, schema);
    }
}

/// Replaces references into a file by references into the document.
fn relink(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref") {
                *reference = format!("#/components/schemas/{}", names[reference.as_str()]);
            }
            object.values_mut().for_each(|value| relink(value, names));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| relink(value, names)),
        _ => {}
    }
}

/// References to messages of a channel, as operations make them.
pub(super) fn messages(channel: &str, names: &[&str]) -> Value {
    let one = |name: &&str| json!({"$ref": format!("#/channels/{channel}/messages/{name}")});
    names.iter().map(one).collect()
}

/// Says of what we send that it has these members, and no others: all of them where it says nothing.
pub(super) fn closed(mut schema: Value) -> Value {
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                let names: Value = properties.keys().cloned().collect();
                object.entry("required").or_insert(names);
                object.entry("additionalProperties").or_insert(json!(false));
            }
            object.values_mut().for_each(close);
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

/// A file of the repository.
pub(super) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub(super) fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).expect(name)
}

pub(super) fn read_json(name: &str) -> Value {
    serde_json::from_str(&read(name)).expect(name)
}

/// The members of an object, by name.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().expect("an object").iter();
    members.map(|(name, value)| (name.as_str(), value))
}

/// A text that must be one.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
