//! What every script of a Tremol device does: ask, give orders, and make messages of the answers.

use super::line::{Command, Reply};
use super::status;
use super::words::{self, Current, LastReceipt, decode, question};
use crate::device::{Message, Messages};
use crate::dialogue::{Failure, Stop, Talk};

/// A script stops to ask, or because it failed.
pub(super) type Halt = Stop<Command>;

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ordered {
    /// It was carried out.
    Done,
    /// It was not.
    Refused(Messages),
    /// Nobody knows.
    Lost,
}

/// A conversation under way.
pub(super) struct Session<'a, 'r> {
    talk: &'a mut Talk<'r, Reply>,
    /// What was said so far.
    pub(super) messages: Messages,
    /// The device is registered, so its receipts are fiscal.
    pub(super) fiscalised: bool,
}

pub(super) fn silent() -> Message {
    Message::error("E101", "The printer does not answer")
}

pub(super) fn strange() -> Message {
    Message::error("E107", "The answer of the printer cannot be read")
}

impl<'a, 'r> Session<'a, 'r> {
    /// A conversation that begins by asking how the device is. That the first command is a harmless
    /// question matters: the device may take the first number for one that it has answered before.
    pub(super) fn begin(talk: &'a mut Talk<'r, Reply>) -> Result<Self, Halt> {
        let mut session = Self {
            talk,
            messages: Messages::default(),
            fiscalised: false,
        };
        // An acknowledgement answers no question: it is the one that this number got before.
        let bytes = match session.talk.ask(question(0x20, ""))? {
            Some(Reply::Data(data)) => data,
            Some(Reply::Acknowledged(..)) => session.data(0x20, "")?,
            Some(Reply::Unready(byte)) => return Err(session.fail(unready(*byte))),
            None => return Err(session.fail(silent())),
        };
        session.messages.extend(bits(bytes));
        session.fiscalised = bytes.get(3).is_some_and(|byte| byte & 0x20 != 0);
        Ok(session)
    }

    /// A failure before anything was printed.
    pub(super) fn fail(&self, message: Message) -> Halt {
        let mut messages = Messages::from(message);
        messages.extend(self.messages.clone());
        Failure::Refused(messages).into()
    }

    /// The answer to a question without which there is no going on.
    pub(super) fn data(&mut self, code: u8, data: &str) -> Result<&'r [u8], Halt> {
        match self.talk.ask(question(code, data))? {
            Some(Reply::Data(data)) => Ok(data),
            Some(Reply::Acknowledged(device, command)) => {
                let refused = refusal(*device, *command).into_iter().next();
                Err(self.fail(refused.unwrap_or_else(strange)))
            }
            Some(Reply::Unready(byte)) => Err(self.fail(unready(*byte))),
            None => Err(self.fail(silent())),
        }
    }

    /// The answer to a question that may stay open.
    pub(super) fn try_data(&mut self, code: u8, data: &str) -> Result<Option<&'r [u8]>, Halt> {
        match self.talk.ask(question(code, data))? {
            Some(Reply::Data(data)) => Ok(Some(data)),
            _ => Ok(None),
        }
    }

    /// Whatever comes back.
    pub(super) fn raw(&mut self, command: Command) -> Result<Option<&'r Reply>, Halt> {
        self.talk.ask(command)
    }

    /// What became of an order.
    pub(super) fn order(&mut self, command: Command) -> Result<Ordered, Halt> {
        Ok(match self.talk.ask(command)? {
            Some(Reply::Acknowledged(0x30, 0x30) | Reply::Data(_)) => Ordered::Done,
            Some(Reply::Acknowledged(device, command)) => {
                Ordered::Refused(refusal(*device, *command))
            }
            Some(Reply::Unready(byte)) => Ordered::Refused(unready(*byte).into()),
            None => Ordered::Lost,
        })
    }

    /// The number of the last document, as the device writes it.
    pub(super) fn number(&mut self) -> Result<Option<String>, Halt> {
        let data = self.try_data(0x71, "")?;
        let number = data.map(|data| decode(data).trim().to_owned());
        Ok(number.filter(|number| number.parse::<u64>().is_ok()))
    }

    /// The receipt that is open, or was last.
    pub(super) fn current(&mut self) -> Result<Option<Current>, Halt> {
        Ok(self.try_data(0x72, "")?.and_then(words::current))
    }

    /// The last receipt that was closed.
    pub(super) fn last_receipt(&mut self) -> Result<Option<LastReceipt>, Halt> {
        Ok(self.try_data(0x72, "B")?.and_then(words::last_receipt))
    }

    /// Serial number and fiscal memory.
    pub(super) fn numbers(&mut self) -> Result<(String, String), Halt> {
        let text = decode(self.data(0x60, "")?);
        let (serial, memory) = text.split_once(';').ok_or_else(|| self.fail(strange()))?;
        Ok((serial.trim().to_owned(), memory.trim().to_owned()))
    }

    /// The clock.
    pub(super) fn clock(&mut self) -> Result<Option<jiff::civil::DateTime>, Halt> {
        let data = self.try_data(0x68, "")?;
        Ok(data.and_then(|data| words::read_time(&decode(data))))
    }
}

/// What the status bytes say.
pub(super) fn bits(bytes: &[u8]) -> Messages {
    let set = |at: usize, bit: u8| bytes.get(at).is_some_and(|byte| byte >> bit & 1 == 1);
    status::BITS
        .iter()
        .filter(|(at, bit, ..)| set(*at, *bit))
        .map(|(_, _, code, text)| message(code, text))
        .collect()
}

fn message(code: &'static str, text: &'static str) -> Message {
    match code.as_bytes().first() {
        Some(b'E') => Message::error(code, text),
        Some(_) => Message::warning(code, text),
        None => Message::info(text),
    }
}

/// What the two characters say, at least one of which is not fine.
pub(super) fn refusal(device: u8, command: u8) -> Messages {
    let mut messages = Messages::default();
    messages.extend(character(status::COMMAND, command, "E499"));
    messages.extend(character(status::DEVICE, device, "E199"));
    messages
}

fn character(
    table: &[(u8, &'static str, &'static str)],
    value: u8,
    unknown: &'static str,
) -> Option<Message> {
    let known = table.iter().find(|(known, ..)| *known == value);
    let (code, text) = match known {
        _ if value == 0x30 => return None,
        Some((_, code, text)) => (*code, *text),
        None => (unknown, "The device reports an unknown error"),
    };
    Some(Message::error(code, text).with_original(format!("{value:02X}")))
}

fn unready(byte: u8) -> Message {
    let known = status::PINGS.iter().find(|(known, ..)| *known == byte);
    known.map_or_else(strange, |(_, code, text)| Message::error(code, *text))
}
