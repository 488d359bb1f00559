//! A snapshot taken anywhere in a log with cash desks: what is folded on from it is the same.

use super::log::{Log, Sold, one_line, taken_back};
use crate::Views;
use daybook_schema::facts::{
    CashDesk, ConstrainedProduct, CopyRequest, DeskAction, HandedOut, ListConstraint, ListEntry,
    Ping, PingMark, Preorder, PreorderPosition, Quota, SaleLine, Session, SessionEnd, SupplyPack,
    SupplyState, SupplyUse, Ticket,
};
use daybook_schema::id::{
    CashDeskId, ConstraintId, ItemId, ListEntryId, PingId, PosId, PreorderId, PreorderPositionId,
    ProductId, QuotaId, SessionId, SupplyPackId, TxId, UserId,
};
use daybook_schema::{Fact, Money, Quantity, hash};

const SESSION: SessionId = SessionId(1);
const POS: PosId = PosId(3);

fn venue() -> Vec<Fact> {
    let product = ProductId(1);
    let position = PreorderPosition {
        id: PreorderPositionId(1),
        price: Some(Money::new(2300).unwrap()),
        product,
        secret: "AbCdEfGh".to_owned(),
    };
    let preorder = Preorder {
        id: PreorderId(1),
        is_canceled: false,
        is_paid: false,
        order_code: "CODE".to_owned(),
        positions: vec![position],
        warning_text: String::new(),
    };
    let covered = ConstrainedProduct {
        price: None,
        product,
        tax_rate: None,
    };
    vec![
        Fact::CashDeskDefined(CashDesk {
            id: CashDeskId(1),
            inactive: true,
            ip_address: None,
            name: "Desk".to_owned(),
            point_of_sale: POS,
            printer: None,
        }),
        Fact::SessionOpened(Session {
            cash_before: Money::ZERO,
            cash_desk: CashDeskId(1),
            id: SESSION,
            starts: Some(daybook_schema::At::from_micros(7)),
            token_hash: hash::fingerprint(b"token"),
            user: UserId(1),
        }),
        Fact::PreorderPlaced(preorder),
        Fact::QuotaDefined(Quota {
            id: QuotaId(1),
            name: "Quota".to_owned(),
            products: vec![product],
            size: 9,
        }),
        Fact::ListConstraintDefined(ListConstraint {
            id: ConstraintId(21),
            name: "Members".to_owned(),
            products: vec![covered],
        }),
        Fact::ListEntryDefined(ListEntry {
            id: ListEntryId(31),
            identifier: "12345".to_owned(),
            list: ConstraintId(21),
            name: "Ada".to_owned(),
        }),
        Fact::SupplyPackDefined(SupplyPack {
            amount: 100,
            id: SupplyPackId(1),
            identifier: "P-1".to_owned(),
            item: ItemId(5),
            state: SupplyState::Troubleshooter,
        }),
    ]
}

fn actions() -> Vec<Fact> {
    let request = Some(hash::fingerprint(b"request"));
    let session = SESSION;
    let mark = |id| PingMark {
        id: PingId(id),
        request: None,
    };
    let ping = |id| {
        Fact::PingSent(Ping {
            id: PingId(id),
            request,
            secret: format!("/ping {id}"),
            session,
        })
    };
    vec![
        Fact::DrawerOpened(DeskAction { request, session }),
        Fact::SupplyRequested(DeskAction { request, session }),
        Fact::DisplayAdvanced(DeskAction { request, session }),
        Fact::CopyRequested(CopyRequest {
            request,
            session,
            transaction: TxId(1),
        }),
        Fact::SupplyUsed(SupplyUse {
            amount: 100,
            item: ItemId(5),
            pack: SupplyPackId(1),
            request,
            session,
        }),
        ping(1),
        ping(2),
        Fact::PingAnswered(mark(1)),
        Fact::PingAnswered(mark(1)),
        Fact::PingSynced(mark(2)),
        Fact::SessionClosed(SessionEnd {
            cash_after: None,
            id: session,
        }),
    ]
}

/// A position that has everything a position can have.
fn full_line() -> SaleLine {
    let mut line = one_line();
    line.authorized_by = Some(UserId(2));
    line.items = vec![HandedOut {
        amount: Quantity::PIECE,
        hidden: true,
        id: None,
        name: "Wristband".to_owned(),
    }];
    line.list_entry = Some(ListEntryId(31));
    line.ticket = Some(Ticket {
        is_paid: false,
        position: PreorderPositionId(1),
        preorder: PreorderId(1),
        secret: "AbCdEfGh".to_owned(),
    });
    line
}

/// The state after every event, so that parts of sales are cut as well.
fn states() -> Vec<Views> {
    let mut log = Log::default();
    let mut states = Vec::new();
    let mut note = |log: &Log| states.push(log.views.clone());
    let mut fold = |log: &mut Log, facts: Vec<Fact>| {
        for fact in facts {
            log.fold(fact);
            note(log);
        }
    };
    fold(&mut log, venue());
    let desk = Sold {
        pos: POS,
        session: Some(SESSION),
    };
    let till = Sold {
        session: None,
        ..desk
    };
    for sold in [desk, till, desk] {
        let first = log.sell(&sold, &[full_line(), one_line(), one_line()], 2);
        fold(&mut log, Vec::new());
        let back = [full_line(), one_line(), one_line()];
        let back: Vec<_> = (first..)
            .zip(&back)
            .map(|(id, line)| taken_back(line, id))
            .collect();
        fold(&mut log, actions());
        log.sell(&desk, &back, 1);
        fold(&mut log, venue());
    }
    states
}

#[test]
fn a_snapshot_with_cash_desks_is_restored_whole() {
    for views in states() {
        let restored = Views::restore(&views.snapshot()).unwrap();
        assert_eq!(restored.fingerprints(), views.fingerprints());
        let find = |views: &Views| {
            let preorder = &views.preorder;
            let ticket = preorder.ticket_of("AbCdEfGh");
            let ticket = ticket.map(|ticket| (ticket.preorder.clone(), ticket.redeemed));
            let by_code = preorder.preorder_of("CODE").cloned();
            (
                ticket,
                by_code,
                preorder.starting_with("abc"),
                preorder.last_position(),
            )
        };
        assert_eq!(find(&restored), find(&views));
        let both = [&views, &restored].map(|views| {
            let sales = views.transaction.sales(POS).skip(0);
            sales
                .map(|sale| (sale.id(), sale.session, sale.records().count()))
                .collect::<Vec<_>>()
        });
        assert_eq!(both[0], both[1]);
        assert_eq!(
            restored
                .access
                .user_of_badge(&hash::fingerprint(b"x"))
                .is_some(),
            views
                .access
                .user_of_badge(&hash::fingerprint(b"x"))
                .is_some()
        );
    }
}

/// What is folded behind a snapshot, also behind one that cuts a sale in two.
#[test]
fn a_restored_state_goes_on_as_before() {
    let desk = Sold {
        pos: POS,
        session: Some(SESSION),
    };
    for views in states() {
        let restored = Views::restore(&views.snapshot()).unwrap();
        let [one, two] = [views, restored].map(|views| {
            let mut log = Log { views };
            log.sell(&desk, &[full_line(), one_line()], 1);
            log.fold_all(venue());
            log.fold_all(actions());
            log.views.fingerprints()
        });
        assert_eq!(one, two);
    }
}
