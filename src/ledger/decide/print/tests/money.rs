//! Devices count in hundredths. Currencies do not.

use super::shop::{OWN, Shop, VOUCHER, WINE, file, printed, receipt};
use serde_json::json;

/// The shop with another currency, where only wine and vouchers have a price.
fn shop(currency: &str, wine: &str, voucher: &str) -> Shop {
    let mut file = file();
    file["instance"]["currency"] = json!(currency);
    file["deposit"] = json!(null);
    for session in file["sessions"].as_array_mut().unwrap() {
        session["cash_before"] = json!("0");
    }
    for product in file["products"].as_array_mut().unwrap() {
        product["price"] = json!("0");
        product["modifiers"] = json!([]);
    }
    file["products"][0]["price"] = json!(wine);
    file["products"][4]["price"] = json!(voucher);
    Shop::of(&file)
}

#[test]
fn amounts_without_decimals() {
    let mut yen = shop("JPY", "1200", "-300");
    assert_eq!(printed(&yen.pay(&[(WINE, 2)])), ["2 x Wine 1200.00 [1]"]);
    let facts = yen.book_for(OWN, &[WINE, VOUCHER], Some(1000));
    assert_eq!(printed(&facts), ["1 x Wine 1200.00 [1] -300.00"]);
    let payments = &receipt(&facts).unwrap().1.payments;
    let amounts: Vec<_> = payments
        .iter()
        .map(|one| one.amount.unwrap().units())
        .collect();
    assert_eq!(amounts, [100_000, -10_000]);
}

#[test]
fn amounts_with_two_decimals() {
    let mut euro = shop("EUR", "0.01", "-0.01");
    assert_eq!(printed(&euro.pay(&[(WINE, 7)])), ["7 x Wine 0.01 [1]"]);
    let dear = shop("EUR", "99999999.99", "-0.01").pay(&[(WINE, 1)]);
    assert_eq!(printed(&dear), ["1 x Wine 99999999.99 [1]"]);
}

/// The total of a line is rounded, not its price: where pieces do not share it evenly, the line is
/// one piece.
#[test]
fn amounts_with_three_decimals() {
    for (price, pieces, expected) in [
        ("1.230", 3, "3 x Wine 1.23 [1]"),
        ("1.234", 1, "1 x Wine 1.23 [1]"),
        ("1.234", 3, "1 x Wine 3.70 [1]"),
        ("1.235", 1, "1 x Wine 1.24 [1]"),
        ("1.235", 2, "1 x Wine 2.47 [1]"),
        ("0.004", 3, "1 x Wine 0.01 [1]"),
        ("99999999.994", 1, "1 x Wine 99999999.99 [1]"),
    ] {
        let facts = shop("KWD", price, "0").pay(&[(WINE, pieces)]);
        assert_eq!(printed(&facts), [expected], "{pieces} at {price}");
    }
    // What rounds to nothing is nothing.
    assert_eq!(receipt(&shop("KWD", "0.004", "0").pay(&[(WINE, 1)])), None);
    let facts = shop("KWD", "1.234", "-0.005").book_for(OWN, &[WINE, VOUCHER], Some(5000));
    assert_eq!(printed(&facts), ["1 x Wine 1.23 [1] -0.01"]);
    let payments = &receipt(&facts).unwrap().1.payments;
    // The sale is 1.229, which is 1.23, and the lines come to 1.22: then nothing is said of change.
    assert_eq!((payments.len(), payments[0].amount), (1, None));
}
