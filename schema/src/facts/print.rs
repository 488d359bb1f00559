//! What is printed: tasks, from the request to the paper, and what nobody can know.
//!
//! A task is one job for one printer. Its request stands in the log before the first byte is sent,
//! its start before the first byte that prints. `request` is as at cash desks.

use super::catalogue::is_false;
use crate::facts::PaymentKind;
use crate::hash::Digest;
use crate::id::TxId;
use crate::line::exact_integer;
use crate::money::{Money, Quantity};
use crate::time::At;
use serde::{Deserialize, Deserializer, Serialize};

/// A task was given to a printer, and waits for its turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintRequest {
    /// When it is not begun any more; absent = it may wait for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<At>,
    /// What is to be done.
    pub job: PrintJob,
    /// The only node that does it; absent = whichever has the printer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Which printer.
    pub printer: String,
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// The first record of the sale that it is about.
    #[serde(
        default,
        deserialize_with = "exact_sale",
        skip_serializing_if = "Option::is_none"
    )]
    pub sale: Option<TxId>,
    /// The task's name, used once.
    pub task: String,
}

/// What a printer can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PrintJob {
    /// What is in the drawer.
    Cash,
    /// A receipt once more, marked as a copy.
    Copy(PrintCopy),
    /// Set the clock.
    Datetime(PrintClock),
    /// Money into the drawer.
    Deposit(PrintTransfer),
    /// Open the drawer.
    Drawer,
    /// The device's last receipt once more.
    Duplicate,
    /// One command of the device, as it is: its first character is the command.
    Raw(PrintRaw),
    /// A receipt.
    Receipt(PrintReceipt),
    /// End whatever is open.
    Reset,
    /// A receipt that takes one back.
    Reversal(PrintReversal),
    /// What a kitchen has to make: names and quantities.
    Ticket(PrintReceipt),
    /// Money out of the drawer.
    Withdraw(PrintTransfer),
    /// The report that does not close the day.
    Xreport,
    /// The report that closes the day.
    Zreport,
}

impl PrintJob {
    /// Whether an operator's password came with it, without which it cannot be done.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        match self {
            Self::Receipt(receipt) | Self::Ticket(receipt) => receipt.secret,
            Self::Reversal(reversal) => reversal.receipt.secret,
            Self::Deposit(transfer) | Self::Withdraw(transfer) => transfer.secret,
            _ => false,
        }
    }
}

/// A receipt to be printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintReceipt {
    /// What stands on it, in order.
    pub items: Vec<PrintItem>,
    /// The receipt's number, where the ledger numbers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Who stands at the till; absent = as the printer is set up. The password is never written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// How it was paid; nothing means all in cash.
    pub payments: Vec<PrintPayment>,
    /// Whether a password came with the operator: without it the task cannot be done. Left out when
    /// none did.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(test, schemars(extend("const" = true)))]
    pub secret: bool,
    /// The unique number of the sale, as fiscal law has it; absent = none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_sale_number: Option<String>,
}

/// One item of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PrintItem {
    /// A line of text.
    Comment(String),
    /// A line of text after the payments.
    Footer(String),
    /// Something sold.
    Sale(PrintSale),
    /// Something on (below zero: off) the receipt so far.
    Subtotal(Money),
}

/// Something sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintSale {
    /// An article number, for devices that want one.
    pub code: u32,
    /// The device's department; 0 is none.
    pub department: u32,
    /// How its price is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modifier: Option<PrintModifier>,
    /// How many, in thousandths; 0 counts as one.
    pub quantity: Quantity,
    /// The device's tax group, 1 to 8; 0 where a receipt is not fiscal.
    pub tax_group: u8,
    /// Its name.
    pub text: String,
    /// What one costs, tax included, in hundredths.
    pub unit_price: Money,
}

/// How the price of a line is changed; below zero is a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PrintModifier {
    /// By an amount, in hundredths.
    Amount(Money),
    /// By hundredths of a percent of it.
    Percent(i32),
}

/// A part of how a receipt was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintPayment {
    /// How much, in hundredths; absent = what the others leave open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// With what; absent = this is change that was given back, below zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<PaymentKind>,
}

/// A receipt that takes back an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintReversal {
    /// What it takes back.
    pub original: PrintOriginal,
    /// Why.
    pub reason: PrintReason,
    /// What is taken back, in positive quantities and amounts.
    pub receipt: PrintReceipt,
}

/// The receipt that a reversal takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PrintOriginal {
    /// One of any device, as the client described it.
    Paper(PrintedPaper),
    /// What a task of this log printed: seq of its `print.requested` event.
    Request(#[serde(deserialize_with = "exact_integer")] u64),
}

/// A printed receipt, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintedPaper {
    /// The fiscal memory that it is in.
    pub fiscal_memory: String,
    /// Its number.
    pub number: String,
    /// When it was printed: the device's local time, `2026-05-01T12:00:00`.
    pub time: String,
}

/// Why a receipt is taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PrintReason {
    /// Somebody typed something wrong.
    #[default]
    OperatorError,
    /// The goods came back.
    Refund,
    /// The price was lowered afterwards.
    TaxBaseReduction,
}

/// A copy of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintCopy {
    /// Which copy of it, from 1.
    pub copy: u32,
    /// Seq of the `print.requested` event of the receipt.
    #[serde(deserialize_with = "exact_integer")]
    pub of: u64,
}

/// The clock of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintClock {
    /// Local time, `2026-05-01T12:00:00`; absent = the time when it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// Money into the drawer or out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintTransfer {
    /// How much, in hundredths; above zero.
    pub amount: Money,
    /// Who stands at the till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Whether a password came with the operator; left out when none did.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(test, schemars(extend("const" = true)))]
    pub secret: bool,
}

/// A command of the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintRaw {
    /// The command and its data.
    pub command: String,
}

/// A node is about to send the task to the device: from here on, paper may come out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintStart {
    /// The number of the device's last document, where it numbers them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The serial number of the device, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Which node.
    pub node: String,
    /// Which task.
    pub task: String,
    /// The unique number of the sale, where fiscal law has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_sale_number: Option<String>,
}

/// A task is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintDone {
    /// What the receipt comes to, or what is in the drawer, as the device says; in hundredths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The fiscal memory that the receipt is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fiscal_memory: Option<String>,
    /// What the device had to say.
    pub messages: Vec<PrintMessage>,
    /// The receipt's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What a raw command brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// Which task.
    pub task: String,
    /// The device's clock, `2026-05-01T12:00:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// A task ended without paper that counts; or nobody knows (`print.unknown`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintEnd {
    /// Why.
    pub messages: Vec<PrintMessage>,
    /// Which task.
    pub task: String,
}

/// Something that a device, or the ledger, has to say about a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintMessage {
    /// Standard code; information has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How bad it is.
    pub level: PrintLevel,
    /// The device's own number for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    /// For people.
    pub text: String,
}

/// How bad a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PrintLevel {
    /// The task failed, or the next one will.
    Error,
    /// Good to know.
    Info,
    /// Somebody should look at it soon.
    Warning,
}

/// What went over the wire for a task, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintTalk {
    /// In order: `>` (sent) or `<` (heard) and the bytes as hex. Passwords are blanked.
    pub frames: Vec<String>,
    /// Which task.
    pub task: String,
}

/// A receipt got its number. A copy keeps it, and no number is given twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReceiptNumber {
    /// Counts from 1 within the instance, without gaps.
    pub number: u32,
    /// The first record of the sale whose receipt it is.
    #[serde(
        default,
        deserialize_with = "exact_sale",
        skip_serializing_if = "Option::is_none"
    )]
    pub sale: Option<TxId>,
    /// The task that prints it.
    pub task: String,
}

fn exact_sale<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TxId>, D::Error> {
    exact_integer(deserializer).map(|id| Some(TxId(id)))
}
