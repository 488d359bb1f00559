//! The public transactions: one compact row each, in one chain per point of sale.
//!
//! A row takes about 130 bytes. Names and tax are not kept here; they stand in the event, whose
//! seq the row carries.

use daybook_schema::facts::Tx;
use daybook_schema::id::{PaymentMethodId, PosId, ProductId, TxId};
use daybook_schema::{Decimal, Event, Fact, Money, TxHash, TxTime};
use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// All transactions of an instance.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TransactionView {
    last_id: u64,
    chains: OrdMap<PosId, Chain>,
}

/// The transactions of one point of sale.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Chain {
    head: TxHash,
    rows: Vector<Row>,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    id: u64,
    /// Seq of the event that holds it.
    pub seq: u64,
    seconds: i64,
    amount: Money,
    product: u32,
    payment: u32,
    pieces: u32,
    exponent: u8,
    /// Whether it is the deposit of the row before.
    pub deposit: bool,
    note: Option<Box<str>>,
    hash: TxHash,
}

impl Row {
    /// The public record of this row.
    #[must_use]
    pub fn tx(&self, pos: PosId) -> Tx {
        Tx {
            amount_money: Decimal::new(self.amount.units(), u32::from(self.exponent)),
            amount_product: self.pieces,
            id: TxId(self.id),
            note: self.note.as_deref().map(str::to_owned),
            payment_id: PaymentMethodId(self.payment),
            point_of_sale_id: pos,
            product_id: ProductId(self.product),
            hash: self.hash,
            timestamp: TxTime::from_seconds(self.seconds),
        }
    }
}

impl TransactionView {
    pub(crate) fn apply(&mut self, event: &Event) {
        let Fact::SaleRecorded(sale) = &event.fact else {
            return;
        };
        let exponent = u8::try_from(sale.currency.exponent()).unwrap_or_default();
        let chain = self.chains.entry(sale.point_of_sale.id).or_default();
        for (line, tx) in sale.lines.iter().zip(&sale.tx) {
            chain.head = tx.hash;
            chain.rows.push_back(Row {
                id: tx.id.0,
                seq: event.seq,
                seconds: tx.timestamp.seconds(),
                amount: line.total,
                product: tx.product_id.0,
                payment: tx.payment_id.0,
                pieces: tx.amount_product,
                exponent,
                deposit: line.deposit,
                note: tx.note.as_deref().map(Into::into),
                hash: tx.hash,
            });
            self.last_id = tx.id.0;
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

    /// The point of sale's rows, newest first.
    pub fn newest_first(&self, pos: PosId) -> impl Iterator<Item = &Row> {
        self.chains
            .get(&pos)
            .into_iter()
            .flat_map(|chain| chain.rows.iter().rev())
    }

    /// The rows that the events `first..end` wrote at the point of sale, in order.
    #[must_use]
    pub fn of_events(&self, pos: PosId, first: u64, end: u64) -> Vec<&Row> {
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
        let rows = (start..chain.rows.len()).filter_map(|index| chain.rows.get(index));
        rows.take_while(|row| row.seq < end).collect()
    }

    /// The view as people read it: the public rows, newest first, by point of sale.
    pub(crate) fn show(&self) -> Shown {
        let rows = |(pos, chain): (&PosId, &Chain)| {
            (
                *pos,
                chain.rows.iter().rev().map(|row| row.tx(*pos)).collect(),
            )
        };
        Shown {
            last_id: self.last_id,
            points_of_sale: self.chains.iter().map(rows).collect(),
        }
    }
}

/// What [`TransactionView::show`] writes.
#[derive(Serialize)]
pub(crate) struct Shown {
    last_id: u64,
    points_of_sale: BTreeMap<PosId, Vec<Tx>>,
}
