//! What a till says and hears is as the document says.

use super::sent::{Sent, socket};
use crate::support::{ADMIN_KEY, Server, Store, TILL_KEY, Till};
use serde_json::{Value, json};

/// A till whose every word is noted.
struct Noted {
    till: Till,
    sent: Sent,
}

impl Noted {
    /// Hears what comes; an event answers the command.
    async fn hear(&mut self, command: &str) -> Value {
        let heard: Value = serde_json::from_str(&self.till.hear().await.unwrap()).unwrap();
        let name = match heard["type"].as_str() {
            Some("event") => format!("concertpos.{command}.answer"),
            kind => format!("concertpos.{}", kind.unwrap()),
        };
        self.sent.note(&name, &heard);
        heard
    }

    /// Asks what the document allows, and returns what is said first.
    async fn ask(&mut self, command: &str, mut parameters: Value) -> Value {
        parameters["api_key"] = TILL_KEY.into();
        let said = json!({"command": command, "parameters": parameters});
        self.sent.note(&format!("concertpos.{command}"), &said);
        self.till.send(&said.to_string()).await.unwrap();
        self.hear(command).await
    }

    async fn is_answered(&mut self, command: &str, parameters: Value) {
        let heard = self.ask(command, parameters).await;
        assert_eq!(heard["type"], "event", "{command}: {heard}");
    }

    /// Says anything, which must be refused with an error.
    async fn is_refused(&mut self, text: &str, error: &str) {
        self.till.send(text).await.unwrap();
        assert_eq!(self.hear("").await["result"]["error"], error, "{text}");
    }
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn what_tills_say_and_hear_is_as_documented() {
    let store = Store::festival().await;
    let server = Server::start_with(&store, &[]).await;
    let till = socket(server.address, "concertpos", "").await;
    let sent = Sent::default();
    let mut till = Noted { till, sent };
    let sale = json!({"POSID": 1, "PaymentMethod": "1", "request_id": "a",
        "Products": [{"ID": 2, "Amount": 2, "Price": 4.5}, {"ID": "1", "Amount": 1}, {"ID": 8, "Amount": 0}]});
    for (command, parameters) in [
        ("listpos", json!({})),
        ("listproducts", json!({"POSID": 1})),
        ("listpm", json!({"POSID": 3, "posPassword": "crew-only"})),
        ("getdeposit", json!({})),
        ("getconfig", json!({})),
        ("getlicense", json!({})),
        ("getstatus", json!({})),
        ("version", json!({})),
        ("payitems", sale),
        ("listtransactions", json!({"POSID": 1})),
        ("listtransactions", json!({"POSID": 1, "Limit": 1})),
        ("registerdevice", json!({"UUID": "till-2", "workplace": 3})),
        ("registerdevice", json!({"UUID": "till-3"})),
        (
            "verifyauth",
            json!({"workplace": 3, "password": "crew-only"}),
        ),
        ("verifyauth", json!({"workplace": 3, "password": 1234})),
        ("version", json!({})),
    ] {
        till.is_answered(command, parameters).await;
    }
    let refused = till.ask("version", json!({})).await;
    assert!(
        refused["result"]["code"]["retry_after"].is_u64(),
        "{refused}"
    );
    let products = json!([{"ID": 99, "Amount": 1}]);
    let (pos, ours) = (json!({"POSID": 77}), json!({"POSID": 3}));
    for (command, parameters, error) in [
        ("listproducts", pos, "unknown_pos"),
        ("listproducts", ours, "invalid_password"),
        (
            "payitems",
            json!({"POSID": 1, "PaymentMethod": 1, "Products": products}),
            "unknown_product",
        ),
        (
            "payitems",
            json!({"POSID": 1, "PaymentMethod": 1, "Products": [], "request_id": "a"}),
            "request_id_conflict",
        ),
    ] {
        let heard = till.ask(command, parameters).await;
        assert_eq!(heard["result"]["error"], error, "{heard}");
    }
    for (text, error) in [
        ("{", "invalid_json"),
        ("{}", "missing_parameter_api"),
        (r#"{"parameters":{"api_key":"x"}}"#, "api_key_mismatch"),
        (
            r#"{"parameters":{"api_key":"YOUR_API_KEY"}}"#,
            "missing_parameter_command",
        ),
        (
            r#"{"command":"listpm","parameters":{"api_key":"YOUR_API_KEY"}}"#,
            "missing_parameter_posid",
        ),
        (
            r#"{"command":"listpm","parameters":{"api_key":"YOUR_API_KEY","POSID":"x"}}"#,
            "invalid_parameter_posid",
        ),
    ] {
        till.is_refused(text, error).await;
    }
    let body = json!({"message": "Feierabend"}).to_string();
    let path = "/ledger/festival/messages";
    let told = server.request("POST", path, Some(ADMIN_KEY), &body).await;
    assert_eq!(told.0, 201);
    assert_eq!(till.hear("").await["type"], "broadcast");
    till.sent.is_as_documented(&["concertpos"]);
}
