//! Payments by card through the terminal of a Datecs X.

use super::{capabilities, codes, hold_with, money, sale};
use crate::device::{PaymentKind, Settings};
use crate::dialogue::{Failure, Operation, Outcome};
use crate::isl::Isl;
use crate::receipt::{Item, Payment, Receipt};
use crate::simulator::isl::{Fault, IslDevice, Terminal, Verdict};
use crate::simulator::till::Kind;

const CARD: i64 = 700;
pub(super) const TOTAL: i64 = 1000;

fn device(verdict: Verdict) -> IslDevice {
    let mut device = IslDevice::new(Isl::X);
    device.terminal = Some(Terminal::new(verdict));
    device
}

pub(super) fn settings() -> Settings {
    Settings {
        terminal: true,
        ..Settings::default()
    }
}

pub(super) fn print(payments: &[(PaymentKind, i64)]) -> Operation {
    let paid = |(kind, amount): &(PaymentKind, i64)| Payment::Paid {
        kind: *kind,
        amount: Some(money(*amount)),
    };
    let receipt = Receipt {
        items: vec![Item::Sale(sale(TOTAL)), Item::Footer("Bye".to_owned())],
        payments: payments.iter().map(paid).collect(),
        ..Receipt::default()
    };
    let checked = receipt.check(&capabilities(Isl::X), &settings()).unwrap();
    Operation::Receipt(Box::new(checked))
}

/// Some cash and a card, in the order in which somebody typed them.
pub(super) fn mixed() -> Operation {
    print(&[(PaymentKind::Cash, TOTAL - CARD), (PaymentKind::Card, CARD)])
}

pub(super) fn ask(device: &mut IslDevice, operation: Operation) -> Result<Outcome, Failure> {
    hold_with(device, operation, settings())
}

pub(super) fn terminal(device: &IslDevice) -> &Terminal {
    device.terminal.as_ref().unwrap()
}

fn refused(device: &mut IslDevice, operation: Operation) -> Vec<&'static str> {
    match ask(device, operation).unwrap_err() {
        Failure::Refused(messages) => codes(messages.as_slice()),
        unknown @ Failure::Unknown { .. } => panic!("{unknown:?}"),
    }
}

#[test]
fn a_card_pays_first_and_its_slip_comes_twice() {
    for operation in [mixed(), print(&[(PaymentKind::Card, TOTAL)])] {
        let mut device = device(Verdict::Approves);
        let outcome = ask(&mut device, operation).unwrap();
        assert!(outcome.messages.is_ok(), "{:?}", outcome.messages);
        let [receipt] = device.till.receipts()[..] else {
            panic!("{:?}", device.till.printed);
        };
        let [charged] = terminal(&device).charged[..] else {
            panic!("{:?}", terminal(&device));
        };
        assert_eq!(receipt.lines[1], format!("paid {}.00", charged / 100));
        assert_eq!(device.till.cash, TOTAL - charged, "only the rest was cash");
        assert_eq!(terminal(&device).slips, 2);
    }
}

#[test]
fn without_the_setting_nobody_holds_a_card_to_the_terminal() {
    let mut device = device(Verdict::Approves);
    hold_with(&mut device, mixed(), Settings::default()).unwrap();
    assert_eq!(device.till.receipts().len(), 1);
    assert!(terminal(&device).charged.is_empty());
    assert_eq!(terminal(&device).slips, 0);
}

#[test]
fn the_setting_means_nothing_to_devices_without_a_terminal() {
    for dialect in Isl::ALL.into_iter().filter(|dialect| *dialect != Isl::X) {
        let mut device = IslDevice::new(dialect);
        ask(&mut device, mixed()).unwrap();
        ask(&mut device, Operation::ZReport).unwrap();
        assert_eq!(device.till.cash, TOTAL - CARD, "{dialect:?}");
    }
}

#[test]
fn a_card_that_is_not_charged_leaves_no_receipt() {
    for (verdict, code) in [(Verdict::Declines, "E699"), (Verdict::TimesOut, "E601")] {
        let mut device = device(verdict);
        assert_eq!(refused(&mut device, mixed()), [code]);
        assert!(device.till.receipts().is_empty() && !device.till.is_open());
        assert!(terminal(&device).charged.is_empty());
        assert_eq!(terminal(&device).slips, 0, "there is nothing to print");
    }
}

#[test]
fn a_charge_that_the_device_did_not_hear_of_is_taken_over() {
    for counts in [true, false] {
        let mut device = device(Verdict::Unknown);
        device.terminal.as_mut().unwrap().counts = counts;
        let outcome = ask(&mut device, mixed()).unwrap();
        assert!(outcome.messages.is_ok(), "{:?}", outcome.messages);
        assert_eq!(terminal(&device).charged, [CARD]);
        assert_eq!(terminal(&device).unheard, None);
        assert_eq!(device.till.receipts()[0].lines[1], "paid 7.00");
        assert_eq!(device.till.cash, TOTAL - CARD);
        assert_eq!(terminal(&device).slips, 2);
    }
}

#[test]
fn a_charge_that_cannot_be_taken_over_is_told() {
    let mut device = device(Verdict::Unknown);
    device.terminal.as_mut().unwrap().gives = false;
    let failure = ask(&mut device, mixed()).unwrap_err();
    let messages = failure.messages();
    assert!(messages.has("E602"), "{messages:?}");
    let look = messages.as_slice().iter();
    let mut look = look.filter(|one| one.text.contains("whether the card was charged"));
    assert!(look.next().is_some(), "{messages:?}");
    assert!(device.till.receipts().is_empty() && !device.till.is_open());
    assert_eq!(terminal(&device).charged, [CARD]);
    // Somebody tries again: what was charged pays this time.
    device.terminal.as_mut().unwrap().gives = true;
    ask(&mut device, mixed()).unwrap();
    assert_eq!(terminal(&device).charged, [CARD]);
    assert_eq!(device.till.receipts().len(), 1);
}

#[test]
fn a_charge_that_nobody_remembers_is_not_made_again() {
    let mut device = device(Verdict::PowerCut);
    let failure = ask(&mut device, mixed()).unwrap_err();
    assert!(matches!(failure, Failure::Refused(_)), "{failure:?}");
    let told = format!("{:?}", failure.messages());
    assert!(
        told.contains("E602") && told.contains("before you pay again"),
        "{told}"
    );
    assert_eq!(terminal(&device).charged, [CARD]);
    assert!(device.till.receipts().is_empty() && !device.till.is_open());
}

#[test]
fn a_charge_of_another_amount_pays_nothing_here() {
    let mut device = device(Verdict::Approves);
    device.terminal.as_mut().unwrap().unheard = Some(CARD + 1);
    let failure = ask(&mut device, mixed()).unwrap_err();
    assert!(matches!(failure, Failure::Refused(_)), "{failure:?}");
    let told = format!("{:?}", failure.messages());
    assert!(told.contains("E602") && told.contains("7.01"), "{told}");
    assert_eq!(terminal(&device).unheard, Some(CARD + 1));
    assert!(terminal(&device).charged.is_empty());
    assert!(device.till.receipts().is_empty());
}

#[test]
fn the_terminal_reports_after_the_device() {
    let mut device = device(Verdict::Approves);
    ask(&mut device, Operation::XReport).unwrap();
    assert_eq!(terminal(&device).reports, (0, 1));
    ask(&mut device, Operation::ZReport).unwrap();
    assert_eq!(terminal(&device).reports, (1, 1));
    hold_with(&mut device, Operation::ZReport, Settings::default()).unwrap();
    assert_eq!(terminal(&device).reports, (1, 1));
    // One that is missing is no reason to say that the day was not closed.
    device.terminal = None;
    let outcome = ask(&mut device, Operation::ZReport).unwrap();
    assert!(outcome.messages.is_ok());
    let printed = device.till.printed.iter();
    let daily = printed.filter(|one| one.kind == Kind::DailyReport);
    assert_eq!(daily.count(), 3);
}

#[test]
fn a_slip_that_does_not_come_undoes_nothing() {
    let mut healthy = device(Verdict::Approves);
    ask(&mut healthy, mixed()).unwrap();
    for at in 0..healthy.heard {
        let mut device = device(Verdict::Approves);
        device.faults.insert(at, Fault::PaperOut);
        let outcome = ask(&mut device, mixed());
        let receipts = device.till.receipts().len();
        match outcome {
            Ok(_) => assert_eq!(receipts, 1, "paper out at {at}"),
            Err(_) => assert_eq!(receipts, 0, "paper out at {at}"),
        }
        assert!(terminal(&device).charged.len() <= 1);
    }
}
