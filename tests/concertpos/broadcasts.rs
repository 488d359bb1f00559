//! What all tills of an instance are told.

use crate::support::{ADMIN_KEY, FESTIVAL, Server, Store, Till, barrel_at, festival};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn broadcast(message: &str) -> Value {
    json!({ "type": "broadcast", "result": { "message": message, "parameters": {} } })
}

/// A till whose socket is served, so that it hears what comes.
async fn listening(server: &Server) -> Till {
    let mut till = server.till().await;
    till.event("getdeposit", json!({})).await;
    till
}

async fn hear(till: &mut Till) -> Value {
    serde_json::from_str(&till.hear().await.unwrap()).unwrap()
}

async fn say(server: &Server, text: &str) {
    let body = json!({ "message": text }).to_string();
    let path = "/ledger/festival/messages";
    let (status, _, answer) = server.request("POST", path, Some(ADMIN_KEY), &body).await;
    assert_eq!(status, 201, "{answer}");
}

async fn barrel_price(till: &mut Till) -> Value {
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 1 }] });
    till.event("payitems", sale).await["Transactions"][0]["AmountMoney"].clone()
}

/// Every socket hears of a changed price exactly once, and the new price is sold from then on.
async fn a_changed_price(store: &Store, nodes: &[Server]) {
    let mut tills = Vec::new();
    for node in nodes {
        tills.push(listening(node).await);
        tills.push(listening(node).await);
    }
    for (price, sold) in [("19.00", json!(19)), ("20.50", json!(20.5))] {
        store.import_ok(&barrel_at(price)).await;
        for till in &mut tills {
            assert_eq!(hear(till).await, broadcast("updatepos"));
            assert_eq!(barrel_price(till).await, sold);
        }
        // What is heard next is what was said next: there was no second updatepos.
        say(&nodes[0], price).await;
        for till in &mut tills {
            assert_eq!(hear(till).await, broadcast(price));
        }
    }
    // What tills do not show is no news: a key, a setting, the same file again.
    store.run_ok(&["key", "issue", "--name", "new till"]).await;
    let mut same = barrel_at("20.50");
    same["settings"]["receipt_footer"] = json!("Bis morgen!");
    store.import_ok(&same).await;
    assert_eq!(store.import_ok(&same).await, 0);
    say(&nodes[0], "Feierabend").await;
    for till in &mut tills {
        assert_eq!(hear(till).await, broadcast("Feierabend"));
    }
}

#[tokio::test]
async fn a_changed_price_reaches_every_till() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    a_changed_price(&store, &[server]).await;
}

#[tokio::test]
async fn a_changed_price_reaches_the_tills_of_every_node() {
    let store = Store::postgres().await;
    store.run_ok(&["import", FESTIVAL]).await;
    let nodes = [Server::start(&store).await, Server::start(&store).await];
    a_changed_price(&store, &nodes).await;
}

/// Each kind of change that tills show leads to `updatepos`.
#[tokio::test]
async fn every_change_that_tills_show_is_news() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = listening(&server).await;
    let changes: [fn(&mut Value); 6] = [
        |venue| venue["products"][0]["name"] = json!("Fass"),
        |venue| venue["products"][0]["points_of_sale"] = json!([1]),
        |venue| venue["payment_methods"][0]["color"] = json!("btn-dark"),
        |venue| venue["points_of_sale"][0]["enabled"] = json!(false),
        |venue| venue["deposit"]["price"] = json!("2.00"),
        |venue| venue["deposit"] = json!(null),
    ];
    let mut venue = festival();
    for change in changes {
        change(&mut venue);
        assert_eq!(store.import_ok(&venue).await, 1);
        assert_eq!(hear(&mut till).await, broadcast("updatepos"));
    }
}

/// Several changes within a second share a broadcast; the last one is always announced.
#[tokio::test]
async fn quick_changes_share_an_update() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = listening(&server).await;
    let mut other = listening(&server).await;
    let imports = async {
        for price in 21..=26 {
            store.import_ok(&barrel_at(&format!("{price}.00"))).await;
        }
    };
    let listening = async {
        let mut heard = Vec::new();
        loop {
            assert_eq!(hear(&mut till).await, broadcast("updatepos"));
            heard.push(Instant::now());
            let products = other.event("listproducts", json!({ "POSID": 1 })).await;
            if products["Products"][0]["Price"] == 26 {
                return heard;
            }
        }
    };
    let ((), heard) = tokio::join!(imports, listening);
    for pair in heard.windows(2) {
        // The server's pause is a second; the way to us may vary a little.
        assert!(pair[1] - pair[0] > Duration::from_millis(800), "{heard:?}");
    }
    say(&server, "Ende").await;
    // At most one more: the last import may have come between a broadcast and our question.
    let next = hear(&mut till).await;
    assert!(
        next == broadcast("Ende") || next == broadcast("updatepos"),
        "{next}"
    );
}

#[tokio::test]
async fn an_operators_message_reaches_every_till_and_only_this_instances() {
    let store = Store::festival().await;
    store
        .run_ok(&[
            "import",
            &FESTIVAL.replace("festival.json", "restaurant.json"),
        ])
        .await;
    let server = Server::start(&store).await;
    let mut tills = [listening(&server).await, listening(&server).await];
    let mut stranger = Till::connect(server.address, "/restaurant").await.unwrap();
    let key = json!({ "api_key": "restaurant-admin-key" });
    stranger.event("listpos", key.clone()).await;
    let longest = "ü".repeat(500);
    for text in ["Letzte Runde!", "\"\\\n</script>", longest.as_str()] {
        say(&server, text).await;
        for till in &mut tills {
            assert_eq!(hear(till).await, broadcast(text));
        }
    }
    store
        .run_ok(&["message", "--instance", "festival", "From the command line"])
        .await;
    for till in &mut tills {
        assert_eq!(hear(till).await, broadcast("From the command line"));
    }
    stranger
        .send(&json!({ "command": "listpos", "parameters": key }).to_string())
        .await
        .unwrap();
    assert_eq!(
        hear(&mut stranger).await["type"],
        "event",
        "the restaurant heard the festival"
    );
}

/// A till that was there before its instance hears everything, without having said a word since.
#[tokio::test]
async fn a_till_that_came_before_its_instance_hears_what_comes() {
    let store = Store::sqlite();
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    assert_eq!(till.error("listpos", json!({})).await.0, "invalid_instance");
    store.import_festival().await;
    crate::support::eventually("the festival is served", async || {
        server.get("/ledger/festival/head", Some(ADMIN_KEY)).await.0 == 200
    })
    .await;
    say(&server, "Willkommen").await;
    // The import itself may be news, too.
    let mut heard = hear(&mut till).await;
    if heard == broadcast("updatepos") {
        heard = hear(&mut till).await;
    }
    assert_eq!(heard, broadcast("Willkommen"));
}
