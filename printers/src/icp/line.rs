//! Gets one command across to a device of ISL Ltd.
//!
//! There are no message numbers: a device that hears a command again carries it out again. So only
//! questions are repeated, and an answer is known by its kind and length alone.

use super::frame::{Address, encode_request};
use super::reader::{Message, Reader};
use crate::dialogue::{Heard, Line, Progress};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Devices answer, or say that they are busy, within 500 ms (vendor document).
const ANSWER: Duration = Duration::from_millis(500);
/// What cannot be asked again is waited for longer.
const ORDER: Duration = Duration::from_secs(2);
/// How often a question is asked.
const TRIES: u8 = 3;
/// How often a device may say that it is busy, every 100 ms: 15 s, and 90 s for reports.
const WAITS: u16 = 150;
const WAITS_REPORT: u16 = 900;

/// What answers a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Data of this length.
    Data(RangeInclusive<usize>),
    /// One byte.
    Done,
    /// Either.
    Anything,
}

/// One command, or a moment of waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Something is asked or ordered.
    Say {
        to: Address,
        body: Vec<u8>,
        want: Want,
        /// It only asks, or has the same effect twice.
        question: bool,
        /// It prints for long.
        report: bool,
    },
    /// Nothing is said for a while.
    Pause(Duration),
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// Data.
    Data(Vec<u8>),
    /// Done.
    Done,
    /// Refused, or the frame was damaged on its way.
    Refused,
}

/// The line to one device.
#[derive(Debug)]
pub(super) struct IcpLine {
    reader: Reader,
    command: Command,
    tries: u8,
    waits: u16,
}

impl IcpLine {
    pub(super) fn new() -> Self {
        Self {
            reader: Reader::default(),
            command: Command::Pause(ANSWER),
            tries: 0,
            waits: 0,
        }
    }

    fn say(&mut self) -> Progress<Reply> {
        self.reader.forget();
        self.tries += 1;
        let patience = self.patience();
        match &self.command {
            Command::Pause(patience) => Progress::Listen {
                patience: *patience,
            },
            Command::Say { to, body, .. } => match encode_request(*to, body) {
                Some(bytes) if self.tries <= TRIES => Progress::Send { bytes, patience },
                _ => Progress::Lost,
            },
        }
    }

    fn patience(&self) -> Duration {
        match self.command {
            Command::Pause(patience) => patience,
            Command::Say { question: true, .. } => ANSWER,
            Command::Say { .. } => ORDER,
        }
    }

    /// No answer, or one that cannot be read.
    fn again(&mut self) -> Progress<Reply> {
        match self.command {
            Command::Pause(_) => Progress::Reply(Reply::Done),
            Command::Say { question: true, .. } => self.say(),
            Command::Say { .. } => Progress::Lost,
        }
    }

    fn hear_message(&mut self, message: Message) -> Option<Progress<Reply>> {
        let Command::Say { want, report, .. } = &self.command else {
            return None;
        };
        match (message, want) {
            (Message::Data(data), Want::Data(length)) if !length.contains(&data.len()) => None,
            (Message::Data(data), Want::Data(_) | Want::Anything) => {
                Some(Progress::Reply(Reply::Data(data)))
            }
            (Message::Done, Want::Done | Want::Anything) => Some(Progress::Reply(Reply::Done)),
            // A question is refused only when it was damaged on its way.
            (Message::Refused, Want::Data(_)) | (Message::Damaged, _) => Some(self.again()),
            (Message::Refused, _) => Some(Progress::Reply(Reply::Refused)),
            (Message::Wait, _) => {
                let most = if *report { WAITS_REPORT } else { WAITS };
                self.waits += 1;
                (self.waits > most).then_some(Progress::Lost)
            }
            // A late answer to an earlier command.
            (Message::Data(_), Want::Done) | (Message::Done, Want::Data(_)) => None,
        }
    }
}

impl Line for IcpLine {
    type Command = Command;
    type Reply = Reply;

    fn send(&mut self, command: Command) -> Progress<Reply> {
        self.command = command;
        self.tries = 0;
        self.waits = 0;
        self.say()
    }

    fn hear(&mut self, heard: Heard<'_>) -> Progress<Reply> {
        let arrived = match heard {
            Heard::Nothing => &[],
            Heard::Bytes(bytes) => bytes,
            Heard::Silence | Heard::Lost => return self.again(),
        };
        let messages = self.reader.read(arrived);
        let answer = messages
            .into_iter()
            .find_map(|message| self.hear_message(message));
        let patience = self.patience();
        answer.unwrap_or(Progress::Listen { patience })
    }
}
