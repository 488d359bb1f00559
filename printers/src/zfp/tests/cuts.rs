//! Whatever happens to the wire or to an answer, a receipt is printed once or not at all, and in the
//! end it is known which.

use super::samples::{TOTAL, ask, device, money, print, reversal};
use crate::dialogue::{Answer, Failure, Operation, Outcome, Pending};
use crate::simulator::wire::{Broken, Wire};
use crate::simulator::zfp::{Fault, ZfpDevice};

/// What a caller believes after the outcome, and after settling it if need be.
fn is_printed(device: &mut ZfpDevice, outcome: Result<Outcome, Failure>) -> bool {
    match outcome {
        Ok(Outcome {
            answer: Answer::Printed(printed),
            ..
        }) => {
            assert_eq!(printed.amount.units(), TOTAL);
            true
        }
        Ok(other) => panic!("{other:?}"),
        Err(Failure::Refused(_)) => false,
        Err(Failure::Unknown { pending, .. }) => {
            let pending = pending.expect("it was known before the first byte");
            let settled = ask(device, Operation::Settle(pending), &mut Wire::healthy());
            assert!(
                !matches!(settled, Err(Failure::Unknown { .. })),
                "{settled:?}"
            );
            is_printed(device, settled)
        }
    }
}

/// The outcome is true, and asking again until it is printed prints it once. `earlier` receipts had
/// been printed before.
fn holds(
    mut device: ZfpDevice,
    outcome: Result<Outcome, Failure>,
    again: Operation,
    earlier: usize,
    what: &str,
) {
    device.faults.clear();
    let printed = is_printed(&mut device, outcome);
    assert_eq!(
        device.till.receipts().len(),
        earlier + usize::from(printed),
        "{what}"
    );
    if !printed {
        let outcome = ask(&mut device, again, &mut Wire::healthy());
        assert!(is_printed(&mut device, outcome), "{what}");
    }
    let totals: Vec<i64> = device.till.receipts().iter().map(|one| one.total).collect();
    assert_eq!(totals, vec![TOTAL; earlier + 1], "{what}");
    assert!(!device.till.is_open(), "{what}");
}

/// `earlier` receipts of the same amount have been printed before: they must not be taken for it.
fn wherever_it_breaks(operation: &Operation, earlier: usize) {
    let mut fresh = device();
    fresh.till.cash = 100_000;
    for _ in 0..earlier {
        ask(&mut fresh, operation.clone(), &mut Wire::healthy()).unwrap();
    }
    let mut whole = Wire::healthy();
    ask(&mut fresh.clone(), operation.clone(), &mut whole).unwrap();
    assert!(whole.carried > 400, "a whole receipt");
    for broken in Broken::ALL {
        for at in 0..=whole.carried {
            let mut device = fresh.clone();
            let mut wire = Wire::breaking(at, broken);
            let outcome = ask(&mut device, operation.clone(), &mut wire);
            let what = format!("{broken:?} at {at}");
            holds(device, outcome, operation.clone(), earlier, &what);
        }
    }
}

#[test]
fn a_receipt_is_never_printed_twice_wherever_the_wire_breaks() {
    wherever_it_breaks(&print(), 1);
}

#[test]
fn a_reversal_is_never_printed_twice_wherever_the_wire_breaks() {
    wherever_it_breaks(&reversal(), 1);
}

#[test]
fn a_receipt_is_never_printed_twice_whatever_answer_goes_missing() {
    let mut counted = device();
    ask(&mut counted, print(), &mut Wire::healthy()).unwrap();
    let faults = [
        Fault::Silent,
        Fault::Deaf,
        Fault::Damaged,
        Fault::Nack,
        Fault::Busy,
        Fault::Late,
        Fault::PowerCut,
    ];
    for fault in faults {
        for at in 0..counted.heard {
            let mut device = device();
            device.faults = [(at, fault)].into();
            let outcome = ask(&mut device, print(), &mut Wire::healthy());
            if fault != Fault::PowerCut {
                assert!(
                    outcome.is_ok(),
                    "{fault:?} at {at} was no reason to fail: {outcome:?}"
                );
            }
            device.switch_on();
            holds(device, outcome, print(), 0, &format!("{fault:?} at {at}"));
        }
    }
}

#[test]
fn a_receipt_that_the_device_dropped_is_not_printed() {
    for leaves_a_trace in [true, false] {
        for at in 5..15 {
            let mut device = device();
            ask(&mut device, print(), &mut Wire::healthy()).unwrap();
            device.faults = [(device.heard + at, Fault::PowerCut)].into();
            let outcome = ask(&mut device, print(), &mut Wire::healthy());
            device.switch_on();
            if leaves_a_trace {
                device.idle();
            } else {
                device.till.lose();
            }
            holds(device, outcome, print(), 1, &format!("dropped at {at}"));
        }
    }
}

#[test]
fn a_line_that_is_there_twice_is_noticed_before_the_payment() {
    let mut device = device();
    device.faults = [(5, Fault::Twice)].into();
    let refused = ask(&mut device, print(), &mut Wire::healthy()).unwrap_err();
    assert!(
        matches!(&refused, Failure::Refused(why) if why.has("E199")),
        "{refused:?}"
    );
    holds(device, Err(refused), print(), 0, "twice");
}

#[test]
fn a_receipt_that_stops_between_two_payments_is_finished() {
    let mut counted = device();
    ask(&mut counted, print(), &mut Wire::healthy()).unwrap();
    let mut device = device();
    // Behind the second payment: a footer, the end, and two questions.
    device.faults = [(counted.heard - 5, Fault::PaperOut)].into();
    let outcome = ask(&mut device, print(), &mut Wire::healthy());
    assert!(
        matches!(outcome, Err(Failure::Unknown { .. })),
        "{outcome:?}"
    );
    assert!(device.till.is_paying());
    device.till.paper = true;
    holds(
        device,
        outcome,
        print(),
        0,
        "no paper for the second payment",
    );
}

#[test]
fn what_somebody_else_printed_is_not_taken_for_it() {
    let mut device = device();
    device.till.open(false, "").unwrap();
    device.till.sell("Something else", 2, 100).unwrap();
    device.till.pay(true, None).unwrap();
    device.till.close().unwrap();
    let pending = Pending {
        before: "000084".to_owned(),
        total: Some(money(TOTAL)),
    };
    let settled = ask(
        &mut device,
        Operation::Settle(pending),
        &mut Wire::healthy(),
    );
    assert!(
        matches!(settled, Err(Failure::Unknown { pending: None, .. })),
        "{settled:?}"
    );
}

/// Neither that it was printed, nor that it was not.
#[test]
fn two_documents_of_somebody_else_prove_nothing() {
    for amounts in [[TOTAL, TOTAL], [100, TOTAL], [TOTAL / 2, 100]] {
        let mut device = device();
        for amount in amounts {
            device.till.open(false, "").unwrap();
            device.till.sell("Something else", 2, amount).unwrap();
            device.till.pay(true, None).unwrap();
            device.till.close().unwrap();
        }
        let pending = Pending {
            before: "000084".to_owned(),
            total: Some(money(TOTAL)),
        };
        let settle = Operation::Settle(pending);
        let settled = ask(&mut device, settle, &mut Wire::healthy());
        assert!(
            matches!(settled, Err(Failure::Unknown { pending: None, .. })),
            "{amounts:?} {settled:?}"
        );
    }
}
