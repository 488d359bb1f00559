//! The frames of ZFP, as Tremol devices speak them (vendor document): bytes to messages and back.

use std::ops::RangeInclusive;

/// The first byte of a frame that carries a command or data.
const STX: u8 = 0x02;
/// The first byte of an acknowledgement.
const ACK: u8 = 0x06;
/// The last byte of both.
const END: u8 = 0x0A;
/// Added to every length and to nothing else.
const LENGTH_BASE: u8 = 0x20;
/// LEN, NBL and CMD count themselves.
const COUNTED: usize = 3;
/// What surrounds the counted bytes: STX, two checksum characters, END.
const AROUND: usize = 4;
/// An acknowledgement always has this many bytes.
const ACK_BYTES: usize = 7;

/// The most data of a frame: LEN is one byte of at most 9F.
pub const MAX_DATA: usize = 124;
/// Message numbers. The number of a command differs from that of the command before it.
pub const NUMBERS: RangeInclusive<u8> = 0x20..=0x9F;
/// Command codes.
const COMMANDS: RangeInclusive<u8> = 0x20..=0x7F;
/// The two characters of an acknowledgement and of a checksum: a nibble plus 30.
const NIBBLES: RangeInclusive<u8> = 0x30..=0x3F;

/// Asks whether the device is switched on; the answer is the same byte.
pub const PING_ON: u8 = 0x04;
/// Asks whether the device is ready; the answers are the bytes from 40.
pub const PING_READY: u8 = 0x09;
/// The frame was damaged; send it again.
pub const NACK: u8 = 0x15;
/// Busy with the command before; send it again later.
pub const RETRY: u8 = 0x0E;

/// A frame with a command (to the device) or with data (from it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The message number, which an answer repeats.
    pub number: u8,
    /// The command, which an answer repeats.
    pub command: u8,
    /// Text in cp1251, or raw bytes.
    pub data: Vec<u8>,
}

/// What a device answers to a command that returns nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The message number of the command.
    pub number: u8,
    /// The state of the device: 30 is fine.
    pub device: u8,
    /// The result of the command: 30 is done.
    pub command: u8,
}

/// The bytes of a frame; `None` when it cannot be: too much data, control characters in it, a number
/// or command out of range.
#[must_use]
pub fn encode(frame: &Frame) -> Option<Vec<u8>> {
    let fits = frame.data.len() <= MAX_DATA
        && frame.data.iter().all(|byte| *byte >= 0x20)
        && NUMBERS.contains(&frame.number)
        && COMMANDS.contains(&frame.command);
    let counted = u8::try_from(frame.data.len() + COUNTED).ok()?;
    if !fits {
        return None;
    }
    let mut bytes = vec![STX, LENGTH_BASE + counted, frame.number, frame.command];
    bytes.extend_from_slice(&frame.data);
    finish(&mut bytes);
    Some(bytes)
}

/// The bytes of an acknowledgement.
#[must_use]
pub fn encode_acknowledgement(ack: Acknowledgement) -> Vec<u8> {
    let mut bytes = vec![ACK, ack.number, ack.device, ack.command];
    finish(&mut bytes);
    bytes
}

/// Commands that a driver sends and that carry no password: what opens a receipt (30) or moves money
/// (3B) does, and any other was chosen by an operator and may.
fn is_open(command: u8) -> bool {
    matches!(
        command,
        0x20 | 0x21 | 0x2A | 0x31 | 0x33..=0x35 | 0x37..=0x3A | 0x48 | 0x60 | 0x61 | 0x68 | 0x6E
            | 0x71..=0x73 | 0x7C
    )
}

/// Blanks what was sent where a password stands, or may stand: the data of a command and its
/// checksum, which would give it away, or what is neither a command nor a ping, as the password of
/// the network is. The command may be cut.
pub(crate) fn blank(bytes: &mut [u8], blank: u8) {
    /// STX, LEN, NBL, CMD.
    const HEAD: usize = 4;
    for frame in bytes.chunk_by_mut(|_, next| *next != STX) {
        let from = match frame {
            [STX, _, _, command, ..] if is_open(*command) => continue,
            [STX, ..] => HEAD.min(frame.len()),
            [0x00..=0x1F] => continue,
            _ => 0,
        };
        let to = frame.len() - usize::from(frame.last() == Some(&END));
        if let Some(hidden) = frame.get_mut(from..to) {
            hidden.fill(blank);
        }
    }
}

/// What the bytes begin with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begins {
    /// A whole message and its length.
    Message(Message, usize),
    /// Nothing that could become one: the first byte is to be skipped.
    Noise,
    /// Something that may become one when more bytes come.
    Unfinished,
}

/// One message from the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A frame.
    Frame(Frame),
    /// An acknowledgement.
    Acknowledgement(Acknowledgement),
    /// A byte alone: NACK, RETRY, a ping or an answer to a ping.
    Byte(u8),
}

/// Reads the first message of the bytes. A byte below 20 cannot stand inside a frame, so what only
/// looked like a start of one is given up as soon as a real start follows.
pub(super) fn decode(bytes: &[u8]) -> Begins {
    match bytes {
        [] | [STX] => Begins::Unfinished,
        [STX, length, ..] => decode_frame(bytes, *length),
        [ACK, ..] => decode_acknowledgement(bytes),
        [
            byte @ (PING_ON | PING_READY | NACK | RETRY | 0x40..=0x7F),
            ..,
        ] => Begins::Message(Message::Byte(*byte), 1),
        _ => Begins::Noise,
    }
}

fn decode_frame(bytes: &[u8], length: u8) -> Begins {
    let counted = usize::from(length.saturating_sub(LENGTH_BASE));
    if !(COUNTED..=COUNTED + MAX_DATA).contains(&counted) {
        return Begins::Noise;
    }
    let Some(body) = whole(bytes, counted + AROUND) else {
        return unfinished(bytes, counted + AROUND);
    };
    match body {
        [_, number, command, data @ ..]
            if NUMBERS.contains(number) && COMMANDS.contains(command) =>
        {
            let frame = Frame {
                number: *number,
                command: *command,
                data: data.to_vec(),
            };
            Begins::Message(Message::Frame(frame), counted + AROUND)
        }
        _ => Begins::Noise,
    }
}

fn decode_acknowledgement(bytes: &[u8]) -> Begins {
    match whole(bytes, ACK_BYTES) {
        Some(&[number, device, command])
            if NUMBERS.contains(&number)
                && NIBBLES.contains(&device)
                && NIBBLES.contains(&command) =>
        {
            let ack = Acknowledgement {
                number,
                device,
                command,
            };
            Begins::Message(Message::Acknowledgement(ack), ACK_BYTES)
        }
        Some(_) => Begins::Noise,
        None => unfinished(bytes, ACK_BYTES),
    }
}

/// The bytes between the first and the checksum, when end and checksum are right.
fn whole(bytes: &[u8], total: usize) -> Option<&[u8]> {
    let frame = bytes.get(..total)?;
    let (head, tail) = frame.split_at(total - 3);
    let body = head.get(1..)?;
    let right = body.iter().all(|byte| *byte >= 0x20) && tail == trailer(body);
    right.then_some(body)
}

fn unfinished(bytes: &[u8], total: usize) -> Begins {
    let possible = bytes.iter().skip(1).all(|byte| *byte >= 0x20);
    if bytes.len() < total && possible {
        Begins::Unfinished
    } else {
        Begins::Noise
    }
}

/// The checksum is the XOR of the counted bytes, each nibble plus 30.
fn trailer(body: &[u8]) -> [u8; 3] {
    let xor = body.iter().fold(0, |sum, byte| sum ^ byte);
    [0x30 + (xor >> 4), 0x30 + (xor & 0x0F), END]
}

fn finish(bytes: &mut Vec<u8>) {
    let trailer = trailer(bytes.get(1..).unwrap_or_default());
    bytes.extend_from_slice(&trailer);
}
