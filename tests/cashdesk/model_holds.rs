//! The judge and the dice together: whatever is asked, the books add up, a refusal changes nothing,
//! and every answer that the documentation knows comes up.

use super::commands::{command, till_sale};
use super::model::{Model, Moment};
use super::venue::venue;
use crate::support::Dice;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const REQUESTS: i64 = 1200;
const START: Moment = Moment(1_777_636_800_000_000);

/// Everything that anyone can see.
fn everything(model: &Model) -> Value {
    let products = model.products();
    let products = products.iter().map(|id| model.product(*id, START));
    let tokens = model.tokens();
    let seen = tokens.iter().map(|token| model.transactions(token));
    json!([
        model.rows(),
        model.preorders(),
        products.collect::<Vec<_>>(),
        seen.collect::<Vec<_>>()
    ])
}

/// What was heard, and how often: detail, message or what else tells answers apart.
type Heard = BTreeMap<String, u32>;

fn note(heard: &mut Heard, answer: &(u16, Value)) {
    let (status, body) = answer;
    let single = [&body["detail"], &body["message"], body];
    let positions = body["positions"].as_array().into_iter().flatten();
    let texts = positions.map(|position| &position["message"]).chain(single);
    for text in texts.filter_map(Value::as_str) {
        let text = match text.split_once(" (") {
            Some(("This ticket", _)) => "already redeemed",
            _ => text,
        };
        *heard.entry(text.to_owned()).or_default() += 1;
    }
    *heard.entry(status.to_string()).or_default() += 1;
}

fn story(seed: u64, heard: &mut Heard) -> Model {
    let mut model = Model::of(&venue());
    let mut dice = Dice(seed);
    for step in 0..REQUESTS {
        let at = Moment(START.0 + step * 1_000_003);
        if dice.roll(20) == 0 {
            let sale = till_sale(&mut dice, &model);
            model.payitems(sale.point_of_sale, sale.payment_method, &sale.lines, at);
            continue;
        }
        let request = command(&mut dice, &model);
        // Looking at everything takes its time.
        let before = (step % 100 == 0).then(|| everything(&model));
        let size = model.size();
        let (path, key) = (&request.path, request.key.as_deref());
        let answer = model.post(&request.token, path, key, &request.body, at);
        if answer.0 >= 300 {
            assert_eq!(model.size(), size);
            assert!(
                before.is_none_or(|before| before == everything(&model)),
                "{request:?}"
            );
        } else if size == model.size() {
            *heard.entry("repeated".to_owned()).or_default() += 1;
        }
        note(heard, &answer);
    }
    model
}

/// Ids have no gap, and a reversal cancels its position.
fn adds_up(model: &Model) {
    let rows = model.rows();
    let ids = rows.iter().map(|row| row["ID"].as_u64().unwrap());
    assert!(ids.eq(1..=rows.len() as u64));
    let seen = model
        .tokens()
        .into_iter()
        .flat_map(|token| model.transactions(token));
    let positions: BTreeMap<u64, Value> = seen
        .flat_map(|one| one["positions"].as_array().cloned().unwrap())
        .map(|position| (position["id"].as_u64().unwrap(), position))
        .collect();
    assert_eq!(positions.len(), rows.len());
    let (mut reversed, mut entries) = (BTreeSet::new(), BTreeMap::<u64, i32>::new());
    for position in positions.values() {
        let sign = if position["type"] == "reverse" { -1 } else { 1 };
        if let Some(entry) = position["listentry"].as_u64() {
            *entries.entry(entry).or_default() += sign;
        }
        let Some(id) = position["reverses"].as_u64() else {
            continue;
        };
        assert!(reversed.insert(id), "{id} was reversed twice");
        let cents = |id: u64, name: &str| {
            let text = positions[&id][name].as_str().unwrap();
            text.replace('.', "").parse::<i64>().unwrap()
        };
        let own = position["id"].as_u64().unwrap();
        for name in ["value", "tax_value"] {
            assert_eq!(cents(id, name), -cents(own, name));
        }
    }
    assert!(entries.values().all(|uses| (0..=1).contains(uses)));
}

/// Starts of what must be heard in any long story.
const ANSWERS: [&str; 36] = [
    "200",
    "201",
    "repeated",
    "already redeemed",
    "At least one position of this transaction has already been reversed.",
    "At least one position of this transaction is a reversal.",
    "Bring your own",
    "Check the ID",
    "Empty transaction",
    "Expected a JSON object.",
    "Hand out ear plugs.",
    "Idempotency-Key was used for a different request.",
    "Invalid Idempotency-Key.",
    "Invalid bypass price.",
    "Invalid position.",
    "Invalid token.",
    "Minor: needs company",
    "Multiple upgrades with different tax rates are not supported.",
    "No product given.",
    "No secret has been given.",
    "No tents left",
    "No ticket could be found with the given secret.",
    "Only troubleshooters can reverse sales from other sessions.",
    "This entry could not be found in list \"Members\".",
    "This list entry has already been used.",
    "This product ID is not known.",
    "This product is currently not available.",
    "This product is currently unavailable or sold out.",
    "This sale requires authorization by a troubleshooter.",
    "This ticket can only be redeemed by persons on the \"Members\" list",
    "This ticket has been canceled or is expired.",
    "This ticket has not been paid for.",
    "Too many positions.",
    "Transaction ID not known.",
    "Type None is not yet implemented",
    "cash_given: a valid amount is required.",
];

#[test]
fn random_requests_reach_every_answer_and_the_books_add_up() {
    let mut heard = Heard::new();
    for seed in 0..3 {
        adds_up(&story(seed, &mut heard));
    }
    for answer in ANSWERS {
        let found = heard.keys().any(|text| text.starts_with(answer));
        assert!(found, "never heard: {answer}");
    }
    // Carts that end well are the rule, not the exception.
    assert!(heard["201"] * 5 > heard["400"] * 2, "{heard:#?}");
}
