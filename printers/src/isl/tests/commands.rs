//! Every dialect writes the commands that were published, and reads the answers.

use super::frames::{Known, known};
use crate::device::{PaymentKind, Quirk, Settings};
use crate::isl::Isl;
use crate::isl::dialect::Clerk;
use crate::isl::frame::Frame;
use crate::isl::line::Command;
use crate::receipt::{Checked, CheckedReversal, Modifier, Operator, Reason, SaleLine, line_amount};
use daybook_schema::{Money, Quantity};
use jiff::civil::{DateTime, date};

fn money(units: i64) -> Money {
    Money::new(units).unwrap()
}

fn line(text: &str, price: i64, quantity: i64, modifier: Option<Modifier>) -> SaleLine {
    SaleLine {
        text: text.to_owned(),
        quantity: Quantity::new(quantity).unwrap(),
        unit_price: money(price),
        tax_group: 2,
        department: 0,
        code: 0,
        modifier,
        amount: money(line_amount(price, quantity, modifier)),
    }
}

fn clerk(id: &str, password: &str) -> Clerk {
    Clerk {
        id: id.to_owned(),
        password: password.to_owned(),
    }
}

fn reversal(
    usn: &str,
    number: &str,
    time: DateTime,
    memory: &str,
    reason: Reason,
) -> CheckedReversal {
    CheckedReversal {
        receipt: Checked {
            unique_sale_number: usn.to_owned(),
            operator: Operator::default(),
            lines: Vec::new(),
            footers: Vec::new(),
            tenders: Vec::new(),
            total: Money::ZERO,
        },
        number: number.to_owned(),
        time,
        fiscal_memory: memory.to_owned(),
        reason,
    }
}

fn noon() -> DateTime {
    date(2019, 5, 17).at(13, 55, 18, 0)
}

/// What was published for a dialect, answers or commands.
pub(super) fn published(protocol: &str, answers: bool) -> Vec<(String, Frame)> {
    let frame = |one: Known| {
        let decode = if answers {
            Frame::decode_answer
        } else {
            Frame::decode_command
        };
        Some((one.purpose.clone(), decode(one.form(), &one.bytes())?))
    };
    let wanted = |one: &Known| one.protocol == protocol && one.is_answer() == answers;
    known()
        .into_iter()
        .filter(wanted)
        .filter_map(frame)
        .collect()
}

fn assert_published(protocol: &str, commands: &[Command]) {
    let published = published(protocol, false);
    for command in commands {
        let same = |frame: &Frame| frame.command == command.code && frame.data == command.data;
        assert!(
            published.iter().any(|(_, frame)| same(frame)),
            "{protocol}: {:02X} {}",
            command.code,
            String::from_utf8_lossy(&command.data)
        );
    }
}

#[test]
fn datecs_p_writes_the_published_commands() {
    let (p, settings) = (Isl::P.dialect(), Settings::default());
    let usn = "DT279013-DD01-0000001";
    let operator = clerk("1", "0000");
    let mut coffee = line("Кафе", 250, 1500, None);
    coffee.department = 3;
    let milk = line("Milk", 1000, 2000, Some(Modifier::Percent(-1000)));
    let bread = line("Хляб", 120, 1000, Some(Modifier::Amount(-50)));
    let refund = reversal(usn, "0000085", noon(), "02279013", Reason::Refund);
    assert_published(
        "isl-p",
        &[
            p.status(),
            p.information(),
            p.tax_number(),
            p.time(),
            p.set_time(noon(), &settings),
            p.cancel(),
            p.open(&operator, usn),
            p.sale(&line("Cheese", 1200, 1000, None), &settings),
            p.sale(&milk, &settings),
            p.sale(&bread, &settings),
            p.sale(&coffee, &settings),
            p.comment("Additional comment to the cheese..."),
            p.subtotal(money(-100), &settings),
            p.payment(p.payment_code(PaymentKind::Cash).unwrap(), money(3000)),
            p.full_payment(),
            p.state(),
            p.close(),
            p.last_number(),
            p.cash(),
            p.transfer(money(10_000)),
            p.transfer(money(-5000)),
            p.interim_report(),
            p.daily_report(),
            p.duplicate(),
            p.open_reversal(&operator, &refund),
        ],
    );
}

#[test]
fn datecs_x_writes_the_published_commands() {
    let x = Isl::X.dialect();
    let settings = Settings {
        quirks: [Quirk::NoSummerMark].into(),
        ..Settings::default()
    };
    let usn = "DT525860-DD01-0000001";
    let operator = clerk("1", "0000");
    let evening = date(2019, 5, 31).at(18, 11, 55, 0);
    let mut coffee = line("Кафе", 250, 1500, Some(Modifier::Amount(20)));
    coffee.department = 3;
    let milk = line("Milk", 1000, 2000, Some(Modifier::Percent(-1000)));
    let refund = reversal(usn, "85", evening, "02525860", Reason::Refund);
    assert_published(
        "isl-x",
        &[
            x.status(),
            x.information(),
            x.tax_number(),
            x.time(),
            x.set_time(evening, &settings),
            x.cancel(),
            x.open(&operator, usn),
            x.sale(&line("Хляб", 120, 1000, None), &settings),
            x.sale(&milk, &settings),
            x.sale(&coffee, &settings),
            x.comment("Благодарим Ви!"),
            x.subtotal(money(-100), &settings),
            x.payment(b'0', money(1700)),
            x.full_payment(),
            x.state(),
            x.close(),
            x.cash(),
            x.transfer(money(20_000)),
            x.transfer(money(-7500)),
            x.daily_report(),
            x.interim_report(),
            x.duplicate(),
            x.open_reversal(&operator, &refund),
        ],
    );
    let marked = |time| x.set_time(time, &Settings::default()).data;
    assert_eq!(marked(evening), b"31-05-19 18:11:55 DST\t");
    assert_eq!(
        marked(date(2026, 10, 25).at(3, 59, 59, 0)),
        b"25-10-26 03:59:59 DST\t"
    );
    assert_eq!(
        marked(date(2026, 10, 25).at(4, 0, 0, 0)),
        b"25-10-26 04:00:00\t"
    );
    assert_eq!(
        marked(date(2026, 3, 29).at(2, 59, 59, 0)),
        b"29-03-26 02:59:59\t"
    );
    assert_eq!(x.open(&operator, "").data, b"1\t0000\t1\t\t");
}

#[test]
fn the_others_write_the_published_commands() {
    let settings = Settings::default();
    let c = Isl::C.dialect();
    let usn = "DT517985-DD01-0000001";
    let mistake =
        |usn, number, memory| reversal(usn, number, noon(), memory, Reason::OperatorError);
    let back = mistake(usn, "0000085", "02517985");
    let card = c.payment_code(PaymentKind::Card).unwrap();
    assert_published(
        "isl-c",
        &[
            c.open(&clerk("1", "1"), usn),
            c.open(&clerk("1", "1"), ""),
            c.open_reversal(&clerk("1", "1"), &back),
            c.payment(card, money(999)),
        ],
    );
    let daisy = Isl::Daisy.dialect();
    let usn = "DY448967-OP01-0000001";
    let mut coffee = line("Кафе", 250, 1500, Some(Modifier::Percent(-1000)));
    coffee.department = 3;
    let bread = line("Хляб", 120, 2000, Some(Modifier::Amount(-20)));
    let back = mistake(usn, "85", "36607003");
    assert_published(
        "isl-daisy",
        &[
            daisy.open(&clerk("1", "1"), usn),
            daisy.sale(&bread, &settings),
            daisy.sale(&coffee, &settings),
            daisy.subtotal(money(-100), &settings),
            daisy.cancel(),
            daisy.open_reversal(&clerk("20", "9999"), &back),
            Command::query(0x80, []),
        ],
    );
    assert_eq!(
        daisy.open(&clerk("1", "1"), "").data,
        b"1,1,OO000000-0000-0000000"
    );
    let eltrade = Isl::Eltrade.dialect();
    let usn = "ED311662-OP01-0000001";
    let refund = reversal(usn, "85", noon(), "44311662", Reason::Refund);
    assert_published(
        "isl-eltrade",
        &[
            eltrade.open(&clerk("Operator", ""), usn),
            eltrade.open_reversal(&clerk("Operator", ""), &refund),
            eltrade.sale(&bread, &settings),
        ],
    );
    let dollar = Settings {
        quirks: [Quirk::DollarAmounts].into(),
        ..Settings::default()
    };
    assert!(
        eltrade
            .sale(&bread, &dollar)
            .data
            .ends_with(b"1.20*2$-0.20")
    );
    let incotex = Isl::Incotex.dialect();
    let usn = "IN015013-OP01-0000001";
    let refund = reversal(usn, "85", noon(), "54015013", Reason::Refund);
    assert_published(
        "isl-incotex",
        &[
            incotex.open(&clerk("1", ""), usn),
            incotex.open_reversal(&clerk("1", ""), &refund),
            incotex.cancel(),
        ],
    );
}

/// Names and passwords go out in the device's alphabet, as every other text does.
#[test]
fn operators_are_written_in_the_alphabet_of_the_device() {
    let operator = clerk("Ана", "я");
    for dialect in [Isl::P, Isl::C, Isl::X, Isl::Daisy] {
        let data = dialect.dialect().open(&operator, "").data;
        assert!(
            data.starts_with(&[0xC0, 0xED, 0xE0]),
            "{dialect:?}: {data:02X?}"
        );
        assert!(data.contains(&0xFF), "{dialect:?}: {data:02X?}");
    }
}
