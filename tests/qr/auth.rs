//! Who may ask what: keys, links, and that nobody learns why one is wrong.

use super::client::{Client, Stand, coded, link, refusal};
use super::venue::{ADMIN, CAFE_STAFF, OTHER, STAFF, TABLE, TILL, restaurant};
use serde_json::{Value, json};

const EVENTS: &str = "/api/v4/events?hash=none";

fn call(table: u32) -> String {
    format!("/api/v4/tables/{table}/waiter_call")
}

#[tokio::test]
async fn a_key_with_the_scope_opens_its_own_venue() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    staff.event(TABLE, "waiter_call", &Value::Null).await;
    for (key, events) in [(STAFF, 1), (ADMIN, 1), (CAFE_STAFF, 0)] {
        let told = staff.ask(("GET", EVENTS), &[("token", key)], "").await;
        let updates = &told.json()["data"]["updates"];
        assert_eq!(updates.as_array().unwrap().len(), events, "{key}");
    }
    let long = "x".repeat(8000);
    for key in ["", "x", TILL, " ", "QR-MENU-SECRET-KEY", &long] {
        for path in [("GET", EVENTS), ("POST", &call(TABLE)), ("POST", &call(7))] {
            let told = staff.ask(path, &[("token", key)], "").await;
            assert_eq!(refusal(&told), coded(401, "invalid_token"), "{key}");
        }
    }
    let mut nobody = Client::new(stand.server.address, "x", "x");
    assert_eq!(
        refusal(&nobody.get(EVENTS).await),
        coded(401, "invalid_token")
    );
    // Not as other doors take it, and not in the query.
    for header in ["authorization", "x-token", "api_key"] {
        let value = format!("Token {STAFF}");
        let told = nobody.ask(("GET", EVENTS), &[(header, &value)], "").await;
        assert_eq!(told.status, 401);
    }
    let told = nobody.get(&format!("{EVENTS}&token={STAFF}")).await;
    assert_eq!(told.status, 401);
}

#[tokio::test]
async fn who_asked_stands_in_the_log() {
    let stand = Stand::open().await;
    stand
        .staff()
        .event(TABLE, "waiter_call", &Value::Null)
        .await;
    stand
        .guest(OTHER)
        .await
        .event(OTHER, "waiter_call", &Value::Null)
        .await;
    let log = super::client::log(&stand.server, "restaurant").await;
    let calls = log.iter().filter(|event| event["type"] == "waiter.called");
    let by: Vec<_> = calls.map(|event| event["by"].clone()).collect();
    assert_eq!(by, ["key:1".to_owned(), format!("table:{OTHER}")]);
}

#[tokio::test]
async fn a_link_opens_its_own_table() {
    let stand = Stand::open().await;
    let right = link(&stand.store, "restaurant", TABLE, "").await;
    let mut guest = stand.guest(TABLE).await;
    assert_eq!(
        guest
            .post(TABLE, "waiter_call", None, &Value::Null)
            .await
            .status,
        200
    );
    // The header and the query are alike, and the header counts.
    let mut nobody = Client::new(stand.server.address, "x", "x");
    let in_query = format!("{}?link={right}", call(TABLE));
    assert_eq!(nobody.ask(("POST", &in_query), &[], "").await.status, 200);
    let told = nobody
        .ask(("POST", &in_query), &[("table-link", "x")], "")
        .await;
    assert_eq!(told.status, 401);
    // A token that is wrong is not made good by a link.
    let told = guest
        .ask(("POST", &call(TABLE)), &[("token", "wrong")], "")
        .await;
    assert_eq!(refusal(&told), coded(401, "invalid_token"));
    // It opens no other table, no path that is none, and not the queue.
    for path in [
        call(OTHER),
        call(1),
        "/api/v4/tables/x/order".to_owned(),
        format!("/api/v4/tables/0{TABLE}/order/"),
    ] {
        let told = guest.ask(("POST", &path), &[], "").await;
        let own = path.contains("/0");
        let right = if own {
            coded(400, "invalid_request")
        } else {
            coded(401, "invalid_token")
        };
        assert_eq!(refusal(&told), right, "{path}");
    }
    assert_eq!(
        refusal(&guest.get(EVENTS).await),
        coded(401, "invalid_token")
    );
    let told = nobody.get(&format!("{EVENTS}&link={right}")).await;
    assert_eq!(refusal(&told), coded(401, "invalid_token"));
}

/// Whatever is wrong with a link, the answer is the same, byte for byte.
#[tokio::test]
async fn nobody_learns_what_is_wrong_with_a_link() {
    let stand = Stand::open().await;
    let right = link(&stand.store, "restaurant", TABLE, "").await;
    let proof = right.rsplit('.').next().unwrap();
    let mut flipped: Vec<_> = (0..proof.len())
        .map(|place| {
            let mut bytes = right.clone().into_bytes();
            let byte = &mut bytes[right.len() - 1 - place];
            *byte = if *byte == b'0' { b'1' } else { b'0' };
            String::from_utf8(bytes).unwrap()
        })
        .collect();
    let others = [
        link(&stand.store, "restaurant", OTHER, "").await,
        link(&stand.store, "cafe", OTHER, "").await,
        link(&stand.store, "restaurant", TABLE, "2").await,
        link(&stand.store, "restaurant", 7, "").await,
        format!("cafe.{TABLE}.{proof}"),
        format!("nowhere.{TABLE}.{proof}"),
        format!("restaurant.{OTHER}.{proof}"),
        format!("restaurant.0{TABLE}.{proof}"),
        format!("restaurant.{TABLE}.{}", proof.to_uppercase()),
        format!("restaurant.{TABLE}.{}", &proof[..31]),
        format!("{right}0"),
        format!("{right}."),
        format!("restaurant.{TABLE}"),
        format!("restaurant.{TABLE}."),
        String::new(),
        "..".to_owned(),
        "%".to_owned(),
        "x".repeat(5000),
    ];
    flipped.extend(others);
    let mut nobody = Client::new(stand.server.address, "x", "x");
    let wrong = nobody.ask(("POST", &call(TABLE)), &[], "").await;
    assert_eq!(refusal(&wrong), coded(401, "invalid_token"));
    for link in flipped.iter().filter(|link| **link != right) {
        let told = nobody
            .ask(("POST", &call(TABLE)), &[("table-link", link)], "")
            .await;
        assert_eq!((told.status, &told.text), (401, &wrong.text), "{link}");
        if link.contains("cafe") || link.contains('%') || link.is_empty() {
            continue;
        }
        let told = nobody.get(&format!("/t/{link}/menu")).await;
        // The other table's own menu is the other guest's to see; a table that is none has none.
        let open = told.status == 200 && link.contains(&format!(".{OTHER}."));
        let open = open || (told.status == 404 && link.contains(".7."));
        assert!(open || told.text == wrong.text, "{link}: {}", told.text);
    }
}

/// A link names its venue: at the same table elsewhere it calls the waiter there.
#[tokio::test]
async fn a_link_of_another_venue_opens_nothing_here() {
    let stand = Stand::open().await;
    let cafe = link(&stand.store, "cafe", TABLE, "").await;
    let mut guest = Client::new(stand.server.address, "table-link", &cafe);
    guest.event(TABLE, "waiter_call", &Value::Null).await;
    assert_eq!(stand.staff().events("none").await.len(), 0);
    let mut there = Client::new(stand.server.address, "token", CAFE_STAFF);
    assert_eq!(there.events("none").await.len(), 1);
    let bill = guest.shown(&format!("/t/{cafe}/bill")).await;
    assert_eq!(bill["order"], Value::Null);
}

#[tokio::test]
async fn a_new_generation_withdraws_all_links() {
    let stand = Stand::open().await;
    let mut guest = stand.guest(TABLE).await;
    let mut elsewhere = Client::new(
        stand.server.address,
        "table-link",
        &link(&stand.store, "cafe", TABLE, "").await,
    );
    let mut venue = restaurant();
    venue["settings"]["table_link_generation"] = json!("autumn");
    stand.store.import_ok(&venue).await;
    crate::support::eventually("the old link is withdrawn", async || {
        guest
            .post(TABLE, "waiter_call", None, &Value::Null)
            .await
            .status
            == 401
    })
    .await;
    let new = link(&stand.store, "restaurant", TABLE, "autumn").await;
    let mut guest = Client::new(stand.server.address, "table-link", &new);
    guest.event(TABLE, "waiter_call", &Value::Null).await;
    elsewhere.event(TABLE, "waiter_call", &Value::Null).await;
}

#[tokio::test]
async fn paths_and_methods_have_the_protocols_envelope() {
    let stand = Stand::open().await;
    let mut staff = stand.staff();
    let table = |command: &str| format!("/api/v4/tables/{TABLE}/{command}");
    for path in [
        "/api/v4",
        "/api/v4/",
        "/api/v4/event",
        "/api/v4/tables/1",
        &table("other"),
        "/t",
        "/t/",
    ] {
        for method in ["GET", "POST", "OPTIONS"] {
            let told = staff.ask((method, path), &[], "").await;
            assert_eq!(refusal(&told), coded(404, "not_found"), "{method} {path}");
        }
    }
    let link = link(&stand.store, "restaurant", TABLE, "").await;
    let (get, post) = ("GET, HEAD, OPTIONS", "POST, OPTIONS");
    for (path, allow) in [
        ("/api/v4/events/".to_owned(), get),
        (table("order"), post),
        (table("waiter_call/"), post),
        (table("online_payment"), post),
        (format!("/t/{link}/menu"), get),
        (format!("/t/{link}/bill/"), get),
    ] {
        let wrong = if allow == get { "POST" } else { "GET" };
        for method in [wrong, "PUT", "DELETE", "PATCH"] {
            let told = staff.ask((method, &path), &[], "").await;
            assert_eq!(
                refusal(&told),
                coded(405, "method_not_allowed"),
                "{method} {path}"
            );
            assert_eq!(told.header("allow"), allow);
        }
        let told = staff.ask(("OPTIONS", &path), &[("token", "")], "").await;
        assert_eq!((told.status, told.header("allow")), (200, allow));
        if allow == get {
            let told = staff.ask(("HEAD", &path), &[], "").await;
            assert_eq!((told.status, told.text.as_str()), (200, ""));
        }
    }
    // Beside it the cash desks have their own words.
    assert_eq!(
        staff.get("/api/v5/").await.json(),
        json!({"detail": "Not found."})
    );
}
