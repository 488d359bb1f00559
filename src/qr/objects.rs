//! Events and orders as this protocol shows them: numbers with a point, and members in its order.

use crate::json::float;
use daybook_projections::qr_event::{Order, Queued, What};
use daybook_schema::facts::{AtTable, OrderLine};
use daybook_schema::id::{ModifierId, ProductId, TableId, WaiterId};
use daybook_schema::{Currency, Decimal, Money, Quantity};
use serde::Serialize;
use serde_json::Number;

/// Decimals of a count.
const COUNT_PLACES: u32 = 3;

/// The kind of every line.
const DISH: &str = "dish";

/// An event of the queue.
#[derive(Serialize)]
pub(super) struct Event<'a> {
    hash: &'a str,
    code: &'static str,
    table: TableId,
    invoice: Option<Invoice<'a>>,
    order: Option<ShownOrder<'a>>,
    table_repr: TableRepr<'a>,
}

/// A table with its seats.
#[derive(Serialize)]
pub(super) struct TableRepr<'a> {
    id: TableId,
    name: &'a str,
    max_guests: u32,
}

/// The bill of an order, with what was added to it.
#[derive(Serialize)]
struct Invoice<'a> {
    id: u32,
    order_guid: &'a str,
    table_id: TableId,
    unpaid_sum: Number,
    session_id: u32,
    status: u8,
    error: Option<()>,
    session: Session<'a>,
}

#[derive(Serialize)]
struct Session<'a> {
    items: Vec<Item<'a>>,
    payments: Option<()>,
}

/// An added line. Its sums are in the order.
#[derive(Serialize)]
struct Item<'a> {
    id: ProductId,
    #[serde(rename = "type")]
    kind: &'static str,
    count: Number,
    modifiers: Vec<Modifier<'a>>,
    name: &'a str,
}

/// An order.
#[derive(Serialize)]
pub(super) struct ShownOrder<'a> {
    guid: &'a str,
    sum: Number,
    pricelist_sum: Number,
    table: Place<'a>,
    waiter: Waiter<'a>,
    discounts: [(); 0],
    payments: Vec<Payment<'a>>,
    dishes: Vec<Dish<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    id: TableId,
    name: &'a str,
}

#[derive(Serialize)]
struct Waiter<'a> {
    id: WaiterId,
    name: &'a str,
}

#[derive(Serialize)]
struct Payment<'a> {
    name: &'a str,
    sum: Number,
}

#[derive(Serialize)]
struct Dish<'a> {
    id: ProductId,
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    price: Number,
    count: Number,
    sum: Number,
    modifiers: Vec<Modifier<'a>>,
}

#[derive(Serialize)]
struct Modifier<'a> {
    id: ModifierId,
    name: &'a str,
    price: Number,
    count: Number,
    sum: Number,
}

/// An amount: a number with a point.
pub(super) fn amount(money: Money, currency: Currency) -> Number {
    float(currency.decimal(money))
}

fn count(quantity: Quantity) -> Number {
    float(Decimal::new(quantity.units(), COUNT_PLACES))
}

impl<'a> Event<'a> {
    pub(super) fn of(queued: &'a Queued, currency: Currency) -> Self {
        let (code, invoice, order) = match &queued.what {
            What::Called => ("waiter_call", None, None),
            What::Extended { added, order } => {
                let invoice = Invoice::of(order, added, currency);
                ("additional_order", Some(invoice), Some(order))
            }
            What::Paid { order } => ("online_payment", None, Some(order)),
        };
        Self {
            hash: &queued.hash,
            code,
            table: queued.table.id,
            invoice,
            order: order.map(|order| ShownOrder::of(order, currency)),
            table_repr: TableRepr::of(&queued.table),
        }
    }
}

impl<'a> TableRepr<'a> {
    pub(super) fn of(table: &'a AtTable) -> Self {
        Self {
            id: table.id,
            name: &table.name,
            max_guests: table.max_guests,
        }
    }

    pub(super) fn defined(table: &'a daybook_schema::facts::Table) -> Self {
        Self {
            id: table.id,
            name: &table.name,
            max_guests: table.max_guests,
        }
    }
}

impl<'a> Invoice<'a> {
    fn of(order: &'a Order, added: &'a [OrderLine], currency: Currency) -> Self {
        let items = added.iter().map(|line| Item {
            id: line.product,
            kind: DISH,
            count: count(line.count),
            modifiers: modifiers(line, currency),
            name: &line.name,
        });
        Self {
            id: order.invoice,
            order_guid: &order.guid,
            table_id: order.table.id,
            unpaid_sum: amount(order.unpaid, currency),
            session_id: order.invoice,
            status: 0,
            error: None,
            session: Session {
                items: items.collect(),
                payments: None,
            },
        }
    }
}

impl<'a> ShownOrder<'a> {
    pub(super) fn of(order: &'a Order, currency: Currency) -> Self {
        let payments = order.payments.iter().map(|paid| Payment {
            name: &paid.name,
            sum: amount(paid.amount, currency),
        });
        let dishes = order.lines.iter().map(|line| Dish {
            id: line.product,
            kind: DISH,
            name: &line.name,
            price: amount(line.price, currency),
            count: count(line.count),
            sum: amount(line.total, currency),
            modifiers: modifiers(line, currency),
        });
        Self {
            guid: &order.guid,
            sum: amount(order.sum, currency),
            pricelist_sum: amount(order.sum, currency),
            table: Place {
                id: order.table.id,
                name: &order.table.name,
            },
            waiter: Waiter {
                id: order.waiter.id,
                name: &order.waiter.name,
            },
            discounts: [],
            payments: payments.collect(),
            dishes: dishes.collect(),
        }
    }
}

fn modifiers(line: &OrderLine, currency: Currency) -> Vec<Modifier<'_>> {
    let modifiers = line.modifiers.iter().map(|modifier| Modifier {
        id: modifier.id,
        name: &modifier.name,
        price: amount(modifier.price, currency),
        count: count(modifier.count),
        sum: amount(modifier.total, currency),
    });
    modifiers.collect()
}
