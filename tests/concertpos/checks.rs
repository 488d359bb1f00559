//! The order of checks: every error that a client can provoke, and which of two comes first.

use crate::support::{Server, Store, Till, entry, festival};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One row: path, message, error, code.
type Row = (&'static str, Value, &'static str, u64);

const FESTIVAL: &str = "/festival";

/// A message with the till's key.
fn ask(command: &str, parameters: Value) -> Value {
    let mut all = json!({ "api_key": "YOUR_API_KEY" });
    all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    json!({ "command": command, "parameters": all })
}

/// The festival with a disabled bar that has a password (5), and a product (99) so dear that many
/// of it are more than any sale may be; and an instance without a key for tills.
async fn store() -> Store {
    let store = Store::sqlite();
    let mut catalogue = festival();
    let disabled = json!({ "id": 5, "name": "Zu", "enabled": false, "password": "geheim" });
    catalogue["points_of_sale"].as_array_mut().unwrap().push(disabled);
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
        let text = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
        let answer = tills.get_mut(path).unwrap().exchange(&text).await.unwrap();
        let expected = json!({ "type": "error", "result": { "error": error, "code": code } });
        assert_eq!(answer, expected, "{path} {text}");
    }
    assert_eq!(server.size().await, before, "a refused command was recorded");
}

#[tokio::test]
async fn checks_1_to_6_message_instance_key_and_command() {
    let nonsense = |key: Value| json!({ "command": "nonsense", "parameters": { "api_key": key } });
    let mut rows: Vec<Row> = Vec::new();
    for text in ["{", "", " ", "[]", "3", "null", "\"x\"", "{\"command\":", "[{}]"] {
        rows.push((FESTIVAL, json!(text), "invalid_json", 100));
        rows.push(("/festival?Content-Type=json5", json!(text), "invalid_json5", 101));
        rows.push(("/nowhere", json!(text), "invalid_json", 100));
    }
    rows.extend([
        ("/nowhere", json!({}), "invalid_instance", 200),
        ("/nowhere", ask("listpos", json!({})), "invalid_instance", 200),
        ("/", json!({}), "invalid_instance", 200),
        (FESTIVAL, json!({}), "missing_parameter_api", 201),
        (FESTIVAL, json!({ "parameters": [] }), "missing_parameter_api", 201),
        (FESTIVAL, json!({ "parameters": "YOUR_API_KEY" }), "missing_parameter_api", 201),
        (FESTIVAL, json!({ "api_key": "YOUR_API_KEY" }), "missing_parameter_api", 201),
        (FESTIVAL, nonsense(json!(null)), "missing_parameter_api", 201),
        (FESTIVAL, nonsense(json!("")), "missing_parameter_api", 201),
        ("/keyless", nonsense(json!("")), "missing_parameter_api", 201),
        ("/keyless", nonsense(json!("wrong")), "no_api_key", 202),
        ("/keyless", nonsense(json!("keyless-audit")), "no_api_key", 202),
        ("/keyless", ask("listpos", json!({})), "no_api_key", 202),
        // Wrong keys, keys for other doors, and things that are no key at all.
        (FESTIVAL, nonsense(json!("wrong")), "api_key_mismatch", 203),
        (FESTIVAL, nonsense(json!("your_api_key")), "api_key_mismatch", 203),
        (FESTIVAL, nonsense(json!("YOUR_API_KEY ")), "api_key_mismatch", 203),
        (FESTIVAL, nonsense(json!("demo-audit-key")), "api_key_mismatch", 203),
        (FESTIVAL, nonsense(json!("demo-display-key")), "api_key_mismatch", 203),
        (FESTIVAL, nonsense(json!("keyless-audit")), "api_key_mismatch", 203),
        (FESTIVAL, nonsense(json!(5)), "api_key_mismatch", 203),
        (FESTIVAL, nonsense(json!(["YOUR_API_KEY"])), "api_key_mismatch", 203),
        (FESTIVAL, json!({ "parameters": { "api_key": "x" } }), "api_key_mismatch", 203),
    ]);
    for command in [json!(null), json!("")] {
        let message = json!({ "command": command, "parameters": { "api_key": "YOUR_API_KEY" } });
        rows.push((FESTIVAL, message, "missing_parameter_command", 300));
    }
    for command in [json!("nonsense"), json!("ListPOS"), json!(5), json!(["listpos"]), json!("listpos ")] {
        let message = json!({ "command": command, "parameters": { "api_key": "YOUR_API_KEY" } });
        rows.push((FESTIVAL, message, "unknown_command", 102));
    }
    check(rows).await;
}

#[tokio::test]
async fn check_8_required_parameters_in_their_order_before_any_wrong_one() {
    let mut rows: Vec<Row> = Vec::new();
    for command in ["listpm", "listproducts", "listtransactions", "payitems"] {
        for posid in [json!(null), json!("")] {
            let message = ask(command, json!({ "POSID": posid, "Limit": 0, "Products": 5 }));
            rows.push((FESTIVAL, message, "missing_parameter_posid", 300));
        }
    }
    rows.extend([
        (FESTIVAL, ask("payitems", json!({ "POSID": "x" })), "missing_parameter_products", 300),
        (FESTIVAL, ask("payitems", json!({ "POSID": 1, "Products": "" })), "missing_parameter_products", 300),
        (FESTIVAL, ask("payitems", json!({ "POSID": "x", "Products": 5 })), "missing_parameter_paymentmethod", 300),
        (FESTIVAL, ask("payitems", json!({ "POSID": 99, "Products": [] })), "missing_parameter_paymentmethod", 300),
        (FESTIVAL, ask("registerdevice", json!({ "workplace": "x" })), "missing_parameter_uuid", 300),
        (FESTIVAL, ask("registerdevice", json!({ "UUID": "" })), "missing_parameter_uuid", 300),
        (FESTIVAL, ask("verifyauth", json!({})), "missing_parameter_password", 300),
        (FESTIVAL, ask("verifyauth", json!({ "workplace": 1 })), "missing_parameter_password", 300),
        (FESTIVAL, ask("verifyauth", json!({ "password": true })), "missing_parameter_workplace", 300),
    ]);
    check(rows).await;
}

#[tokio::test]
async fn check_9_wrong_types_and_ranges_before_the_point_of_sale_is_looked_for() {
    let pay = |posid: Value, products: Value, method: Value| {
        ask("payitems", json!({ "POSID": posid, "Products": products, "PaymentMethod": method }))
    };
    let mut rows: Vec<Row> = Vec::new();
    for wrong in [json!("x"), json!(true), json!([]), json!({}), json!(1.5), json!("1.5"), json!(1e300)] {
        for command in ["listpm", "listproducts", "listtransactions"] {
            rows.push((FESTIVAL, ask(command, json!({ "POSID": wrong })), "invalid_parameter_posid", 301));
        }
        rows.push((FESTIVAL, pay(wrong.clone(), json!([]), json!(1)), "invalid_parameter_posid", 301));
        rows.push((FESTIVAL, pay(json!(99), json!([]), wrong.clone()), "invalid_parameter_paymentmethod", 301));
        let message = ask("registerdevice", json!({ "UUID": "u", "workplace": wrong }));
        rows.push((FESTIVAL, message, "invalid_parameter_workplace", 301));
        let message = ask("verifyauth", json!({ "password": "p", "workplace": wrong }));
        rows.push((FESTIVAL, message, "invalid_parameter_workplace", 301));
        let message = ask("listtransactions", json!({ "POSID": 99, "Limit": wrong }));
        rows.push((FESTIVAL, message, "invalid_parameter_limit", 301));
    }
    for limit in [json!(0), json!(-1), json!("0")] {
        let message = ask("listtransactions", json!({ "POSID": 3, "Limit": limit }));
        rows.push((FESTIVAL, message, "invalid_parameter_limit", 301));
    }
    for products in [json!({}), json!(5), json!("x"), json!(true), json!([5]), json!([[1, 2]]), json!([null]),
        json!([{ "ID": 1, "Amount": 1.5 }]), json!([{ "ID": 1, "Amount": "x" }]), json!([{ "ID": 1, "Amount": [] }]),
        json!([{ "ID": 1, "Amount": 10_001 }]), json!([{ "Amount": 1 }]), json!([{ "ID": "x", "Amount": 1 }]),
        Value::Array(vec![json!({}); 1001])]
    {
        rows.push((FESTIVAL, pay(json!(99), products, json!(1)), "invalid_parameter_products", 301));
    }
    for uuid in [json!(5), json!(true), json!([]), json!("ü".repeat(65))] {
        rows.push((FESTIVAL, ask("registerdevice", json!({ "UUID": uuid })), "invalid_parameter_uuid", 301));
    }
    for password in [json!(true), json!([]), json!({})] {
        let message = ask("verifyauth", json!({ "password": password, "workplace": 99 }));
        rows.push((FESTIVAL, message, "invalid_parameter_password", 301));
    }
    for id in [json!(5), json!(true), json!([]), json!("x".repeat(129))] {
        let message = json!({ "POSID": 99, "Products": [], "PaymentMethod": 1, "request_id": id });
        rows.push((FESTIVAL, ask("payitems", message), "invalid_parameter_request_id", 301));
    }
    check(rows).await;
}

#[tokio::test]
async fn checks_10_to_12_point_of_sale_password_and_goods() {
    let pay = |posid: Value, product: u64, method: u64, password: Value| {
        let products = json!([{ "ID": product, "Amount": 1 }]);
        ask("payitems", json!({ "POSID": posid, "Products": products, "PaymentMethod": method, "posPassword": password }))
    };
    let mut rows: Vec<Row> = Vec::new();
    for posid in [json!(99), json!("99"), json!(0), json!(-1), json!(1_000_000_000_000u64)] {
        for command in ["listpm", "listproducts", "listtransactions"] {
            let message = ask(command, json!({ "POSID": posid, "posPassword": "wrong" }));
            rows.push((FESTIVAL, message, "unknown_pos", 400));
        }
        rows.push((FESTIVAL, pay(posid, 3, 99, json!("wrong")), "unknown_pos", 400));
    }
    for password in [json!(null), json!("wrong"), json!(5), json!(true), json!("geheim")] {
        for command in ["listpm", "listproducts", "listtransactions"] {
            let message = ask(command, json!({ "POSID": 3, "posPassword": password }));
            rows.push((FESTIVAL, message, "invalid_password", 204));
        }
        rows.push((FESTIVAL, pay(json!(3), 9999, 99, password.clone()), "invalid_password", 204));
        // Closed comes before locked.
        rows.push((FESTIVAL, pay(json!(5), 9999, 99, password), "pos_disabled", 401));
    }
    rows.extend([
        (FESTIVAL, pay(json!(4), 9999, 99, json!(null)), "pos_disabled", 401),
        (FESTIVAL, pay(json!(1), 9999, 99, json!(null)), "unknown_product", 402),
        (FESTIVAL, pay(json!(1), 3, 1, json!(null)), "unknown_product", 402),
        (FESTIVAL, pay(json!(1), 1_000_000_000_000, 1, json!(null)), "unknown_product", 402),
        (FESTIVAL, pay(json!(1), 1, 99, json!(null)), "unknown_payment_method", 403),
        (FESTIVAL, pay(json!(1), 1, 3, json!(null)), "unknown_payment_method", 403),
        (FESTIVAL, pay(json!(1), 1, 1_000_000_000_000, json!(null)), "unknown_payment_method", 403),
    ]);
    // One bad line books no line; a line beyond any amount is as bad.
    let products = json!([{ "ID": 1, "Amount": 1 }, { "ID": 3, "Amount": 1 }]);
    let mixed = json!({ "POSID": 1, "PaymentMethod": 1, "Products": products });
    rows.push((FESTIVAL, ask("payitems", mixed), "unknown_product", 402));
    let products = json!([{ "ID": 1, "Amount": 1 }, { "ID": 99, "Amount": 10_000 }]);
    let dear = json!({ "POSID": 1, "PaymentMethod": 1, "Products": products });
    rows.push((FESTIVAL, ask("payitems", dear), "invalid_parameter_products", 301));
    check(rows).await;
}
