//! A crowd of idle sockets, while one till sells.

use super::Fortress;
use crate::support::Till;
use serde_json::json;

const CROWD: u64 = 5000;

#[tokio::test]
async fn five_thousand_idle_sockets_and_one_that_sells() {
    let fortress = Fortress::build().await;
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    // Both ends have this limit, each for itself; other tests of this process need some files, too.
    let crowd = CROWD.min(limit.saturating_sub(1000));
    let note = format!("{crowd} idle sockets (the limit of open files is {limit})");
    let mut idle = Vec::new();
    for number in 0..crowd {
        let path = if number % 2 == 0 {
            "/festival"
        } else {
            "/nowhere"
        };
        let till = Till::connect(fortress.server.address, path).await;
        idle.push(till.unwrap_or_else(|error| panic!("socket {number} of {note}: {error}")));
    }
    let mut till = fortress.server.till().await;
    let sale = json!({ "POSID": 1, "PaymentMethod": 1, "Products": [{ "ID": 1, "Amount": 1 }] });
    for _ in 0..100 {
        till.event("payitems", sale.clone()).await;
    }
    // They are served all the same, from the first to the last.
    let step = idle.len() / 10;
    for till in idle.iter_mut().step_by(step.max(2)) {
        let answer = till.ask("getdeposit", json!({})).await;
        assert_eq!(answer.unwrap()["type"], "event", "{note}");
    }
    drop(idle);
    fortress.stands(100).await;
}
