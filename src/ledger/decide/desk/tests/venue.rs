//! A small venue, folded from real facts, and the words in which tests ask for something there.

use super::facts::{cash_desk, method, point_of_sale, product, session, user};
use crate::ledger::command::{Action, Command, CommandId};
use crate::ledger::decide::{Decision, Rejection, decide};
use crate::ledger::desk::{
    Answers, Cart, DeskCommand, ListValue, PositionRefusal, Redeem, Sell, Wanted, Wish,
};
use daybook_projections::Views;
use daybook_schema::facts::{Instance, PaymentKind, Role, Sale};
use daybook_schema::id::{ConstraintId, PosId, ProductId, SessionId};
use daybook_schema::{
    Actor, At, Chain, Currency, Digest, Event, Fact, LogName, Money, TaxRate, TxChains, hash, line,
};

pub(super) const BOX_OFFICE: PosId = PosId(3);
pub(super) const BAR: PosId = PosId(4);

/// Sessions by who works in them; those of the bar are in its name.
pub(super) const CASHIER: u32 = 1;
pub(super) const TROUBLESHOOTER_AT_BAR: u32 = 2;
pub(super) const SUPERUSER: u32 = 3;
pub(super) const BACKOFFICE: u32 = 4;
pub(super) const OTHER_CASHIER: u32 = 5;

/// The only product that a new venue has: 23.00 at 19 %, without conditions.
pub(super) const PLAIN: u32 = 1;

pub(super) struct Venue {
    pub views: Views,
    pub at: At,
    chain: Chain,
    txs: TxChains,
}

impl Venue {
    pub(super) fn new() -> Self {
        let mut venue = Self {
            views: Views::default(),
            at: time("2026-05-01T10:00:00.000000Z"),
            chain: Chain::new(log()),
            txs: TxChains::default(),
        };
        venue.record("setup", beginning());
        venue
    }

    pub(super) fn with(facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut venue = Self::new();
        venue.record("setup", facts);
        venue
    }

    /// Seals, reads back, verifies and folds.
    pub(super) fn record(&mut self, cmd: &str, facts: impl IntoIterator<Item = Fact>) {
        for fact in facts {
            let event = Event {
                at: self.at,
                by: Actor::Operator,
                cmd: cmd.to_owned(),
                fact,
                log: log(),
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

    /// Decides under a command id, and records what is decided.
    pub(super) fn ask_with(
        &mut self,
        id: CommandId,
        session: u32,
        wish: Wish,
    ) -> Result<Decision, Rejection> {
        let cmd = id.cmd.clone();
        let session = SessionId(session);
        let command = Command {
            by: Actor::Operator,
            id,
            action: Action::Desk(DeskCommand { session, wish }),
        };
        let decision = decide(&self.views, &command, self.at)?;
        if let Decision::Record(facts) = &decision {
            self.record(&cmd, facts.iter().cloned());
        }
        Ok(decision)
    }

    /// What is recorded of a wish.
    pub(super) fn ask(&mut self, session: u32, wish: Wish) -> Result<Vec<Fact>, Rejection> {
        let id = CommandId {
            cmd: format!("random-{}", self.views.head.size),
            request: None,
        };
        match self.ask_with(id, session, wish)? {
            Decision::Record(facts) => Ok(facts),
            Decision::Repeat { .. } => panic!("nothing was asked before"),
        }
    }

    /// Books at the cashier's desk.
    pub(super) fn book(&mut self, positions: Vec<Wanted>) -> Result<Sale, Rejection> {
        let facts = self.ask(CASHIER, cart(positions))?;
        match <[Fact; 1]>::try_from(facts) {
            Ok([Fact::SaleRecorded(sale)]) => Ok(sale),
            other => panic!("not one sale: {other:?}"),
        }
    }

    /// The one refusal of one position; none when it is booked.
    pub(super) fn refusal(&mut self, wanted: impl Into<Wanted>) -> Option<PositionRefusal> {
        match self.book(vec![wanted.into()]) {
            Ok(_) => None,
            Err(Rejection::Positions(refusals)) => refusals[0].clone(),
            Err(other) => panic!("{other}"),
        }
    }

    /// The refusals of a cart that is refused.
    pub(super) fn refusals(&mut self, positions: Vec<Wanted>) -> Vec<Option<PositionRefusal>> {
        match self.book(positions) {
            Err(Rejection::Positions(refusals)) => refusals,
            other => panic!("{other:?}"),
        }
    }
}

impl From<Redeem> for Wanted {
    fn from(redeem: Redeem) -> Self {
        Self::Redeem(redeem)
    }
}

impl From<Sell> for Wanted {
    fn from(sell: Sell) -> Self {
        Self::Sell(sell)
    }
}

fn log() -> LogName {
    LogName::new("festival").unwrap()
}

pub(super) fn time(text: &str) -> At {
    At::parse(text).unwrap()
}

pub(super) fn money(cents: i64) -> Money {
    Money::new(cents).unwrap()
}

pub(super) fn rate(percent: u32) -> TaxRate {
    TaxRate::new(percent * 100).unwrap()
}

/// The hash of a badge with this text.
pub(super) fn badge(text: &str) -> Digest {
    hash::fingerprint(text.as_bytes())
}

pub(super) fn cart(positions: Vec<Wanted>) -> Wish {
    Wish::Book(Cart {
        cash_given: None,
        positions,
    })
}

pub(super) fn redeem(secret: &str) -> Redeem {
    Redeem {
        secret: Some(secret.to_owned()),
        ..Redeem::default()
    }
}

pub(super) fn redeem_with(secret: &str, purse: i64, answers: Answers) -> Redeem {
    Redeem {
        bypass_price: Some(money(purse)),
        answers,
        ..redeem(secret)
    }
}

pub(super) fn sell(product: u32) -> Sell {
    Sell {
        product: Ok(ProductId(product)),
        auth: None,
        answers: Answers::default(),
    }
}

pub(super) fn sell_with(product: u32, auth: Option<&str>, answers: Answers) -> Sell {
    Sell {
        auth: auth.map(badge),
        answers,
        ..sell(product)
    }
}

pub(super) fn acknowledged(warnings: &[u32]) -> Answers {
    Answers {
        acknowledged: warnings.iter().map(|id| ConstraintId(*id)).collect(),
        ..Answers::default()
    }
}

/// A text given for a list: it may be an entry's identifier, or what a badge says.
pub(super) fn listed(list: u32, text: &str) -> Answers {
    let value = ListValue {
        identifier: Some(text.to_owned()),
        badge: Some(badge(text)),
    };
    Answers {
        lists: [(ConstraintId(list), value)].into(),
        ..Answers::default()
    }
}

fn beginning() -> Vec<Fact> {
    let instance = Instance {
        address: None,
        currency: Currency::new("EUR").unwrap(),
        day_starts_at: "06:00".to_owned(),
        name: "Festival".to_owned(),
        slug: log(),
        time_zone: "Europe/Berlin".to_owned(),
    };
    let people = [
        (CASHIER, "cashier", Role::Cashier),
        (
            TROUBLESHOOTER_AT_BAR,
            "troubleshooter",
            Role::Troubleshooter,
        ),
        (SUPERUSER, "superuser", Role::Superuser),
        (BACKOFFICE, "backoffice", Role::Backoffice),
        (OTHER_CASHIER, "other", Role::Cashier),
    ];
    let mut facts = vec![
        Fact::InstanceDescribed(instance),
        point_of_sale(BOX_OFFICE, true),
        point_of_sale(BAR, true),
        method(1, PaymentKind::Card, &[BOX_OFFICE, BAR]),
        method(2, PaymentKind::Cash, &[BAR]),
        method(5, PaymentKind::Cash, &[BOX_OFFICE, BAR]),
        method(6, PaymentKind::Cash, &[BOX_OFFICE]),
        cash_desk(1, BOX_OFFICE, false),
        cash_desk(2, BAR, false),
        Fact::ProductDefined(product(PLAIN)),
    ];
    for (id, badge, role) in people {
        let desk = if id == TROUBLESHOOTER_AT_BAR { 2 } else { 1 };
        facts.push(user(id, badge, role));
        facts.push(Fact::SessionOpened(session(id, id, desk)));
    }
    facts
}
