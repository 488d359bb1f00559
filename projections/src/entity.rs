//! Which entities differ between two states of one log, and what they are by now: for topics that
//! keep the latest record of each.
//!
//! States that came from one another share what did not change, and only the rest is looked at: a
//! sale costs its records, however many there are.

mod shape;

pub use daybook_schema::entity::{ENTITIES, POSITION};

use crate::Views;
use crate::preorder::PreorderView;
use crate::printer_job::PrinterJobView;
use crate::session::SessionView;
use daybook_schema::LogName;
use daybook_schema::entity::{Entity, Position};
use daybook_schema::id::{PreorderId, SessionId};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

/// An entity that is new, other than it was, or gone.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its kind: one of [`ENTITIES`].
    pub entity: &'static str,
    /// Its id as text, unique within its kind and instance; an order has that of its table.
    pub id: String,
    /// What it is by now, as exact JSON in canonical form: amounts of transactions have digits that
    /// no float would keep. `None` when it is gone.
    pub data: Option<Box<RawValue>>,
}

impl Change {
    fn of<T: Entity>(id: impl Display, data: Option<&T>) -> Self {
        // Shapes have names as keys, and integers or exact amounts: serialising cannot fail.
        let exact = |data| to_raw_value(data).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self {
            entity: T::NAME,
            id: id.to_string(),
            data: data.map(exact),
        }
    }

    /// The value of its record in a topic, in canonical form, when `seq` is the last event that the
    /// newer state reflects. `None` when the entity is gone: a record without a value says so.
    #[must_use]
    pub fn value(&self, instance: &LogName, seq: u64) -> Option<String> {
        let data = self.data.as_ref()?;
        // Slugs have no characters that JSON escapes.
        Some(format!(
            r#"{{"data":{data},"instance":"{instance}","seq":{seq}}}"#
        ))
    }
}

/// What differs between two states of one log, of which `old` is the earlier: kind by kind in the
/// order of [`ENTITIES`], each by id. What follows from `Views::default()` is everything there is;
/// that may be much, so records are written one by one.
pub fn changes<'a>(old: &'a Views, new: &'a Views) -> impl Iterator<Item = Change> + 'a {
    let (before, now) = (&old.product, &new.product);
    let shape = shape::point_of_sale;
    let sold = shaped(&before.points_of_sale, &now.points_of_sale, shape)
        .chain(facts(&before.payment_methods, &now.payment_methods))
        .chain(facts(&before.products, &now.products));
    let (before, now) = (&old.constraint, &new.constraint);
    let constraints = facts(&before.quotas, &now.quotas)
        .chain(facts(&before.time_constraints, &now.time_constraints))
        .chain(facts(&before.warning_constraints, &now.warning_constraints))
        .chain(facts(&before.list_constraints, &now.list_constraints));
    let (before, now) = (&old.session, &new.session);
    let shape = shape::cash_desk;
    let desks = shaped(&before.cash_desks, &now.cash_desks, shape).chain(sessions(before, now));
    let (before, now) = (&old.table, &new.table);
    let tables = facts(&before.tables, &now.tables).chain(facts(&before.waiters, &now.waiters));
    let (before, now) = (&old.qr_event.orders, &new.qr_event.orders);
    let orders = shaped(before, now, shape::order);
    let added = new.transaction.added_since(&old.transaction).into_iter();
    let transactions = added.map(|record| Change::of(record.id(), Some(&record.tx())));
    let (before, now) = (&old.printer.printers, &new.printer.printers);
    let printers = shaped(before, now, shape::printer);
    sold.chain(constraints)
        .chain(preorders(&old.preorder, &new.preorder))
        .chain(desks)
        .chain(tables)
        .chain(orders)
        .chain(transactions)
        .chain(printers)
        .chain(print_jobs(&old.printer_job, &new.printer_job))
        .chain(position(old, new))
}

/// The one position of an instance, which every event moves.
fn position(old: &Views, new: &Views) -> Option<Change> {
    let seq = new.head.size.checked_sub(1)?;
    let moved = old.head.size != new.head.size;
    moved.then(|| Change::of("views", Some(&Position { seq })))
}

/// Keys whose values differ, ascending, with what stands there now.
fn differing<'a, K: Ord, V: PartialEq>(
    old: &'a OrdMap<K, V>,
    new: &'a OrdMap<K, V>,
) -> impl Iterator<Item = (&'a K, Option<&'a V>)> {
    old.diff(new).map(|item| match item {
        DiffItem::Add(key, value)
        | DiffItem::Update {
            new: (key, value), ..
        } => (key, Some(value)),
        DiffItem::Remove(key, _) => (key, None),
    })
}

/// Entities whose shape is the fact that defined them.
fn facts<'a, K: Ord + Display, T: Entity + PartialEq>(
    old: &'a OrdMap<K, Arc<T>>,
    new: &'a OrdMap<K, Arc<T>>,
) -> impl Iterator<Item = Change> + use<'a, K, T> {
    differing(old, new).map(|(id, fact)| Change::of(id, fact.map(Arc::as_ref)))
}

/// Entities with a shape of their own.
fn shaped<'a, K: Ord + Display, V: PartialEq, T: Entity>(
    old: &'a OrdMap<K, Arc<V>>,
    new: &'a OrdMap<K, Arc<V>>,
    shape: impl Fn(&V) -> T + 'a,
) -> impl Iterator<Item = Change> + 'a {
    differing(old, new).map(move |(id, value)| {
        let value = value.map(|value| shape(value));
        Change::of(id, value.as_ref())
    })
}

/// Also those of which a ticket was redeemed, or is free again.
fn preorders<'a>(
    old: &PreorderView,
    new: &'a PreorderView,
) -> impl Iterator<Item = Change> + use<'a> {
    let placed = differing(&old.preorders, &new.preorders).map(|(id, _)| *id);
    let redeemed = differing(&old.redeemed, &new.redeemed);
    let redeemed = redeemed.filter_map(|(position, _)| new.positions.get(position).copied());
    let ids: BTreeSet<PreorderId> = placed.chain(redeemed).collect();
    ids.into_iter().map(|id| {
        let preorder = new.preorder(id);
        let shape = preorder.map(|preorder| shape::preorder(preorder, new));
        Change::of(id, shape.as_ref())
    })
}

/// Also those that ended.
fn sessions<'a>(old: &SessionView, new: &'a SessionView) -> impl Iterator<Item = Change> + use<'a> {
    let sessions = differing(&old.sessions, &new.sessions).map(|(id, _)| *id);
    let opened = differing(&old.opened, &new.opened).map(|(id, _)| *id);
    let closed = differing(&old.closed, &new.closed).map(|(id, _)| *id);
    let ids: BTreeSet<SessionId> = sessions.chain(opened).chain(closed).collect();
    // The end of a session that nobody opened is that of nothing.
    let known = ids.into_iter().filter_map(|id| new.session(id));
    known.map(|session| Change::of(session.id, Some(&shape::session(session, new))))
}

/// The name of a task stands beside it.
fn print_jobs<'a>(
    old: &'a PrinterJobView,
    new: &'a PrinterJobView,
) -> impl Iterator<Item = Change> + 'a {
    differing(&old.tasks, &new.tasks).map(|(name, task)| {
        let task = task.map(|task| shape::print_job(name, task));
        Change::of(name, task.as_ref())
    })
}
