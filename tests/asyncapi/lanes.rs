//! What displays, tools and tablets say and hear is as the document says.

use super::sent::{Sent, socket};
use crate::support::{ADMIN_KEY, Server, Store, Till};
use daybook::fd1::endpoints;
use serde_json::{Value, json};

const LOGIN: &str = "fd1.session.login";
const OPEN: &str = "fd1.firehose.open_firehose";
const CLOSE: &str = "fd1.firehose.close_firehose";
const SET: &str = "fd1.firehose.set_firehose_option";

/// The first name of an endpoint.
fn first(name: &str) -> &'static str {
    let names = endpoints().find(|names| names.contains(&name));
    names.expect(name)[0]
}

/// What the document calls something that was heard.
fn message(heard: &Value) -> String {
    let text = |member: &str| heard[member].as_str();
    match (text("r"), text("sc")) {
        (Some(_), _) if heard["error"].is_object() => "fd1.error".to_owned(),
        (Some(name), _) => format!("{}.answer", first(name)),
        (_, Some(schema)) if schema.starts_with("custdisp.sale.") => "fd1.custdisp.sale".to_owned(),
        (_, Some(schema)) if schema.starts_with("ledger.") => "fd1.ledger".to_owned(),
        (_, Some(schema)) => format!("fd1.{schema}"),
        _ => "fd1.link_status".to_owned(),
    }
}

/// Hears one thing and notes it.
async fn hear(socket: &mut Till, sent: &mut Sent) -> Value {
    let heard: Value = serde_json::from_str(&socket.hear().await.unwrap()).unwrap();
    sent.note(&message(&heard), &heard);
    heard
}

/// Asks what the document allows, and returns the answer; everything on the way is noted.
async fn ask(socket: &mut Till, sent: &mut Sent, a: &str, mut members: Value) -> Value {
    members["a"] = a.into();
    if members["rq"].is_null() {
        members["rq"] = "ask".into();
    }
    sent.note(first(a), &members);
    socket.send(&members.to_string()).await.unwrap();
    loop {
        let heard = hear(socket, sent).await;
        if heard["r"] == a {
            return heard;
        }
    }
}

/// The key of a sale that a tablet builds and hands to its lane, and of one that it abandons.
async fn build(tablet: &mut Till, sent: &mut Sent) -> Value {
    let name = |call: &str| format!("fd1.salesbuilder.{call}");
    let v = json!({"externalid": "A-7"});
    let sale = ask(tablet, sent, &name("sale_create"), json!({"v": v})).await;
    let k = sale["data"]["rows"][0]["physkey"].clone();
    let other = ask(tablet, sent, &name("salesbuilder_create"), json!({})).await;
    let other = json!({"k": other["data"]["rows"][0]["physkey"]});
    ask(tablet, sent, &name("sale_cancel"), other).await;
    for (call, members) in [
        (
            "sale_add_product",
            json!({"k": k, "v": {"pid": 2, "qty": 2}}),
        ),
        (
            "salesbuilder_add_product",
            json!({"k": k, "v": {"pid": "1", "qty": "1"}, "rt": [7]}),
        ),
        ("sale_set_customer", json!({"k": k, "v": {"cid": "C-1007"}})),
        ("sale_fetch", json!({"k": k})),
        ("sale_park", json!({"k": k})),
    ] {
        let answer = ask(tablet, sent, &name(call), members).await;
        assert!(answer["data"].is_object(), "{answer}");
    }
    let refused = json!({"k": "T1-000099"});
    let refused = ask(tablet, sent, &name("sale_fetch"), refused).await;
    assert_eq!(refused["error"]["code"], "unknown_sale");
    k
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn what_lanes_say_and_hear_is_as_documented() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut sent = Sent::default();
    let mut lane = socket(server.address, "fd1", "").await;
    let mut tablet = socket(server.address, "fd1", "?purpose=presell").await;
    let display = json!({"apikey": "demo-display-key", "purpose": "customerdisplay", "lane": 1});
    let scope = json!({"token": ADMIN_KEY, "purpose": "debugscope"});
    for v in [display, scope] {
        let answer = ask(
            &mut lane,
            &mut sent,
            LOGIN,
            json!({"rq": 1, "v": v, "rt": null}),
        )
        .await;
        assert!(answer["data"].is_object(), "{answer}");
    }
    let v = json!({"apikey": ADMIN_KEY, "lane": "1"});
    ask(&mut tablet, &mut sent, LOGIN, json!({"v": v})).await;
    for (rq, event) in [
        "custdisp.sale.*",
        "salesbuilder.active",
        "firehose.status",
        "debug.node",
    ]
    .into_iter()
    .enumerate()
    {
        let members = json!({"rq": rq, "v": {"event": event}, "pt": "fd1"});
        ask(&mut lane, &mut sent, OPEN, members).await;
    }
    let members =
        json!({"rq": "sales", "v": {"event": "sale.create"}, "q": {"saletotal(>=)": [1, "2"]}});
    ask(&mut lane, &mut sent, OPEN, members).await;
    let members = json!({"rq": "log", "v": {"event": "ledger.*", "after": 0}});
    ask(&mut lane, &mut sent, OPEN, members).await;
    for (a, members) in [
        ("fd1.customerdisplay.get_info", json!({})),
        ("fd1.session.cancel_request", json!({"k": true})),
        (SET, json!({"k": "sales", "v": {"pause": true}})),
        (
            SET,
            json!({"k": "sales", "v": {"resume": true, "include_status": false}}),
        ),
    ] {
        let answer = ask(&mut lane, &mut sent, a, members).await;
        assert!(answer["data"].is_object(), "{answer}");
    }
    let ignored = json!({"a": "fd1.session.ignore"});
    sent.note("fd1.session.ignore", &ignored);
    lane.send(&ignored.to_string()).await.unwrap();
    let k = build(&mut tablet, &mut sent).await;
    let members = json!({"k": k, "v": {"pm": 1}});
    let paid = ask(
        &mut lane,
        &mut sent,
        "fd1.salesbuilder.salesbuilder_pay",
        members,
    )
    .await;
    assert_eq!(paid["data"]["rows"][0]["state"], "completed", "{paid}");
    while hear(&mut lane, &mut sent).await["sc"] != "sale.create" {}
    // The sale is an event, too, and its firehose may be the later one.
    let members = json!({"rq": "sale", "v": {"event": "ledger.sale.recorded", "after": 0}});
    ask(&mut lane, &mut sent, OPEN, members).await;
    while hear(&mut lane, &mut sent).await["rp"] != "sale" {}
    ask(&mut lane, &mut sent, CLOSE, json!({"k": 0})).await;
    for (a, members) in [
        (CLOSE, json!({"k": 0})),
        (OPEN, json!({"v": {"event": "x*"}})),
    ] {
        let refused = ask(&mut lane, &mut sent, a, members).await;
        assert!(refused["error"].is_object(), "{refused}");
    }
    assert_eq!(server.stop().await, 0);
    while hear(&mut lane, &mut sent).await["a"] != "fn1.link.link_status" {}
    sent.is_as_documented(&["fd1"]);
}
