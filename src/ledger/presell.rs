//! What tablets and lanes ask for with sales that are built before they are paid.

use daybook_schema::Quantity;
use daybook_schema::id::{PaymentMethodId, PosId, PresellId, ProductId};

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum PresellCommand {
    /// Open a sale for a lane.
    Open {
        /// The lane that will complete it.
        lane: PosId,
        /// What the tablet calls it; the same again is the same sale.
        external_id: Option<String>,
    },
    /// Add a product at the catalogue's price.
    AddProduct {
        /// Which sale.
        id: PresellId,
        /// Which product.
        product: ProductId,
        /// How much; above 0.
        quantity: Quantity,
    },
    /// Name the customer.
    SetCustomer {
        /// Which sale.
        id: PresellId,
        /// The customer's id.
        customer: String,
    },
    /// Hand it to the lane.
    HandOver(PresellId),
    /// The tablet abandons it.
    Abandon(PresellId),
    /// The lane abandons what was handed to it.
    Dismiss(PresellId),
    /// The lane takes the payment.
    Complete {
        /// Which sale.
        id: PresellId,
        /// How it is paid.
        payment_method: PaymentMethodId,
    },
}
