//! Who may work where and when, and commands that come again.

use super::facts::{cash_desk, method, point_of_sale, session};
use super::venue::{
    BAR, BOX_OFFICE, CASHIER, PLAIN, SUPERUSER, TROUBLESHOOTER_AT_BAR, Venue, cart, money, sell,
    sell_with, time,
};
use crate::ledger::command::CommandId;
use crate::ledger::decide::{Decision, Rejection};
use crate::ledger::desk::{Answers, Wish};
use daybook_schema::Fact;
use daybook_schema::facts::{PaymentKind, Session, SessionEnd, Withdrawn};
use daybook_schema::id::{CashDeskId, PaymentMethodId, SessionId, TxId, UserId};

/// Everything that a session can ask for is refused with this.
fn assert_refused(venue: &mut Venue, session: u32, expected: &Rejection) {
    let wishes = [
        cart(vec![sell(PLAIN).into()]),
        Wish::Reverse(TxId(1)),
        Wish::OpenDrawer,
        Wish::CopyReceipt(TxId(1)),
        Wish::RequestSupply,
        Wish::UseSupply("P-17".to_owned()),
        Wish::AdvanceDisplay,
        Wish::SendPing("/ping a".to_owned()),
        Wish::AnswerPing("/ping a".to_owned()),
    ];
    for wish in wishes {
        let what = format!("{wish:?}");
        assert_eq!(venue.ask(session, wish).as_ref(), Err(expected), "{what}");
    }
}

#[test]
fn a_session_is_open_from_its_start_to_its_end() {
    let mut venue = Venue::new();
    assert_refused(&mut venue, 99, &Rejection::SessionEnded);
    let starts = Some(time("2026-05-01T12:00:00.000000Z"));
    let later = Session {
        starts,
        ..session(6, CASHIER, 1)
    };
    venue.record("later", [Fact::SessionOpened(later)]);
    venue.at = time("2026-05-01T11:59:59.999999Z");
    assert_refused(&mut venue, 6, &Rejection::SessionEnded);
    venue.at = time("2026-05-01T12:00:00.000000Z");
    assert!(venue.ask(6, Wish::OpenDrawer).is_ok());
    let end = SessionEnd {
        cash_after: Some(money(100)),
        id: SessionId(6),
    };
    venue.record("end", [Fact::SessionClosed(end)]);
    assert_refused(&mut venue, 6, &Rejection::SessionEnded);
    assert!(venue.ask(CASHIER, Wish::OpenDrawer).is_ok());
    let id = UserId(CASHIER);
    venue.record("gone", [Fact::UserWithdrawn(Withdrawn { id })]);
    assert_refused(&mut venue, CASHIER, &Rejection::SessionEnded);
}

#[test]
fn nobody_works_at_a_desk_that_is_not_there() {
    let mut venue = Venue::with([cash_desk(1, BOX_OFFICE, true)]);
    assert_refused(&mut venue, CASHIER, &Rejection::CashDeskInactive);
    venue.record("back", [cash_desk(1, BOX_OFFICE, false)]);
    assert!(venue.ask(CASHIER, Wish::OpenDrawer).is_ok());
    let id = BOX_OFFICE;
    venue.record("place", [Fact::PointOfSaleWithdrawn(Withdrawn { id })]);
    assert_refused(&mut venue, CASHIER, &Rejection::CashDeskInactive);
    let id = CashDeskId(2);
    venue.record("desk", [Fact::CashDeskWithdrawn(Withdrawn { id })]);
    assert_refused(
        &mut venue,
        TROUBLESHOOTER_AT_BAR,
        &Rejection::CashDeskInactive,
    );
}

/// The sale of a desk that moves is booked where it stands now.
#[test]
fn a_desk_books_where_it_stands() {
    let mut venue = Venue::with([cash_desk(1, BAR, false)]);
    let sale = venue.book(vec![sell(PLAIN).into()]).unwrap();
    assert_eq!(sale.point_of_sale.id, BAR);
    assert_eq!(sale.payment.id, PaymentMethodId(2));
}

#[test]
fn a_desk_without_cash_or_at_a_closed_place_sells_nothing() {
    let no_cash = [2, 5, 6].map(|id| method(id, PaymentKind::Card, &[BOX_OFFICE, BAR]));
    let mut venue = Venue::with(no_cash);
    let refusal = venue.book(vec![sell(PLAIN).into()]);
    assert_eq!(refusal, Err(Rejection::NoCash(BOX_OFFICE)));
    assert!(venue.ask(CASHIER, Wish::OpenDrawer).is_ok());
    let mut venue = Venue::with([point_of_sale(BOX_OFFICE, false)]);
    let refusal = venue.book(vec![sell(PLAIN).into()]);
    assert_eq!(refusal, Err(Rejection::PointOfSaleDisabled(BOX_OFFICE)));
}

#[test]
fn a_command_that_comes_again_is_done_once() {
    let mut venue = Venue::new();
    let id = |key: &str, body: &[u8]| CommandId::chosen("cashdesk/1/transactions", key, body);
    let wish = || cart(vec![sell(PLAIN).into()]);
    let first = venue.views.head.size;
    let done = venue.ask_with(id("a", b"1"), CASHIER, wish()).unwrap();
    assert!(matches!(done, Decision::Record(facts) if facts.len() == 1));
    let end = venue.views.head.size;
    let again = venue.ask_with(id("a", b"1"), CASHIER, wish()).unwrap();
    assert_eq!(again, Decision::Repeat { first, end });
    let other = venue.ask_with(id("a", b"2"), CASHIER, wish());
    assert_eq!(other, Err(Rejection::CommandConflict));
    let reversal = || Wish::Reverse(TxId(1));
    let (first, request) = (venue.views.head.size, id("b", b""));
    venue
        .ask_with(request.clone(), CASHIER, reversal())
        .unwrap();
    let end = venue.views.head.size;
    // Without the key it would be refused: the sale is taken back by now.
    let again = venue.ask_with(request, CASHIER, reversal()).unwrap();
    assert_eq!(again, Decision::Repeat { first, end });
    for (key, wish) in [("c", Wish::OpenDrawer), ("d", Wish::RequestSupply)] {
        let (first, request) = (venue.views.head.size, id(key, b""));
        venue
            .ask_with(request.clone(), CASHIER, wish.clone())
            .unwrap();
        let again = venue.ask_with(request, CASHIER, wish).unwrap();
        let end = first + 1;
        assert_eq!(again, Decision::Repeat { first, end });
    }
}

/// The answer was given before; that the session has ended since does not take it back.
#[test]
fn a_repetition_is_answered_before_anything_is_checked() {
    let mut venue = Venue::new();
    let id = CommandId::chosen("cashdesk/3/transactions", "a", b"1");
    let wish = || cart(vec![sell(PLAIN).into()]);
    venue.ask_with(id.clone(), SUPERUSER, wish()).unwrap();
    let end = SessionEnd {
        cash_after: None,
        id: SessionId(SUPERUSER),
    };
    venue.record("end", [Fact::SessionClosed(end)]);
    let again = venue.ask_with(id, SUPERUSER, wish());
    assert!(matches!(again, Ok(Decision::Repeat { .. })));
}

/// A refused request books nothing, so its key may come again with what was asked for.
#[test]
fn a_key_is_used_up_by_success_only() {
    let mut guarded = super::facts::product(2);
    guarded.requires_authorization = true;
    let mut venue = Venue::with([Fact::ProductDefined(guarded)]);
    let id = |body: &[u8]| CommandId::chosen("cashdesk/1/transactions", "a", body);
    let refused = venue.ask_with(id(b"1"), CASHIER, cart(vec![sell(2).into()]));
    assert!(matches!(refused, Err(Rejection::Positions(_))));
    let wanted = sell_with(2, Some("superuser"), Answers::default());
    let done = venue.ask_with(id(b"2"), CASHIER, cart(vec![wanted.into()]));
    assert!(matches!(done, Ok(Decision::Record(_))));
}
