//! What every script of a device of ISL Ltd. does: ask, give orders, and make messages of the
//! answers.

use super::frame::{ANYBODY, Address};
use super::line::{Command, Reply, Want};
use super::status;
use super::words::{self, Identity, Last, identity, last};
use crate::device::{Message, Messages};
use crate::dialogue::{Failure, Stop, Talk};
use std::ops::RangeInclusive;
use std::time::Duration;

/// A script stops to ask, or because it failed.
pub(super) type Halt = Stop<Command>;

/// How often an order is given that was damaged on its way.
const ORDERS: usize = 3;

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ordered {
    /// It was carried out.
    Done,
    /// It was not, and this is the error number.
    Refused(u16),
    /// Nobody knows.
    Lost,
}

/// What the bit status says about the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    /// One is open.
    pub(super) open: bool,
    /// Something was paid for it.
    pub(super) paying: bool,
    /// There is turnover since the last daily report.
    pub(super) turnover: bool,
}

/// A conversation under way.
pub(super) struct Session<'a, 'r> {
    talk: &'a mut Talk<'r, Reply>,
    to: Address,
    /// Who the device is.
    pub(super) identity: Identity,
    /// How it was at the beginning.
    pub(super) condition: Condition,
    /// What was said so far.
    pub(super) messages: Messages,
}

pub(super) fn silent() -> Message {
    Message::error("E101", "The printer does not answer")
}

pub(super) fn strange() -> Message {
    Message::error("E107", "The answer of the printer cannot be read")
}

impl<'a, 'r> Session<'a, 'r> {
    /// Asks any device who it is (that gives the address) and how it is.
    pub(super) fn begin(talk: &'a mut Talk<'r, Reply>) -> Result<Self, Halt> {
        let mut session = Self {
            talk,
            to: ANYBODY,
            identity: Identity {
                serial: String::new(),
                fiscal_memory: String::new(),
                tax_number: String::new(),
                address: ANYBODY,
            },
            condition: Condition {
                open: false,
                paying: false,
                turnover: false,
            },
            messages: Messages::default(),
        };
        let data = session.data("00", 46..=46)?;
        session.identity = identity(data).ok_or_else(strange)?;
        session.to = session.identity.address;
        let bits = words::bits(session.data("F80C", 12..=12)?).ok_or_else(strange)?;
        session.condition = condition(bits);
        session.messages = messages(bits);
        Ok(session)
    }

    /// A failure before anything was printed.
    pub(super) fn fail(&self, message: Message) -> Halt {
        let mut messages = Messages::from(message);
        messages.extend(self.messages.clone());
        Failure::Refused(messages).into()
    }

    /// The answer to a question that may stay open.
    pub(super) fn try_data(
        &mut self,
        body: &str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<&'r [u8]>, Halt> {
        match self.ask(body.as_bytes(), Want::Data(length), true)? {
            Some(Reply::Data(data)) => Ok(Some(data)),
            _ => Ok(None),
        }
    }

    /// The answer to a question without which there is no going on.
    pub(super) fn data(
        &mut self,
        body: &str,
        length: RangeInclusive<usize>,
    ) -> Result<&'r [u8], Halt> {
        self.try_data(body, length)?
            .ok_or_else(|| self.fail(silent()))
    }

    /// What became of an order.
    pub(super) fn order_once(&mut self, body: &[u8]) -> Result<Ordered, Halt> {
        Ok(match self.ask(body, Want::Done, false)? {
            Some(Reply::Done | Reply::Data(_)) => Ordered::Done,
            Some(Reply::Refused) => Ordered::Refused(self.error_number()?.unwrap_or_default()),
            None => Ordered::Lost,
        })
    }

    /// What became of an order within a receipt. A refusal without an error number means that it was
    /// damaged on its way and not carried out, so it is given again; should it have been carried out
    /// after all, the total of the receipt tells.
    pub(super) fn order(&mut self, body: &[u8]) -> Result<Ordered, Halt> {
        let mut ordered = Ordered::Refused(0);
        for _ in 0..ORDERS {
            ordered = self.order_once(body)?;
            if ordered != Ordered::Refused(0) {
                break;
            }
        }
        Ok(ordered)
    }

    /// Whatever comes back.
    pub(super) fn raw(&mut self, body: &[u8]) -> Result<Option<&'r Reply>, Halt> {
        self.ask(body, Want::Anything, false)
    }

    fn ask(&mut self, body: &[u8], want: Want, question: bool) -> Result<Option<&'r Reply>, Halt> {
        self.talk.ask(Command::Say {
            to: self.to,
            body: body.to_vec(),
            want,
            question,
            report: body.starts_with(b"51"),
        })
    }

    /// Nothing is said for a while.
    pub(super) fn pause(&mut self, time: Duration) -> Result<(), Halt> {
        self.talk.ask(Command::Pause(time))?;
        Ok(())
    }

    /// Why the last order was refused; 0 when it was not.
    pub(super) fn error_number(&mut self) -> Result<Option<u16>, Halt> {
        let data = self.try_data("F809", 3..=3)?;
        Ok(data.and_then(|data| std::str::from_utf8(data).ok()?.parse().ok()))
    }

    /// How it is now.
    pub(super) fn look(&mut self) -> Result<Option<Condition>, Halt> {
        let data = self.try_data("F80C", 12..=12)?;
        Ok(data.and_then(words::bits).map(condition))
    }

    /// Number and total of the last document.
    pub(super) fn last(&mut self) -> Result<Option<Last>, Halt> {
        Ok(self.try_data("F801", 24..=24)?.and_then(last))
    }

    /// The clock.
    pub(super) fn clock(&mut self) -> Result<Option<jiff::civil::DateTime>, Halt> {
        let data = self.try_data("F3", 12..=12)?;
        Ok(data.and_then(|data| words::read_time(std::str::from_utf8(data).ok()?)))
    }
}

fn condition(bits: [u8; 6]) -> Condition {
    let [_, receipt, mode, ..] = bits;
    Condition {
        open: mode & 0x40 != 0 || receipt & 0x06 != 0,
        paying: receipt & 0x02 != 0,
        turnover: receipt & 0x08 != 0,
    }
}

fn messages(bits: [u8; 6]) -> Messages {
    let set = |at: usize, bit: u8| bits.get(at).is_some_and(|byte| byte >> bit & 1 == 1);
    let told = status::BITS.iter().filter(|(at, bit, ..)| set(*at, *bit));
    told.map(|(_, _, code, text)| match code.as_bytes().first() {
        Some(b'E') => Message::error(code, *text),
        Some(_) => Message::warning(code, *text),
        None => Message::info(*text),
    })
    .collect()
}

/// The error of a number.
pub(super) fn refusal(number: u16) -> Messages {
    let message = Message::error(status::code(number), status::text(number));
    message.with_original(format!("{number:03}")).into()
}
