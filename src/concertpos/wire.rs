//! The messages of this protocol: requests, read from JSON or JSON5, and answers, written as JSON.

pub use super::request::{Parameters, Request};
pub use crate::json::{Value, whole};

use daybook_projections::Views;
use daybook_schema::facts::{self, Tx};
use daybook_schema::id::{PaymentMethodId, PosId, ProductId, TxId};
use daybook_schema::{Currency, Decimal, TxHash, TxTime};
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::{Map, Value as Json};

/// Serialises an answer. Ours never fail: their keys are texts and their numbers finite.
pub(super) fn text(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

#[derive(Serialize)]
struct Message<R> {
    #[serde(rename = "type")]
    type_: &'static str,
    result: R,
}

#[derive(Serialize)]
struct EventBody<P> {
    event: &'static str,
    parameters: P,
}

#[derive(Serialize)]
struct BroadcastBody<'a> {
    message: &'a str,
    parameters: Map<String, Json>,
}

/// An event: the answer to a command.
#[must_use]
pub fn event(name: &'static str, parameters: impl Serialize) -> String {
    text(&Message {
        type_: "event",
        result: EventBody {
            event: name,
            parameters,
        },
    })
}

/// A broadcast: what all sockets of an instance are told.
#[must_use]
pub fn broadcast(message: &str) -> String {
    text(&Message {
        type_: "broadcast",
        result: BroadcastBody {
            message,
            parameters: Map::new(),
        },
    })
}

/// A transaction as this protocol shows it. `prev` stands on the oldest row of a list that does not
/// reach back to the first, so that every answer can be verified alone; it is not hashed.
#[derive(Serialize)]
pub struct Row {
    #[serde(rename = "ID")]
    id: TxId,
    #[serde(rename = "Payment_ID")]
    payment_id: PaymentMethodId,
    #[serde(rename = "PointOfSaleID")]
    point_of_sale_id: PosId,
    #[serde(rename = "Product_ID")]
    product_id: ProductId,
    #[serde(rename = "AmountProduct")]
    amount_product: u32,
    #[serde(rename = "AmountMoney")]
    amount_money: Decimal,
    timestamp: TxTime,
    hash: TxHash,
    #[serde(rename = "Note")]
    note: Option<String>,
    /// Hash of the row before the oldest one shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<TxHash>,
}

impl From<Tx> for Row {
    fn from(tx: Tx) -> Self {
        Self {
            id: tx.id,
            payment_id: tx.payment_id,
            point_of_sale_id: tx.point_of_sale_id,
            product_id: tx.product_id,
            amount_product: tx.amount_product,
            amount_money: tx.amount_money,
            timestamp: tx.timestamp,
            hash: tx.hash,
            note: tx.note,
            prev: None,
        }
    }
}

/// The answer to `listtransactions`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Transactions<'a> {
    /// Rows returned.
    pub count: usize,
    /// Newest first.
    pub transactions: Newest<'a>,
}

/// The newest rows of a point of sale, written one by one: there may be very many.
pub struct Newest<'a> {
    views: &'a Views,
    pos: PosId,
    count: usize,
}

impl<'a> Transactions<'a> {
    /// The newest `count` rows, of which there must be as many.
    #[must_use]
    pub const fn newest(views: &'a Views, pos: PosId, count: usize) -> Self {
        let transactions = Newest { views, pos, count };
        Self {
            count,
            transactions,
        }
    }
}

impl Serialize for Newest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut stored = self.views.transaction.newest_first(self.pos).peekable();
        let mut rows = serializer.serialize_seq(Some(self.count))?;
        for left in (0..self.count).rev() {
            let Some(row) = stored.next() else { break };
            let mut row = Row::from(row.tx());
            let before = stored.peek().filter(|_| left == 0);
            row.prev = before.map(daybook_projections::transaction::Record::hash);
            rows.serialize_element(&row)?;
        }
        rows.end()
    }
}

/// The answer to `payitems`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Paid {
    /// Product lines booked, deposits not counted.
    pub items: usize,
    /// Their rows in request order.
    pub transactions: Vec<Row>,
}

/// The answer to `listproducts`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Products<'a> {
    /// By id.
    pub products: Vec<Product<'a>>,
}

/// A product as tills see it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Product<'a> {
    #[serde(rename = "ID")]
    id: ProductId,
    #[serde(rename = "ProductName")]
    name: &'a str,
    price: Decimal,
    /// Always 0: clients count in this member and send the objects back.
    amount: u32,
    deposit: bool,
    crew_blocked: bool,
}

impl<'a> Product<'a> {
    /// The catalogue's product in this shape.
    #[must_use]
    pub fn of(product: &'a facts::Product, currency: Currency) -> Self {
        Self {
            id: product.id,
            name: &product.name,
            price: currency.decimal(product.price),
            amount: 0,
            deposit: product.deposit,
            crew_blocked: product.crew_blocked,
        }
    }
}

/// The answer to `getdeposit`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Deposit {
    /// The deposit.
    pub deposit: DepositPrice,
}

/// The price of one deposit.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DepositPrice {
    /// 0 when the instance charges none.
    pub price: Decimal,
}
