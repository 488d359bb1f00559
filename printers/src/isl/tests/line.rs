//! What is repeated, how often, and which answer belongs to which command.

use crate::dialogue::{Heard, Line, Progress};
use crate::isl::frame::{Form, Frame};
use crate::isl::line::{Command, IslLine, Reply};
use crate::isl::reader::{NAK, SYN};

fn bytes(progress: &Progress<Reply>) -> Vec<u8> {
    match progress {
        Progress::Send { bytes, .. } => bytes.clone(),
        other => panic!("{other:?}"),
    }
}

fn answer(to: &[u8], data: &[u8]) -> Frame {
    Frame {
        data: data.to_vec(),
        status: vec![0x80; 6],
        ..Frame::decode_command(Form::Short, to).unwrap()
    }
}

fn hear(line: &mut IslLine, frame: &Frame) -> Progress<Reply> {
    line.hear(Heard::Bytes(&frame.encode(Form::Short).unwrap()))
}

#[test]
fn a_late_answer_is_not_taken_for_another() {
    let mut line = IslLine::new(Form::Short, 0);
    let first = bytes(&line.send(Command::act(0x31, *b"one")));
    let second = bytes(&line.send(Command::act(0x31, *b"two")));
    let late = hear(&mut line, &answer(&first, b"late"));
    assert!(matches!(late, Progress::Listen { .. }), "{late:?}");
    let other = Frame {
        command: 0x32,
        ..answer(&second, b"other")
    };
    assert!(matches!(hear(&mut line, &other), Progress::Listen { .. }));
    let right = hear(&mut line, &answer(&second, b"right"));
    assert!(matches!(right, Progress::Reply(reply) if reply.data == b"right"));
}

#[test]
fn numbers_go_around_and_never_stand_still() {
    for seed in 0..=255 {
        let mut line = IslLine::new(Form::Wide, seed);
        let mut before = None;
        for _ in 0..200 {
            let sent = bytes(&line.send(Command::query(0x4A, [])));
            let seq = Frame::decode_command(Form::Wide, &sent).unwrap().seq;
            assert!((0x20..=0x7F).contains(&seq) && before != Some(seq));
            before = Some(seq);
        }
    }
}

#[test]
fn silence_repeats_only_what_may_be_done_twice() {
    for lost in [Heard::Silence, Heard::Lost] {
        for (command, repeats) in [
            (Command::query(0x4A, []), 3),
            (Command::act(0x31, []), 3),
            (Command::once(0x46, *b"1.00"), 0),
        ] {
            let mut line = IslLine::new(Form::Short, 5);
            let sent = bytes(&line.send(command));
            for _ in 0..repeats {
                assert_eq!(bytes(&line.hear(lost)), sent, "the same number again");
            }
            assert_eq!(line.hear(lost), Progress::Lost);
        }
    }
}

#[test]
fn what_was_not_heard_or_not_understood_is_always_repeated() {
    let mut line = IslLine::new(Form::Short, 5);
    let sent = bytes(&line.send(Command::once(0x46, *b"1.00")));
    assert_eq!(bytes(&line.hear(Heard::Bytes(&[SYN, NAK]))), sent);
    let mut damaged = answer(&sent, b"P,100,0,0").encode(Form::Short).unwrap();
    damaged[6] ^= 1;
    assert_eq!(bytes(&line.hear(Heard::Bytes(&damaged))), sent);
    assert_eq!(bytes(&line.hear(Heard::Bytes(&[NAK]))), sent);
    assert_eq!(line.hear(Heard::Bytes(&[NAK])), Progress::Lost);
}

#[test]
fn a_device_may_be_busy_but_not_for_ever() {
    let mut line = IslLine::new(Form::Short, 5);
    line.send(Command::once(0x38, []));
    assert!(matches!(
        line.hear(Heard::Bytes(&[SYN; 250])),
        Progress::Listen { .. }
    ));
    assert_eq!(line.hear(Heard::Bytes(&[SYN])), Progress::Lost);
    // Somebody may search for a card for as long as it takes.
    line.send(Command::once(0x35, []).patient());
    for _ in 0..100 {
        let heard = line.hear(Heard::Bytes(&[SYN; 250]));
        assert!(matches!(heard, Progress::Listen { .. }));
    }
    assert_eq!(line.hear(Heard::Silence), Progress::Lost);
    let noise = vec![0xFF; 5000];
    line.send(Command::once(0x38, []));
    assert_eq!(line.hear(Heard::Bytes(&noise)), Progress::Lost);
}
