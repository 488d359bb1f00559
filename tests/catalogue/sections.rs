//! Each change of a file becomes exactly the events that say it.

use super::{RESTAURANT, import_file};
use crate::support::{FESTIVAL, Server, Store, entry, festival};
use serde_json::{Value, json};

/// What changes, and the events that it leads to.
type Change = (fn(&mut Value), &'static [&'static str]);

const CHANGES: [Change; 42] = [
    (
        |v| v["instance"]["name"] = json!("Herbstfest"),
        &["instance.described"],
    ),
    (
        |v| v["settings"]["ticket_limit"] = json!("5"),
        &["instance.setting_set"],
    ),
    (
        |v| v["settings"] = json!({ "ticket_limit": "5" }),
        &["instance.setting_cleared", "instance.setting_cleared"],
    ),
    (
        |v| v["license"]["active"] = json!(false),
        &["instance.licensed"],
    ),
    (
        |v| v["license"] = json!(null),
        &["instance.license_withdrawn"],
    ),
    (
        |v| v["points_of_sale"][0]["name"] = json!("Bar"),
        &["catalogue.point_of_sale_defined"],
    ),
    (
        |v| entry(v, "points_of_sale", 1)["password"] = json!("neu"),
        &["catalogue.point_of_sale_defined"],
    ),
    (
        |v| remove(v, "points_of_sale", 4),
        &["catalogue.point_of_sale_withdrawn"],
    ),
    (
        |v| entry(v, "payment_methods", 1)["color"] = json!("btn-dark"),
        &["catalogue.payment_method_defined"],
    ),
    (
        |v| remove(v, "payment_methods", 3),
        &["catalogue.payment_method_withdrawn"],
    ),
    (
        |v| v["deposit"]["price"] = json!("2.00"),
        &["instance.deposit_set"],
    ),
    (
        |v| v["deposit"] = json!(null),
        &["instance.deposit_cleared"],
    ),
    (
        |v| entry(v, "products", 1)["price"] = json!("18.50"),
        &["catalogue.product_defined"],
    ),
    (|v| entry(v, "products", 1)["price"] = json!("18.5"), &[]),
    (
        |v| entry(v, "products", 2)["points_of_sale"] = json!([3, 1]),
        &[],
    ),
    (
        |v| remove(v, "products", 10),
        &["catalogue.product_withdrawn"],
    ),
    (
        |v| v["quotas"][0]["size"] = json!(3),
        &["catalogue.quota_defined"],
    ),
    (|v| v["quotas"] = json!([]), &["catalogue.quota_withdrawn"]),
    (
        |v| v["time_constraints"][0]["name"] = json!("Zu spät"),
        &["catalogue.time_constraint_defined"],
    ),
    (
        |v| v["time_constraints"] = json!([]),
        &["catalogue.time_constraint_withdrawn"],
    ),
    (
        |v| v["warning_constraints"][0]["message"] = json!("Ab 18!"),
        &["catalogue.warning_constraint_defined"],
    ),
    (
        |v| v["warning_constraints"] = json!([]),
        &["catalogue.warning_constraint_withdrawn"],
    ),
    (
        |v| v["list_constraints"][0]["name"] = json!("Mitglieder"),
        &["catalogue.list_constraint_defined"],
    ),
    (
        |v| v["list_constraints"][0]["entries"][0]["name"] = json!("Rainer"),
        &["catalogue.list_entry_defined"],
    ),
    // Entries only come: leaving one out is no news.
    (|v| pop(&mut v["list_constraints"][0]["entries"]), &[]),
    (
        |v| remove(v, "list_constraints", 3),
        &["catalogue.list_constraint_withdrawn"],
    ),
    (
        |v| v["preorders"][0]["warning_text"] = json!("Achtung"),
        &["preorder.placed"],
    ),
    (|v| pop(&mut v["preorders"]), &[]),
    (
        |v| entry(v, "users", 1)["name"] = json!("Kim K."),
        &["access.user_defined"],
    ),
    (|v| remove(v, "users", 3), &["access.user_withdrawn"]),
    (
        |v| v["cashdesks"][0]["name"] = json!("Kasse Nord"),
        &["catalogue.cash_desk_defined"],
    ),
    (
        |v| v["printers"][0]["uri"] = json!("bg.dt.x.isl.tcp://127.0.0.1:5000"),
        &["catalogue.printer_defined"],
    ),
    (
        |v| {
            v["printers"][0]["receipts"] = json!("needed");
            v["printers"][0]["categories"] = json!(["grill", "bar"]);
        },
        &["catalogue.printer_defined"],
    ),
    // In another order, or what is so by itself, is no news.
    (
        |v| {
            v["printers"][0]["categories"] = json!(["bar", "grill", "bar"]);
            v["printers"][0]["copies"] = json!(0);
            v["printers"][0]["header"] = json!([]);
        },
        &[],
    ),
    (
        |v| v["points_of_sale"][1]["printer"] = json!("FP_Room1"),
        &["catalogue.point_of_sale_defined"],
    ),
    (
        |v| entry(v, "products", 1)["category"] = json!("bar"),
        &["catalogue.product_defined"],
    ),
    (
        |v| {
            v["cashdesks"][0]["printer"] = json!(null);
            v["points_of_sale"][1]["printer"] = json!(null);
            v["printers"] = json!([]);
        },
        &[
            "catalogue.point_of_sale_defined",
            "catalogue.printer_withdrawn",
            "catalogue.cash_desk_defined",
        ],
    ),
    (
        |v| {
            let session = json!({ "id": 3, "cashdesk": 1, "user": 1, "token": "another-token-123456", "cash_before": "0.00" });
            v["sessions"].as_array_mut().unwrap().push(session);
        },
        &["session.opened"],
    ),
    (|v| pop(&mut v["sessions"]), &[]),
    (
        |v| entry(v, "api_keys", 1)["name"] = json!("tablet"),
        &["access.key_issued"],
    ),
    (
        |v| entry(v, "api_keys", 1)["key"] = json!("A_NEW_SECRET_KEY"),
        &["access.key_issued"],
    ),
    // A section that is absent is left as it is; an absent key stays in force.
    (
        |v| {
            v.as_object_mut().unwrap().remove("products");
            v["api_keys"] = json!([]);
        },
        &[],
    ),
];

/// Removes the last entry.
fn pop(entries: &mut Value) {
    entries.as_array_mut().unwrap().pop();
}

fn remove(venue: &mut Value, section: &str, id: u64) {
    venue[section]
        .as_array_mut()
        .unwrap()
        .retain(|entry| entry["id"] != id);
}

#[tokio::test]
async fn each_change_is_exactly_its_events() {
    let store = Store::festival().await;
    let mut venue = festival();
    let mut expected = Vec::new();
    for (number, (change, events)) in CHANGES.iter().enumerate() {
        change(&mut venue);
        let written = store.import_ok(&venue).await;
        assert_eq!(written, events.len() as u64, "change {number}: {events:?}");
        assert_eq!(store.import_ok(&venue).await, 0, "change {number} again");
        expected.extend(events.iter().copied());
    }
    // The auditor's key is in force though the file names no keys any more.
    let server = Server::start(&store).await;
    let events = server.events().await;
    let types: Vec<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(types[types.len() - expected.len()..], expected);
    assert!(
        events.iter().all(|event| event["by"] == "operator"),
        "{}",
        events[0]["by"]
    );
    store.run_ok(&["verify"]).await;
}

/// One import is one command: its events share an id and a time, and event 0 describes the venue.
#[tokio::test]
async fn importing_twice_writes_nothing_the_second_time() {
    let store = Store::sqlite();
    let first = import_file(&store, FESTIVAL).await;
    assert!(first > 40);
    assert_eq!(import_file(&store, FESTIVAL).await, 0);
    let text = store.run_ok(&["import", FESTIVAL]).await;
    assert!(text.contains("festival is up to date"), "{text}");
    let server = Server::start(&store).await;
    let events = server.events().await;
    assert_eq!(events.len() as u64, first);
    assert_eq!(events[0]["type"], "instance.described");
    assert!(
        events
            .iter()
            .all(|event| event["cmd"] == events[0]["cmd"] && event["at"] == events[0]["at"])
    );
}

/// The restaurant stands beside the festival, with a log, keys and numbers of its own.
#[tokio::test]
async fn two_venues_stand_side_by_side() {
    let store = Store::festival().await;
    assert!(import_file(&store, RESTAURANT).await > 10);
    assert_eq!(import_file(&store, RESTAURANT).await, 0);
    assert_eq!(import_file(&store, FESTIVAL).await, 0);
    let server = Server::start(&store).await;
    let mut guest = crate::support::Till::connect(server.address, "/restaurant")
        .await
        .unwrap();
    let key = "restaurant-admin-key";
    let sale = json!({ "api_key": key, "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1_000_041, "Amount": 2 }] });
    assert_eq!(
        guest.event("payitems", sale).await["Transactions"][0]["AmountMoney"],
        300
    );
    let nothing = guest.error("getlicense", json!({ "api_key": key })).await;
    assert_eq!(nothing, ("getlicense".to_owned(), json!(205)));
    let mut till = server.till().await;
    assert_eq!(
        till.event("listtransactions", json!({ "POSID": 1 })).await["Count"],
        0
    );
    assert_eq!(
        guest.error("listpos", json!({})).await.0,
        "api_key_mismatch"
    );
    // Where there are two, a command must say which one it means.
    let (code, _, stderr) = store.run(&["key", "list"]).await;
    assert_eq!(code, 2);
    assert!(
        stderr.contains("--instance") && stderr.contains("festival, restaurant"),
        "{stderr}"
    );
    store.run_ok(&["verify"]).await;
}

#[tokio::test]
async fn toml_says_the_same_as_json() {
    let store = Store::festival().await;
    let mut venue = festival();
    strip_nulls(&mut venue);
    let text = toml::to_string(&venue).unwrap();
    let (_dir, path) = Store::file("venue.toml", &text);
    assert_eq!(
        import_file(&store, path.to_str().unwrap()).await,
        0,
        "TOML differs from JSON"
    );
    // And the other way round.
    let store = Store::sqlite();
    assert!(import_file(&store, path.to_str().unwrap()).await > 40);
    assert_eq!(import_file(&store, FESTIVAL).await, 0);
}

/// TOML has no null; what is absent is the same here.
fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(strip_nulls);
        }
        Value::Array(entries) => entries.iter_mut().for_each(strip_nulls),
        _ => {}
    }
}
