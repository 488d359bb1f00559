//! An ISL device: it frames, numbers and remembers as vendor documents promise, refuses what a real
//! device would refuse, and loses, delays or damages its answers when it is told to.

mod orders;
mod parse;
mod terminal;
mod wide;

pub use terminal::{Terminal, Verdict};

use super::till::{Kind, Refusal, Till};
use super::wire::Device;
use crate::isl::Isl;
use crate::isl::frame::{Form, Frame};
use crate::isl::reader::{Found, NAK, Reader, SYN};
use std::collections::BTreeMap;

/// What goes wrong with one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    Deaf,
    /// It is carried out and remembered, but the answer is lost.
    Silent,
    /// It is carried out, then the power fails for a moment: no answer, and no memory of its number.
    PowerCut,
    /// Its answer has one wrong byte.
    Damaged,
    /// It counts as damaged: 15.
    Nak,
    /// It takes time: so many SYNs before the answer.
    Busy(usize),
    /// The answer to the command before comes first.
    Late,
    /// A modem inside the device talks before the answer.
    Modem,
    /// There is no paper from here on.
    PaperOut,
    /// The cover is open from here on.
    CoverOpen,
}

/// The device.
#[derive(Clone, Debug)]
pub struct IslDevice {
    /// What it speaks.
    pub dialect: Isl,
    /// What it keeps.
    pub till: Till,
    /// Its model.
    pub model: String,
    /// What goes wrong, by the count of frames heard, from 0.
    pub faults: BTreeMap<usize, Fault>,
    /// How many frames it has heard.
    pub heard: usize,
    /// Whether the cover is open: it answers questions only.
    pub cover_open: bool,
    /// Whether a refused X command shows in the error code alone, as was seen on a real device.
    pub clean_status: bool,
    /// Whether the state of a receipt tells what was paid; not every device does.
    pub tells_paid: bool,
    /// The operators and their passwords.
    pub operators: Vec<(String, String)>,
    /// The card terminal, if one hangs on it.
    pub terminal: Option<Terminal>,
    reader: Reader,
    last: Option<(u8, u8, Vec<u8>)>,
    answered: Vec<u8>,
}

/// What a command brings: the data of its answer.
type Done = Result<Vec<u8>, Refusal>;

impl IslDevice {
    /// A healthy device with the numbers that the vendor's examples have.
    #[must_use]
    pub fn new(dialect: Isl) -> Self {
        let (model, serial, memory) = match dialect {
            Isl::P => ("FP-2000", "DT279013", "02279013"),
            Isl::C => ("DP-25", "DT517985", "02517985"),
            Isl::X => ("FP-700X", "DT525860", "02525860"),
            Isl::Daisy => ("CompactM", "DY448967", "36607003"),
            Isl::Eltrade => ("A1", "ED311662", "44311662"),
            Isl::Incotex => ("EFD", "IN015013", "54015013"),
        };
        let operators: &[(&str, &str)] = match dialect {
            Isl::P | Isl::X => &[("1", "0000")],
            Isl::C => &[("1", "1")],
            Isl::Daisy => &[("1", "1"), ("20", "9999")],
            Isl::Eltrade | Isl::Incotex => &[],
        };
        let owned = |(id, password): &(&str, &str)| ((*id).to_owned(), (*password).to_owned());
        Self {
            dialect,
            till: Till::new(serial, memory),
            model: model.to_owned(),
            faults: BTreeMap::new(),
            heard: 0,
            cover_open: false,
            clean_status: true,
            tells_paid: true,
            operators: operators.iter().map(owned).collect(),
            terminal: None,
            reader: Reader::new(dialect.form()),
            last: None,
            answered: Vec::new(),
        }
    }

    /// Takes what the host sent and tells what the device sends.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        bytes.iter().flat_map(|byte| self.byte(*byte)).collect()
    }

    fn byte(&mut self, byte: u8) -> Vec<u8> {
        let form = self.dialect.form();
        match self.reader.push(byte) {
            Found::Nothing | Found::Busy | Found::Refused | Found::Noise => Vec::new(),
            // Seen on an X device that was addressed in the short form.
            Found::Damaged if form == Form::Wide => vec![SYN, NAK],
            Found::Damaged => vec![NAK],
            Found::Frame(bytes) => match Frame::decode_command(form, &bytes) {
                Some(frame) => self.frame(&frame),
                None => vec![NAK],
            },
        }
    }

    fn frame(&mut self, frame: &Frame) -> Vec<u8> {
        let fault = self.faults.get(&self.heard).copied();
        self.heard += 1;
        match fault {
            Some(Fault::Deaf) => return Vec::new(),
            Some(Fault::Nak) => return vec![NAK],
            Some(Fault::PaperOut) => self.till.paper = false,
            Some(Fault::CoverOpen) => self.cover_open = true,
            _ => {}
        }
        let repeated = self
            .last
            .as_ref()
            .filter(|(seq, command, _)| (*seq, *command) == (frame.seq, frame.command));
        let (waits, answer) = if let Some((.., answer)) = repeated {
            (0, answer.clone())
        } else {
            let waits = self.waits(frame.command, &frame.data);
            (waits, self.carry_out(frame))
        };
        self.last = Some((frame.seq, frame.command, answer.clone()));
        if self.fails(frame.command, &frame.data) {
            self.last = None;
            return vec![SYN; waits];
        }
        let before = std::mem::replace(&mut self.answered, answer.clone());
        let answer = [vec![SYN; waits], answer].concat();
        match fault {
            Some(Fault::Silent) => Vec::new(),
            Some(Fault::PowerCut) => {
                self.last = None;
                Vec::new()
            }
            Some(Fault::Damaged) => {
                let mut damaged = answer;
                let middle = waits + (damaged.len() - waits) / 2;
                damaged[middle] ^= 0x04;
                damaged
            }
            Some(Fault::Busy(times)) => [vec![SYN; times], answer].concat(),
            Some(Fault::Late) => [before, answer].concat(),
            Some(Fault::Modem) => [b"AT+CPIN?\r\n".to_vec(), answer].concat(),
            _ => answer,
        }
    }

    fn carry_out(&mut self, frame: &Frame) -> Vec<u8> {
        let done = match self.dialect {
            Isl::X => self.wide(frame.command, &frame.data),
            _ => self.order(frame.command, &frame.data),
        };
        let refusal = done.as_ref().err().copied();
        let status = self.status(refusal);
        let data = match (self.dialect, refusal) {
            (Isl::X, Some(refusal)) => format!("{}\t", wide::error_code(refusal)).into_bytes(),
            // The status travels as data too.
            (Isl::X, None) if frame.command == 0x4A => {
                [b"0\t".to_vec(), status.clone(), b"\t".to_vec()].concat()
            }
            (_, None) if frame.command == 0x4A => status.clone(),
            _ => done.unwrap_or_else(|refusal| self.refused(frame.command, refusal)),
        };
        let answer = Frame {
            data,
            status,
            ..frame.clone()
        };
        answer.encode(self.dialect.form()).unwrap_or_default()
    }

    /// Some refusals have data too.
    fn refused(&self, command: u8, refusal: Refusal) -> Vec<u8> {
        match (command, refusal) {
            (0x35, Refusal::Payment) => b"F".to_vec(),
            (0x46, Refusal::Cash) => format!("F,{},0,0", self.till.cash).into_bytes(),
            _ => Vec::new(),
        }
    }

    fn status(&self, refusal: Option<Refusal>) -> Vec<u8> {
        let mut bytes = match self.dialect {
            Isl::P | Isl::Eltrade => vec![0x88, 0x80, 0x80, 0xEA, 0x86, 0x9A],
            Isl::C => vec![0x80, 0x80, 0x80, 0x80, 0x86, 0x9A],
            Isl::X => vec![0x80, 0x80, 0x80, 0x80, 0x86, 0x9A, 0x80, 0x80],
            Isl::Daisy => vec![0x80, 0x80, 0x80, 0x80, 0x80, 0xF8],
            Isl::Incotex => vec![0x80, 0x80, 0x80, 0x80, 0x80, 0xB8],
        };
        let mut set = |byte: usize, bit: u8| bytes[byte] |= 1 << bit;
        if self.till.is_open() {
            set(2, 3);
        }
        if !self.till.paper {
            set(2, 0);
            set(0, 5);
        }
        if self.cover_open {
            match self.dialect {
                Isl::Eltrade => set(1, 5),
                _ => set(0, 6),
            }
            set(0, 5);
        }
        if self.dialect == Isl::X && self.clean_status {
            return bytes;
        }
        match (refusal, self.dialect) {
            (None, _) => return bytes,
            (Some(Refusal::Syntax | Refusal::Group), _) => set(0, 0),
            (Some(Refusal::Unknown), _) => set(0, 1),
            (Some(Refusal::Password), Isl::Daisy) => {
                set(1, 6);
                set(3, 1);
                set(3, 6);
            }
            // Told by the letter in the data.
            (Some(Refusal::Cash), _) if !self.till.is_open() => return bytes,
            _ => set(1, 1),
        }
        set(0, 5);
        bytes
    }

    /// Paper and cover: without them nothing but questions works.
    fn able(&self) -> Result<(), Refusal> {
        if self.cover_open || !self.till.paper {
            Err(Refusal::Paper)
        } else {
            Ok(())
        }
    }

    fn clerk(&self, id: &str, password: &str) -> Result<(), Refusal> {
        let known = |(known, word): &(String, String)| known == id && word == password;
        if self.operators.iter().any(known) {
            Ok(())
        } else {
            Err(Refusal::Password)
        }
    }

    /// Open flag, count of lines, amount and what was paid: of the open receipt, or of the last.
    fn state(&self) -> (bool, usize, i64, i64) {
        let till = &self.till;
        if till.is_open() {
            return (true, till.lines(), till.total(), till.total() - till.due());
        }
        let receipt = |kind: Kind| matches!(kind, Kind::Receipt | Kind::Reversal | Kind::Voided);
        let last = till.printed.iter().rev().find(|one| receipt(one.kind));
        last.map_or((false, 0, 0, 0), |last| {
            let paid = if last.kind == Kind::Voided {
                0
            } else {
                last.total
            };
            (false, last.lines.len(), last.total, paid)
        })
    }
}

impl Device for IslDevice {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        Self::hear(self, bytes)
    }
}
