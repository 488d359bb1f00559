//! Cards that are charged while wires break and answers go missing: never twice, and nothing counts
//! as refused that stands on paper.

use super::terminal::{TOTAL, ask, mixed, print, settings, terminal};
use crate::device::PaymentKind;
use crate::dialogue::{Failure, Operation, Outcome};
use crate::isl::{Isl, dialogue};
use crate::simulator::isl::{Fault, IslDevice, Terminal, Verdict};
use crate::simulator::wire::{Broken, Wire};

/// Believes an outcome, or settles it over a wire that works, and compares it with the paper.
fn judge(
    device: &mut IslDevice,
    outcome: Result<Outcome, Failure>,
    operation: &Operation,
    what: &str,
) {
    device.faults.clear();
    let outcome = match outcome {
        Err(Failure::Unknown { pending, .. }) => {
            ask(device, Operation::Settle(pending.expect(what)))
        }
        known => known,
    };
    let known = !matches!(outcome, Err(Failure::Unknown { .. }));
    assert!(known, "{what}: {outcome:?}");
    let receipts = device.till.receipts();
    assert_eq!(receipts.len(), usize::from(outcome.is_ok()), "{what}");
    assert!(receipts.iter().all(|one| one.total == TOTAL), "{what}");
    let charged = &terminal(device).charged;
    assert!(charged.len() <= 1, "charged twice, {what}");
    if let Err(Failure::Refused(messages)) = &outcome
        && !charged.is_empty()
    {
        let told = messages.as_slice().iter();
        let told = told
            .filter(|one| one.text.contains("card terminal"))
            .count();
        assert!(
            told > 0,
            "nobody is told of the charge, {what}: {messages:?}"
        );
    }
    if outcome.is_err() {
        // Whatever is left over, another receipt comes out, and charges at most once more.
        let before = charged.len();
        let terminal_now = device.terminal.as_mut().unwrap();
        terminal_now.verdict = Verdict::Approves;
        terminal_now.gives = true;
        let again = ask(device, operation.clone());
        assert!(again.is_ok(), "{what}: {again:?}");
        assert!(terminal(device).charged.len() <= before + 1, "{what}");
    }
}

fn verdicts() -> impl Iterator<Item = Terminal> {
    let verdicts = [
        Verdict::Approves,
        Verdict::Declines,
        Verdict::TimesOut,
        Verdict::Unknown,
    ];
    let uncounted = Terminal {
        counts: false,
        ..Terminal::new(Verdict::Unknown)
    };
    let kept = Terminal {
        gives: false,
        ..Terminal::new(Verdict::Unknown)
    };
    let all = verdicts.map(Terminal::new).into_iter();
    all.chain([uncounted, kept, Terminal::new(Verdict::PowerCut)])
        .map(|terminal| Terminal {
            busy: 3,
            ..terminal
        })
}

/// Cuts the wire at every so manieth byte, and tells how often the outcome was unknown.
fn wherever_it_breaks(
    terminal: &Terminal,
    operation: &Operation,
    tells_paid: bool,
    step: usize,
) -> usize {
    let fresh = || {
        let mut device = IslDevice::new(Isl::X);
        device.terminal = Some(terminal.clone());
        device.tells_paid = tells_paid;
        device
    };
    let talk = || dialogue(operation.clone(), Isl::X, settings(), 3);
    let mut whole = Wire::healthy();
    whole.hold(talk().as_mut(), &mut fresh()).unwrap().ok();
    let mut doubtful = 0;
    for broken in Broken::ALL {
        for after in (0..whole.carried).step_by(step) {
            let mut device = fresh();
            let mut wire = Wire::breaking(after, broken);
            let outcome = wire.hold(talk().as_mut(), &mut device).unwrap();
            let what = format!("{terminal:?} {broken:?} after {after}");
            doubtful += usize::from(matches!(outcome, Err(Failure::Unknown { .. })));
            if tells_paid {
                judge(&mut device, outcome, operation, &what);
            } else {
                is_never_wrong(&mut device, outcome, &what);
            }
        }
    }
    doubtful
}

#[test]
fn no_card_is_charged_twice_wherever_the_wire_breaks() {
    let mut doubtful = 0;
    for (index, terminal) in verdicts().enumerate() {
        // Every byte where the receipt comes out; refusals and variants end much alike.
        let step = if matches!(index, 0 | 3) { 1 } else { 3 };
        doubtful += wherever_it_breaks(&terminal, &mixed(), true, step);
        let card = print(&[(PaymentKind::Card, TOTAL)]);
        doubtful += wherever_it_breaks(&terminal, &card, true, 11);
    }
    assert!(doubtful > 500, "only {doubtful} outcomes were ever unknown");
}

#[test]
fn a_device_that_does_not_tell_what_was_paid_charges_no_card_twice() {
    for terminal in verdicts() {
        wherever_it_breaks(&terminal, &mixed(), false, 5);
    }
}

/// A device that does not tell what was paid may leave things unknown.
fn is_never_wrong(device: &mut IslDevice, outcome: Result<Outcome, Failure>, what: &str) {
    let outcome = match outcome {
        Err(Failure::Unknown { pending, .. }) => {
            ask(device, Operation::Settle(pending.expect(what)))
        }
        known => known,
    };
    let receipts = device.till.receipts().len();
    match outcome {
        Ok(_) => assert_eq!(receipts, 1, "{what}"),
        Err(Failure::Refused(_)) => assert_eq!(receipts, 0, "{what}"),
        Err(Failure::Unknown { .. }) => assert!(receipts <= 1, "{what}"),
    }
    assert!(terminal(device).charged.len() <= 1, "{what}");
}

#[test]
fn no_card_is_charged_twice_whatever_answer_goes_missing() {
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
    let losses = [Fault::Deaf, Fault::Silent, Fault::PowerCut];
    for terminal in verdicts() {
        let fresh = || {
            let mut device = IslDevice::new(Isl::X);
            device.terminal = Some(terminal.clone());
            device
        };
        let mut healthy = fresh();
        ask(&mut healthy, mixed()).ok();
        let pairs = (0..healthy.heard).flat_map(|at| (at..at + 3).map(move |second| (at, second)));
        for (first, second) in pairs {
            for (fault, other) in faults.iter().flat_map(|one| losses.map(|two| (*one, two))) {
                let mut device = fresh();
                device.faults.insert(second, other);
                device.faults.insert(first, fault);
                let outcome = ask(&mut device, mixed());
                let what = format!("{terminal:?} {fault:?} at {first}, {other:?} at {second}");
                judge(&mut device, outcome, &mixed(), &what);
            }
        }
    }
}
