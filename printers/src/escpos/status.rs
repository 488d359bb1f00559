//! The real-time status (maker's command reference): one byte asked for with `DLE EOT n`.

use crate::device::{Message, Messages};

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether it is online.
    Printer = 1,
    /// Why it is offline.
    Offline = 2,
    /// What failed.
    Failure = 3,
    /// The paper.
    Paper = 4,
}

impl Question {
    /// All of them, in the order to ask.
    pub const ALL: [Self; 4] = [Self::Printer, Self::Offline, Self::Failure, Self::Paper];

    /// The bytes that ask.
    #[must_use]
    pub const fn bytes(self) -> [u8; 3] {
        [0x10, 0x04, self as u8]
    }
}

/// Bits of an answer that are always so; what does not fit is no answer.
const FIXED: (u8, u8) = (0x93, 0x12);

/// What the answer says; `None` when the byte is no answer.
#[must_use]
pub fn read(question: Question, answer: u8) -> Option<Messages> {
    let (mask, fixed) = FIXED;
    if answer & mask != fixed {
        return None;
    }
    let says = |bits: u8, message: Message| (answer & bits != 0).then_some(message);
    let messages = match question {
        Question::Printer => vec![says(0x08, Message::error("E101", "Printer is offline"))],
        Question::Offline => vec![
            says(0x04, Message::error("E302", "Cover is open")),
            says(0x20, Message::error("E301", "No paper")),
        ],
        Question::Failure => vec![
            says(0x08, Message::error("E306", "Cutter failure")),
            says(0x20, Message::error("E303", "Printer failure")),
        ],
        Question::Paper => vec![
            says(0x60, Message::error("E301", "No paper")),
            says(0x0C, Message::warning("W301", "Paper is low")),
        ],
    };
    Some(messages.into_iter().flatten().collect())
}

/// What is said of a printer that never answers; many do not, and print all the same.
#[must_use]
pub fn unknown() -> Message {
    Message::warning("W399", "The printer does not tell its condition")
}
