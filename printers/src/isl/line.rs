//! Gets one command across: numbers it, waits while the device works, repeats what may be repeated.
//!
//! A device that sees the number and the command of the last one again does not execute it again but
//! repeats its answer (vendor documents). That makes a repeat safe as long as the device remembers:
//! after a power cut it does not. So a command that prints by itself, moves money or ends a receipt
//! is never repeated into silence; it is repeated only when the device said that it did not get it
//! (NAK), or has just shown that it is alive (a damaged answer).

use super::frame::{Form, Frame};
use super::reader::{Found, Reader};
use crate::dialogue::{Heard, Line, Progress};
use std::time::Duration;

/// The device says something within 60 ms, 100 ms for Daisy; hosts should wait half a second.
const PATIENCE: Duration = Duration::from_millis(800);
/// How often a command is sent again.
const REPEATS: u32 = 3;
/// How long a device may be busy, in SYNs of 60 ms: 15 seconds, and 90 for a report.
const BUSY: u32 = 250;
const BUSY_REPORT: u32 = 1500;
/// A device that waits for a card says that it is busy as long as it takes; between two SYNs it may
/// be slower than otherwise, and giving up leaves a charge in doubt.
const PATIENCE_FOR_CARDS: Duration = Duration::from_secs(3);
/// How many bytes may arrive that answer nothing.
const NOISE: u32 = 4096;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) code: u8,
    pub(crate) data: Vec<u8>,
    pub(crate) kind: Kind,
    /// Somebody at the card terminal has to do something first: busy is no reason to give up.
    pub(crate) patient: bool,
}

/// What asking has for consequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// None: it asks, or does what may be done twice and needs no paper.
    Query,
    /// Something happens inside an open receipt, or happens once however often it is asked.
    Act,
    /// Something happens each time: never repeated when nobody knows whether it was heard.
    Once,
    /// The same, and it prints for a long time.
    Report,
}

impl Command {
    pub(crate) fn new(code: u8, data: impl Into<Vec<u8>>, kind: Kind) -> Self {
        let data = data.into();
        Self {
            code,
            data,
            kind,
            patient: false,
        }
    }

    /// The same, without a limit to how long the device may be busy.
    pub(crate) fn patient(self) -> Self {
        Self {
            patient: true,
            ..self
        }
    }

    pub(crate) fn query(code: u8, data: impl Into<Vec<u8>>) -> Self {
        Self::new(code, data, Kind::Query)
    }

    pub(crate) fn act(code: u8, data: impl Into<Vec<u8>>) -> Self {
        Self::new(code, data, Kind::Act)
    }

    pub(crate) fn once(code: u8, data: impl Into<Vec<u8>>) -> Self {
        Self::new(code, data, Kind::Once)
    }

    fn repeatable(&self) -> bool {
        matches!(self.kind, Kind::Query | Kind::Act)
    }

    fn busy(&self) -> u32 {
        match self.kind {
            _ if self.patient => u32::MAX,
            Kind::Report => BUSY_REPORT,
            Kind::Query | Kind::Act | Kind::Once => BUSY,
        }
    }

    fn patience(&self) -> Duration {
        if self.patient {
            PATIENCE_FOR_CARDS
        } else {
            PATIENCE
        }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) data: Vec<u8>,
    pub(crate) status: Vec<u8>,
}

/// The line to one device.
#[derive(Debug)]
pub(crate) struct IslLine {
    form: Form,
    seq: u8,
    reader: Reader,
    command: Command,
    bytes: Vec<u8>,
    repeats: u32,
    busy: u32,
    noise: u32,
}

impl IslLine {
    /// A line that numbers its commands from about `seq` on. A device takes an equal number and
    /// command for a repetition, so this should differ from conversation to conversation.
    pub(crate) fn new(form: Form, seq: u8) -> Self {
        Self {
            form,
            seq: 0x20 + seq % 0x60,
            reader: Reader::new(form),
            command: Command::query(0, []),
            bytes: Vec::new(),
            repeats: 0,
            busy: 0,
            noise: 0,
        }
    }

    fn write(&mut self) -> Progress<Reply> {
        self.reader.reset();
        self.busy = 0;
        self.noise = 0;
        Progress::Send {
            bytes: self.bytes.clone(),
            patience: self.command.patience(),
        }
    }

    fn repeat(&mut self) -> Progress<Reply> {
        if self.repeats == REPEATS {
            return Progress::Lost;
        }
        self.repeats += 1;
        self.write()
    }

    fn silence(&mut self) -> Progress<Reply> {
        if self.command.repeatable() {
            self.repeat()
        } else {
            Progress::Lost
        }
    }

    /// `None` while nothing is decided.
    fn byte(&mut self, byte: u8) -> Option<Progress<Reply>> {
        match self.reader.push(byte) {
            Found::Nothing => None,
            Found::Busy => {
                self.busy = self.busy.saturating_add(1);
                (self.busy > self.command.busy()).then(|| self.silence())
            }
            Found::Noise => {
                self.noise += 1;
                (self.noise > NOISE).then(|| self.silence())
            }
            Found::Refused | Found::Damaged => Some(self.repeat()),
            Found::Frame(bytes) => match Frame::decode_answer(self.form, &bytes) {
                None => Some(self.repeat()),
                Some(frame) if (frame.seq, frame.command) == (self.seq, self.command.code) => {
                    let Frame { data, status, .. } = frame;
                    Some(Progress::Reply(Reply { data, status }))
                }
                // A late answer to an earlier command.
                Some(_) => {
                    self.noise += 1;
                    None
                }
            },
        }
    }
}

impl Line for IslLine {
    type Command = Command;
    type Reply = Reply;

    fn send(&mut self, command: Command) -> Progress<Reply> {
        self.seq = if self.seq >= 0x7F { 0x20 } else { self.seq + 1 };
        self.repeats = 0;
        let frame = Frame {
            seq: self.seq,
            command: command.code,
            data: command.data.clone(),
            status: Vec::new(),
        };
        self.command = command;
        match frame.encode(self.form) {
            None => Progress::Lost,
            Some(bytes) => {
                self.bytes = bytes;
                self.write()
            }
        }
    }

    fn hear(&mut self, heard: Heard<'_>) -> Progress<Reply> {
        let decided = match heard {
            Heard::Nothing => None,
            Heard::Silence | Heard::Lost => Some(self.silence()),
            Heard::Bytes(bytes) => bytes.iter().find_map(|byte| self.byte(*byte)),
        };
        decided.unwrap_or_else(|| Progress::Listen {
            patience: self.command.patience(),
        })
    }
}
