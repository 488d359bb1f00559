//! The lanes' door. The code knows the endpoints and what firehoses deliver; what their members are
//! is written down in `src/http/asyncapi/fd1.json`.

use super::document::{Document, closed, members, messages, path, read_json};
use daybook::fd1::{SCHEMAS, endpoints};
use daybook_schema::facts::TYPES;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CHANNEL: &str = "fd1";
const ERROR: &str = "fd1.error";

pub(super) fn add(document: &mut Document) {
    let written = read_json("src/http/asyncapi/fd1.json");
    document.put("/channels", CHANNEL, channel(&written["description"]));
    for (name, schema) in members(&written["schemas"]) {
        document.schema(&format!("fd1.{name}"), closed(schema.clone()));
    }
    for (name, member) in [("fd1.request", "rq"), ("fd1.answer", "rp")] {
        let place = json!({"location": format!("$message.payload#/{member}")});
        document.put("/components/correlationIds", name, place);
    }
    document.message(CHANNEL, ERROR, errors(&written["codes"]));
    let requests: BTreeSet<&str> = members(&written["requests"])
        .map(|(name, _)| name)
        .collect();
    assert_eq!(requests, endpoints().map(|names| names[0]).collect());
    for names in endpoints() {
        request(document, &names, &written["requests"][names[0]]);
    }
    deliveries(document, &written["delivered"]);
    goodbye(document);
}

fn channel(description: &Value) -> Value {
    json!({
        "address": "/fd1/open_websocket",
        "title": "FD1",
        "description": description,
        "servers": [{"$ref": "#/servers/node"}],
        "messages": {},
        "bindings": {"ws": {
            "method": "GET",
            "query": {
                "type": "object",
                "properties": {
                    "purpose": {"enum": ["presell"], "description": "A tablet that builds sales."},
                },
            },
            "bindingVersion": "0.1.0",
        }},
    })
}

/// The members of every answer.
fn answered(names: &Value, member: &str, body: &Value) -> Value {
    closed(json!({
        "type": "object",
        "properties": {
            "r": names,
            "rp": {"type": "string", "description": "The request's `rq`, as a text."},
            "rt": {"description": "The request's, unchanged."},
            member: body,
        },
        "required": ["r", member],
    }))
}

fn request(document: &mut Document, names: &[&str], written: &Value) {
    let request = names[0];
    let mut properties = written["members"].clone();
    properties["a"] = json!({"enum": names});
    properties["rq"] = json!({"$ref": "#/components/schemas/fd1.Rq"});
    properties["rt"] = json!({"description": "A tag of any kind; the answer has it, too."});
    properties["pt"] = json!({"enum": ["", "fd1", null]});
    let mut required = vec![json!("a")];
    required.extend(
        written["required"]
            .as_array()
            .into_iter()
            .flatten()
            .cloned(),
    );
    let mut asked = written["examples"][0].clone();
    asked["a"] = request.into();
    let mut said = json!({
        "name": request,
        "summary": written["summary"],
        "correlationId": {"$ref": "#/components/correlationIds/fd1.request"},
        "payload": {"type": "object", "properties": properties, "required": required},
        "examples": [{"payload": asked}],
    });
    if written["description"].is_string() {
        said["description"] = written["description"].clone();
    }
    document.message(CHANNEL, request, said);
    let mut receive = json!({
        "action": "receive",
        "channel": {"$ref": "#/channels/fd1"},
        "summary": written["summary"],
        "messages": messages(CHANNEL, &[request]),
    });
    if let Some(row) = written.get("row") {
        let answer = format!("{request}.answer");
        let rows = json!({"type": "array", "items": row, "minItems": 1, "maxItems": 1});
        let data = json!({"type": "object", "properties": {"rows": rows}});
        let mut heard = json!({
            "name": answer,
            "summary": format!("The answer to {request}"),
            "correlationId": {"$ref": "#/components/correlationIds/fd1.answer"},
            "payload": answered(&json!({"enum": names}), "data", &data),
        });
        if let Some(told) = written["examples"].get(1) {
            let rp = asked["rq"].to_string();
            let payload = json!({"r": request, "rp": rp, "data": {"rows": [told]}});
            heard["examples"] = json!([{"payload": payload}]);
        }
        document.message(CHANNEL, &answer, heard);
        receive["reply"] = json!({
            "channel": {"$ref": "#/channels/fd1"},
            "messages": messages(CHANNEL, &[&answer, ERROR]),
        });
    }
    document.put("/operations", request, receive);
}

fn errors(codes: &Value) -> Value {
    let written: BTreeSet<&str> = members(codes).map(|(code, _)| code).collect();
    assert_eq!(
        written,
        codes_in_code().iter().map(String::as_str).collect()
    );
    let explained: Vec<String> = members(codes)
        .map(|(code, meaning)| format!("- `{code}`: {}", meaning.as_str().unwrap()))
        .collect();
    let body = json!({
        "type": "object",
        "properties": {
            "code": {"enum": written, "description": explained.join("\n")},
            "text": {"type": "string", "description": "For people."},
        },
    });
    let r = json!({"type": "string", "description": "The endpoint; empty when there was none."});
    let example = json!({
        "r": "fd1.firehose.close_firehose", "rp": "9",
        "error": {"code": "unknown_firehose", "text": "No open firehose with id 2"},
    });
    json!({
        "name": "error",
        "summary": "The answer to a request that was refused",
        "correlationId": {"$ref": "#/components/correlationIds/fd1.answer"},
        "payload": answered(&r, "error", &body),
        "examples": [{"payload": example}],
    })
}

/// The codes that stand in the code: what faults are made with, and what refusals become.
fn codes_in_code() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for file in std::fs::read_dir(path("src/fd1")).unwrap() {
        let file = file.unwrap().path();
        let Ok(source) = std::fs::read_to_string(&file) else {
            continue;
        };
        let source = source.split("#[cfg(test)]").next().unwrap();
        let mut starts = vec!["Fault::new("];
        if file.ends_with("error.rs") {
            starts.extend(["Self::new(", "=> "]);
        }
        for start in starts {
            let after = source.split(start).skip(1).map(str::trim_start);
            let quoted = after.filter_map(|rest| rest.strip_prefix('"')?.split_once('"'));
            codes.extend(quoted.map(|(code, _)| code.to_owned()));
        }
    }
    codes
}

fn deliveries(document: &mut Document, written: &Value) {
    let mut names = Vec::new();
    let mut told = BTreeSet::new();
    for (name, written) in members(written) {
        let all = SCHEMAS.iter().copied();
        let schemas: Vec<&str> = all
            .filter(|schema| *schema == name || schema.starts_with(&format!("{name}.")))
            .collect();
        let resumable = written["resumable"] == true;
        let mut properties = json!({
            "rp": {"type": "string", "description": "The firehose's name."},
            "sc": {"enum": schemas},
            "v": written["v"],
        });
        if resumable {
            properties["seq"] = json!({"$ref": "#/components/schemas/fd1.Seq"});
        }
        told.extend(schemas);
        let payload = closed(json!({"type": "object", "properties": properties}));
        let examples = written["examples"].as_array().unwrap().iter();
        let examples: Vec<Value> = examples.map(|sent| json!({"payload": sent})).collect();
        let mut message = json!({
            "name": name,
            "summary": written["summary"],
            "payload": payload,
            "examples": examples,
        });
        if written["description"].is_string() {
            message["description"] = written["description"].clone();
        }
        names.push(format!("fd1.{name}"));
        document.message(CHANNEL, &format!("fd1.{name}"), message);
    }
    assert_eq!(told, SCHEMAS.into(), "each is delivered by one message");
    document.message(CHANNEL, "fd1.ledger", ledger());
    names.push("fd1.ledger".to_owned());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let send = json!({
        "action": "send",
        "channel": {"$ref": "#/channels/fd1"},
        "summary": "Firehoses deliver what they were opened for",
        "messages": messages(CHANNEL, &names),
    });
    document.put("/operations", "fd1.deliver", send);
}

/// The events of the instance.
fn ledger() -> Value {
    let one = |name: &&str| {
        let data = format!("#/components/schemas/{name}/properties/data");
        json!({"properties": {"sc": {"const": format!("ledger.{name}")}, "v": {"$ref": data}}})
    };
    json!({
        "name": "ledger",
        "summary": "An event of the instance, `v` is its data; resumable",
        "description": "For logins with a key of the scope `audit`.",
        "payload": {
            "type": "object",
            "properties": {
                "rp": {"type": "string", "description": "The firehose's name."},
                "sc": {"type": "string", "description": "`ledger.` and the type."},
                "seq": {"$ref": "#/components/schemas/fd1.Seq"},
                "v": {"type": "object"},
            },
            "required": ["rp", "sc", "seq", "v"],
            "additionalProperties": false,
            "oneOf": TYPES.iter().map(one).collect::<Vec<_>>(),
        },
    })
}

fn goodbye(document: &mut Document) {
    let (name, a) = ("fd1.link_status", "fn1.link.link_status");
    let payload = json!({
        "type": "object",
        "properties": {
            "a": {"const": a},
            "v": {
                "type": "object",
                "properties": {
                    "message": {"type": "string"},
                    "servers": {"type": "array", "maxItems": 0},
                },
            },
        },
    });
    let example = json!({"a": a, "v": {"message": "the server is going away", "servers": []}});
    let message = json!({
        "name": a,
        "summary": "The server is going away; close code 1001 follows",
        "payload": closed(payload),
        "examples": [{"payload": example}],
    });
    document.message(CHANNEL, name, message);
    let send = json!({
        "action": "send",
        "channel": {"$ref": "#/channels/fd1"},
        "summary": "The last message before the server goes away",
        "messages": messages(CHANNEL, &[name]),
    });
    document.put("/operations", name, send);
}
