//! The largest sale: more than one event line holds.

use crate::support::{Server, Store, entry, festival};
use serde_json::{Value, json};

/// The line's own limit.
const MAX_LINE: usize = 65_535;

fn thousand() -> Value {
    let lines = (0..1000u64).map(|n| json!({ "ID": 2, "Amount": 1 + n % 7 }));
    json!({ "POSID": 1, "PaymentMethod": 1, "Products": lines.collect::<Vec<_>>(), "request_id": "large" })
}

/// A thousand beers with deposits become several events: one command, appended together, each a
/// part of the whole; the totals stand on the last.
#[tokio::test]
async fn a_thousand_lines_are_one_command_in_several_events() {
    let store = Store::sqlite();
    let mut catalogue = festival();
    // The longest names there are, full of characters that must be escaped.
    entry(&mut catalogue, "products", 2)["name"] = json!("\"\\".repeat(100));
    entry(&mut catalogue, "products", 15)["name"] = json!("ü".repeat(200));
    store.import_ok(&catalogue).await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let before = usize::try_from(server.size().await).unwrap();
    let paid = till.event("payitems", thousand()).await;
    assert_eq!(paid["Items"], 1000);
    let rows = paid["Transactions"].as_array().unwrap();
    assert_eq!(rows.len(), 2000);

    let lines = server.lines().await;
    let lines = &lines[before..];
    assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= MAX_LINE));
    let events: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut recorded = Vec::new();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["type"], "sale.recorded");
        assert_eq!(event["seq"], before + number);
        assert_eq!(
            (&event["cmd"], &event["at"]),
            (&events[0]["cmd"], &events[0]["at"])
        );
        assert_eq!(event["data"]["part"], number + 1);
        assert_eq!(event["data"]["parts"], events.len());
        let last = number + 1 == events.len();
        assert_eq!(
            event["data"]
                .get("totals")
                .is_some_and(|totals| !totals.is_null()),
            last
        );
        recorded.extend(event["data"]["tx"].as_array().unwrap().clone());
    }
    assert_eq!(
        &recorded, rows,
        "the events hold the rows that were answered"
    );

    // Asked again, also after a restart, it is the same sale.
    assert_eq!(till.event("payitems", thousand()).await, paid);
    assert_eq!(server.stop().await, 0);
    let server = Server::start(&store).await;
    assert_eq!(
        server.till().await.event("payitems", thousand()).await,
        paid
    );
    assert_eq!(server.lines().await.len(), before + lines.len());
    store.run_ok(&["verify"]).await;
}
