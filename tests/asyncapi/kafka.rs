//! The topics: one for the events of all instances, and one for each kind of entity.

use super::document::{Document, messages, read, read_json, text};
use daybook_kafka::record::HEADERS;
use daybook_kafka::topic::{DEFAULT_PARTITIONS, DEFAULT_TOPIC, view_topic};
use daybook_schema::entity::ENTITIES;
use daybook_schema::facts::TYPES;
use serde_json::{Map, Value, json};

const SLUG: &str = "[a-z0-9][a-z0-9-]{0,63}";
const NUMBER: &str = "(0|[1-9][0-9]*)";

/// The message that an entity is gone.
pub(super) const TOMBSTONE: &str = "view.tombstone";

pub(super) fn add(document: &mut Document) {
    let topic = read("schema/kafka/src/topic.rs");
    events(document, &topic);
    views(document, &topic);
}

fn events(document: &mut Document, source: &str) {
    let description = "Every event of every instance, once and for ever. The key is the instance, so \
        that all its events are in one partition, in the order of their `seq`; `--kafka-topic` gives \
        the topic another name. The value is the line as it was hashed, byte for byte: hash it before \
        you parse it. Records are written in transactions: consumers use \
        `isolation.level=read_committed`, or ignore what has no greater `seq` than the last one of its \
        key. A program that meets a type which it does not know must say so and stop.";
    let channel = channel(DEFAULT_TOPIC, "Events", description, source, "KEEP_ALL");
    document.put("/channels", DEFAULT_TOPIC, channel);
    // The official schema wants more than a reference here.
    let key = json!({
        "type": "string",
        "allOf": [{"$ref": "#/components/schemas/LogName"}],
    });
    document.put("/components/messageBindings", "event", binding(&key));
    document.schema("kafka.EventHeaders", headers(HEADERS.len(), NUMBER));
    for name in TYPES {
        let mut schema = read_json(&format!("schema/events/{name}.schema.json"));
        let said = text(&schema["description"]).replace("../README.md", "schema/README.md");
        let summary = said.split(": ").nth(1).and_then(|s| s.split(". ").next());
        let message = json!({
            "name": name,
            "summary": capital(summary.expect("what the type means")),
            "contentType": "application/json",
            "headers": typed("kafka.EventHeaders", name),
            "payload": {"$ref": format!("#/components/schemas/{name}")},
            "bindings": {"$ref": "#/components/messageBindings/event"},
        });
        schema["description"] = said.into();
        document.embed(name, schema);
        document.message(DEFAULT_TOPIC, name, message);
    }
    let send = json!({
        "action": "send",
        "channel": {"$ref": format!("#/channels/{DEFAULT_TOPIC}")},
        "summary": "One node publishes what any node has committed",
        "messages": messages(DEFAULT_TOPIC, TYPES),
    });
    document.put("/operations", "publishEvents", send);
    let receive = json!({
        "action": "receive",
        "channel": {"$ref": format!("#/channels/{DEFAULT_TOPIC}")},
        "summary": "`daybook verify`, `replay`, `compare` and `restore` read the topic, and so does \
            whoever begins to publish, to see how far it has come",
        "messages": messages(DEFAULT_TOPIC, TYPES),
    });
    document.put("/operations", "readEvents", receive);
}

fn views(document: &mut Document, source: &str) {
    let key = json!({
        "type": "string",
        "description": "The instance, a slash, and the entity's id.",
        "pattern": format!("^{SLUG}/."),
    });
    document.put("/components/messageBindings", "entity", binding(&key));
    // Leaf hashes are those of lines; an entity has none.
    let told = HEADERS.len() - 2;
    let without = HEADERS[told..]
        .iter()
        .all(|(name, _)| ["ce_leaf", "ce_prev"].contains(name));
    assert!(without, "{HEADERS:?}");
    let mut of_entities = headers(told, &format!(".+@{NUMBER}"));
    for (header, description) in [
        (
            "ce_id",
            "instance/id@seq: unique among all records of the topic",
        ),
        ("ce_type", "view. and the kind of entity"),
        (
            "ce_time",
            "when the event was recorded that the record reflects last",
        ),
        (
            "ce_sequence",
            "the seq of that event, zero-padded to 20 digits",
        ),
    ] {
        of_entities["properties"][header]["description"] = description.into();
    }
    document.schema("kafka.EntityHeaders", of_entities);
    let tombstone = json!({
        "name": TOMBSTONE,
        "summary": "The entity of this key is gone",
        "description": "A record without a value. Compaction forgets the key, and a day later this \
            record, too.",
        "headers": {"$ref": "#/components/schemas/kafka.EntityHeaders"},
        "payload": {"type": "null"},
        "bindings": {"$ref": "#/components/messageBindings/entity"},
    });
    document.put("/components/messages", TOMBSTONE, tombstone);
    for entity in ENTITIES {
        view(document, entity, source);
    }
}

fn view(document: &mut Document, entity: &str, source: &str) {
    let (topic, name) = (view_topic(DEFAULT_TOPIC, entity), format!("view.{entity}"));
    let schema = read_json(&format!("schema/views/{entity}.json"));
    let said = text(&schema["description"]).split(": ").nth(1);
    let what = said.and_then(|said| said.split(". ").next());
    let what = what.expect("what the entity is");
    let description = format!(
        "The present state: {what}. The topic is compacted: it keeps the latest record of each key. \
         Take only what has a greater `seq` than what you have of its key."
    );
    let channel = channel(&topic, &name, &description, source, "KEEP_LATEST");
    document.put("/channels", &topic, channel);
    let message = json!({
        "name": name,
        "summary": capital(what),
        "contentType": "application/json",
        "headers": typed("kafka.EntityHeaders", &name),
        "payload": {"$ref": format!("#/components/schemas/{name}")},
        "bindings": {"$ref": "#/components/messageBindings/entity"},
    });
    document.embed(&name, schema);
    document.message(&topic, &name, message);
    document.share(&topic, TOMBSTONE);
    let send = json!({
        "action": "send",
        "channel": {"$ref": format!("#/channels/{topic}")},
        "summary": "The node that publishes events publishes what follows from them, too",
        "messages": messages(&topic, &[&name, TOMBSTONE]),
    });
    document.put("/operations", &format!("publish.{name}"), send);
}

fn channel(topic: &str, title: &str, description: &str, source: &str, list: &str) -> Value {
    json!({
        "address": topic,
        "title": title,
        "description": description,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {},
        "bindings": {"kafka": {
            "topic": topic,
            "partitions": DEFAULT_PARTITIONS,
            "topicConfiguration": configuration(source, list),
            "bindingVersion": "0.5.0",
        }},
    })
}

/// How the code makes a topic, as its lists have it.
fn configuration(source: &str, list: &str) -> Value {
    let start = source.find(&format!("const {list}: ")).expect(list);
    let list = &source[start..start + source[start..].find("];\n").unwrap()];
    let mut told = Map::new();
    for line in list
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\""))
    {
        let (name, value) = line.split_once("\", \"").expect(line);
        let value = value.trim_end_matches("\"),");
        let value = match value.parse::<i64>() {
            Ok(number) => json!(number),
            Err(_) => json!([value]),
        };
        told.insert(name.to_owned(), value);
    }
    assert!(told.len() >= 2, "{told:?}");
    let start = "const LARGEST_RECORD: &str = \"";
    let largest = source.split(start).nth(1).expect(start);
    let largest = largest.split('"').next().unwrap();
    let largest: i64 = largest.parse().unwrap();
    told.insert("max.message.bytes".to_owned(), largest.into());
    Value::Object(told)
}

fn binding(key: &Value) -> Value {
    json!({"kafka": {"key": key, "bindingVersion": "0.5.0"}})
}

/// The first headers of those that the code writes.
fn headers(count: usize, id: &str) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, meaning) in &HEADERS[..count] {
        let pattern = match *name {
            "ce_id" => format!("^{SLUG}/{id}$"),
            "ce_source" => format!("^/ledger/{SLUG}$"),
            "ce_type" => ".".to_owned(),
            "ce_time" => r"^[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z$".to_owned(),
            "ce_sequence" => "^[0-9]{20}$".to_owned(),
            "ce_leaf" | "ce_prev" => "^[0-9a-f]{64}$".to_owned(),
            // These have one value, which stands where the others have their meaning.
            "content-type" | "ce_specversion" => format!("^{meaning}$").replace('.', r"\."),
            other => panic!("say what the header {other} looks like"),
        };
        let header = json!({"type": "string", "description": meaning, "pattern": pattern});
        properties.insert((*name).to_owned(), header);
        required.push(*name);
    }
    json!({
        "type": "object",
        "description": "By the Kafka binding of CloudEvents 1.0, in binary mode. They repeat what \
            stands in the value, for those who route and order without parsing it.",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// These headers with a type.
fn typed(schema: &str, name: &str) -> Value {
    json!({
        "type": "object",
        "properties": {"ce_type": {"const": name}},
        "allOf": [{"$ref": format!("#/components/schemas/{schema}")}],
    })
}

/// With a capital at the beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
