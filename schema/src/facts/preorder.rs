//! Preorders: tickets sold before the event.

use crate::id::{PreorderId, PreorderPositionId, ProductId};
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// A preorder with its positions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Preorder {
    /// Id.
    pub id: PreorderId,
    /// Whether it was canceled or expired.
    pub is_canceled: bool,
    /// Whether it was paid.
    pub is_paid: bool,
    /// The shop's order code.
    pub order_code: String,
    /// Its tickets.
    pub positions: Vec<PreorderPosition>,
    /// What the cashier must acknowledge; may be empty.
    pub warning_text: String,
}

/// One ticket of a preorder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PreorderPosition {
    /// Id, unique within the instance.
    pub id: PreorderPositionId,
    /// What is due at the desk when the preorder is unpaid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Which product.
    pub product: ProductId,
    /// What the ticket's code says. It is shown to cash desks, so it cannot be stored as a hash.
    pub secret: String,
}
