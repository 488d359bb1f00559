//! A Datecs X has words for its error numbers.

use super::{hold, receipt, refused};
use crate::device::Message;
use crate::dialogue::{Failure, Operation};
use crate::isl::Isl;
use crate::simulator::isl::{Fault, IslDevice};
use crate::simulator::till::Refusal;

const WORDS: &str = "Text of the error";

/// A wrong password, and how many commands that took.
fn told(fault: Option<(usize, Fault)>) -> (Vec<Message>, usize) {
    let mut device = IslDevice::new(Isl::X);
    device.operators.clear();
    device.faults.extend(fault);
    let print = Operation::Receipt(Box::new(receipt(Isl::X)));
    let Err(Failure::Refused(messages)) = hold(&mut device, print) else {
        panic!("there is no such operator");
    };
    (messages.into_iter().collect(), device.heard)
}

#[test]
fn the_words_of_the_device_stand_behind_ours() {
    let (messages, _) = told(None);
    let [message] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert_eq!(
        (message.code, message.original.as_deref()),
        (Some("E408"), Some("-102002"))
    );
    assert_eq!(
        message.text,
        format!("Wrong operator password (102002): {WORDS}")
    );
}

#[test]
fn a_device_that_says_no_more_changes_nothing() {
    let (_, heard) = told(None);
    // The question for the words is the last one, and it is asked once.
    let (messages, again) = told(Some((heard - 1, Fault::Deaf)));
    assert_eq!(again, heard);
    let [message] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert_eq!(message.text, "Wrong operator password (102002)");
    assert_eq!(message.original.as_deref(), Some("-102002"));
}

#[test]
fn what_is_refused_on_the_way_is_not_asked_about() {
    // Nothing is open, so the voiding at the beginning is refused; nobody is told.
    let count = |dialect| {
        let mut device = IslDevice::new(dialect);
        hold(&mut device, Operation::Receipt(Box::new(receipt(dialect)))).unwrap();
        device.heard
    };
    // A Datecs P asks for its last number once more.
    assert_eq!(count(Isl::X) + 1, count(Isl::P));
}

#[test]
fn other_devices_are_not_asked() {
    for dialect in Isl::ALL.into_iter().filter(|one| *one != Isl::X) {
        let mut device = IslDevice::new(dialect);
        device.till.paper = false;
        assert!(!refused(&mut device, Operation::XReport).is_empty());
        // The status, the last number, the report.
        assert_eq!(device.heard, 3, "{dialect:?} {:?}", Refusal::Paper);
    }
}
