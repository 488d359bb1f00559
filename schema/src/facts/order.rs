//! What happens at tables: guests call, order and pay.
//!
//! `hash` is what clients of the events queue remember: it tells events of the queue apart, and is no
//! hash of anything. `request` is as at cash desks.

use crate::facts::SalePayment;
use crate::hash::Digest;
use crate::id::{ModifierId, ProductId, TableId, WaiterId};
use crate::line::exact_integer;
use crate::money::{Money, Quantity, TaxRate};
use serde::{Deserialize, Serialize};

/// A table, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AtTable {
    /// Id.
    pub id: TableId,
    /// Seats.
    pub max_guests: u32,
    /// Name for people, often a number.
    pub name: String,
}

/// The waiter of a table, as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServedBy {
    /// Id.
    pub id: WaiterId,
    /// Name for people.
    pub name: String,
}

/// A guest called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Call {
    /// Tells it apart in the queue: `0x` and 8 hex digits.
    pub hash: String,
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// Where.
    pub table: AtTable,
}

/// Lines were added to a table's open order, or opened one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OrderExtension {
    /// What was added; not empty.
    pub added: Vec<OrderLine>,
    /// The order: an upper-case GUID in braces.
    pub guid: String,
    /// Tells it apart in the queue: `0x` and 8 hex digits.
    pub hash: String,
    /// Number of the order's bill; counts from 1 within the instance.
    pub invoice: u32,
    /// Seq of the event that opened the order.
    #[serde(deserialize_with = "exact_integer")]
    pub opened: u64,
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// Where.
    pub table: AtTable,
    /// What is due of the order after this.
    pub unpaid: Money,
    /// Who serves the table.
    pub waiter: ServedBy,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OrderLine {
    /// How much, in thousandths.
    pub count: Quantity,
    /// What was added to the dish; left out when nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub modifiers: Vec<OrderModifier>,
    /// The dish's name at that time.
    pub name: String,
    /// The price of one at that time, without modifiers.
    pub price: Money,
    /// The dish.
    pub product: ProductId,
    /// The tax rate at that time.
    pub tax_rate: TaxRate,
    /// Price times count, and the totals of the modifiers.
    pub total: Money,
}

/// A modifier of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OrderModifier {
    /// How often, over the whole line, in thousandths.
    pub count: Quantity,
    /// Which.
    pub id: ModifierId,
    /// Its name at that time.
    pub name: String,
    /// Its price at that time.
    pub price: Money,
    /// Price times count.
    pub total: Money,
}

/// A guest went to pay. Until it is confirmed or too old, the amount is kept from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PaymentStart {
    /// How much.
    pub amount: Money,
    /// Which order.
    pub guid: String,
    /// Id under which the provider knows it.
    pub payment: String,
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// Where.
    pub table: AtTable,
}

/// A payment towards a table's order. With the last one the order is closed, and its sale follows
/// under the same command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PaymentReceipt {
    /// How much.
    pub amount: Money,
    /// Which order.
    pub guid: String,
    /// Tells it apart in the queue: `0x` and 8 hex digits.
    pub hash: String,
    /// The payment method that it counts as.
    pub method: SalePayment,
    /// What the payment is called.
    pub name: String,
    /// Seq of the event that opened the order.
    #[serde(deserialize_with = "exact_integer")]
    pub opened: u64,
    /// Id under which the provider knows it, when it came through one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// Where.
    pub table: AtTable,
    /// What is due of the order after this.
    pub unpaid: Money,
}

/// A provider confirmed a payment for which nothing is due any more: somebody must pay it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PaymentSurplus {
    /// How much.
    pub amount: Money,
    /// Which order it was for.
    pub guid: String,
    /// Id under which the provider knows it.
    pub payment: String,
    /// Where.
    pub table: AtTable,
}
