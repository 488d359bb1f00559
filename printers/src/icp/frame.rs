//! The frames of ICP, as devices of ISL Ltd. speak them (vendor document): bytes to messages and
//! back.
//!
//! The two directions differ. A request counts and sums its whole self; an answer counts only its
//! data and sums 02 and the data. The vendor's captured example shows this, its prose does not.

use std::ops::RangeInclusive;

/// The first byte of a frame.
const STX: u8 = 0x02;
/// The last byte of a frame. It cannot stand inside one.
const ETX: u8 = 0x03;
/// What surrounds command and data in a request: 02, the address, two of LEN, two of checksum, 03.
const AROUND_REQUEST: usize = 10;
/// LEN, checksum and 03.
const TRAILER: usize = 5;
/// LEN has two nibbles.
const MAX_LENGTH: usize = 255;
/// An answer that is as long as its LEN can tell.
const MAX_FRAME: usize = 1 + MAX_LENGTH + TRAILER;

/// The most command and data of a request.
pub const MAX_REQUEST: usize = MAX_LENGTH - AROUND_REQUEST;
/// The most data of an answer.
pub const MAX_ANSWER: usize = MAX_LENGTH;

/// Done.
pub const ACK: u8 = 0x06;
/// Refused, or the frame was damaged: only the error number tells which.
pub const NACK: u8 = 0x15;
/// Busy; repeated every 100 ms.
pub const WAIT: u8 = 0x05;

/// What may stand in command, data and the characters of LEN and checksum.
const TEXT: RangeInclusive<u8> = 0x20..=0xFF;

/// Four characters that a device listens to: the end of its serial number.
pub type Address = [u8; 4];
/// Every device listens to this one when it is asked who it is.
pub const ANYBODY: Address = *b"0000";

/// The bytes of a request; `None` when it is too long, has no command or holds control characters.
#[must_use]
pub fn encode_request(address: Address, body: &[u8]) -> Option<Vec<u8>> {
    if !(2..=MAX_REQUEST).contains(&body.len()) || !is_text(&address) || !is_text(body) {
        return None;
    }
    let mut bytes = vec![STX];
    bytes.extend_from_slice(&address);
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&nibbles(u8::try_from(AROUND_REQUEST + body.len()).ok()?));
    bytes.extend_from_slice(&nibbles(sum(&bytes)));
    bytes.push(ETX);
    Some(bytes)
}

/// The bytes of an answer; `None` when it is too long or holds control characters.
#[must_use]
pub fn encode_answer(data: &[u8]) -> Option<Vec<u8>> {
    if !is_text(data) {
        return None;
    }
    let mut bytes = vec![STX];
    bytes.extend_from_slice(data);
    let checksum = nibbles(sum(&bytes));
    bytes.extend_from_slice(&nibbles(u8::try_from(data.len()).ok()?));
    bytes.extend_from_slice(&checksum);
    bytes.push(ETX);
    Some(bytes)
}

/// Address, and command and data, of a whole request.
pub(super) fn decode_request(frame: &[u8]) -> Option<(Address, Vec<u8>)> {
    let inner = frame.strip_prefix(&[STX])?;
    let (address, rest) = inner.split_at_checked(4)?;
    let body = rest.get(..rest.len().checked_sub(TRAILER)?)?;
    let address = address.try_into().ok()?;
    (encode_request(address, body)? == frame).then(|| (address, body.to_vec()))
}

/// The data of a whole answer.
pub(super) fn decode_answer(frame: &[u8]) -> Option<Vec<u8>> {
    let inner = frame.strip_prefix(&[STX])?;
    let data = inner.get(..inner.len().checked_sub(TRAILER)?)?;
    (encode_answer(data)? == frame).then(|| data.to_vec())
}

/// What the bytes from a 02 on are.
pub(super) enum Extent {
    /// A frame of so many bytes, right or wrong.
    Frame(usize),
    /// So many bytes that are no frame.
    Noise(usize),
    /// Not known before more bytes come.
    Open,
}

/// A frame ends with 03, and nothing else below 20 stands in it: a new 02 begins anew.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    let window = bytes.get(..MAX_FRAME).unwrap_or(bytes);
    let control = window.iter().skip(1).position(|byte| !TEXT.contains(byte));
    match control.map(|after_first| after_first + 1) {
        Some(at) if window.get(at) == Some(&ETX) => Extent::Frame(at + 1),
        Some(at) if window.get(at) == Some(&STX) => Extent::Noise(at),
        Some(at) => Extent::Noise(at + 1),
        None if window.len() == MAX_FRAME => Extent::Noise(MAX_FRAME),
        None => Extent::Open,
    }
}

pub(super) fn begins(byte: u8) -> bool {
    byte == STX
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| TEXT.contains(byte))
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

fn nibbles(byte: u8) -> [u8; 2] {
    [0x30 + (byte >> 4), 0x30 + (byte & 0x0F)]
}
