//! One ledger behind two protocols: what a desk books is in the tills' lists, and the other way
//! round, in one chain for each point of sale.

use super::stand::{CREATE, Stand, book, redeem, sell, take_back, verified, with};
use super::venue::{BO, KIM, LU, TONI, TONIS_BADGE, venue};
use crate::support::{Desk, Till, entry, eventually};
use serde_json::{Value, json};

async fn rows(till: &mut Till, pos: u32) -> (Vec<Value>, Value) {
    let list = till.event("listtransactions", json!({"POSID": pos})).await;
    let mut rows = list["Transactions"].as_array().unwrap().clone();
    rows.reverse();
    (rows, list)
}

/// Numbers, pieces and amounts of rows.
fn figures(rows: &[Value]) -> Vec<Value> {
    let names = [
        "ID",
        "Product_ID",
        "Payment_ID",
        "AmountProduct",
        "AmountMoney",
    ];
    let figures = rows.iter().map(|row| names.map(|name| row[name].clone()));
    figures.map(|figures| json!(figures)).collect()
}

/// Two beers, with their deposit.
fn beers(pos: u32, method: u32) -> Value {
    json!({"POSID": pos, "PaymentMethod": method, "Products": [{"ID": 19, "Amount": 2}]})
}

#[tokio::test]
async fn desks_and_tills_write_one_chain_for_each_point_of_sale() {
    let stand = Stand::open().await;
    let mut till = stand.server.till().await;
    let (mut kim, mut bo) = (stand.desk(KIM), stand.desk(BO));
    book(&mut kim, &[sell(1), redeem("paid-02-x")]).await;
    till.event("payitems", beers(1, 1)).await;
    let unpaid = with(redeem("unpaid-priced"), &json!({"bypass_price": "23.00"}));
    book(&mut bo, &[unpaid]).await;
    till.event("payitems", beers(2, 3)).await;
    assert_eq!(take_back(&mut kim, 1).await, 8);
    let (entrance, list) = rows(&mut till, 1).await;
    let expected = [
        json!([1, 1, 2, 1, 23]),
        json!([2, 2, 2, 1, 0]),
        // Paid by card at the till; the deposit is a row of its own.
        json!([3, 19, 1, 2, 9]),
        json!([4, 18, 1, 2, 4]),
        json!([8, 1, 2, 1, -23]),
        json!([9, 2, 2, 1, 0]),
    ];
    assert_eq!(figures(&entrance), expected);
    assert!(verified(&list).await.contains("OK 6 rows"));
    // A list that was cut carries on where the rest ends.
    let cut = till
        .event("listtransactions", json!({"POSID": 1, "Limit": 2}))
        .await;
    assert!(verified(&cut).await.contains("OK 2 rows"));
    let (bar, list) = rows(&mut till, 2).await;
    let expected = [
        json!([5, 1, 3, 1, 23]),
        json!([6, 19, 3, 2, 9]),
        json!([7, 18, 3, 2, 4]),
    ];
    assert_eq!(figures(&bar), expected);
    assert!(verified(&list).await.contains("OK 3 rows"));
    for row in entrance.iter().chain(&bar) {
        assert_eq!(row["hash"].as_str().unwrap().len(), 128);
    }
    let store = stand.store;
    drop(stand.server);
    store.run_ok(&["verify"]).await;
}

/// A till's sale has neither session nor cash, and is seen by the desks of its point of sale.
#[tokio::test]
async fn a_tills_sale_is_a_transaction_of_its_point_of_sale() {
    let stand = Stand::open().await;
    let mut till = stand.server.till().await;
    let (mut kim, mut bo) = (stand.desk(KIM), stand.desk(BO));
    till.event("payitems", beers(1, 2)).await;
    till.event("payitems", beers(2, 3)).await;
    let booked = book(&mut kim, &[sell(1)]).await;
    let shown = kim.shown("/api/transactions/1/").await;
    let position = |id: u64, product: u32, value: &str, tax: &str| {
        json!({"id": id, "type": "sell", "value": value, "tax_rate": "19.00", "tax_value": tax,
            "product": product, "reverses": null, "listentry": null, "preorder_position": null,
            "items": [], "authorized_by": null})
    };
    let positions = json!([
        position(1, 19, "9.00", "1.44"),
        position(2, 18, "4.00", "0.64")
    ]);
    let expected = json!({"id": 1, "datetime": shown["datetime"], "session": null,
        "cash_given": null, "positions": positions});
    assert_eq!(shown, expected);
    let ids = |list: Vec<Value>| {
        list.iter()
            .map(|one| one["id"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(kim.all(CREATE).await), [1, booked]);
    // What desks book is seen by all desks; what the other till sold is not.
    assert_eq!(ids(bo.all(CREATE).await), [3, booked]);
    assert_eq!(bo.get("/api/transactions/1/").await.status, 404);
    assert_eq!(kim.get("/api/transactions/3/").await.status, 404);
    // A position's number is not a transaction's.
    assert_eq!(kim.get("/api/transactions/2/").await.status, 404);
    // A troubleshooter takes back what a till sold.
    let foreign = json!({"success": false,
        "message": "Only troubleshooters can reverse sales from other sessions."});
    let told = kim
        .post("/api/transactions/1/reverse/", None, &Value::Null)
        .await;
    assert_eq!((told.status, told.json()), (400, foreign));
    let mut toni = stand.desk(TONI);
    let id = take_back(&mut toni, 1).await;
    let reversal = toni.shown(&format!("{CREATE}{id}/")).await;
    assert_eq!(
        (&reversal["session"], &reversal["cash_given"]),
        (&json!(2), &Value::Null)
    );
    let first = &reversal["positions"][0];
    let names = ["type", "value", "tax_value", "reverses"];
    let expected = json!(["reverse", "-9.00", "-1.44", 1]);
    assert_eq!(json!(names.map(|name| first[name].clone())), expected);
    assert_eq!(reversal["positions"][1]["reverses"], 2);
}

#[tokio::test]
async fn amounts_are_texts_with_two_decimals() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    for (given, shown) in [
        (json!("50.00"), json!("50.00")),
        (json!(50), json!("50.00")),
        (json!(0.5), json!("0.50")),
        (json!("12.345"), json!("12.35")),
        (json!("12.344999999999999999999"), json!("12.34")),
        (json!("1e2"), json!("100.00")),
        (json!(0), json!("0.00")),
        (json!("99999999.99"), json!("99999999.99")),
        (Value::Null, Value::Null),
    ] {
        let special = with(sell(3), &json!({"auth": TONIS_BADGE}));
        let body = json!({"cash_given": given, "positions": [sell(1), special]});
        let told = desk.post(CREATE, None, &body).await;
        assert_eq!(told.status, 201, "{given}: {}", told.text);
        let id = told.json()["id"].as_u64().unwrap();
        let booked = desk.shown(&format!("{CREATE}{id}/")).await;
        assert_eq!(booked["cash_given"], shown, "{given}");
        let amounts = ["value", "tax_rate", "tax_value"];
        let first = amounts.map(|name| booked["positions"][0][name].clone());
        assert_eq!(first, ["23.00", "19.00", "3.67"].map(Value::from));
        let second = amounts.map(|name| booked["positions"][1][name].clone());
        assert_eq!(second, ["10.00", "7.00", "0.65"].map(Value::from));
        assert_eq!(booked["positions"][1]["authorized_by"], 2);
    }
    // Items are told by their ids, hidden ones too.
    let id = book(&mut desk, &[sell(1), sell(2), sell(17)]).await;
    let booked = desk.shown(&format!("{CREATE}{id}/")).await;
    let items: Vec<_> = (0..3)
        .map(|place| &booked["positions"][place]["items"])
        .collect();
    assert_eq!(items, [&json!([1, 2]), &json!([2, 3]), &json!([])]);
    let bottle = &booked["positions"][2];
    assert_eq!(
        (&bottle["value"], &bottle["tax_value"]),
        (&json!("-1.00"), &json!("-0.16"))
    );
}

/// With one left, the second of two in one cart fails, whoever else sold the others.
#[tokio::test]
async fn a_quota_counts_what_every_door_sold() {
    let stand = Stand::open().await;
    let mut till = stand.server.till().await;
    let (mut kim, mut lu) = (stand.desk(KIM), stand.desk(LU));
    let shirts = json!({"POSID": 2, "PaymentMethod": 3, "Products": [{"ID": 8, "Amount": 2}]});
    till.event("payitems", shirts).await;
    let told = kim
        .post(CREATE, None, &json!({"positions": [sell(8), sell(8)]}))
        .await;
    let sold_out = json!({"success": false, "type": "input", "missing_field": "auth",
        "message": "This product is currently unavailable or sold out.", "bypass_price": null});
    let expected = json!({"success": false, "positions": [{"success": true}, sold_out]});
    assert_eq!((told.status, told.json()), (400, expected));
    let available =
        async |desk: &mut Desk| desk.shown("/api/products/8/").await["is_available"].clone();
    assert_eq!(available(&mut kim).await, true);
    let last = book(&mut kim, &[sell(8)]).await;
    assert_eq!(available(&mut lu).await, false);
    assert_eq!(
        lu.post(CREATE, None, &json!({"positions": [sell(8)]}))
            .await
            .status,
        400
    );
    // A till takes no notice of quotas, a reversal gives back what it took.
    take_back(&mut kim, last).await;
    assert_eq!(available(&mut lu).await, true);
    book(&mut lu, &[sell(8)]).await;
}

/// What is taken back can be redeemed and used again; it is said of a ticket while it is redeemed.
#[tokio::test]
async fn a_ticket_and_an_entry_come_back_with_their_reversal() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let ticket = with(redeem("paid-13-x"), &json!({"list_1": "10001"}));
    let id = book(&mut desk, std::slice::from_ref(&ticket)).await;
    let mut shown = desk.shown("/api/preorderpositions/113/").await;
    assert_eq!(shown["is_redeemed"], true);
    let message = shown["redemption_message"].take();
    let start = "This ticket (paid-1…) has already been redeemed at ";
    assert!(message.as_str().unwrap().starts_with(start), "{message}");
    let told = desk
        .post(CREATE, None, &json!({"positions": [&ticket]}))
        .await;
    assert_eq!(told.json()["positions"][0]["message"], message);
    // Somebody else with the same entry.
    let other = with(redeem("again-27"), &json!({"list_1": "10001"}));
    let told = desk
        .post(CREATE, None, &json!({"positions": [&other]}))
        .await;
    assert_eq!(
        told.json()["positions"][0]["message"],
        "This list entry has already been used."
    );
    let back = take_back(&mut desk, id).await;
    let reversal = desk.shown(&format!("{CREATE}{back}/")).await;
    let names = [
        "type",
        "value",
        "reverses",
        "listentry",
        "preorder_position",
        "authorized_by",
    ];
    let position = names.map(|name| reversal["positions"][0][name].clone());
    assert_eq!(
        json!(position),
        json!(["reverse", "0.00", id, 1, 113, null])
    );
    let shown = desk.shown("/api/preorderpositions/113/").await;
    assert_eq!(
        (&shown["is_redeemed"], &shown["redemption_message"]),
        (&json!(false), &Value::Null)
    );
    book(&mut desk, &[other]).await;
    let again = with(ticket, &json!({"list_1": "10002"}));
    book(&mut desk, &[again]).await;
}

/// A desk learns of an import without a restart, as tills do.
#[tokio::test]
async fn an_import_changes_what_desks_sell() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let mut catalogue = venue();
    entry(&mut catalogue, "products", 1)["price"] = json!("24.00");
    stand.store.import_ok(&catalogue).await;
    let address = stand.server.address;
    eventually("the price has changed", async || {
        let mut desk = Desk::new(address, KIM);
        desk.shown("/api/products/1/").await["price"] == "24.00"
    })
    .await;
    let id = book(&mut desk, &[sell(1)]).await;
    let booked = desk.shown(&format!("{CREATE}{id}/")).await;
    assert_eq!(booked["positions"][0]["value"], "24.00");
}
