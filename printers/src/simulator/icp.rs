//! A device of ISL Ltd.: no message numbers, so what it hears twice it does twice.

mod orders;

use super::till::{Refusal, Till};
use super::wire::Device;
use crate::icp::frame::{ACK, ANYBODY, Address, NACK, WAIT, encode_answer};
use crate::icp::reader::{Asked, Reader};
use crate::text::CodePage;
use std::collections::BTreeMap;

/// What goes wrong with one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is carried out, and the answer is lost.
    Silent,
    /// It never arrives.
    Deaf,
    /// Its answer has one wrong byte.
    Damaged,
    /// It counts as damaged: 15, and no error number.
    Nack,
    /// The answer to the command before comes first.
    Late,
    /// It takes a while: 05 comes several times before the answer.
    Busy,
    /// It is carried out, then the power fails.
    PowerCut,
    /// There is no paper from here on.
    PaperOut,
    /// It is carried out twice, as if somebody had typed it as well.
    Twice,
}

/// The device.
#[derive(Clone, Debug)]
pub struct IcpDevice {
    /// What it keeps.
    pub till: Till,
    /// How many digits it wants for the kind of payment when money moves.
    pub payment_digits: usize,
    /// Whether it forgets the total of a receipt that is closed.
    pub forgets_total: bool,
    /// What goes wrong, by the count of commands heard, from 0.
    pub faults: BTreeMap<usize, Fault>,
    /// How many commands it has heard.
    pub heard: usize,
    reader: Reader,
    last: Vec<u8>,
    error: u16,
    closing: Option<usize>,
    /// The last line, for what changes it.
    last_line: Option<i64>,
    off: bool,
}

/// What a command brings: data, or nothing but that it is done; else an error number.
type Done = Result<Option<Vec<u8>>, u16>;

impl IcpDevice {
    /// A healthy device.
    #[must_use]
    pub fn new(till: Till) -> Self {
        Self {
            till,
            payment_digits: 2,
            forgets_total: false,
            faults: BTreeMap::new(),
            heard: 0,
            reader: Reader::default(),
            last: Vec::new(),
            error: 0,
            closing: None,
            last_line: None,
            off: false,
        }
    }

    /// The power comes back.
    pub fn switch_on(&mut self) {
        self.off = false;
        self.reader.forget();
    }

    /// The number of the last error; 0 when the last order was carried out.
    #[must_use]
    pub fn error(&self) -> u16 {
        self.error
    }

    fn address(&self) -> Address {
        let end = self.till.serial.as_bytes().last_chunk();
        end.copied().unwrap_or(ANYBODY)
    }

    fn answer(&mut self, asked: Asked) -> Vec<u8> {
        let Asked::Request(to, body) = asked else {
            self.error = 0;
            return vec![NACK];
        };
        let for_anybody = to == ANYBODY && body == b"00";
        if to != self.address() && !for_anybody {
            return Vec::new();
        }
        let fault = self.faults.get(&self.heard).copied();
        self.heard += 1;
        match fault {
            Some(Fault::Deaf) => return Vec::new(),
            Some(Fault::Nack) => {
                self.error = 0;
                return vec![NACK];
            }
            Some(Fault::PaperOut) => self.till.paper = false,
            Some(Fault::Twice) => drop(self.carry_out(&body)),
            _ => {}
        }
        let answer = self.carry_out(&body);
        let before = std::mem::replace(&mut self.last, answer.clone());
        match fault {
            Some(Fault::Silent) => Vec::new(),
            Some(Fault::PowerCut) => {
                self.off = true;
                Vec::new()
            }
            Some(Fault::Damaged) => {
                let middle = answer.len() / 2;
                let flip = |(at, byte): (usize, u8)| if at == middle { byte ^ 0x40 } else { byte };
                answer.into_iter().enumerate().map(flip).collect()
            }
            Some(Fault::Late) => [before, answer].concat(),
            Some(Fault::Busy) => [vec![WAIT; 5], answer].concat(),
            _ => answer,
        }
    }

    fn carry_out(&mut self, body: &[u8]) -> Vec<u8> {
        self.pass_time();
        let text = CodePage::Cp1251.decode(body);
        match self.obey(&text) {
            Ok(Some(data)) => encode_answer(&data).unwrap_or_default(),
            Ok(None) => {
                self.error = 0;
                vec![ACK]
            }
            Err(error) => {
                self.error = error;
                vec![NACK]
            }
        }
    }

    /// A receipt that waits for text closes by itself, as soon as there is paper.
    fn pass_time(&mut self) {
        self.closing = self.closing.map(|left| left.saturating_sub(1));
        if self.closing == Some(0) && self.till.close() != Err(Refusal::Paper) {
            self.closing = None;
        }
    }

    fn obey(&mut self, text: &str) -> Done {
        let told = |text: String| Ok(Some(text.into_bytes()));
        match text {
            "00" | "F0" => told(self.who()),
            "F807" => told("ISL5011S-KL BG R1 3004201947".to_owned()),
            "F80C" => told(self.bits()),
            "F809" => told(format!("{:03}", self.error)),
            "F3" => told(self.till.clock.strftime("%d%m%y%H%M%S").to_string()),
            "F801" => told(format!(
                "{:06}{:08}{:010}",
                self.till.number,
                self.total(),
                0
            )),
            "F80D" => told(format!("{:010}", self.till.cash)),
            "45" | "450" => self.done(|device| device.till.void()),
            "490" => self.done(|device| device.pay(true, None, false)),
            "510" | "511" => self.done(|device| device.till.report(text == "510")),
            "AA" => self.done(|device| device.till.duplicate()),
            _ => self.done(|device| device.order(text)),
        }
    }

    fn done(&mut self, order: impl FnOnce(&mut Self) -> Result<(), Refusal>) -> Done {
        order(self).map(|()| None).map_err(error_number)
    }

    fn who(&self) -> String {
        let till = &self.till;
        let (serial, memory, tax) = (&till.serial, &till.fiscal_memory, &till.tax_number);
        format!(
            "{serial}{memory}{tax:14}{:04}{:010}11",
            till.number % 10_000,
            0
        )
    }

    /// What the open receipt, or the last document if it was one, comes to.
    fn total(&self) -> i64 {
        let last = self.till.printed.last().filter(|_| !self.forgets_total);
        let receipt = last.filter(|last| last.kind.is_receipt());
        match receipt {
            _ if self.till.is_open() => self.till.total(),
            Some(receipt) => receipt.total,
            None => 0,
        }
    }

    fn bits(&self) -> String {
        let till = &self.till;
        let bit = |set: bool, bit: u8| u8::from(set) << bit;
        let bytes = [
            bit(!till.paper, 4) | bit(self.error != 0, 5),
            bit(till.is_paying(), 1) | bit(till.is_open(), 2) | bit(till.has_turnover(), 3),
            bit(till.is_open(), 6),
            0x08,
            0,
            0,
        ];
        let nibble = |nibble: u8| char::from(0x30 + nibble);
        let pairs = bytes
            .iter()
            .flat_map(|byte| [nibble(byte >> 4), nibble(byte & 0x0F)]);
        pairs.collect()
    }
}

impl Device for IcpDevice {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.off {
            return Vec::new();
        }
        let asked = self.reader.read_requests(bytes);
        asked
            .into_iter()
            .flat_map(|asked| self.answer(asked))
            .collect()
    }
}

fn error_number(refusal: Refusal) -> u16 {
    match refusal {
        Refusal::Syntax | Refusal::Unknown => 1,
        Refusal::Overflow => 4,
        Refusal::Group => 7,
        Refusal::Payment => 8,
        Refusal::Cash => 28,
        Refusal::Password | Refusal::Mode => 54,
        Refusal::Paper => 68,
    }
}
