//! The document of `/openapi.json`, judged by code that is not ours: random requests, all checks.

use crate::support::{Server, Store, rounds};
use std::collections::BTreeSet;
use tokio::process::Command;

/// Cases per operation and phase: in `make test`, and for each round of `make faults`.
const SHORT: usize = 25;
const LONG: usize = 8;

#[tokio::test]
async fn random_requests_are_answered_as_the_document_says() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let examples = match rounds(0) {
        0 => SHORT,
        rounds => rounds * LONG,
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi");
    let output = Command::new(script)
        .arg(format!("http://{}", server.address))
        .arg(examples.to_string())
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    println!("{said}");
    // The keys opened what they should: had they not, every answer would be a fitting refusal.
    let events = server.events().await;
    let types: BTreeSet<&str> = events
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    for expected in [
        "sale.recorded",
        "sale.reversed",
        "cash.drawer_opened",
        "receipt.copy_requested",
        "ping.sent",
        "ping.synced",
        "supply.requested",
        "instance.message_sent",
    ] {
        assert!(
            types.contains(expected),
            "{expected} is not among {types:?}"
        );
    }
}
