//! Trade that never happened: a log of single-line sales with correct chains, the same on every run.
//!
//! Included by path from examples and tests that need lines by the million.

use daybook_schema::facts::{
    Door, Instance, PaymentKind, Sale, SaleLine, SalePayment, SalePlace, SaleTotals, TaxShare, Tx,
};
use daybook_schema::id::{KeyId, PaymentMethodId, PosId, ProductId, TxId};
use daybook_schema::{
    Actor, At, Currency, Event, Fact, Head, LogName, Money, Quantity, SealedLine, TaxRate, TxHash,
    hash, line,
};
use std::collections::BTreeMap;
use std::error::Error;

/// Points of sale that take turns.
pub(crate) const POINTS_OF_SALE: [(u32, &str); 4] = [
    (1, "Main bar"),
    (2, "Garden bar"),
    (3, "Food court"),
    (4, "Backstage"),
];

/// Products that take turns: name and price in cents.
const PRODUCTS: [(&str, i64); 5] = [
    ("Cola 0.4", 450),
    ("Beer 0.5", 520),
    ("Falafel plate", 1150),
    ("Water 0.5", 300),
    ("Espresso", 250),
];

/// Microseconds between two events.
pub(crate) const STEP_MICROS: i64 = 250_000;

/// Time of the first event: 2026-05-01T10:00:00Z.
pub(crate) const START_MICROS: i64 = 1_777_629_600_000_000;

/// Writes one log.
pub(crate) struct Trade {
    log: LogName,
    head: Head,
    last_tx: u64,
    chains: BTreeMap<PosId, TxHash>,
}

impl Trade {
    /// A log without lines.
    pub(crate) fn new(log: LogName) -> Self {
        Self {
            log,
            head: Head::default(),
            last_tx: 0,
            chains: BTreeMap::new(),
        }
    }

    /// The next line: the venue first, then sales.
    pub(crate) fn next_line(&mut self) -> Result<SealedLine, Box<dyn Error>> {
        let n = self.head.size;
        let fact = if n == 0 { self.venue()? } else { self.sale(n)? };
        let micros = START_MICROS + STEP_MICROS * i64::try_from(n)?;
        let event = Event {
            at: At::from_micros(micros),
            by: if n == 0 {
                Actor::Operator
            } else {
                Actor::Key(KeyId(3))
            },
            cmd: format!("concertpos/3/till{}-{n:07}", n % 4),
            fact,
            log: self.log.clone(),
            prev: self.head.leaf,
            seq: n,
        };
        let line = line::seal(&event)?;
        self.head = line.head();
        Ok(line)
    }

    fn venue(&self) -> Result<Fact, Box<dyn Error>> {
        Ok(Fact::InstanceDescribed(Instance {
            address: None,
            currency: Currency::new("EUR")?,
            day_starts_at: "06:00".to_owned(),
            name: "A festival".to_owned(),
            slug: self.log.clone(),
            time_zone: "Europe/Berlin".to_owned(),
        }))
    }

    fn sale(&mut self, n: u64) -> Result<Fact, Box<dyn Error>> {
        let turn = usize::try_from(n)?;
        let (pos, place) = POINTS_OF_SALE[turn % POINTS_OF_SALE.len()];
        let product = turn % PRODUCTS.len();
        let (name, cents) = PRODUCTS[product];
        let pieces = u32::try_from(n % 3)? + 1;
        let (currency, rate) = (Currency::new("EUR")?, TaxRate::new(1900)?);
        let (price, quantity) = (Money::new(cents)?, Quantity::pieces(pieces)?);
        let total = price.times(quantity)?;
        let tax = total.tax_contained(rate);
        let net = Money::new(total.units() - tax.units())?;
        self.last_tx += 1;
        let mut tx = Tx {
            amount_money: currency.decimal(total),
            amount_product: pieces,
            id: TxId(self.last_tx),
            note: None,
            payment_id: PaymentMethodId(1),
            point_of_sale_id: PosId(pos),
            product_id: ProductId(u32::try_from(product)? + 1),
            hash: TxHash::ZERO,
            timestamp: At::from_micros(START_MICROS + STEP_MICROS * i64::try_from(n)?).second(),
        };
        let chain = self.chains.entry(PosId(pos)).or_default();
        tx.hash = tx.hash_after(&self.log, chain);
        *chain = tx.hash;
        Ok(Fact::SaleRecorded(Sale {
            cash_given: None,
            currency,
            door: Door::ConcertPos,
            lines: vec![SaleLine {
                authorized_by: None,
                items: Vec::new(),
                list_entry: None,
                reverses: None,
                ticket: None,
                deposit: false,
                name: name.to_owned(),
                price,
                quantity,
                tax_rate: rate,
                total,
            }],
            part: 1,
            parts: 1,
            payment: SalePayment {
                id: PaymentMethodId(1),
                kind: PaymentKind::Cash,
                name: "Cash".to_owned(),
            },
            point_of_sale: SalePlace {
                id: PosId(pos),
                name: place.to_owned(),
            },
            session: None,
            request: Some(hash::fingerprint(&n.to_be_bytes())),
            totals: Some(SaleTotals {
                gross: total,
                taxes: vec![TaxShare {
                    gross: total,
                    net,
                    rate,
                    tax,
                }],
            }),
            tx: vec![tx],
        }))
    }
}
