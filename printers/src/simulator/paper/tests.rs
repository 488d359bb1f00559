//! Every driver holds a conversation with its simulated device, and the paper says what was sold.

use super::*;
use crate::device::{Capabilities, PaymentKind, Settings, SubtotalModifiers};
use crate::dialogue::{Answer, Failure, Operation, Outcome};
use crate::escpos::layout::{Layout, Stamp};
use crate::receipt::{Item, Operator, Receipt, Sale, Transfer};
use crate::simulator::sheet::COLUMNS;
use crate::simulator::till::Kind;
use crate::simulator::wire::Wire;
use crate::speak::Manner;
use daybook_schema::{Money, Quantity};
use jiff::civil::date;

fn manner(driver: Driver) -> Manner {
    Manner {
        driver,
        settings: Settings::default(),
        layout: Layout {
            drawer: true,
            ..Layout::default()
        },
    }
}

fn stamp() -> Stamp {
    Stamp {
        number: "0000017".to_owned(),
        time: date(2026, 2, 3).at(4, 5, 6, 0),
        ..Stamp::default()
    }
}

fn hold(device: &mut Simulated, driver: Driver, operation: Operation) -> Result<Outcome, Failure> {
    let manner = manner(driver);
    let mut dialogue = manner.dialogue(operation, Some(stamp()), 0x41)?;
    Wire::healthy()
        .hold(dialogue.as_mut(), device)
        .expect("the conversation ends")
}

fn capabilities(device: &mut Simulated, driver: Driver) -> Capabilities {
    let outcome = hold(device, driver, Operation::Identify).unwrap();
    match outcome.answer {
        Answer::Device(device) => device.capabilities,
        other => panic!("{other:?}"),
    }
}

fn receipt(capabilities: &Capabilities) -> Operation {
    let milk = Sale {
        text: "Мляко".to_owned(),
        quantity: Quantity::new(2000).unwrap(),
        unit_price: Money::new(900).unwrap(),
        tax_group: 2,
        code: 999,
        ..Sale::default()
    };
    let receipt = Receipt {
        items: vec![Item::Sale(milk)],
        ..Receipt::default()
    };
    let checked = receipt.check(capabilities, &Settings::default()).unwrap();
    Operation::Receipt(Box::new(checked))
}

#[test]
fn every_driver_prints_on_its_device() {
    for driver in Driver::ALL {
        let mut device = Simulated::new(driver);
        let able = capabilities(&mut device, driver);
        let outcome = hold(&mut device, driver, receipt(&able)).unwrap();
        let Answer::Printed(printed) = outcome.answer else {
            panic!("{driver:?}: {:?}", outcome.answer);
        };
        assert_eq!(printed.amount.units(), 1800, "{driver:?}");
        let [sheet] = device.documents() else {
            panic!("{driver:?}: {:?}", device.documents());
        };
        assert_eq!(sheet.number, printed.number.parse().ok(), "{driver:?}");
        let page = sheet.text.join("\n");
        assert!(page.contains("Мляко") && page.contains("18.00"), "{page}");
        let wide = |line: &&String| line.chars().count() > COLUMNS;
        assert_eq!(sheet.text.iter().find(wide), None, "{driver:?}");
        if driver == Driver::EscPos {
            assert_eq!((sheet.kind, sheet.total), (None, None));
            assert_eq!(device.drawer_opened(), 1);
        } else {
            let told = (sheet.kind, sheet.total, sheet.time);
            assert_eq!(told, (Some(Kind::Receipt), Some(1800), device.clock()));
        }
    }
}

#[test]
fn a_plain_printer_tells_nothing_that_it_cannot_know() {
    let driver = Driver::EscPos;
    let mut device = Simulated::new(driver);
    let outcome = hold(&mut device, driver, Operation::Identify).unwrap();
    let Answer::Device(told) = outcome.answer else {
        panic!("{:?}", outcome.answer);
    };
    assert_eq!((told.serial.as_str(), told.manufacturer), ("", "ESC/POS"));
    assert_eq!(Some(told.capabilities), manner(driver).capabilities());
    let outcome = hold(&mut device, driver, Operation::Drawer).unwrap();
    assert_eq!((outcome.answer, device.drawer_opened()), (Answer::Done, 1));
    let amount = Money::new(5000).unwrap();
    let deposit = Transfer::check(amount, Operator::default()).unwrap();
    let outcome = hold(&mut device, driver, Operation::Deposit(deposit)).unwrap();
    assert_eq!(outcome.answer, Answer::Done);
    assert!(device.documents()[0].text.join("\n").contains("DEPOSIT"));
    let heard = device.heard();
    for operation in [Operation::Cash, Operation::ZReport, Operation::LastDocument] {
        let refused = hold(&mut device, driver, operation).unwrap_err();
        assert!(refused.messages().has("E412"), "{refused:?}");
    }
    assert_eq!(device.heard(), heard, "it was asked something");
    // A stamp that is missing is an empty one.
    let receipt = receipt(&manner(driver).capabilities().unwrap());
    assert!(manner(driver).dialogue(receipt, None, 0).is_ok());
    let others = Driver::ALL
        .into_iter()
        .filter(|driver| *driver != Driver::EscPos);
    for driver in others {
        assert_eq!(manner(driver).capabilities(), None);
    }
}

/// What waited for paper comes out with the paper, and is noticed.
#[test]
fn a_person_changes_paper_and_cover() {
    for driver in Driver::ALL {
        let mut device = Simulated::new(driver);
        let able = capabilities(&mut device, driver);
        device.set_paper(false);
        let refused = hold(&mut device, driver, receipt(&able)).unwrap_err();
        assert!(refused.messages().has("E301"), "{driver:?}: {refused:?}");
        device.set_paper(true);
        assert!(hold(&mut device, driver, receipt(&able)).is_ok());
        if device.set_cover_open(true) {
            let refused = hold(&mut device, driver, receipt(&able)).unwrap_err();
            assert!(refused.messages().has("E302"), "{driver:?}: {refused:?}");
            device.set_cover_open(false);
        }
        let whole = |sheet: &&Sheet| matches!(sheet.kind, None | Some(Kind::Receipt));
        assert_eq!(device.documents().iter().filter(whole).count(), 1);
    }
    let mut device = Simulated::new(Driver::EscPos);
    device.set_paper(false);
    device.hear(b"\x1b@late\n\x1dV\x00");
    assert!(device.documents().is_empty());
    device.set_paper(true);
    assert_eq!(device.documents().len(), 1);
}

/// Whatever goes wrong once, a receipt is never printed twice.
#[test]
fn any_mishap_leaves_one_receipt_at_most() {
    for driver in Driver::ALL {
        let mut healthy = Simulated::new(driver);
        let able = capabilities(&mut healthy, driver);
        let before = healthy.heard();
        hold(&mut healthy, driver, receipt(&able)).unwrap();
        let commands = before..healthy.heard();
        let plans = Mishap::ALL
            .into_iter()
            .flat_map(|mishap| commands.clone().map(move |at| (mishap, at)));
        for (mishap, at) in plans {
            let mut device = Simulated::new(driver);
            capabilities(&mut device, driver);
            if !device.plan(at, mishap) {
                assert_eq!(driver, Driver::EscPos);
                continue;
            }
            let result = hold(&mut device, driver, receipt(&able));
            let counts = |sheet: &&Sheet| matches!(sheet.kind, None | Some(Kind::Receipt));
            let printed = device.documents().iter().filter(counts).count();
            assert!(printed <= 1, "{driver:?} {mishap:?} at {at}: {result:?}");
            match result {
                Ok(_) => assert_eq!(printed, 1, "{driver:?} {mishap:?} at {at}"),
                Err(Failure::Refused(_)) => {
                    assert_eq!(printed, 0, "{driver:?} {mishap:?} at {at}");
                }
                Err(Failure::Unknown { .. }) => {}
            }
        }
    }
}

#[test]
fn plates_and_clocks_can_be_set() {
    let mut device = Simulated::new(Driver::DatecsP);
    assert!(device.set_serial("DT000007"));
    assert_eq!(device.till().unwrap().fiscal_memory, "02000007");
    for wrong in ["", "DT00007", "dt000007", "DT00000x", "ДТ000007"] {
        assert!(!device.set_serial(wrong), "{wrong}");
    }
    assert!(!Simulated::new(Driver::EscPos).set_serial("DT000007"));
    for driver in [Driver::DatecsP, Driver::EscPos] {
        let mut device = Simulated::new(driver);
        device.set_clock(date(2026, 12, 31).at(23, 59, 59, 999));
        device.pass_seconds(2);
        assert_eq!(device.clock(), date(2027, 1, 1).at(0, 0, 1, 0));
    }
}

#[test]
fn drivers_know_what_a_kitchen_can_do() {
    let able = manner(Driver::EscPos).capabilities().unwrap();
    assert_eq!(able.subtotal_modifiers, SubtotalModifiers::Supported);
    assert!(able.payments.contains(&PaymentKind::Reserved2) && !able.fiscal);
}
