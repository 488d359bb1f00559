//! Decisions: plain functions of the views, the command and the time. No clock, no I/O, no
//! randomness; the same arguments always give the same facts.

mod access;
mod catalogue;
mod desk;
mod ids;
mod presale;
mod presell;
mod print;
mod receipt;
mod references;
mod sale;
mod table;

pub use print::{attempt, first_attempt};
pub use sale::open_till;

use super::command::{Action, Command, CommandId};
use super::desk::PositionRefusal;
use daybook_projections::Views;
use daybook_schema::facts::{ClockStep, Message};
use daybook_schema::id::{
    CashDeskId, ConstraintId, KeyId, ModifierId, PaymentMethodId, PosId, PresellId, ProductId,
    SessionId, TableId, UserId,
};
use daybook_schema::{At, Fact};

/// What a command leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Facts to record, perhaps none.
    Record(Vec<Fact>),
    /// The command was done before, by the events `first..end`.
    Repeat {
        /// Seq of its first event.
        first: u64,
        /// Seq after its last event.
        end: u64,
    },
}

/// Why a command is refused. Nothing is recorded then. In order of precedence within a sale.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such point of sale.
    #[error("there is no point of sale {0}")]
    UnknownPointOfSale(PosId),
    /// The point of sale may not sell.
    #[error("point of sale {0} is disabled")]
    PointOfSaleDisabled(PosId),
    /// The point of sale has a password, and it was not given.
    #[error("the password of point of sale {0} is missing or wrong")]
    WrongPassword(PosId),
    /// The command id was used for another request.
    #[error("the command id was used for a different request")]
    CommandConflict,
    /// The product is not sold there.
    #[error("product {0} is not sold at this point of sale")]
    UnknownProduct(ProductId),
    /// The payment method is not taken there.
    #[error("payment method {0} is not taken at this point of sale")]
    UnknownPaymentMethod(PaymentMethodId),
    /// A line or the sale is larger than any sale may be.
    #[error("the amount is out of range")]
    AmountOutOfRange,
    /// The venue is not described yet.
    #[error("this instance has no catalogue yet: import one first")]
    NoCatalogue,
    /// There is no such key.
    #[error("there is no key {0}")]
    UnknownKey(KeyId),
    /// The key ended before.
    #[error("key {0} is revoked already")]
    KeyRevoked(KeyId),
    /// The same secret is in force under another id.
    #[error("this key is in force already, as key {0}")]
    KeyInUse(KeyId),
    /// There is no such session.
    #[error("there is no session {0}")]
    UnknownSession(SessionId),
    /// There is no such cash desk.
    #[error("there is no cash desk {0}")]
    UnknownCashDesk(CashDeskId),
    /// There is no such user.
    #[error("there is no user {0}")]
    UnknownUser(UserId),
    /// The token opens another session.
    #[error("this token belongs to session {0} already")]
    TokenInUse(SessionId),
    /// The session ended, or has not begun.
    #[error("the session has ended")]
    SessionEnded,
    /// The session ended before.
    #[error("session {0} is closed already")]
    SessionClosed(SessionId),
    /// The session's cash desk is not there any more, or inactive.
    #[error("the session's cash desk is inactive")]
    CashDeskInactive,
    /// The cash desk's point of sale takes no cash.
    #[error("point of sale {0} has no cash payment method")]
    NoCash(PosId),
    /// At least one position of a cart is refused; one entry for each position.
    #[error("at least one position cannot be booked")]
    Positions(Vec<Option<PositionRefusal>>),
    /// Reverse 1: there is no such sale.
    #[error("Transaction ID not known.")]
    UnknownSale,
    /// Reverse 2: another session's sale.
    #[error("Only troubleshooters can reverse sales from other sessions.")]
    ForeignSale,
    /// Reverse 3: taken back before.
    #[error("At least one position of this transaction has already been reversed.")]
    AlreadyReversed,
    /// Reverse 4: a reversal itself.
    #[error("At least one position of this transaction is a reversal.")]
    IsReversal,
    /// No pack has this code.
    #[error("Unknown supply pack barcode.")]
    UnknownSupply,
    /// The pack is still in store.
    #[error(
        "This supply pack has not been transferred to the troubleshooter yet, you cannot use it."
    )]
    SupplyInStore,
    /// The pack was taken apart.
    #[error("This supply pack does not exist any more.")]
    SupplyDissolved,
    /// A desk has used the pack.
    #[error("This supply pack has already been used.")]
    SupplyUsed,
    /// There is no such ping.
    #[error("there is no such ping")]
    UnknownPing,
    /// There is no such table.
    #[error("there is no table {0}")]
    UnknownTable(TableId),
    /// The dish is not on the menu.
    #[error("there is no dish {0} on the menu")]
    UnknownDish(ProductId),
    /// The dish has no such modifier.
    #[error("dish {0} has no modifier {1}")]
    UnknownModifier(ProductId, ModifierId),
    /// A modifier that lowers the price, more often than there are pieces.
    #[error("modifier {1} lowers the price of dish {0}: at most once for each piece")]
    TooOften(ProductId, ModifierId),
    /// The order has as many lines as any may have.
    #[error("the order of table {0} would have more than 1000 lines: pay it first")]
    OrderFull(TableId),
    /// No point of sale takes the table's orders.
    #[error("no point of sale takes the orders of table {0}")]
    NowhereToSell(TableId),
    /// The point of sale takes no payments.
    #[error("point of sale {0} has no payment method")]
    NoPaymentMethod(PosId),
    /// Nothing was ordered, or everything is paid.
    #[error("table {0} has no open order")]
    NoOpenOrder(TableId),
    /// More than is due, or nothing.
    #[error("the sum must be above 0 and not more than what is due")]
    InvalidSum,
    /// The provider confirms what nobody began.
    #[error("there is no such payment")]
    UnknownPayment,
    /// There is no such sale of a tablet.
    #[error("there is no tablet sale {0}")]
    UnknownPresell(PresellId),
    /// The tablet's sale was handed over, completed or abandoned.
    #[error("tablet sale {0} is closed")]
    PresellClosed(PresellId),
    /// The tablet still builds the sale.
    #[error("tablet sale {0} is still being built: the tablet has to hand it over first")]
    PresellUnfinished(PresellId),
    /// There is nothing to hand over.
    #[error("tablet sale {0} has no line yet")]
    PresellEmpty(PresellId),
    /// The tablet's sale has as many lines as any may have.
    #[error("tablet sale {0} cannot take more lines")]
    PresellFull(PresellId),
    /// The task's name was used before.
    #[error("there is a task \"{0}\" already")]
    TaskUsed(String),
    /// There is no such task, or it ended so long ago that it was forgotten.
    #[error("there is no task \"{0}\"")]
    UnknownTask(String),
    /// The task does not wait any more.
    #[error("task \"{0}\" was begun already")]
    TaskBegun(String),
    /// Another task of the printer comes first.
    #[error("printer \"{0}\" has something else to do first")]
    PrinterBusy(String),
    /// The task's outcome is known already.
    #[error("the outcome of task \"{0}\" is known already, or it is not begun yet")]
    TaskSettled(String),
    /// There is no such list.
    #[error("there is no list constraint {0}: the catalogue defines lists")]
    UnknownList(ConstraintId),
    /// The catalogue has taken the highest id that there is.
    #[error(
        "no id is left for another {0}: the catalogue has taken the highest one; take lower ids there"
    )]
    NoFreeId(&'static str),
    /// A message of no or too many characters, or the reserved one.
    #[error("a message has 1 to 500 characters and is not \"updatepos\"")]
    MessageText,
    /// The catalogue contradicts what the ledger holds.
    #[error("{}", .0.join("\n"))]
    Catalogue(Vec<String>),
    /// A fact that does not fit an event line.
    #[error("this does not fit one event: {0}")]
    TooLong(String),
    /// More events than one append takes.
    #[error("this makes {0} events, more than one import may: split the file")]
    TooManyEvents(usize),
}

/// Decides a command against the views, at a time.
///
/// # Errors
/// The reason of a refusal.
pub fn decide(views: &Views, command: &Command, at: At) -> Result<Decision, Rejection> {
    let mut decision = of_action(views, command, at)?;
    if let Decision::Record(facts) = &mut decision {
        print::follow(views, facts, at);
    }
    Ok(decision)
}

fn of_action(views: &Views, command: &Command, at: At) -> Result<Decision, Rejection> {
    let record = |fact| Ok(Decision::Record(vec![fact]));
    match &command.action {
        Action::PayItems(pay) => sale::pay_items(views, &command.id, pay, at),
        Action::RegisterDevice { uuid, workplace } => {
            record(access::register_device(views, uuid, *workplace))
        }
        Action::Import(catalogue) => catalogue::import(views, catalogue).map(Decision::Record),
        Action::IssueKey { name, hash, scopes } => {
            record(access::issue_key(views, name, *hash, scopes)?)
        }
        Action::RevokeKey(id) => record(access::revoke_key(views, *id)?),
        Action::Desk(desk) => desk::decide(views, &command.id, desk, at),
        Action::Table(table) => table::decide(views, &command.id, table, at),
        Action::Presell(presell) => presell::decide(views, presell, at),
        Action::Print(print) => print::decide(views, &command.id, print, at),
        Action::SyncPing(id) => desk::sync_ping(views, &command.id, *id),
        Action::OpenSession(session) => record(access::open_session(views, session)?),
        Action::CloseSession(end) => record(access::close_session(views, end)?),
        Action::ImportOrders { orders, dropped } => {
            presale::orders(views, orders, dropped).map(Decision::Record)
        }
        Action::ImportMembers(list, members) => {
            presale::members(views, *list, members).map(Decision::Record)
        }
        Action::SendMessage(text) => record(send_message(views, text)?),
    }
}

/// What a command that was done before leads to: the same again, or a conflict when the request is
/// another one. Nothing when it was not done.
fn repeated(views: &Views, id: &CommandId) -> Option<Result<Decision, Rejection>> {
    let request = id.request?;
    let done = views.command.done(&id.cmd)?;
    let repeat = Decision::Repeat {
        first: done.first,
        end: done.end,
    };
    let same = request == done.request;
    Some(same.then_some(repeat).ok_or(Rejection::CommandConflict))
}

/// How far clocks of nodes may differ before it is worth an event. Unit: microseconds.
const CLOCK_TOLERANCE: i64 = 1_000_000;

/// The fact that the clock is behind the log, once for each time that it falls behind.
#[must_use]
pub fn clock_step(views: &Views, now: At) -> Option<Fact> {
    let from = views.at;
    let behind = now.micros() + CLOCK_TOLERANCE < from.micros();
    let recorded = views.instance.clock_step() == Some(from);
    (behind && !recorded).then_some(Fact::ClockStepped(ClockStep { from, to: now }))
}

fn send_message(views: &Views, text: &str) -> Result<Fact, Rejection> {
    views.instance.described().ok_or(Rejection::NoCatalogue)?;
    let length = text.chars().count();
    if !(1..=500).contains(&length) || text == "updatepos" {
        return Err(Rejection::MessageText);
    }
    Ok(Fact::MessageSent(Message {
        text: text.to_owned(),
    }))
}
