//! ICP framing against the published frames and against every kind of damage.

use proptest::prelude::*;
use serde::Deserialize;

use crate::icp::frame::{MAX_ANSWER, MAX_REQUEST, encode_answer, encode_request};
use crate::icp::reader::{Asked, Message, Reader};

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
        .filter(|entry| entry.protocol == "icp")
        .collect();
    assert_eq!(ours.len(), 33, "no frame went missing");
    ours
}

#[test]
fn every_published_frame_is_read_and_written() {
    for entry in published() {
        let wire = bytes(&entry.hex);
        let told = |member: &str| entry.decoded[member].as_str().expect("a text").to_owned();
        if entry.direction == "host->device" {
            let read = Reader::default().read_requests(&wire);
            let [Asked::Request(address, body)] = read.as_slice() else {
                panic!("{}: {read:?}", entry.purpose);
            };
            assert_eq!(address, told("address").as_bytes());
            assert_eq!(*body, bytes(&told("data_hex")), "{}", entry.purpose);
            assert_eq!(encode_request(*address, body), Some(wire));
        } else {
            match Reader::default().read(&wire).as_slice() {
                [Message::Data(data)] => {
                    assert_eq!(*data, bytes(&told("data_hex")), "{}", entry.purpose);
                    assert_eq!(encode_answer(data), Some(wire));
                }
                [Message::Done] => assert_eq!(wire, [0x06]),
                [Message::Refused] => assert_eq!(wire, [0x15]),
                [Message::Wait] => assert_eq!(wire, [0x05]),
                other => panic!("{}: {other:?}", entry.purpose),
            }
        }
    }
}

#[test]
fn no_changed_byte_passes_for_a_published_frame() {
    for entry in published() {
        let wire = bytes(&entry.hex);
        if wire.len() == 1 {
            continue; // Nothing protects a byte alone.
        }
        for (at, byte) in (0..wire.len()).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
            let mut damaged = wire.clone();
            if std::mem::replace(&mut damaged[at], byte) != byte {
                assert!(!is_accepted(&damaged), "{}: {at} {byte:02X}", entry.purpose);
            }
        }
    }
}

fn is_accepted(wire: &[u8]) -> bool {
    let asked = Reader::default().read_requests(wire);
    let told = Reader::default().read(wire);
    asked.iter().any(|one| matches!(one, Asked::Request(..)))
        || told.iter().any(|one| matches!(one, Message::Data(_)))
}

fn texts(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0x20..=0xFF_u8, 2..=most)
}

fn in_chunks(wire: &[u8], sizes: &[usize]) -> (Vec<Message>, Vec<Asked>) {
    let (mut host, mut device) = (Reader::default(), Reader::default());
    let (mut told, mut asked) = (Vec::new(), Vec::new());
    let mut rest = wire;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().copied().unwrap_or(1).min(rest.len());
        let (chunk, after) = rest.split_at(size);
        told.extend(host.read(chunk));
        asked.extend(device.read_requests(chunk));
        rest = after;
    }
    (told, asked)
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_messages(
        wire in prop::collection::vec(any::<u8>(), 0..600),
        sizes in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let whole = (
            Reader::default().read(&wire),
            Reader::default().read_requests(&wire),
        );
        prop_assert_eq!(in_chunks(&wire, &sizes), whole);
    }

    #[test]
    fn a_run_without_an_end_is_given_up_in_any_cut(
        run in prop::collection::vec(0x20..=0xFF_u8, 200..900),
        data in texts(MAX_ANSWER),
        sizes in prop::collection::vec(1..400_usize, 1..20),
    ) {
        let mut wire = vec![0x02];
        wire.extend(run);
        wire.extend(encode_answer(&data).unwrap());
        let (told, _) = in_chunks(&wire, &sizes);
        prop_assert_eq!(&told, &Reader::default().read(&wire));
        prop_assert!(told.contains(&Message::Data(data)));
    }

    #[test]
    fn what_is_written_is_read(body in texts(MAX_REQUEST), data in texts(MAX_ANSWER)) {
        let asked = encode_request(*b"1028", &body).unwrap();
        let told = encode_answer(&data).unwrap();
        prop_assert_eq!(
            Reader::default().read_requests(&asked),
            [Asked::Request(*b"1028", body)]
        );
        prop_assert_eq!(Reader::default().read(&told), [Message::Data(data)]);
    }

    #[test]
    fn no_changed_byte_passes(
        body in texts(MAX_REQUEST),
        at in any::<prop::sample::Index>(),
        byte: u8,
    ) {
        let mut wire = encode_request(*b"1028", &body).unwrap();
        let at = at.index(wire.len());
        prop_assume!(wire[at] != byte);
        wire[at] = byte;
        prop_assert!(!is_accepted(&wire));
    }
}
