//! What the page of a guest shows: the menu of the table, and its bill.

use super::client::{Client, Stand, coded, data, link, refusal};
use super::venue::{BIG, OTHER, TABLE, TEA, TERRACE, restaurant};
use serde_json::{Value, json};

#[tokio::test]
async fn the_menu_is_what_can_be_ordered_at_the_table() {
    let stand = Stand::open().await;
    let mut nobody = Client::new(stand.server.address, "x", "x");
    let path = format!(
        "/t/{}/menu",
        link(&stand.store, "restaurant", TABLE, "").await
    );
    let menu = nobody.shown(&path).await;
    assert_eq!(menu["name"], "Ресторан «У реки»");
    assert_eq!(menu["currency"], "RUB");
    assert_eq!(
        menu["table"],
        json!({"id": TABLE, "name": "6", "max_guests": 50})
    );
    let dish = |id: u32, name: &str, price: f64| json!({"id": id, "name": name, "price": price, "modifiers": []});
    let modifier =
        |id: u32, name: &str, price: f64| json!({"id": id, "name": name, "price": price});
    let mut big = dish(BIG, "Блюдо с модификатором", 150.0);
    big["modifiers"] = json!([
        modifier(501, "Без лука", 0.0),
        modifier(502, "Двойной сыр", 40.0),
        modifier(503, "Без сыра", -30.0),
    ]);
    let dishes = json!([
        big,
        dish(TEA, "Чай", 12.0),
        dish(1_000_062, "Блюдо", 12.0),
        dish(1_000_077, "Чай с чабрецом", 90.0),
        dish(1_000_082, "Сыр", 80.1),
    ]);
    assert_eq!(menu["dishes"], dishes);
    let path = format!(
        "/t/{}/menu/",
        link(&stand.store, "restaurant", TERRACE, "").await
    );
    let menu = nobody.shown(&path).await;
    assert_eq!(
        menu["dishes"],
        json!([dish(TEA, "Чай", 12.0), dish(1_000_083, "Шашлык", 99.0)])
    );
    let mut guest = stand.guest(TERRACE).await;
    for dish in menu["dishes"].as_array().unwrap() {
        guest
            .event(TERRACE, "order", &json!({"items": [{"id": dish["id"]}]}))
            .await;
    }
}

#[tokio::test]
async fn the_bill_is_the_open_order() {
    let stand = Stand::open().await;
    let (mut staff, mut guest) = (stand.staff(), stand.guest(TABLE).await);
    let path = format!(
        "/t/{}/bill",
        link(&stand.store, "restaurant", TABLE, "").await
    );
    let other = format!(
        "/t/{}/bill",
        link(&stand.store, "restaurant", OTHER, "").await
    );
    let told = guest.get(&path).await;
    let table = r#"{"id":1000028,"name":"6","max_guests":50}"#;
    assert_eq!(
        told.text,
        format!(
            r#"{{"result":true,"data":{{"currency":"RUB","table":{table},"order":null,"pending":[]}}}}"#
        )
    );
    let event = guest.order(TABLE, &[(TEA, 2.0), (BIG, 1.0)]).await;
    let mut order = event["order"].clone();
    order["unpaid_sum"] = json!(174.0);
    assert_eq!(data(&guest.get(&path).await)["order"], order);
    staff
        .event(
            TABLE,
            "online_payment",
            &json!({"sum": 74, "name": "Карта"}),
        )
        .await;
    order["unpaid_sum"] = json!(100.0);
    order["payments"] = json!([{"name": "Карта", "sum": 74.0}]);
    assert_eq!(data(&guest.get(&path).await)["order"], order);
    assert_eq!(data(&guest.get(&other).await)["order"], Value::Null);
    staff.event(TABLE, "online_payment", &Value::Null).await;
    assert_eq!(data(&guest.get(&path).await)["order"], Value::Null);
}

/// A table that is gone is not there, however right its link is.
#[tokio::test]
async fn a_withdrawn_table_is_unknown() {
    let stand = Stand::open().await;
    let mut guest = stand.guest(TERRACE).await;
    let mut venue = restaurant();
    venue["tables"].as_array_mut().unwrap().pop();
    stand.store.import_ok(&venue).await;
    let path = link(&stand.store, "restaurant", TERRACE, "").await;
    crate::support::eventually("the table is gone", async || {
        guest.get(&format!("/t/{path}/menu")).await.status == 404
    })
    .await;
    for page in ["menu", "bill"] {
        let told = guest.get(&format!("/t/{path}/{page}")).await;
        assert_eq!(refusal(&told), coded(404, "unknown_table"));
    }
    let told = guest.refused(TERRACE, "waiter_call", &Value::Null).await;
    assert_eq!(told, coded(404, "unknown_table"));
}
