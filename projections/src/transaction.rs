//! The public transactions: one compact row each, in one chain per point of sale, and the sales that
//! they belong to.
//!
//! A row takes about 140 bytes. Names, rates and packs stand once beside the rows that share them.

mod sales;
mod shared;

pub use sales::{SaleOf, Sales};
pub use shared::{Good, Item, Payment};

use daybook_schema::facts::{Door, Sale, SaleLine, Ticket, Tx};
use daybook_schema::id::{
    ListEntryId, PosId, PreorderId, PreorderPositionId, ProductId, TxId, UserId,
};
use daybook_schema::{At, Decimal, Event, Fact, Money, TaxRate, TxHash};
use imbl::ordmap::DiffItem;
use imbl::{OrdMap, Vector};
use sales::{DeskSale, Span};
use serde::{Deserialize, Serialize};
use shared::Shared;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// All transactions of an instance.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TransactionView {
    last_id: u64,
    chains: OrdMap<PosId, Chain>,
    /// The sales of all cash desks, ascending.
    desk: Vector<DeskSale>,
    /// Which record took back which.
    reversed: OrdMap<u64, u64>,
    shared: Shared,
}

/// The transactions of one point of sale.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Chain {
    head: TxHash,
    rows: Vector<Row>,
    /// The sales of tills, ascending.
    tills: Vector<Span>,
}

/// Chains of one log: rows are only added, and the last one's hash covers all of them.
impl PartialEq for Chain {
    fn eq(&self, other: &Self) -> bool {
        self.rows.len() == other.rows.len() && self.head == other.head
    }
}

/// One transaction, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    id: u64,
    seq: u64,
    at: At,
    amount: Money,
    good: u32,
    payment: u32,
    pieces: u32,
    exponent: u8,
    deposit: bool,
    note: Option<Box<str>>,
    desk: Option<Box<DeskPart>>,
    hash: TxHash,
}

/// What only positions of cash desks have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct DeskPart {
    authorized_by: Option<UserId>,
    list_entry: Option<ListEntryId>,
    reverses: Option<u64>,
    ticket: Option<Redeemed>,
}

/// The ticket that a position redeemed, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeemed {
    /// Whether the preorder was paid before.
    pub is_paid: bool,
    /// The position of the preorder.
    pub position: PreorderPositionId,
    /// The preorder.
    pub preorder: PreorderId,
    /// What its code says.
    pub secret: Box<str>,
}

/// One transaction with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    view: &'a TransactionView,
    /// Point of sale.
    pub pos: PosId,
    row: &'a Row,
}

impl DeskPart {
    /// Nothing for a position that has nothing of its own.
    fn of(line: &SaleLine) -> Option<Box<Self>> {
        let redeemed = |ticket: &Ticket| Redeemed {
            is_paid: ticket.is_paid,
            position: ticket.position,
            preorder: ticket.preorder,
            secret: ticket.secret.as_str().into(),
        };
        let part = Self {
            authorized_by: line.authorized_by,
            list_entry: line.list_entry,
            reverses: line.reverses.map(|reversed| reversed.id.0),
            ticket: line.ticket.as_ref().map(redeemed),
        };
        (part != Self::default()).then(|| Box::new(part))
    }
}

impl<'a> Record<'a> {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> TxId {
        TxId(self.row.id)
    }

    /// Seq of the event that holds it.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.row.seq
    }

    /// When it was recorded.
    #[must_use]
    pub const fn at(&self) -> At {
        self.row.at
    }

    /// Its hash.
    #[must_use]
    pub const fn hash(&self) -> TxHash {
        self.row.hash
    }

    /// What was paid, or paid back.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.row.amount
    }

    /// Pieces.
    #[must_use]
    pub const fn pieces(&self) -> u32 {
        self.row.pieces
    }

    /// Whether it is the deposit of the record before.
    #[must_use]
    pub const fn deposit(&self) -> bool {
        self.row.deposit
    }

    /// Product, name, rate and what was handed out.
    #[must_use]
    pub fn good(&self) -> &'a Good {
        self.view.shared.good(self.row.good)
    }

    /// The product.
    #[must_use]
    pub fn product(&self) -> ProductId {
        self.good().product
    }

    /// The rate of the tax in the amount.
    #[must_use]
    pub fn tax_rate(&self) -> TaxRate {
        self.good().tax_rate
    }

    /// How it was paid.
    #[must_use]
    pub fn payment(&self) -> &'a Payment {
        self.view.shared.payment(self.row.payment)
    }

    /// The troubleshooter whose badge overrode a refusal.
    #[must_use]
    pub fn authorized_by(&self) -> Option<UserId> {
        self.row.desk.as_ref()?.authorized_by
    }

    /// The entry of a list that it used up, or freed.
    #[must_use]
    pub fn list_entry(&self) -> Option<ListEntryId> {
        self.row.desk.as_ref()?.list_entry
    }

    /// The ticket that it redeemed, or freed.
    #[must_use]
    pub fn ticket(&self) -> Option<&'a Redeemed> {
        self.row.desk.as_ref()?.ticket.as_ref()
    }

    /// The record that it takes back.
    #[must_use]
    pub fn reverses(&self) -> Option<TxId> {
        self.row.desk.as_ref()?.reverses.map(TxId)
    }

    /// The record that took it back.
    #[must_use]
    pub fn reversed_by(&self) -> Option<TxId> {
        self.view.reversed.get(&self.row.id).copied().map(TxId)
    }

    /// The public record.
    #[must_use]
    pub fn tx(&self) -> Tx {
        let row = self.row;
        Tx {
            amount_money: Decimal::new(row.amount.units(), u32::from(row.exponent)),
            amount_product: row.pieces,
            id: TxId(row.id),
            note: row.note.as_deref().map(str::to_owned),
            payment_id: self.payment().id,
            point_of_sale_id: self.pos,
            product_id: self.product(),
            hash: row.hash,
            timestamp: row.at.second(),
        }
    }
}

impl TransactionView {
    pub(crate) fn apply(&mut self, event: &Event) {
        let (Fact::SaleRecorded(sale) | Fact::SaleReversed(sale)) = &event.fact else {
            return;
        };
        let exponent = u8::try_from(sale.currency.exponent()).unwrap_or_default();
        let payment = self.shared.intern_payment(&sale.payment);
        let chain = self.chains.entry(sale.point_of_sale.id).or_default();
        let before = chain.rows.len();
        for (line, tx) in sale.lines.iter().zip(&sale.tx) {
            let desk = DeskPart::of(line);
            if let Some(reverses) = desk.as_ref().and_then(|part| part.reverses) {
                self.reversed.insert(reverses, tx.id.0);
            }
            chain.head = tx.hash;
            chain.rows.push_back(Row {
                id: tx.id.0,
                seq: event.seq,
                at: event.at,
                amount: line.total,
                good: self.shared.intern_good(tx.product_id, line),
                payment,
                pieces: tx.amount_product,
                exponent,
                deposit: line.deposit,
                note: tx.note.as_deref().map(Into::into),
                desk,
                hash: tx.hash,
            });
            self.last_id = tx.id.0;
        }
        self.note_sale(event.seq, sale, before);
    }

    /// Notes which rows belong to one sale; `before` is the number of rows before this part of it.
    fn note_sale(&mut self, seq: u64, sale: &Sale, before: usize) {
        let pos = sale.point_of_sale.id;
        let Some(chain) = self.chains.get_mut(&pos) else {
            return;
        };
        let rows = u32::try_from(chain.rows.len() - before).unwrap_or(u32::MAX);
        let span = Span {
            first: u32::try_from(before).unwrap_or(u32::MAX),
            rows,
        };
        let first_part = sale.part == 1;
        if sale.door != Door::CashDesk {
            match chain.tills.back_mut().filter(|_| !first_part) {
                Some(last) => last.rows += rows,
                None => chain.tills.push_back(span),
            }
            return;
        }
        match self.desk.back_mut().filter(|_| !first_part) {
            Some(last) => last.span.rows += rows,
            None => self.desk.push_back(DeskSale {
                id: sale.tx.first().map_or(0, |tx| tx.id.0),
                seq,
                pos,
                span,
                session: sale.session,
                cash_given: sale.cash_given,
            }),
        }
    }

    /// The number of the latest transaction; 0 when there is none.
    #[must_use]
    pub const fn last_id(&self) -> TxId {
        TxId(self.last_id)
    }

    /// The hash that the next transaction of the point of sale continues.
    #[must_use]
    pub fn head(&self, pos: PosId) -> TxHash {
        self.chains
            .get(&pos)
            .map_or(TxHash::ZERO, |chain| chain.head)
    }

    /// How many transactions the point of sale has.
    #[must_use]
    pub fn count(&self, pos: PosId) -> usize {
        self.chains.get(&pos).map_or(0, |chain| chain.rows.len())
    }

    /// The point of sale's records, newest first.
    pub fn newest_first(&self, pos: PosId) -> impl Iterator<Item = Record<'_>> {
        let rows = self.chains.get(&pos).into_iter();
        rows.flat_map(|chain| chain.rows.iter().rev())
            .map(move |row| Record {
                view: self,
                pos,
                row,
            })
    }

    /// The records that the events `first..end` wrote at the point of sale, in order.
    #[must_use]
    pub fn of_events(&self, pos: PosId, first: u64, end: u64) -> Vec<Record<'_>> {
        let Some(chain) = self.chains.get(&pos) else {
            return Vec::new();
        };
        let before = |row: &Row| {
            if row.seq < first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        };
        let start = chain
            .rows
            .binary_search_by(before)
            .unwrap_or_else(|index| index);
        let records = (start..chain.rows.len()).filter_map(|index| self.record(pos, index));
        records.take_while(|record| record.seq() < end).collect()
    }

    /// The records that an older state of the same log does not hold yet, by number.
    pub(crate) fn added_since(&self, old: &Self) -> Vec<Record<'_>> {
        let longer = old.chains.diff(&self.chains).filter_map(|item| match item {
            DiffItem::Add(pos, chain) => Some((*pos, 0, chain)),
            DiffItem::Update {
                old: (pos, old),
                new: (_, chain),
            } => Some((*pos, old.rows.len(), chain)),
            DiffItem::Remove(..) => None,
        });
        let added = longer.flat_map(|(pos, before, chain)| {
            let places = before..chain.rows.len();
            places.filter_map(move |index| self.record(pos, index))
        });
        let mut added: Vec<_> = added.collect();
        added.sort_unstable_by_key(Record::id);
        added
    }

    fn record(&self, pos: PosId, index: usize) -> Option<Record<'_>> {
        let row = self.chains.get(&pos)?.rows.get(index)?;
        Some(Record {
            view: self,
            pos,
            row,
        })
    }

    /// The view as people read it: the public rows, newest first, by point of sale.
    pub(crate) fn show(&self) -> Shown {
        let rows = |pos: &PosId| {
            let records = self.newest_first(*pos);
            (*pos, records.map(|record| record.tx()).collect())
        };
        Shown {
            last_id: self.last_id,
            points_of_sale: self.chains.keys().map(rows).collect(),
        }
    }
}

/// What [`TransactionView::show`] writes.
#[derive(Serialize)]
pub(crate) struct Shown {
    last_id: u64,
    points_of_sale: BTreeMap<PosId, Vec<Tx>>,
}
