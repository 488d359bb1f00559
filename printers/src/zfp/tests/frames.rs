//! ZFP framing against the published frames and against every kind of damage.

use proptest::prelude::*;
use serde::Deserialize;

use crate::zfp::frame::{Acknowledgement, Frame, Message, encode, encode_acknowledgement};
use crate::zfp::reader::Reader;

#[derive(Deserialize)]
pub(super) struct Entry {
    protocol: String,
    pub(super) purpose: String,
    pub(super) direction: String,
    pub(super) hex: String,
    pub(super) decoded: serde_json::Value,
}

pub(super) fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace()
        .map(|pair| u8::from_str_radix(pair, 16).expect("hex"))
        .collect()
}

pub(super) fn published() -> Vec<Entry> {
    let entries: Vec<Entry> =
        serde_json::from_str(include_str!("../../../tests/frames.json")).expect("frames");
    let ours: Vec<Entry> = entries
        .into_iter()
        .filter(|entry| entry.protocol == "zfp")
        .collect();
    assert_eq!(ours.len(), 53, "no frame went missing");
    ours
}

fn rewrite(message: &Message) -> Vec<u8> {
    match message {
        Message::Frame(frame) => encode(frame).expect("a frame that was read can be written"),
        Message::Acknowledgement(ack) => encode_acknowledgement(*ack),
        Message::Byte(byte) => vec![*byte],
    }
}

#[test]
fn every_published_frame_is_read_and_written() {
    for entry in published() {
        let wire = bytes(&entry.hex);
        let read = Reader::default().read(&wire);
        let [message] = read.as_slice() else {
            panic!("{}: {read:?}", entry.purpose);
        };
        assert_eq!(rewrite(message), wire, "{}", entry.purpose);
        let told = |member: &str| bytes(entry.decoded[member].as_str().expect(member));
        match message {
            Message::Frame(frame) => {
                assert_eq!(told("nbl"), [frame.number]);
                assert_eq!(told("cmd"), [frame.command]);
                assert_eq!(told("data_hex"), frame.data, "{}", entry.purpose);
            }
            Message::Acknowledgement(ack) => {
                let result = entry.decoded["ste"].as_str().expect("ste");
                assert_eq!(told("nbl"), [ack.number]);
                assert_eq!(result, format!("{:02X}{:02X}", ack.device, ack.command));
            }
            Message::Byte(byte) => assert_eq!(wire, [*byte]),
        }
    }
}

#[test]
fn no_changed_byte_passes_for_the_answer() {
    for entry in published() {
        let wire = bytes(&entry.hex);
        if wire.len() == 1 {
            continue; // Nothing protects a byte alone.
        }
        let whole = Reader::default().read(&wire);
        for (at, byte) in (0..wire.len()).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
            let mut damaged = wire.clone();
            if std::mem::replace(&mut damaged[at], byte) == byte {
                continue;
            }
            let read = Reader::default().read(&damaged);
            let passes = read
                .iter()
                .any(|message| number(message) == number(&whole[0]));
            assert!(!passes, "{}: {at} {byte:02X} {read:?}", entry.purpose);
        }
    }
}

/// Only a message with the number that was sent is taken for the answer.
fn number(message: &Message) -> Option<u8> {
    match message {
        Message::Frame(frame) => Some(frame.number),
        Message::Acknowledgement(ack) => Some(ack.number),
        Message::Byte(_) => None,
    }
}

fn frames() -> impl Strategy<Value = Frame> {
    let data = prop::collection::vec(0x20..=0xFF_u8, 0..=124);
    (0x20..=0x9F_u8, 0x20..=0x7F_u8, data).prop_map(|(number, command, data)| Frame {
        number,
        command,
        data,
    })
}

fn acknowledgements() -> impl Strategy<Value = Acknowledgement> {
    (0x20..=0x9F_u8, 0x30..=0x3F_u8, 0x30..=0x3F_u8).prop_map(|(number, device, command)| {
        Acknowledgement {
            number,
            device,
            command,
        }
    })
}

fn messages() -> impl Strategy<Value = Message> {
    prop_oneof![
        frames().prop_map(Message::Frame),
        acknowledgements().prop_map(Message::Acknowledgement),
        prop::sample::select(vec![0x04, 0x09, 0x0E, 0x15, 0x40, 0x42]).prop_map(Message::Byte),
    ]
}

fn in_chunks(wire: &[u8], sizes: &[usize]) -> Vec<Message> {
    let mut reader = Reader::default();
    let mut read = Vec::new();
    let mut rest = wire;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().copied().unwrap_or(1).min(rest.len());
        let (chunk, after) = rest.split_at(size);
        read.extend(reader.read(chunk));
        rest = after;
    }
    read
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_messages(
        wire in prop::collection::vec(any::<u8>(), 0..600),
        sizes in prop::collection::vec(1..40_usize, 1..20),
    ) {
        prop_assert_eq!(in_chunks(&wire, &sizes), Reader::default().read(&wire));
    }

    #[test]
    fn what_is_written_is_read_in_any_cut(
        sent in prop::collection::vec(messages(), 0..8),
        sizes in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let wire: Vec<u8> = sent.iter().flat_map(rewrite).collect();
        prop_assert_eq!(in_chunks(&wire, &sizes), sent);
    }

    #[test]
    fn noise_before_a_frame_is_skipped(
        noise in prop::collection::vec(any::<u8>(), 0..40),
        frame in frames(),
    ) {
        let mut wire = noise;
        wire.extend(encode(&frame).unwrap());
        let read = Reader::default().read(&wire);
        prop_assert!(read.contains(&Message::Frame(frame)));
    }

    #[test]
    fn no_changed_byte_passes(frame in frames(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut wire = encode(&frame).unwrap();
        let at = at.index(wire.len());
        prop_assume!(wire[at] != byte);
        wire[at] = byte;
        let passes = |message: &Message| number(message) == Some(frame.number);
        prop_assert!(!Reader::default().read(&wire).iter().any(passes));
    }
}
