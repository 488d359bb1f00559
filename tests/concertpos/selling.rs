//! Sales: what is booked, what it costs, and what is answered.

use crate::support::{Server, Store, Till, entry, festival};
use serde_json::{Value, json};

/// Product, pieces and money of each row of an answer, all of which have the given method and POS.
fn rows(answer: &Value, pos: u64, method: u64) -> Vec<Value> {
    let rows = answer["Transactions"].as_array().unwrap();
    for row in rows {
        assert_eq!(
            (&row["PointOfSaleID"], &row["Payment_ID"]),
            (&json!(pos), &json!(method))
        );
        assert_eq!(row["Note"], json!(null));
    }
    rows.iter()
        .map(|r| json!([r["Product_ID"], r["AmountProduct"], r["AmountMoney"]]))
        .collect()
}

async fn sell(till: &mut Till, products: Value) -> Value {
    till.event(
        "payitems",
        json!({ "POSID": 1, "PaymentMethod": 1, "Products": products }),
    )
    .await
}

/// The example of the protocol's documentation: five small barrels are 90.
#[tokio::test]
async fn five_barrels_are_ninety() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 5 }] });
    let answer = till.ask("payitems", sale).await.unwrap();
    assert_eq!(
        (&answer["type"], &answer["result"]["event"]),
        (&json!("event"), &json!("payitem"))
    );
    let paid = &answer["result"]["parameters"];
    let members: Vec<&String> = paid.as_object().unwrap().keys().collect();
    assert_eq!(members, ["Items", "Transactions"]);
    assert_eq!(paid["Items"], 1);
    assert_eq!(rows(paid, 1, 1), [json!([1, 5, 90])]);
    // The same rows are what the list shows.
    let list = till.event("listtransactions", json!({ "POSID": 1 })).await;
    assert_eq!(list["Transactions"], paid["Transactions"]);
}

#[tokio::test]
async fn lines_without_an_amount_are_skipped_unseen() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let products = json!([
        { "ID": 9999 }, { "ID": 9999, "Amount": 0 }, { "ID": "x", "Amount": -3 }, {},
        { "ID": 36, "Amount": null }, { "ID": "36", "Amount": "2" }, { "ID": 1, "Amount": 1.0 },
    ]);
    let paid = sell(&mut till, products).await;
    assert_eq!(paid["Items"], 2);
    assert_eq!(rows(&paid, 1, 1), [json!([36, 2, 20]), json!([1, 1, 18])]);
}

#[tokio::test]
async fn the_same_product_twice_gives_two_rows() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let paid = sell(
        &mut till,
        json!([{ "ID": 36, "Amount": 1 }, { "ID": 36, "Amount": 2 }]),
    )
    .await;
    assert_eq!(paid["Items"], 2);
    assert_eq!(rows(&paid, 1, 1), [json!([36, 1, 10]), json!([36, 2, 20])]);
    let ids: Vec<u64> = paid["Transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["ID"].as_u64().unwrap())
        .collect();
    assert_eq!(ids[1], ids[0] + 1);
}

/// A deposit follows its product with the same pieces and is no item; returning cups is an
/// ordinary product with a negative price.
#[tokio::test]
async fn deposits_are_rows_of_their_own() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let products =
        json!([{ "ID": 2, "Amount": 3 }, { "ID": 36, "Amount": 1 }, { "ID": 15, "Amount": 2 }]);
    let paid = sell(&mut till, products).await;
    assert_eq!(paid["Items"], 3);
    let expected = [
        json!([2, 3, 13.5]),
        json!([15, 3, 3]),
        json!([36, 1, 10]),
        json!([15, 2, -2]),
    ];
    assert_eq!(rows(&paid, 1, 1), expected);
}

#[tokio::test]
async fn without_a_deposit_nothing_is_added() {
    let store = Store::sqlite();
    let mut catalogue = festival();
    catalogue["deposit"] = json!(null);
    store.import_ok(&catalogue).await;
    let server = Server::start(&store).await;
    let paid = sell(&mut server.till().await, json!([{ "ID": 2, "Amount": 2 }])).await;
    assert_eq!(rows(&paid, 1, 1), [json!([2, 2, 9])]);
}

/// Tills count in the objects of `listproducts` and send them back whole; their prices are ignored.
#[tokio::test]
async fn whole_product_objects_come_back_and_their_prices_are_ignored() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let mut products = till.event("listproducts", json!({ "POSID": 1 })).await["Products"].take();
    for product in products.as_array_mut().unwrap() {
        product["Price"] = json!(0.01);
    }
    let barrel = products
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|p| p["ID"] == 1)
        .unwrap();
    barrel["Amount"] = json!(2);
    let paid = sell(&mut till, products).await;
    assert_eq!(paid["Items"], 1);
    assert_eq!(rows(&paid, 1, 1), [json!([1, 2, 36])]);
}

#[tokio::test]
async fn nothing_to_book_is_a_success_and_books_nothing() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let before = server.size().await;
    for products in [
        json!([]),
        json!([{ "ID": 1, "Amount": 0 }]),
        json!([{ "ID": 1 }]),
    ] {
        let paid = sell(&mut till, products).await;
        assert_eq!(paid, json!({ "Items": 0, "Transactions": [] }));
    }
    assert_eq!(server.size().await, before);
}

#[tokio::test]
async fn the_crew_bar_sells_to_those_who_know_its_password() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let sale = json!({ "POSID": "3", "PaymentMethod": "3", "posPassword": "crew-only",
        "Products": [{ "ID": 1, "Amount": 1 }] });
    assert_eq!(
        rows(&till.event("payitems", sale).await, 3, 3),
        [json!([1, 1, 18])]
    );
    // Numbers ascend within the instance, and the chain begins anew at each point of sale.
    let bar = sell(&mut till, json!([{ "ID": 1, "Amount": 1 }])).await;
    assert_eq!(bar["Transactions"][0]["ID"], 2);
}

/// The largest sale of one line, and the dearest that any line may be.
#[tokio::test]
async fn the_largest_amounts_are_booked_exactly() {
    let store = Store::sqlite();
    let mut catalogue = festival();
    entry(&mut catalogue, "products", 1)["price"] = json!("9999.99");
    store.import_ok(&catalogue).await;
    let server = Server::start(&store).await;
    let paid = sell(
        &mut server.till().await,
        json!([{ "ID": 1, "Amount": 10_000 }]),
    )
    .await;
    assert_eq!(rows(&paid, 1, 1), [json!([1, 10_000, 99_999_900])]);
    let event = server.events().await.pop().unwrap();
    assert_eq!(event["type"], "sale.recorded");
    assert_eq!(event["by"], "key:1");
}
