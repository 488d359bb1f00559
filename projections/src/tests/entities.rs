//! Changes of entities, gathered along the way by somebody who keeps the latest record of each.

use super::log::{Log, Sold, one_line, taken_back};
use crate::Views;
use crate::entity::{Change, ENTITIES, changes};
use daybook_schema::facts::{SaleLine, Ticket};
use daybook_schema::id::{PosId, PreorderId, PreorderPositionId, SessionId};
use daybook_schema::{At, Digest, Fact};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The latest record of each entity, as a compacted topic keeps it.
type Kept = BTreeMap<(&'static str, String), String>;

fn keep(kept: &mut Kept, changes: Vec<Change>) {
    for change in changes {
        let key = (change.entity, change.id);
        match change.data {
            Some(data) => kept.insert(key, data.get().to_owned()),
            None => kept.remove(&key),
        };
    }
}

fn everything(views: &Views) -> Kept {
    let nothing = Views::default();
    let all: Vec<Change> = changes(&nothing, views).collect();
    assert!(all.iter().all(|change| change.data.is_some()));
    let count = all.len();
    let mut kept = Kept::new();
    keep(&mut kept, all);
    assert_eq!(kept.len(), count, "each entity once");
    kept
}

/// Kinds stand in their order, and within a kind ids ascend: those that are numbers as numbers.
fn assert_ordered(changes: &[Change]) {
    let place = |change: &Change| {
        let kind = ENTITIES.iter().position(|name| *name == change.entity);
        (
            kind.unwrap(),
            change.id.parse::<u64>().ok(),
            change.id.clone(),
        )
    };
    let places: Vec<_> = changes.iter().map(place).collect();
    assert!(places.is_sorted(), "{places:?}");
}

fn read<T: DeserializeOwned>(data: Value) -> T {
    serde_json::from_value(data).unwrap()
}

fn product(id: u32, price: i32) -> Fact {
    Fact::ProductDefined(read(json!({
        "crew_blocked": false, "deposit": false, "id": id, "modifiers": [], "name": "Cola",
        "needs_receipt": false, "pack": [], "points_of_sale": [1], "price": price,
        "receipt_name": "COLA", "requires_authorization": false, "tax_group": 2,
        "tax_rate": 1900, "visible": true,
    })))
}

/// A preorder with the position of its own number, and perhaps another's.
fn preorder(id: u32, other: u32) -> Fact {
    let mut ids = vec![id, other];
    ids.dedup();
    let position = |id| json!({"id": id, "product": 1, "secret": format!("secret {id}")});
    let positions: Vec<Value> = ids.into_iter().map(position).collect();
    Fact::PreorderPlaced(read(json!({
        "id": id, "is_canceled": false, "is_paid": true, "order_code": "A",
        "positions": positions, "warning_text": "",
    })))
}

fn redeemed(position: u32) -> SaleLine {
    let mut line = one_line();
    line.ticket = Some(Ticket {
        is_paid: true,
        position: PreorderPositionId(position),
        preorder: PreorderId(position),
        secret: format!("secret {position}"),
    });
    line
}

fn session(id: u32) -> Fact {
    Fact::SessionOpened(read(json!({
        "cash_before": 0, "cash_desk": 1, "id": id, "token_hash": Digest([7; 32]), "user": 1,
    })))
}

fn ordered(table: u32, invoice: u32, unpaid: i32) -> Fact {
    let line = json!({
        "count": 1000, "name": "Soup", "price": 500, "product": 1, "tax_rate": 1900, "total": 500,
    });
    Fact::OrderExtended(read(json!({
        "added": [line], "guid": format!("{{{invoice}}}"), "hash": "0x00000001",
        "invoice": invoice, "opened": invoice,
        "table": {"id": table, "max_guests": 4, "name": "T"},
        "unpaid": unpaid, "waiter": {"id": 1, "name": "Zoë"},
    })))
}

fn paid(table: u32, unpaid: i32) -> Fact {
    Fact::PaymentReceived(read(json!({
        "amount": 100, "guid": "{1}", "hash": "0x00000001",
        "method": {"id": 1, "kind": "cash", "name": "Cash"}, "name": "Cash", "opened": 1,
        "table": {"id": table, "max_guests": 4, "name": "T"}, "unpaid": unpaid,
    })))
}

/// What a task goes through.
fn task(name: u32, step: u32) -> Fact {
    let task = format!("task {name}");
    match step {
        0 => Fact::PrintRequested(read(
            json!({"job": "drawer", "printer": "bar", "task": task}),
        )),
        1 => Fact::PrintStarted(read(json!({"node": "exon", "task": task}))),
        2 => Fact::Printed(read(json!({"messages": [], "task": task}))),
        3 => Fact::PrintFailed(read(json!({"messages": [], "task": task}))),
        _ => Fact::PrintUnknown(read(json!({"messages": [], "task": task}))),
    }
}

/// Defines one of the catalogue's other entries, or withdraws it.
fn entry(kind: u32, id: u32, name: u32, defined: bool) -> Fact {
    let gone = json!({"id": id});
    let name = format!("Name {name}");
    match (kind, defined) {
        (0, true) => Fact::PointOfSaleDefined(read(json!({
            "admin": false, "enabled": true, "id": id, "name": name, "special": false,
        }))),
        (0, false) => Fact::PointOfSaleWithdrawn(read(gone)),
        (1, true) => Fact::TableDefined(read(json!({"id": id, "max_guests": 4, "name": name}))),
        (1, false) => Fact::TableWithdrawn(read(gone)),
        (2, true) => Fact::QuotaDefined(read(
            json!({"id": id, "name": name, "products": [], "size": 5}),
        )),
        (2, false) => Fact::QuotaWithdrawn(read(gone)),
        (3, true) => Fact::PrinterDefined(read(
            json!({"id": name, "copies": id, "uri": "escpos.tcp://192.0.2.9:9100"}),
        )),
        (3, false) => Fact::PrinterWithdrawn(read(json!({"id": name}))),
        (_, true) => Fact::WaiterDefined(read(json!({"id": id, "name": name}))),
        (_, false) => Fact::WaiterWithdrawn(read(gone)),
    }
}

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Fold(Box<Fact>),
    /// At this place, of these positions, in so many parts.
    Redeem(Sold, Vec<u32>, usize),
    /// All of a sale, by its place among those that were made.
    Reverse(usize),
    /// Tasks that ended are forgotten.
    Years,
}

fn fold(fact: Fact) -> Step {
    Step::Fold(Box::new(fact))
}

fn step() -> impl Strategy<Value = Step> {
    let few = 1u32..5;
    let product_step = (0u32..200, 0i32..3, any::<bool>()).prop_map(|(id, price, defined)| {
        if defined {
            product(id, price)
        } else {
            Fact::ProductWithdrawn(read(json!({"id": id})))
        }
    });
    let order = (few.clone(), few.clone(), 0i32..2, any::<bool>()).prop_map(
        |(table, invoice, unpaid, more)| {
            if more {
                ordered(table, invoice, unpaid)
            } else {
                paid(table, unpaid)
            }
        },
    );
    let ended = |(id, open)| {
        if open {
            session(id)
        } else {
            Fact::SessionClosed(read(json!({"cash_after": 5, "id": id})))
        }
    };
    let sold = (
        few.clone(),
        prop::option::of(few.clone().prop_map(SessionId)),
    )
        .prop_map(|(pos, session)| Sold {
            pos: PosId(pos),
            session,
        });
    prop_oneof![
        product_step.prop_map(fold),
        (1u32..150, 1u32..150).prop_map(|(id, other)| fold(preorder(id, other))),
        order.prop_map(fold),
        (few.clone(), any::<bool>()).prop_map(ended).prop_map(fold),
        (few.clone(), 0u32..5).prop_map(|(name, step)| fold(task(name, step))),
        (0u32..5, few.clone(), few, any::<bool>())
            .prop_map(|(kind, id, name, defined)| fold(entry(kind, id, name, defined))),
        (sold, prop::collection::vec(1u32..150, 1..5), 1usize..3)
            .prop_map(|(sold, positions, most)| Step::Redeem(sold, positions, most)),
        (0usize..9).prop_map(Step::Reverse),
        Just(Step::Years),
    ]
}

/// A log that has grown so far that its maps have many nodes to share.
static GROWN: LazyLock<Log> = LazyLock::new(|| {
    let mut log = Log::default();
    log.fold_all((0..200).map(|id| product(id, 1)));
    log.fold_all((1..150).map(|id| preorder(id, id)));
    let sold = Sold {
        pos: PosId(1),
        session: None,
    };
    for _ in 0..50 {
        log.sell(&sold, &[one_line(), one_line()], 2);
    }
    log
});

/// The state behind every step.
fn states(steps: &[Step]) -> Vec<Views> {
    let mut log = GROWN.clone();
    let mut sales: Vec<(Sold, u64, Vec<SaleLine>)> = Vec::new();
    let mut fold = |step: &Step| {
        match step {
            Step::Fold(fact) => log.fold((**fact).clone()),
            Step::Redeem(sold, positions, most) => {
                let lines: Vec<SaleLine> = positions.iter().copied().map(redeemed).collect();
                let first = log.sell(sold, &lines, *most);
                sales.push((*sold, first, lines));
            }
            Step::Reverse(place) if *place < sales.len() => {
                let (sold, first, lines) = sales.swap_remove(*place);
                let back = (first..).zip(&lines).map(|(id, line)| taken_back(line, id));
                log.sell(&sold, &back.collect::<Vec<_>>(), 2);
            }
            Step::Reverse(_) => {}
            Step::Years => {
                let zero = json!({"key": "print_task_days", "value": "0"});
                log.fold(Fact::SettingSet(read(zero)));
                log.fold(task(9, 0));
            }
        }
        log.views.clone()
    };
    steps.iter().map(&mut fold).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever states somebody happens to see, in the end they keep what there is.
    #[test]
    fn changes_along_the_way_come_to_what_there_is(
        steps in prop::collection::vec((step(), any::<bool>()), 1..60),
    ) {
        let (steps, seen): (Vec<Step>, Vec<bool>) = steps.into_iter().unzip();
        let mut states = states(&steps);
        let last = states.pop().unwrap();
        let mut old = GROWN.views.clone();
        let mut kept = everything(&old);
        let seen = states.into_iter().zip(seen).filter(|(_, seen)| *seen).map(|(state, _)| state);
        for new in seen.chain([last]) {
            let changes: Vec<Change> = changes(&old, &new).collect();
            assert_ordered(&changes);
            keep(&mut kept, changes);
            prop_assert_eq!(&kept, &everything(&new));
            old = new;
        }
        let same = Views::restore(&old.snapshot()).unwrap();
        prop_assert!(changes(&same, &old).next().is_none(), "equal states that share nothing");
    }
}

fn told(old: &Views, new: &Views) -> Vec<(&'static str, String, bool)> {
    changes(old, new)
        .map(|change| (change.entity, change.id, change.data.is_some()))
        .collect()
}

#[test]
fn what_is_gone_is_told_once() {
    let mut log = GROWN.clone();
    let mut told_of = |facts: Vec<Fact>| {
        let old = log.views.clone();
        log.fold_all(facts);
        let mut told = told(&old, &log.views);
        // Whatever else changes, the position does, and last.
        assert_eq!(told.pop(), Some(("position", "views".to_owned(), true)));
        told
    };
    let gone = |kind, id: u32| vec![(kind, id.to_string(), false)];
    let there = |kind, id: u32| vec![(kind, id.to_string(), true)];
    let withdrawn = || Fact::ProductWithdrawn(read(json!({"id": 7})));
    assert_eq!(told_of(vec![withdrawn()]), gone("product", 7));
    assert_eq!(told_of(vec![withdrawn()]), []);
    assert_eq!(told_of(vec![product(7, 1), withdrawn()]), []);
    assert_eq!(told_of(vec![ordered(3, 1, 500)]), there("order", 3));
    assert_eq!(told_of(vec![paid(3, 400)]), there("order", 3));
    assert_eq!(told_of(vec![paid(3, 0)]), gone("order", 3));
    // Another order at the same table.
    assert_eq!(told_of(vec![ordered(3, 2, 500)]), there("order", 3));
    assert_eq!(
        told_of(vec![paid(3, 0), ordered(3, 3, 500)]),
        there("order", 3)
    );
    // The end of a session that nobody opened is nothing.
    let closed = |id| Fact::SessionClosed(read(json!({"id": id})));
    assert_eq!(told_of(vec![closed(4)]), []);
    assert_eq!(told_of(vec![session(5)]), there("session", 5));
    assert_eq!(told_of(vec![closed(5)]), there("session", 5));
}

#[test]
fn a_ticket_changes_its_preorder() {
    let mut log = GROWN.clone();
    let sold = Sold {
        pos: PosId(2),
        session: Some(SessionId(1)),
    };
    let data = |log: &Log, old: &Views| {
        let changes: Vec<Change> = changes(old, &log.views).collect();
        let preorder = changes.iter().find(|change| change.entity == "preorder");
        let data = preorder.and_then(|change| change.data.as_ref()).unwrap();
        (changes.len(), data.get().to_owned())
    };
    let old = log.views.clone();
    let first = log.sell(&sold, &[redeemed(12)], 1);
    let text = |redeemed: Option<At>| {
        let redeemed = redeemed.map_or_else(String::new, |at| format!(r#","redeemed":"{at}""#));
        format!(
            r#"{{"id":12,"is_canceled":false,"is_paid":true,"order_code":"A","positions":[{{"id":12,"product":1{redeemed}}}]}}"#
        )
    };
    // The preorder, the record of its redemption, and the position.
    assert_eq!(data(&log, &old), (3, text(Some(log.views.at))));
    let old = log.views.clone();
    log.sell(&sold, &[taken_back(&redeemed(12), first)], 1);
    assert_eq!(data(&log, &old), (3, text(None)));
}
