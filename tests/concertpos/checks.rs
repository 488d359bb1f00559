//! The order of checks: every error that a client can provoke, and which of two comes first.

mod access;
mod goods;
mod parameters;
mod types;

use crate::support::{Server, Store, Till, entry, festival};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One row: path, message, error, code.
type Row = (&'static str, Value, &'static str, u64);

const FESTIVAL: &str = "/festival";

/// A message with the till's key.
fn ask(command: &str, mut parameters: Value) -> Value {
    parameters["api_key"] = json!("YOUR_API_KEY");
    json!({ "command": command, "parameters": parameters })
}

/// The festival with a disabled bar that has a password (5), and a product (99) so dear that many
/// of it are more than any sale may be; and an instance without a key for tills.
async fn store() -> Store {
    let store = Store::sqlite();
    let mut catalogue = festival();
    let disabled = json!({ "id": 5, "name": "Zu", "enabled": false, "password": "geheim" });
    catalogue["points_of_sale"]
        .as_array_mut()
        .unwrap()
        .push(disabled);
    let mut dear = entry(&mut catalogue, "products", 1).clone();
    dear["id"] = json!(99);
    dear["price"] = json!("99999.00");
    catalogue["products"].as_array_mut().unwrap().push(dear);
    store.import_ok(&catalogue).await;
    let key = json!({ "id": 1, "name": "auditor", "key": "keyless-audit", "scopes": ["audit"] });
    let mut keyless = json!({ "instance": festival()["instance"].clone(), "api_keys": [key] });
    keyless["instance"]["slug"] = json!("keyless");
    store.import_ok(&keyless).await;
    store
}

async fn check(rows: Vec<Row>) {
    let store = store().await;
    let server = Server::start(&store).await;
    let before = server.size().await;
    let mut tills: BTreeMap<&str, Till> = BTreeMap::new();
    for (path, message, error, code) in rows {
        if !tills.contains_key(path) {
            tills.insert(path, Till::connect(server.address, path).await.unwrap());
        }
        // A bare text stands for a message that is no JSON.
        let text = message
            .as_str()
            .map_or_else(|| message.to_string(), str::to_owned);
        let answer = tills.get_mut(path).unwrap().exchange(&text).await.unwrap();
        let expected = json!({ "type": "error", "result": { "error": error, "code": code } });
        assert_eq!(answer, expected, "{path} {text}");
    }
    assert_eq!(
        server.size().await,
        before,
        "a refused command was recorded"
    );
}
