//! Random mixes of sales with repeated ids from several tills at once, against a model that fits in
//! a few sentences: an id belongs to the first body that was booked under it; that body always gets
//! the same rows, any other body is a conflict; and there are no other rows.

use crate::support::{Dice, Server, Store, rounds};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TILLS: u64 = 6;
const REQUESTS: usize = 40;

/// What may be asked: products with pieces and price in cents, deposit included. The last one is
/// refused.
const BODIES: [&[(u64, u64, i64)]; 5] = [
    &[(1, 1, 1800)],
    &[(36, 3, 1000), (15, 1, -100)],
    &[(2, 2, 450)],
    &[(36, 1, 1000), (36, 1, 1000)],
    &[(1, 1, 1800), (3, 1, 8000)],
];
const REFUSED: usize = 4;
const BEER: u64 = 2;

#[derive(Clone, Debug)]
struct Asked {
    id: Option<u64>,
    body: usize,
    answer: Value,
}

fn products(body: usize) -> Value {
    BODIES[body]
        .iter()
        .map(|(id, amount, _)| json!({ "ID": id, "Amount": amount }))
        .collect()
}

/// The rows a body leads to: product, pieces and money.
fn expected(body: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    for &(product, pieces, cents) in BODIES[body] {
        let cents = cents * i64::try_from(pieces).unwrap();
        // Shortest form: whole amounts have no fraction.
        let money = if cents % 100 == 0 {
            json!(cents / 100)
        } else {
            json!(f64::from(i32::try_from(cents).unwrap()) / 100.0)
        };
        rows.push(json!([product, pieces, money]));
        if product == BEER {
            rows.push(json!([15, pieces, pieces]));
        }
    }
    rows
}

fn short(row: &Value) -> Value {
    json!([row["Product_ID"], row["AmountProduct"], row["AmountMoney"]])
}

async fn trade(server: &Server, seed: u64) -> Vec<Asked> {
    let tills = (0..TILLS).map(|number| {
        let address = server.address;
        tokio::spawn(async move {
            let mut dice = Dice(seed * 1000 + number);
            let mut till = crate::support::Till::connect(address, "/festival")
                .await
                .unwrap();
            let mut asked = Vec::new();
            for _ in 0..REQUESTS {
                let id = Some(dice.roll(20)).filter(|id| *id < 15);
                let body = dice.index(BODIES.len());
                let mut sale =
                    json!({ "POSID": 1, "PaymentMethod": 1, "Products": products(body) });
                if let Some(id) = id {
                    sale["request_id"] = json!(format!("{seed}-{id}"));
                }
                let answer = till.ask("payitems", sale).await.unwrap();
                asked.push(Asked { id, body, answer });
            }
            asked
        })
    });
    let tills: Vec<_> = tills.collect();
    let mut all = Vec::new();
    for till in tills {
        all.extend(till.await.unwrap());
    }
    all
}

/// Judges all answers, and returns the rows that must be in the books.
fn judge(asked: &[Asked]) -> BTreeMap<u64, Value> {
    let mut owners: BTreeMap<u64, &Asked> = BTreeMap::new();
    let mut books = BTreeMap::new();
    for one in asked.iter().filter(|one| one.answer["type"] == "event") {
        let rows = one.answer["result"]["parameters"]["Transactions"]
            .as_array()
            .unwrap();
        assert_eq!(
            rows.iter().map(short).collect::<Vec<_>>(),
            expected(one.body)
        );
        assert_eq!(
            one.answer["result"]["parameters"]["Items"],
            BODIES[one.body].len()
        );
        if let Some(first) = one.id.and_then(|id| owners.get(&id)) {
            assert_eq!((first.body, &first.answer), (one.body, &one.answer));
            continue;
        }
        if let Some(id) = one.id {
            owners.insert(id, one);
        }
        for row in rows {
            let earlier = books.insert(row["ID"].as_u64().unwrap(), row.clone());
            assert!(earlier.is_none(), "two sales share a row: {row}");
        }
    }
    for one in asked.iter().filter(|one| one.answer["type"] == "error") {
        let owner = one.id.and_then(|id| owners.get(&id));
        match one.answer["result"]["error"].as_str().unwrap() {
            "unknown_product" => assert_eq!(one.body, REFUSED),
            "request_id_conflict" => assert!(owner.is_some_and(|owner| owner.body != one.body)),
            other => panic!("{other}: {one:?}"),
        }
    }
    books
}

#[tokio::test]
async fn any_mix_of_repeated_sales_books_what_the_model_says() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    let mut books = BTreeMap::new();
    for seed in 0..rounds(5) as u64 {
        let asked = trade(&server, seed).await;
        books.extend(judge(&asked));
        let list = till.event("listtransactions", json!({ "POSID": 1 })).await;
        let listed = list["Transactions"].as_array().unwrap().iter().rev();
        assert!(
            listed.eq(books.values()),
            "seed {seed}: the books hold other rows"
        );
    }
    // Numbers have no gaps: every row belongs to an answered sale.
    assert!(books.keys().copied().eq(1..=books.len() as u64));
    store.run_ok(&["verify"]).await;
}
