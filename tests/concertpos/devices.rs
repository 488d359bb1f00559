//! Devices that report themselves.

use crate::support::{Server, Store};
use serde_json::json;

const UUID: &str = "13e12ff5-c853-4049-acbc-b1307c00691d";

#[tokio::test]
async fn a_device_is_registered_and_refreshed() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let before = server.size().await;
    let first = till
        .event("registerdevice", json!({ "UUID": UUID, "workplace": 3 }))
        .await;
    let members: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(members, ["LastPing", "UUID", "Workplace"]);
    assert_eq!(
        (&first["UUID"], &first["Workplace"]),
        (&json!(UUID), &json!(3))
    );
    let ping = first["LastPing"].as_str().unwrap();
    assert!(
        ping.len() == 24 && ping.strip_suffix(".000Z").is_some(),
        "{ping}"
    );

    let again = till.event("registerdevice", json!({ "UUID": UUID })).await;
    assert!(again["LastPing"].as_str().unwrap() >= ping);
    assert_eq!(
        again["Workplace"], 3,
        "a ping without a workplace leaves the device where it is"
    );
    let moved = till
        .event("registerdevice", json!({ "UUID": UUID, "workplace": "1" }))
        .await;
    assert_eq!(moved["Workplace"], 1);
    let types: Vec<_> = server
        .events()
        .await
        .into_iter()
        .skip(usize::try_from(before).unwrap())
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(types, ["access.device_registered"; 3]);
}

#[tokio::test]
async fn a_workplace_that_names_nothing_is_ignored() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    for workplace in [
        json!(99),
        json!(-1),
        json!(1_000_000_000_000u64),
        json!(null),
        json!(""),
    ] {
        let device = till
            .event(
                "registerdevice",
                json!({ "UUID": "x", "workplace": workplace }),
            )
            .await;
        assert_eq!(device["Workplace"], json!(null), "{workplace}");
    }
    // Any text of 1 to 64 characters is an id.
    let longest = "ü".repeat(64);
    let device = till
        .event("registerdevice", json!({ "UUID": longest }))
        .await;
    assert_eq!(device["UUID"], longest);
}
