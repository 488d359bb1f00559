//! Sales: which records were booked together. A sale's number is that of its first record.

use super::{Record, Row, TransactionView};
use daybook_schema::id::{PosId, SessionId, TxId};
use daybook_schema::{At, Money};
use imbl::Vector;
use serde::{Deserialize, Serialize};

/// Rows that belong together, in the chain of their point of sale.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Span {
    pub first: u32,
    pub rows: u32,
}

/// A sale of a cash desk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DeskSale {
    pub id: u64,
    pub seq: u64,
    pub pos: PosId,
    pub span: Span,
    pub session: Option<SessionId>,
    pub cash_given: Option<Money>,
}

/// A sale with its records.
#[derive(Clone, Copy, Debug)]
pub struct SaleOf<'a> {
    view: &'a TransactionView,
    span: Span,
    /// Point of sale.
    pub pos: PosId,
    /// The cash desk session that booked it; none for a till's sale.
    pub session: Option<SessionId>,
    /// The cash that the customer gave, as the cash desk said.
    pub cash_given: Option<Money>,
}

impl<'a> SaleOf<'a> {
    /// Its records in order; never empty.
    pub fn records(&self) -> impl Iterator<Item = Record<'a>> + use<'a> {
        let (view, pos, span) = (self.view, self.pos, self.span);
        let end = span.first.saturating_add(span.rows);
        (span.first..end).filter_map(move |index| view.record(pos, index as usize))
    }

    /// Its number: that of its first record.
    #[must_use]
    pub fn id(&self) -> TxId {
        self.records().next().map_or(TxId(0), |record| record.id())
    }

    /// When it was recorded.
    #[must_use]
    pub fn at(&self) -> At {
        let first = self.records().next();
        first.map_or_else(At::default, |record| record.at())
    }
}

/// The sales that a cash desk lists: those of all cash desks, and those of the tills at its own
/// point of sale; ascending.
#[derive(Clone, Copy, Debug)]
pub struct Sales<'a> {
    view: &'a TransactionView,
    pos: PosId,
}

impl TransactionView {
    /// A sale by its number.
    #[must_use]
    pub fn sale(&self, id: TxId) -> Option<SaleOf<'_>> {
        if let Ok(index) = self.desk.binary_search_by_key(&id.0, |sale| sale.id) {
            return self.desk.get(index).map(|sale| self.desk_sale(sale));
        }
        self.chains.iter().find_map(|(pos, chain)| {
            let row = chain.rows.binary_search_by_key(&id.0, |row: &Row| row.id);
            let row = u32::try_from(row.ok()?).ok()?;
            let index = chain.tills.binary_search_by_key(&row, |span| span.first);
            Some(self.till_sale(*pos, *chain.tills.get(index.ok()?)?))
        })
    }

    /// The cash desk sale whose first event has this seq.
    #[must_use]
    pub fn sale_of_event(&self, seq: u64) -> Option<SaleOf<'_>> {
        let index = self.desk.binary_search_by_key(&seq, |sale| sale.seq).ok()?;
        self.desk.get(index).map(|sale| self.desk_sale(sale))
    }

    /// The sales that a cash desk at this point of sale lists.
    #[must_use]
    pub const fn sales(&self, pos: PosId) -> Sales<'_> {
        Sales { view: self, pos }
    }

    const fn desk_sale(&self, sale: &DeskSale) -> SaleOf<'_> {
        SaleOf {
            view: self,
            span: sale.span,
            pos: sale.pos,
            session: sale.session,
            cash_given: sale.cash_given,
        }
    }

    const fn till_sale(&self, pos: PosId, span: Span) -> SaleOf<'_> {
        SaleOf {
            view: self,
            span,
            pos,
            session: None,
            cash_given: None,
        }
    }
}

impl<'a> Sales<'a> {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.view.desk.len() + self.tills().map_or(0, Vector::len)
    }

    /// The sales behind the first `skip`.
    pub fn skip(&self, skip: usize) -> impl Iterator<Item = SaleOf<'a>> + use<'a> {
        let this = *self;
        let skip = skip.min(this.count());
        let mut desk = this.desks_among(skip);
        let mut till = skip - desk;
        std::iter::from_fn(move || match (this.desk_id(desk), this.till_id(till)) {
            (Some(a), Some(b)) if a < b => this.desk_at(&mut desk),
            (Some(_), None) => this.desk_at(&mut desk),
            _ => this.till_at(&mut till),
        })
    }

    /// How many of the first `count` sales are those of cash desks: both lists ascend, so this is
    /// found by halving.
    fn desks_among(&self, count: usize) -> usize {
        let tills = self.tills().map_or(0, Vector::len);
        let (mut low, mut high) = (count.saturating_sub(tills), count.min(self.view.desk.len()));
        while low < high {
            let middle = usize::midpoint(low, high);
            // With `middle` of the desks', the next of the desks' must come behind the last till's.
            if self.desk_id(middle) < self.till_id(count - middle - 1) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn tills(&self) -> Option<&'a Vector<Span>> {
        self.view.chains.get(&self.pos).map(|chain| &chain.tills)
    }

    fn desk_id(&self, index: usize) -> Option<u64> {
        self.view.desk.get(index).map(|sale| sale.id)
    }

    fn till_id(&self, index: usize) -> Option<u64> {
        let span = self.tills()?.get(index)?;
        let record = self.view.record(self.pos, span.first as usize)?;
        Some(record.id().0)
    }

    fn desk_at(&self, index: &mut usize) -> Option<SaleOf<'a>> {
        let sale = self.view.desk.get(*index)?;
        *index += 1;
        Some(self.view.desk_sale(sale))
    }

    fn till_at(&self, index: &mut usize) -> Option<SaleOf<'a>> {
        let span = self.tills()?.get(*index)?;
        *index += 1;
        Some(self.view.till_sale(self.pos, *span))
    }
}
