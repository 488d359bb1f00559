//! Selling: who may override what, and what is booked.

use super::facts::{list, list_entry, product, quota, warning, window};
use super::venue::{
    BACKOFFICE, BAR, BOX_OFFICE, CASHIER, OTHER_CASHIER, PLAIN, SUPERUSER, TROUBLESHOOTER_AT_BAR,
    Venue, acknowledged, cart, listed, money, rate, sell, sell_with,
};
use crate::ledger::desk::{Answers, Cart, ListFault, PositionRefusal as No, Wish};
use daybook_schema::facts::{Door, PaymentKind, SaleTotals, TaxShare};
use daybook_schema::id::{ConstraintId, ListEntryId, PaymentMethodId, ProductId, UserId};
use daybook_schema::{Decimal, Fact, Quantity};

/// Product 2 is not to be had in one way or another.
fn unavailable() -> Vec<Venue> {
    let mut hidden = product(2);
    hidden.visible = false;
    let mut guarded = product(2);
    guarded.requires_authorization = true;
    let shown = || Fact::ProductDefined(product(2));
    let begins = Venue::new().at;
    vec![
        Venue::with([Fact::ProductDefined(hidden)]),
        Venue::with([Fact::ProductDefined(guarded)]),
        Venue::with([shown(), quota(8, 0, &[2])]),
        Venue::with([shown(), quota(8, 9, &[2]), quota(9, 0, &[1, 2])]),
        Venue::with([shown(), window(8, 2, None, Some(begins))]),
    ]
}

#[test]
fn a_troubleshooter_overrides_rows_3_and_4() {
    for mut venue in unavailable() {
        for nobody in [None, Some("cashier"), Some("backoffice"), Some("wrong")] {
            let refusal = venue.refusal(sell_with(2, nobody, Answers::default()));
            let known = [Some(No::SoldOut), Some(No::NeedsAuthorization)];
            assert!(known.contains(&refusal), "{nobody:?}: {refusal:?}");
        }
        for (badge, id) in [("troubleshooter", TROUBLESHOOTER_AT_BAR), ("superuser", 3)] {
            let wanted = sell_with(2, Some(badge), Answers::default());
            let sale = venue.book(vec![wanted.into()]).unwrap();
            assert_eq!(sale.lines[0].authorized_by, Some(UserId(id)));
        }
    }
}

#[test]
fn a_badge_that_nobody_asked_for_is_ignored() {
    let mut venue = Venue::new();
    let wanted = sell_with(PLAIN, Some("troubleshooter"), Answers::default());
    let sale = venue.book(vec![wanted.into()]).unwrap();
    assert_eq!(sale.lines[0].authorized_by, None);
}

/// The badge of `auth` is not the answer to a list, nor is it to a warning.
#[test]
fn auth_overrides_nothing_else() {
    let mut venue = Venue::with([
        Fact::ProductDefined(product(2)),
        Fact::ProductDefined(product(3)),
        warning(11, &[(2, None)]),
        list(21, &[(3, None)]),
    ]);
    let auth = Some("troubleshooter");
    let refusal = venue.refusal(sell_with(2, auth, Answers::default()));
    assert!(matches!(refusal, Some(No::Warning { .. })));
    let refusal = venue.refusal(sell_with(3, auth, Answers::default()));
    assert!(matches!(refusal, Some(No::List { .. })));
}

#[test]
fn rows_5_and_6_are_those_of_redeeming() {
    let mut venue = Venue::with([
        warning(11, &[(PLAIN, Some((500, 7)))]),
        list(21, &[(PLAIN, None)]),
        list_entry(31, 21, "12345"),
    ]);
    let both = |text| Answers {
        acknowledged: acknowledged(&[11]).acknowledged,
        ..listed(21, text)
    };
    let warned = No::Warning {
        id: ConstraintId(11),
        message: "Warning 11".to_owned(),
        price: None,
    };
    assert_eq!(venue.refusal(sell(PLAIN)), Some(warned));
    for (answers, fault) in [
        (acknowledged(&[11]), ListFault::Missing),
        (both("nobody"), ListFault::Unknown),
    ] {
        let refusal = venue.refusal(sell_with(PLAIN, None, answers));
        assert!(matches!(refusal, Some(No::List { fault: f, .. }) if f == fault));
    }
    let wanted = sell_with(PLAIN, None, both("12345"));
    let sale = venue.book(vec![wanted.into()]).unwrap();
    assert_eq!(sale.lines[0].list_entry, Some(ListEntryId(31)));
    let refusal = venue.refusal(sell_with(PLAIN, None, both("12345")));
    let used = ListFault::Used;
    assert!(matches!(refusal, Some(No::List { fault, .. }) if fault == used));
    let wanted = sell_with(PLAIN, None, both("superuser"));
    let sale = venue.book(vec![wanted.into()]).unwrap();
    assert_eq!(sale.lines[0].list_entry, None);
    assert_eq!(sale.lines[0].authorized_by, Some(UserId(SUPERUSER)));
}

#[test]
fn a_sale_says_what_was_sold_where_and_to_whom() {
    let mut venue = Venue::new();
    let wished = Cart {
        cash_given: Some(money(5000)),
        positions: vec![sell(PLAIN).into(), sell(PLAIN).into()],
    };
    let facts = venue.ask(CASHIER, Wish::Book(wished)).unwrap();
    let [Fact::SaleRecorded(sale)] = &facts[..] else {
        panic!("{facts:?}")
    };
    assert_eq!(sale.cash_given, Some(money(5000)));
    assert_eq!(sale.door, Door::CashDesk);
    assert_eq!(sale.point_of_sale.id, BOX_OFFICE);
    // The first cash method there: 2 is taken at the bar only, 6 is another one behind it.
    assert_eq!(sale.payment.id, PaymentMethodId(5));
    assert_eq!(sale.payment.kind, PaymentKind::Cash);
    let totals = sale.totals.as_ref().unwrap();
    let tax = TaxShare {
        gross: money(4600),
        net: money(3866),
        rate: rate(19),
        tax: money(734),
    };
    let expected = SaleTotals {
        gross: money(4600),
        taxes: vec![tax],
    };
    assert_eq!(totals, &expected, "rounded once, not twice 3.67");
    for (line, tx) in sale.lines.iter().zip(&sale.tx) {
        assert_eq!(line.quantity, Quantity::PIECE);
        assert_eq!(
            (tx.amount_product, tx.amount_money),
            (1, Decimal::new(2300, 2))
        );
        assert_eq!(tx.product_id, ProductId(PLAIN));
    }
    let ids: Vec<_> = sale.tx.iter().map(|tx| tx.id.0).collect();
    assert_eq!(ids, [1, 2]);
}

/// Whoever's session it is, and wherever: any desk sells any product, without a deposit.
#[test]
fn every_session_sells() {
    let mut venue = Venue::new();
    for (session, place) in [
        (CASHIER, BOX_OFFICE),
        (TROUBLESHOOTER_AT_BAR, BAR),
        (SUPERUSER, BOX_OFFICE),
        (BACKOFFICE, BOX_OFFICE),
        (OTHER_CASHIER, BOX_OFFICE),
    ] {
        let facts = venue.ask(session, cart(vec![sell(PLAIN).into()])).unwrap();
        let [Fact::SaleRecorded(sale)] = &facts[..] else {
            panic!("{facts:?}")
        };
        assert_eq!(sale.point_of_sale.id, place);
        assert_eq!(sale.session.map(|session| session.0), Some(session));
        assert_eq!(sale.lines.len(), 1);
    }
}
