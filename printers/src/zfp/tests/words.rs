//! Commands, compared with the published ones.

use super::frames::{bytes, published};
use super::samples::{device, money};
use crate::device::{PaymentKind, Settings};
use crate::receipt::{Modifier, Operator, SaleLine};
use crate::zfp::line::Command;
use crate::zfp::{Generation, words};
use daybook_schema::Quantity;
use jiff::civil::date;

fn is_published(command: &Command, purpose: &str) {
    let all = published();
    let entry = all
        .iter()
        .find(|entry| entry.purpose.starts_with(purpose))
        .expect(purpose);
    let told = |member: &str| bytes(entry.decoded[member].as_str().expect(member));
    assert_eq!(told("cmd"), [command.code], "{purpose}");
    assert_eq!(told("data_hex"), command.data, "{purpose}");
}

fn line(text: &str, price: i64, quantity: i64) -> SaleLine {
    SaleLine {
        text: text.to_owned(),
        quantity: Quantity::new(quantity).unwrap(),
        unit_price: money(price),
        tax_group: 2,
        department: 0,
        code: 999,
        modifier: None,
        amount: money(0),
    }
}

#[test]
fn lines_and_payments_are_the_published_ones() {
    let milk = SaleLine {
        modifier: Some(Modifier::Percent(-1000)),
        ..line("Milk", 1000, 2000)
    };
    is_published(&words::sale(&milk).unwrap(), "sale, name padded to 36");
    let bread = SaleLine {
        modifier: Some(Modifier::Amount(-20)),
        ..line("Хляб", 120, 1000)
    };
    is_published(&words::sale(&bread).unwrap(), "sale, Cyrillic name");
    let coffee = SaleLine {
        department: 3,
        ..line("Кафе", 250, 1500)
    };
    is_published(&words::sale(&coffee).unwrap(), "sale to department 3");
    is_published(&words::subtotal(-100), "subtotal, amount discount");
    is_published(
        &words::payment(0, Some(2000)),
        "payment cash 20.00 with change",
    );
    let settings = Settings::default();
    let card = words::payment_code(PaymentKind::Card, Generation::First, &settings).unwrap();
    is_published(&words::payment(card, None), "payment exact sum by card");
    is_published(&words::close(), "close");
    is_published(&words::report("Z"), "Z report");
    let operator = words::operator(&Operator::default(), &settings);
    assert_eq!(operator, "1;0000");
}

#[test]
fn times_are_read_with_and_without_seconds() {
    let minute = date(2019, 5, 17).at(13, 55, 0, 0);
    for (text, expected) in [
        ("17-05-2019 13:55", Some(minute)),
        ("17-05-19 13:55:00", Some(minute)),
        ("31-02-2019 13:55", None),
        ("17-05-2019", None),
        ("", None),
    ] {
        assert_eq!(words::read_time(text), expected, "{text}");
    }
}

#[test]
fn the_simulated_device_understands_every_published_command() {
    for entry in published() {
        if entry.direction == "host->device" {
            let answer = device().hear(&bytes(&entry.hex));
            assert!(!answer.is_empty() && answer != [0x15], "{}", entry.purpose);
            // Neither an unknown command (31) nor a syntax error (34).
            let result = answer.get(3).filter(|_| answer[0] == 0x06);
            assert!(
                !matches!(result, Some(0x31 | 0x34)),
                "{}: {answer:02X?}",
                entry.purpose
            );
        }
    }
}
