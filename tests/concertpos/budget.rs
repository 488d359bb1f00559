//! Budgets: 100 points for each key and command within thirty seconds.

use crate::support::{ADMIN_KEY, Server, Store, Till};
use serde_json::{Value, json};
use std::time::Instant;

/// A server that counts.
async fn counting() -> (Store, Server) {
    let store = Store::festival().await;
    let server = Server::start_with(&store, &[]).await;
    (store, server)
}

/// Each command with parameters that it accepts, and how many calls its budget admits.
fn commands() -> [(&'static str, Value, usize); 12] {
    let nothing = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [] });
    [
        ("getconfig", json!({}), 4),
        ("getdeposit", json!({}), 10),
        ("getlicense", json!({}), 25),
        ("getstatus", json!({}), 6),
        ("listpm", json!({ "POSID": 1 }), 5),
        ("listpos", json!({}), 20),
        ("listproducts", json!({ "POSID": 1 }), 4),
        ("listtransactions", json!({ "POSID": 1 }), 50),
        ("payitems", nothing, 100),
        ("registerdevice", json!({ "UUID": "till" }), 10),
        ("verifyauth", json!({ "password": "x", "workplace": 1 }), 10),
        ("version", json!({}), 2),
    ]
}

async fn assert_limited(till: &mut Till, command: &str, parameters: Value, since: Instant) {
    let (error, code) = till.error(command, parameters).await;
    assert_eq!(error, "ratelimit", "{command}");
    let members: Vec<&String> = code.as_object().unwrap().keys().collect();
    assert_eq!(members, ["command", "retry_after"]);
    assert_eq!(code["command"], command);
    let wait = u128::from(code["retry_after"].as_u64().unwrap());
    // The first call lapses thirty seconds after it was made.
    assert!(
        wait <= 30_000 && wait + since.elapsed().as_millis() >= 30_000,
        "{command}: {wait} ms"
    );
}

#[tokio::test]
async fn every_command_has_its_own_budget() {
    let (_store, server) = counting().await;
    let mut till = server.till().await;
    for (command, parameters, admitted) in commands() {
        let since = Instant::now();
        for _ in 0..admitted {
            till.event(command, parameters.clone()).await;
        }
        assert!(
            since.elapsed().as_secs() < 30,
            "this machine is too slow to test budgets"
        );
        // What is refused costs nothing, so the answer stays the same.
        for _ in 0..3 {
            assert_limited(&mut till, command, parameters.clone(), since).await;
        }
    }
}

#[tokio::test]
async fn a_budget_belongs_to_a_key_and_not_to_a_socket() {
    let (_store, server) = counting().await;
    let list = json!({ "POSID": 1 });
    let mut tills = [server.till().await, server.till().await];
    let since = Instant::now();
    for number in 0..4 {
        tills[number % 2].event("listproducts", list.clone()).await;
    }
    for till in &mut tills {
        assert_limited(till, "listproducts", list.clone(), since).await;
    }
    assert_limited(&mut server.till().await, "listproducts", list, since).await;
    let other = json!({ "POSID": 1, "api_key": ADMIN_KEY });
    tills[0].event("listproducts", other).await;
}

/// A stranger cannot use up a counter's budget, and neither can a typo in a command's name.
#[tokio::test]
async fn what_fails_before_the_budget_is_not_charged() {
    let (_store, server) = counting().await;
    let mut till = server.till().await;
    for _ in 0..20 {
        till.error("listproducts", json!({ "POSID": 1, "api_key": "wrong" }))
            .await;
        till.error("listproducts", json!({ "POSID": 1, "api_key": "" }))
            .await;
        till.error("listproduct", json!({ "POSID": 1 })).await;
        till.exchange("{").await.unwrap();
    }
    // From here on calls are charged, also those that go wrong later.
    let since = Instant::now();
    for parameters in [
        json!({}),
        json!({ "POSID": "x" }),
        json!({ "POSID": 99 }),
        json!({ "POSID": 3 }),
    ] {
        let (error, _) = till.error("listproducts", parameters).await;
        assert_ne!(error, "ratelimit");
    }
    // The budget comes before the parameters, and behind key and command.
    assert_limited(&mut till, "listproducts", json!({}), since).await;
    let (error, _) = till
        .error("listproducts", json!({ "api_key": "wrong" }))
        .await;
    assert_eq!(error, "api_key_mismatch");
    assert_eq!(till.error("nonsense", json!({})).await.0, "unknown_command");
}

/// A repetition is charged like any call; a sale that was refused by the budget is not booked.
#[tokio::test]
async fn a_hundred_sales_and_no_more() {
    let (_store, server) = counting().await;
    let mut till = server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 1 }],
        "request_id": "once" });
    let since = Instant::now();
    for _ in 0..100 {
        till.event("payitems", sale.clone()).await;
    }
    assert_limited(&mut till, "payitems", sale, since).await;
    assert_eq!(
        till.event("listtransactions", json!({ "POSID": 1 })).await["Count"],
        1
    );
}
