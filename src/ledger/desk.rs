//! What a cash desk asks for, and why a position of it may be refused.

use daybook_schema::id::{ConstraintId, ProductId, SessionId, TxId};
use daybook_schema::{At, Digest, Money};
use std::collections::{BTreeMap, BTreeSet};

/// Something that a session asks for.
#[derive(Clone, Debug)]
pub struct DeskCommand {
    /// Which session.
    pub session: SessionId,
    /// What it asks for.
    pub wish: Wish,
}

/// What a session can ask for.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Book positions together, or none of them.
    Book(Cart),
    /// Take back a whole sale.
    Reverse(TxId),
    /// Open the drawer.
    OpenDrawer,
    /// Print the receipt of a sale once more.
    CopyReceipt(TxId),
    /// Call for more items.
    RequestSupply,
    /// Put the pack with this code to use.
    UseSupply(String),
    /// Call the next customer.
    AdvanceDisplay,
    /// Print a code.
    SendPing(String),
    /// A code was scanned.
    AnswerPing(String),
}

/// What is to be booked together.
#[derive(Clone, Debug)]
pub struct Cart {
    /// The cash that the customer gave.
    pub cash_given: Option<Money>,
    /// The positions, in the order of the request.
    pub positions: Vec<Wanted>,
}

/// One position of a cart.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// It was refused before the ledger saw it; it is answered in its turn.
    Refused(PositionRefusal),
    /// Redeem a ticket.
    Redeem(Redeem),
    /// Sell a product.
    Sell(Sell),
}

/// A ticket to redeem.
#[derive(Clone, Debug, Default)]
pub struct Redeem {
    /// What its code says.
    pub secret: Option<String>,
    /// The purse: what the customer pays instead of what is asked for.
    pub bypass_price: Option<Money>,
    /// The preorder's warning was acknowledged.
    pub warning_acknowledged: bool,
    /// What was answered to constraints.
    pub answers: Answers,
}

/// A product to sell.
#[derive(Clone, Debug)]
pub struct Sell {
    /// Which; or why the request names none.
    pub product: Result<ProductId, PositionRefusal>,
    /// Keyed hash of a badge that overrides refusals.
    pub auth: Option<Digest>,
    /// What was answered to constraints.
    pub answers: Answers,
}

/// What a cashier answered to constraints.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Acknowledged warnings.
    pub acknowledged: BTreeSet<ConstraintId>,
    /// Values given for lists.
    pub lists: BTreeMap<ConstraintId, ListValue>,
}

/// What was given for a list: the identifier of an entry, or a badge.
#[derive(Clone, Debug)]
pub struct ListValue {
    /// As an identifier; none when the value can be none.
    pub identifier: Option<String>,
    /// As the keyed hash of a badge.
    pub badge: Option<Digest>,
}

/// Why a position is refused, in the order in which it is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PositionRefusal {
    /// It is no object.
    Invalid,
    /// There is no such type of position.
    UnknownType(String),
    /// `bypass_price` is no amount.
    InvalidBypassPrice,
    /// Redeem 1: no secret.
    NoSecret,
    /// Redeem 2: no ticket has this secret.
    UnknownTicket,
    /// Redeem 4: the preorder was canceled.
    Canceled,
    /// Redeem 5: the preorder is unpaid, and so much is due, if anyone knows how much.
    Unpaid(Option<Money>),
    /// Redeem 6: outside of all windows.
    NotAvailable,
    /// Redeem 7: it was redeemed before.
    AlreadyRedeemed(Redemption),
    /// Redeem 8: the preorder's warning.
    TicketWarning(String),
    /// Sell 1: no product.
    NoProduct,
    /// Sell 2: no such product.
    UnknownProduct,
    /// Sell 3: invisible, outside of all windows, or sold out.
    SoldOut,
    /// Sell 4: needs a troubleshooter.
    NeedsAuthorization,
    /// Redeem 9, sell 5: a warning of the product.
    Warning {
        /// Which.
        id: ConstraintId,
        /// What the cashier reads.
        message: String,
        /// What buys it free.
        price: Option<Money>,
    },
    /// Redeem 10 to 12, sell 6: a list.
    List {
        /// Which.
        id: ConstraintId,
        /// Its name.
        name: String,
        /// What buys it free.
        price: Option<Money>,
        /// What is wrong.
        fault: ListFault,
    },
    /// Two constraints were paid for whose tax rates differ.
    MixedTaxRates,
}

/// An earlier redemption of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// What the ticket's code says.
    pub secret: String,
    /// When it was redeemed.
    pub at: At,
}

/// What is wrong with an answer to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFault {
    /// There is none.
    Missing,
    /// No entry has this identifier.
    Unknown,
    /// The entry was used before.
    Used,
}
