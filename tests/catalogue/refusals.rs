//! Files that are refused are refused as a whole, with the place of the mistake.

use crate::support::{FESTIVAL, Server, Store, entry, festival};
use serde_json::{Value, json};

/// Importing is refused with a message that holds all the words, and writes nothing.
async fn refused(store: &Store, venue: &Value, words: &[&str]) {
    let (code, said) = store.import(venue).await;
    assert_eq!(code, 1, "{said}");
    assert_eq!(said["exit"], 1);
    let message = said["error"].as_str().unwrap();
    assert!(message.contains("nothing was imported"), "{message}");
    for word in words {
        assert!(message.contains(word), "{message}\nlacks {word}");
    }
}

#[tokio::test]
async fn one_mistake_and_nothing_is_imported() {
    let store = Store::festival().await;
    let mut venue = festival();
    entry(&mut venue, "products", 1)["price"] = json!("19.00");
    venue["products"][11]["price"] = json!("12,50");
    venue["points_of_sale"][1]["enabled"] = json!("yes");
    refused(
        &store,
        &venue,
        &[
            "venue.json",
            "products[11].price",
            "points_of_sale[1].enabled",
        ],
    )
    .await;
    // A dangling reference and a good change: neither counts.
    venue = festival();
    entry(&mut venue, "products", 1)["price"] = json!("19.00");
    entry(&mut venue, "products", 2)["points_of_sale"] = json!([1, 77]);
    refused(&store, &venue, &["products[1].points_of_sale", "77"]).await;
    assert_eq!(
        store.import_ok(&festival()).await,
        0,
        "something was written"
    );
}

#[tokio::test]
async fn a_file_that_is_none_says_where() {
    let store = Store::festival().await;
    for (name, text, word) in [
        ("venue.json", "{\n  \"instance\": oops\n}", "line 2"),
        ("venue.toml", "[instance]\nslug = festival\n", "line 2"),
        ("venue.json", "[]", "the document"),
        ("venue.yaml", "instance: festival", ".json or .toml"),
    ] {
        let (_dir, path) = Store::file(name, text);
        let (code, _, stderr) = store.run(&["import", path.to_str().unwrap()]).await;
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(word), "{stderr}");
    }
    let (code, _, stderr) = store.run(&["import", "/nowhere/venue.json"]).await;
    assert_eq!(code, 3);
    assert!(stderr.contains("/nowhere/venue.json"), "{stderr}");
}

#[tokio::test]
async fn the_currency_never_changes() {
    let store = Store::festival().await;
    let mut venue = festival();
    venue["instance"]["currency"] = json!("CHF");
    refused(&store, &venue, &["instance.currency", "EUR", "CHF"]).await;
}

/// A file without a section may refer to what the ledger has of it, and only to that.
#[tokio::test]
async fn references_into_sections_that_only_the_ledger_has() {
    let store = Store::festival().await;
    let method = |pos: Value| {
        json!({ "instance": festival()["instance"], "payment_methods": [
            { "id": 1, "name": "Bar", "kind": "cash", "color": "btn-success", "points_of_sale": pos }] })
    };
    let words = [
        "payment method 1",
        "point of sale 77",
        "neither the file nor the ledger",
    ];
    refused(&store, &method(json!([1, 77])), &words).await;
    // Method 1 changes, 2 and 3 are withdrawn.
    assert_eq!(store.import_ok(&method(json!([1, 2]))).await, 3);
    // What others in the ledger still refer to cannot be withdrawn by a file that leaves them out.
    let mut fewer = json!({ "instance": festival()["instance"], "points_of_sale": festival()["points_of_sale"] });
    fewer["points_of_sale"].as_array_mut().unwrap().remove(1);
    refused(&store, &fewer, &["product 3", "point of sale 2"]).await;
}

#[tokio::test]
async fn a_revoked_key_is_not_brought_back_by_its_file() {
    let store = Store::festival().await;
    store.run_ok(&["key", "revoke", "1"]).await;
    assert_eq!(store.import_ok(&festival()).await, 0);
    let said: Value =
        serde_json::from_str(&store.run_ok(&["--json", "key", "list"]).await).unwrap();
    assert_eq!(said["keys"][0]["revoked"], true);
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    assert_eq!(till.error("listpos", json!({})).await.0, "api_key_mismatch");
    // Its id is used up; the same secret under a new id is a new key.
    let mut venue = festival();
    entry(&mut venue, "api_keys", 1)["key"] = json!("ANOTHER_API_KEY");
    refused(&store, &venue, &["api_keys", "key 1 was revoked", "new id"]).await;
}

/// An opened session and a secret in force cannot be redefined.
#[tokio::test]
async fn what_happened_is_not_redefined() {
    let store = Store::festival().await;
    let mut venue = festival();
    venue["sessions"][0]["cash_before"] = json!("151.00");
    refused(&store, &venue, &["sessions", "session 1"]).await;
    let mut venue = festival();
    let mut again = entry(&mut venue, "api_keys", 1).clone();
    again["id"] = json!(9);
    venue["api_keys"] = json!([again]);
    refused(&store, &venue, &["key 9 is in force already, as key 1"]).await;
    let text = store.run_ok(&["import", FESTIVAL]).await;
    assert!(text.contains("up to date"));
}
