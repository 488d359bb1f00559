//! Redeeming: each refusal alone, and what is booked.

use super::facts::{list, list_entry, preorder, product, quota, user, warning, window};
use super::venue::{
    CASHIER, PLAIN, TROUBLESHOOTER_AT_BAR, Venue, acknowledged, listed, money, redeem, redeem_with,
    time,
};
use crate::ledger::desk::{Answers, ListFault, PositionRefusal as No, Redeem, Redemption};
use daybook_schema::facts::{PackItem, Preorder, Role, Ticket};
use daybook_schema::id::{
    ConstraintId, ItemId, ListEntryId, PreorderId, PreorderPositionId, ProductId, UserId,
};
use daybook_schema::{Fact, Money, Quantity, TaxRate};

/// A venue with one ticket `abcdefgh` for the plain product, changed as a row needs it.
fn with_ticket(change: impl FnOnce(&mut Preorder)) -> Venue {
    let mut ticket = preorder(1, &[(1, "abcdefgh", PLAIN)]);
    change(&mut ticket);
    Venue::with([Fact::PreorderPlaced(ticket)])
}

fn under(constraints: impl IntoIterator<Item = Fact>) -> Venue {
    let mut venue = with_ticket(|_| {});
    venue.record("constraints", constraints);
    venue
}

/// Row 3 cannot happen: one writer decides one command after another, and a command that met another
/// node's events is decided anew.
#[test]
fn rows_1_to_4_know_the_ticket() {
    let mut venue = with_ticket(|_| {});
    assert_eq!(venue.refusal(Redeem::default()), Some(No::NoSecret));
    for unknown in ["", "ABCDEFGH", "abcdefg", "abcdefgh "] {
        let refusal = venue.refusal(redeem(unknown));
        assert_eq!(refusal, Some(No::UnknownTicket), "{unknown:?}");
    }
    let mut venue = with_ticket(|preorder| preorder.is_canceled = true);
    assert_eq!(venue.refusal(redeem("abcdefgh")), Some(No::Canceled));
}

#[test]
fn row_5_an_unpaid_ticket_needs_its_price() {
    for price in [None, Some(money(2300)), Some(Money::ZERO)] {
        let mut venue = with_ticket(|preorder| {
            preorder.is_paid = false;
            preorder.positions[0].price = price;
        });
        let refusal = venue.refusal(redeem("abcdefgh"));
        assert_eq!(refusal, Some(No::Unpaid(price)));
        if let Some(due) = price.filter(|price| *price > Money::ZERO) {
            let short = redeem_with("abcdefgh", due.units() - 1, Answers::default());
            assert_eq!(venue.refusal(short), Some(No::Unpaid(price)));
        }
        let paid = redeem_with("abcdefgh", 2300, Answers::default());
        assert_eq!(venue.refusal(paid).is_none(), price.is_some());
    }
}

#[test]
fn row_6_windows_are_open_on_their_open_sides() {
    let [before, now, after] =
        ["09", "10", "11"].map(|hour| Some(time(&format!("2026-05-01T{hour}:00:00.000000Z"))));
    for (start, end, open) in [
        (None, None, true),
        (None, after, true),
        (before, None, true),
        (now, None, true),
        (now, after, true),
        (after, None, false),
        (None, now, false),
        (None, before, false),
    ] {
        let mut venue = under([window(8, PLAIN, start, end)]);
        let refusal = venue.refusal(redeem("abcdefgh"));
        assert_eq!(refusal.is_none(), open, "{start:?} {end:?}");
        assert!(open || refusal == Some(No::NotAvailable));
    }
    let mut venue = under([window(8, PLAIN, after, None), window(9, PLAIN, None, after)]);
    assert_eq!(
        venue.refusal(redeem("abcdefgh")),
        None,
        "one of two is open"
    );
}

#[test]
fn row_6_a_product_that_is_gone_is_not_available() {
    let mut venue = with_ticket(|preorder| preorder.positions[0].product = ProductId(99));
    let refusal = venue.refusal(redeem("abcdefgh"));
    assert_eq!(refusal, Some(No::NotAvailable));
    let mut venue = with_ticket(|preorder| {
        preorder.is_paid = false;
        preorder.positions[0].product = ProductId(99);
    });
    let refusal = venue.refusal(redeem("abcdefgh"));
    assert_eq!(refusal, Some(No::Unpaid(None)), "row 5 is before row 6");
}

#[test]
fn row_7_a_ticket_is_redeemed_once() {
    let mut venue = with_ticket(|_| {});
    let at = venue.at;
    assert_eq!(venue.refusal(redeem("abcdefgh")), None);
    venue.at = time("2026-05-01T10:00:07.000000Z");
    let secret = "abcdefgh".to_owned();
    let refusal = venue.refusal(redeem("abcdefgh"));
    assert_eq!(
        refusal,
        Some(No::AlreadyRedeemed(Redemption { secret, at }))
    );
}

#[test]
fn row_8_the_preorder_warns() {
    let mut venue = with_ticket(|preorder| preorder.warning_text = "Check the ID.".to_owned());
    let warned = Some(No::TicketWarning("Check the ID.".to_owned()));
    assert_eq!(venue.refusal(redeem("abcdefgh")), warned);
    let purse = redeem_with("abcdefgh", 9900, Answers::default());
    assert_eq!(venue.refusal(purse), warned, "money does not help");
    let acknowledged = Redeem {
        warning_acknowledged: true,
        ..redeem("abcdefgh")
    };
    assert_eq!(venue.refusal(acknowledged), None);
}

#[test]
fn row_9_every_warning_of_the_product_is_answered() {
    let mut venue = under([
        warning(11, &[(PLAIN, Some((500, 7)))]),
        warning(12, &[(PLAIN, None)]),
        warning(13, &[(PLAIN + 1, None)]),
    ]);
    let warned = |id, price: Option<i64>| {
        Some(No::Warning {
            id: ConstraintId(id),
            message: format!("Warning {id}"),
            price: price.map(money),
        })
    };
    let mut answer = |answers| {
        venue.refusal(Redeem {
            answers,
            ..redeem("abcdefgh")
        })
    };
    assert_eq!(answer(acknowledged(&[])), warned(11, Some(500)));
    assert_eq!(answer(acknowledged(&[12, 13])), warned(11, Some(500)));
    assert_eq!(answer(acknowledged(&[11])), warned(12, None));
    assert_eq!(answer(acknowledged(&[11, 12])), None);
}

#[test]
fn rows_10_to_12_the_list_is_answered() {
    let mut venue = under([
        list(21, &[(PLAIN, Some((1200, 19)))]),
        list_entry(31, 21, "12345"),
        list_entry(32, 22, "999"),
        Fact::PreorderPlaced(preorder(2, &[(2, "second", PLAIN)])),
    ]);
    let fault = |fault| {
        Some(No::List {
            id: ConstraintId(21),
            name: "List 21".to_owned(),
            price: Some(money(1200)),
            fault,
        })
    };
    let with = |secret, answers| Redeem {
        answers,
        ..redeem(secret)
    };
    assert_eq!(venue.refusal(redeem("abcdefgh")), fault(ListFault::Missing));
    let other = with("abcdefgh", listed(22, "12345"));
    assert_eq!(venue.refusal(other), fault(ListFault::Missing));
    for unknown in ["", "1234", "999", "cashier", "backoffice"] {
        let refusal = venue.refusal(with("abcdefgh", listed(21, unknown)));
        assert_eq!(refusal, fault(ListFault::Unknown), "{unknown:?}");
    }
    assert_eq!(venue.refusal(with("abcdefgh", listed(21, "12345"))), None);
    let again = with("second", listed(21, "12345"));
    assert_eq!(venue.refusal(again), fault(ListFault::Used));
}

#[test]
fn people_who_share_an_identifier_have_an_entry_each() {
    let mut venue = Venue::with([
        list(21, &[(PLAIN, None)]),
        list_entry(31, 21, "family"),
        list_entry(32, 21, "family"),
        Fact::PreorderPlaced(preorder(
            1,
            &[(1, "a", PLAIN), (2, "b", PLAIN), (3, "c", PLAIN)],
        )),
    ]);
    let with = |secret| Redeem {
        answers: listed(21, "family"),
        ..redeem(secret)
    };
    for (secret, entry) in [("a", 31), ("b", 32)] {
        let sale = venue.book(vec![with(secret).into()]).unwrap();
        assert_eq!(sale.lines[0].list_entry, Some(ListEntryId(entry)));
    }
    let refusal = venue.refusal(with("c"));
    let used = ListFault::Used;
    assert!(matches!(refusal, Some(No::List { fault, .. }) if fault == used));
}

#[test]
fn a_badge_is_a_list_value_without_an_entry() {
    for (badge, id) in [("troubleshooter", TROUBLESHOOTER_AT_BAR), ("superuser", 3)] {
        let mut venue = under([
            list(21, &[(PLAIN, Some((1200, 19)))]),
            list_entry(31, 21, badge),
        ]);
        let answers = listed(21, badge);
        let wanted = Redeem {
            answers,
            ..redeem("abcdefgh")
        };
        let sale = venue.book(vec![wanted.into()]).unwrap();
        let line = &sale.lines[0];
        assert_eq!(line.authorized_by, Some(UserId(id)));
        assert_eq!(line.list_entry, None, "though an entry has the same text");
        assert_eq!(line.total, Money::ZERO);
    }
}

#[test]
fn a_badge_counts_as_long_as_its_user_has_the_role() {
    let mut venue = under([
        list(21, &[(PLAIN, None)]),
        user(TROUBLESHOOTER_AT_BAR, "troubleshooter", Role::Cashier),
    ]);
    let wanted = Redeem {
        answers: listed(21, "troubleshooter"),
        ..redeem("abcdefgh")
    };
    let refusal = venue.refusal(wanted);
    let unknown = ListFault::Unknown;
    assert!(matches!(refusal, Some(No::List { fault, .. }) if fault == unknown));
}

#[test]
fn a_redeemed_ticket_is_a_position_of_its_own() {
    let mut with_pack = product(PLAIN);
    let item = |amount, id, visible| PackItem {
        amount,
        id,
        is_receipt: false,
        name: "Voucher".to_owned(),
        visible,
    };
    with_pack.pack = vec![item(2, Some(ItemId(5)), true), item(1, None, false)];
    let mut venue = under([Fact::ProductDefined(with_pack), quota(8, 0, &[PLAIN])]);
    let sale = venue.book(vec![redeem("abcdefgh").into()]).unwrap();
    let line = &sale.lines[0];
    assert_eq!((line.price, line.total), (Money::ZERO, Money::ZERO));
    assert_eq!(line.tax_rate, TaxRate::default());
    assert_eq!(line.name, "Product 1");
    let ticket = Ticket {
        is_paid: true,
        position: PreorderPositionId(1),
        preorder: PreorderId(1),
        secret: "abcdefgh".to_owned(),
    };
    assert_eq!(line.ticket, Some(ticket));
    let items: Vec<_> = line
        .items
        .iter()
        .map(|i| (i.amount, i.id, i.hidden))
        .collect();
    let pieces = |n| Quantity::pieces(n).unwrap();
    let expected = [(pieces(2), Some(ItemId(5)), false), (pieces(1), None, true)];
    assert_eq!(items, expected);
    assert_eq!(sale.tx[0].product_id, ProductId(PLAIN));
    assert_eq!(sale.session.map(|session| session.0), Some(CASHIER));
    let sold = venue.views.constraint.sold(ProductId(PLAIN));
    assert_eq!(sold, 0, "tickets use no quota, nor ask for one");
}
