//! Many requests at once, on several nodes: whatever they are told could have been told one after
//! another. The numbers of what was booked are the order; a refusal must be right at some place in
//! it.

use super::campaign::{answer, everything_is_as, sell, send};
use super::commands::{self, NOW, Request, TillSale};
use super::model::{Model, timeless};
use super::venue::venue;
use crate::support::{Desk, Dice, Server, Store, rounds};
use serde_json::Value;

/// Requests that are on their way at once.
const AT_ONCE: usize = 12;

/// Batches of one round.
const BATCHES: usize = 8;

/// What was asked, and told.
enum Event {
    Desk(Request, (u16, Value)),
    Till(TillSale, Option<u32>),
}

#[tokio::test]
async fn races_on_sqlite_are_one_after_another() {
    let store = Store::sqlite();
    store.import_ok(&venue()).await;
    let nodes = [Server::start(&store).await];
    race(store, &nodes, 3).await;
}

#[tokio::test]
async fn races_on_three_nodes_are_one_after_another() {
    let store = Store::postgres().await;
    store.import_ok(&venue()).await;
    let nodes = [
        Server::start(&store).await,
        Server::start(&store).await,
        Server::start(&store).await,
    ];
    race(store, &nodes, 4).await;
}

async fn race(store: Store, nodes: &[Server], seed: u64) {
    let (mut model, mut dice) = (Model::of(&venue()), Dice(seed));
    let mut tills = Vec::new();
    for node in nodes {
        tills.push(node.till().await);
    }
    let mut desks: Vec<_> = (0..AT_ONCE)
        .map(|number| Desk::new(nodes[number % nodes.len()].address, ""))
        .collect();
    for batch in 0..rounds(3) * BATCHES {
        let requests = requests(&mut dice, &model);
        let sale = commands::till_sale(&mut dice, &model);
        let till = &mut tills[batch % nodes.len()];
        let asking = desks
            .iter_mut()
            .zip(&requests)
            .map(|(desk, request)| send(desk, request));
        let (told, sold) = tokio::join!(futures_util::future::join_all(asking), sell(till, &sale));
        let events = requests.into_iter().zip(told);
        let mut events: Vec<_> = events
            .map(|(request, told)| Event::Desk(request, told))
            .collect();
        events.push(Event::Till(sale, sold));
        check(&mut model, events, &format!("{seed}/{batch}"));
        // The next batch begins where this one ended, on every node.
        let mut size = 0;
        for node in nodes {
            size = size.max(node.size().await);
        }
        for node in nodes {
            node.reaches(size).await;
        }
    }
    for (node, till) in nodes.iter().zip(&mut tills) {
        let mut desk = Desk::new(node.address, "");
        everything_is_as(&model, &mut desk, till).await;
    }
    store.run_ok(&["verify"]).await;
}

/// Requests that get in each other's way: few different ones, each several times.
fn requests(dice: &mut Dice, model: &Model) -> Vec<Request> {
    let different = 1 + dice.index(4);
    let few: Vec<_> = (0..different)
        .map(|_| commands::command(dice, model))
        .collect();
    (0..AT_ONCE).map(|_| dice.pick(&few).clone()).collect()
}

/// The number of what was booked.
fn number(event: &Event) -> Option<u64> {
    match event {
        Event::Desk(_, (status, body)) => body["id"].as_u64().filter(|_| *status < 300),
        Event::Till(_, first) => first.map(u64::from),
    }
}

/// Books in the order of the numbers, each with the answer that was given; every other answer is
/// right at some place in between.
fn check(model: &mut Model, events: Vec<Event>, name: &str) {
    let (mut booked, mut others): (Vec<_>, Vec<_>) = events
        .into_iter()
        .partition(|event| number(event).is_some());
    booked.sort_by_key(number);
    let mut places = vec![model.clone()];
    let mut last = None;
    for event in booked {
        if last == number(&event) {
            // The same answer twice: one of them repeats the other.
            others.push(event);
            continue;
        }
        last = number(&event);
        match &event {
            Event::Desk(request, told) => {
                let before = model.clone();
                if answer(model, request, NOW) == *told && model.size() > before.size() {
                    places.push(model.clone());
                    continue;
                }
                // A repetition of what an earlier batch booked.
                *model = before;
                others.push(event);
            }
            Event::Till(sale, first) => {
                let (pos, method) = (sale.point_of_sale, sale.payment_method);
                assert_eq!(
                    model.payitems(pos, method, &sale.lines, NOW),
                    *first,
                    "{name}"
                );
                places.push(model.clone());
            }
        }
    }
    for event in others {
        let Event::Desk(request, told) = event else {
            continue;
        };
        let told = (told.0, timeless(&told.1));
        let right = places.iter().any(|place| {
            let (status, body) = answer(&mut place.clone(), &request, NOW);
            (status, timeless(&body)) == told
        });
        assert!(
            right,
            "{name}: {request:?}\ntold {told:?}, which is right nowhere"
        );
    }
}
