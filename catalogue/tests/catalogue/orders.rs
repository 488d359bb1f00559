//! Orders of a ticket shop: an export as pretix writes it, and every reason to refuse one.

use crate::refusals::rows;
use crate::set;
use daybook_catalogue::limits::{MAX_PREORDERS, MAX_PROBLEMS};
use daybook_catalogue::{CatalogueError, ItemMap, Orders, Skipped, read_orders};
use daybook_schema::id::ProductId;
use daybook_schema::money::{Currency, Money};
use serde_json::{Value, json};

pub(crate) const EXPORT: &str = include_str!("../pretix.json");
pub(crate) const MAPPED: [&str; 4] = ["101=3", "101/7=5", "102=skip", "103=6"];

/// What must not leave an export: tickets and people.
const PRIVATE: [&str; 8] = [
    "a7k2w9paid",
    "b3m8x1paid",
    "c9d4pending",
    "d1e5expired",
    "e2f6canceled",
    "g4h8noted",
    "Ada",
    "example.org",
];

fn map(entries: &[&str]) -> ItemMap {
    ItemMap::parse(entries.iter().copied()).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads, and looks for private things in what is said about it.
pub(crate) fn read(text: &str, entries: &[&str]) -> Result<Orders, CatalogueError> {
    let read = read_orders(text, Currency::new("EUR").unwrap(), &map(entries));
    let said = read.as_ref().map_or_else(
        |error| format!("{error} {error:?}"),
        |orders| format!("{orders:?}"),
    );
    let leaked = PRIVATE.iter().find(|private| said.contains(*private));
    assert_eq!(leaked, None, "{said}");
    read
}

fn export_with(changes: &[(&str, Value)]) -> String {
    let mut export: Value = serde_json::from_str(EXPORT).unwrap();
    for (pointer, value) in changes {
        set(&mut export, pointer, value.clone());
    }
    export.to_string()
}

fn problems<T>(read: Result<T, CatalogueError>) -> Vec<String> {
    match read {
        Err(CatalogueError::Refused { problems, .. }) => {
            problems.iter().map(ToString::to_string).collect()
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("expected a refusal"),
    }
}

/// The export with one member changed gives exactly this one problem.
fn check(pointer: &str, value: Value, expected: &str) {
    let text = export_with(&[(pointer, value)]);
    assert_eq!(problems(read(&text, &MAPPED)), [expected], "{pointer}");
}

#[test]
fn an_export_is_read() {
    let read = read(EXPORT, &MAPPED).unwrap();
    let codes: Vec<&str> = read.orders.iter().map(|o| o.code.as_str()).collect();
    assert_eq!(codes, ["A1B2C", "PEND1", "EXPI1", "CANC1", "NOTE1"]);
    let states: Vec<_> = read
        .orders
        .iter()
        .map(|order| (order.is_paid, order.is_canceled))
        .collect();
    assert_eq!(
        states,
        [
            (true, false),
            (false, false),
            (false, true),
            (false, true),
            (true, false)
        ]
    );
    let skipped = Skipped {
        test_orders: 1,
        positions: 2,
    };
    assert_eq!(read.skipped, skipped);
    assert_eq!(read.dropped, ["SHIRT", "EMPTY"]);
}

#[test]
fn a_position_has_its_secret_its_product_and_what_is_due() {
    let read = read(EXPORT, &MAPPED).unwrap();
    let positions = |order: usize| -> Vec<_> {
        let positions = read.orders[order].positions.iter();
        positions
            .map(|p| (p.secret.as_str(), p.product, p.price.map(Money::units)))
            .collect()
    };
    let paid = [
        ("a7k2w9paid", ProductId(3), None),
        ("b3m8x1paid", ProductId(5), None),
    ];
    assert_eq!(positions(0), paid);
    assert_eq!(positions(1), [("c9d4pending", ProductId(6), Some(2350))]);
    assert_eq!(positions(2), [("d1e5expired", ProductId(3), Some(2300))]);
}

#[test]
fn warnings_say_why_or_that_they_are_meant() {
    let read = read(EXPORT, &MAPPED).unwrap();
    let warning = |i: usize| read.orders[i].warning_text.as_str();
    assert_eq!(warning(0), "");
    assert_eq!(warning(1), "This order needs attention at check-in.");
    assert_eq!(warning(2), "Ask for the\nsecond form");
    assert_eq!(warning(4), "Has a dog");
}

#[test]
fn what_an_older_export_lacks_is_not_needed() {
    let text = r#"{"event": {"orders": [{"code": "OLD", "status": "p",
        "positions": [{"item": 101, "secret": "s1"}]}]}}"#;
    let read = read(text, &["101=3"]).unwrap();
    assert_eq!(read.orders.len(), 1);
    assert!(read.orders[0].is_paid && read.orders[0].warning_text.is_empty());
    assert_eq!(read.skipped, Skipped::default());
}

#[test]
fn an_order_in_test_mode_is_not_judged() {
    let test =
        json!({"code": "A1B2C", "testmode": true, "status": "?", "positions": [{"item": 999}]});
    let text = export_with(&[("/event/orders/0", test)]);
    assert_eq!(read(&text, &MAPPED).unwrap().skipped.test_orders, 2);
}

/// Nobody is admitted on a blocked ticket; what else is wrong with it is not judged.
#[test]
fn a_blocked_position_is_left_out() {
    let blocked = |reasons: Value| json!({"item": 999, "blocked": reasons});
    for reasons in [json!(["admin"]), json!(["admin", "api:fraud"])] {
        let text = export_with(&[("/event/orders/0/positions/0", blocked(reasons.clone()))]);
        let orders = read(&text, &MAPPED).unwrap().orders;
        let secrets: Vec<&str> = orders[0]
            .positions
            .iter()
            .map(|p| p.secret.as_str())
            .collect();
        assert_eq!(secrets, ["b3m8x1paid"]);
        let text = export_with(&[("/event/orders/1/positions/0", blocked(reasons))]);
        assert_eq!(
            read(&text, &MAPPED).unwrap().dropped,
            ["PEND1", "SHIRT", "EMPTY"]
        );
    }
    for none in [json!(null), json!([])] {
        let text = export_with(&[("/event/orders/0/positions/0/blocked", none)]);
        assert_eq!(read(&text, &MAPPED).unwrap().orders[0].positions.len(), 2);
    }
}

#[test]
fn every_item_without_a_mapping_is_told_at_once() {
    let expected = [
        "event.items[0]: item 101 \"Day ticket\" is not mapped, and 3 positions need it: add --map 101=PRODUCT with \
         the id of your product, or --map 101=skip to leave it out; or map its variations: 101/7 \"Reduced\" (1)",
        "event.items[1]: item 102 \"T-shirt\" is not mapped, and 2 positions need it: add --map 102=PRODUCT with \
         the id of your product, or --map 102=skip to leave it out",
        "event.items[2]: item 103 is not mapped, and 3 positions need it: add --map 103=PRODUCT with the id of your \
         product, or --map 103=skip to leave it out",
    ];
    assert_eq!(problems(read(EXPORT, &[])), expected);
}

#[test]
fn an_item_is_named_even_where_the_export_does_not_describe_it() {
    let text = export_with(&[
        ("/event/items", json!(null)),
        ("/event/orders/0/positions/0/variation", json!(8)),
    ]);
    let expected = "event.orders[0].positions[0].item: item 101 is not mapped, and 2 positions need it: add --map \
        101=PRODUCT with the id of your product, or --map 101=skip to leave it out; or map its variations: 101/8 (1)";
    let read = read(&text, &["101/7=5", "102=skip", "103=6"]);
    assert_eq!(problems(read), [expected]);
}

#[test]
fn a_message_lists_few_variations() {
    let position = |i| json!({"item": 101, "variation": i, "secret": format!("s{i}")});
    let positions: Vec<Value> = (1..=9).map(position).collect();
    let text = export_with(&[("/event/orders/0/positions", json!(positions))]);
    let problems = problems(read(&text, &["102=skip", "103=6"]));
    assert!(
        problems[0].ends_with("101/5 (1), and 4 more"),
        "{problems:?}"
    );
}

#[test]
fn each_reason_to_refuse() {
    for [pointer, value, expected] in rows(include_str!("../order_refusals.txt")) {
        check(
            pointer,
            serde_json::from_str(value).expect(pointer),
            expected,
        );
    }
}

#[test]
fn lengths_and_sizes() {
    check(
        "/event/orders/0/positions/0/secret",
        json!("s".repeat(201)),
        "event.orders[0].positions[0].secret: has 201 characters; 1 to 200 are allowed",
    );
    check(
        "/event/orders/0/checkin_text",
        json!("t".repeat(1001)),
        "event.orders[0].checkin_text: has 1001 characters; 0 to 1000 are allowed",
    );
    let position = |i| json!({"item": 101, "secret": format!("{i:0>200}")});
    let positions: Vec<Value> = (0..300).map(position).collect();
    check(
        "/event/orders/0/positions",
        json!(positions),
        "event.orders[0]: too large: 72705 bytes as an event, at most 61439",
    );
    let orders = format!("[{}{{}}]", "{},".repeat(MAX_PREORDERS));
    check(
        "/event/orders",
        serde_json::from_str(&orders).unwrap(),
        "event.orders: has 200001 entries; at most 200000 are read",
    );
}

#[test]
fn many_problems_are_counted() {
    let orders: Vec<Value> = (0..30).map(|_| json!({"positions": []})).collect();
    let text = export_with(&[("/event/orders", json!(orders))]);
    let Err(CatalogueError::Refused { problems, more }) = read(&text, &MAPPED) else {
        panic!("expected a refusal")
    };
    assert_eq!(
        (problems.len(), more),
        (MAX_PROBLEMS, 30 * 2 - MAX_PROBLEMS)
    );
}

#[test]
fn a_mapping_is_read_whole_or_refused() {
    let grammar = "write ITEM=PRODUCT, ITEM/VARIATION=PRODUCT or ITEM=skip, each by its id: 101=3, 101/7=5, 102=skip";
    for entry in [
        "",
        "101",
        "=3",
        "101=",
        "0=3",
        "101=0",
        "+1=3",
        "101/=3",
        "1/2/3=4",
        "101=Skip",
        "101=-3",
        "5000000000=1",
    ] {
        let read = ItemMap::parse([entry]);
        assert_eq!(problems(read), [format!("--map {entry}: {grammar}")]);
    }
    let read = ItemMap::parse(["101=3", "101/7=3", "101=skip"]);
    assert_eq!(
        problems(read),
        ["--map 101=skip: this item is mapped already: keep one of the two"]
    );
}
