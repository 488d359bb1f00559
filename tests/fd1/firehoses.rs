//! Firehoses: opening, conditions, pausing, closing.

use super::stand::{ALL_KEY, Lane, sell, served};
use serde_json::{Value, json};

const OPEN: &str = "fd1.firehose.open_firehose";
const CLOSE: &str = "fd1.firehose.close_firehose";
const SET: &str = "fd1.firehose.set_firehose_option";

#[tokio::test]
async fn what_cannot_be_opened_is_refused() {
    let (_store, server) = served().await;
    let mut lane = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    for (members, code) in [
        (
            json!({ "rq": null, "v": { "event": "sale.create" } }),
            "bad_request",
        ),
        (json!({ "v": { "event": "sale" } }), "unknown_schema"),
        (json!({ "v": { "event": "*" } }), "unknown_schema"),
        (
            json!({ "v": { "event": "ledger.nothing" } }),
            "unknown_schema",
        ),
        (json!({ "v": { "event": 7 } }), "bad_request"),
        (json!({ "v": {} }), "bad_request"),
        (
            json!({ "v": { "event": "sale.create", "after": -1 } }),
            "bad_request",
        ),
        (
            json!({ "v": { "event": "sale.create", "after": "x" } }),
            "bad_request",
        ),
        (
            json!({ "v": { "event": "sale.create" }, "q": [] }),
            "bad_request",
        ),
        (
            json!({ "v": { "event": "sale.create" }, "q": { "_id": 1 } }),
            "bad_request",
        ),
        (
            json!({ "v": { "event": "sale.create" }, "q": { "saletotal(~)": 1 } }),
            "bad_request",
        ),
    ] {
        let mut packet = json!({ "a": OPEN, "rq": 1 });
        packet
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        lane.say(&packet).await;
        assert_eq!(lane.hear().await["error"]["code"], code, "{packet}");
    }
}

#[tokio::test]
async fn a_socket_has_thirty_two_firehoses_with_names_of_their_own() {
    let (_store, server) = served().await;
    let mut lane = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    lane.firehose("1", json!({ "event": "sale.create" })).await;
    let again = json!({ "rq": 1, "v": { "event": "sale.create" } });
    assert_eq!(lane.code(OPEN, again).await, "duplicate_rq");
    for rq in 2..=32 {
        lane.firehose(&rq.to_string(), json!({ "event": "sale.create" }))
            .await;
    }
    assert_eq!(
        lane.code(OPEN, json!({ "v": { "event": "sale.create" } }))
            .await,
        "limit"
    );
    lane.row(CLOSE, json!({ "k": 17 })).await;
    lane.firehose("17", json!({ "event": "custdisp.sale.*" }))
        .await;
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused() {
    let (_store, server) = served().await;
    let mut lane = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    lane.firehose("3", json!({ "event": "sale.create" })).await;
    for (k, v) in [
        (json!(3), json!({ "pause": true, "resume": true })),
        (json!(3), json!({ "pause": 1 })),
        (json!(3), Value::Null),
        (Value::Null, json!({ "pause": true })),
    ] {
        assert_eq!(
            lane.code(SET, json!({ "k": k, "v": v })).await,
            "bad_request"
        );
    }
    assert_eq!(
        lane.code(SET, json!({ "k": "none", "v": {} })).await,
        "unknown_firehose"
    );
}

#[tokio::test]
async fn sales_come_as_documented_and_only_those_that_were_asked_for() {
    let (_store, server) = served().await;
    let mut lane = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    let open = json!({ "rq": 2, "v": { "event": "sale.create" }, "q": { "saletotal(>=)": 10 } });
    let row = lane.row(OPEN, open).await;
    assert_eq!(
        (&row["k"], &row["event"]),
        (&json!("2"), &json!("sale.create"))
    );
    let mut till = server.till().await;
    let beer = json!({ "POSID": 1, "PaymentMethod": 2, "Products": [{ "ID": 2, "Amount": 1 }] });
    till.event("payitems", beer.clone()).await;
    let elsewhere =
        json!({ "POSID": 2, "PaymentMethod": 2, "Products": [{ "ID": 3, "Amount": 1 }] });
    till.event("payitems", elsewhere).await;
    sell(&mut till).await;
    let heard = lane.hear().await;
    let seq = heard["seq"].as_u64().unwrap();
    let time = heard["v"]["datetimelocal"].clone();
    assert_eq!(
        time.as_str().unwrap().len(),
        "2026-05-01 12:00:00.000".len()
    );
    let expected = json!({ "rp": "2", "sc": "sale.create", "seq": seq, "v": {
        "salephyskey": "S1-000004", "source": { "faid": 1, "plevel": 0 }, "datetimelocal": time, "saletotal": 18,
        "lines": [{ "seqnce": 1, "pid": 1, "qty": 1, "totalprice": 18, "product": { "description": "Kleines Fass", "sku": "1" } }],
        "payments": [{ "seqnce": 1, "name": "Bar", "amount": 18 }], "cash_item_name": "Bar" } });
    assert_eq!(heard, expected);
    lane.is_silent().await;
    // A new firehose starts behind any event; closed ones are silent.
    lane.row(CLOSE, json!({ "k": "2" })).await;
    lane.firehose("again", json!({ "event": "sale.*", "after": row["seq"] }))
        .await;
    assert_eq!(lane.hear().await["v"]["saletotal"], 5.5);
    assert_eq!(lane.hear().await["seq"], seq);
    lane.is_silent().await;
}

#[tokio::test]
async fn the_ledgers_events_come_as_they_are() {
    let (_store, server) = served().await;
    let mut lane = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    sell(&mut server.till().await).await;
    lane.firehose("all", json!({ "event": "ledger.*", "after": 0 }))
        .await;
    let events = server.events().await;
    for event in &events[1..] {
        let heard = lane.hear().await;
        let name = format!("ledger.{}", event["type"].as_str().unwrap());
        assert_eq!(
            (&heard["seq"], &heard["sc"], &heard["v"]),
            (&event["seq"], &json!(name), &event["data"])
        );
    }
    lane.is_silent().await;
}

#[tokio::test]
async fn a_pause_loses_nothing() {
    let (_store, server) = served().await;
    let mut lane = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    let mut till = server.till().await;
    lane.firehose("sales", json!({ "event": "sale.create" }))
        .await;
    lane.firehose("shown", json!({ "event": "custdisp.sale.*" }))
        .await;
    assert_eq!(lane.hear().await["sc"], "custdisp.sale.status");
    for k in ["sales", "shown"] {
        let row = lane
            .row(SET, json!({ "k": k, "v": { "pause": true } }))
            .await;
        assert_eq!(
            row,
            json!({ "k": k, "paused": true, "include_status": true })
        );
    }
    for _ in 0..3 {
        sell(&mut till).await;
    }
    lane.is_silent().await;
    lane.say(&json!({ "a": SET, "k": "sales", "v": { "resume": true } }))
        .await;
    assert_eq!(lane.hear().await["data"]["rows"][0]["paused"], false);
    for id in 1..=3 {
        assert_eq!(lane.hear().await["v"]["salephyskey"], format!("S1-{id:06}"));
    }
    lane.say(&json!({ "a": SET, "k": "shown", "v": { "resume": true } }))
        .await;
    lane.hear().await;
    let heard = lane.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["salephyskey"]),
        (&json!("custdisp.sale.status"), &json!("S1-000003"))
    );
    lane.is_silent().await;
}

#[tokio::test]
async fn firehoses_tell_of_each_other() {
    let (_store, server) = served().await;
    let v = json!({ "apikey": ALL_KEY, "purpose": "debugscope" });
    let mut lane = Lane::open(server.address, v).await;
    lane.firehose("watch", json!({ "event": "firehose.status" }))
        .await;
    let told = lane.hear().await;
    let expected = json!({ "k": "watch", "event": "firehose.status", "closed": false, "paused": false, "include_status": true });
    assert_eq!((&told["rp"], &told["v"]), (&json!("watch"), &expected));
    lane.firehose("sales", json!({ "event": "sale.create" }))
        .await;
    assert_eq!(lane.hear().await["v"]["k"], "sales");
    lane.row(SET, json!({ "k": "sales", "v": { "pause": true } }))
        .await;
    assert_eq!(lane.hear().await["v"]["paused"], true);
    lane.row(CLOSE, json!({ "k": "sales" })).await;
    assert_eq!(
        lane.hear().await["v"],
        json!({ "k": "sales", "closed": true })
    );
    lane.firehose("node", json!({ "event": "debug.*" })).await;
    lane.hear().await;
    let node = lane.hear().await;
    assert_eq!(
        (&node["sc"], &node["v"]["status"]),
        (&json!("debug.node"), &json!("Ready"))
    );
}
