//! A log that is folded while it is written.

use crate::Views;
use daybook_schema::facts::{
    Door, PaymentKind, Reversed, Sale, SaleLine, SalePayment, SalePlace, Tx,
};
use daybook_schema::id::{PaymentMethodId, PosId, ProductId, SessionId, TxId};
use daybook_schema::{
    Actor, At, Currency, Decimal, Event, Fact, LogName, Money, Quantity, TaxRate, TxHash, line,
};

#[derive(Clone, Default)]
pub(super) struct Log {
    pub views: Views,
}

impl Log {
    pub(super) fn fold(&mut self, fact: Fact) {
        let head = self.views.head;
        let event = Event {
            at: At::from_micros(1_777_629_600_000_000 + i64::try_from(head.size).unwrap()),
            by: Actor::Operator,
            cmd: format!("cmd-{}", head.size),
            fact,
            log: LogName::new("festival").unwrap(),
            prev: head.leaf,
            seq: head.size,
        };
        let leaf = line::seal(&event).unwrap().leaf;
        self.views.apply(&event, leaf);
    }

    pub(super) fn fold_all(&mut self, facts: impl IntoIterator<Item = Fact>) {
        facts.into_iter().for_each(|fact| self.fold(fact));
    }

    /// Folds a sale of these lines in parts of at most `most` lines. Its number.
    pub(super) fn sell(&mut self, sold: &Sold, lines: &[SaleLine], most: usize) -> u64 {
        let first = self.views.transaction.last_id().0 + 1;
        let mut id = first;
        let parts = lines.chunks(most.max(1));
        let count = u32::try_from(parts.len()).unwrap();
        for (part, lines) in (1..).zip(parts) {
            let tx = (id..).zip(lines).map(|(id, line)| sold.tx(id, line));
            let sale = Sale {
                cash_given: None,
                currency: Currency::new("EUR").unwrap(),
                door: sold.door(),
                part,
                parts: count,
                payment: SalePayment {
                    id: PaymentMethodId(1),
                    kind: PaymentKind::Cash,
                    name: "Cash".to_owned(),
                },
                point_of_sale: SalePlace {
                    id: sold.pos,
                    name: "Place".to_owned(),
                },
                request: None,
                session: sold.session,
                totals: None,
                tx: tx.collect(),
                lines: lines.to_vec(),
            };
            id += lines.len() as u64;
            let reversal = lines.iter().any(|line| line.reverses.is_some());
            self.fold(if reversal {
                Fact::SaleReversed(sale)
            } else {
                Fact::SaleRecorded(sale)
            });
        }
        first
    }
}

/// Where something is sold, and in which session if at a cash desk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sold {
    pub pos: PosId,
    pub session: Option<SessionId>,
}

impl Sold {
    const fn door(&self) -> Door {
        match self.session {
            Some(_) => Door::CashDesk,
            None => Door::ConcertPos,
        }
    }

    fn tx(&self, id: u64, line: &SaleLine) -> Tx {
        Tx {
            amount_money: Decimal::new(line.total.units(), 2),
            amount_product: 1,
            id: TxId(id),
            note: None,
            payment_id: PaymentMethodId(1),
            point_of_sale_id: self.pos,
            product_id: ProductId(1),
            hash: TxHash::ZERO,
            timestamp: At::default().second(),
        }
    }
}

pub(super) fn one_line() -> SaleLine {
    let price = Money::new(2300).unwrap();
    SaleLine {
        authorized_by: None,
        deposit: false,
        items: Vec::new(),
        list_entry: None,
        name: "Day ticket".to_owned(),
        price,
        quantity: Quantity::PIECE,
        reverses: None,
        tax_rate: TaxRate::new(1900).unwrap(),
        ticket: None,
        total: price,
    }
}

/// The line that takes a record back.
pub(super) fn taken_back(line: &SaleLine, id: u64) -> SaleLine {
    let mut line = line.clone();
    line.price = Money::new(-line.price.units()).unwrap();
    line.total = Money::new(-line.total.units()).unwrap();
    line.reverses = Some(Reversed {
        hash: TxHash::ZERO,
        id: TxId(id),
    });
    line
}
