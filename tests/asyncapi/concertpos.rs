//! The tills' door. The code knows the commands, their costs, what they require, and the errors;
//! what their members are is written down in `src/http/asyncapi/concertpos.json`.

use super::document::{Document, closed, members, messages, read_json, text};
use daybook::concertpos::rate_limit::BUDGET;
use daybook::concertpos::{COMMANDS, PosError};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CHANNEL: &str = "concertpos";

pub(super) fn add(document: &mut Document) {
    let written = read_json("src/http/asyncapi/concertpos.json");
    document.put("/channels", CHANNEL, channel(&written["description"]));
    for (name, schema) in members(&written["schemas"]) {
        document.schema(&format!("concertpos.{name}"), schema.clone());
    }
    let commands: BTreeSet<&str> = members(&written["commands"])
        .map(|(name, _)| name)
        .collect();
    assert_eq!(commands, COMMANDS.map(|(name, ..)| name).into());
    let (error, broadcast) = ("concertpos.error", "concertpos.broadcast");
    document.message(CHANNEL, error, errors());
    document.message(CHANNEL, broadcast, broadcasts());
    for (name, cost, required) in COMMANDS {
        command(document, name, cost, required, &written["commands"][name]);
    }
    let send = json!({
        "action": "send",
        "channel": {"$ref": "#/channels/concertpos"},
        "summary": "Every socket of the instance hears it, on every node",
        "messages": messages(CHANNEL, &[broadcast]),
    });
    document.put("/operations", broadcast, send);
}

fn channel(description: &Value) -> Value {
    json!({
        "address": "/{instance}",
        "title": "ConcertPOS",
        "description": description,
        "servers": [{"$ref": "#/servers/node"}],
        "parameters": {
            "instance": {
                "description": "The slug of the venue: the last part of the path, whatever stands before it.",
                "examples": ["festival"],
            },
        },
        "messages": {},
        "bindings": {"ws": {
            "method": "GET",
            "query": {
                "type": "object",
                "properties": {
                    "instance": {"type": "string", "description": "Beats the path."},
                    "Content-Type": {
                        "type": "string",
                        "description": "`json5` for clients that write it; both are read in either case.",
                    },
                },
            },
            "bindingVersion": "0.1.0",
        }},
    })
}

fn command(document: &mut Document, name: &str, cost: u32, required: &[&str], written: &Value) {
    let request = format!("{CHANNEL}.{name}");
    let answer = format!("{request}.answer");
    let mut parameters = written["parameters"].clone();
    for parameter in required {
        assert!(parameters[parameter].is_object(), "{name}: {parameter}");
    }
    parameters["api_key"] =
        json!({"type": "string", "minLength": 1, "description": "A key of the scope `pos`."});
    let charged = format!(
        "Costs {cost} of the {BUDGET} points that a key has for each command in 30 seconds."
    );
    let description = written["description"]
        .as_str()
        .map(|said| format!("{said} {charged}"));
    let required: Vec<&str> = ["api_key"].iter().chain(required).copied().collect();
    let (mut asked, told) = (written["examples"][0].clone(), &written["examples"][1]);
    asked["api_key"] = "YOUR_API_KEY".into();
    let event = written["event"].as_str().unwrap_or(name);
    let said = json!({
        "name": name,
        "summary": written["summary"],
        "description": description.unwrap_or(charged),
        "payload": {
            "type": "object",
            "properties": {
                "command": {"const": name},
                "parameters": {"type": "object", "properties": parameters, "required": required},
            },
            "required": ["command", "parameters"],
        },
        "examples": [{"payload": {"command": name, "parameters": asked}}],
    });
    let parameters = closed(written["answer"].clone());
    let heard = json!({
        "name": event,
        "summary": format!("The answer to {name}"),
        "payload": envelope("event", &json!({"event": {"const": event}, "parameters": parameters})),
        "examples": [{"payload": {"type": "event", "result": {"event": event, "parameters": told}}}],
    });
    document.message(CHANNEL, &request, said);
    document.message(CHANNEL, &answer, heard);
    let receive = json!({
        "action": "receive",
        "channel": {"$ref": "#/channels/concertpos"},
        "summary": text(&written["summary"]),
        "messages": messages(CHANNEL, &[&request]),
        "reply": {
            "channel": {"$ref": "#/channels/concertpos"},
            "messages": messages(CHANNEL, &[&answer, "concertpos.error"]),
        },
    });
    document.put("/operations", &request, receive);
}

/// What stands around all that we send.
fn envelope(kind: &str, result: &Value) -> Value {
    closed(json!({
        "type": "object",
        "properties": {"type": {"const": kind}, "result": {"type": "object", "properties": result}},
    }))
}

fn broadcasts() -> Value {
    let result = json!({
        "message": {
            "type": "string",
            "description": "`updatepos`: load again what you show. Anything else is a text for people.",
        },
        "parameters": {"type": "object", "maxProperties": 0},
    });
    let example =
        json!({"type": "broadcast", "result": {"message": "updatepos", "parameters": {}}});
    json!({
        "name": "broadcast",
        "summary": "What all sockets of an instance are told",
        "payload": envelope("broadcast", &result),
        "examples": [{"payload": example}],
    })
}

fn errors() -> Value {
    let all = std::iter::successors(Some(PosError::Internal), next);
    let kinds = all.map(|error| {
        let sent: Value = serde_json::from_str(&error.render()).unwrap();
        let (name, code) = (&sent["result"]["error"], &sent["result"]["code"]);
        let name = match &error {
            PosError::Missing(_) | PosError::Invalid(_) => {
                json!({"type": "string", "pattern": format!("^{}_[a-z_]+$", error.kind())})
            }
            _ => json!({"const": name}),
        };
        let code = match &error {
            PosError::RateLimit { .. } => json!({
                "type": "object",
                "properties": {
                    "command": {"enum": COMMANDS.map(|(name, ..)| name)},
                    "retry_after": {"type": "integer", "minimum": 0, "description": "Milliseconds."},
                },
            }),
            _ => json!({"const": code}),
        };
        json!({"properties": {"error": name, "code": code}})
    });
    let kinds: Vec<Value> = kinds.map(closed).collect();
    let payload = json!({
        "type": "object",
        "properties": {"type": {"const": "error"}, "result": {"type": "object", "oneOf": kinds}},
    });
    let example =
        json!({"type": "error", "result": {"error": "missing_parameter_posid", "code": 300}});
    json!({
        "name": "error",
        "summary": "The answer to a command that was refused: nothing was booked",
        "payload": closed(payload),
        "examples": [{"payload": example}],
    })
}

/// The error that is listed after one. It is told here so that the compiler misses a new one.
fn next(error: &PosError) -> Option<PosError> {
    Some(match error {
        PosError::Internal => PosError::InvalidJson,
        PosError::InvalidJson => PosError::InvalidJson5,
        PosError::InvalidJson5 => PosError::UnknownCommand,
        PosError::UnknownCommand => PosError::InvalidInstance,
        PosError::InvalidInstance => PosError::MissingApiKey,
        PosError::MissingApiKey => PosError::NoApiKey,
        PosError::NoApiKey => PosError::ApiKeyMismatch,
        PosError::ApiKeyMismatch => PosError::InvalidPassword,
        PosError::InvalidPassword => PosError::NoLicense,
        PosError::NoLicense => PosError::Missing("posid"),
        PosError::Missing(_) => PosError::Invalid("posid"),
        PosError::Invalid(_) => PosError::UnknownPos,
        PosError::UnknownPos => PosError::PosDisabled,
        PosError::PosDisabled => PosError::UnknownProduct,
        PosError::UnknownProduct => PosError::UnknownPaymentMethod,
        PosError::UnknownPaymentMethod => PosError::RequestIdConflict,
        PosError::RequestIdConflict => PosError::RateLimit {
            command: "listpm",
            retry_after: 0,
        },
        PosError::RateLimit { .. } => PosError::Overloaded,
        PosError::Overloaded => return None,
    })
}
