//! Garbage that the documentation knows is told in its words.

use super::super::stand::{CREATE, Stand, book, detail, heard, redeem, sell, with};
use super::super::venue::KIM;
use serde_json::{Value, json};

#[tokio::test]
async fn amounts_that_are_none_are_told() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let cash = json!({"detail": "cash_given: a valid amount is required."});
    let refused = refused("Invalid bypass price.");
    for given in [
        json!("NaN"),
        json!("Infinity"),
        json!("-1"),
        json!(-0.01),
        json!(100_000_000),
        json!("1e8"),
        json!("x"),
        json!(""),
        json!(true),
        json!([]),
        json!({}),
        json!("99999999.995"),
    ] {
        let body = json!({"cash_given": given, "positions": [sell(1)]});
        let told = desk.post(CREATE, None, &body).await;
        assert_eq!(heard(&told), (400, cash.clone()), "{given}");
        let ticket = with(redeem("tiny"), &json!({"bypass_price": given}));
        let told = desk
            .post(CREATE, None, &json!({"positions": [ticket]}))
            .await;
        let expected = json!({"success": false, "positions": [refused]});
        assert_eq!(heard(&told), (400, expected), "{given}");
    }
}

/// A refusal that nobody can resolve.
fn refused(text: &str) -> Value {
    json!({"success": false, "message": text, "type": null, "missing_field": null,
        "bypass_price": null})
}

/// A position that makes no sense is refused in its place, and the others are judged.
#[tokio::test]
async fn positions_that_make_no_sense_are_told() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let size = stand.server.size().await;
    let positions = [
        (json!(null), "Invalid position."),
        (json!([]), "Invalid position."),
        (json!("sell"), "Invalid position."),
        (json!({}), "Type None is not yet implemented"),
        (json!({"type": null}), "Type None is not yet implemented"),
        (json!({"type": "gift"}), "Type gift is not yet implemented"),
        (json!({"type": "SELL"}), "Type SELL is not yet implemented"),
        (json!({"type": "redeem"}), "No secret has been given."),
        (json!({"type": "sell"}), "No product given."),
    ];
    let products = [
        json!(null),
        json!("x"),
        json!(1.5),
        json!(true),
        json!([1]),
        json!(-1),
        json!(u64::MAX),
    ];
    let products = products.map(|product| {
        let position = json!({"type": "sell", "product": product});
        (position, "This product ID is not known.")
    });
    for (position, text) in positions.into_iter().chain(products) {
        let body = json!({"positions": [sell(1), position, sell(2)]});
        let answers = json!([{"success": true}, refused(text), {"success": true}]);
        let expected = json!({"success": false, "positions": answers});
        assert_eq!(
            heard(&desk.post(CREATE, None, &body).await),
            (400, expected),
            "{position}"
        );
    }
    assert_eq!(stand.server.size().await, size);
}

/// A thousand positions are a transaction, one more is none.
#[tokio::test]
async fn a_cart_has_at_most_a_thousand_positions() {
    let stand = Stand::open().await;
    let mut desk = stand.desk(KIM);
    let many = vec![sell(1); 1001];
    let told = desk.post(CREATE, None, &json!({"positions": many})).await;
    assert_eq!(heard(&told), (400, detail("Too many positions.")));
    let id = book(&mut desk, &many[..1000]).await;
    let booked = desk.shown(&format!("{CREATE}{id}/")).await;
    assert_eq!(booked["positions"].as_array().unwrap().len(), 1000);
}
