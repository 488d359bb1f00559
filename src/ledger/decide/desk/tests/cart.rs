//! Positions of one cart: all are answered, earlier ones count, and all are booked or none.

use super::facts::{list, list_entry, preorder, product, quota};
use super::venue::{CASHIER, PLAIN, Venue, cart, listed, redeem, sell, sell_with};
use crate::ledger::desk::{Answers, ListFault, PositionRefusal as No, Redeem, Redemption, Wanted};
use daybook_schema::Fact;
use daybook_schema::id::ProductId;

fn venue() -> Venue {
    let tickets = preorder(1, &[(1, "first", PLAIN), (2, "second", 3)]);
    let facts = [2, 3].map(|id| Fact::ProductDefined(product(id)));
    let mut venue = Venue::with(facts);
    venue.record(
        "more",
        [
            Fact::PreorderPlaced(tickets),
            quota(8, 1, &[2]),
            list(21, &[(3, None)]),
            list_entry(31, 21, "12345"),
        ],
    );
    venue
}

#[test]
fn every_position_is_answered_in_its_order() {
    let mut venue = venue();
    let refusals = venue.refusals(vec![
        redeem("nobody").into(),
        sell(PLAIN).into(),
        Wanted::Refused(No::Invalid),
        sell(99).into(),
        redeem("first").into(),
        Wanted::Refused(No::UnknownType("lend".to_owned())),
        sell(2).into(),
    ]);
    let expected = [
        Some(No::UnknownTicket),
        None,
        Some(No::Invalid),
        Some(No::UnknownProduct),
        None,
        Some(No::UnknownType("lend".to_owned())),
        None,
    ];
    assert_eq!(refusals, expected);
    assert_eq!(venue.views.transaction.last_id().0, 0, "nothing is booked");
    assert_eq!(venue.refusal(redeem("first")), None, "nor redeemed");
}

#[test]
fn a_ticket_counts_once_in_a_cart() {
    let mut venue = venue();
    let at = venue.at;
    let refusals = venue.refusals(vec![redeem("first").into(), redeem("first").into()]);
    let secret = "first".to_owned();
    let again = No::AlreadyRedeemed(Redemption { secret, at });
    assert_eq!(refusals, [None, Some(again)]);
}

#[test]
fn the_last_piece_of_a_quota_is_sold_once() {
    let mut venue = venue();
    let two = || vec![sell(2).into(), sell(2).into()];
    assert_eq!(venue.refusals(two()), [None, Some(No::SoldOut)]);
    let auth = sell_with(2, Some("superuser"), Answers::default());
    let sale = venue
        .book(vec![auth.clone().into(), auth.clone().into()])
        .unwrap();
    let by: Vec<_> = sale.lines.iter().map(|line| line.authorized_by).collect();
    assert!(
        by[0].is_none() && by[1].is_some(),
        "the first was to be had"
    );
    let refusals = venue.refusals(vec![auth.into(), sell(2).into()]);
    assert_eq!(refusals, [None, Some(No::SoldOut)]);
}

/// Products of one quota count together, and tickets do not count.
#[test]
fn a_quota_is_shared() {
    let mut venue = venue();
    venue.record("quota", [quota(9, 2, &[PLAIN, 2])]);
    let refusals = venue.refusals(vec![
        redeem("first").into(),
        sell(PLAIN).into(),
        sell(2).into(),
        sell(PLAIN).into(),
    ]);
    assert_eq!(refusals, [None, None, None, Some(No::SoldOut)]);
}

#[test]
fn an_entry_of_a_list_is_used_once() {
    let mut venue = venue();
    let sells = || sell_with(3, None, listed(21, "12345")).into();
    let redeems = Redeem {
        answers: listed(21, "12345"),
        ..redeem("second")
    };
    let refusals = venue.refusals(vec![sells(), redeems.clone().into(), sells()]);
    let used = |refusal: &Option<No>| matches!(refusal, Some(No::List { fault, .. }) if *fault == ListFault::Used);
    assert!(refusals[0].is_none());
    assert!(used(&refusals[1]) && used(&refusals[2]));
    let both = vec![redeems.into(), sells()];
    let refusals = venue.refusals(both);
    assert!(refusals[0].is_none() && used(&refusals[1]));
}

/// What a refused position would have taken is still there for the next.
#[test]
fn a_refused_position_takes_nothing() {
    let mut venue = venue();
    venue.record("list", [list(21, &[(2, None)])]);
    let refusals = venue.refusals(vec![
        sell_with(2, None, listed(21, "nobody")).into(),
        sell_with(2, None, listed(21, "12345")).into(),
        sell_with(2, None, listed(21, "12345")).into(),
    ]);
    assert!(refusals[0].is_some() && refusals[1].is_none());
    assert_eq!(refusals[2], Some(No::SoldOut));
}

#[test]
fn an_empty_cart_is_nothing() {
    let mut venue = venue();
    assert_eq!(venue.ask(CASHIER, cart(Vec::new())), Ok(Vec::new()));
    assert_eq!(venue.views.constraint.sold(ProductId(PLAIN)), 0);
}
