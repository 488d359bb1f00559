//! The sections that only restaurants have.

use super::{RESTAURANT, import_file};
use crate::support::{Server, Store, entry};
use serde_json::{Value, json};

#[tokio::test]
async fn waiters_and_tables_come_change_and_go() {
    let store = Store::sqlite();
    import_file(&store, RESTAURANT).await;
    let mut venue: Value =
        serde_json::from_str(&std::fs::read_to_string(RESTAURANT).unwrap()).unwrap();
    let mut expected = Vec::new();
    entry(&mut venue, "waiters", 9002)["name"] = json!("Анна П.");
    assert_eq!(store.import_ok(&venue).await, 1);
    expected.push("catalogue.waiter_defined");
    entry(&mut venue, "tables", 1_000_029)["max_guests"] = json!(5);
    assert_eq!(store.import_ok(&venue).await, 1);
    expected.push("catalogue.table_defined");
    venue["tables"] = json!([]);
    assert_eq!(store.import_ok(&venue).await, 3);
    expected.extend(["catalogue.table_withdrawn"; 3]);
    venue["waiters"] = json!([]);
    assert_eq!(store.import_ok(&venue).await, 2);
    expected.extend(["catalogue.waiter_withdrawn"; 2]);
    let server = Server::start(&store).await;
    let path = "/ledger/restaurant/events";
    let (_, body) = server.get(path, Some("restaurant-admin-key")).await;
    let types: Vec<Value> = body
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].clone())
        .collect();
    assert_eq!(types[types.len() - expected.len()..], expected);
}
