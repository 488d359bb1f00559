//! What was said in a test, to be held against the document.

use super::document::{members, read_json, text};
use super::{FILE, judge};
use crate::support::Till;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Everything that was said, in order.
#[derive(Default)]
pub(super) struct Sent(Vec<Value>);

impl Sent {
    pub(super) fn note(&mut self, message: &str, payload: &Value) {
        self.0.push(json!({"message": message, "payload": payload}));
    }

    pub(super) fn record(&mut self, message: &str, headers: &Value, payload: &Value) {
        let record = json!({"message": message, "headers": headers, "payload": payload});
        self.0.push(record);
    }

    /// The messages that there were.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        self.0.iter().map(|sent| text(&sent["message"])).collect()
    }

    /// All of it is as the document says, and every message of these channels was among it.
    pub(super) fn is_as_documented(&self, channels: &[&str]) {
        let document = read_json(FILE);
        let lines: Vec<String> = self.0.iter().map(Value::to_string).collect();
        let (fits, told) = judge("messages", &document, &lines.join("\n"));
        assert!(fits, "{told}");
        let names = self.names();
        for channel in channels {
            for (message, _) in members(&document["channels"][channel]["messages"]) {
                assert!(names.contains(message), "nobody said {message}");
            }
        }
    }
}

/// A socket at the address that the document gives to a channel.
pub(super) async fn socket(address: SocketAddr, channel: &str, query: &str) -> Till {
    let document = read_json(FILE);
    let path = text(&document["channels"][channel]["address"]);
    let path = path.replace("{instance}", "festival");
    Till::connect(address, &format!("{path}{query}"))
        .await
        .unwrap()
}

/// Whatever a message is, if one member is other than it was, it fits no more.
#[test]
fn a_message_that_is_not_as_documented_is_told() {
    let sale = json!({"type": "event", "result": {"event": "payitem", "parameters": {"Items": 0, "Transactions": []}}});
    let message = "concertpos.payitems.answer";
    let mut right = Sent::default();
    right.note(message, &sale);
    let said = |sent: &Sent| judge("messages", &read_json(FILE), &sent.0[0].to_string());
    assert_eq!(said(&right), (true, "\n".to_owned()));
    for (place, wrong) in [
        ("/type", json!("answer")),
        ("/result/event", json!("payitems")),
        ("/result/parameters/Items", json!("0")),
        ("/result/parameters/More", json!(1)),
        ("/result/parameters/Transactions", json!([{}])),
    ] {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let mut changed = sale.clone();
        changed.pointer_mut(parent).unwrap()[name] = wrong;
        let mut sent = Sent::default();
        sent.note(message, &changed);
        assert!(!said(&sent).0, "{place}");
    }
    let mut unknown = Sent::default();
    unknown.note("concertpos.nothing", &sale);
    assert!(!said(&unknown).0);
}
