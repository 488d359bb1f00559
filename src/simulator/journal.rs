//! A list of what came out of a device, as a file that can be compared with the books.

use daybook_printers::simulator::sheet::Sheet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// The first line of the file.
pub const HEADER: &str = "number,kind,amount,sale,time";

/// A file that is only added to.
#[derive(Debug)]
pub struct Journal {
    file: File,
    last: u32,
}

impl Journal {
    /// Opens a journal, or begins one.
    ///
    /// # Errors
    /// When the file cannot be written, or is something else.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).read(true).append(true).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let mut lines = text.lines();
        match lines.next() {
            None => writeln!(file, "{HEADER}")?,
            Some(HEADER) => {}
            Some(_) => {
                let why = format!("is no journal of a printer: its first line is not {HEADER}");
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
        }
        let numbers = lines.filter_map(|line| line.split(',').next()?.parse().ok());
        let last = numbers.max().unwrap_or_default();
        Ok(Self { file, last })
    }

    /// The largest number in it; 0 when there is none.
    #[must_use]
    pub const fn last_number(&self) -> u32 {
        self.last
    }

    /// Adds a document.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, sheet: &Sheet) -> io::Result<()> {
        let number = sheet.number.map(|number| number.to_string());
        let fields = [
            number.unwrap_or_default(),
            sheet.name().to_owned(),
            sheet.amount().unwrap_or_default(),
            quoted(&sheet.sale),
            sheet.time.to_string(),
        ];
        // In one piece: another reader never sees half a line.
        self.file
            .write_all(format!("{}\n", fields.join(",")).as_bytes())
    }
}

/// A text as a field.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
