//! The bytes of ESC/POS (maker's command reference): lines, styles, QR codes, cuts and the drawer.

use crate::text::{CodePage, clean, wrap};

const ESC: u8 = 0x1B;
const GS: u8 = 0x1D;
const DLE: u8 = 0x10;
const LF: u8 = 0x0A;

/// The longest payload of a QR code here; version 40 with error correction M holds little more.
const MAX_QR_BYTES: usize = 2_000;

/// What a printer prints on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Characters on a line: 48 or 42 on 80 mm, 32 on 58 mm.
    pub columns: usize,
    /// The alphabet.
    pub code_page: CodePage,
    /// The number that selects it. Makers number differently.
    pub table: u8,
}

impl Paper {
    /// Epson's numbering: 17 is cp866, 45 cp1250, 46 cp1251, 16 cp1252.
    #[must_use]
    pub const fn epson(columns: usize, code_page: CodePage) -> Self {
        let table = match code_page {
            CodePage::Cp866 => 17,
            CodePage::Cp1250 => 45,
            CodePage::Cp1251 => 46,
            CodePage::Cp1252 => 16,
        };
        Self {
            columns,
            code_page,
            table,
        }
    }

    /// The alphabet that a number selects in that numbering, if it is one of ours.
    #[must_use]
    pub fn code_page_of(table: u8) -> Option<CodePage> {
        let all = [
            CodePage::Cp866,
            CodePage::Cp1250,
            CodePage::Cp1251,
            CodePage::Cp1252,
        ];
        all.into_iter()
            .find(|page| Self::epson(0, *page).table == table)
    }
}

impl Default for Paper {
    fn default() -> Self {
        Self::epson(42, CodePage::Cp866)
    }
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
}

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Where it stands.
    pub align: Align,
    /// Printed thick.
    pub bold: bool,
    /// Twice as wide and as high.
    pub double: bool,
}

impl Style {
    /// In the middle, thick and large.
    pub const TITLE: Self = Self {
        align: Align::Centre,
        bold: true,
        double: true,
    };
    /// In the middle.
    pub const CENTRE: Self = Self {
        align: Align::Centre,
        bold: false,
        double: false,
    };
    /// Thick.
    pub const BOLD: Self = Self {
        align: Align::Left,
        bold: true,
        double: false,
    };
}

/// How paper is cut. A printer that knows only one way takes that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Through.
    Full,
    /// A point is left.
    Partial,
}

/// What is going to be printed, as bytes.
#[derive(Clone, Debug)]
pub struct Document {
    paper: Paper,
    bytes: Vec<u8>,
}

impl Document {
    /// An empty one: resets the printer and selects the alphabet.
    #[must_use]
    pub fn new(paper: Paper) -> Self {
        let bytes = vec![ESC, b'@', ESC, b't', paper.table];
        Self { paper, bytes }
    }

    /// A text, broken into lines that fit.
    pub fn line(&mut self, text: &str) {
        for line in wrap(text, self.paper.columns) {
            self.put(&line);
        }
    }

    /// A text in a style, broken into lines that fit.
    pub fn styled(&mut self, text: &str, style: Style) {
        let columns = self.paper.columns / if style.double { 2 } else { 1 };
        self.in_style(style, |document| {
            for line in wrap(text, columns) {
                document.put(&line);
            }
        });
    }

    /// A text at the left and one at the right edge, in a style that is not double.
    pub fn styled_sides(&mut self, left: &str, right: &str, style: Style) {
        let style = Style {
            double: false,
            ..style
        };
        self.in_style(style, |document| document.sides(left, right));
    }

    /// A QR code in the middle.
    pub fn styled_qr(&mut self, payload: &str, size: u8) {
        self.in_style(Style::CENTRE, |document| document.qr(payload, size));
    }

    /// Only what differs from plain is switched on and off again.
    fn in_style(&mut self, style: Style, print: impl FnOnce(&mut Self)) {
        let align = match style.align {
            Align::Left => 0,
            Align::Centre => 1,
            Align::Right => 2,
        };
        let switches = [
            (align > 0, [ESC, b'a', align]),
            (style.bold, [ESC, b'E', 1]),
            (style.double, [GS, b'!', 0x11]),
        ];
        let used = switches.iter().filter(|(used, _)| *used);
        let on: Vec<[u8; 3]> = used.map(|(_, bytes)| *bytes).collect();
        self.bytes.extend(on.iter().flatten());
        print(self);
        for [prefix, letter, _] in on.into_iter().rev() {
            self.bytes.extend([prefix, letter, 0]);
        }
    }

    /// A text at the left and one at the right edge of the same line; the left one is broken into
    /// several lines when both do not fit, and the right one stands on the last of them. Spaces
    /// before the left one indent it.
    pub fn sides(&mut self, left: &str, right: &str) {
        let right = clean(right);
        let text = left.trim_start();
        let indent = " ".repeat((left.len() - text.len()).min(self.paper.columns / 2));
        let taken = indent.len() + right.chars().count() + 1;
        let mut lines = wrap(text, self.paper.columns.saturating_sub(taken));
        let last = lines.pop().unwrap_or_default();
        for line in &lines {
            self.put(&format!("{indent}{line}"));
        }
        let used = indent.len() + last.chars().count();
        let width = self.paper.columns.saturating_sub(used);
        self.put(&format!("{indent}{last}{right:>width$}"));
    }

    /// A line full of one character.
    pub fn rule(&mut self, char: char) {
        self.put(&char.to_string().repeat(self.paper.columns));
    }

    /// Empty lines.
    pub fn feed(&mut self, lines: u8) {
        self.bytes.extend([ESC, b'd', lines]);
    }

    /// Moves the paper to the cutter and cuts.
    pub fn cut(&mut self, cut: Cut) {
        let kind = match cut {
            Cut::Full => 0x41,
            Cut::Partial => 0x42,
        };
        self.bytes.extend([GS, b'V', kind, 0]);
    }

    /// Opens the drawer on pin 2: 50 ms on, 500 ms off.
    pub fn drawer(&mut self) {
        self.bytes.extend([ESC, b'p', 0, 0x19, 0xFA]);
    }

    /// A QR code (model 2, error correction M) with dots of the given size, 1 to 16. Too long a
    /// payload is left out. Some printers take DLE for a question even here, so it is dropped.
    pub fn qr(&mut self, payload: &str, size: u8) {
        let payload: Vec<u8> = payload.bytes().filter(|byte| *byte != DLE).collect();
        if payload.is_empty() || payload.len() > MAX_QR_BYTES {
            return;
        }
        self.qr_function(&[0x41, 0x32, 0x00]);
        self.qr_function(&[0x43, size.clamp(1, 16)]);
        self.qr_function(&[0x45, 0x31]);
        self.qr_function(&[&[0x50, 0x30], payload.as_slice()].concat());
        self.qr_function(&[0x51, 0x30]);
    }

    /// `GS ( k`, the length, 31 and the function.
    fn qr_function(&mut self, function: &[u8]) {
        let [low, high, ..] = (function.len() + 1).to_le_bytes();
        self.bytes.extend([GS, b'(', b'k', low, high, 0x31]);
        self.bytes.extend_from_slice(function);
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn put(&mut self, line: &str) {
        let bytes = self.paper.code_page.encode(&clean(line));
        self.bytes
            .extend(bytes.into_iter().take(self.paper.columns));
        self.bytes.push(LF);
    }
}
