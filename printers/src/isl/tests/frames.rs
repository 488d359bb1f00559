//! Framing: every known frame both ways, and whatever else may come over a wire.

use crate::isl::frame::{Form, Frame};
use crate::isl::reader::{Found, NAK, Reader, SYN};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// One entry of the collection of frames.
#[derive(Deserialize)]
pub(super) struct Known {
    pub(super) protocol: String,
    pub(super) purpose: String,
    pub(super) direction: String,
    hex: String,
    pub(super) decoded: Value,
}

impl Known {
    pub(super) fn bytes(&self) -> Vec<u8> {
        hex(&self.hex)
    }

    pub(super) fn form(&self) -> Form {
        if self.protocol == "isl-x" {
            Form::Wide
        } else {
            Form::Short
        }
    }

    pub(super) fn is_answer(&self) -> bool {
        self.direction == "device->host"
    }
}

pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

pub(super) fn known() -> Vec<Known> {
    let all: Vec<Known> = serde_json::from_str(include_str!("../../../tests/frames.json")).unwrap();
    let isl = |one: &Known| one.protocol.starts_with("isl");
    all.into_iter().filter(isl).collect()
}

fn read(form: Form, bytes: &[u8]) -> Vec<Found> {
    let mut reader = Reader::new(form);
    let found = bytes.iter().map(|byte| reader.push(*byte));
    found.filter(|found| *found != Found::Nothing).collect()
}

#[test]
fn every_known_frame_is_read_and_written() {
    let mut framed = 0;
    for one in known() {
        let (form, bytes) = (one.form(), one.bytes());
        let found = read(form, &bytes);
        let Value::Object(decoded) = &one.decoded else {
            assert!(
                matches!(found[..], [Found::Busy | Found::Refused]),
                "{}",
                one.purpose
            );
            continue;
        };
        framed += 1;
        assert_eq!(found, [Found::Frame(bytes.clone())], "{}", one.purpose);
        let decode = if one.is_answer() {
            Frame::decode_answer
        } else {
            Frame::decode_command
        };
        let frame = decode(form, &bytes).unwrap();
        let field = |name: &str| {
            hex(decoded
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default())
        };
        assert_eq!(frame.data, field("data_hex"), "{}", one.purpose);
        assert_eq!(frame.status, field("status"), "{}", one.purpose);
        assert_eq!(vec![frame.seq], field("seq"), "{}", one.purpose);
        assert_eq!(Some(&frame.command), field("cmd").last(), "{}", one.purpose);
        assert_eq!(frame.encode(form), Some(bytes), "{}", one.purpose);
    }
    assert!(framed > 100, "{framed}");
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![Just(Form::Short), Just(Form::Wide)]
}

/// An answer as devices may send it.
fn answer(form: Form) -> impl Strategy<Value = Frame> {
    let data = prop::collection::vec(prop_oneof![Just(b'\t'), Just(b'\n'), 0x20u8..=0xFF], 0..200);
    let status = prop::collection::vec(0x80u8..=0xFF, form.status());
    (0x20u8..=0x7F, 0x20u8..=0xFF, data, status).prop_map(|(seq, command, data, status)| Frame {
        seq,
        command,
        data,
        status,
    })
}

fn formed_answer() -> impl Strategy<Value = (Form, Frame)> {
    form().prop_flat_map(|form| (Just(form), answer(form)))
}

proptest! {
    #[test]
    fn any_bytes_are_survived(form in form(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let found: Vec<Vec<u8>> = read(form, &bytes).into_iter().filter_map(|found| match found {
            Found::Frame(bytes) => Some(bytes),
            _ => None,
        }).collect();
        for bytes in found.into_iter().chain([bytes]) {
            for decode in [Frame::decode_answer, Frame::decode_command] {
                let again = decode(form, &bytes).and_then(|frame| frame.encode(form));
                prop_assert!(again.is_none_or(|again| again == bytes));
            }
        }
    }

    #[test]
    fn an_answer_is_found_among_anything(
        (form, frame) in formed_answer(),
        before in prop::collection::vec(any::<u8>(), 0..40),
        busy in 0usize..3,
    ) {
        let frame = frame.encode(form).unwrap();
        let mut bytes = before;
        bytes.extend(vec![SYN; busy]);
        bytes.extend(&frame);
        bytes.push(NAK);
        let found = read(form, &bytes);
        prop_assert_eq!(&found[found.len() - 2..], [Found::Frame(frame), Found::Refused]);
    }

    #[test]
    fn a_wrong_byte_is_never_believed(
        (form, frame) in formed_answer(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let whole = frame.encode(form).unwrap();
        let mut wrong = whole.clone();
        let place = place.index(wrong.len());
        prop_assume!(wrong[place] != byte);
        wrong[place] = byte;
        prop_assert_eq!(Frame::decode_answer(form, &wrong), None);
        for found in read(form, &wrong) {
            if let Found::Frame(bytes) = found {
                prop_assert_eq!(Frame::decode_answer(form, &bytes), None);
            }
        }
        prop_assert_eq!(Frame::decode_answer(form, &whole), Some(frame));
    }

    #[test]
    fn commands_carry_any_data(form in form(), data in prop::collection::vec(any::<u8>(), 0..100)) {
        let frame = Frame { seq: 0x20, command: 0x4A, data, status: Vec::new() };
        let bytes = frame.encode(form).unwrap();
        prop_assert_eq!(read(form, &bytes), [Found::Frame(bytes.clone())]);
        prop_assert_eq!(Frame::decode_command(form, &bytes), Some(frame));
    }
}

#[test]
fn too_much_data_is_no_frame() {
    let frame = Frame {
        seq: 0x20,
        command: 0x36,
        data: vec![b'a'; 2000],
        status: Vec::new(),
    };
    assert_eq!(frame.encode(Form::Short), None);
    assert_eq!(frame.encode(Form::Wide), None);
}
