//! Sales that a tablet builds before a lane takes the payment.

use crate::id::{PosId, PresellId, ProductId, TxId};
use crate::money::{Money, Quantity, TaxRate};
use serde::{Deserialize, Serialize};

/// A tablet opened a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PresellOpening {
    /// What the tablet calls it; the same again is the same sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Counts from 1 within the instance.
    pub id: PresellId,
    /// The lane that will complete it.
    pub point_of_sale: PosId,
}

/// A line was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PresellLine {
    /// Which sale.
    pub id: PresellId,
    /// The product's name at that time.
    pub name: String,
    /// The price of one at that time.
    pub price: Money,
    /// Which product.
    pub product: ProductId,
    /// How much, in thousandths.
    pub quantity: Quantity,
    /// The tax rate at that time.
    pub tax_rate: TaxRate,
    /// Price times quantity.
    pub total: Money,
}

/// The customer was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PresellCustomer {
    /// The customer's id in a system of the shop's. No place for a name.
    pub customer: String,
    /// Which sale.
    pub id: PresellId,
}

/// The sale was handed to its lane, or abandoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PresellEnd {
    /// Which sale.
    pub id: PresellId,
}

/// The lane completed the sale; what it sold follows under the same command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PresellCompletion {
    /// Which sale.
    pub id: PresellId,
    /// The first record of what was sold.
    pub transaction: TxId,
}
