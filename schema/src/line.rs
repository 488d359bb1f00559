//! The one module that writes and strictly reads the canonical line.
//!
//! An event is serialised once, here, by [`seal`]. Those bytes are hashed, stored, published and
//! exported unchanged. [`read`] accepts a line only if writing what it understood gives the very
//! same bytes back, so duplicate keys, other spellings of a number or a character, white space and
//! unknown members are all refused by one comparison.

mod atoms;
mod canonical;
mod envelope;

pub use envelope::Envelope;

use crate::event::{Actor, Event};
use crate::facts::Fact;
use crate::hash::{self, Leaf};
use crate::id::LogName;
use crate::log::Head;
use crate::time::At;
use canonical::Writer;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The longest line, in bytes without the line feed: lengths have 16 bits in the tile format.
pub const MAX_LINE_BYTES: usize = 65_535;

/// The envelope version that this code writes and reads.
pub const VERSION: &str = "event/1";

/// The largest integer that every reader of JSON keeps exactly: 2^53 - 1.
pub const MAX_INTEGER: u64 = 9_007_199_254_740_991;

/// Why bytes are no event line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Longer than [`MAX_LINE_BYTES`].
    #[error("the line has {0} bytes, at most 65535 are allowed")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("the line is not UTF-8 (first wrong byte at offset {0})")]
    NotUtf8(usize),
    /// Not JSON of an event's shape.
    #[error("the line does not parse: {0}")]
    Syntax(String),
    /// Another envelope version.
    #[error("the line has version \"{0}\", this program knows \"event/1\"; use a newer one")]
    UnknownVersion(String),
    /// A type that is not in the table.
    #[error("the line has type \"{0}\", which this program does not know; use a newer one")]
    UnknownType(String),
    /// It parses, but its canonical form has other bytes.
    #[error("the line is not in canonical form (first difference at offset {0})")]
    NotCanonical(usize),
}

/// Reads an integer that no reader of JSON rounds: at most [`MAX_INTEGER`].
pub(crate) fn exact_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = u64::deserialize(deserializer)?;
    if number <= MAX_INTEGER {
        Ok(number)
    } else {
        Err(de::Error::custom("an integer is larger than 2^53 - 1"))
    }
}

/// A line that has its place in a log, ready to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedLine {
    /// Position in the log.
    pub seq: u64,
    /// When it was recorded.
    pub at: At,
    /// The type's name, for stores that index it.
    pub type_name: &'static str,
    /// The hash of `bytes`.
    pub leaf: Leaf,
    /// The canonical line without its line feed.
    pub bytes: Vec<u8>,
}

#[derive(Serialize)]
struct WrittenLine<'a> {
    #[serde(rename = "$")]
    version: &'static str,
    at: At,
    by: Actor,
    cmd: &'a str,
    data: &'a Fact,
    log: &'a LogName,
    prev: Leaf,
    seq: u64,
    #[serde(rename = "type")]
    type_name: &'static str,
}

/// A line as it stands there, before anything is compared.
#[derive(Deserialize)]
pub(crate) struct ReadLine<'a, Data> {
    #[serde(rename = "$", borrow)]
    version: Cow<'a, str>,
    at: At,
    by: Actor,
    cmd: String,
    data: Data,
    #[serde(borrow)]
    log: Cow<'a, str>,
    prev: Leaf,
    #[serde(deserialize_with = "exact_integer")]
    seq: u64,
    #[serde(rename = "type", borrow)]
    type_name: Cow<'a, str>,
}

impl<'a, Data> ReadLine<'a, Data> {
    pub(crate) fn map<Other>(self, map: impl FnOnce(Data) -> Other) -> ReadLine<'a, Other> {
        let Self {
            version,
            at,
            by,
            cmd,
            data,
            log,
            prev,
            seq,
            type_name,
        } = self;
        ReadLine {
            version,
            at,
            by,
            cmd,
            data: map(data),
            log,
            prev,
            seq,
            type_name,
        }
    }
}

/// The canonical bytes of a value whose members are declared in the order of their names.
///
/// Types of this crate never fail to serialise: every key is a text and every number an integer or
/// an exact decimal.
pub(crate) fn canonical(value: &impl Serialize) -> Vec<u8> {
    let mut writer = Writer::with_capacity(1024);
    let written = value.serialize(&mut writer);
    debug_assert!(written.is_ok(), "{written:?}");
    writer.into_bytes()
}

fn write(event: &Event) -> Vec<u8> {
    canonical(&WrittenLine {
        version: VERSION,
        at: event.at,
        by: event.by,
        cmd: &event.cmd,
        data: &event.fact,
        log: &event.log,
        prev: event.prev,
        seq: event.seq,
        type_name: event.fact.type_name(),
    })
}

/// Writes the event's line and hashes it.
///
/// # Errors
/// When the line would be too long.
pub fn seal(event: &Event) -> Result<SealedLine, LineError> {
    let bytes = write(event);
    if bytes.len() > MAX_LINE_BYTES {
        return Err(LineError::TooLong(bytes.len()));
    }
    Ok(SealedLine {
        seq: event.seq,
        at: event.at,
        type_name: event.fact.type_name(),
        leaf: hash::leaf(&bytes),
        bytes,
    })
}

impl SealedLine {
    /// The head of the log once this line is its last.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head {
            size: self.seq + 1,
            leaf: self.leaf,
        }
    }
}

/// Reads a line (without its line feed), and refuses anything but its canonical form.
///
/// # Errors
/// Says what is wrong with the bytes; see [`LineError`].
pub fn read(bytes: &[u8]) -> Result<Event, LineError> {
    if bytes.len() > MAX_LINE_BYTES {
        return Err(LineError::TooLong(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| LineError::NotUtf8(e.valid_up_to()))?;
    let line = parse(text)?;
    if line.version != VERSION {
        return Err(LineError::UnknownVersion(line.version.into_owned()));
    }
    let event = Event {
        at: line.at,
        by: line.by,
        cmd: line.cmd,
        fact: line.data,
        log: LogName::new(&line.log).map_err(|e| LineError::Syntax(e.to_string()))?,
        prev: line.prev,
        seq: line.seq,
    };
    let written = write(&event);
    if written == bytes {
        Ok(event)
    } else {
        let same = written
            .iter()
            .zip(bytes)
            .take_while(|(a, b)| a == b)
            .count();
        Err(LineError::NotCanonical(same))
    }
}

/// Parses the line, its data as its type says.
fn parse(text: &str) -> Result<ReadLine<'_, Fact>, LineError> {
    // The type stands behind the data, but at the very end: looking there first saves a pass over
    // the data. A line with another end is not canonical; below it gets the error it deserves.
    if let Some(Ok(line)) = ending_type(text).and_then(|name| Fact::read_line(name, text)) {
        return Ok(line);
    }
    let syntax = |e: serde_json::Error| LineError::Syntax(e.to_string());
    let line: ReadLine<'_, &RawValue> = serde_json::from_str(text).map_err(syntax)?;
    if line.version != VERSION {
        return Err(LineError::UnknownVersion(line.version.into_owned()));
    }
    let Some(fact) = Fact::read(&line.type_name, line.data.get()) else {
        return Err(LineError::UnknownType(line.type_name.into_owned()));
    };
    let fact = fact.map_err(syntax)?;
    Ok(line.map(|_| fact))
}

fn ending_type(text: &str) -> Option<&str> {
    text.strip_suffix("\"}")?
        .rsplit_once(",\"type\":\"")
        .map(|(_, name)| name)
}
