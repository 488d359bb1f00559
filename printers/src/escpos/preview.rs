//! What the bytes of a document look like on paper: for tests, previews and the archive.

use super::document::Paper;
use super::stream::{Part, next};

/// The paper as text. Alignment is kept, weight and size are not; what is no text is named in
/// brackets. Takes any bytes.
#[must_use]
pub fn preview(bytes: &[u8], paper: Paper) -> String {
    let mut page = Page {
        paper,
        text: String::new(),
        line: Vec::new(),
        align: 0,
        wide: false,
        qr: Vec::new(),
    };
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        // What is cut off in the middle is shown byte by byte.
        let (part, left) = next(rest).unwrap_or((Part::Byte(*first), behind));
        page.take(part);
        rest = left;
    }
    page.flush();
    page.text
}

struct Page {
    paper: Paper,
    text: String,
    line: Vec<u8>,
    align: u8,
    wide: bool,
    qr: Vec<u8>,
}

impl Page {
    fn take(&mut self, part: Part<'_>) {
        match part {
            Part::Reset => (self.align, self.wide) = (0, false),
            Part::Align(align) => self.align = align,
            Part::Alphabet(table) => {
                if let Some(known) = Paper::code_page_of(table) {
                    self.paper.code_page = known;
                }
            }
            Part::Size(size) => self.wide = size >= 0x10,
            Part::Feed(lines) => {
                self.flush();
                self.text.push_str(&"\n".repeat(usize::from(lines)));
            }
            Part::Cut => self.tell("[cut]"),
            Part::Drawer => self.tell("[drawer]"),
            Part::Code([0x31, 0x50, 0x30, payload @ ..]) => self.qr = payload.to_vec(),
            Part::Code([0x31, 0x51, ..]) => {
                let payload = String::from_utf8_lossy(&self.qr).into_owned();
                self.tell(&format!("[QR {payload}]"));
            }
            Part::Look | Part::Question(_) | Part::Code(_) => {}
            Part::LineEnd => self.end_line(),
            Part::Byte(byte) => self.character(byte),
        }
    }

    fn character(&mut self, byte: u8) {
        if byte >= 0x20 {
            self.line.push(byte);
        } else {
            self.tell(&format!("[{byte:02X}]"));
        }
    }

    fn tell(&mut self, what: &str) {
        self.flush();
        self.text.push_str(what);
        self.text.push('\n');
    }

    fn flush(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        let text = self.paper.code_page.decode(&std::mem::take(&mut self.line));
        let width = text.chars().count() * if self.wide { 2 } else { 1 };
        let free = self.paper.columns.saturating_sub(width);
        let indent = match self.align {
            1 => free / 2,
            2 => free,
            _ => 0,
        };
        let line = format!("{}{text}", " ".repeat(indent));
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}
