//! The document of `/asyncapi.json`: built from what the code knows, judged by the official schema, and
//! held against what is really said on sockets and in topics.
//!
//! `make gen` writes it anew.

mod concertpos;
mod document;
mod fd1;
mod kafka;
mod lanes;
mod records;
mod sent;
mod tills;

use crate::support::{Server, Store};
use document::{members, path, read, read_json, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

const FILE: &str = "src/http/asyncapi.json";

/// Runs the judge on a document; what it hears is a line for each message.
fn judge(what: &str, document: &Value, said: &str) -> (bool, String) {
    let prepared = Command::new(path("tests/prepare")).output().unwrap();
    assert!(prepared.status.success(), "{prepared:?}");
    let dir = tempfile::tempdir().unwrap();
    let (file, input) = (dir.path().join("asyncapi.json"), dir.path().join("input"));
    fs::write(&file, document.to_string()).unwrap();
    fs::write(&input, said).unwrap();
    let output = Command::new(path("target/python/bin/python"))
        .arg(path("tests/asyncapi/judge.py"))
        .arg(what)
        .arg(&file)
        .stdin(Stdio::from(fs::File::open(&input).unwrap()))
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    (output.status.success(), told)
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no settings of their own"
)]
#[test]
fn the_document_is_generated_from_the_code() {
    let text = serde_json::to_string_pretty(&document::build()).unwrap() + "\n";
    let blessed = std::env::var("DAYBOOK_BLESS").is_ok_and(|value| value == "1");
    if blessed && read(FILE) != text {
        fs::write(path(FILE), &text).unwrap();
    }
    assert!(read(FILE) == text, "{FILE} is stale: run `make gen`");
}

#[tokio::test]
async fn the_document_is_served_as_it_is() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let (status, head, body) = server.request("GET", "/asyncapi.json", None, "").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(body == read(FILE));
}

#[test]
fn the_official_schema_accepts_the_document() {
    let (accepted, told) = judge("document", &read_json(FILE), "");
    assert!(accepted, "{told}");
}

/// What the judge says of a copy with mistakes.
fn of_mistakes(mistakes: &[(&str, Value)]) -> String {
    let mut document = read_json(FILE);
    for (place, mistake) in mistakes {
        let (parent, name) = place.rsplit_once('/').unwrap();
        document.pointer_mut(parent).expect(place)[name] = mistake.clone();
    }
    let (accepted, told) = judge("document", &document, "");
    assert!(!accepted);
    told
}

#[test]
fn the_judge_refuses_mistakes() {
    let policy = "/channels/daybook.events/bindings/kafka/topicConfiguration/cleanup.policy";
    let told = of_mistakes(&[
        ("/asyncapi", json!("2.6.0")),
        ("/channels/fd1/adress", json!("/fd1")),
        ("/operations/readEvents/action", json!("subscribe")),
        (policy, json!(["keep"])),
        ("/components/schemas/Money/type", json!("integr")),
        ("/components/schemas/Money/minimun", json!(0)),
        ("/components/schemas/PosId/prefixItems", json!([])),
    ]);
    let named = [
        "'3.0.0' was expected",
        "adress",
        "subscribe",
        "keep",
        "integr",
        "minimun",
        "prefixItems",
    ];
    for mistake in named {
        assert!(told.contains(mistake), "{mistake}: {told}");
    }
    let example = "/components/messages/fd1.error/examples/0/payload/error/code";
    let told = of_mistakes(&[(example, json!("no_such_code"))]);
    assert!(told.contains("no_such_code"), "{told}");
}

/// All references of a value.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    let document = read_json(FILE);
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        let place = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(place).is_some(), "{reference}");
    }
    for (kind, things) in members(&document["components"]) {
        for (name, _) in members(things) {
            let place = format!("#/components/{kind}/{name}");
            assert!(found.contains(place.as_str()), "nobody uses {place}");
        }
    }
    // An operation names messages of its own channel, and each message belongs to an operation.
    for (channel, described) in members(&document["channels"]) {
        for (message, _) in members(&described["messages"]) {
            let place = format!("#/channels/{channel}/messages/{message}");
            assert!(found.contains(place.as_str()), "no operation has {place}");
        }
    }
    for (name, operation) in members(&document["operations"]) {
        for side in [operation, &operation["reply"]] {
            let Some(channel) = side["channel"]["$ref"].as_str() else {
                continue;
            };
            for message in side["messages"].as_array().unwrap() {
                let ours = text(&message["$ref"]).starts_with(&format!("{channel}/messages/"));
                assert!(ours, "{name}: {message}");
            }
        }
    }
}
