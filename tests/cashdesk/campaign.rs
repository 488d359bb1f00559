//! A day's trade against the judge: every answer is the judge's, and at the end every view is.

use super::commands::{self, NOW, Request, TillSale};
use super::model::{Model, Moment, timeless};
use super::venue::venue;
use crate::support::{Desk, Dice, Server, Store, Till, rounds};
use serde_json::{Value, json};

/// Commands of one round.
const COMMANDS: usize = 400;

/// A till sale comes after so many commands on average.
const TILL_EVERY: u64 = 20;

#[tokio::test]
async fn a_days_trade_is_the_judges_on_sqlite() {
    trade(Store::sqlite(), 1).await;
}

#[tokio::test]
async fn a_days_trade_is_the_judges_on_postgres() {
    trade(Store::postgres().await, 2).await;
}

async fn trade(store: Store, seed: u64) {
    store.import_ok(&venue()).await;
    let server = Server::start(&store).await;
    let mut desk = Desk::new(server.address, "");
    let mut till = server.till().await;
    let (mut model, mut dice) = (Model::of(&venue()), Dice(seed));
    for number in 0..rounds(3) * COMMANDS {
        if dice.roll(TILL_EVERY) == 0 {
            let sale = commands::till_sale(&mut dice, &model);
            let at = NOW;
            let first = model.payitems(sale.point_of_sale, sale.payment_method, &sale.lines, at);
            assert_eq!(
                sell(&mut till, &sale).await,
                first,
                "{seed}/{number}: {sale:?}"
            );
        }
        let request = commands::command(&mut dice, &model);
        let told = send(&mut desk, &request).await;
        let at = booked_at(&mut desk, &request, &told).await;
        let expected = answer(&mut model, &request, at);
        let same = if scans_twice(&request.body) {
            (told.0, timeless(&told.1)) == (expected.0, timeless(&expected.1))
        } else {
            told == expected
        };
        assert!(
            same,
            "{seed}/{number}: {request:?}\ntold     {}\nexpected {}",
            told.1, expected.1
        );
    }
    everything_is_as(&model, &mut desk, &mut till).await;
    drop(server);
    store.run_ok(&["verify"]).await;
}

/// What the judge answers.
pub(super) fn answer(model: &mut Model, request: &Request, at: Moment) -> (u16, Value) {
    model.post(
        &request.token,
        &request.path,
        request.key.as_deref(),
        &request.body,
        at,
    )
}

/// Sends a request; returns status and body.
pub(super) async fn send(desk: &mut Desk, request: &Request) -> (u16, Value) {
    desk.with_token(&request.token);
    let told = desk
        .post(&request.path, request.key.as_deref(), &request.body)
        .await;
    (told.status, told.json())
}

/// Sells at a till; returns the number of the first record, if any was booked.
pub(super) async fn sell(till: &mut Till, sale: &TillSale) -> Option<u32> {
    let lines = sale
        .lines
        .iter()
        .map(|(product, pieces)| json!({ "ID": product, "Amount": pieces }));
    let parameters = json!({
        "POSID": sale.point_of_sale, "PaymentMethod": sale.payment_method,
        "Products": lines.collect::<Vec<_>>(),
    });
    let paid = till.event("payitems", parameters).await;
    let id = paid["Transactions"][0]["ID"].as_u64()?;
    Some(u32::try_from(id).unwrap())
}

/// When a success was booked, as its transaction shows it; the venue keeps UTC.
async fn booked_at(desk: &mut Desk, request: &Request, told: &(u16, Value)) -> Moment {
    let Some(id) = told.1["id"].as_u64().filter(|_| told.0 < 300) else {
        return NOW;
    };
    desk.with_token(&request.token);
    let shown = desk.shown(&format!("/api/transactions/{id}/")).await;
    let at = daybook_schema::At::parse(shown["datetime"].as_str().unwrap()).unwrap();
    Moment(at.micros())
}

/// Whether a cart scans a ticket twice: only the server knows when it would have redeemed it.
fn scans_twice(body: &Value) -> bool {
    let positions = body["positions"].as_array().into_iter().flatten();
    let mut secrets: Vec<_> = positions
        .filter_map(|position| position["secret"].as_str())
        .collect();
    let all = secrets.len();
    secrets.sort_unstable();
    secrets.dedup();
    secrets.len() < all
}

/// Every list shows what the judge holds.
pub(super) async fn everything_is_as(model: &Model, desk: &mut Desk, till: &mut Till) {
    for token in model.tokens() {
        desk.with_token(token);
        let mut shown = desk.all("/api/transactions/").await;
        for transaction in &mut shown {
            transaction.as_object_mut().unwrap().remove("datetime");
        }
        assert_eq!(shown, model.transactions(token));
    }
    let now = Moment(
        daybook_schema::At::parse("2030-01-01T00:00:00Z")
            .unwrap()
            .micros(),
    );
    for product in desk.all("/api/products/").await {
        let id = u32::try_from(product["id"].as_u64().unwrap()).unwrap();
        assert_eq!(product, model.product(id, now));
    }
    for secret in model.secrets() {
        let found = desk
            .all(&format!("/api/preorderpositions/?secret={secret}"))
            .await;
        // Races do not tell the judge when; the answers of a day's trade do.
        let expected = timeless(&model.preorder_position(secret));
        assert!(
            found.iter().map(timeless).any(|ticket| ticket == expected),
            "{found:?}"
        );
    }
    let mut rows = Vec::new();
    for pos in [1, 2] {
        let listed = till
            .event("listtransactions", json!({ "POSID": pos }))
            .await;
        rows.extend(listed["Transactions"].as_array().unwrap().clone());
    }
    rows.sort_by_key(|row| row["ID"].as_u64());
    for row in &mut rows {
        let row = row.as_object_mut().unwrap();
        for member in ["timestamp", "hash", "Note"] {
            assert!(row.remove(member).is_some(), "{member}");
        }
    }
    assert_eq!(rows, model.rows());
}
