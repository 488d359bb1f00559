//! What guests and staff ask for at a table.

use daybook_schema::id::{ModifierId, ProductId, TableId};
use daybook_schema::{Money, Quantity};

/// Something that happens at a table.
#[derive(Clone, Debug)]
pub struct TableCommand {
    /// Which table.
    pub table: TableId,
    /// What is asked for.
    pub wish: TableWish,
    /// Chance for what the command may have to name.
    pub chance: Chance,
}

/// Random numbers from where there is randomness: decisions have none of their own.
#[derive(Clone, Debug)]
pub struct Chance {
    /// Where to begin to look for a hash that the queue does not have.
    pub hash: u32,
    /// For the GUID of an order that is opened.
    pub guid: [u8; 16],
}

/// What can be asked for at a table.
#[derive(Clone, Debug)]
pub enum TableWish {
    /// Call the waiter.
    Call,
    /// Add dishes to the open order, or open one.
    Order(Vec<Dish>),
    /// Take a payment now.
    Pay {
        /// How much; all that is due when nothing is said.
        sum: Option<Money>,
        /// What the payment is called.
        name: Option<String>,
    },
    /// A guest goes to pay at a provider.
    StartPayment {
        /// How much; all that is due and that nobody else is about to pay.
        sum: Option<Money>,
        /// Id under which the provider will know it.
        payment: String,
    },
    /// The provider confirms a payment.
    ConfirmPayment {
        /// Its id.
        payment: String,
        /// How much the provider took.
        sum: Money,
        /// What the payment is called.
        name: Option<String>,
    },
}

/// A dish to add.
#[derive(Clone, Debug)]
pub struct Dish {
    /// Which.
    pub product: ProductId,
    /// How much; above 0.
    pub count: Quantity,
    /// Its modifiers, and how often each over the whole line; above 0.
    pub modifiers: Vec<(ModifierId, Quantity)>,
}
