//! A tablet's sale, from its first line until it stands in the ledger.

use super::stand::{ALL_KEY, DISPLAY_KEY, Lane, served};
use serde_json::{Value, json};

const B: &str = "fd1.salesbuilder.";

fn named(call: &str) -> String {
    format!("{B}{call}")
}

async fn build(lane: &mut Lane, call: &str, k: &Value, v: Value) -> Value {
    lane.row(&named(call), json!({ "k": k, "v": v })).await
}

async fn refused(lane: &mut Lane, call: &str, k: &Value, v: Value) -> String {
    lane.code(&named(call), json!({ "k": k, "v": v })).await
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn a_tablets_sale_until_it_is_paid() {
    let (store, server) = served().await;
    let mut tablet = Lane::tablet(server.address).await;
    let mut cashier = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    let mut display = Lane::open(
        server.address,
        json!({ "apikey": DISPLAY_KEY, "purpose": "customerdisplay" }),
    )
    .await;
    display
        .firehose("d", json!({ "event": "custdisp.sale.*" }))
        .await;
    cashier
        .firehose("active", json!({ "event": "salesbuilder.active" }))
        .await;
    assert_eq!(
        cashier.hear().await["v"],
        json!({ "count": 0, "sales": [] })
    );
    assert_eq!(display.hear().await["sc"], "custdisp.sale.status");

    let sale = build(
        &mut tablet,
        "salesbuilder_create",
        &Value::Null,
        json!({ "externalid": "A-7" }),
    )
    .await;
    let k = sale["salephyskey"].clone();
    assert_eq!(
        (&k, &sale["physkey"], &sale["state"]),
        (&json!("T1-000001"), &json!("T1-000001"), &json!("building"))
    );
    assert_eq!(sale["startdt"].as_str().unwrap().len(), 23);
    let heard = display.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["salephyskey"]),
        (&json!("custdisp.sale.add"), &k)
    );
    // The same name is the same sale.
    let again = build(
        &mut tablet,
        "sale_create",
        &Value::Null,
        json!({ "externalid": "A-7" }),
    )
    .await;
    assert_eq!(again, sale);

    // A beer, and the deposit on its cup, as at the till.
    let sale = build(
        &mut tablet,
        "salesbuilder_add_product",
        &k,
        json!({ "pid": 2, "qty": 2 }),
    )
    .await;
    assert_eq!(
        (&sale["saletotal"], sale["lines"].as_array().unwrap().len()),
        (&json!(11), 2)
    );
    let heard = display.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["lines"]),
        (&json!("custdisp.sale.lines.add"), &sale["lines"])
    );
    let sale = build(&mut tablet, "sale_set_customer", &k, json!({ "cid": 815 })).await;
    assert_eq!(sale["cid"], "815");
    assert_eq!(display.hear().await["sc"], "custdisp.sale.edit");
    assert_eq!(
        build(&mut tablet, "sale_fetch", &k, Value::Null).await,
        sale
    );

    let pay = json!({ "pm": 2 });
    assert_eq!(
        refused(&mut cashier, "salesbuilder_pay", &k, pay.clone()).await,
        "bad_request"
    );
    let parked = build(&mut tablet, "sale_park", &k, Value::Null).await;
    assert_eq!(parked["state"], "handedover");
    assert_eq!(display.hear().await["sc"], "custdisp.sale.edit");
    for (call, v) in [
        ("salesbuilder_add_product", json!({ "pid": 1, "qty": 1 })),
        ("salesbuilder_set_customer", json!({ "cid": "x" })),
        ("salesbuilder_complete", Value::Null),
        ("salesbuilder_cancel", Value::Null),
    ] {
        assert_eq!(
            refused(&mut tablet, call, &k, v).await,
            "sale_closed",
            "{call}"
        );
    }
    assert_eq!(
        refused(&mut cashier, "salesbuilder_pay", &k, json!({ "pm": 77 })).await,
        "bad_request"
    );
    let paid = build(&mut cashier, "salesbuilder_pay", &k, pay.clone()).await;
    assert_eq!(
        (&paid["state"], &paid["salephyskey"], &paid["lines"]),
        (&json!("completed"), &k, &sale["lines"])
    );
    assert_eq!(
        paid["payments"],
        json!([{ "seqnce": 1, "name": "Karte", "amount": 11 }])
    );
    assert_eq!(display.hear().await["sc"], "custdisp.sale.payments.add");
    let heard = display.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["payments"]),
        (&json!("custdisp.sale.edit"), &paid["payments"])
    );
    assert_eq!(
        refused(&mut cashier, "salesbuilder_pay", &k, pay).await,
        "sale_closed"
    );

    let rows = server
        .till()
        .await
        .event("listtransactions", json!({ "POSID": 1 }))
        .await;
    assert_eq!(rows["Count"], 2);
    let sums: Vec<_> = rows["Transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["AmountMoney"])
        .collect();
    assert_eq!(sums, [&json!(2), &json!(9)]);
    // A repetition of the name finds it in any stage; a recorded sale can be fetched by its key.
    let found = build(
        &mut tablet,
        "salesbuilder_create",
        &Value::Null,
        json!({ "externalid": "A-7" }),
    )
    .await;
    assert_eq!(found, paid);
    super::stand::sell(&mut server.till().await).await;
    let other = build(&mut tablet, "sale_fetch", &json!("S1-000003"), Value::Null).await;
    assert_eq!(
        (&other["saletotal"], &other["state"]),
        (&json!(18), &json!("completed"))
    );
    assert_eq!(
        refused(&mut tablet, "sale_cancel", &json!("S1-000003"), Value::Null).await,
        "sale_closed"
    );
    // The lane has nothing more to complete.
    cashier
        .firehose("now", json!({ "event": "salesbuilder.active" }))
        .await;
    loop {
        let heard = cashier.hear().await;
        if heard["rp"] == "now" {
            assert_eq!(heard["v"]["count"], 0);
            break;
        }
    }
    store.run_ok(&["verify"]).await;
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (_store, server) = served().await;
    let mut tablet = Lane::tablet(server.address).await;
    let k = build(&mut tablet, "salesbuilder_create", &Value::Null, json!({})).await["salephyskey"]
        .clone();
    for (pid, qty, code) in [
        (json!(1), json!(0), "bad_request"),
        (json!(1), json!(-1), "bad_request"),
        (json!(1), json!(1.5), "bad_request"),
        (json!(1), json!(1_000_000), "bad_request"),
        (json!(1), Value::Null, "bad_request"),
        (json!("x"), json!(1), "bad_request"),
        (json!(77), json!(1), "unknown_product"),
        (json!(3), json!(1), "unknown_product"),
        (json!(99_999_999_999_u64), json!(1), "unknown_product"),
    ] {
        let v = json!({ "pid": pid, "qty": qty });
        assert_eq!(
            refused(&mut tablet, "sale_add_product", &k, v.clone()).await,
            code,
            "{v}"
        );
    }
    let nothing = Value::Null;
    assert_eq!(
        refused(&mut tablet, "sale_park", &k, nothing.clone()).await,
        "bad_request",
        "it is empty"
    );
    for key in [
        json!("T1-000002"),
        json!("T1-1"),
        json!("T2-000001"),
        json!("S1-000001"),
        json!("x"),
        json!(1),
    ] {
        assert_eq!(
            refused(&mut tablet, "sale_fetch", &key, nothing.clone()).await,
            "unknown_sale",
            "{key}"
        );
        assert_eq!(
            refused(&mut tablet, "sale_cancel", &key, nothing.clone()).await,
            "unknown_sale",
            "{key}"
        );
    }
    assert_eq!(
        refused(&mut tablet, "sale_fetch", &nothing, nothing.clone()).await,
        "bad_request"
    );
    assert_eq!(
        refused(&mut tablet, "sale_set_customer", &k, json!({ "cid": "" })).await,
        "bad_request"
    );
    let long = json!({ "externalid": "x".repeat(129) });
    assert_eq!(
        refused(&mut tablet, "sale_create", &nothing, long).await,
        "bad_request"
    );
    let gone = build(&mut tablet, "sale_cancel", &k, nothing.clone()).await;
    assert_eq!(gone["state"], "cancelled");
    assert_eq!(
        refused(
            &mut tablet,
            "sale_add_product",
            &k,
            json!({ "pid": 1, "qty": 1 })
        )
        .await,
        "sale_closed"
    );
}

/// The lane shows what it takes the payment for, also while another tablet builds, and may send it
/// away.
#[tokio::test]
async fn a_lane_sends_a_sale_away() {
    let (_store, server) = served().await;
    let mut tablets = [
        Lane::tablet(server.address).await,
        Lane::tablet(server.address).await,
    ];
    let mut keys = Vec::new();
    for tablet in &mut tablets {
        let k = build(tablet, "sale_create", &Value::Null, json!({})).await["salephyskey"].clone();
        build(
            tablet,
            "sale_add_product",
            &k,
            json!({ "pid": 1, "qty": 1 }),
        )
        .await;
        keys.push(k);
    }
    let [one, other] = &mut tablets;
    let mut display = Lane::open(server.address, json!({ "apikey": ALL_KEY })).await;
    display
        .firehose("d", json!({ "event": "custdisp.*" }))
        .await;
    assert_eq!(display.hear().await["v"]["salephyskey"], keys[1]);
    build(one, "sale_park", &keys[0], Value::Null).await;
    let heard = display.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["salephyskey"]),
        (&json!("custdisp.sale.add"), &keys[0])
    );
    build(
        other,
        "sale_add_product",
        &keys[1],
        json!({ "pid": 1, "qty": 1 }),
    )
    .await;
    assert_eq!(
        refused(&mut display, "salesbuilder_cancel", &keys[1], Value::Null).await,
        "bad_request"
    );
    let gone = build(&mut display, "salesbuilder_cancel", &keys[0], Value::Null).await;
    assert_eq!(gone["state"], "cancelled");
    let heard = display.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["salephyskey"]),
        (&json!("custdisp.sale.delete"), &Value::Null)
    );
    build(other, "sale_park", &keys[1], Value::Null).await;
    assert_eq!(display.hear().await["v"]["saletotal"], 36);
    // An open sale is repeated every ten seconds.
    let heard = display.hear().await;
    assert_eq!(
        (&heard["sc"], &heard["v"]["saletotal"]),
        (&json!("custdisp.sale.status"), &json!(36))
    );
}
