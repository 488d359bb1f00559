//! The drawer, copies, supplies, the display, pings.

use super::venue::{CASHIER, OTHER_CASHIER, PLAIN, Venue, cart, sell};
use crate::ledger::command::CommandId;
use crate::ledger::decide::desk::sync_ping;
use crate::ledger::decide::{Decision, Rejection};
use crate::ledger::desk::Wish;
use daybook_schema::facts::{
    CopyRequest, DeskAction, PingMark, SupplyPack, SupplyState, SupplyUse,
};
use daybook_schema::id::{ItemId, PingId, SessionId, SupplyPackId, TxId};
use daybook_schema::{At, Fact};

const SESSION: SessionId = SessionId(CASHIER);

#[test]
fn simple_wishes_are_noted() {
    let mut venue = Venue::new();
    let action = DeskAction {
        request: None,
        session: SESSION,
    };
    for (wish, fact) in [
        (Wish::OpenDrawer, Fact::DrawerOpened(action.clone())),
        (Wish::RequestSupply, Fact::SupplyRequested(action.clone())),
        (Wish::AdvanceDisplay, Fact::DisplayAdvanced(action)),
    ] {
        assert_eq!(venue.ask(CASHIER, wish), Ok(vec![fact]));
    }
    let wanted = |session, after| {
        let now = At::from_micros(venue.at.micros() + after);
        venue.views.desk.wanted(session, now)
    };
    assert_eq!(wanted(SESSION, 599_999_999), Some(venue.at));
    assert_eq!(wanted(SESSION, 600_000_000), None);
    assert_eq!(wanted(SessionId(OTHER_CASHIER), 0), None);
}

/// A copy may be had of any sale and of reversals, at any desk.
#[test]
fn copies_are_of_sales_that_exist() {
    let mut venue = Venue::new();
    let two = vec![sell(PLAIN).into(), sell(PLAIN).into()];
    venue.ask(CASHIER, cart(two)).unwrap();
    venue.ask(CASHIER, Wish::Reverse(TxId(1))).unwrap();
    for (id, known) in [(0, false), (1, true), (2, false), (3, true), (5, false)] {
        let transaction = TxId(id);
        let copy = Fact::CopyRequested(CopyRequest {
            request: None,
            session: SessionId(OTHER_CASHIER),
            transaction,
        });
        let expected = known.then(|| vec![copy]).ok_or(Rejection::UnknownSale);
        let asked = venue.ask(OTHER_CASHIER, Wish::CopyReceipt(transaction));
        assert_eq!(asked, expected);
    }
}

#[test]
fn a_pack_is_used_once_and_when_it_is_at_hand() {
    let pack = |id, state| SupplyPack {
        amount: 100,
        id: SupplyPackId(id),
        identifier: format!("P-{id}"),
        item: ItemId(5),
        state,
    };
    let mut venue = Venue::with([
        Fact::SupplyPackDefined(pack(1, SupplyState::Backoffice)),
        Fact::SupplyPackDefined(pack(2, SupplyState::Dissolved)),
        Fact::SupplyPackDefined(pack(3, SupplyState::Used)),
        Fact::SupplyPackDefined(pack(4, SupplyState::Troubleshooter)),
    ]);
    let mut scan = |code: &str| venue.ask(CASHIER, Wish::UseSupply(code.to_owned()));
    for (code, refusal) in [
        ("", Rejection::UnknownSupply),
        ("p-4", Rejection::UnknownSupply),
        ("P-1", Rejection::SupplyInStore),
        ("P-2", Rejection::SupplyDissolved),
        ("P-3", Rejection::SupplyUsed),
    ] {
        assert_eq!(scan(code), Err(refusal), "{code}");
    }
    let used = Fact::SupplyUsed(SupplyUse {
        amount: 100,
        item: ItemId(5),
        pack: SupplyPackId(4),
        request: None,
        session: SESSION,
    });
    assert_eq!(scan("P-4"), Ok(vec![used]));
    assert_eq!(scan("P-4"), Err(Rejection::SupplyUsed));
    // The file that named the pack comes again, as it was.
    let again = Fact::SupplyPackDefined(pack(4, SupplyState::Troubleshooter));
    venue.record("again", [again]);
    let scanned = venue.ask(CASHIER, Wish::UseSupply("P-4".to_owned()));
    assert_eq!(scanned, Err(Rejection::SupplyUsed));
}

#[test]
fn a_ping_keeps_its_first_marks() {
    let mut venue = Venue::new();
    for id in [1, 2] {
        let secret = format!("/ping {id}");
        let facts = venue.ask(CASHIER, Wish::SendPing(secret.clone())).unwrap();
        let [Fact::PingSent(ping)] = &facts[..] else {
            panic!("{facts:?}")
        };
        assert_eq!((ping.id, &ping.secret), (PingId(id), &secret));
    }
    let pong = |text: &str| Wish::AnswerPing(text.to_owned());
    assert_eq!(venue.ask(CASHIER, pong("/ping 9")), Ok(Vec::new()));
    let mark = Fact::PingAnswered(PingMark {
        id: PingId(1),
        request: None,
    });
    assert_eq!(venue.ask(OTHER_CASHIER, pong("/ping 1")), Ok(vec![mark]));
    assert_eq!(venue.ask(CASHIER, pong("/ping 1")), Ok(Vec::new()));
    let first = venue.views.desk.ping(PingId(1)).unwrap();
    assert!(first.ponged.is_some() && first.synced.is_none());
    assert!(venue.views.desk.ping(PingId(2)).unwrap().ponged.is_none());
}

#[test]
fn whoever_takes_note_of_a_ping_first_is_noted() {
    let mut venue = Venue::new();
    venue
        .ask(CASHIER, Wish::SendPing("/ping 1".to_owned()))
        .unwrap();
    let id = |key| CommandId::chosen("cashdesk/pings", key, b"");
    let unknown = sync_ping(&venue.views, &id("a"), PingId(2));
    assert_eq!(unknown, Err(Rejection::UnknownPing));
    let seq = venue.views.head.size;
    let decision = sync_ping(&venue.views, &id("b"), PingId(1)).unwrap();
    let Decision::Record(facts) = decision else {
        panic!("{decision:?}")
    };
    venue.record("cashdesk/pings/b", facts);
    let ping = venue.views.desk.ping(PingId(1)).unwrap();
    assert_eq!(ping.synced.map(|mark| mark.seq), Some(seq));
    let again = sync_ping(&venue.views, &id("b"), PingId(1));
    let (first, end) = (seq, seq + 1);
    assert_eq!(again, Ok(Decision::Repeat { first, end }));
    let other = sync_ping(&venue.views, &id("c"), PingId(1));
    assert_eq!(other, Ok(Decision::Record(Vec::new())));
}
