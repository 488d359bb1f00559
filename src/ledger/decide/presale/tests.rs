//! Ids of what was imported: stable for as long as the log, and never given twice.

mod any;

use super::{Rejection, members, orders};
use crate::ledger::decide::catalogue;
use daybook_catalogue::{Catalogue, Format, Member, Order, OrderPosition};
use daybook_projections::Views;
use daybook_schema::facts::Preorder;
use daybook_schema::id::{ConstraintId, ListEntryId, PreorderId, PreorderPositionId, ProductId};
use daybook_schema::{Actor, At, Chain, Event, Fact, LogName, line};

const FESTIVAL: &str = include_str!("../../../../tests/fixtures/festival.json");
/// What the festival's file has: preorders 1 to 6 with positions 1 to 7, members 1 to 3 in list 1.
const MEMBERS: ConstraintId = ConstraintId(1);
const OTHER_LIST: ConstraintId = ConstraintId(3);

struct Ledger {
    views: Views,
    chain: Chain,
}

impl Ledger {
    fn festival() -> Self {
        Self::with(|_| {})
    }

    /// The festival with another catalogue.
    fn with(change: impl FnOnce(&mut Catalogue)) -> Self {
        let mut catalogue = daybook_catalogue::read(FESTIVAL, Format::Json, &[7; 32]).unwrap();
        change(&mut catalogue);
        let mut ledger = Self {
            views: Views::default(),
            chain: Chain::new(log()),
        };
        let facts = catalogue::import(&ledger.views, &catalogue).unwrap();
        ledger.record(&facts);
        ledger
    }

    fn record(&mut self, facts: &[Fact]) {
        for fact in facts {
            let event = Event {
                at: At::from_micros(1_000_000),
                by: Actor::Operator,
                cmd: "import".to_owned(),
                fact: fact.clone(),
                log: log(),
                prev: self.views.head.leaf,
                seq: self.views.head.size,
            };
            let line = line::seal(&event).unwrap();
            let (read, leaf) = self.chain.link(&line.bytes).unwrap();
            self.views.apply(&read, leaf);
        }
    }

    /// Imports orders, twice; returns how many events that took.
    fn orders(&mut self, read: &[Order], dropped: &[&str]) -> usize {
        let dropped: Vec<String> = dropped.iter().map(ToString::to_string).collect();
        let facts = orders(&self.views, read, &dropped).unwrap();
        self.record(&facts);
        assert_eq!(
            orders(&self.views, read, &dropped).unwrap(),
            [],
            "again writes nothing"
        );
        facts.len()
    }

    fn order(&self, code: &str) -> &Preorder {
        self.views.preorder.preorder_of(code).unwrap()
    }

    /// The ids of an order and of its tickets.
    fn ids(&self, code: &str) -> (u32, Vec<u32>) {
        let order = self.order(code);
        (order.id.0, order.positions.iter().map(|p| p.id.0).collect())
    }

    /// Imports members, twice; returns their entries.
    fn members(&mut self, list: ConstraintId, read: &[(&str, &str)]) -> Vec<u32> {
        let member = |(name, identifier): &(&str, &str)| Member {
            name: (*name).to_owned(),
            identifier: (*identifier).to_owned(),
        };
        let read: Vec<Member> = read.iter().map(member).collect();
        let facts = members(&self.views, list, &read).unwrap();
        self.record(&facts);
        assert_eq!(
            members(&self.views, list, &read).unwrap(),
            [],
            "again writes nothing"
        );
        let id = |fact: &Fact| match fact {
            Fact::ListEntryDefined(entry) => entry.id.0,
            other => panic!("{other:?}"),
        };
        facts.iter().map(id).collect()
    }
}

fn log() -> LogName {
    LogName::new("festival").unwrap()
}

fn order(code: &str, secrets: &[&str]) -> Order {
    let position = |secret: &&str| OrderPosition {
        secret: (*secret).to_owned(),
        product: ProductId(3),
        price: None,
    };
    Order {
        code: code.to_owned(),
        is_paid: true,
        is_canceled: false,
        warning_text: String::new(),
        positions: secrets.iter().map(position).collect(),
    }
}

#[test]
fn new_orders_get_the_next_ids_and_known_ones_keep_theirs() {
    let mut ledger = Ledger::festival();
    assert_eq!(
        ledger.orders(&[order("A", &["a1", "a2"]), order("B", &["b1"])], &[]),
        2
    );
    assert_eq!(ledger.ids("A"), (7, vec![8, 9]));
    assert_eq!(ledger.ids("B"), (8, vec![10]));
    // Another order of orders and tickets, and a new one between them.
    let again = [
        order("B", &["b2", "b1"]),
        order("C", &["c1"]),
        order("A", &["a2", "a1"]),
    ];
    assert_eq!(ledger.orders(&again, &[]), 3);
    assert_eq!(ledger.ids("A"), (7, vec![9, 8]));
    assert_eq!(ledger.ids("B"), (8, vec![11, 10]));
    assert_eq!(ledger.ids("C"), (9, vec![12]));
    // What the catalogue defined is known by the same words.
    assert_eq!(ledger.orders(&[order("12346", &["efghij", "new"])], &[]), 1);
    assert_eq!(ledger.ids("12346"), (1, vec![2, 13]));
}

/// The id of a ticket that went is nobody else's: sales and redemptions name it.
#[test]
fn the_id_of_a_ticket_that_went_is_not_given_again() {
    let mut ledger = Ledger::festival();
    ledger.orders(&[order("A", &["a1", "a2"])], &[]);
    ledger.orders(&[order("A", &["a1"])], &[]);
    assert!(ledger.views.preorder.ticket_of("a2").is_none());
    ledger.orders(&[order("B", &["b1"])], &[]);
    assert_eq!(ledger.ids("B"), (8, vec![10]));
    // Its block was lifted: it is the same ticket.
    ledger.orders(&[order("A", &["a2", "a1"])], &[]);
    assert_eq!(ledger.ids("A"), (7, vec![9, 8]));
}

#[test]
fn a_ticket_that_moves_to_another_order_stays_the_same() {
    let mut ledger = Ledger::festival();
    ledger.orders(&[order("A", &["a1", "a2"])], &[]);
    // The new order stands before the old one, or behind it.
    ledger.orders(&[order("B", &["a2"]), order("A", &["a1"])], &[]);
    assert_eq!(
        (ledger.ids("A"), ledger.ids("B")),
        ((7, vec![8]), (8, vec![9]))
    );
    ledger.orders(&[order("A", &["a1", "a2"]), order("B", &["b1"])], &[]);
    assert_eq!(
        (ledger.ids("A"), ledger.ids("B")),
        ((7, vec![8, 9]), (8, vec![10]))
    );
    // All of them go, and the order that they leave is canceled.
    assert_eq!(ledger.orders(&[order("C", &["a1", "a2"])], &["A"]), 2);
    assert_eq!(
        (ledger.ids("A"), ledger.ids("C")),
        ((7, vec![]), (9, vec![8, 9]))
    );
    assert!(ledger.order("A").is_canceled);
    let ticket = ledger.views.preorder.ticket_of("a1").unwrap();
    assert!(!ticket.preorder.is_canceled);
}

#[test]
fn an_order_that_is_dropped_is_canceled_with_its_tickets_and_may_come_back() {
    let mut ledger = Ledger::festival();
    // Nobody knows this one: nothing to cancel.
    assert_eq!(ledger.orders(&[order("A", &["a1"])], &["NEVER"]), 1);
    assert_eq!(ledger.orders(&[], &["A"]), 1);
    assert!(ledger.order("A").is_canceled);
    assert_eq!(ledger.ids("A"), (7, vec![8]));
    assert_eq!(ledger.orders(&[order("A", &["a1"])], &[]), 1);
    assert!(!ledger.order("A").is_canceled);
    assert_eq!(ledger.ids("A"), (7, vec![8]));
}

/// A catalogue may choose any id. When it takes the highest one, none is left, and none is reused.
#[test]
fn ids_run_out_instead_of_being_given_twice() {
    let mut ledger = Ledger::with(|catalogue| {
        let preorders = catalogue.preorders.as_mut().unwrap();
        preorders[5].id = PreorderId(u32::MAX - 1);
        preorders[5].positions[0].id = PreorderPositionId(u32::MAX - 1);
        let entries = catalogue.list_entries.as_mut().unwrap();
        entries[2].id = ListEntryId(u32::MAX);
    });
    let two = [order("A", &["a1"]), order("B", &["b1"])];
    let refused = orders(&ledger.views, &two, &[]);
    assert_eq!(refused, Err(Rejection::NoFreeId("preorder")));
    let refused = orders(&ledger.views, &[order("A", &["a1", "a2"])], &[]);
    assert_eq!(refused, Err(Rejection::NoFreeId("ticket")));
    ledger.orders(&[order("A", &["a1"])], &[]);
    assert_eq!(ledger.ids("A"), (u32::MAX, vec![u32::MAX]));
    let member = |identifier: &str| Member {
        name: "Ada".to_owned(),
        identifier: identifier.to_owned(),
    };
    let refused = members(&ledger.views, MEMBERS, &[member("new")]);
    assert_eq!(refused, Err(Rejection::NoFreeId("entry of a list")));
    assert_eq!(
        members(&ledger.views, MEMBERS, &[member("12345")])
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_product_that_is_not_there_is_told_once() {
    let ledger = Ledger::festival();
    let mut read = [order("A", &["a1", "a2"]), order("B", &["b1"])];
    for position in read.iter_mut().flat_map(|order| &mut order.positions) {
        position.product = ProductId(77);
    }
    read[1].positions[0].product = ProductId(78);
    let refused = orders(&ledger.views, &read, &[]).unwrap_err().to_string();
    let expected = "order A refers to product 77, which the ledger does not have; so do 1 more \
                    positions\norder B refers to product 78, which the ledger does not have";
    assert_eq!(refused, expected);
}

#[test]
fn without_a_catalogue_or_a_list_there_is_nothing_to_add_to() {
    let views = Views::default();
    assert_eq!(orders(&views, &[], &[]), Err(Rejection::NoCatalogue));
    let refused = members(&Ledger::festival().views, ConstraintId(2), &[]);
    assert_eq!(refused, Err(Rejection::UnknownList(ConstraintId(2))));
}

#[test]
fn members_keep_their_entries() {
    let mut ledger = Ledger::festival();
    let read = [
        ("Rainer Zufall", "12345"),
        ("Erika Muster", "23456"),
        ("Ada", "new"),
    ];
    assert_eq!(ledger.members(MEMBERS, &read), [2, 4]);
    // The same identifier in another list is another entry.
    assert_eq!(ledger.members(OTHER_LIST, &[("Ada", "new")]), [5]);
    assert_eq!(
        ledger.members(MEMBERS, &[("Ada E.", "new"), ("Ben", "newer")]),
        [4, 6]
    );
    assert_eq!(ledger.views.constraint.list_entries().count(), 6);
}

/// A catalogue may give a family one identifier; a file that knows one of them renames nobody.
#[test]
fn one_of_several_with_the_same_identifier_is_known_by_name() {
    let mut ledger = Ledger::with(|catalogue| {
        let entries = catalogue.list_entries.as_mut().unwrap();
        entries[1].identifier = "12345".to_owned();
    });
    let known = ledger.members(MEMBERS, &[("Erika Mustermann", "12345")]);
    assert!(known.is_empty());
    assert_eq!(ledger.members(MEMBERS, &[("Erika M.", "12345")]), [1]);
}
