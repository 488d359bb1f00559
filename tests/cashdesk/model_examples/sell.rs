//! Selling, row by row, and what quotas count.

use super::{KIM, NOW, error, model, one, post, refusal, sell, with};
use crate::cashdesk::venue::{BOS_BADGE, SAM, TONIS_BADGE};
use serde_json::{Value, json};

const UNAVAILABLE: &str = "This product is currently unavailable or sold out.";
const UNAUTHORIZED: &str = "This sale requires authorization by a troubleshooter.";

#[test]
fn selling_follows_its_table() {
    let mut model = model();
    let (toni, crew) = (TONIS_BADGE, "\"Crew \"A\"\"");
    let listed = format!("This ticket can only be redeemed by persons on the {crew} list");
    let unlisted = format!("This entry could not be found in list {crew}.");
    let floor = "No tents left: floor only.";
    // Product, other members; message and field, unless it is accepted.
    let rows = json!([
        [4, {}, UNAVAILABLE, "auth"],
        [5, {"auth": "12345"}, UNAVAILABLE, "auth"],
        [5, {"auth": BOS_BADGE}, UNAVAILABLE, "auth"],
        [5, {"auth": toni}],
        [6, {}],
        [7, {}, UNAVAILABLE, "auth"],
        [3, {}, UNAUTHORIZED, "auth"],
        [3, {"authorized_by": toni}],
        [3, {"auth": "x", "authorized_by": toni}, UNAUTHORIZED, "auth"],
        [20, {}, UNAUTHORIZED, "auth"],
        [20, {"auth": toni}, "Check the ID (18).", "warning_2_acknowledged"],
        [20, {"auth": toni, "warning_2_acknowledged": 1}, listed, "list_2"],
        // A price helps only where tickets are redeemed.
        [10, {"bypass_price": "5.00"}, floor, "warning_1_acknowledged"],
        [10, {"warning_1_acknowledged": "false"}, floor, "warning_1_acknowledged"],
        [10, {"warning_1_acknowledged": "no"}],
        [12, {"warning_4_acknowledged": true}, "Bring your own \"wood\".", "warning_3_acknowledged"],
        [14, {"list_2": "10002"}, unlisted, "list_2"],
        [14, {"list_2": "10001"}],
        [14, {"list_2": "10001"}, "This list entry has already been used.", "list_2"],
        [14, {"list_2": toni}],
        // A badge that nobody asked for.
        [1, {"auth": toni}],
    ]);
    for row in rows.as_array().unwrap() {
        let position = with(json!({"type": "sell", "product": row[0]}), &row[1]);
        let expected = match row.get(2) {
            Some(message) => refusal(message, &row[3], &Value::Null),
            None => json!({"success": true}),
        };
        assert_eq!(one(&mut model, &position), expected, "{position}");
    }
    let booked = model.transactions(KIM);
    let by = booked
        .iter()
        .map(|one| &one["positions"][0]["authorized_by"]);
    let by: Vec<_> = by.collect();
    assert_eq!(json!(by), json!([2, null, 2, null, null, 2, null]));
}

#[test]
fn a_product_is_named_by_its_id() {
    let unknown = error("This product ID is not known.");
    let rows = [
        (json!({"type": "sell"}), error("No product given.")),
        (json!({"type": "sell", "product": null}), unknown.clone()),
        (sell(999), unknown),
        (
            json!({"type": "sell", "product": "1"}),
            json!({"success": true}),
        ),
    ];
    for (position, expected) in rows {
        assert_eq!(one(&mut model(), &position), expected, "{position}");
    }
}

/// Of two positions for the last piece the second fails, and nothing is booked. A till counts too.
#[test]
fn quotas_count_within_a_cart_and_across_doors() {
    let mut model = model();
    assert_eq!(model.payitems(1, 1, &[(8, 2), (8, 0)], NOW), Some(1));
    let sold_out = refusal(&json!(UNAVAILABLE), &json!("auth"), &Value::Null);
    let expected = json!({"success": false, "positions": [{"success": true}, sold_out]});
    let cart = json!({"positions": [sell(8), sell(8)]});
    assert_eq!(post(&mut model, KIM, &cart), (400, expected));
    assert_eq!(model.product(8, NOW)["is_available"], true);
    assert_eq!(one(&mut model, &sell(8)), json!({"success": true}));
    assert_eq!(model.product(8, NOW)["is_available"], false);
    assert_eq!(one(&mut model, &sell(9)), json!({"success": true}));
    assert_eq!(model.product(9, NOW)["is_available"], true);
    // Taking back the till's two pieces makes room again.
    let (status, _) = model.post(SAM, "/api/transactions/1/reverse/", None, &Value::Null, NOW);
    assert_eq!(status, 200);
    assert_eq!(model.product(8, NOW)["is_available"], true);
    assert_eq!(model.payitems(2, 3, &[], NOW), None);
}
