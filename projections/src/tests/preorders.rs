//! Tickets: found by every key, also after their preorder was placed again otherwise.

use super::log::{Log, Sold, one_line, taken_back};
use crate::Views;
use daybook_schema::Fact;
use daybook_schema::facts::{Preorder, PreorderPosition, Ticket};
use daybook_schema::id::{PosId, PreorderId, PreorderPositionId, ProductId, SessionId};
use proptest::prelude::*;

const SECRETS: [&str; 7] = ["abcdef", "ABCdef", "abcdefg", "abc", "Äbc", "äBC", "xyz"];

fn preorder(id: u32, code: &str, positions: &[(u32, &str)]) -> Preorder {
    let position = |&(id, secret): &(u32, &str)| PreorderPosition {
        id: PreorderPositionId(id),
        price: None,
        product: ProductId(1),
        secret: secret.to_owned(),
    };
    Preorder {
        id: PreorderId(id),
        is_canceled: false,
        is_paid: true,
        order_code: code.to_owned(),
        positions: positions.iter().map(position).collect(),
        warning_text: String::new(),
    }
}

fn any_preorder() -> impl Strategy<Value = Preorder> {
    let positions = prop::collection::btree_map(1u32..7, prop::sample::select(&SECRETS[..]), 0..4);
    let code = prop::sample::select(&["A", "B", "C"][..]);
    (1u32..5, code, positions).prop_map(|(id, code, positions)| {
        preorder(id, code, &positions.into_iter().collect::<Vec<_>>())
    })
}

/// All preorders as they stand: a position that comes with another preorder has left its own.
fn standing(placed: &[Preorder]) -> Vec<Preorder> {
    let mut standing: Vec<Preorder> = Vec::new();
    for preorder in placed {
        let comes = |p: &PreorderPosition| preorder.positions.iter().any(|new| new.id == p.id);
        standing.retain(|other| other.id != preorder.id);
        for other in &mut standing {
            other.positions.retain(|position| !comes(position));
        }
        standing.push(preorder.clone());
    }
    standing.sort_by_key(|preorder| preorder.id);
    standing
}

/// Every answer that the view gives, beside a search from end to end.
fn check(views: &Views, standing: &[Preorder]) {
    let view = &views.preorder;
    let all: Vec<&Preorder> = view.preorders().map(AsRef::as_ref).collect();
    assert_eq!(all, standing.iter().collect::<Vec<_>>());
    assert_eq!(view.count(), standing.len());
    let mut positions: Vec<(&Preorder, &PreorderPosition)> = standing
        .iter()
        .flat_map(|preorder| preorder.positions.iter().map(move |p| (preorder, p)))
        .collect();
    positions.sort_by_key(|(_, position)| position.id);
    for id in 0..9 {
        let id = PreorderPositionId(id);
        let found = view.ticket(id).map(|t| (t.preorder.as_ref(), t.position));
        let expected = positions.iter().find(|(_, position)| position.id == id);
        assert_eq!(found, expected.copied());
    }
    for secret in SECRETS
        .into_iter()
        .chain(["", "a", "ABCDEF", "abcdefgh", "ä"])
    {
        let ids = |found: &dyn Fn(&str) -> bool| {
            let found = positions.iter().filter(|(_, p)| found(&p.secret));
            found.map(|(_, position)| position.id).collect::<Vec<_>>()
        };
        let lower = secret.to_lowercase();
        let exact = ids(&|other| other == secret);
        let found = view.ticket_of(secret).map(|ticket| ticket.position.id);
        assert_eq!(found, exact.first().copied(), "{secret}");
        let any_case = ids(&|other| other.to_lowercase() == lower);
        assert_eq!(view.with_secret(secret), any_case, "{secret}");
        let starting = ids(&|other| other.to_lowercase().starts_with(&lower));
        assert_eq!(view.starting_with(secret), starting, "{secret}");
    }
    for code in ["A", "B", "C", "D"] {
        let expected = standing.iter().find(|preorder| preorder.order_code == code);
        let found = view.preorder_of(code).map(AsRef::as_ref);
        assert_eq!(found, expected, "{code}");
    }
}

/// No id is given twice, and a ticket that comes back is known by its secret.
fn check_former(views: &Views, placed: &[Preorder]) {
    let view = &views.preorder;
    let ever = placed.iter().flat_map(|preorder| &preorder.positions);
    assert_eq!(view.last_position(), ever.clone().map(|p| p.id).max());
    for secret in SECRETS {
        let stands = view.ticket_of(secret).map(|ticket| ticket.position.id);
        let known = view.id_of(secret);
        assert!(stands.is_none() || known == stands, "{secret}");
        if let Some(id) = known.filter(|_| stands.is_none()) {
            assert!(
                view.ticket(id).is_none(),
                "{secret}: {id} is another's by now"
            );
            assert!(ever.clone().any(|p| p.id == id && p.secret == secret));
        }
    }
}

proptest! {
    /// A node that restarts from a snapshot builds its indexes anew; it must find the same.
    #[test]
    fn tickets_are_found_however_often_preorders_change(
        placed in prop::collection::vec(any_preorder(), 0..12),
    ) {
        let mut log = Log::default();
        for (count, preorder) in (1..).zip(&placed) {
            log.fold(Fact::PreorderPlaced(preorder.clone()));
            let standing = standing(&placed[..count]);
            check(&log.views, &standing);
            check_former(&log.views, &placed[..count]);
            let restored = Views::restore(&log.views.snapshot()).unwrap();
            prop_assert_eq!(restored.fingerprint(), log.views.fingerprint());
            check(&restored, &standing);
            check_former(&restored, &placed[..count]);
        }
    }
}

#[test]
fn a_split_order_keeps_its_redeemed_tickets() {
    let mut log = Log::default();
    let whole = preorder(1, "A", &[(1, "first"), (2, "second")]);
    log.fold(Fact::PreorderPlaced(whole));
    let mut redeemed = one_line();
    redeemed.ticket = Some(Ticket {
        is_paid: true,
        position: PreorderPositionId(2),
        preorder: PreorderId(1),
        secret: "second".to_owned(),
    });
    let sold = Sold {
        pos: PosId(1),
        session: Some(SessionId(1)),
    };
    let id = log.sell(&sold, std::slice::from_ref(&redeemed), 1);
    let at = log.views.at;
    let is_redeemed = |log: &Log| log.views.preorder.ticket_of("second").unwrap().redeemed;
    assert_eq!(is_redeemed(&log), Some(at));
    // In either order: the new one may be told of before the old one is told of again.
    let split = [
        preorder(2, "B", &[(2, "second")]),
        preorder(1, "A", &[(1, "first")]),
    ];
    let mut other = log.clone();
    log.fold_all(split.iter().cloned().map(Fact::PreorderPlaced));
    other.fold_all(split.iter().rev().cloned().map(Fact::PreorderPlaced));
    for log in [&mut log, &mut other] {
        assert_eq!(is_redeemed(log), Some(at));
        let ticket = log.views.preorder.ticket_of("second").unwrap();
        assert_eq!(ticket.preorder.order_code, "B");
        log.sell(&sold, &[taken_back(&redeemed, id)], 1);
        assert_eq!(is_redeemed(log), None);
    }
}
