//! A plain receipt printer: it answers questions about its condition at once, keeps what it cannot
//! print yet, and never says what it printed.

use super::wire::Device;
use crate::escpos::document::Paper;
use crate::escpos::preview::preview;
use crate::escpos::stream::{Part, next};
use std::collections::BTreeMap;

/// What goes wrong with one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not answered.
    Silent,
    /// The answer fits no pattern.
    Damaged,
    /// There is no paper from here on.
    PaperOut,
    /// The power fails for a moment: what was not printed yet is lost, and so is the answer.
    PowerCut,
}

/// A document that came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it was printed from, up to the cut.
    pub bytes: Vec<u8>,
    /// What it looks like.
    pub text: String,
}

/// The device.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one sensor or switch of the device"
)]
pub struct EscPosDevice {
    /// What it prints on.
    pub paper: Paper,
    /// Whether there is no paper.
    pub paper_out: bool,
    /// Whether the paper is low.
    pub paper_low: bool,
    /// Whether the cover is open.
    pub cover_open: bool,
    /// Whether somebody switched it off line.
    pub offline: bool,
    /// Whether it never answers, as many do. It prints all the same.
    pub mute: bool,
    /// What goes wrong, by the count of questions heard, from 0.
    pub faults: BTreeMap<usize, Fault>,
    /// How many questions it has heard.
    pub heard: usize,
    /// How often the drawer was opened.
    pub drawer_opened: u32,
    /// Every document that came out, in order.
    pub printed: Vec<Document>,
    /// What is not printed yet, how much of that was looked at, and whether it leaves a mark on paper.
    waiting: Vec<u8>,
    read: usize,
    marked: bool,
    /// The last two bytes: a question counts wherever it stands.
    last: [u8; 2],
}

impl EscPosDevice {
    /// A healthy device.
    #[must_use]
    pub fn new(paper: Paper) -> Self {
        Self {
            paper,
            paper_out: false,
            paper_low: false,
            cover_open: false,
            offline: false,
            mute: false,
            faults: BTreeMap::new(),
            heard: 0,
            drawer_opened: 0,
            printed: Vec::new(),
            waiting: Vec::new(),
            read: 0,
            marked: false,
            last: [0; 2],
        }
    }

    /// Prints what waits, as far as paper and cover allow. To be called when they have changed; a
    /// document ends where it is cut, or where the next one begins.
    pub fn print(&mut self) {
        while self.is_able() {
            let Some((part, rest)) = next(self.waiting.get(self.read..).unwrap_or_default()) else {
                return;
            };
            let behind = self.waiting.len() - rest.len();
            match part {
                Part::Cut => self.end(behind),
                Part::Reset if self.read > 0 => self.end(self.read),
                Part::Drawer => {
                    self.drawer_opened += 1;
                    self.read = behind;
                }
                Part::Byte(_) | Part::LineEnd | Part::Code(_) => {
                    self.marked = true;
                    self.read = behind;
                }
                _ => self.read = behind,
            }
        }
    }

    fn is_able(&self) -> bool {
        !(self.paper_out || self.cover_open || self.offline)
    }

    /// Takes so many bytes off as a document; what leaves no mark is none.
    fn end(&mut self, length: usize) {
        let behind = self.waiting.split_off(length);
        let bytes = std::mem::replace(&mut self.waiting, behind);
        self.read = 0;
        if std::mem::take(&mut self.marked) {
            let text = preview(&bytes, self.paper);
            self.printed.push(Document { bytes, text });
        }
    }

    fn answer(&mut self, question: u8) -> Option<u8> {
        let fault = self.faults.get(&self.heard).copied();
        self.heard += 1;
        match fault {
            Some(Fault::Silent) => return None,
            Some(Fault::Damaged) => return Some(0xFF),
            Some(Fault::PaperOut) => self.paper_out = true,
            Some(Fault::PowerCut) => {
                self.waiting.clear();
                self.read = 0;
                self.marked = false;
                return None;
            }
            None => {}
        }
        let bits = |set: bool, bits: u8| if set { bits } else { 0 };
        let told = match question {
            1 => bits(!self.is_able(), 0x08),
            2 => bits(self.cover_open, 0x04) | bits(self.paper_out, 0x20),
            4 => bits(self.paper_low || self.paper_out, 0x0C) | bits(self.paper_out, 0x60),
            _ => 0,
        };
        (!self.mute).then_some(0x12 | told)
    }
}

impl Device for EscPosDevice {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        for byte in bytes {
            let asked = self.last == [0x10, 0x04] && (1..=4).contains(byte);
            self.last = [self.last[1], *byte];
            self.waiting.push(*byte);
            if asked {
                answers.extend(self.answer(*byte));
            }
        }
        self.print();
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escpos::document::{Cut, Document as Written};

    fn document(text: &str) -> Vec<u8> {
        let mut document = Written::new(Paper::default());
        document.drawer();
        document.line(text);
        // A payload that looks like a cut is none.
        document.qr("\u{1d}V\u{0}", 4);
        document.cut(Cut::Partial);
        document.into_bytes()
    }

    #[test]
    fn a_document_ends_where_it_is_cut_in_whatever_portions_it_comes() {
        let bytes = [document("one"), document("two")].concat();
        for portion in [1, 2, 3, 7, bytes.len()] {
            let mut device = EscPosDevice::new(Paper::default());
            for portion in bytes.chunks(portion) {
                assert!(device.hear(portion).is_empty());
            }
            let texts: Vec<&str> = device.printed.iter().map(|one| one.text.as_str()).collect();
            let expected =
                ["one", "two"].map(|text| format!("[drawer]\n{text}\n[QR \u{1d}V\u{0}]\n[cut]\n"));
            assert_eq!(texts, expected);
            assert_eq!(device.drawer_opened, 2);
            assert_eq!(device.printed[0].bytes, document("one"));
        }
    }

    /// Where paper is torn off, the next document ends the one before. A drawer is no document.
    #[test]
    fn without_a_cut_the_next_document_ends_it() {
        let mut device = EscPosDevice::new(Paper::default());
        let mut torn = Written::new(Paper::default());
        torn.line("torn");
        device.hear(&torn.into_bytes());
        assert!(device.printed.is_empty());
        let mut drawer = Written::new(Paper::default());
        drawer.drawer();
        device.hear(&drawer.into_bytes());
        device.hear(&document("next"));
        assert_eq!(device.printed.len(), 2);
        assert_eq!(device.printed[0].text, "torn\n");
        assert_eq!(device.drawer_opened, 2);
    }

    #[test]
    fn what_cannot_be_printed_waits_and_questions_are_answered_meanwhile() {
        let mut device = EscPosDevice::new(Paper::default());
        device.cover_open = true;
        device.hear(&document("later"));
        assert_eq!(device.hear(&[0x10, 0x04, 1]), [0x1A]);
        assert_eq!(device.hear(&[0x10, 0x04, 2]), [0x16]);
        assert!(device.printed.is_empty());
        device.cover_open = false;
        device.paper_low = true;
        device.print();
        assert_eq!(device.printed.len(), 1);
        assert_eq!(device.hear(&[0x10, 0x04, 4]), [0x1E]);
        device.mute = true;
        assert!(device.hear(&[0x10, 0x04, 4]).is_empty());
    }

    #[test]
    fn a_power_cut_loses_what_waits() {
        let mut device = EscPosDevice::new(Paper::default());
        device.paper_out = true;
        device.faults.insert(0, Fault::PowerCut);
        device.hear(&document("lost"));
        device.hear(&[0x10, 0x04, 4]);
        device.paper_out = false;
        device.print();
        device.hear(&document("kept"));
        assert_eq!(device.printed.len(), 1);
        assert!(device.printed[0].text.contains("kept"));
    }
}
