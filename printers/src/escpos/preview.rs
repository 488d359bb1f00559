//! What the bytes of a document look like on paper: for tests, previews and the archive.

use super::document::Paper;

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
    while !rest.is_empty() {
        rest = page.take(rest);
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
    /// Takes the next command or character and returns what follows it.
    fn take<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        match bytes {
            [0x1B, b'@', rest @ ..] => {
                (self.align, self.wide) = (0, false);
                rest
            }
            [0x1B, b't' | b'E', _, rest @ ..] => rest,
            [0x1B, b'a', align, rest @ ..] => {
                self.align = *align;
                rest
            }
            [0x1D, b'!', size, rest @ ..] => {
                self.wide = *size >= 0x10;
                rest
            }
            [0x1B, b'd', lines, rest @ ..] => {
                self.flush();
                self.text.push_str(&"\n".repeat(usize::from(*lines)));
                rest
            }
            [0x1D, b'V', 0x41 | 0x42, _, rest @ ..] | [0x1D, b'V', 0 | 1, rest @ ..] => {
                self.tell("[cut]");
                rest
            }
            [0x1B, b'p', _, _, _, rest @ ..] => {
                self.tell("[drawer]");
                rest
            }
            [0x1D, b'(', b'k', low, high, rest @ ..] => self.qr(*low, *high, rest),
            [0x0A, rest @ ..] => {
                self.end_line();
                rest
            }
            [byte, rest @ ..] => {
                self.character(*byte);
                rest
            }
            [] => bytes,
        }
    }

    fn qr<'a>(&mut self, low: u8, high: u8, rest: &'a [u8]) -> &'a [u8] {
        let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
        let (function, rest) = rest.split_at(length);
        match function {
            [0x31, 0x50, 0x30, payload @ ..] => self.qr = payload.to_vec(),
            [0x31, 0x51, ..] => {
                let payload = String::from_utf8_lossy(&self.qr).into_owned();
                self.tell(&format!("[QR {payload}]"));
            }
            _ => {}
        }
        rest
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
