//! The protocol's own examples, request and answer, at a venue that has their ids.

use super::stand::{CREATE, Stand, book, heard, redeem, sell, with};
use super::venue::venue;
use serde_json::{Value, json};

/// The token of the examples.
const TOKEN: &str = "abcdefgh1234567890";
/// Somebody who may look into preorders.
const ADMIN: &str = "admin-session-token";

/// The examples' products, lists and tickets, and so many products in all.
fn shop(products: u32) -> Value {
    let product = |id: u32, name: &str, price: &str| json!({"id": id, "name": name, "price": price, "tax_rate": "19.00", "points_of_sale": [1]});
    // The badge of the example's troubleshooter overrides what product 1 asks for.
    let first = with(
        product(1, "Guest list", "23.00"),
        &json!({"requires_authorization": true}),
    );
    let mut goods = vec![
        first,
        product(2, "Member ticket", "11.00"),
        product(3, "Dauerticket", "80.00"),
    ];
    goods.extend((4..=products).map(|id| product(id, &format!("Product {id}"), "1.00")));
    let keys = venue()["api_keys"].clone();
    json!({
        "instance": {"slug": "festival", "name": "Examples", "currency": "EUR", "time_zone": "Europe/Berlin"},
        "points_of_sale": [{"id": 1, "name": "Entrance"}],
        "payment_methods": [{"id": 1, "name": "Cash", "kind": "cash", "points_of_sale": [1]}],
        "products": goods,
        "list_constraints": [
            {"id": 1, "name": "CCC-Mitglied",
             "products": [{"product": 3, "price": "12.00", "tax_rate": "19.00"}],
             "entries": [{"id": 1, "name": "Rainer Zufall", "identifier": "12345"}]},
            {"id": 3, "name": "CCC Members", "products": [{"product": 2}],
             "entries": [{"id": 2, "name": "Erika Mustermann", "identifier": "4711"}]},
        ],
        "preorders": [
            {"id": 1, "order_code": "12346", "is_paid": true, "positions": [
                {"id": 1, "secret": "abcde", "product": 1}, {"id": 2, "secret": "efghij", "product": 1},
            ]},
            {"id": 2, "order_code": "12347", "is_paid": true, "positions": [
                {"id": 3, "secret": "abcdefgh", "product": 2}, {"id": 4, "secret": "season", "product": 3},
            ]},
        ],
        "users": [
            {"id": 1, "name": "Kim", "username": "kim", "roles": ["cashier"]},
            {"id": 2, "name": "Toni", "username": "toni", "roles": ["troubleshooter"], "auth_token": "12345"},
        ],
        "cashdesks": [{"id": 1, "name": "Desk", "point_of_sale": 1}],
        "sessions": [
            {"id": 1, "cashdesk": 1, "user": 1, "token": TOKEN},
            {"id": 2, "cashdesk": 1, "user": 2, "token": ADMIN},
        ],
        "api_keys": keys,
    })
}

/// Every member of the sample, in the sample's order, and perhaps more behind them.
fn begins_with(text: &str, sample: &Value, order: &[&str]) {
    let shown: Value = serde_json::from_str(text).unwrap();
    for (name, value) in sample.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}: {text}");
    }
    let members: Vec<_> = order.iter().map(|name| format!("\"{name}\":")).collect();
    let places = members
        .iter()
        .map(|member| text.find(member.as_str()).unwrap());
    assert!(places.is_sorted(), "{text}");
    let first = format!("{{{}", members[0]);
    assert!(text.starts_with(&first), "{text}");
}

#[tokio::test]
async fn the_first_example_is_refused_as_shown_and_nothing_is_written() {
    let stand = Stand::of(&shop(3)).await;
    let mut desk = stand.desk(TOKEN);
    let size = stand.server.size().await;
    let body = json!({"cash_given": "12.00", "positions": [
        {"type": "redeem", "secret": "abcdefgh"},
        {"type": "sell", "product": 1, "authorized_by": "12345"},
    ]});
    let told = desk.post(CREATE, None, &body).await;
    let shown = json!({"success": false, "positions": [
        {"success": false, "type": "input", "missing_field": "list_3", "bypass_price": null,
         "message": "This ticket can only be redeemed by persons on the \"CCC Members\" list"},
        {"success": true},
    ]});
    assert_eq!(heard(&told), (400, shown));
    assert_eq!(told.header("content-type"), "application/json");
    assert_eq!(stand.server.size().await, size);
    assert_eq!(desk.shown(CREATE).await["count"], 0);
    // It is tried again with what was asked for.
    let mut body = body;
    body["positions"][0]["list_3"] = json!("4711");
    let (status, answer) = heard(&desk.post(CREATE, None, &body).await);
    assert_eq!((status, &answer["success"]), (201, &json!(true)));
    let ticket = json!({"id": 3, "preorder": 2, "secret": "abcdefgh", "product": 2,
        "is_redeemed": false, "is_paid": true, "product_name": "Member ticket", "pack_list": "",
        "redemption_message": null});
    let accepted = json!([{"success": true, "preorder_position": ticket}, {"success": true}]);
    assert_eq!(answer["positions"], accepted);
    let id = answer["id"].as_u64().unwrap();
    let booked = desk.shown(&format!("{CREATE}{id}/")).await;
    assert_eq!(
        (&booked["id"], &booked["cash_given"]),
        (&json!(id), &json!("12.00"))
    );
    assert_eq!(
        (&booked["session"], &booked["positions"][0]["listentry"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(booked["positions"][1]["authorized_by"], 2);
}

/// Instead of being a member, one pays for the upgrade; the field is named as often as it is asked.
#[tokio::test]
async fn a_constraint_is_removed_by_a_payment() {
    let stand = Stand::of(&shop(3)).await;
    let mut desk = stand.desk(TOKEN);
    let mut ticket = redeem("season");
    let (status, answer) = heard(
        &desk
            .post(CREATE, None, &json!({"positions": [ticket]}))
            .await,
    );
    let price = &answer["positions"][0]["bypass_price"];
    assert_eq!((status, price), (400, &json!(12.0)), "{answer}");
    assert_eq!(answer["positions"][0]["missing_field"], "list_1");
    ticket["bypass_price"] = price.clone();
    let id = book(&mut desk, &[ticket]).await;
    let booked = desk.shown(&format!("{CREATE}{id}/")).await;
    let position = &booked["positions"][0];
    assert_eq!(
        (&position["type"], &position["value"]),
        (&json!("redeem"), &json!("12.00"))
    );
    assert_eq!(
        (&position["tax_rate"], &position["listentry"]),
        (&json!("19.00"), &Value::Null)
    );
}

#[tokio::test]
async fn objects_begin_as_shown() {
    let stand = Stand::of(&shop(3)).await;
    let mut desk = stand.desk(ADMIN);
    let product = json!({"id": 3, "name": "Dauerticket", "price": "80.00", "tax_rate": "19.00",
        "requires_authorization": false, "is_available": true});
    let ticket =
        |id: u32, secret: &str| json!({"id": id, "preorder": 1, "secret": secret, "product": 1});
    let list = json!({"id": 1, "name": "CCC-Mitglied"});
    let entry = json!({"id": 1, "name": "Rainer Zufall", "identifier": "12345"});
    let samples: [(&str, Value, &[&str]); 4] = [
        (
            "products/3/",
            product,
            &[
                "id",
                "name",
                "price",
                "tax_rate",
                "requires_authorization",
                "is_available",
            ],
        ),
        (
            "preorderpositions/1/",
            ticket(1, "abcde"),
            &["id", "preorder", "secret", "product"],
        ),
        ("listconstraints/1/", list, &["id", "name"]),
        (
            "listconstraintentries/1/",
            entry,
            &["id", "name", "identifier"],
        ),
    ];
    for (path, sample, order) in samples {
        let told = desk.get(&format!("/api/{path}")).await;
        begins_with(&told.text, &sample, order);
    }
    let told = desk.get("/api/preorders/1/").await;
    let sample =
        json!({"order_code": "12346", "is_paid": true, "is_canceled": false, "warning_text": ""});
    begins_with(
        &told.text,
        &sample,
        &[
            "order_code",
            "is_paid",
            "is_canceled",
            "warning_text",
            "positions",
        ],
    );
    let positions = &told.json()["positions"];
    for (place, sample) in [ticket(1, "abcde"), ticket(2, "efghij")].iter().enumerate() {
        for (name, value) in sample.as_object().unwrap() {
            assert_eq!(&positions[place][name], value, "{name}");
        }
    }
    assert_eq!(positions[2], Value::Null);
}

/// What requires parameters is empty without them.
#[tokio::test]
async fn searches_need_what_is_shown() {
    let stand = Stand::of(&shop(3)).await;
    let mut desk = stand.desk(TOKEN);
    let searches: [(&str, &[u64]); 9] = [
        ("preorderpositions/", &[]),
        ("preorderpositions/?secret=abcde", &[1]),
        ("preorderpositions/?search=abcde", &[]),
        ("preorderpositions/?search=abcdef", &[3]),
        ("listconstraintentries/", &[]),
        ("listconstraintentries/?listid=1", &[]),
        ("listconstraintentries/?search=Rainer", &[]),
        ("listconstraintentries/?listid=1&search=Rai", &[1]),
        ("listconstraintentries/?listid=3&search=471", &[2]),
    ];
    for (path, ids) in searches {
        let page = desk.shown(&format!("/api/{path}")).await;
        let results = page["results"].as_array().unwrap();
        assert!(
            results.iter().map(|one| &one["id"]).eq(ids.iter()),
            "{path}: {page}"
        );
        assert_eq!(page["count"], ids.len(), "{path}");
    }
}

#[tokio::test]
async fn a_page_is_wrapped_as_shown() {
    let stand = Stand::of(&shop(123)).await;
    let mut desk = stand.desk(TOKEN);
    let told = desk.get("/api/products/").await;
    let page = told.json();
    let next = format!("http://{}/api/products/?page=2", desk.address);
    assert_eq!((&page["count"], &page["next"]), (&json!(123), &json!(next)));
    assert_eq!(page["previous"], Value::Null);
    begins_with(
        &told.text,
        &json!({"count": 123}),
        &["count", "next", "previous", "results"],
    );
    assert_eq!(desk.all("/api/products/").await.len(), 123);
}

#[tokio::test]
async fn a_whole_transaction_is_reversed() {
    let stand = Stand::of(&shop(3)).await;
    let mut desk = stand.desk(TOKEN);
    let unknown = json!({"success": false, "message": "Transaction ID not known."});
    let path = "/api/transactions/12345/reverse/";
    assert_eq!(
        heard(&desk.post(path, None, &Value::Null).await),
        (400, unknown)
    );
    let cart = [
        redeem("abcde"),
        with(sell(1), &json!({"authorized_by": "12345"})),
    ];
    let id = book(&mut desk, &cart).await;
    let path = format!("/api/transactions/{id}/reverse/");
    let reversed = desk.post(&path, None, &Value::Null).await;
    assert_eq!(
        heard(&reversed),
        (200, json!({"success": true, "id": id + 2}))
    );
    let again = "At least one position of this transaction has already been reversed.";
    let again = json!({"success": false, "message": again});
    assert_eq!(
        heard(&desk.post(&path, None, &Value::Null).await),
        (400, again)
    );
    // The ticket can be redeemed again.
    book(&mut desk, &[redeem("abcde")]).await;
}
