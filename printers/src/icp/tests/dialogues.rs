//! Every operation, held with a simulated device.

use super::samples::{
    TOTAL, USN, asked, codes, device, money, plain, print, receipt, reversal, sale,
};
use crate::device::Settings;
use crate::dialogue::{Answer, Failure, Operation, Printed};
use crate::icp::dialogue;
use crate::receipt::{Item, Operator, Receipt, Sale, Transfer};
use crate::simulator::icp::{Fault, IcpDevice};
use crate::simulator::till::{Kind, Till};
use crate::simulator::wire::Wire;
use jiff::civil::date;

#[test]
fn a_receipt_is_printed() {
    let mut device = device();
    let outcome = asked(&mut device, print(&receipt())).unwrap();
    let expected = Printed {
        number: "000085".to_owned(),
        time: Some(date(2019, 5, 17).at(13, 55, 18, 0)),
        amount: money(TOTAL),
        fiscal_memory: "12001028".to_owned(),
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
            "A comment",
            "Мляко 20.00",
            "-2.00",
            "Coffee 3.75",
            "0.20",
            "paid 13.95",
            "paid 50.00",
            "Thank you!",
        ]
    );
    assert_eq!(device.till.cash, 2000);
}

#[test]
fn without_payments_it_is_paid_in_cash() {
    let mut device = device();
    asked(&mut device, print(&plain())).unwrap();
    assert_eq!(device.till.cash, TOTAL);
}

#[test]
fn there_is_no_command_for_the_drawer() {
    let mut device = device();
    let refused = asked(&mut device, Operation::Drawer).unwrap_err();
    assert!(matches!(refused, Failure::Refused(_)));
    assert_eq!(codes(refused.messages().as_slice()), ["E413"]);
    assert_eq!(device.till.drawer_opened, 0);
}

#[test]
fn a_receipt_is_taken_back() {
    let mut device = device();
    let refused = asked(&mut device, reversal()).unwrap_err();
    assert_eq!(codes(refused.messages().as_slice())[0], "E405");
    assert_eq!(device.till.receipts().len(), 0);
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
        ("IS001028", "12001028")
    );
    assert_eq!(
        (info.model.as_str(), info.firmware.as_str()),
        ("ISL5011S-KL", "BG R1 30042019")
    );
    assert_eq!(info.tax_number, "000713391");
    assert_eq!(info.capabilities.comment_text, 45);
    let clock = Some(date(2019, 5, 17).at(13, 55, 18, 0));
    let outcome = asked(&mut device, Operation::Status).unwrap();
    assert_eq!(outcome.answer, Answer::Status(clock));
    assert!(outcome.messages.is_ok());
    device.till.paper = false;
    let outcome = asked(&mut device, Operation::Status).unwrap();
    assert_eq!(codes(outcome.messages.as_slice()), ["E301"]);
}

#[test]
fn another_makers_device_is_refused_unless_an_operator_named_it() {
    let mut device = IcpDevice::new(Till::new("XX001028", "12001028"));
    assert!(asked(&mut device, Operation::Identify).is_err());
    let settings = Settings {
        configured: true,
        ..Settings::default()
    };
    let mut dialogue = dialogue(Operation::Identify, settings);
    assert!(
        Wire::healthy()
            .hold(dialogue.as_mut(), &mut device)
            .unwrap()
            .is_ok()
    );
}

#[test]
fn money_moves_once_whichever_form_the_device_wants() {
    for payment_digits in [1, 2] {
        let mut device = device();
        device.payment_digits = payment_digits;
        let transfer = |units| Transfer::check(money(units), Operator::default()).unwrap();
        asked(&mut device, Operation::Deposit(transfer(10_000))).unwrap();
        asked(&mut device, Operation::Withdraw(transfer(4_000))).unwrap();
        let outcome = asked(&mut device, Operation::Cash).unwrap();
        assert_eq!(outcome.answer, Answer::Cash(money(6_000)));
        let refused = asked(&mut device, Operation::Withdraw(transfer(6_001))).unwrap_err();
        assert_eq!(codes(refused.messages().as_slice()), ["E405"]);
        // Command 0 is who, 1 how, 2 the drawer, 3 the deposit.
        for fault in [
            Fault::Silent,
            Fault::Damaged,
            Fault::Nack,
            Fault::Deaf,
            Fault::Busy,
        ] {
            device.faults = [(device.heard + 3, fault)].into();
            let before = device.till.cash;
            asked(&mut device, Operation::Deposit(transfer(100))).unwrap();
            assert_eq!(device.till.cash, before + 100, "{fault:?}");
        }
    }
}

#[test]
fn reports_come_out_once() {
    let mut device = device();
    asked(&mut device, print(&receipt())).unwrap();
    asked(&mut device, Operation::XReport).unwrap();
    asked(&mut device, Operation::Duplicate).unwrap();
    // Command 0 is who, 1 how, 2 the report.
    device.faults = [(device.heard + 2, Fault::Silent)].into();
    asked(&mut device, Operation::ZReport).unwrap();
    assert_eq!(device.till.days, 12, "the turnover was gone");
    device.faults = [(device.heard + 2, Fault::Silent)].into();
    let unknown = asked(&mut device, Operation::ZReport).unwrap_err();
    assert!(
        matches!(unknown, Failure::Unknown { pending: None, .. }),
        "nothing to tell it by"
    );
    device.faults = [(device.heard + 2, Fault::Silent)].into();
    let unknown = asked(&mut device, Operation::XReport).unwrap_err();
    assert!(matches!(unknown, Failure::Unknown { pending: None, .. }));
}

#[test]
fn the_clock_is_set_and_anything_may_be_sent() {
    let mut device = device();
    let time = date(2026, 2, 3).at(4, 5, 6, 0);
    asked(&mut device, Operation::SetTime(time)).unwrap();
    assert_eq!(device.till.clock, time);
    let raw = |text: &str| Operation::Raw(text.to_owned());
    let answer = asked(&mut device, raw("F3")).unwrap().answer;
    assert_eq!(answer, Answer::Raw("030226040506".to_owned()));
    let outcome = asked(&mut device, raw("450")).unwrap();
    assert_eq!(codes(outcome.messages.as_slice()), ["E404"]);
    assert_eq!(
        outcome.messages.as_slice()[0].original.as_deref(),
        Some("054")
    );
    for refused in ["", "4", "49\u{1}", &"8".repeat(300)] {
        assert!(asked(&mut device, raw(refused)).is_err());
    }
}

#[test]
fn what_is_open_is_ended_by_a_reset_and_by_the_next_receipt() {
    let mut device = device();
    device.till.open(false, "").unwrap();
    device.till.sell("Left", 2, 100).unwrap();
    asked(&mut device, Operation::Reset).unwrap();
    assert!(!device.till.is_open());
    device.till.open(false, "").unwrap();
    device.till.sell("Paid", 2, 100).unwrap();
    device.till.pay(true, Some(50)).unwrap();
    let outcome = asked(&mut device, print(&receipt())).unwrap();
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
    assert_eq!((last.number.as_str(), last.open), ("000087", false));
    assert_eq!(last.amount, Some(money(TOTAL)));
}

#[test]
fn a_refusal_voids_the_receipt() {
    let mut device = device();
    device.faults = [(6, Fault::PaperOut)].into();
    let stopped = asked(&mut device, print(&receipt())).unwrap_err();
    assert_eq!(codes(stopped.messages().as_slice())[0], "E301");
    device.till.paper = true;
    asked(&mut device, print(&receipt())).unwrap();
    assert_eq!(device.till.receipts().len(), 1);
}

#[test]
fn what_the_device_cannot_print_is_refused_before_anything_is_printed() {
    let mut device = device();
    let item = |sale: Sale| Item::Sale(sale);
    let bread = || sale("Bread", 100, 1000);
    for items in [
        vec![item(bread()); 51],
        vec![item(Sale {
            department: 11,
            ..bread()
        })],
        vec![item(sale("House", 100_000_000, 1000))],
    ] {
        let receipt = Receipt { items, ..plain() };
        let refused = asked(&mut device, print(&receipt)).unwrap_err();
        assert_eq!(codes(refused.messages().as_slice())[0], "E403");
    }
    assert!(device.till.printed.is_empty());
}
