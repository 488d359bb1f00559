//! Every operation, held with a simulated device.

use super::samples::{
    TOTAL, USN, asked, checked, codes, device, money, print, receipt, reversal, sale,
};
use crate::device::Settings;
use crate::dialogue::{Answer, Failure, Operation, Printed};
use crate::receipt::{Item, Operator, Receipt, Sale, Transfer};
use crate::simulator::till::Kind;
use crate::simulator::wire::Wire;
use crate::simulator::zfp::Fault;
use crate::zfp::{Generation, dialogue};
use jiff::civil::date;

#[test]
fn a_receipt_is_printed() {
    let mut device = device();
    let outcome = asked(&mut device, print()).unwrap();
    let expected = Printed {
        number: "000085".to_owned(),
        time: Some(date(2019, 5, 17).at(13, 55, 18, 0)),
        amount: money(TOTAL),
        fiscal_memory: "50163145".to_owned(),
    };
    assert_eq!(outcome.answer, Answer::Printed(expected));
    assert!(outcome.messages.is_ok(), "{:?}", outcome.messages);
    let [printed] = device.till.printed.as_slice() else {
        panic!("{:?}", device.till.printed);
    };
    assert_eq!(
        (printed.kind, printed.total, printed.sale.as_str()),
        (Kind::Receipt, TOTAL, USN)
    );
    assert_eq!(
        printed.lines,
        [
            "Cheese 12.00",
            "Additional comment to the chee",
            "Мляко / 1 l 18.00",
            "Coffee 3.80",
            "-0.80",
            "paid 20.00",
            "paid 13.00",
            "Thank you!",
        ]
    );
    assert_eq!(device.till.cash, 2000);
}

#[test]
fn without_payments_it_is_paid_in_cash() {
    let mut device = device();
    let receipt = Receipt {
        payments: Vec::new(),
        ..receipt()
    };
    asked(&mut device, Operation::Receipt(Box::new(checked(&receipt)))).unwrap();
    assert_eq!(device.till.cash, TOTAL);
}

#[test]
fn a_receipt_is_taken_back() {
    let mut device = device();
    let refused = asked(&mut device, reversal()).unwrap_err();
    assert_eq!(codes(refused.messages().as_slice())[0], "E405");
    assert_eq!(
        device.count(Kind::Voided),
        1,
        "there was no money to give back"
    );
    device.till.cash = 5000;
    asked(&mut device, reversal()).unwrap();
    assert_eq!(device.till.cash, 5000 - TOTAL);
    assert_eq!(device.till.receipts()[0].kind, Kind::Reversal);
}

#[test]
fn it_says_who_and_how_it_is() {
    let mut device = device();
    let outcome = asked(&mut device, Operation::Identify).unwrap();
    let Answer::Device(info) = outcome.answer else {
        panic!("no device");
    };
    assert_eq!(
        (info.serial.as_str(), info.fiscal_memory.as_str()),
        ("ZK126720", "50163145")
    );
    assert_eq!(
        (info.model.as_str(), info.firmware.as_str()),
        ("M20", "Ver. 1.01")
    );
    assert_eq!(info.tax_number, "000713391");
    let clock = Some(date(2019, 5, 17).at(13, 55, 0, 0));
    let outcome = asked(&mut device, Operation::Status).unwrap();
    assert_eq!(outcome.answer, Answer::Status(clock));
    assert!(outcome.messages.is_ok());
    device.till.paper = false;
    let outcome = asked(&mut device, Operation::Status).unwrap();
    assert_eq!(codes(outcome.messages.as_slice()), ["E301"]);
}

#[test]
fn generations_are_told_apart() {
    let mut device = device();
    device.model = "FP15 KL V2".to_owned();
    device.second = true;
    assert!(asked(&mut device, Operation::Identify).is_err());
    let settings = Settings {
        configured: true,
        ..Settings::default()
    };
    for (generation, settings) in [
        (Generation::First, settings),
        (Generation::Second, Settings::default()),
    ] {
        let mut dialogue = dialogue(Operation::Identify, generation, settings, 0);
        let answer = Wire::healthy()
            .hold(dialogue.as_mut(), &mut device)
            .unwrap();
        assert!(answer.is_ok());
    }
    let capabilities = Generation::Second.capabilities();
    assert_eq!(capabilities.payments.len(), 3);
    let checked = receipt()
        .check(&capabilities, &Settings::default())
        .unwrap();
    let print = Operation::Receipt(Box::new(checked));
    let mut dialogue = dialogue(print, Generation::Second, Settings::default(), 0);
    Wire::healthy()
        .hold(dialogue.as_mut(), &mut device)
        .unwrap()
        .unwrap();
    assert_eq!(device.till.receipts().len(), 1);
}

#[test]
fn money_moves_once() {
    let mut device = device();
    let transfer = |units| Transfer::check(money(units), Operator::default()).unwrap();
    asked(&mut device, Operation::Deposit(transfer(10_000))).unwrap();
    asked(&mut device, Operation::Withdraw(transfer(4_000))).unwrap();
    let outcome = asked(&mut device, Operation::Cash).unwrap();
    assert_eq!(outcome.answer, Answer::Cash(money(6_000)));
    let refused = asked(&mut device, Operation::Withdraw(transfer(6_001))).unwrap_err();
    assert_eq!(codes(refused.messages().as_slice()), ["E405"]);
    // Command 0 is the status, 1 the drawer, 2 the deposit.
    for fault in [
        Fault::Silent,
        Fault::Damaged,
        Fault::Nack,
        Fault::Deaf,
        Fault::Busy,
    ] {
        device.faults = [(device.heard + 2, fault)].into();
        let before = device.till.cash;
        asked(&mut device, Operation::Deposit(transfer(100))).unwrap();
        assert_eq!(device.till.cash, before + 100, "{fault:?}");
    }
}

#[test]
fn the_drawer_opens_and_nothing_is_printed() {
    let mut device = device();
    asked(&mut device, Operation::Drawer).unwrap();
    assert_eq!(device.till.drawer_opened, 1);
    // Command 0 is the status, 1 the drawer: an answer that is lost is asked for again.
    device.faults = [(device.heard + 1, Fault::Silent)].into();
    let outcome = asked(&mut device, Operation::Drawer).unwrap();
    assert_eq!(outcome.answer, Answer::Done);
    assert_eq!(device.till.drawer_opened, 3);
    assert!(device.till.printed.is_empty());
}

#[test]
fn reports_come_out_once() {
    let mut device = device();
    asked(&mut device, print()).unwrap();
    asked(&mut device, Operation::XReport).unwrap();
    asked(&mut device, Operation::Duplicate).unwrap();
    asked(&mut device, Operation::ZReport).unwrap();
    assert_eq!(device.till.days, 12);
    // Command 0 is the status, 1 the last report, 2 the report.
    device.faults = [(device.heard + 2, Fault::Silent)].into();
    asked(&mut device, Operation::ZReport).unwrap();
    assert_eq!(
        device.count(Kind::DailyReport),
        2,
        "it was looked at, not repeated"
    );
    device.faults = [(device.heard + 1, Fault::Silent)].into();
    let unknown = asked(&mut device, Operation::XReport).unwrap_err();
    assert!(matches!(unknown, Failure::Unknown { pending: None, .. }));
    assert_eq!(
        (
            device.count(Kind::InterimReport),
            device.count(Kind::Duplicate)
        ),
        (2, 1)
    );
}

#[test]
fn the_clock_is_set_and_anything_may_be_sent() {
    let mut device = device();
    let time = date(2026, 2, 3).at(4, 5, 6, 0);
    asked(&mut device, Operation::SetTime(time)).unwrap();
    assert_eq!(device.till.clock, time);
    let raw = |text: &str| Operation::Raw(text.to_owned());
    let answer = asked(&mut device, raw("h")).unwrap().answer;
    assert_eq!(answer, Answer::Raw("03-02-2026 04:05".to_owned()));
    let outcome = asked(&mut device, raw("8")).unwrap();
    assert_eq!(outcome.answer, Answer::Raw("02".to_owned()));
    assert_eq!(codes(outcome.messages.as_slice()), ["E404"]);
    for refused in ["", "\u{1}", &"7".repeat(126)] {
        assert!(asked(&mut device, raw(refused)).is_err());
    }
}

#[test]
fn what_is_open_is_ended_by_a_reset_and_by_the_next_receipt() {
    let mut device = device();
    device.till.open(false, "").unwrap();
    device.till.sell("Left", 2, 100).unwrap();
    asked(&mut device, Operation::Reset).unwrap();
    assert_eq!(device.count(Kind::Voided), 1);
    device.till.open(false, "").unwrap();
    device.till.sell("Paid", 2, 100).unwrap();
    device.till.pay(true, Some(50)).unwrap();
    let outcome = asked(&mut device, print()).unwrap();
    let told = outcome
        .messages
        .as_slice()
        .iter()
        .any(|message| message.text.contains("partly"));
    assert!(told, "{:?}", outcome.messages);
    let totals: Vec<i64> = device.till.receipts().iter().map(|one| one.total).collect();
    assert_eq!(totals, [100, TOTAL]);
    let outcome = asked(&mut device, Operation::LastDocument).unwrap();
    let Answer::LastDocument(last) = outcome.answer else {
        panic!("no document");
    };
    assert_eq!(
        (last.number.as_str(), last.open, last.amount),
        ("000087", false, Some(money(TOTAL)))
    );
}

#[test]
fn a_refusal_voids_the_receipt() {
    let mut device = device();
    device.till.password = "1234".to_owned();
    let refused = asked(&mut device, print()).unwrap_err();
    assert!(matches!(refused, Failure::Refused(_)));
    assert_eq!(codes(refused.messages().as_slice())[0], "E408");
    device.till.password = "0000".to_owned();
    device.faults = [(device.heard + 7, Fault::PaperOut)].into();
    let stopped = asked(&mut device, print()).unwrap_err();
    assert_eq!(codes(stopped.messages().as_slice())[0], "E301");
    assert_eq!(device.till.receipts().len(), 0);
    device.till.paper = true;
    asked(&mut device, print()).unwrap();
    assert_eq!(device.till.receipts().len(), 1);
}

#[test]
fn departments_that_the_device_lacks_are_refused_before_anything_is_printed() {
    let mut device = device();
    let receipt = Receipt {
        items: vec![Item::Sale(Sale {
            department: 20,
            ..sale("Coffee", 100, 1000)
        })],
        payments: Vec::new(),
        ..receipt()
    };
    let print = Operation::Receipt(Box::new(checked(&receipt)));
    let refused = asked(&mut device, print).unwrap_err();
    assert_eq!(codes(refused.messages().as_slice()), ["E403"]);
    assert!(device.till.printed.is_empty());
}
