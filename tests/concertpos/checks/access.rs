//! Checks 1 to 6: the message, the instance, the key and the command.

use super::{FESTIVAL, Row, ask, check};
use serde_json::{Value, json};

/// An unknown command with this key.
fn nonsense(key: &Value) -> Value {
    json!({ "command": "nonsense", "parameters": { "api_key": key } })
}

#[tokio::test]
async fn checks_1_and_2_the_message_and_the_instance() {
    let mut rows: Vec<Row> = Vec::new();
    for text in [
        "{",
        "",
        " ",
        "[]",
        "3",
        "null",
        "\"x\"",
        "{\"command\":",
        "[{}]",
    ] {
        rows.push((FESTIVAL, json!(text), "invalid_json", 100));
        rows.push((
            "/festival?Content-Type=json5",
            json!(text),
            "invalid_json5",
            101,
        ));
        rows.push(("/nowhere", json!(text), "invalid_json", 100));
    }
    for path in ["/nowhere", "/", "/?instance="] {
        rows.push((path, json!({}), "invalid_instance", 200));
        rows.push((path, ask("listpos", json!({})), "invalid_instance", 200));
    }
    check(rows).await;
}

#[tokio::test]
async fn checks_3_and_4_a_key_and_whether_there_is_any() {
    let mut rows: Vec<Row> = Vec::new();
    for message in [
        json!({}),
        json!({ "parameters": [] }),
        json!({ "parameters": "YOUR_API_KEY" }),
        json!({ "api_key": "YOUR_API_KEY" }),
        nonsense(&json!(null)),
        nonsense(&json!("")),
    ] {
        rows.push((FESTIVAL, message.clone(), "missing_parameter_api", 201));
        rows.push(("/keyless", message, "missing_parameter_api", 201));
    }
    for key in ["wrong", "keyless-audit", "YOUR_API_KEY"] {
        rows.push(("/keyless", nonsense(&json!(key)), "no_api_key", 202));
    }
    rows.push(("/keyless", ask("listpos", json!({})), "no_api_key", 202));
    check(rows).await;
}

/// Wrong keys, keys for other doors and other instances, and things that are no key at all.
#[tokio::test]
async fn checks_5_and_6_the_right_key_and_a_command() {
    let mut rows: Vec<Row> = Vec::new();
    for key in [
        json!("wrong"),
        json!("your_api_key"),
        json!("YOUR_API_KEY "),
        json!("demo-audit-key"),
        json!("demo-display-key"),
        json!("keyless-audit"),
        json!(5),
        json!(true),
        json!(["YOUR_API_KEY"]),
    ] {
        let without = json!({ "parameters": { "api_key": key } });
        rows.push((FESTIVAL, nonsense(&key), "api_key_mismatch", 203));
        rows.push((FESTIVAL, without, "api_key_mismatch", 203));
    }
    let parameters = json!({ "api_key": "YOUR_API_KEY" });
    for command in [json!(null), json!("")] {
        let message = json!({ "command": command, "parameters": parameters });
        rows.push((FESTIVAL, message, "missing_parameter_command", 300));
    }
    for command in [
        json!("nonsense"),
        json!("ListPOS"),
        json!("listpos "),
        json!(5),
        json!([]),
    ] {
        let message = json!({ "command": command, "parameters": parameters });
        rows.push((FESTIVAL, message, "unknown_command", 102));
    }
    check(rows).await;
}
