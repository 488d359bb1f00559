//! What each reading command answers, member by member.

use crate::support::{Server, Store, Till, entry, festival};
use serde_json::{Value, json};

#[tokio::test]
async fn points_of_sale_products_and_payment_methods_of_the_festival() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let pos = |id: u32, name: &str, enabled: bool, special: bool, password: bool| {
        json!({ "ID": id, "PointOfSale": name, "enabled": enabled, "special": special,
            "admin": false, "password": password })
    };
    let expected = json!({ "POS": [
        pos(1, "Hauptbühne Bar", true, false, false),
        pos(2, "Ticketkasse", true, false, false),
        pos(3, "Crew-Bar", true, true, true),
        pos(4, "Altes Zelt", false, false, false),
    ]});
    assert_eq!(till.event("listpos", json!({})).await, expected);

    let product = |id: u32, name: &str, price: Value, deposit: bool| {
        json!({ "ID": id, "ProductName": name, "Price": price, "Amount": 0, "Deposit": deposit,
            "CrewBlocked": false })
    };
    let expected = json!({ "Products": [
        product(1, "Kleines Fass", json!(18), false),
        product(2, "Bier 0,5", json!(4.5), true),
        product(8, "Frühstück", json!(9.9), false),
        product(15, "Pfandrückgabe", json!(-1), false),
        product(36, "Falafel-Teller", json!(10), false),
    ]});
    assert_eq!(
        till.event("listproducts", json!({ "POSID": 1 })).await,
        expected
    );
    assert_eq!(
        till.event("listproducts", json!({ "POSID": "1" })).await,
        expected
    );
    // The disabled one may be looked at; it has no goods.
    let nothing = json!({ "Products": [] });
    assert_eq!(
        till.event("listproducts", json!({ "POSID": 4 })).await,
        nothing
    );

    let crew = json!({ "POSID": 3, "posPassword": "crew-only" });
    let expected = json!({ "PaymentMethods": [
        { "ID": 1, "Payment": "Bar", "color": "btn-success" },
        { "ID": 3, "Payment": "Crew-Bon", "color": "btn-warning" },
    ]});
    assert_eq!(till.event("listpm", crew).await, expected);
}

/// All assigned products are listed; `visible` is for other doors.
#[tokio::test]
async fn every_assigned_product_is_listed_and_can_be_sold() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let products = till.event("listproducts", json!({ "POSID": 2 })).await;
    let ids: Vec<u64> = products["Products"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["ID"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [3, 4, 5, 6, 7, 8, 9, 10]);
    let sale = json!({ "POSID": 2, "PaymentMethod": 1, "Products": [{ "ID": 10, "Amount": 1 }] });
    assert_eq!(
        till.event("payitems", sale).await["Transactions"][0]["AmountMoney"],
        50
    );
}

#[tokio::test]
async fn settings_deposit_and_licence() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let expected = json!({ "Config": { "license_key": "DEMO-0000-0000-0001",
        "receipt_footer": "Danke & bis bald!", "ticket_limit": "0" } });
    assert_eq!(till.event("getconfig", json!({})).await, expected);
    assert_eq!(
        till.event("getdeposit", json!({})).await,
        json!({ "Deposit": { "Price": 1 } })
    );
    let expected = json!({ "License": { "Active": "1", "Name": "Sommerfest e. V.",
        "LicenseKey": "DEMO-0000-0000-0001", "Type": "event", "DeviceLimit": "0",
        "TicketLimit": "0", "ProductLimit": "0", "PaymentLimit": "0", "POSLimit": "0",
        "Created": "2026-01-01T00:00:00.000Z", "Expires": null } });
    assert_eq!(till.event("getlicense", json!({})).await, expected);
}

#[tokio::test]
async fn a_licence_may_be_expired_inactive_or_missing() {
    let store = Store::sqlite();
    let mut catalogue = festival();
    catalogue["license"]["created"] = json!("2019-01-01T00:00:00Z");
    catalogue["license"]["expires"] = json!("2020-02-03T04:05:06Z");
    catalogue["license"]["limits"]["devices"] = json!(12);
    catalogue["deposit"] = json!(null);
    catalogue["settings"] = json!({});
    store.import_ok(&catalogue).await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let expired = till.event("getlicense", json!({})).await;
    assert_eq!(expired["License"]["Active"], "0");
    assert_eq!(expired["License"]["DeviceLimit"], "12");
    assert_eq!(expired["License"]["Expires"], "2020-02-03T04:05:06.000Z");
    assert_eq!(
        till.event("getdeposit", json!({})).await,
        json!({ "Deposit": { "Price": 0 } })
    );
    let bare = json!({ "Config": { "ticket_limit": "0" } });
    assert_eq!(till.event("getconfig", json!({})).await, bare);

    catalogue["license"]["expires"] = json!(null);
    catalogue["license"]["active"] = json!(false);
    store.import_ok(&catalogue).await;
    server.reaches(server.size().await).await;
    crate::support::eventually("the licence is inactive", async || {
        let answer = server.till().await.event("getlicense", json!({})).await;
        answer["License"]["Active"] == "0" && answer["License"]["Expires"].is_null()
    })
    .await;

    catalogue["license"] = json!(null);
    store.import_ok(&catalogue).await;
    crate::support::eventually("the licence is gone", async || {
        let answer = server
            .till()
            .await
            .ask("getlicense", json!({}))
            .await
            .unwrap();
        answer["result"] == json!({ "error": "getlicense", "code": 205 })
    })
    .await;
}

#[tokio::test]
async fn status_and_version() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let well = json!({ "status": "success", "message": "All systems are operational" });
    assert_eq!(till.event("getstatus", json!({})).await, well);
    let version = json!({ "Version": env!("CARGO_PKG_VERSION") });
    assert_eq!(till.event("version", json!({})).await, version);
}

/// The whole text of an answer: strict JSON, `type` and `result` only, shortest numbers.
#[tokio::test]
async fn answers_are_strict_json_in_the_documented_envelope() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = Till::connect(server.address, "/festival?Content-Type=json5")
        .await
        .unwrap();
    till.send("{command:'getdeposit',parameters:{api_key:'YOUR_API_KEY'}}")
        .await
        .unwrap();
    let text = till.hear().await.unwrap();
    let expected =
        r#"{"type":"event","result":{"event":"getdeposit","parameters":{"Deposit":{"Price":1}}}}"#;
    assert_eq!(text, expected);
    till.send("{command:'getdeposit'}").await.unwrap();
    let text = till.hear().await.unwrap();
    let expected = r#"{"type":"error","result":{"error":"missing_parameter_api","code":201}}"#;
    assert_eq!(text, expected);
}

/// A password of digits is one whether the client sends it as a text or as a number.
#[tokio::test]
async fn verifyauth_says_whether_the_password_is_right() {
    let store = Store::sqlite();
    let mut catalogue = festival();
    entry(&mut catalogue, "points_of_sale", 4)["password"] = json!("1234");
    store.import_ok(&catalogue).await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let rows = [
        (
            json!({ "password": "crew-only", "workplace": 3 }),
            true,
            json!("crew-only"),
        ),
        (
            json!({ "password": "crew-only", "workplace": "3" }),
            true,
            json!("crew-only"),
        ),
        (
            json!({ "password": "Crew-only", "workplace": 3 }),
            false,
            json!(null),
        ),
        (
            json!({ "password": "1234", "workplace": 4 }),
            true,
            json!("1234"),
        ),
        (
            json!({ "password": 1234, "workplace": 4 }),
            true,
            json!("1234"),
        ),
        // The password of one point of sale opens no other.
        (
            json!({ "password": "1234", "workplace": 3 }),
            false,
            json!(null),
        ),
        // Nothing to know: anything is right.
        (
            json!({ "password": "anything", "workplace": 1 }),
            true,
            json!("anything"),
        ),
    ];
    for (parameters, success, password) in rows {
        let answer = till.event("verifyauth", parameters.clone()).await;
        assert_eq!(
            answer,
            json!({ "success": success, "password": password }),
            "{parameters}"
        );
    }
    let unknown = till
        .error("verifyauth", json!({ "password": "x", "workplace": 99 }))
        .await;
    assert_eq!(unknown, ("unknown_pos".to_owned(), json!(400)));
}
