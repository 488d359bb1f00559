//! `request_id`: a sale that is asked for again is not booked again.

use crate::support::{Server, Store, Till};
use serde_json::{Value, json};

fn sale(pos: u64, id: &str, products: Value) -> Value {
    let mut sale = json!({ "POSID": pos, "PaymentMethod": 1, "posPassword": "crew-only" });
    sale["Products"] = products;
    sale["request_id"] = json!(id);
    sale
}

fn beer() -> Value {
    json!([{ "ID": 2, "Amount": 2 }])
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer_on_any_socket_and_after_a_restart() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let first = till.ask("payitems", sale(1, "a", beer())).await.unwrap();
    assert_eq!(first["result"]["parameters"]["Items"], 1);
    // Other sales in between change nothing.
    till.event("payitems", sale(1, "b", beer())).await;
    assert_eq!(
        till.ask("payitems", sale(1, "a", beer())).await.unwrap(),
        first
    );
    let mut other = server.till().await;
    assert_eq!(
        other.ask("payitems", sale(1, "a", beer())).await.unwrap(),
        first
    );
    let size = server.size().await;
    assert_eq!(server.stop().await, 0);

    let server = Server::start(&store).await;
    let mut till = server.till().await;
    assert_eq!(
        till.ask("payitems", sale(1, "a", beer())).await.unwrap(),
        first
    );
    assert_eq!(server.size().await, size);
}

/// What counts as the same: payment method and lines with an amount. Lines that are skipped, other
/// members and spellings do not count.
#[tokio::test]
async fn the_meaningful_parts_decide_whether_it_is_the_same() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let first = till.event("payitems", sale(1, "a", beer())).await;
    let spelled = json!([{ "ID": 9999, "Amount": 0 }, { "ID": "2", "Amount": "2", "Price": 1 }]);
    assert_eq!(till.event("payitems", sale(1, "a", spelled)).await, first);
    let mut by_card = sale(1, "a", beer());
    by_card["PaymentMethod"] = json!(2);
    let conflict = ("request_id_conflict".to_owned(), json!(404));
    assert_eq!(till.error("payitems", by_card).await, conflict);
    for other in [
        json!([{ "ID": 2, "Amount": 1 }]),
        json!([{ "ID": 36, "Amount": 2 }]),
        json!([{ "ID": 2, "Amount": 1 }, { "ID": 2, "Amount": 1 }]),
        json!([]),
        json!([{ "ID": 9999, "Amount": 1 }]),
    ] {
        assert_eq!(till.error("payitems", sale(1, "a", other)).await, conflict);
    }
    assert_eq!(
        till.event("listtransactions", json!({ "POSID": 1 })).await["Count"],
        2
    );
}

/// Only bookings are remembered: what was refused, or booked nothing, may come again corrected.
#[tokio::test]
async fn a_refused_request_may_come_again_corrected() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let unknown = sale(1, "a", json!([{ "ID": 3, "Amount": 1 }]));
    assert_eq!(till.error("payitems", unknown).await.0, "unknown_product");
    let nothing = sale(1, "a", json!([]));
    assert_eq!(till.event("payitems", nothing.clone()).await["Items"], 0);
    let paid = till.event("payitems", sale(1, "a", beer())).await;
    assert_eq!(paid["Items"], 1);
    assert_eq!(
        till.error("payitems", nothing).await.0,
        "request_id_conflict"
    );
}

#[tokio::test]
async fn an_id_counts_at_its_point_of_sale() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let bar = till.event("payitems", sale(1, "a", beer())).await;
    let crew = till.event("payitems", sale(3, "a", beer())).await;
    assert_eq!(crew["Transactions"][0]["PointOfSaleID"], 3);
    assert_ne!(bar["Transactions"][0]["ID"], crew["Transactions"][0]["ID"]);
    // Without the password not even a repetition is answered.
    let mut locked = sale(3, "a", beer());
    locked["posPassword"] = json!("wrong");
    assert_eq!(till.error("payitems", locked).await.0, "invalid_password");
}

#[tokio::test]
async fn without_an_id_two_equal_requests_are_two_sales() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let mut sale = sale(1, "", json!([{ "ID": 1, "Amount": 1 }]));
    // An empty id is a client's mistake: without one the sale would be booked again.
    let refused = ("invalid_parameter_request_id".to_owned(), json!(301));
    assert_eq!(till.error("payitems", sale.clone()).await, refused);
    sale["request_id"] = json!(null);
    till.event("payitems", sale.clone()).await;
    till.event("payitems", sale.clone()).await;
    sale.as_object_mut().unwrap().remove("request_id");
    till.event("payitems", sale).await;
    assert_eq!(
        till.event("listtransactions", json!({ "POSID": 1 })).await["Count"],
        3
    );
}

/// Any characters will do, up to 128 of them.
#[tokio::test]
async fn ids_may_be_any_text() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let texts = [
        "a",
        " a",
        "A",
        "ä",
        "a/b",
        "\u{0}",
        "\u{1}\"\\\u{7f}\u{2028}",
        "👍",
    ];
    let longest = ["x".repeat(128), "👍".repeat(128), "\u{1}".repeat(128)];
    for id in texts.into_iter().chain(longest.iter().map(String::as_str)) {
        let first = till.event("payitems", sale(1, id, beer())).await;
        assert_eq!(first["Items"], 1, "{id:?}");
        assert_eq!(
            till.event("payitems", sale(1, id, beer())).await,
            first,
            "{id:?}"
        );
    }
    store.run_ok(&["verify"]).await;
}

/// Twenty sockets ask for the same sale in the same moment.
#[tokio::test]
async fn many_at_once_are_one_booking() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut tills = Vec::new();
    for _ in 0..20 {
        tills.push(server.till().await);
    }
    for round in 0..5 {
        let id = format!("round-{round}");
        let ask = |till: Till| {
            let sale = sale(1, &id, beer());
            tokio::spawn(async move {
                let mut till = till;
                let answer = till.event("payitems", sale).await;
                (till, answer)
            })
        };
        let asked: Vec<_> = std::mem::take(&mut tills).into_iter().map(ask).collect();
        let mut answers = Vec::new();
        for task in asked {
            let (till, answer) = task.await.unwrap();
            tills.push(till);
            answers.push(answer);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }
    let list = tills[0]
        .event("listtransactions", json!({ "POSID": 1 }))
        .await;
    assert_eq!(list["Count"], 5 * 2, "a beer and its deposit for each id");
}
