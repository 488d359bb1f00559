//! What happens at tables: open orders with their bills and payments, and the queue of events that
//! staff poll.
//!
//! The queue holds the events of the last minutes, each with the order as it was then. Orders share
//! structure when they are copied, so that costs little.

mod order;

pub use order::{Order, Paid};

use daybook_schema::facts::{
    AtTable, OrderExtension, OrderLine, PaymentReceipt, PaymentStart, SettingKey,
};
use daybook_schema::id::TableId;
use daybook_schema::{At, Event, Fact, Money};
use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The setting of an instance that says how long events stay in the queue, in minutes.
pub const WINDOW_SETTING: &str = "qr_window_minutes";

/// How long they stay when no setting says so.
const DEFAULT_MINUTES: i64 = 5;

/// The longest that a setting may keep them.
const MAX_MINUTES: i64 = 24 * 60;

const MINUTE: i64 = 60_000_000;

/// How long the amount of a payment that was begun is kept from others.
const PAYMENT_PATIENCE: i64 = 15 * MINUTE;

/// Orders and the queue.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct QrEventView {
    minutes: Option<i64>,
    queue: Vector<Arc<Queued>>,
    pub(crate) orders: OrdMap<TableId, Arc<Order>>,
    invoices: u32,
    payments: OrdMap<String, Begun>,
}

/// An event of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// What clients remember: `0x` and 8 hex digits.
    pub hash: String,
    /// When it was recorded.
    pub at: At,
    /// Seq of its event.
    pub seq: u64,
    /// Where.
    pub table: AtTable,
    /// What happened.
    pub what: What,
}

impl Queued {
    /// How many lines it shows, modifiers counted as lines of their own; 1 for what shows none.
    #[must_use]
    pub fn lines(&self) -> usize {
        let order = match &self.what {
            What::Called => return 1,
            What::Extended { order, .. } | What::Paid { order } => order,
        };
        let lines = order.lines.iter();
        1 + lines.map(|line| 1 + line.modifiers.len()).sum::<usize>()
    }
}

/// What happened at a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A guest called the waiter.
    Called,
    /// Lines were added.
    Extended {
        /// Which.
        added: Vec<OrderLine>,
        /// The order with them.
        order: Arc<Order>,
    },
    /// A guest paid.
    Paid {
        /// The order before this payment.
        order: Arc<Order>,
    },
}

/// A payment at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// How much.
    pub amount: Money,
    /// Which order.
    pub guid: String,
    /// Where.
    pub table: AtTable,
    /// When it was begun.
    pub at: At,
    /// Whether the provider has confirmed it.
    pub confirmed: bool,
}

impl QrEventView {
    /// Folds one event. The events of one order, from the one that opened it on, are enough to see
    /// it as it was at each of them, also when the queue has long forgotten it.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::SettingSet(setting) if setting.key == WINDOW_SETTING => {
                self.minutes = setting.value.trim().parse().ok();
            }
            Fact::SettingCleared(SettingKey { key }) if key == WINDOW_SETTING => {
                self.minutes = None;
            }
            Fact::WaiterCalled(call) => {
                self.push(event, &call.hash, &call.table, What::Called);
            }
            Fact::OrderExtended(extension) => self.extended(event, extension),
            Fact::PaymentStarted(start) => self.started(event.at, start),
            Fact::PaymentReceived(receipt) => self.received(event, receipt),
            Fact::PaymentExceeded(surplus) => self.confirmed(&surplus.payment),
            _ => {}
        }
    }

    fn extended(&mut self, event: &Event, extension: &OrderExtension) {
        let order = self.orders.get(&extension.table.id);
        let same = order.filter(|order| order.guid == extension.guid);
        let mut order = same.map_or_else(|| Order::open(extension), |order| (**order).clone());
        order.extend(extension);
        let order = Arc::new(order);
        self.invoices = self.invoices.max(extension.invoice);
        self.orders.insert(extension.table.id, order.clone());
        let added = extension.added.clone();
        let what = What::Extended { added, order };
        self.push(event, &extension.hash, &extension.table, what);
    }

    fn started(&mut self, at: At, start: &PaymentStart) {
        let begun = Begun {
            amount: start.amount,
            guid: start.guid.clone(),
            table: start.table.clone(),
            at,
            confirmed: false,
        };
        self.payments.insert(start.payment.clone(), begun);
    }

    fn received(&mut self, event: &Event, receipt: &PaymentReceipt) {
        if let Some(payment) = &receipt.payment {
            self.confirmed(payment);
        }
        let Some(before) = self.orders.get(&receipt.table.id).cloned() else {
            return;
        };
        if receipt.unpaid == Money::ZERO {
            self.orders.remove(&receipt.table.id);
        } else {
            let mut order = (*before).clone();
            order.pay(receipt);
            self.orders.insert(receipt.table.id, Arc::new(order));
        }
        let what = What::Paid { order: before };
        self.push(event, &receipt.hash, &receipt.table, what);
    }

    fn confirmed(&mut self, payment: &str) {
        if let Some(begun) = self.payments.get_mut(payment) {
            begun.confirmed = true;
        }
    }

    fn push(&mut self, event: &Event, hash: &str, table: &AtTable, what: What) {
        let first = self.first(event.at);
        while self.queue.front().is_some_and(|queued| queued.at < first) {
            self.queue.pop_front();
        }
        self.queue.push_back(Arc::new(Queued {
            hash: hash.to_owned(),
            at: event.at,
            seq: event.seq,
            table: table.clone(),
            what,
        }));
    }

    /// The first moment of the window that ends now.
    fn first(&self, now: At) -> At {
        let minutes = self
            .minutes
            .filter(|minutes| (1..=MAX_MINUTES).contains(minutes));
        At::from_micros(now.micros() - minutes.unwrap_or(DEFAULT_MINUTES) * MINUTE)
    }

    /// The events of the window that ends now, oldest first.
    #[must_use]
    pub fn queue(&self, now: At) -> impl DoubleEndedIterator<Item = &Arc<Queued>> {
        let first = self.first(now);
        self.queue.iter().filter(move |queued| queued.at >= first)
    }

    /// The events behind the one with this hash; all of them when the window has no such.
    #[must_use]
    pub fn behind(&self, hash: &str, now: At) -> Vec<&Arc<Queued>> {
        let known = self
            .queue(now)
            .rev()
            .find(|queued| queued.hash.eq_ignore_ascii_case(hash));
        let after = known.map(|known| known.seq);
        let behind = self
            .queue(now)
            .filter(|queued| after.is_none_or(|seq| queued.seq > seq));
        behind.collect()
    }

    /// Seq of the newest event that is kept.
    #[must_use]
    pub fn newest(&self) -> Option<u64> {
        self.queue.last().map(|queued| queued.seq)
    }

    /// The event with this seq, while it is kept.
    #[must_use]
    pub fn queued(&self, seq: u64) -> Option<&Arc<Queued>> {
        let index = self.queue.binary_search_by_key(&seq, |queued| queued.seq);
        self.queue.get(index.ok()?)
    }

    /// Whether an event that is kept has this hash.
    #[must_use]
    pub fn has_hash(&self, hash: &str) -> bool {
        self.queue.iter().any(|queued| queued.hash == hash)
    }

    /// The open order of a table.
    #[must_use]
    pub fn order(&self, table: TableId) -> Option<&Arc<Order>> {
        self.orders.get(&table)
    }

    /// The number of the latest bill.
    #[must_use]
    pub const fn last_invoice(&self) -> u32 {
        self.invoices
    }

    /// A payment at a provider.
    #[must_use]
    pub fn payment(&self, id: &str) -> Option<&Begun> {
        self.payments.get(id)
    }

    /// The payments of an order that guests have begun, with their ids: those that are not confirmed
    /// and whose amounts are kept from others.
    pub fn begun(&self, guid: &str, now: At) -> impl Iterator<Item = (&String, &Begun)> {
        let begun = self.payments.iter();
        begun.filter(move |(_, begun)| {
            let recent = begun.at.micros() + PAYMENT_PATIENCE > now.micros();
            begun.guid == guid && !begun.confirmed && recent
        })
    }

    /// What guests are about to pay of an order.
    #[must_use]
    pub fn about_to_pay(&self, guid: &str, now: At) -> Money {
        let begun = self.begun(guid, now);
        begun.fold(Money::ZERO, |sum, (_, begun)| {
            sum.plus(begun.amount).unwrap_or(sum)
        })
    }
}
