//! Wherever an answer is lost, the paper is what the outcome says: never two receipts, and none that
//! nobody knows of.

use super::{checked, hold, hold_over, receipt, reversal};
use crate::dialogue::{Failure, Operation, Outcome, Pending};
use crate::isl::Isl;
use crate::receipt::{Operator, Transfer, two_digits};
use crate::simulator::isl::{Fault, IslDevice};
use crate::simulator::till::Kind;
use crate::simulator::wire::{Broken, Wire};
use daybook_schema::Money;

/// What can be printed, and how many documents of it must stand on paper in the end.
pub(super) fn operations(dialect: Isl) -> Vec<Operation> {
    let transfer = Transfer::check(Money::new(500).unwrap(), Operator::default()).unwrap();
    let mut in_cash = super::asked();
    in_cash.payments.clear();
    vec![
        Operation::Receipt(Box::new(receipt(dialect))),
        Operation::Receipt(Box::new(checked(&in_cash, dialect))),
        Operation::Reversal(Box::new(reversal(dialect))),
        Operation::Deposit(transfer.clone()),
        Operation::Withdraw(transfer),
        Operation::ZReport,
        Operation::XReport,
    ]
}

fn device(dialect: Isl) -> IslDevice {
    let mut device = IslDevice::new(dialect);
    device.till.cash = 10_000;
    device
}

/// How many documents came out, voided ones aside.
fn documents(device: &IslDevice) -> usize {
    device
        .till
        .printed
        .iter()
        .filter(|one| one.kind != Kind::Voided)
        .count()
}

/// What the caller does: believe an outcome, settle what is unknown over a wire that works again.
fn judge(
    device: &mut IslDevice,
    result: Result<Outcome, Failure>,
    operation: &Operation,
    what: &dyn Fn() -> String,
) -> Option<Pending> {
    let (printed, pending) = match result {
        Ok(outcome) => {
            if !outcome.messages.has("W399") {
                assert_eq!(paid(device), payments(operation), "{}", what());
            }
            (true, None)
        }
        Err(Failure::Refused(messages)) => {
            assert!(!messages.is_ok(), "{}", what());
            (false, None)
        }
        Err(Failure::Unknown { pending, .. }) => {
            let asked = pending.clone().unwrap_or_else(|| panic!("{}", what()));
            let settled = hold(device, Operation::Settle(asked));
            if let Err(Failure::Unknown { .. }) = settled {
                panic!("{}: {settled:?}", what());
            }
            (settled.is_ok(), pending)
        }
    };
    assert_eq!(documents(device), usize::from(printed), "{}", what());
    for receipt in device.till.receipts() {
        assert_eq!(receipt.total, expected(operation), "{}", what());
    }
    pending
}

/// The payments that stand on paper.
fn paid(device: &IslDevice) -> Vec<String> {
    let lines = device
        .till
        .receipts()
        .into_iter()
        .flat_map(|one| one.lines.clone());
    lines.filter(|line| line.starts_with("paid ")).collect()
}

/// The payments that should.
fn payments(operation: &Operation) -> Vec<String> {
    let amounts = match operation {
        Operation::Receipt(receipt) if !receipt.tenders.is_empty() => receipt
            .tenders
            .iter()
            .map(|tender| tender.amount.units())
            .collect(),
        Operation::Receipt(_) | Operation::Reversal(_) => vec![expected(operation)],
        _ => Vec::new(),
    };
    let line = |amount: i64| format!("paid {}", two_digits(amount));
    amounts.into_iter().map(line).collect()
}

fn expected(operation: &Operation) -> i64 {
    match operation {
        Operation::Receipt(receipt) => receipt.total.units(),
        Operation::Reversal(reversal) => reversal.receipt.total.units(),
        _ => 0,
    }
}

/// Cut at every byte of the conversation, in either direction, for a moment or for good.
#[test]
fn a_wire_that_breaks_anywhere_prints_never_twice() {
    let mut unknown = 0;
    for dialect in Isl::ALL {
        for (index, operation) in operations(dialect).into_iter().enumerate() {
            // Two receipts and a withdrawal take the same way as their neighbours.
            let step = if matches!(index, 1 | 2 | 4) { 7 } else { 1 };
            let mut wire = Wire::healthy();
            let healthy = hold_over(&mut wire, &mut device(dialect), operation.clone());
            assert!(healthy.is_ok(), "{dialect:?} {operation:?} {healthy:?}");
            for broken in Broken::ALL {
                for after in (0..wire.carried).step_by(step) {
                    let mut device = device(dialect);
                    let mut wire = Wire::breaking(after, broken);
                    let result = hold_over(&mut wire, &mut device, operation.clone());
                    let what = || format!("{dialect:?} {operation:?} {broken:?} after {after}");
                    let pending = judge(&mut device, result, &operation, &what);
                    unknown += usize::from(pending.is_some());
                }
            }
        }
    }
    assert!(unknown > 1000, "only {unknown} outcomes were ever unknown");
}

/// One fault at every command, and two at every pair of commands: a power cut makes the device
/// forget which number it answered last, so that a repetition would be executed again.
#[test]
fn a_device_that_loses_an_answer_prints_never_twice() {
    let faults = [
        Fault::Deaf,
        Fault::Silent,
        Fault::PowerCut,
        Fault::Damaged,
        Fault::Nak,
        Fault::Busy(200),
        Fault::Late,
        Fault::Modem,
    ];
    for dialect in Isl::ALL {
        for operation in operations(dialect).into_iter().step_by(3) {
            let mut healthy = device(dialect);
            assert!(hold(&mut healthy, operation.clone()).is_ok());
            for (first, second, fault, other) in pairs(healthy.heard, &faults) {
                let mut device = device(dialect);
                device.faults.insert(second, other);
                device.faults.insert(first, fault);
                let result = hold(&mut device, operation.clone());
                let what = || {
                    format!("{dialect:?} {operation:?} {fault:?} at {first}, {other:?} at {second}")
                };
                device.faults.clear();
                judge(&mut device, result, &operation, &what);
            }
        }
    }
}

/// Every fault at every command, and one that loses something at one of the next two.
fn pairs(heard: usize, faults: &[Fault]) -> impl Iterator<Item = (usize, usize, Fault, Fault)> {
    let lose = [Fault::Deaf, Fault::Silent, Fault::PowerCut];
    (0..heard).flat_map(move |first| {
        let second = (first..=first + 2).flat_map(move |at| lose.map(|fault| (at, fault)));
        let both = second.flat_map(|second| faults.iter().map(move |fault| (*fault, second)));
        both.map(move |(fault, (second, other))| (first, second, fault, other))
    })
}

/// A single fault does not even hurt: the receipt is printed.
#[test]
fn one_lost_answer_is_survived() {
    for dialect in Isl::ALL {
        let mut healthy = device(dialect);
        let operation = Operation::Receipt(Box::new(receipt(dialect)));
        hold(&mut healthy, operation.clone()).unwrap();
        for fault in [
            Fault::Deaf,
            Fault::Silent,
            Fault::Damaged,
            Fault::Nak,
            Fault::Busy(3),
            Fault::Late,
            Fault::Modem,
        ] {
            for at in 0..healthy.heard {
                let mut device = device(dialect);
                device.faults.insert(at, fault);
                let result = hold(&mut device, operation.clone());
                assert!(result.is_ok(), "{dialect:?} {fault:?} at {at}: {result:?}");
                assert_eq!(documents(&device), 1);
            }
        }
    }
}

/// The service died in the middle: it knows only where the device stood before.
#[test]
fn a_caller_that_died_learns_what_was_printed() {
    for dialect in Isl::ALL {
        let mut wire = Wire::healthy();
        let operation = Operation::Receipt(Box::new(receipt(dialect)));
        hold_over(&mut wire, &mut device(dialect), operation.clone()).unwrap();
        for after in 0..wire.carried {
            let mut device = device(dialect);
            let before = device.till.number.to_string();
            let mut cut = Wire::breaking(after, Broken::Dead);
            let lost = hold_over(&mut cut, &mut device, operation.clone());
            drop(lost);
            let total = Some(Money::new(expected(&operation)).unwrap());
            let settled = hold(&mut device, Operation::Settle(Pending { before, total }));
            let what = || format!("{dialect:?} after {after}");
            assert!(
                !matches!(settled, Err(Failure::Unknown { .. })),
                "{}",
                what()
            );
            assert_eq!(
                documents(&device),
                usize::from(settled.is_ok()),
                "{}",
                what()
            );
            assert!(!device.till.is_open());
        }
    }
}

/// Another program prints a receipt that comes to this.
fn print_another(device: &mut IslDevice, amount: i64) {
    device.till.open(false, "").unwrap();
    device.till.sell("Something else", 2, amount).unwrap();
    device.till.pay(true, None).unwrap();
    device.till.close().unwrap();
}

fn begin_another(device: &mut IslDevice, amount: i64) {
    device.till.open(false, "").unwrap();
    device.till.sell("Something else", 2, amount).unwrap();
}

/// What a settling says about a receipt of 10.00 that was to be printed before all this.
fn settled(dialect: Isl, meanwhile: impl Fn(&mut IslDevice)) -> [Result<Outcome, Failure>; 2] {
    [true, false].map(|tells_paid| {
        let mut device = device(dialect);
        device.tells_paid = tells_paid;
        let pending = Pending {
            before: format!("{:07}", device.till.number),
            total: Some(Money::new(1000).unwrap()),
        };
        meanwhile(&mut device);
        hold(&mut device, Operation::Settle(pending))
    })
}

fn is_unknown(settled: &Result<Outcome, Failure>) -> bool {
    matches!(settled, Err(Failure::Unknown { .. }))
}

/// A document of somebody else says nothing about ours.
#[test]
fn another_document_proves_nothing() {
    for dialect in Isl::ALL {
        // More than one came out: the last one may come to what it likes.
        for amounts in [[1000, 1000], [1000, 500], [500, 1000], [500, 2000]] {
            let told = settled(dialect, |device| {
                for amount in amounts {
                    print_another(device, amount);
                }
            });
            assert!(
                told.iter().all(is_unknown),
                "{dialect:?} {amounts:?} {told:?}"
            );
        }
        for amount in [300, 999, 1001, 5000] {
            let told = settled(dialect, |device| print_another(device, amount));
            assert!(told.iter().all(is_unknown), "{dialect:?} {amount} {told:?}");
        }
        // Ours may have come out before the receipt that was voided, or the report, or the deposit.
        let told = settled(dialect, |device| {
            print_another(device, 1000);
            begin_another(device, 1000);
            device.till.void().unwrap();
        });
        assert!(told.iter().all(is_unknown), "{dialect:?} {told:?}");
        let told = settled(dialect, |device| {
            print_another(device, 1000);
            begin_another(device, 700);
        });
        assert!(told.iter().all(is_unknown), "{dialect:?} {told:?}");
        let told = settled(dialect, |device| {
            print_another(device, 1000);
            device.till.report(false).unwrap();
        });
        assert!(told.iter().all(is_unknown), "{dialect:?} {told:?}");
        // A number that went back is that of another device.
        let told = settled(dialect, |device| {
            print_another(device, 1000);
            device.till.number = 2;
        });
        assert!(told.iter().all(is_unknown), "{dialect:?} {told:?}");
    }
}

/// What the device can tell for sure it does tell.
#[test]
fn one_document_or_none_is_told_apart() {
    for dialect in Isl::ALL {
        let refused = |told: &Result<Outcome, Failure>| matches!(told, Err(Failure::Refused(_)));
        assert!(settled(dialect, |_| {}).iter().all(refused), "{dialect:?}");
        let told = settled(dialect, |device| begin_another(device, 1000));
        assert!(told.iter().all(refused), "{dialect:?} {told:?}");
        for amount in [400, 1000] {
            let [told, untold] = settled(dialect, |device| {
                begin_another(device, amount);
                device.till.void().unwrap();
            });
            assert!(refused(&told), "{dialect:?} {amount} {told:?}");
            assert!(untold.is_err(), "{dialect:?} {amount} {untold:?}");
        }
        let [told, untold] = settled(dialect, |device| print_another(device, 1000));
        assert!(
            told.is_ok() && is_unknown(&untold),
            "{dialect:?} {told:?} {untold:?}"
        );
    }
}

/// Where the device does not tell what was paid, a lost close may stay unknown, but is never wrong.
#[test]
fn what_cannot_be_settled_stays_unknown() {
    for dialect in [Isl::P, Isl::C, Isl::X, Isl::Daisy, Isl::Eltrade] {
        let operation = Operation::Receipt(Box::new(receipt(dialect)));
        let mut wire = Wire::healthy();
        hold_over(&mut wire, &mut device(dialect), operation.clone()).unwrap();
        for broken in Broken::ALL {
            for after in 0..wire.carried + 200 {
                let mut device = device(dialect);
                device.tells_paid = false;
                let mut wire = Wire::breaking(after, broken);
                let mut result = hold_over(&mut wire, &mut device, operation.clone());
                if let Err(Failure::Unknown { pending, .. }) = result {
                    result = hold(&mut device, Operation::Settle(pending.unwrap()));
                }
                let whole = documents(&device);
                match result {
                    Ok(_) => assert_eq!(whole, 1, "{dialect:?} {broken:?} after {after}"),
                    Err(Failure::Refused(_)) => {
                        assert_eq!(whole, 0, "{dialect:?} {broken:?} after {after}");
                    }
                    Err(Failure::Unknown { .. }) => assert!(whole <= 1),
                }
            }
        }
    }
}

/// A settling that breaks off itself does not say that nothing was printed.
#[test]
fn a_settling_that_breaks_settles_nothing_wrongly() {
    for dialect in Isl::ALL {
        for closed in [true, false] {
            let pending = Pending {
                before: device(dialect).till.number.to_string(),
                total: Some(Money::new(1000).unwrap()),
            };
            let paid = || {
                let mut device = device(dialect);
                device.till.open(false, "").unwrap();
                device.till.sell("Хляб", 2, 1000).unwrap();
                device.till.pay(true, None).unwrap();
                if closed {
                    device.till.close().unwrap();
                }
                device
            };
            let settle = Operation::Settle(pending);
            let mut whole = Wire::healthy();
            hold_over(&mut whole, &mut paid(), settle.clone()).unwrap();
            for broken in Broken::ALL {
                for after in 0..whole.carried {
                    let mut device = paid();
                    let mut wire = Wire::breaking(after, broken);
                    let settled = hold_over(&mut wire, &mut device, settle.clone());
                    let refused = matches!(settled, Err(Failure::Refused(_)));
                    assert!(
                        !refused,
                        "{dialect:?} {broken:?} after {after}: {settled:?}"
                    );
                }
            }
        }
    }
}

/// Bytes may come one by one or all at once.
#[test]
fn portions_do_not_matter() {
    for dialect in Isl::ALL {
        for portion in [1, 2, 7, 1000] {
            let mut device = device(dialect);
            let mut wire = Wire {
                portion,
                ..Wire::healthy()
            };
            let operation = Operation::Receipt(Box::new(receipt(dialect)));
            assert!(hold_over(&mut wire, &mut device, operation).is_ok());
            assert_eq!(documents(&device), 1);
        }
    }
}
