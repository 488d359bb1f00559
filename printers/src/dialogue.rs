//! A conversation with a printer, without the wire: the caller writes what a [`Step`] says and
//! tells what it [`Heard`].
//!
//! Three layers. A [`Line`] gets one command across and finds its answer among the bytes: framing,
//! acknowledgements, repeats; there is one for each family. A *script* says what an operation asks
//! and what it makes of the answers. [`Conversation`] holds both together. Scripts are plain
//! functions that read like the printed manual, from top to bottom: after every answer the script
//! is run again from its beginning over all answers so far, and stops at the first question that
//! has none. So a script must ask the same questions when it hears the same answers, and holds no
//! state of its own.
//!
//! Printing twice is the one mistake that cannot be taken back. A command that prints at once or
//! moves money is marked as not repeatable: when its answer is lost, the script is told so and has
//! to look (is the receipt open? which document was the last?) before it goes on. What looking
//! cannot settle ends as [`Failure::Unknown`], and [`Operation::Settle`] looks again later.

mod conversation;

pub use conversation::{Conversation, Line, Progress, Stop, Talk};

use crate::device::{DeviceInfo, Message, Messages};
use crate::receipt::{Checked, CheckedReversal, Transfer};
use daybook_schema::Money;
use jiff::civil::DateTime;
use std::time::Duration;

/// What a printer is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Who it is. Prints nothing.
    Identify,
    /// How it is, and its clock. Prints nothing.
    Status,
    /// What is in its drawer.
    Cash,
    /// Print a receipt.
    Receipt(Box<Checked>),
    /// Print a receipt that takes back an earlier one.
    Reversal(Box<CheckedReversal>),
    /// Put money into the drawer.
    Deposit(Transfer),
    /// Take money out of the drawer.
    Withdraw(Transfer),
    /// Set its clock.
    SetTime(DateTime),
    /// Open the drawer. Prints nothing.
    Drawer,
    /// Close the day.
    ZReport,
    /// Report without closing the day.
    XReport,
    /// Print the last receipt once more.
    Duplicate,
    /// End whatever is open, by voiding it or by paying and closing it.
    Reset,
    /// Send one command as it is: its first character is the command, the rest is the data.
    Raw(String),
    /// Which document was the last, and is a receipt open? Prints nothing. Asked before a print, its
    /// answer is what [`Pending::before`] needs.
    LastDocument,
    /// Find out what became of a print whose outcome is unknown. What is still open is ended: voided
    /// if nothing was paid, else paid and closed.
    Settle(Pending),
}

impl Operation {
    /// What it means that the device could not even be asked how it is. Nothing was printed, but a
    /// print whose end nobody knows stays unknown.
    pub(crate) fn not_begun<C>(&self, stop: Stop<C>) -> Stop<C> {
        match (self, stop) {
            (Self::Settle(pending), Stop::Fail(Failure::Refused(messages))) => {
                let pending = Some(pending.clone());
                Failure::Unknown { pending, messages }.into()
            }
            (_, stop) => stop,
        }
    }
}

/// What must be kept to learn later what became of a print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The number of the last document before it.
    pub before: String,
    /// What the receipt comes to; `None` for what has no amount (a report) or moves money.
    pub total: Option<Money>,
}

/// What the number of a device's last document says about a print. Devices number what they print
/// without gaps, so only a document that came out alone can be it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// It stands lower: this is another device, or it was reset.
    Earlier,
    /// Nothing came out.
    Nothing,
    /// One document came out.
    One,
    /// More than one did, or the numbers cannot be counted.
    More,
}

impl Pending {
    /// What came out since, by the number of a later document. Numbers are compared as numbers:
    /// commands differ in how many zeros they write.
    pub(crate) fn since(&self, number: &str) -> Since {
        let value = |text: &str| text.trim().parse::<u64>().ok();
        match (value(&self.before), value(number)) {
            (Some(before), Some(now)) if now < before => Since::Earlier,
            (Some(before), Some(now)) if now == before => Since::Nothing,
            (Some(before), Some(now)) if now - before == 1 => Since::One,
            (None, None) if self.before.trim() == number.trim() => Since::Nothing,
            _ => Since::More,
        }
    }
}

/// For people, where the last document cannot be told from the one that was asked for.
pub(crate) fn meanwhile() -> Message {
    let text = "Another document was printed meanwhile: look at the paper";
    Message::error("E999", text)
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it brought.
    pub answer: Answer,
    /// What the device said about itself on the way. Errors among them mean that the device needs
    /// attention, not that a receipt was not printed.
    pub messages: Messages,
}

/// What an operation brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// Who the device is.
    Device(Box<DeviceInfo>),
    /// Its clock, if it could be read.
    Status(Option<DateTime>),
    /// What is in the drawer.
    Cash(Money),
    /// A receipt was printed.
    Printed(Printed),
    /// The bytes that came back, as text.
    Raw(String),
    /// Where the device stands.
    LastDocument(LastDocument),
}

/// A receipt that was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Its number, leading zeros kept.
    pub number: String,
    /// The device's clock when it was closed. `None` when it was settled afterwards, when the device
    /// no longer tells.
    pub time: Option<DateTime>,
    /// What the device says it came to.
    pub amount: Money,
    /// The fiscal memory that it is in.
    pub fiscal_memory: String,
}

/// Where a device stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDocument {
    /// The number of the last document of any kind.
    pub number: String,
    /// Whether a receipt is open.
    pub open: bool,
    /// What the open receipt, or else the last one, comes to.
    pub amount: Option<Money>,
    /// What was paid for it.
    pub paid: Option<Money>,
}

/// Why an operation did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was printed that counts: it was refused, or what was begun was voided.
    Refused(Messages),
    /// Nobody knows whether it was printed. It must not be asked again before it is settled.
    Unknown {
        /// What settling needs; `None` when it was lost before that was known, or for an operation
        /// that cannot be settled (a report): somebody has to look at the paper.
        pending: Option<Pending>,
        /// What is known.
        messages: Messages,
    },
}

impl Failure {
    /// What is known.
    #[must_use]
    pub fn messages(&self) -> &Messages {
        match self {
            Self::Refused(messages) | Self::Unknown { messages, .. } => messages,
        }
    }
}

impl From<Message> for Failure {
    fn from(message: Message) -> Self {
        Self::Refused(message.into())
    }
}

/// What came over the wire since the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// Nothing yet: the conversation begins.
    Nothing,
    /// These bytes, in any portions.
    Bytes(&'a [u8]),
    /// Nothing for as long as the step was patient.
    Silence,
    /// The wire broke, before or after the device heard what was sent. It is opened anew for the
    /// next [`Step::Send`]; if it cannot be opened, that is `Lost` again.
    Lost,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Drop what arrived unread, write these bytes, then listen.
    Send {
        /// What to write.
        bytes: Vec<u8>,
        /// How long to wait for the next byte before that is [`Heard::Silence`].
        patience: Duration,
    },
    /// Listen on.
    Listen {
        /// How long to wait for the next byte before that is [`Heard::Silence`].
        patience: Duration,
    },
    /// The conversation is over.
    Done(Box<Result<Outcome, Failure>>),
}

/// A conversation that somebody with a wire can hold.
pub trait Dialogue: Send {
    /// What to do, given what was heard since the last step. Begins with [`Heard::Nothing`]; after
    /// [`Step::Done`] there is nothing more to ask.
    fn next(&mut self, heard: Heard<'_>) -> Step;
}
