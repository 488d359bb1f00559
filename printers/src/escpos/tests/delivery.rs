//! How a document gets to a printer, or does not.

use crate::device::Level;
use crate::dialogue::{Answer, Dialogue, Failure, Heard, Outcome, Step};
use crate::escpos::delivery;

/// Holds a conversation with a printer that answers each question with one byte, or not at all.
fn deliver(
    mut dialogue: Box<dyn Dialogue>,
    answers: [Option<u8>; 4],
) -> (Vec<u8>, Result<Outcome, Failure>) {
    let mut printed = Vec::new();
    let mut step = dialogue.next(Heard::Nothing);
    loop {
        step = match step {
            Step::Done(result) => return (printed, *result),
            Step::Listen { .. } => dialogue.next(Heard::Silence),
            Step::Send { bytes, .. } => {
                let answer = match bytes.as_slice() {
                    [0x10, 0x04, number] => answers[usize::from(*number) - 1],
                    document => {
                        printed.extend_from_slice(document);
                        None
                    }
                };
                let answer = answer.as_slice();
                dialogue.next(if answer.is_empty() {
                    Heard::Silence
                } else {
                    Heard::Bytes(answer)
                })
            }
        };
    }
}

#[test]
fn a_document_is_delivered_unless_the_printer_says_that_it_cannot() {
    let document = b"hello\n".to_vec();
    let (printed, outcome) = deliver(
        delivery::print(document.clone(), Answer::Done),
        [Some(0x12); 4],
    );
    assert_eq!(printed, document);
    assert!(outcome.unwrap().messages.as_slice().is_empty());
    let (printed, outcome) = deliver(delivery::print(document.clone(), Answer::Done), [None; 4]);
    assert_eq!(printed, document, "many printers never answer");
    assert_eq!(
        outcome.unwrap().messages.as_slice()[0].level,
        Level::Warning
    );
    let no_paper = [Some(0x12), Some(0x12), Some(0x12), Some(0x72)];
    let (printed, outcome) = deliver(delivery::print(document, Answer::Done), no_paper);
    assert!(printed.is_empty());
    assert!(matches!(outcome, Err(Failure::Refused(why)) if why.has("E301")));
    let (_, outcome) = deliver(delivery::ask_condition(Answer::Status(None)), no_paper);
    assert!(!outcome.unwrap().messages.is_ok());
}

#[test]
fn a_wire_that_breaks_leaves_it_unknown_only_once_something_was_sent() {
    let mut dialogue = delivery::print(b"hello\n".to_vec(), Answer::Done);
    dialogue.next(Heard::Nothing);
    let Step::Done(result) = dialogue.next(Heard::Lost) else {
        panic!("it goes on");
    };
    assert!(matches!(*result, Err(Failure::Refused(why)) if why.has("E101")));
    let mut dialogue = delivery::print(b"hello\n".to_vec(), Answer::Done);
    dialogue.next(Heard::Nothing);
    dialogue.next(Heard::Silence);
    let Step::Done(result) = dialogue.next(Heard::Lost) else {
        panic!("it goes on");
    };
    assert!(matches!(
        *result,
        Err(Failure::Unknown { pending: None, .. })
    ));
}

/// The printer has the document: that nobody can be asked afterwards takes nothing of it back.
#[test]
fn a_line_that_breaks_after_the_document_is_a_warning() {
    let mut dialogue = delivery::print(b"hello\n".to_vec(), Answer::Done);
    let mut printed = false;
    let mut step = dialogue.next(Heard::Nothing);
    let result = loop {
        step = match step {
            Step::Done(result) => break *result,
            Step::Listen { .. } => dialogue.next(Heard::Silence),
            Step::Send { .. } if printed => dialogue.next(Heard::Lost),
            Step::Send { bytes, .. } if bytes == b"hello\n" => {
                printed = true;
                dialogue.next(Heard::Silence)
            }
            Step::Send { .. } => dialogue.next(Heard::Bytes(&[0x12])),
        };
    };
    let messages = result.unwrap().messages;
    assert!(printed && messages.is_ok());
    assert_eq!(messages.as_slice()[0].level, Level::Warning);
}
