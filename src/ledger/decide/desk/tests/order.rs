//! The order of the checks itself: whatever conditions fail at once, the first of the documented
//! order is answered. All combinations, so that no pair of rows can change places unseen.

use super::facts::{list, list_entry, preorder, product, quota, warning, window};
use super::venue::{
    CASHIER, OTHER_CASHIER, SUPERUSER, Venue, cart, listed, money, redeem, sell, time,
};
use crate::ledger::decide::Rejection;
use crate::ledger::desk::{
    Answers, ListFault, PositionRefusal as No, Redeem, Redemption, Sell, Wish,
};
use daybook_schema::Fact;
use daybook_schema::id::{ConstraintId, TxId};

/// The product under test, and another one that is on the same list.
const TESTED: u32 = 50;
const LISTED: u32 = 51;

const LISTS: [Option<ListFault>; 4] = [
    None,
    Some(ListFault::Missing),
    Some(ListFault::Unknown),
    Some(ListFault::Used),
];

/// A list whose entry 12345 is used, and an answer that fails in the given way.
fn under_list(venue: &mut Venue, fault: Option<ListFault>) -> Answers {
    if fault.is_none() {
        return Answers::default();
    }
    let products = [(TESTED, Some((1200, 19))), (LISTED, None)];
    venue.record("list", [list(21, &products), list_entry(31, 21, "12345")]);
    let uses = Sell {
        answers: listed(21, "12345"),
        ..sell(LISTED)
    };
    assert_eq!(venue.refusal(uses), None);
    match fault {
        Some(ListFault::Unknown) => listed(21, "nobody"),
        Some(ListFault::Used) => listed(21, "12345"),
        _ => Answers::default(),
    }
}

/// When selling, nothing can be bought free, so no price is told.
fn list_refusal(price: Option<i64>, fault: ListFault) -> No {
    No::List {
        id: ConstraintId(21),
        name: "List 21".to_owned(),
        price: price.map(money),
        fault,
    }
}

fn product_warning(price: Option<i64>) -> No {
    No::Warning {
        id: ConstraintId(11),
        message: "Warning 11".to_owned(),
        price: price.map(money),
    }
}

/// The first condition that fails.
fn first(conditions: impl IntoIterator<Item = (bool, No)>) -> Option<No> {
    let mut failing = conditions.into_iter().filter(|(fails, _)| *fails);
    failing.next().map(|(_, refusal)| refusal)
}

#[test]
fn a_ticket_is_refused_for_the_first_reason() {
    for bits in 0..64 {
        let [canceled, unpaid, outside, redeemed, remark, warned] =
            std::array::from_fn(|i| bits >> i & 1 == 1);
        for fault in LISTS {
            let mut venue = Venue::with([
                Fact::ProductDefined(product(TESTED)),
                Fact::ProductDefined(product(LISTED)),
            ]);
            let mut ticket = preorder(1, &[(1, "abcdefgh", TESTED)]);
            venue.record("ticket", [Fact::PreorderPlaced(ticket.clone())]);
            let at = venue.at;
            if redeemed {
                assert_eq!(venue.refusal(redeem("abcdefgh")), None);
            }
            venue.at = time("2026-05-01T10:30:00.000000Z");
            let answers = under_list(&mut venue, fault);
            ticket.is_canceled = canceled;
            ticket.is_paid = !unpaid;
            ticket.positions[0].price = Some(money(2300));
            ticket.warning_text = if remark { "Check." } else { "" }.to_owned();
            venue.record("ticket", [Fact::PreorderPlaced(ticket)]);
            venue.record(
                "outside",
                outside.then(|| window(8, TESTED, None, Some(at))),
            );
            venue.record(
                "warned",
                warned.then(|| warning(11, &[(TESTED, Some((500, 19)))])),
            );
            let wanted = Redeem {
                answers,
                ..redeem("abcdefgh")
            };
            let secret = "abcdefgh".to_owned();
            let expected = first([
                (canceled, No::Canceled),
                (unpaid, No::Unpaid(Some(money(2300)))),
                (outside, No::NotAvailable),
                (redeemed, No::AlreadyRedeemed(Redemption { secret, at })),
                (remark, No::TicketWarning("Check.".to_owned())),
                (warned, product_warning(Some(500))),
                (
                    fault.is_some(),
                    list_refusal(Some(1200), fault.unwrap_or(ListFault::Missing)),
                ),
            ]);
            assert_eq!(venue.refusal(wanted), expected, "{bits:b} {fault:?}");
        }
    }
}

#[test]
fn a_sale_is_refused_for_the_first_reason() {
    for bits in 0..32 {
        let [invisible, outside, sold_out, guarded, warned] =
            std::array::from_fn(|i| bits >> i & 1 == 1);
        for fault in LISTS {
            let mut tested = product(TESTED);
            tested.visible = !invisible;
            tested.requires_authorization = guarded;
            let mut venue = Venue::with([
                Fact::ProductDefined(tested),
                Fact::ProductDefined(product(LISTED)),
            ]);
            let at = venue.at;
            venue.at = time("2026-05-01T10:30:00.000000Z");
            let answers = under_list(&mut venue, fault);
            venue.record(
                "outside",
                outside.then(|| window(8, TESTED, None, Some(at))),
            );
            venue.record("sold out", sold_out.then(|| quota(9, 0, &[TESTED])));
            venue.record(
                "warned",
                warned.then(|| warning(11, &[(TESTED, Some((500, 19)))])),
            );
            let unavailable = invisible || outside || sold_out;
            let expected = first([
                (unavailable, No::SoldOut),
                (guarded, No::NeedsAuthorization),
                (warned, product_warning(None)),
                (
                    fault.is_some(),
                    list_refusal(None, fault.unwrap_or(ListFault::Missing)),
                ),
            ]);
            let wanted = Sell {
                answers,
                ..sell(TESTED)
            };
            assert_eq!(venue.refusal(wanted), expected, "{bits:b} {fault:?}");
        }
    }
    let mut venue = Venue::new();
    assert_eq!(venue.refusal(sell(99)), Some(No::UnknownProduct));
    // What is no product at all is told in its turn as well.
    for refusal in [No::NoProduct, No::UnknownProduct] {
        let wanted = Sell {
            product: Err(refusal.clone()),
            ..sell(1)
        };
        assert_eq!(venue.refusal(wanted), Some(refusal));
    }
}

/// Rows 3 and 4 exclude each other: a reversal is never reversed.
#[test]
fn a_reversal_is_refused_for_the_first_reason() {
    let mut venue = Venue::new();
    for _ in 0..2 {
        let sold = venue.ask(CASHIER, cart(vec![sell(1).into()]));
        assert!(sold.is_ok());
    }
    let taken_back = venue.ask(CASHIER, Wish::Reverse(TxId(1)));
    assert!(taken_back.is_ok());
    for (session, id, expected) in [
        (OTHER_CASHIER, 9, Rejection::UnknownSale),
        (OTHER_CASHIER, 0, Rejection::UnknownSale),
        (OTHER_CASHIER, 2, Rejection::ForeignSale),
        (OTHER_CASHIER, 1, Rejection::ForeignSale),
        (OTHER_CASHIER, 3, Rejection::ForeignSale),
        (SUPERUSER, 1, Rejection::AlreadyReversed),
        (SUPERUSER, 3, Rejection::IsReversal),
        (CASHIER, 1, Rejection::AlreadyReversed),
        (CASHIER, 3, Rejection::IsReversal),
    ] {
        let refusal = venue.ask(session, Wish::Reverse(TxId(id)));
        assert_eq!(refusal, Err(expected), "{session} {id}");
    }
}
