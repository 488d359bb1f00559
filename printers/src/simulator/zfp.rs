//! A Tremol device: what its vendor document promises, what was seen on devices, and every way in
//! which an answer can go missing.

mod orders;

use super::till::{Kind, Refusal, Till, decimal};
use super::wire::Device;
use crate::text::CodePage;
use crate::zfp::frame::{
    Acknowledgement, Frame, Message, NACK, PING_ON, PING_READY, RETRY, encode,
    encode_acknowledgement,
};
use crate::zfp::reader::Reader;
use std::collections::BTreeMap;

/// What goes wrong with one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is carried out, and the answer waits until the same number comes again.
    Silent,
    /// It never arrives.
    Deaf,
    /// Its answer has one wrong byte.
    Damaged,
    /// The frame counts as damaged: 15.
    Nack,
    /// Busy with the command before: 0E.
    Busy,
    /// The answer to an earlier command comes first.
    Late,
    /// It is carried out, then the power fails: no answer, and no memory of the number.
    PowerCut,
    /// There is no paper from here on.
    PaperOut,
    /// It is carried out twice, as if somebody had typed it as well.
    Twice,
}

/// The device.
#[derive(Clone, Debug)]
pub struct ZfpDevice {
    /// What it keeps.
    pub till: Till,
    /// Its model, `M20` or `FP15 KL V2`.
    pub model: String,
    /// Whether it has five kinds of payment instead of twelve.
    pub second: bool,
    /// What goes wrong, by the count of commands heard, from 0.
    pub faults: BTreeMap<usize, Fault>,
    /// How many frames it has heard.
    pub heard: usize,
    /// What it wants to hear first from everybody who connects.
    pub tcp_password: Option<String>,
    /// It serves another connection.
    pub occupied: bool,
    /// How often it heard a password.
    pub passwords: usize,
    door: Door,
    typed: Vec<u8>,
    reader: Reader,
    last: Option<(u8, Vec<u8>)>,
    off: bool,
}

/// How far somebody who connected came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Closed,
    Wrong,
    Open,
}

/// What a command brings: data, or an acknowledgement.
type Done = Result<Option<Vec<u8>>, Refusal>;

impl ZfpDevice {
    /// A healthy device.
    #[must_use]
    pub fn new(till: Till) -> Self {
        Self {
            till,
            model: "M20".to_owned(),
            second: false,
            faults: BTreeMap::new(),
            heard: 0,
            tcp_password: None,
            occupied: false,
            passwords: 0,
            door: Door::Closed,
            typed: Vec::new(),
            reader: Reader::default(),
            last: None,
            off: false,
        }
    }

    /// The power comes back. What was open stays open; the last number is forgotten.
    pub fn switch_on(&mut self) {
        self.off = false;
        self.last = None;
        self.hang_up();
    }

    /// The connection ends: whoever connects next is a stranger.
    pub fn hang_up(&mut self) {
        self.door = Door::Closed;
        self.typed.clear();
        self.reader.forget();
    }

    /// More than five seconds pass: a receipt that is printed when it closes is dropped.
    pub fn idle(&mut self) {
        if !self.till.is_paying() {
            self.till.void().unwrap_or_default();
        }
    }

    /// Takes what the host sent and tells what the device sends.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.off {
            return Vec::new();
        }
        if self.occupied || (self.tcp_password.is_some() && self.door != Door::Open) {
            return bytes.iter().filter_map(|byte| self.knock(*byte)).collect();
        }
        let messages = self.reader.read(bytes);
        // What ends like a frame and is none was damaged.
        if messages.is_empty() && bytes.len() > 1 && bytes.ends_with(&[0x0A]) {
            return vec![NACK];
        }
        messages
            .into_iter()
            .flat_map(|message| self.answer(message))
            .collect()
    }

    /// A byte of somebody who is not let in. Frames are not even read.
    fn knock(&mut self, byte: u8) -> Option<u8> {
        match byte {
            PING_READY if self.occupied => return Some(0x60),
            PING_READY => {
                return Some(match self.door {
                    Door::Closed => 0x50,
                    Door::Wrong => 0x70,
                    Door::Open => 0x40,
                });
            }
            0x0A => {
                let wanted = self.tcp_password.as_deref().unwrap_or_default();
                let right = self.typed == wanted.as_bytes();
                self.passwords += 1;
                self.door = if right { Door::Open } else { Door::Wrong };
                self.typed.clear();
            }
            byte => self.typed.push(byte),
        }
        None
    }

    fn answer(&mut self, message: Message) -> Vec<u8> {
        match message {
            Message::Byte(PING_ON) => vec![PING_ON],
            Message::Byte(PING_READY) if self.till.paper => vec![0x40],
            Message::Byte(PING_READY) => vec![0x42],
            Message::Byte(_) | Message::Acknowledgement(_) => Vec::new(),
            Message::Frame(frame) => self.answer_frame(&frame),
        }
    }

    fn answer_frame(&mut self, frame: &Frame) -> Vec<u8> {
        let fault = self.faults.get(&self.heard).copied();
        self.heard += 1;
        match fault {
            Some(Fault::Deaf) => return Vec::new(),
            Some(Fault::Nack) => return vec![NACK],
            Some(Fault::Busy) => return vec![RETRY],
            Some(Fault::PaperOut) => self.till.paper = false,
            Some(Fault::Twice) => drop(self.carry_out(frame)),
            _ => {}
        }
        let before = self.last.clone();
        let answer = match &before {
            Some((number, answer)) if *number == frame.number => answer.clone(),
            _ => self.carry_out(frame),
        };
        self.last = Some((frame.number, answer.clone()));
        match fault {
            Some(Fault::Silent) => Vec::new(),
            Some(Fault::PowerCut) => {
                self.off = true;
                Vec::new()
            }
            Some(Fault::Damaged) => {
                let middle = answer.len() / 2;
                let flip = |(at, byte): (usize, u8)| if at == middle { byte ^ 0x04 } else { byte };
                answer.into_iter().enumerate().map(flip).collect()
            }
            Some(Fault::Late) => {
                let late = before.map(|(_, late)| late).unwrap_or_default();
                [late, answer].concat()
            }
            _ => answer,
        }
    }

    fn carry_out(&mut self, frame: &Frame) -> Vec<u8> {
        let text = CodePage::Cp1251.decode(&frame.data);
        let done = match frame.command {
            0x20 | 0x21 | 0x60 | 0x61 | 0x68 | 0x6E | 0x71..=0x73 => {
                Ok(Some(self.tell(frame.command, &text)))
            }
            0x31 | 0x34 => self.sell(&frame.data).map(|()| None),
            _ => self.order(frame.command, &text),
        };
        let result = match done {
            Ok(Some(data)) => {
                let answer = Frame {
                    data,
                    ..frame.clone()
                };
                return encode(&answer).unwrap_or_default();
            }
            Ok(None) => (0x30, 0x30),
            Err(refusal) => characters(refusal),
        };
        encode_acknowledgement(Acknowledgement {
            number: frame.number,
            device: result.0,
            command: result.1,
        })
    }

    fn tell(&self, question: u8, text: &str) -> Vec<u8> {
        let till = &self.till;
        let told = match question {
            0x20 => return self.status(),
            0x21 => format!("1;784;04-02-2019 08:00;TREMOL {}; Ver. 1.01;", self.model),
            0x60 => format!("{};{}", till.serial, till.fiscal_memory),
            0x61 => format!("{:13};0;123456;17-05-2019 13:55", till.tax_number),
            0x68 => till.clock.strftime("%d-%m-%Y %H:%M").to_string(),
            0x6E => {
                let others = ";0.00".repeat(if self.second { 4 } else { 11 });
                format!("0;{}{others}", decimal(till.cash))
            }
            0x71 => format!("{:06}", till.number),
            0x72 if text == "B" => self.code_of_last(),
            0x72 => self.current(),
            _ => format!("17-05-2019 13:55;{};0;{}", till.days, till.number),
        };
        CodePage::Cp1251.encode(&told)
    }

    fn status(&self) -> Vec<u8> {
        let mut bytes = vec![0x80, 0x80, 0x80, 0xF0, 0xA1, 0x80, 0x80];
        if !self.till.paper {
            bytes[1] |= 1;
        }
        if self.till.is_open() {
            bytes[2] |= 2;
        }
        bytes
    }

    fn code_of_last(&self) -> String {
        let receipts = self.till.receipts();
        let Some(last) = receipts.last() else {
            return "****".to_owned();
        };
        let time = self.till.clock.strftime("%Y-%m-%d*%H:%M:%S");
        let (number, total) = (last.number, decimal(last.total));
        format!("{}*{number:06}*{time}*{total}", self.till.fiscal_memory)
    }

    fn current(&self) -> String {
        let flag = |set: bool| u8::from(set).to_string();
        let mut fields = vec!["0".to_owned(); 20];
        fields[0] = flag(self.till.is_open());
        fields[1] = self.till.lines().to_string();
        for (at, group) in [
            (2, 1),
            (3, 2),
            (4, 3),
            (14, 4),
            (15, 5),
            (16, 6),
            (17, 7),
            (18, 8),
        ] {
            fields[at] = decimal(self.till.group(group));
        }
        fields[8] = flag(self.till.is_paying());
        fields[9] = flag(self.till.is_paying() && self.till.due() == 0);
        fields[19] = format!("{:06}", self.till.number);
        fields.join(";")
    }

    /// The documents that came out, of one kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.till
            .printed
            .iter()
            .filter(|one| one.kind == kind)
            .count()
    }
}

impl Device for ZfpDevice {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        Self::hear(self, bytes)
    }
}

/// State of the device, result of the command.
fn characters(refusal: Refusal) -> (u8, u8) {
    match refusal {
        Refusal::Paper => (0x31, 0x30),
        Refusal::Password => (0x39, 0x30),
        Refusal::Unknown => (0x30, 0x31),
        Refusal::Mode => (0x30, 0x32),
        Refusal::Syntax => (0x30, 0x34),
        Refusal::Overflow => (0x30, 0x35),
        Refusal::Cash => (0x30, 0x38),
        Refusal::Group => (0x30, 0x39),
        Refusal::Payment => (0x35, 0x30),
    }
}
