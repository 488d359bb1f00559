//! Sales as displays show them: always the full sale, wherever it comes from.

use crate::json::{self, Value};
use crate::zone::{local, zone};
use daybook_projections::Views;
use daybook_projections::lane::{LaneSale, Presell, Stage};
use daybook_projections::transaction::SaleOf;
use daybook_schema::facts::PaymentKind;
use daybook_schema::id::PosId;
use daybook_schema::{At, Currency, Decimal, Money, Quantity};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::sync::OnceLock;

/// A value that many sockets send: written once, and read once by those who have conditions.
pub(super) struct Shown {
    pub text: Box<RawValue>,
    value: OnceLock<Value>,
}

impl Shown {
    pub(super) fn of(value: &impl Serialize) -> Self {
        Self::raw(to_raw_value(value).unwrap_or_default())
    }

    pub(super) const fn raw(text: Box<RawValue>) -> Self {
        let value = OnceLock::new();
        Self { text, value }
    }

    /// What conditions look at.
    pub(super) fn value(&self) -> &Value {
        let read = || json::read(self.text.get()).unwrap_or(Value::Null);
        self.value.get_or_init(read)
    }
}

/// A sale.
#[derive(Serialize)]
pub(super) struct Sale {
    pub salephyskey: Option<String>,
    source: Source,
    datetimelocal: Option<String>,
    saletotal: Decimal,
    pub lines: Vec<Line>,
    payments: Vec<Payment>,
    cash_item_name: Option<String>,
}

#[derive(Serialize)]
struct Source {
    faid: PosId,
    plevel: u8,
}

#[derive(Serialize)]
pub(super) struct Line {
    seqnce: usize,
    pid: u32,
    qty: i64,
    totalprice: Decimal,
    product: Product,
}

#[derive(Serialize)]
struct Product {
    description: String,
    sku: String,
}

#[derive(Serialize)]
struct Payment {
    seqnce: u32,
    name: String,
    amount: Decimal,
}

/// A tablet's sale as its tablet and its lane see it.
#[derive(Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    sale: Sale,
    physkey: Option<String>,
    startdt: String,
    externalid: Option<String>,
    cid: Option<String>,
    state: &'static str,
}

/// Writes the sales of one venue.
pub(super) struct Scribe<'a> {
    views: &'a Views,
    currency: Option<Currency>,
    time_zone: &'a str,
}

impl<'a> Scribe<'a> {
    pub(super) fn of(views: &'a Views) -> Self {
        let venue = views.instance.described();
        Self {
            views,
            currency: venue.map(|venue| venue.currency),
            time_zone: venue.map_or("UTC", |venue| &venue.time_zone),
        }
    }

    /// What a lane's display shows.
    pub(super) fn current(&self, lane: PosId) -> Sale {
        let sale = match self.views.lane.lane(lane).map(|lane| lane.sale) {
            Some(LaneSale::Recorded(first)) => {
                let sale = self.views.transaction.sale(first);
                sale.map(|sale| self.recorded(&sale))
            }
            Some(LaneSale::Presell(id)) => {
                let presell = self.views.lane.presell(id);
                presell.map(|presell| self.presell(presell))
            }
            Some(LaneSale::None) | None => None,
        };
        sale.unwrap_or_else(|| self.sale(lane, None, None))
    }

    /// A sale that was recorded.
    pub(super) fn recorded(&self, sale: &SaleOf<'_>) -> Sale {
        let lines: Vec<(Money, Line)> = (1..)
            .zip(sale.records())
            .map(|(seqnce, record)| {
                let (good, pieces) = (record.good(), i64::from(record.pieces()));
                let totalprice = self.decimal(record.amount());
                let line = line(seqnce, good.product.0, pieces, totalprice, &good.name);
                (record.amount(), line)
            })
            .collect();
        let total = sum(lines.iter().map(|(amount, _)| *amount));
        let payment = sale.records().next().map(|record| Payment {
            seqnce: 1,
            name: record.payment().name.to_string(),
            amount: self.decimal(sale.cash_given.unwrap_or(total)),
        });
        let presell = self.views.lane.presell_behind(sale.id());
        let key = presell.map_or_else(
            || format!("S{}-{:06}", sale.pos, sale.id().0),
            |presell| presell_key(presell),
        );
        Sale {
            saletotal: self.decimal(total),
            lines: lines.into_iter().map(|(_, line)| line).collect(),
            payments: payment.into_iter().collect(),
            ..self.sale(sale.pos, Some(key), Some(sale.at()))
        }
    }

    /// A sale that a tablet builds or built.
    pub(super) fn presell(&self, presell: &Presell) -> Sale {
        if let Stage::Completed(first) = presell.stage
            && let Some(sale) = self.views.transaction.sale(first)
        {
            return self.recorded(&sale);
        }
        let lines = (1..).zip(&presell.lines).map(|(seqnce, sold)| {
            let qty = base_units(sold.quantity);
            line(
                seqnce,
                sold.product.0,
                qty,
                self.decimal(sold.total),
                &sold.name,
            )
        });
        let key = Some(presell_key(presell));
        Sale {
            saletotal: self.decimal(presell.total()),
            lines: lines.collect(),
            ..self.sale(presell.point_of_sale, key, Some(presell.changed))
        }
    }

    /// A tablet's sale with all that is known of it.
    pub(super) fn row(&self, presell: &Presell) -> Row {
        let sale = self.presell(presell);
        Row {
            physkey: sale.salephyskey.clone(),
            sale,
            startdt: self.time(presell.opened),
            externalid: presell.external_id.clone(),
            cid: presell.customer.clone(),
            state: match presell.stage {
                Stage::Building => "building",
                Stage::HandedOver => "handedover",
                Stage::Completed(_) => "completed",
                Stage::Abandoned => "cancelled",
            },
        }
    }

    /// A recorded sale that no tablet built, in the form of one that did.
    pub(super) fn recorded_row(&self, recorded: &SaleOf<'_>) -> Row {
        let sale = self.recorded(recorded);
        Row {
            physkey: sale.salephyskey.clone(),
            sale,
            startdt: self.time(recorded.at()),
            externalid: None,
            cid: None,
            state: "completed",
        }
    }

    /// A sale without lines.
    fn sale(&self, lane: PosId, key: Option<String>, at: Option<At>) -> Sale {
        let mut methods = self.views.product.payment_methods();
        let cash = methods.find(|method| {
            method.kind == PaymentKind::Cash && method.points_of_sale.contains(&lane)
        });
        Sale {
            salephyskey: key,
            source: Source {
                faid: lane,
                plevel: 0,
            },
            datetimelocal: at.map(|at| self.time(at)),
            saletotal: self.decimal(Money::ZERO),
            lines: Vec::new(),
            payments: Vec::new(),
            cash_item_name: cash.map(|method| method.name.clone()),
        }
    }

    fn decimal(&self, money: Money) -> Decimal {
        // A log without a description has no amounts to write.
        self.currency
            .map_or_else(Decimal::default, |currency| currency.decimal(money))
    }

    fn time(&self, at: At) -> String {
        let local = local(at, &zone(self.time_zone));
        local.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
    }
}

/// The key of a tablet's sale, for its whole life.
pub(super) fn presell_key(presell: &Presell) -> String {
    format!("T{}-{:06}", presell.point_of_sale, presell.id.0)
}

fn line(seqnce: usize, pid: u32, qty: i64, totalprice: Decimal, name: &str) -> Line {
    Line {
        seqnce,
        pid,
        qty,
        totalprice,
        product: Product {
            description: name.to_owned(),
            // The catalogue has no other number of a product.
            sku: pid.to_string(),
        },
    }
}

/// Pieces where they are whole, else thousandths (grams of what is sold by weight).
const fn base_units(quantity: Quantity) -> i64 {
    let piece = Quantity::PIECE.units();
    if quantity.units() % piece == 0 {
        quantity.units() / piece
    } else {
        quantity.units()
    }
}

fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    amounts.fold(Money::ZERO, |sum, amount| sum.plus(amount).unwrap_or(sum))
}
