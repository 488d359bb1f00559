//! Redeeming, row by row.

use super::{KIM, error, model, one, post, redeem, refusal};
use serde_json::{Value, json};

const TWO_RATES: &str = "Multiple upgrades with different tax rates are not supported.";

/// Asks for positions that must be refused: secret, other members; message, field and price.
fn are_refused(rows: &Value) {
    let mut model = model();
    for row in rows.as_array().unwrap() {
        let position = redeem(row[0].as_str().unwrap(), &row[1]);
        let expected = refusal(&row[2], &row[3], &row[4]);
        assert_eq!(one(&mut model, &position), expected, "{position}");
    }
    assert_eq!(model.size(), 0);
}

#[test]
fn the_ticket_itself_comes_first() {
    let canceled = "This ticket has been canceled or is expired.";
    let unknown = "No ticket could be found with the given secret.";
    let late = "This product is currently not available.";
    let unpaid = "This ticket has not been paid for.";
    are_refused(&json!([
        ["paid-1", {}, unknown, null, null],
        ["PAID-01-X", {}, unknown, null, null],
        ["canceled-paid", {}, canceled, null, null],
        ["canceled-unpaid", {"bypass_price": "99.00"}, canceled, null, null],
        ["unpaid-priced", {}, unpaid, "pay_for_unpaid", 23.0],
        // To say that it will be paid is not to pay.
        ["unpaid-priced", {"pay_for_unpaid": true}, unpaid, "pay_for_unpaid", 23.0],
        ["unpaid-priced", {"bypass_price": 22.99}, unpaid, "pay_for_unpaid", 23.0],
        ["unpaid-hopeless", {"bypass_price": 99}, unpaid, "pay_for_unpaid", null],
        ["unpaid-free", {}, unpaid, "pay_for_unpaid", 0.0],
        ["unpaid-late", {}, unpaid, "pay_for_unpaid", 9.9],
        ["unpaid-late", {"bypass_price": "9.90"}, late, null, null],
        ["paid-05-x", {}, late, null, null],
    ]));
    let no_secret = error("No secret has been given.");
    assert_eq!(one(&mut model(), &json!({"type": "redeem"})), no_secret);
}

#[test]
fn a_ticket_is_redeemed_once_and_says_when() {
    let mut model = model();
    let secret = "äöü€ß🎟-ticket";
    let first = one(&mut model, &redeem(secret, &json!({})));
    assert_eq!(first["preorder_position"]["is_redeemed"], false);
    let message = "This ticket (äöü€ß🎟…) has already been redeemed at 2026-05-01 12:00:00.";
    let again = one(&mut model, &redeem(secret, &json!({})));
    assert_eq!(again, error(message));
    let shown = model.preorder_position(secret);
    assert_eq!(shown["redemption_message"], message);
    // Within one cart too.
    let twice = vec![redeem("family-1", &json!({})); 2];
    let (status, answer) = post(&mut model, KIM, &json!({ "positions": twice }));
    let message = "This ticket (family…) has already been redeemed at 2026-05-01 12:00:00.";
    assert_eq!((status, &answer["positions"][1]), (400, &error(message)));
    let shown = &answer["positions"][0]["preorder_position"];
    assert_eq!(shown, &model.preorder_position("family-1"));
    assert_eq!(shown["is_redeemed"], false);
}

#[test]
fn constraints_quote_their_own_price() {
    let listed =
        |name: &str| format!("This ticket can only be redeemed by persons on the \"{name}\" list");
    let (members, pupils) = (listed("Members"), listed("Pupils"));
    let missing = "This entry could not be found in list \"Members\".";
    let (floor, wood) = ("No tents left: floor only.", "Bring your own \"wood\".");
    let (first, third) = ("warning_1_acknowledged", "warning_3_acknowledged");
    are_refused(&json!([
        ["warned-unpaid", {"bypass_price": 16.16}, "0", "warning_acknowledged", null],
        ["warned-unpaid", {"bypass_price": 16.16, "warning_acknowledged": true},
            "Check the ID (18).", "warning_2_acknowledged", null],
        ["warned-plain", {"warning_acknowledged": "0"}, "Minor: needs company", "warning_acknowledged", null],
        ["paid-10-x", {}, floor, first, 5.0],
        ["paid-16-x", {}, floor, first, 3.0],
        ["paid-16-x", {"bypass_price": "3.00"}, members, "list_1", 12.05],
        // The acknowledgement comes before the money, and what is left covers no list.
        ["paid-16-x", {first: true, "bypass_price": "12.04"}, members, "list_1", 12.05],
        ["paid-16-x", {first: true, "list_1": "x"}, missing, "list_1", 12.05],
        ["paid-13-x", {"list_1": ""}, members, "list_1", 12.0],
        ["paid-12-x", {}, wood, third, 4.0],
        ["paid-12-x", {"bypass_price": "4.00"}, "Sparks fly.", "warning_4_acknowledged", 2.5],
        ["paid-12-x", {"bypass_price": "6.50"}, TWO_RATES, null, null],
        ["unpaid-fire", {"bypass_price": "42.50", third: true}, TWO_RATES, null, null],
        // What costs nothing is free only for whoever mentions a price.
        ["paid-15-x", {}, pupils, "list_3", 0.0],
        ["paid-15-x", {"bypass_price": null}, pupils, "list_3", 0.0],
        ["paid-21-x", {}, "Hand out ear plugs.", "warning_5_acknowledged", 0.0],
    ]));
}
