//! Whatever happens to the wire or to an answer, a receipt is printed once or not at all, and in the
//! end it is known which.

use super::samples::{TOTAL, ask, device, money, plain, print, receipt, reversal};
use crate::dialogue::{Answer, Failure, Operation, Outcome, Pending};
use crate::simulator::icp::{Fault, IcpDevice};
use crate::simulator::wire::{Broken, Wire};

/// What a caller believes after the outcome, and after settling it if need be.
fn is_printed(device: &mut IcpDevice, outcome: Result<Outcome, Failure>) -> bool {
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
    mut device: IcpDevice,
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
    wherever_it_breaks(&print(&receipt()), 0);
    wherever_it_breaks(&print(&plain()), 1);
}

#[test]
fn a_reversal_is_never_printed_twice_wherever_the_wire_breaks() {
    wherever_it_breaks(&reversal(), 1);
}

#[test]
fn a_receipt_is_never_printed_twice_whatever_answer_goes_missing() {
    let mut counted = device();
    ask(&mut counted, print(&receipt()), &mut Wire::healthy()).unwrap();
    let faults = [
        Fault::Silent,
        Fault::Deaf,
        Fault::Damaged,
        Fault::Nack,
        Fault::Late,
        Fault::Busy,
        Fault::PowerCut,
    ];
    for fault in faults {
        for at in 0..counted.heard {
            let mut device = device();
            device.faults = [(at, fault)].into();
            let outcome = ask(&mut device, print(&receipt()), &mut Wire::healthy());
            if matches!(fault, Fault::Nack | Fault::Late | Fault::Busy) {
                assert!(
                    outcome.is_ok(),
                    "{fault:?} at {at} was no reason to fail: {outcome:?}"
                );
            }
            device.switch_on();
            holds(
                device,
                outcome,
                print(&receipt()),
                0,
                &format!("{fault:?} at {at}"),
            );
        }
    }
}

#[test]
fn a_device_that_forgets_its_total_leaves_it_unknown_and_nothing_is_printed_twice() {
    let mut device = device();
    device.forgets_total = true;
    let mut whole = Wire::healthy();
    ask(&mut device, print(&plain()), &mut whole).unwrap();
    let (mut printed, mut unknown) = (device.till.receipts().len(), 0);
    for at in 0..whole.carried {
        let mut wire = Wire::breaking(at, Broken::Dead);
        let outcome = ask(&mut device, print(&plain()), &mut wire);
        let outcome = match outcome {
            Err(Failure::Unknown {
                pending: Some(pending),
                ..
            }) => ask(
                &mut device,
                Operation::Settle(pending),
                &mut Wire::healthy(),
            ),
            outcome => outcome,
        };
        let now = device.till.receipts().len();
        match outcome {
            Ok(_) => assert_eq!(now, printed + 1),
            Err(Failure::Refused(_)) => assert_eq!(now, printed),
            Err(Failure::Unknown { .. }) => unknown += 1,
        }
        printed = now;
    }
    assert!(unknown > 0, "somebody has to look at the paper");
}

#[test]
fn a_receipt_that_the_device_lost_is_not_printed() {
    let mut counted = device();
    ask(&mut counted, print(&receipt()), &mut Wire::healthy()).unwrap();
    for at in 3..counted.heard {
        let mut device = device();
        ask(&mut device, print(&receipt()), &mut Wire::healthy()).unwrap();
        device.faults = [(device.heard + at, Fault::PowerCut)].into();
        let outcome = ask(&mut device, print(&receipt()), &mut Wire::healthy());
        device.switch_on();
        device.till.lose();
        holds(
            device,
            outcome,
            print(&receipt()),
            1,
            &format!("lost at {at}"),
        );
    }
}

#[test]
fn a_line_that_is_there_twice_is_noticed_before_the_payment() {
    let mut device = device();
    device.faults = [(3, Fault::Twice)].into();
    let refused = ask(&mut device, print(&receipt()), &mut Wire::healthy()).unwrap_err();
    assert!(
        matches!(&refused, Failure::Refused(why) if why.has("E199")),
        "{refused:?}"
    );
    holds(device, Err(refused), print(&receipt()), 0, "twice");
}

#[test]
fn a_receipt_that_stops_between_two_payments_is_finished() {
    let mut counted = device();
    ask(&mut counted, print(&receipt()), &mut Wire::healthy()).unwrap();
    let mut device = device();
    // Behind the second payment: a text, the end, the number and the clock.
    device.faults = [(counted.heard - 5, Fault::PaperOut)].into();
    let outcome = ask(&mut device, print(&receipt()), &mut Wire::healthy());
    assert!(
        matches!(outcome, Err(Failure::Unknown { .. })),
        "{outcome:?}"
    );
    assert!(device.till.is_paying());
    device.till.paper = true;
    holds(
        device,
        outcome,
        print(&receipt()),
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

/// It may have come out before the receipt that settling finds open and voids.
#[test]
fn a_receipt_of_somebody_else_that_is_voided_proves_nothing() {
    let mut device = device();
    device.till.open(false, "").unwrap();
    device.till.sell("Ours", 2, TOTAL).unwrap();
    device.till.pay(true, None).unwrap();
    device.till.close().unwrap();
    device.till.open(false, "").unwrap();
    device.till.sell("Something else", 2, 100).unwrap();
    let pending = Pending {
        before: "000084".to_owned(),
        total: Some(money(TOTAL)),
    };
    let settle = Operation::Settle(pending);
    let settled = ask(&mut device, settle, &mut Wire::healthy());
    assert!(
        matches!(settled, Err(Failure::Unknown { .. })),
        "{settled:?}"
    );
    assert!(!device.till.is_open());
}
