//! Commands, compared with the published ones.

use super::frames::{bytes, published};
use super::samples::{device, money, reversal};
use crate::device::{PaymentKind, Settings};
use crate::dialogue::Operation;
use crate::icp::words;
use crate::receipt::{Line, Modifier, SaleLine};
use crate::simulator::wire::Device;
use daybook_schema::Quantity;
use jiff::civil::date;

fn is_published(body: &[u8], purpose: &str) {
    let all = published();
    let entry = all
        .iter()
        .find(|entry| entry.purpose.starts_with(purpose))
        .expect(purpose);
    let told = entry.decoded["data_hex"].as_str().expect("data");
    assert_eq!(bytes(told), body, "{purpose}");
}

#[test]
fn bodies_are_the_published_ones() {
    let milk = Line::Sale(SaleLine {
        text: "Мляко".to_owned(),
        quantity: Quantity::new(2000).unwrap(),
        unit_price: money(1000),
        tax_group: 2,
        department: 0,
        code: 999,
        modifier: Some(Modifier::Percent(-1000)),
        amount: money(1800),
    });
    let sale = "IS001028-DD01-0000001";
    let bodies = words::line(&milk, sale, false).unwrap();
    is_published(&bodies[0], "sale: 2.000 x 10.00");
    is_published(&bodies[1], "percent discount 10.00");
    is_published(&words::comment("Благодарим Ви!", sale), "comment");
    let card = words::payment_code(PaymentKind::Card, &Settings::default()).unwrap();
    is_published(
        &words::payment(card, 1800, false).unwrap(),
        "payment card (7) 18.00",
    );
    is_published(
        &words::transfer(10_000, 1).unwrap(),
        "deposit 100.00, ErpNet.FP form",
    );
    is_published(
        &words::transfer(10_000, 2).unwrap(),
        "deposit 100.00, rev 10.4 form",
    );
    let Operation::Reversal(reversal) = reversal() else {
        panic!("no reversal");
    };
    is_published(&words::open_reversal(&reversal).unwrap(), "open reversal");
}

#[test]
fn times_are_read() {
    let time = date(2019, 5, 17).at(13, 55, 18, 0);
    assert_eq!(words::read_time("170519135518"), Some(time));
    for wrong in [
        "",
        "310219135518",
        "1705191355",
        "1705191355xx",
        "абвгдежзийкл",
    ] {
        assert_eq!(words::read_time(wrong), None, "{wrong}");
    }
}

#[test]
fn the_simulated_device_understands_every_published_command() {
    for entry in published() {
        let mut device = device();
        // Examples are addressed to several devices.
        if entry.direction == "host->device" && entry.decoded["address"] == "1028" {
            if entry.purpose.contains("one payment digit") {
                device.payment_digits = 1;
            }
            Device::hear(&mut device, &bytes(&entry.hex));
            assert_eq!(device.heard, 1, "{}", entry.purpose);
            let number = device.error();
            assert_ne!(number, 1, "{} is no syntax error", entry.purpose);
        }
    }
}
