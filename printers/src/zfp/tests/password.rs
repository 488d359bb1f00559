//! A device on a network that wants a password from whoever connects.

use super::samples::{TOTAL, codes, device, print};
use crate::device::Settings;
use crate::dialogue::{Answer, Dialogue, Failure, Heard, Operation, Outcome, Step};
use crate::simulator::wire::{Broken, Device, Wire};
use crate::simulator::zfp::ZfpDevice;
use crate::zfp::{Generation, dialogue};

fn guarded() -> ZfpDevice {
    let mut device = device();
    device.tcp_password = Some("Sesame 1".to_owned());
    device
}

fn talk(operation: Operation, password: Option<&str>) -> Box<dyn Dialogue> {
    let settings = Settings {
        tcp_password: password.map(str::to_owned),
        ..Settings::default()
    };
    dialogue(operation, Generation::First, settings, 7)
}

fn ask(
    device: &mut ZfpDevice,
    operation: Operation,
    password: Option<&str>,
    wire: &mut Wire,
) -> Result<Outcome, Failure> {
    let mut talk = talk(operation, password);
    wire.hold(talk.as_mut(), device).expect("it ends")
}

fn told(device: &mut ZfpDevice, password: Option<&str>) -> Vec<String> {
    let outcome = ask(device, Operation::Status, password, &mut Wire::healthy());
    let Err(Failure::Refused(messages)) = outcome else {
        panic!("{outcome:?}");
    };
    codes(messages.as_slice())
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_password_opens_the_connection_once() {
    let mut device = guarded();
    for _ in 0..2 {
        let wire = &mut Wire::healthy();
        ask(&mut device, print(), Some("Sesame 1"), wire).unwrap();
    }
    assert_eq!(
        (device.passwords, device.till.receipts().len()),
        (1, 2),
        "who is let in is not asked again"
    );
    device.hang_up();
    ask(&mut device, print(), Some("Sesame 1"), &mut Wire::healthy()).unwrap();
    assert_eq!((device.passwords, device.till.receipts().len()), (2, 3));
}

#[test]
fn a_device_that_wants_none_is_told_none() {
    let mut device = device();
    let wire = &mut Wire::healthy();
    ask(&mut device, print(), Some("Sesame 1"), wire).unwrap();
    assert_eq!(device.passwords, 0);
    assert_eq!(device.till.receipts().len(), 1);
}

#[test]
fn who_is_not_let_in_learns_why() {
    assert_eq!(told(&mut guarded(), None), ["E408"]);
    assert_eq!(told(&mut guarded(), Some("")), ["E408"]);
    assert_eq!(told(&mut guarded(), Some("\u{416}")), ["E408"]);
    let mut device = guarded();
    assert_eq!(told(&mut device, Some("1234")), ["E408"]);
    assert_eq!(device.passwords, 1, "a wrong password is not tried again");
    device.hang_up();
    device.occupied = true;
    assert_eq!(told(&mut device, Some("Sesame 1")), ["E108"]);
}

#[test]
fn a_settling_that_is_not_let_in_settles_nothing() {
    let pending = crate::dialogue::Pending {
        before: "000084".to_owned(),
        total: None,
    };
    let settle = Operation::Settle(pending.clone());
    let settled = ask(&mut guarded(), settle, None, &mut Wire::healthy());
    let kept = Some(pending);
    assert!(
        matches!(&settled, Err(Failure::Unknown { pending, .. }) if *pending == kept),
        "{settled:?}"
    );
}

/// Holds a conversation in which the device hangs up when it is written to for the so manieth time,
/// before or after it has heard that.
fn interrupted(
    device: &mut ZfpDevice,
    at: usize,
    heard: bool,
) -> (Result<Outcome, Failure>, usize) {
    let mut talk = talk(print(), Some("Sesame 1"));
    let mut step = talk.next(Heard::Nothing);
    let mut writes = 0;
    for _ in 0..20_000 {
        step = match step {
            Step::Done(result) => return (*result, writes),
            Step::Listen { .. } => talk.next(Heard::Silence),
            Step::Send { bytes, .. } => {
                writes += 1;
                let hangs_up = writes == at;
                let answer = if hangs_up && !heard {
                    Vec::new()
                } else {
                    device.hear(&bytes)
                };
                if hangs_up {
                    device.hang_up();
                    talk.next(Heard::Lost)
                } else if answer.is_empty() {
                    talk.next(Heard::Silence)
                } else {
                    talk.next(Heard::Bytes(&answer))
                }
            }
        };
    }
    panic!("it does not end");
}

#[test]
fn a_device_that_hangs_up_hears_the_password_again() {
    let (healthy, writes) = interrupted(&mut guarded(), usize::MAX, true);
    assert!(healthy.is_ok(), "{healthy:?}");
    let mut survived = 0;
    for at in 1..=writes {
        for heard in [true, false] {
            let mut device = guarded();
            let (outcome, _) = interrupted(&mut device, at, heard);
            survived += usize::from(outcome.is_ok() && device.passwords == 2);
            let outcome = match outcome {
                Err(Failure::Unknown { pending, .. }) => {
                    let settle = Operation::Settle(pending.unwrap());
                    ask(&mut device, settle, Some("Sesame 1"), &mut Wire::healthy())
                }
                known => known,
            };
            let what = format!("at {at}, heard: {heard}: {outcome:?}");
            let printed = match &outcome {
                Ok(Outcome {
                    answer: Answer::Printed(printed),
                    ..
                }) => {
                    assert_eq!(printed.amount.units(), TOTAL);
                    1
                }
                Err(Failure::Refused(_)) => 0,
                _ => panic!("{what}"),
            };
            assert_eq!(device.till.receipts().len(), printed, "{what}");
        }
    }
    assert!(survived > 5, "only {survived} receipts survived that");
}

/// Waits for a password, whatever it hears.
struct Deaf(Vec<u8>);

impl Device for Deaf {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.0.extend_from_slice(bytes);
        let pings = bytes.iter().filter(|byte| **byte == 0x09);
        pings.map(|_| 0x50).collect()
    }
}

#[test]
fn a_password_is_told_once() {
    let mut device = Deaf(Vec::new());
    let mut talk = talk(Operation::Status, Some("Sesame 1"));
    let outcome = Wire::healthy().hold(talk.as_mut(), &mut device).unwrap();
    let Err(Failure::Refused(messages)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(codes(messages.as_slice()), ["E408"]);
    let heard = String::from_utf8(device.0).unwrap();
    assert!(heard.starts_with("\tSesame 1\n\t"), "{heard:?}");
    assert_eq!(heard.matches("Sesame").count(), 1, "{heard:?}");
}

#[test]
fn a_receipt_is_printed_once_wherever_the_wire_breaks() {
    let mut whole = Wire::healthy();
    ask(&mut guarded(), print(), Some("Sesame 1"), &mut whole).unwrap();
    for broken in Broken::ALL {
        for at in 0..whole.carried {
            let mut device = guarded();
            let mut wire = Wire::breaking(at, broken);
            let mut outcome = ask(&mut device, print(), Some("Sesame 1"), &mut wire);
            if let Err(Failure::Unknown { pending, .. }) = outcome {
                let settle = Operation::Settle(pending.unwrap());
                device.hang_up();
                outcome = ask(&mut device, settle, Some("Sesame 1"), &mut Wire::healthy());
            }
            let what = format!("{broken:?} at {at}: {outcome:?}");
            assert!(!matches!(outcome, Err(Failure::Unknown { .. })), "{what}");
            let printed = usize::from(outcome.is_ok());
            assert_eq!(device.till.receipts().len(), printed, "{what}");
        }
    }
}

/// Somebody else connected after the command was sent: what it did is not known.
#[test]
fn a_device_that_is_occupied_afterwards_did_not_refuse() {
    for operation in [Operation::ZReport, Operation::XReport] {
        let mut device = guarded();
        let mut talk = talk(operation, Some("Sesame 1"));
        let mut step = talk.next(Heard::Nothing);
        let result = loop {
            step = match step {
                Step::Done(result) => break *result,
                Step::Listen { .. } => talk.next(Heard::Silence),
                Step::Send { bytes, .. } => {
                    let before = device.till.printed.len();
                    let answer = device.hear(&bytes);
                    if device.till.printed.len() > before {
                        device.occupied = true;
                        talk.next(Heard::Silence)
                    } else if answer.is_empty() {
                        talk.next(Heard::Silence)
                    } else {
                        talk.next(Heard::Bytes(&answer))
                    }
                }
            };
        };
        assert_eq!(device.till.printed.len(), 1);
        assert!(!matches!(result, Err(Failure::Refused(_))), "{result:?}");
    }
}
