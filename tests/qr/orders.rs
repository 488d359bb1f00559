//! Calls and orders: what is counted, at which price, and what is refused.

use super::client::{Stand, coded, items, refusal};
use super::venue::{
    BIG, CHEESE, DEAR, FREE, LESS, OFF_THE_MENU, OTHER, SMALL, TABLE, TEA, TERRACE, restaurant,
};
use serde_json::{Value, json};

#[tokio::test]
async fn modifiers_count_for_the_whole_line() {
    let stand = Stand::open().await;
    let body = json!({"items": [
        {"id": BIG, "count": 2, "price": 1, "modifiers": [{"id": DEAR, "count": 3.0}, {"id": FREE}]},
        {"id": CHEESE, "count": 0.375},
        {"id": BIG, "modifiers": [{"id": LESS}]},
    ]});
    let event = stand.guest(TABLE).await.event(TABLE, "order", &body).await;
    let dear =
        json!({"id": DEAR, "name": "Двойной сыр", "price": 40.0, "count": 3.0, "sum": 120.0});
    let free = json!({"id": FREE, "name": "Без лука", "price": 0.0, "count": 1.0, "sum": 0.0});
    let less = json!({"id": LESS, "name": "Без сыра", "price": -30.0, "count": 1.0, "sum": -30.0});
    let big = "Блюдо с модификатором";
    let dishes = json!([
        {"id": BIG, "type": "dish", "name": big, "price": 150.0, "count": 2.0, "sum": 420.0, "modifiers": [dear, free]},
        {"id": CHEESE, "type": "dish", "name": "Сыр", "price": 80.1, "count": 0.375, "sum": 30.04, "modifiers": []},
        {"id": BIG, "type": "dish", "name": big, "price": 150.0, "count": 1.0, "sum": 120.0, "modifiers": [less]},
    ]);
    assert_eq!(event["order"]["dishes"], dishes);
    assert_eq!(event["order"]["sum"], json!(570.04));
    assert_eq!(event["order"]["pricelist_sum"], json!(570.04));
    assert_eq!(event["invoice"]["unpaid_sum"], json!(570.04));
    let added = json!([
        {"id": BIG, "type": "dish", "count": 2.0, "modifiers": [dear, free], "name": big},
        {"id": CHEESE, "type": "dish", "count": 0.375, "modifiers": [], "name": "Сыр"},
        {"id": BIG, "type": "dish", "count": 1.0, "modifiers": [less], "name": big},
    ]);
    assert_eq!(event["invoice"]["session"]["items"], added);
}

#[tokio::test]
async fn what_is_not_on_the_menu_is_not_ordered() {
    let stand = Stand::open().await;
    let (mut staff, mut guest) = (stand.staff(), stand.guest(TABLE).await);
    let before = super::client::log(&stand.server, "restaurant").await.len();
    for dish in OFF_THE_MENU.into_iter().chain([1, 0, u32::MAX]) {
        // All or nothing: the tea is not ordered either.
        let body = items(&[(TEA, 1.0), (dish, 1.0)]);
        assert_eq!(
            guest.refused(TABLE, "order", &body).await,
            coded(404, "unknown_dish")
        );
        assert_eq!(
            staff.refused(TABLE, "order", &body).await,
            coded(404, "unknown_dish")
        );
    }
    let with = |modifier: Value| json!({"items": [{"id": BIG, "count": 2, "modifiers": modifier}]});
    let unknown = with(json!([{"id": 9}]));
    assert_eq!(
        guest.refused(TABLE, "order", &unknown).await,
        coded(404, "unknown_dish")
    );
    // A modifier that lowers the price is taken once for each piece, however it is written.
    for modifiers in [
        json!([{"id": LESS, "count": 2.001}]),
        json!([{"id": LESS}, {"id": DEAR}, {"id": LESS, "count": 1.5}]),
    ] {
        let told = guest.refused(TABLE, "order", &with(modifiers)).await;
        assert_eq!(told, coded(400, "invalid_request"));
    }
    let dear = items(&[(BIG, 666_667.0)]);
    assert_eq!(
        guest.refused(TABLE, "order", &dear).await,
        coded(400, "invalid_request")
    );
    for table in [1, 0, 9_999_999] {
        let told = staff.refused(table, "order", &items(&[(TEA, 1.0)])).await;
        assert_eq!(told, coded(404, "unknown_table"));
        assert_eq!(
            staff.refused(table, "waiter_call", &Value::Null).await.0,
            404
        );
        assert_eq!(
            staff.refused(table, "online_payment", &Value::Null).await.0,
            404
        );
    }
    let told = staff
        .ask(("POST", "/api/v4/tables/x/order"), &[], "{}")
        .await;
    assert_eq!(refusal(&told), coded(404, "unknown_table"));
    assert_eq!(
        super::client::log(&stand.server, "restaurant").await.len(),
        before
    );
}

/// The largest sum, exactly, and then not a kopeck more.
#[tokio::test]
async fn an_order_has_a_largest_sum() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let event = staff
        .order(
            TABLE,
            &[(BIG, 600_000.0), (SMALL, 833_333.332), (TEA, 0.001)],
        )
        .await;
    assert_eq!(event["order"]["sum"], json!(99_999_999.99));
    let least = items(&[(TEA, 0.001)]);
    assert_eq!(
        staff.refused(TABLE, "order", &least).await,
        coded(400, "invalid_request")
    );
}

#[tokio::test]
async fn an_order_has_at_most_a_thousand_lines() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let many = vec![(TEA, 1.0); 200];
    for lines in 1..=5 {
        let event = staff.order(TABLE, &many).await;
        assert_eq!(
            event["order"]["dishes"].as_array().unwrap().len(),
            200 * lines
        );
    }
    let told = staff.refused(TABLE, "order", &items(&[(TEA, 1.0)])).await;
    assert_eq!(told, coded(400, "invalid_request"));
    // It is paid, in as many rows, and the next one begins.
    staff.event(TABLE, "online_payment", &Value::Null).await;
    assert_eq!(super::client::rows(&stand.server, 1).await.len(), 1000);
    staff.order(TABLE, &[(TEA, 1.0)]).await;
    stand.store.run_ok(&["verify"]).await;
}

/// Prices, names and the waiter are those of the moment; what was ordered stays as it was.
#[tokio::test]
async fn a_changed_menu_does_not_change_what_was_ordered() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    staff.order(OTHER, &[(TEA, 1.0)]).await;
    let mut venue = restaurant();
    let dish = crate::support::entry(&mut venue, "products", u64::from(TEA));
    dish["price"] = json!("13.50");
    dish["name"] = json!("Чай \"Ассам\"");
    crate::support::entry(&mut venue, "tables", u64::from(OTHER))["waiter"] = json!(9001);
    stand.store.import_ok(&venue).await;
    let mut event = Value::Null;
    crate::support::eventually("the node knows the new menu", async || {
        event = staff.order(OTHER, &[(TEA, 1.0)]).await;
        let dishes = event["order"]["dishes"].as_array().unwrap();
        dishes.last().unwrap()["price"] == json!(13.5)
    })
    .await;
    let dishes = event["order"]["dishes"].as_array().unwrap();
    assert_eq!(dishes[0]["price"], json!(12.0));
    assert_eq!(dishes[0]["name"], "Чай");
    assert_eq!(dishes.last().unwrap()["name"], "Чай \"Ассам\"");
    assert_eq!(
        event["order"]["waiter"],
        json!({"id": 9002, "name": "Анна"})
    );
}

#[tokio::test]
async fn a_table_orders_where_it_is_served() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let kebab = OFF_THE_MENU[2];
    let event = staff.order(TERRACE, &[(kebab, 1.0), (TEA, 1.0)]).await;
    assert_eq!(event["order"]["sum"], json!(111.0));
    assert_eq!(
        staff
            .refused(TERRACE, "order", &items(&[(BIG, 1.0)]))
            .await
            .1,
        "unknown_dish"
    );
    staff.event(TERRACE, "online_payment", &Value::Null).await;
    let rows = super::client::rows(&stand.server, 2).await;
    let sold: Vec<_> = rows
        .iter()
        .map(|row| row["Product_ID"].as_u64().unwrap())
        .collect();
    assert_eq!(sold, [u64::from(kebab), u64::from(TEA)]);
    assert_eq!(super::client::rows(&stand.server, 1).await.len(), 0);
}

/// Guests may ask thirty times a minute, refusals too; staff and other tables as often as they like.
#[tokio::test]
async fn guests_of_one_table_are_counted() {
    let stand = Stand::open().await;
    let (mut staff, mut guest) = (stand.staff(), stand.guest(TABLE).await);
    for request in 0..30 {
        let body = if request % 2 == 0 {
            Value::Null
        } else {
            json!([])
        };
        let told = guest.post(TABLE, "waiter_call", None, &body).await;
        assert_eq!(told.status, if request % 2 == 0 { 200 } else { 400 });
    }
    for command in ["waiter_call", "order", "online_payment"] {
        let told = guest.post(TABLE, command, None, &Value::Null).await;
        assert_eq!(refusal(&told), coded(429, "too_many_requests"));
        let wait: u64 = told.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait));
    }
    stand
        .guest(OTHER)
        .await
        .event(OTHER, "waiter_call", &Value::Null)
        .await;
    for _ in 0..40 {
        staff.event(TABLE, "waiter_call", &Value::Null).await;
    }
    assert_eq!(staff.events("none").await.len(), 15 + 1 + 40);
}
