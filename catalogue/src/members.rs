//! A list of members: CSV with a header that names the columns `name` and `identifier`.
//!
//! Spreadsheets write CSV in many ways. Each is told by the header, or not told at all: a row that
//! could be read in two ways is refused.

use crate::context::Context;
use crate::error::CatalogueError;
use crate::limits::{MAX_LIST_ENTRIES, NAME_CHARS};
use crate::scalar;
use crate::value::Value;
use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A member, as a list constraint has its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name; may be empty.
    pub name: String,
    /// What the member says or shows at the desk; unique.
    pub identifier: String,
}

/// The header: where the columns stand.
struct Header {
    name: usize,
    identifier: usize,
    width: usize,
}

/// What separates fields, in the order in which they are tried.
const DELIMITERS: [u8; 3] = *b",;\t";

/// Reads a list of members.
///
/// # Errors
/// When the text has no such header, or any row is wrong: then nothing of it counts.
pub fn read_members(text: &str) -> Result<Vec<Member>, CatalogueError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let cx = Context::new();
    let headed = DELIMITERS.iter().find_map(|delimiter| {
        let mut rows = Rows::new(text, *delimiter);
        rows.read().ok()??;
        Some((header(&rows.row)?, rows))
    });
    let members = headed.map(|(header, rows)| members(&cx, &header, rows));
    if members.is_none() {
        cx.refuse(
            "",
            "has no header with one column \"name\" and one column \"identifier\": name them in the \
             first line, with a comma, a semicolon or a tab between",
        );
    }
    cx.conclude(members)
}

fn header(row: &StringRecord) -> Option<Header> {
    let column = |name: &str| {
        let mut columns = (0..).zip(row).filter(|(_, c)| c.eq_ignore_ascii_case(name));
        let (at, _) = columns.next()?;
        columns.next().is_none().then_some(at)
    };
    Some(Header {
        name: column("name")?,
        identifier: column("identifier")?,
        width: row.len(),
    })
}

fn members(cx: &Context, header: &Header, mut rows: Rows<'_>) -> Vec<Member> {
    let mut members = Vec::new();
    let mut lines = BTreeMap::new();
    for count in 1.. {
        let line = match rows.read() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(message) => {
                cx.refuse("", &message);
                break;
            }
        };
        let path = format!("line {line}");
        if count > MAX_LIST_ENTRIES {
            cx.refuse(
                &path,
                &format!("one row too many: at most {MAX_LIST_ENTRIES} are read"),
            );
            break;
        }
        match member(header, &rows.row) {
            Err(message) => cx.refuse(&path, &message),
            Ok(member) => {
                if let Some(other) = lines.insert(member.identifier.clone(), line) {
                    cx.refuse(&path, &format!("has the same identifier as line {other}"));
                }
                members.push(member);
            }
        }
    }
    members
}

fn member(header: &Header, row: &StringRecord) -> Result<Member, String> {
    // A delimiter that stands in a name without quotes moves what follows into the wrong columns.
    if row.iter().skip(header.width).any(|field| !field.is_empty()) {
        return Err(format!(
            "has {} fields, the header {}: a field that holds the delimiter must be in quotes",
            row.len(),
            header.width
        ));
    }
    let name = 0..=*NAME_CHARS.end();
    Ok(Member {
        name: field(row, header.name, &name).map_err(|why| format!("the name {why}"))?,
        identifier: field(row, header.identifier, &NAME_CHARS)
            .map_err(|why| format!("the identifier {why}"))?,
    })
}

fn field(row: &StringRecord, at: usize, chars: &RangeInclusive<usize>) -> Result<String, String> {
    let text = row.get(at).unwrap_or_default();
    scalar::line(&Value::Text(text.to_owned()), chars)
}

/// The rows of a text that are not blank, with their lines.
struct Rows<'a> {
    text: &'a [u8],
    reader: Reader<&'a [u8]>,
    row: StringRecord,
    /// How far lines were counted, in bytes, and the line there.
    counted: usize,
    line: usize,
}

impl<'a> Rows<'a> {
    fn new(text: &'a str, delimiter: u8) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        Self {
            text: text.as_bytes(),
            reader,
            row: StringRecord::new(),
            counted: 0,
            line: 1,
        }
    }

    /// Reads the next row into `row` and gives its line; none at the end.
    fn read(&mut self) -> Result<Option<usize>, String> {
        loop {
            let start = self.reader.position().byte();
            let read = self.reader.read_record(&mut self.row);
            if !read.map_err(|error| error.to_string())? {
                return Ok(None);
            }
            // Spreadsheets write a blank row as delimiters alone.
            if self.row.iter().any(|field| !field.is_empty()) {
                let start = usize::try_from(start).unwrap_or(self.text.len());
                return Ok(Some(self.line_of(start)));
            }
        }
    }

    /// The line of a row. The reader's own count is of no use: it is that of the blank lines before
    /// the row, and behind by one where lines end with two characters.
    fn line_of(&mut self, start: usize) -> usize {
        let blank = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let ends = self.text.iter().skip(start).take_while(blank).count();
        let start = start + ends;
        for at in self.counted..start {
            let next = self.text.get(at + 1);
            let ends_line = match self.text.get(at) {
                Some(b'\n') => true,
                Some(b'\r') => next != Some(&b'\n'),
                _ => false,
            };
            self.line += usize::from(ends_line);
        }
        self.counted = start;
        self.line
    }
}
