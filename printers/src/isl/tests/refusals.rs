//! What a device refuses leaves no receipt, or is told as it is.

use super::{ask, checked, codes, hold, money, receipt, refused, sale};
use crate::device::PaymentKind;
use crate::dialogue::{Failure, Operation, Pending};
use crate::isl::Isl;
use crate::receipt::{Item, Modifier, Operator, Payment, Receipt, Sale, Tender};
use crate::simulator::isl::{Fault, IslDevice};

#[test]
fn every_reason_to_refuse_leaves_no_receipt() {
    let mut healthy = IslDevice::new(Isl::P);
    ask(&mut healthy, Operation::Receipt(Box::new(receipt(Isl::P))));
    let faults = [(Fault::PaperOut, Some("E301")), (Fault::CoverOpen, None)];
    let cases = Isl::ALL
        .into_iter()
        .flat_map(|dialect| faults.map(|fault| (dialect, fault)));
    for (dialect, (fault, code)) in cases {
        for at in 0..2 * healthy.heard {
            let mut device = IslDevice::new(dialect);
            device.clean_status = at % 2 == 0;
            device.faults.insert(at / 2, fault);
            let told = refused_or_settled(&mut device, dialect);
            let known = told.is_empty() || code.is_none_or(|code| told.contains(&code));
            assert!(known, "{dialect:?} {fault:?} at {at}: {told:?}");
        }
    }
}

/// Prints a receipt on a device that may become unable to, and the paper must be what was told.
fn refused_or_settled(device: &mut IslDevice, dialect: Isl) -> Vec<&'static str> {
    let operation = Operation::Receipt(Box::new(receipt(dialect)));
    let result = hold(device, operation);
    assert_eq!(device.till.receipts().len(), usize::from(result.is_ok()));
    let Err(failure) = result else {
        return Vec::new();
    };
    assert!(!failure.messages().is_ok());
    let told = codes(failure.messages().as_slice());
    device.till.paper = true;
    device.cover_open = false;
    let mut printed = 0;
    if let Failure::Unknown { pending, .. } = failure {
        // Paid but not closed, because the device could do no more.
        let settled = hold(device, Operation::Settle(pending.unwrap()));
        printed = usize::from(settled.is_ok());
        assert_eq!(device.till.receipts().len(), printed);
        assert!(!device.till.is_open(), "{dialect:?}");
    }
    // Whatever is left over does not hinder the next one.
    ask(device, Operation::Receipt(Box::new(receipt(dialect))));
    assert_eq!(device.till.receipts().len(), printed + 1);
    told
}

#[test]
fn a_refused_payment_does_not_leave_the_receipt_open() {
    for dialect in Isl::ALL {
        let payment = |kind, amount| Payment::Paid {
            kind,
            amount: Some(money(amount)),
        };
        let items = vec![Item::Sale(sale(1000))];
        // The card may not be overpaid, so the first payment is refused: voided.
        let payments = vec![
            payment(PaymentKind::Card, 2000),
            Payment::Change {
                amount: Some(money(-1000)),
            },
        ];
        let asked = Receipt {
            items: items.clone(),
            payments,
            ..Receipt::default()
        };
        let mut device = IslDevice::new(dialect);
        let codes = refused(
            &mut device,
            Operation::Receipt(Box::new(checked(&asked, dialect))),
        );
        assert!(
            codes.contains(&"E406") || codes.contains(&"E404"),
            "{codes:?}"
        );
        assert!(device.till.receipts().is_empty() && !device.till.is_open());
        // The second payment is refused: too late to void, so the rest is cash.
        let asked = Receipt {
            items,
            ..Receipt::default()
        };
        let mut odd = checked(&asked, dialect);
        let tender = |kind, amount| Tender {
            kind,
            amount: money(amount),
        };
        odd.tenders = vec![
            tender(PaymentKind::Cash, 400),
            tender(PaymentKind::Card, 700),
        ];
        let mut device = IslDevice::new(dialect);
        let outcome = hold(&mut device, Operation::Receipt(Box::new(odd))).unwrap();
        assert!(outcome.messages.is_ok() && outcome.messages.has("W399"));
        assert_eq!(device.till.receipts()[0].total, 1000);
    }
}

#[test]
fn a_receipt_that_is_not_ours_is_never_taken_for_ours() {
    for dialect in Isl::ALL {
        let mut device = IslDevice::new(dialect);
        device.till.open(false, "").unwrap();
        device.till.sell("left over", 2, 100).unwrap();
        device.till.pay(true, Some(50)).unwrap();
        let codes = refused(&mut device, Operation::Receipt(Box::new(receipt(dialect))));
        assert!(codes.contains(&"E404"), "{dialect:?} {codes:?}");
        assert!(device.till.printed.is_empty() && device.till.is_paying());
    }
}

#[test]
fn a_wrong_password_prints_nothing() {
    for dialect in [Isl::P, Isl::C, Isl::X, Isl::Daisy] {
        let mut asked = super::asked();
        asked.operator = Operator {
            id: Some("1".to_owned()),
            password: Some("7777".to_owned()),
        };
        let mut device = IslDevice::new(dialect);
        let codes = refused(
            &mut device,
            Operation::Receipt(Box::new(checked(&asked, dialect))),
        );
        let expected = if matches!(dialect, Isl::X | Isl::Daisy) {
            "E408"
        } else {
            "E404"
        };
        assert!(codes.contains(&expected), "{dialect:?} {codes:?}");
        assert!(device.till.printed.is_empty());
    }
}

#[test]
fn what_a_client_writes_stays_inside_its_field() {
    for dialect in Isl::ALL {
        let mut asked = super::asked();
        asked.operator = Operator {
            id: Some("1,\t1".to_owned()),
            password: Some("0000\n,1".to_owned()),
        };
        let names = ["a\tb,c;d|e$f*g", "€№ АБВГДЕЖЗЯ", "☕\u{3}x", "@5.00"];
        let odd = |name: &&str| {
            Item::Sale(Sale {
                text: (*name).to_owned(),
                ..sale(100)
            })
        };
        asked.items = names.iter().map(odd).collect();
        asked.payments.clear();
        let mut device = IslDevice::new(dialect);
        device
            .operators
            .push(("1 1".to_owned(), "0000 1".to_owned()));
        ask(
            &mut device,
            Operation::Receipt(Box::new(checked(&asked, dialect))),
        );
        assert_eq!(device.till.receipts()[0].total, 400, "{dialect:?}");
    }
}

#[test]
fn a_device_that_counts_otherwise_does_not_print() {
    let mut device = IslDevice::new(Isl::P);
    let mut wrong = receipt(Isl::P);
    if let crate::receipt::Line::Sale(line) = &mut wrong.lines[0] {
        line.modifier = Some(Modifier::Percent(-100));
    }
    let codes = refused(&mut device, Operation::Receipt(Box::new(wrong)));
    assert_eq!(codes[0], "E403");
    assert!(device.till.receipts().is_empty());
}

/// A voided receipt takes a number and comes to the same, but was never paid.
#[test]
fn a_voided_receipt_is_never_taken_for_a_printed_one() {
    for dialect in Isl::ALL {
        let mut device = IslDevice::new(dialect);
        let before = device.till.number.to_string();
        device.till.open(false, "").unwrap();
        device.till.sell("Хляб", 2, 1000).unwrap();
        device.till.void().unwrap();
        let total = Some(money(1000));
        let settled = hold(&mut device, Operation::Settle(Pending { before, total }));
        assert!(
            matches!(settled, Err(Failure::Refused(_))),
            "{dialect:?} {settled:?}"
        );
    }
}
