//! What stands in the topics of entities: what a product, an order or a task is by now, in one shape
//! for each kind.
//!
//! Most shapes are the fact that defined the entity. Those below leave out what a fact has for the
//! ledger alone: whatever opens something (keyed hashes, the codes of tickets), where devices are in
//! the venue's network (an address may hold a password), and what others wrote about somebody. People
//! are ids. The one name of a person is that of a waiter, and it stands in the waiter's own record
//! only, so that it goes with it.
//!
//! Members are declared in the order of their names, as in facts.

use crate::facts::{
    AtTable, CodePage, ListConstraint, OrderLine, PaymentMethod, Product, Quota, ReceiptRule,
    SalePayment, Table, TimeConstraint, Tx, Waiter, WarningConstraint,
};
use crate::id::{
    CashDeskId, PosId, PreorderId, PreorderPositionId, ProductId, SessionId, TxId, UserId, WaiterId,
};
use crate::money::Money;
use crate::time::At;
use serde::Serialize;

/// A shape, and the kind of entity that has it.
pub trait Entity: Serialize {
    /// The kind's name: one of [`ENTITIES`].
    const NAME: &'static str;
}

macro_rules! entities {
    ($($name:literal $shape:ty, $doc:literal;)*) => {
        /// The kinds of entities that have topics of their own, by name.
        pub const ENTITIES: [&str; [$($name),*].len()] = [$($name),*];

        $(impl Entity for $shape {
            const NAME: &'static str = $name;
        })*

        #[cfg(test)]
        pub(crate) fn json_schemas() -> Vec<(&'static str, &'static str, schemars::Schema)> {
            let generator = || schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
            vec![$(($name, $doc, generator().into_root_schema_for::<$shape>())),*]
        }
    };
}

entities! {
    "point_of_sale" PointOfSale, "a point of sale";
    "payment_method" PaymentMethod, "a payment method";
    "product" Product, "a product";
    "quota" Quota, "a number of pieces that products share";
    "time_constraint" TimeConstraint, "a sales window";
    "warning_constraint" WarningConstraint, "a warning that must be acknowledged";
    "list_constraint" ListConstraint, "a list, without the people on it";
    "preorder" Preorder, "a preorder, and which of its tickets were redeemed";
    "cash_desk" CashDesk, "a cash desk";
    "session" Session, "a session of a user at a cash desk";
    "table" Table, "a table";
    "waiter" Waiter, "a waiter";
    "order" Order, "the open order of a table; the record goes when the last of it is paid";
    "transaction" Tx, "a public transaction, as listtransactions shows it";
    "printer" Printer, "a printer, and what it prints by itself";
    "print_job" PrintJob, "a task of a printer; the record goes when the task is forgotten";
    "position" Position, "how far the views of an instance have come";
}

/// The kind that says how far all others have come: the last of them, and sent last.
pub const POSITION: &str = Position::NAME;

/// How far the views of an instance have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Position {
    /// The last event that all views reflect.
    pub seq: u64,
}

/// A point of sale, without its password's hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PointOfSale {
    /// Shown to administrators only.
    pub admin: bool,
    /// Whether it may sell.
    pub enabled: bool,
    /// Id.
    pub id: PosId,
    /// Name for people.
    pub name: String,
    /// The printer of its receipts; a cash desk's own comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<String>,
    /// Shown on request only.
    pub special: bool,
}

/// A preorder, without the codes of its tickets and the warning that cashiers read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
}

/// One ticket of a preorder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PreorderPosition {
    /// Id, unique within the instance.
    pub id: PreorderPositionId,
    /// What is due at the desk when the preorder is unpaid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Which product.
    pub product: ProductId,
    /// When it was redeemed; absent = it was not, or that was reversed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeemed: Option<At>,
}

/// A cash desk, without its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CashDesk {
    /// Id.
    pub id: CashDeskId,
    /// Whether nobody may work there at present.
    pub inactive: bool,
    /// Name for people.
    pub name: String,
    /// Where its sales are booked.
    pub point_of_sale: PosId,
    /// Its printer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<String>,
}

/// A session of a user at a cash desk, without its token's hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Session {
    /// Cash counted in the drawer at the end, when it was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_after: Option<Money>,
    /// Cash in the drawer at the start.
    pub cash_before: Money,
    /// Where.
    pub cash_desk: CashDeskId,
    /// When it ended; absent = it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<At>,
    /// Id.
    pub id: SessionId,
    /// When it was opened.
    pub opened: At,
    /// Before this nobody may work in it; absent = it began when it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<At>,
    /// Who.
    pub user: UserId,
}

/// The open order of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Order {
    /// The order: an upper-case GUID in braces.
    pub guid: String,
    /// Number of its bill; counts from 1 within the instance.
    pub invoice: u32,
    /// What was ordered, in that order; equal dishes stay apart.
    pub lines: Vec<OrderLine>,
    /// Seq of the event that opened it.
    pub opened: u64,
    /// What was paid.
    pub payments: Vec<OrderPayment>,
    /// Total of the lines.
    pub sum: Money,
    /// Where.
    pub table: AtTable,
    /// What is due.
    pub unpaid: Money,
    /// Who serves the table.
    pub waiter: WaiterId,
}

/// A payment towards an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OrderPayment {
    /// How much.
    pub amount: Money,
    /// The payment method that it counts as.
    pub method: SalePayment,
}

/// A printer, without its address. Nothing is left out because it is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Printer {
    /// Categories of products whose tickets it prints (a kitchen's printer), sorted.
    pub categories: Vec<String>,
    /// The alphabet of a printer that is not fiscal; absent = cp866.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_page: Option<CodePage>,
    /// Characters on a line of a printer that is not fiscal; absent = 42.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<u8>,
    /// Copies that follow each receipt.
    pub copies: u32,
    /// Whether the drawer that hangs on it is opened with every sale and when a desk asks.
    pub drawer: bool,
    /// Driver and transport: what stands before `://` in its address.
    pub driver: String,
    /// Lines at the top of each receipt of a printer that is not fiscal.
    pub header: Vec<String>,
    /// Id, the name under which the print server knows it.
    pub id: String,
    /// Which sales it prints receipts of; absent = none by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts: Option<ReceiptRule>,
}

/// A task of a printer. What it prints, and what the device said, stands in the events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintJob {
    /// When it was requested, begun or ended: the last of these.
    pub at: At,
    /// When it is not begun any more; absent = it may wait for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<At>,
    /// Seq of the event that says how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
    /// The task's name.
    pub id: String,
    /// The node that is at it; of a task that is not running, the only one that may do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Which printer.
    pub printer: String,
    /// Seq of its request.
    pub requested: u64,
    /// The first record of the sale that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale: Option<TxId>,
    /// Seq of its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
    /// Where it stands.
    pub state: PrintState,
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PrintState {
    /// It ended, and nothing that counts was printed.
    Failed,
    /// It was done.
    Printed,
    /// A node is at it.
    Running,
    /// It ended, and nobody knows how.
    Unknown,
    /// It waits for its turn.
    Waiting,
}
