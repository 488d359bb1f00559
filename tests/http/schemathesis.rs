//! The document of `/openapi.json`, judged by code that is not ours: random requests, all checks.

use crate::support::{Server, Store, rounds};
use daybook::simulator::Simulator;
use daybook_printers::simulator::paper::Simulated;
use daybook_printers::uri::Driver;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::TcpListener;
use tokio::process::Command;

/// Cases per operation and phase: in `make test`, and for each round of `make faults`.
const SHORT: usize = 25;
const LONG: usize = 8;

/// Runs the judge against a server with a venue.
async fn judge(server: &Server, venue: &str) {
    let examples = match rounds(0) {
        0 => SHORT,
        rounds => rounds * LONG,
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi");
    let output = Command::new(script)
        .arg(format!("http://{}", server.address))
        .arg(examples.to_string())
        .arg(venue)
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    println!("{said}");
}

/// The keys opened what they should: had they not, every answer would be a fitting refusal.
fn assert_recorded(events: &[Value], expected: &[&str]) {
    let types: BTreeSet<&str> = events
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    for expected in expected {
        assert!(
            types.contains(expected),
            "{expected} is not among {types:?}"
        );
    }
}

#[tokio::test]
async fn random_requests_are_answered_as_the_document_says() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    judge(&server, "festival").await;
    let expected = [
        "sale.recorded",
        "sale.reversed",
        "cash.drawer_opened",
        "receipt.copy_requested",
        "ping.sent",
        "ping.synced",
        "supply.requested",
        "instance.message_sent",
    ];
    assert_recorded(&server.events().await, &expected);
}

/// On a simulated device, whose paper never ends.
#[tokio::test]
async fn random_requests_to_printers_are_answered_as_the_document_says() {
    let store = Store::festival().await;
    let (mut device, _) = Simulator::new(Simulated::new(Driver::DatecsP));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = device.serve_tcp(listener).unwrap();
    let text = format!("[printers.FP_Room1]\nuri = \"bg.dt.p.isl.tcp://{address}\"\n");
    let (_dir, settings) = Store::file("daybook.toml", &text);
    let flags = ["--config", settings.to_str().unwrap()];
    let server = Server::start_with(&store, &flags).await;
    judge(&server, "printers").await;
    let expected = ["print.requested", "print.started", "print.printed"];
    assert_recorded(&server.events().await, &expected);
    assert!(!device.documents().is_empty());
}

#[tokio::test]
async fn random_requests_at_tables_are_answered_as_the_document_says() {
    let store = Store::sqlite();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/restaurant.json"
    );
    store.run_ok(&["import", path]).await;
    let server = Server::start(&store).await;
    judge(&server, "restaurant").await;
    let path = "/ledger/restaurant/events?limit=10000";
    let (status, body) = server.get(path, Some("restaurant-admin-key")).await;
    assert_eq!(status, 200, "{body}");
    let events = body.lines().map(|line| serde_json::from_str(line).unwrap());
    let events: Vec<_> = events.collect();
    let expected = [
        "waiter.called",
        "order.extended",
        "payment.received",
        "sale.recorded",
    ];
    assert_recorded(&events, &expected);
}
