//! Every operation in every dialect, against a device that refuses what a real one would refuse.

use super::{ask, checked, codes, hold, money, receipt, refused, reversal, sale};
use crate::device::{PaymentKind, Quirk, Settings};
use crate::dialogue::{Answer, Operation};
use crate::isl::Isl;
use crate::receipt::{Item, Operator, Receipt, Transfer};
use crate::simulator::isl::{Fault, IslDevice};
use crate::simulator::till::Kind;
use jiff::civil::date;

#[test]
fn a_receipt_prints_and_the_amounts_agree() {
    for dialect in Isl::ALL {
        let mut device = IslDevice::new(dialect);
        let receipt = receipt(dialect);
        let total = receipt.total;
        let Answer::Printed(printed) = ask(&mut device, Operation::Receipt(Box::new(receipt)))
        else {
            panic!("{dialect:?}");
        };
        let [paper] = device.till.receipts()[..] else {
            panic!("{dialect:?}: {:?}", device.till.printed);
        };
        assert_eq!(
            (paper.kind, paper.total),
            (Kind::Receipt, total.units()),
            "{dialect:?}"
        );
        assert_eq!(printed.amount, total);
        assert_eq!(printed.number.parse(), Ok(paper.number));
        assert_eq!(printed.time, Some(device.till.clock));
        assert_eq!(printed.fiscal_memory, device.till.fiscal_memory);
        assert_eq!(
            paper.lines.last().map(String::as_str),
            Some("Благодарим Ви!")
        );
        assert!(paper.lines[0].contains("Хляб"));
    }
}

#[test]
fn a_reversal_takes_the_money_back() {
    for dialect in Isl::ALL {
        let mut device = IslDevice::new(dialect);
        let reversal = reversal(dialect);
        assert!(!refused(&mut device, Operation::Reversal(Box::new(reversal.clone()))).is_empty());
        device.till.cash = 10_000;
        let answer = ask(&mut device, Operation::Reversal(Box::new(reversal.clone())));
        let total = reversal.receipt.total;
        assert!(matches!(answer, Answer::Printed(printed) if printed.amount == total));
        assert_eq!(device.till.cash, 10_000 - total.units());
        assert_eq!(device.till.receipts().len(), 1);
    }
}

#[test]
fn everything_else_is_done_once() {
    for dialect in Isl::ALL {
        let mut device = IslDevice::new(dialect);
        let transfer = |units| Transfer::check(money(units), Operator::default()).unwrap();
        assert_eq!(
            ask(&mut device, Operation::Deposit(transfer(10_000))),
            Answer::Done
        );
        assert_eq!(
            ask(&mut device, Operation::Withdraw(transfer(2500))),
            Answer::Done
        );
        assert_eq!(
            refused(&mut device, Operation::Withdraw(transfer(7501)))[0],
            "E405"
        );
        assert_eq!(ask(&mut device, Operation::Cash), Answer::Cash(money(7500)));
        let receipt = receipt(dialect);
        ask(&mut device, Operation::Receipt(Box::new(receipt)));
        for operation in [Operation::XReport, Operation::ZReport, Operation::Duplicate] {
            assert_eq!(ask(&mut device, operation), Answer::Done);
        }
        let kinds: Vec<Kind> = device.till.printed.iter().map(|one| one.kind).collect();
        let expected = [
            Kind::Transfer,
            Kind::Transfer,
            Kind::Receipt,
            Kind::InterimReport,
            Kind::DailyReport,
            Kind::Duplicate,
        ];
        assert_eq!(kinds, expected, "{dialect:?}");
        let time = date(2026, 7, 1).at(12, 30, 5, 0);
        assert_eq!(ask(&mut device, Operation::SetTime(time)), Answer::Done);
        assert_eq!(
            ask(&mut device, Operation::Status),
            Answer::Status(Some(time))
        );
        assert!(matches!(
            ask(&mut device, Operation::LastDocument),
            Answer::LastDocument(last) if !last.open && last.number.parse() == Ok(device.till.number)
        ));
    }
}

#[test]
fn devices_say_who_they_are() {
    for (dialect, firmware, item, comment) in [
        (Isl::P, "1.00BG 23NOV18 1000", 34, 46),
        (Isl::C, "1.00BG 23NOV18 1000", 22, 36),
        (Isl::X, "266207 29Jan19 1634", 72, 46),
        (Isl::Daisy, "ONL-4.01BG", 20, 28),
        (Isl::Eltrade, "KL5101.1811.0.3 15Nov18 15:49", 30, 46),
        (Isl::Incotex, "2.11 Jan 22 2019 14:00", 20, 28),
    ] {
        let mut device = IslDevice::new(dialect);
        let Answer::Device(info) = ask(&mut device, Operation::Identify) else {
            panic!("{dialect:?}");
        };
        assert_eq!(
            (info.serial, info.fiscal_memory),
            (
                device.till.serial.clone(),
                device.till.fiscal_memory.clone()
            )
        );
        assert_eq!(
            (info.model, info.firmware.as_str()),
            (device.model.clone(), firmware)
        );
        assert_eq!(info.tax_number, "000713391");
        assert_eq!(info.capabilities.item_text, item);
        assert_eq!(info.capabilities.comment_text, comment);
        assert!(info.capabilities.payments.contains(&PaymentKind::Card));
        // A device of somebody else is no printer of ours, unless an operator says so.
        device.till.serial = "ZZ123456".to_owned();
        assert_eq!(refused(&mut device, Operation::Identify), ["E107"]);
        let configured = Settings {
            configured: true,
            ..Settings::default()
        };
        assert!(super::hold_with(&mut device, Operation::Identify, configured).is_ok());
    }
}

#[test]
fn a_device_without_a_serial_number_says_so() {
    let mut device = IslDevice::new(Isl::X);
    device.till.serial = String::new();
    assert_eq!(refused(&mut device, Operation::Identify), ["E405"]);
}

#[test]
fn no_device_answers_to_the_wrong_dialect() {
    for speaks in Isl::ALL {
        for asked in Isl::ALL.into_iter().filter(|asked| *asked != speaks) {
            let mut device = IslDevice::new(speaks);
            let operation = Operation::Identify;
            let found = super::hold_as(asked, &mut device, operation, Settings::default());
            assert!(found.is_err(), "{asked:?} found a {speaks:?}");
            assert!(device.till.printed.is_empty());
        }
    }
}

#[test]
fn one_hundred_and_twenty_lines_print() {
    for dialect in Isl::ALL {
        let items = (0..120).map(|_| Item::Sale(sale(99))).collect();
        let asked = Receipt {
            items,
            ..Receipt::default()
        };
        let mut device = IslDevice::new(dialect);
        ask(
            &mut device,
            Operation::Receipt(Box::new(checked(&asked, dialect))),
        );
        assert_eq!(device.till.receipts()[0].total, 120 * 99);
    }
}

#[test]
fn raw_requests_and_resets_reach_the_device() {
    let mut device = IslDevice::new(Isl::X);
    assert!(matches!(
        ask(&mut device, Operation::Raw("d-111016\t".to_owned())),
        Answer::Raw(text) if text == "0\t-111016\tText of the error\t"
    ));
    let raw = hold(&mut device, Operation::Raw("8".to_owned())).unwrap();
    assert!(!raw.messages.is_ok());
    assert_eq!(
        refused(&mut device, Operation::Raw(String::new())),
        ["E401"]
    );
    for dialect in Isl::ALL {
        let mut device = IslDevice::new(dialect);
        device.till.open(false, "").unwrap();
        device.till.sell("left over", 2, 100).unwrap();
        device.till.pay(true, Some(50)).unwrap();
        assert!(matches!(
            ask(&mut device, Operation::Reset),
            Answer::Status(Some(_))
        ));
        assert!(!device.till.is_open());
    }
}

#[test]
fn the_drawer_opens_and_nothing_is_printed() {
    for dialect in Isl::ALL {
        let mut device = IslDevice::new(dialect);
        device.till.paper = false;
        hold(&mut device, Operation::Drawer).unwrap();
        assert_eq!(device.till.drawer_opened, 1, "{dialect:?}");
        // Command 0 is the status, 1 the drawer: an answer that is lost is asked for again.
        device.till.paper = true;
        device.faults.insert(device.heard + 1, Fault::PowerCut);
        assert_eq!(ask(&mut device, Operation::Drawer), Answer::Done);
        assert_eq!(device.till.drawer_opened, 3, "{dialect:?}");
        assert!(device.till.printed.is_empty());
    }
}

#[test]
fn a_drawer_that_prints_is_not_asked() {
    let settings = Settings {
        quirks: [Quirk::CashQueryPrints].into(),
        ..Settings::default()
    };
    let mut device = IslDevice::new(Isl::P);
    let failure = super::hold_with(&mut device, Operation::Cash, settings).unwrap_err();
    assert_eq!(codes(failure.messages().as_slice()), ["E412"]);
}

#[test]
fn the_simulated_device_reads_every_published_command() {
    for one in super::frames::known().iter().filter(|one| !one.is_answer()) {
        let dialect = match one.protocol.as_str() {
            "isl-p" | "isl" => Isl::P,
            "isl-c" => Isl::C,
            "isl-x" => Isl::X,
            "isl-daisy" => Isl::Daisy,
            "isl-eltrade" => Isl::Eltrade,
            _ => Isl::Incotex,
        };
        let answer = IslDevice::new(dialect).hear(&one.bytes());
        let framed = answer.first() == Some(&0x01) && answer.last() == Some(&0x03);
        assert!(framed, "{}: {answer:?}", one.purpose);
    }
    // In the other form nothing is read: seen on a real X device, which is busy first.
    let short = [0x01, 0x24, 0x21, 0x4A, 0x05, 0x30, 0x30, 0x39, 0x34, 0x03];
    assert_eq!(IslDevice::new(Isl::X).hear(&short), [0x16, 0x15]);
}
