//! Transaction lists: order, limits, and rows that can be verified from the answer alone.

use crate::support::{Server, Store, Till};
use serde_json::{Value, json};

/// Four sales of one, two, three and four barrels.
async fn four_sales(till: &mut Till) {
    for amount in 1..=4 {
        let products = json!([{ "ID": 1, "Amount": amount }]);
        let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": products });
        till.event("payitems", sale).await;
    }
}

fn amounts(list: &Value) -> Vec<u64> {
    let rows = list["Transactions"].as_array().unwrap();
    assert_eq!(list["Count"], rows.len());
    rows.iter()
        .map(|row| row["AmountProduct"].as_u64().unwrap())
        .collect()
}

fn members(row: &Value) -> Vec<&str> {
    row.as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

const MEMBERS: [&str; 9] = [
    "AmountMoney",
    "AmountProduct",
    "ID",
    "Note",
    "Payment_ID",
    "PointOfSaleID",
    "Product_ID",
    "hash",
    "timestamp",
];

#[tokio::test]
async fn newest_first_and_cut_to_a_limit() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let empty = json!({ "Count": 0, "Transactions": [] });
    assert_eq!(
        till.event("listtransactions", json!({ "POSID": 1 })).await,
        empty
    );
    four_sales(&mut till).await;
    let all = till.event("listtransactions", json!({ "POSID": 1 })).await;
    assert_eq!(amounts(&all), [4, 3, 2, 1]);
    for (limit, expected) in [
        (json!(1), &[4][..]),
        (json!("2"), &[4, 3]),
        (json!(3.0), &[4, 3, 2]),
        (json!(4), &[4, 3, 2, 1]),
        (json!(1_000_000_000_000u64), &[4, 3, 2, 1]),
        (json!(null), &[4, 3, 2, 1]),
    ] {
        let list = till
            .event("listtransactions", json!({ "POSID": 1, "Limit": limit }))
            .await;
        assert_eq!(amounts(&list), expected, "Limit {limit}");
    }
    // Another point of sale has a list of its own.
    assert_eq!(
        till.event("listtransactions", json!({ "POSID": 2 })).await,
        empty
    );
}

#[tokio::test]
async fn a_row_has_exactly_the_documented_members() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    four_sales(&mut till).await;
    let all = till.event("listtransactions", json!({ "POSID": 1 })).await;
    let rows = all["Transactions"].as_array().unwrap();
    for row in rows {
        assert_eq!(members(row), MEMBERS);
    }
    let newest = &rows[0];
    assert_eq!(
        newest["ID"].as_u64().unwrap(),
        rows[1]["ID"].as_u64().unwrap() + 1
    );
    let rest = json!([
        newest["Payment_ID"],
        newest["PointOfSaleID"],
        newest["Product_ID"],
        newest["AmountMoney"],
        newest["Note"]
    ]);
    assert_eq!(rest, json!([1, 1, 1, 72, null]));
    let time = newest["timestamp"].as_str().unwrap();
    assert!(
        time.len() == 24 && time.strip_suffix(".000Z").is_some(),
        "{time}"
    );
    let hash = newest["hash"].as_str().unwrap();
    assert!(hash.len() == 128 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
}

/// The oldest row of a list that was cut carries the hash of the row before it. It is no part of
/// the row, so the rows are else the same as in a full list.
#[tokio::test]
async fn the_oldest_row_of_a_cut_list_names_the_hash_before_it() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    four_sales(&mut till).await;
    let all = till.event("listtransactions", json!({ "POSID": 1 })).await;
    let all = all["Transactions"].as_array().unwrap();
    for limit in 1..=4 {
        let cut = till
            .event("listtransactions", json!({ "POSID": 1, "Limit": limit }))
            .await;
        let mut cut = cut["Transactions"].as_array().unwrap().clone();
        let oldest = cut.last_mut().unwrap().as_object_mut().unwrap();
        let expected = all.get(limit).map(|before| before["hash"].clone());
        assert_eq!(oldest.remove("prev"), expected, "Limit {limit}");
        assert_eq!(cut, all[..limit]);
    }
}
