//! Payments: nothing is paid twice, and what is paid in full is sold.

use super::client::{Stand, coded, rows};
use super::venue::{BIG, CHEESE, DEAR, SMALL, TABLE, TEA};
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_is_paid_in_parts() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    assert_eq!(
        staff.refused(TABLE, "online_payment", &Value::Null).await,
        coded(409, "no_open_order")
    );
    let order = staff.order(TABLE, &[(BIG, 1.0), (SMALL, 3.0)]).await;
    let guid = &order["order"]["guid"];
    let first = json!({"sum": 100, "name": "Сертификат"});
    let event = staff.event(TABLE, "online_payment", &first).await;
    assert_eq!(event["order"]["payments"], json!([]));
    let too_much = json!({"sum": 86.01});
    assert_eq!(
        staff.refused(TABLE, "online_payment", &too_much).await,
        coded(409, "invalid_sum")
    );
    for sum in [json!(0), json!(-1), json!(0.0)] {
        let told = staff
            .refused(TABLE, "online_payment", &json!({"sum": sum}))
            .await;
        assert_eq!(told, coded(409, "invalid_sum"));
    }
    let event = staff
        .event(TABLE, "online_payment", &json!({"sum": 36.5}))
        .await;
    let paid = json!([{"name": "Сертификат", "sum": 100.0}]);
    assert_eq!(event["order"]["payments"], paid);
    // Dishes that come meanwhile leave the order open with the rest.
    let event = staff.order(TABLE, &[(TEA, 1.0)]).await;
    assert_eq!(&event["order"]["guid"], guid);
    assert_eq!(event["invoice"]["unpaid_sum"], json!(61.5));
    assert_eq!(event["order"]["sum"], json!(198.0));
    assert_eq!(rows(&stand.server, 1).await.len(), 0);
    let event = staff
        .event(TABLE, "online_payment", &json!({"sum": 49.5}))
        .await;
    assert_eq!(event["order"]["payments"].as_array().unwrap().len(), 2);
    assert_eq!(rows(&stand.server, 1).await.len(), 0);
    staff
        .event(TABLE, "online_payment", &json!({"sum": 12.0}))
        .await;
    let sold = rows(&stand.server, 1).await;
    let money: Vec<_> = sold
        .iter()
        .map(|row| row["AmountMoney"].as_f64().unwrap())
        .collect();
    assert_eq!(money, [150.0, 36.0, 12.0]);
    // It is closed now.
    assert_eq!(
        staff.refused(TABLE, "online_payment", &Value::Null).await,
        coded(409, "no_open_order")
    );
    assert_eq!(
        staff
            .refused(TABLE, "online_payment", &json!({"sum": 1}))
            .await
            .1,
        "no_open_order"
    );
    stand.store.run_ok(&["verify"]).await;
}

#[tokio::test]
async fn one_row_is_sold_for_each_line() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let body = json!({"items": [
        {"id": SMALL, "count": 3}, {"id": SMALL, "count": 1}, {"id": CHEESE, "count": 0.375},
        {"id": BIG, "count": 2, "modifiers": [{"id": DEAR, "count": 1}]},
        {"id": BIG, "count": 3, "modifiers": [{"id": DEAR, "count": 0.1}]},
    ]});
    let event = staff.event(TABLE, "order", &body).await;
    assert_eq!(
        event["order"]["sum"],
        json!(36.0 + 12.0 + 30.04 + 340.0 + 454.0)
    );
    staff
        .event(TABLE, "online_payment", &json!({"name": "наличные"}))
        .await;
    let sold: Vec<_> = rows(&stand.server, 1)
        .await
        .iter()
        .map(|row| {
            let number = |name: &str| row[name].as_f64().unwrap();
            (
                number("Product_ID"),
                number("AmountProduct"),
                number("AmountMoney"),
                number("Payment_ID"),
            )
        })
        .collect();
    let (small, big, cheese) = (f64::from(SMALL), f64::from(BIG), f64::from(CHEESE));
    // What is no whole number of equal pieces is one piece at its sum.
    let expected = [
        (small, 3.0, 36.0, 1.0),
        (small, 1.0, 12.0, 1.0),
        (cheese, 1.0, 30.04, 1.0),
        (big, 2.0, 340.0, 1.0),
        (big, 1.0, 454.0, 1.0),
    ];
    assert_eq!(sold, expected);
    stand.store.run_ok(&["verify"]).await;
}

/// A name that is no method counts as a card, and is shown as it was given.
#[tokio::test]
async fn a_payment_has_a_method() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    for (name, method) in [
        (None, 2),
        (Some("Онлайн"), 2),
        (Some("Telegram"), 2),
        (Some("НАЛИЧНЫЕ"), 1),
    ] {
        staff.order(TABLE, &[(TEA, 1.0)]).await;
        staff
            .event(TABLE, "online_payment", &json!({"name": name}))
            .await;
        let sold = rows(&stand.server, 1).await;
        assert_eq!(sold.last().unwrap()["Payment_ID"], method, "{name:?}");
        let log = super::client::log(&stand.server, "restaurant").await;
        let mut payments = log
            .iter()
            .filter(|event| event["type"] == "payment.received");
        let shown = payments.next_back().unwrap()["data"]["name"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(shown, name.unwrap_or("Онлайн"));
    }
}

/// The least that can be ordered is sold like anything else.
#[tokio::test]
async fn small_counts_are_sold() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let event = staff.order(TABLE, &[(CHEESE, 0.001), (TEA, 0.001)]).await;
    assert_eq!(event["order"]["sum"], json!(0.09));
    staff
        .event(TABLE, "online_payment", &json!({"sum": 0.09}))
        .await;
    assert_eq!(rows(&stand.server, 1).await.len(), 2);
}

/// Without a provider there is nowhere to go and pay.
#[tokio::test]
async fn guests_need_a_provider() {
    let stand = Stand::open().await;
    let mut guest = stand.guest(TABLE).await;
    guest.order(TABLE, &[(TEA, 1.0)]).await;
    for body in [Value::Null, json!({"sum": 5}), json!({"sum": 500})] {
        assert_eq!(
            guest.refused(TABLE, "online_payment", &body).await,
            coded(409, "payments_unavailable")
        );
    }
    let menu = format!(
        "/t/{}/menu",
        super::client::link(&stand.store, "restaurant", TABLE, "").await
    );
    assert_eq!(guest.shown(&menu).await["payments"], false);
}
