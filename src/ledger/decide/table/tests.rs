//! Guests, staff and a payment provider at the tables of the fixtures' restaurant. Every decision is
//! sealed, read back, verified and folded before the next.

use super::super::{Decision, Rejection, decide};
use crate::ledger::command::{Action, Command, CommandId};
use crate::ledger::table::{Chance, Dish, TableCommand, TableWish};
use daybook_catalogue::Format;
use daybook_projections::Views;
use daybook_schema::facts::Withdrawn;
use daybook_schema::id::{PaymentMethodId, ProductId, TableId};
use daybook_schema::{Actor, At, Chain, Event, Fact, LogName, Money, Quantity, TxChains, line};
use proptest::prelude::*;

const TABLE: TableId = TableId(1_000_028);
const OTHER: TableId = TableId(1_000_029);
/// 12.00
const SMALL: ProductId = ProductId(1_000_062);
const MINUTE: i64 = 60_000_000;

struct House {
    views: Views,
    at: At,
    chain: Chain,
    txs: TxChains,
}

impl House {
    fn open() -> Self {
        let text = include_str!("../../../../tests/fixtures/restaurant.json");
        let catalogue = daybook_catalogue::read(text, Format::Json, &[7; 32]).unwrap();
        let mut house = Self {
            views: Views::default(),
            at: At::parse("2026-05-01T10:00:00.000000Z").unwrap(),
            chain: Chain::new(LogName::new("restaurant").unwrap()),
            txs: TxChains::default(),
        };
        house.act(Action::Import(Box::new(catalogue))).unwrap();
        house
    }

    fn act(&mut self, action: Action) -> Result<Vec<Fact>, Rejection> {
        let cmd = format!("cmd-{}", self.views.head.size);
        let command = Command {
            by: Actor::Operator,
            id: CommandId {
                cmd: cmd.clone(),
                request: None,
            },
            action,
        };
        let Decision::Record(facts) = decide(&self.views, &command, self.at)? else {
            panic!("nothing was asked before");
        };
        self.record(&cmd, &facts);
        Ok(facts)
    }

    fn record(&mut self, cmd: &str, facts: &[Fact]) {
        for fact in facts {
            let event = Event {
                at: self.at,
                by: Actor::Operator,
                cmd: cmd.to_owned(),
                fact: fact.clone(),
                log: LogName::new("restaurant").unwrap(),
                prev: self.views.head.leaf,
                seq: self.views.head.size,
            };
            let line = line::seal(&event).unwrap();
            let (read, leaf) = self.chain.link(&line.bytes).unwrap();
            assert_eq!(read, event);
            self.txs.check(&event).unwrap();
            self.views.apply(&event, leaf);
        }
        self.txs.finish().unwrap();
    }

    fn wish(&mut self, table: TableId, wish: TableWish) -> Result<Vec<Fact>, Rejection> {
        let chance = Chance {
            hash: 0xffff_fffe,
            guid: u128::from(self.views.head.size).to_be_bytes(),
        };
        self.act(Action::Table(TableCommand {
            table,
            wish,
            chance,
        }))
    }

    fn order(&mut self, table: TableId, pieces: u32) {
        let dish = Dish {
            product: SMALL,
            count: Quantity::pieces(pieces).unwrap(),
            modifiers: Vec::new(),
        };
        self.wish(table, TableWish::Order(vec![dish])).unwrap();
    }

    fn pay(&mut self, sum: Option<i64>) -> Result<Vec<Fact>, Rejection> {
        let sum = sum.map(money);
        self.wish(TABLE, TableWish::Pay { sum, name: None })
    }

    fn start(&mut self, payment: &str, sum: Option<i64>) -> Result<Vec<Fact>, Rejection> {
        let (sum, payment) = (sum.map(money), payment.to_owned());
        self.wish(TABLE, TableWish::StartPayment { sum, payment })
    }

    fn confirm(&mut self, payment: &str, sum: i64) -> Result<Vec<&'static str>, Rejection> {
        let wish = TableWish::ConfirmPayment {
            payment: payment.to_owned(),
            sum: money(sum),
            name: None,
        };
        let facts = self.wish(TABLE, wish)?;
        Ok(facts.iter().map(Fact::type_name).collect())
    }
}

fn money(units: i64) -> Money {
    Money::new(units).unwrap()
}

const TAKEN: &str = "payment.received";
const SURPLUS: &str = "payment.exceeded";
const SOLD: &str = "sale.recorded";

/// Chance gives every event the same hash, and the queue still tells them apart.
#[test]
fn a_hash_that_is_taken_is_drawn_again() {
    let mut house = House::open();
    for _ in 0..4 {
        house.wish(TABLE, TableWish::Call).unwrap();
    }
    let hashes = |house: &House| {
        let queue = house.views.qr_event.queue(house.at);
        queue.map(|event| event.hash.clone()).collect::<Vec<_>>()
    };
    let first = ["0xfffffffe", "0xffffffff", "0x00000000", "0x00000001"];
    assert_eq!(hashes(&house), first);
    // What has left the queue may come again.
    house.at = At::from_micros(house.at.micros() + 6 * MINUTE);
    house.wish(TABLE, TableWish::Call).unwrap();
    house.wish(TABLE, TableWish::Call).unwrap();
    assert_eq!(hashes(&house).len(), 2);
}

#[test]
fn what_a_guest_is_about_to_pay_is_kept_from_other_guests() {
    let mut house = House::open();
    assert_eq!(house.start("a", None), Err(Rejection::NoOpenOrder(TABLE)));
    house.order(TABLE, 10);
    house.order(OTHER, 10);
    house.start("a", Some(8000)).unwrap();
    for sum in [4001, 0, -1] {
        assert_eq!(house.start("b", Some(sum)), Err(Rejection::InvalidSum));
    }
    house.start("b", None).unwrap();
    assert_eq!(
        house.views.qr_event.payment("b").unwrap().amount,
        money(4000)
    );
    assert_eq!(house.start("c", None), Err(Rejection::InvalidSum));
    // Until they have had their time.
    house.at = At::from_micros(house.at.micros() + 15 * MINUTE - 1);
    assert_eq!(house.start("c", None), Err(Rejection::InvalidSum));
    house.at = At::from_micros(house.at.micros() + 1);
    house.start("c", Some(12_000)).unwrap();
    assert_eq!(house.confirm("c", 12_000).unwrap(), [TAKEN, SOLD]);
    // The others come late, and get their money back.
    assert_eq!(house.confirm("a", 8000).unwrap(), [SURPLUS]);
    assert_eq!(house.confirm("b", 4000).unwrap(), [SURPLUS]);
}

#[test]
fn a_payment_is_confirmed_once() {
    let mut house = House::open();
    house.order(TABLE, 10);
    house.start("a", Some(8000)).unwrap();
    assert_eq!(house.confirm("x", 8000), Err(Rejection::UnknownPayment));
    assert_eq!(house.confirm("a", 7999), Err(Rejection::InvalidSum));
    assert_eq!(house.confirm("a", 8000).unwrap(), [TAKEN]);
    assert_eq!(house.confirm("a", 8000).unwrap(), Vec::<&str>::new());
    assert_eq!(
        house.views.qr_event.order(TABLE).unwrap().unpaid,
        money(4000)
    );
    house.pay(None).unwrap();
    assert_eq!(house.confirm("a", 8000).unwrap(), Vec::<&str>::new());
    house.order(TABLE, 10);
    assert_eq!(house.confirm("a", 8000).unwrap(), Vec::<&str>::new());
}

/// Staff may take what a guest is about to pay; then the guest's money is too much.
#[test]
fn money_that_a_provider_took_is_recorded_in_any_case() {
    let withdrawn = [
        Fact::TableWithdrawn(Withdrawn { id: TABLE }),
        Fact::PaymentMethodWithdrawn(Withdrawn {
            id: PaymentMethodId(1),
        }),
        Fact::PaymentMethodWithdrawn(Withdrawn {
            id: PaymentMethodId(2),
        }),
    ];
    let (table, methods) = withdrawn.split_at(1);
    for gone in [table, methods] {
        let mut house = House::open();
        house.order(TABLE, 10);
        house.start("a", None).unwrap();
        house.record("gone", gone);
        assert_eq!(house.confirm("a", 12_000).unwrap(), [SURPLUS]);
    }
    let mut house = House::open();
    house.order(TABLE, 10);
    house.start("a", None).unwrap();
    house.pay(Some(12_000)).unwrap();
    // Another order is not the one that was to be paid.
    house.order(TABLE, 20);
    assert_eq!(house.confirm("a", 12_000).unwrap(), [SURPLUS]);
    assert_eq!(
        house.views.qr_event.order(TABLE).unwrap().unpaid,
        money(24_000)
    );
    // Part of it is due, the whole is not.
    house.start("b", None).unwrap();
    house.pay(Some(1)).unwrap();
    assert_eq!(house.confirm("b", 24_000).unwrap(), [SURPLUS]);
}

#[derive(Clone, Debug)]
enum Step {
    Order(u32),
    Pay(Option<i64>),
    Start(Option<i64>),
    Confirm(usize),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1u32..5).prop_map(Step::Order),
        prop::option::of(-100i64..6000).prop_map(Step::Pay),
        prop::option::of(-100i64..6000).prop_map(Step::Start),
        (0usize..6).prop_map(Step::Confirm),
        (0i64..10).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    /// Whatever comes in whatever order: lines less payments are what is due, nobody pays more, and
    /// every kopeck that a provider took is in the order or to be paid back.
    #[test]
    fn sums_are_right(steps in steps()) {
        let mut house = House::open();
        let (mut ordered, mut paid, mut back, mut sold, mut begun) = (0, 0, 0, 0, Vec::new());
        for (number, step) in steps.into_iter().enumerate() {
            let facts = match step {
                Step::Order(pieces) => {
                    house.order(TABLE, pieces);
                    ordered += i64::from(pieces) * 1200;
                    Vec::new()
                }
                Step::Pay(sum) => house.pay(sum).unwrap_or_default(),
                Step::Start(sum) => {
                    let facts = house.start(&number.to_string(), sum).unwrap_or_default();
                    begun.extend(facts.iter().map(|_| number.to_string()));
                    facts
                }
                Step::Confirm(which) if which < begun.len() => {
                    let payment = begun[which].clone();
                    let sum = house.views.qr_event.payment(&payment).unwrap().amount;
                    let wish = TableWish::ConfirmPayment { payment, sum, name: None };
                    house.wish(TABLE, wish).unwrap()
                }
                Step::Confirm(_) => Vec::new(),
                Step::Wait(minutes) => {
                    house.at = At::from_micros(house.at.micros() + minutes * MINUTE);
                    Vec::new()
                }
            };
            for fact in facts {
                match fact {
                    Fact::PaymentReceived(receipt) => paid += receipt.amount.units(),
                    Fact::PaymentExceeded(surplus) => back += surplus.amount.units(),
                    Fact::SaleRecorded(sale) => sold += sale.totals.unwrap().gross.units(),
                    _ => {}
                }
            }
            let order = house.views.qr_event.order(TABLE);
            let due = order.map_or(0, |order| order.unpaid.units());
            prop_assert_eq!(due, ordered - paid);
            prop_assert!(order.is_none() || due > 0);
            let open = order.map_or(0, |order| order.sum.units());
            prop_assert_eq!(ordered - sold, open);
        }
        let taken = begun.iter().map(|payment| house.views.qr_event.payment(payment).unwrap());
        let confirmed: i64 = taken.filter(|begun| begun.confirmed).map(|begun| begun.amount.units()).sum();
        prop_assert!(confirmed <= paid + back);
    }
}
