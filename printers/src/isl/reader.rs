//! Finds frames in what arrives byte by byte, whatever is around them.
//!
//! A modem inside some devices leaks its own talk into the line, answers arrive in pieces of one to
//! seven bytes or glued to other bytes; both was seen. 01 occurs nowhere inside a frame, so it
//! always begins one, and a torn frame costs nothing but itself.

use super::frame::{Form, Length, PREAMBLE, whole_length};

/// "Working on it": comes at once and then every 60 ms (Daisy: 100 ms).
pub(crate) const SYN: u8 = 0x16;
/// "What you sent is damaged": nothing was executed.
pub(crate) const NAK: u8 = 0x15;

/// What a byte completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing yet.
    Nothing,
    /// The device is working.
    Busy,
    /// The device could not read the command.
    Refused,
    /// As many bytes as a frame says it has, not checked.
    Frame(Vec<u8>),
    /// Something began like a frame and is none.
    Damaged,
    /// A byte that belongs to nothing.
    Noise,
}

/// Collects bytes to frames.
#[derive(Clone, Debug)]
pub struct Reader {
    form: Form,
    frame: Vec<u8>,
}

impl Reader {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self {
            form,
            frame: Vec::new(),
        }
    }

    /// Forgets a frame that has begun.
    pub fn reset(&mut self) {
        self.frame.clear();
    }

    /// Takes the next byte.
    pub fn push(&mut self, byte: u8) -> Found {
        if byte == PREAMBLE {
            self.frame = vec![byte];
            return Found::Nothing;
        }
        if self.frame.is_empty() {
            return match byte {
                SYN => Found::Busy,
                NAK => Found::Refused,
                _ => Found::Noise,
            };
        }
        self.frame.push(byte);
        match whole_length(self.form, &self.frame) {
            Length::Unknown => Found::Nothing,
            Length::Impossible => {
                self.frame.clear();
                Found::Damaged
            }
            Length::Whole(whole) if self.frame.len() < whole => Found::Nothing,
            Length::Whole(_) => Found::Frame(std::mem::take(&mut self.frame)),
        }
    }
}
