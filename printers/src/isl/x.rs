//! Datecs X (group C): FP-700X, FP-700MX, DP-25X, DP-150X, WP-50X, FMP-55X, FMP-350X and the like.
//!
//! Every field ends with a tab, also the last one. Almost every answer begins with an error code,
//! and a refusal may show there alone: a real device refused a payment with all status bits clean.

use super::dialect::{Asked, Clerk, Dialect, State, bytes, is_open};
use super::fields;
use super::frame::Form;
use super::identity::{self, Plate, Widths};
use super::line::{Command, Kind, Reply};
use super::numbers;
use super::script::Speaker;
use super::status::Maker;
use crate::device::{DeviceInfo, Message, PaymentKind, Quirk, Settings};
use crate::receipt::{CheckedReversal, Modifier, Reason, SaleLine, two_digits};
use crate::text::CodePage;
use daybook_schema::Money;
use jiff::civil::{DateTime, date};

pub(crate) struct X;

impl Dialect for X {
    fn maker(&self) -> Maker {
        Maker::X
    }

    fn form(&self) -> Form {
        Form::Wide
    }

    /// The error code decides; the status bits are a second opinion.
    fn refusal(&self, reply: &Reply) -> Option<Message> {
        let (code, _) = parts(&reply.data);
        code.filter(|code| *code != 0)
            .map(|code| numbers::datecs(u32::try_from(code.unsigned_abs()).unwrap_or(u32::MAX)))
    }

    fn body(&self, reply: &Reply) -> String {
        parts(&reply.data).1
    }

    fn has_terminal(&self) -> bool {
        true
    }

    /// Asked once: without an answer the number says enough.
    fn reason(&self, number: &str) -> Option<Command> {
        Some(Command::once(0x64, format!("{number}\t")))
    }

    fn read_reason(&self, reply: &Reply, number: &str) -> Option<String> {
        let body = self.body(reply);
        let (told, text) = body.split_once('\t')?;
        (told == number).then(|| text.to_owned())
    }

    fn identity(&self, speaker: &mut Speaker<'_, '_>) -> Asked<DeviceInfo> {
        let information = identity::information(speaker)?;
        let plate = plate(&information)
            .ok_or_else(|| identity::stranger("a Datecs of group C", &information))?;
        let fits = identity::is_x_model(&plate.model);
        identity::check(&plate, &["DT", "DA"], fits, speaker.settings)?;
        let comment = columns(&plate.model) - 2;
        identity::device(speaker, "Datecs", plate, Widths { item: 72, comment })
    }

    fn numbers(&self, information: &str) -> Option<(String, String)> {
        let plate = plate(information)?;
        Some((plate.fiscal_memory, plate.serial))
    }

    fn payment_code(&self, kind: PaymentKind) -> Option<u8> {
        match kind {
            PaymentKind::Cash => Some(b'0'),
            PaymentKind::Card => Some(b'1'),
            PaymentKind::Check => Some(b'3'),
            PaymentKind::ExtCoupons => Some(b'4'),
            PaymentKind::Coupons => Some(b'5'),
            PaymentKind::Packaging
            | PaymentKind::InternalUsage
            | PaymentKind::Damage
            | PaymentKind::Bank
            | PaymentKind::Reserved1
            | PaymentKind::Reserved2 => None,
        }
    }

    fn default_clerk(&self, _reversal: bool) -> (&'static str, &'static str) {
        ("1", "0000")
    }

    /// The vendor document wants a mark in summer; other drivers send none.
    fn set_time(&self, time: DateTime, settings: &Settings) -> Command {
        let marked = is_summer(time) && !settings.quirks.contains(&Quirk::NoSummerMark);
        let mark = if marked { " DST" } else { "" };
        Command::act(0x3D, format!("{}{mark}\t", fields::dashed(time)))
    }

    /// The last field would open an invoice.
    fn open(&self, clerk: &Clerk, sale_number: &str) -> Command {
        let Clerk { id, password } = clerk;
        let data = match sale_number {
            "" => format!("{id}\t{password}\t1\t\t"),
            sale_number => format!("{id}\t{password}\t{sale_number}\t1\t\t"),
        };
        Command::act(0x30, bytes(&data))
    }

    fn open_reversal(&self, clerk: &Clerk, reversal: &CheckedReversal) -> Command {
        let reason = match reversal.reason {
            Reason::OperatorError => 0,
            Reason::Refund => 1,
            Reason::TaxBaseReduction => 2,
        };
        let data = format!(
            "{}\t{}\t1\t{reason}\t{}\t{}\t{}\t\t\t\t{}\t",
            clerk.id,
            clerk.password,
            reversal.number,
            fields::dashed(reversal.time),
            reversal.fiscal_memory,
            reversal.receipt.unique_sale_number
        );
        Command::act(0x2B, bytes(&data))
    }

    /// Without a modifier its type and its value are empty (vendor document).
    fn sale(&self, line: &SaleLine, _settings: &Settings) -> Command {
        let (kind, value) = match line.modifier {
            None => ("", String::new()),
            Some(Modifier::Percent(value)) => (if value < 0 { "2" } else { "1" }, amount(value)),
            Some(Modifier::Amount(value)) => (if value < 0 { "4" } else { "3" }, amount(value)),
        };
        let quantity = line.quantity.units();
        let rest = format!(
            "\t{}\t{}\t{}.{:03}\t{kind}\t{value}\t{}\t",
            line.tax_group,
            fields::decimal(line.unit_price),
            quantity / 1000,
            quantity % 1000,
            line.department
        );
        let mut data = bytes(&line.text);
        data.extend(rest.into_bytes());
        Command::act(0x31, data)
    }

    fn subtotal(&self, change: Money, _settings: &Settings) -> Command {
        let kind = if change.units() < 0 { '4' } else { '3' };
        Command::act(0x33, format!("1\t0\t{kind}\t{}\t", amount(change.units())))
    }

    fn comment(&self, text: &str) -> Command {
        let mut data = bytes(text);
        data.push(b'\t');
        Command::act(0x36, data)
    }

    fn payment(&self, code: u8, paid: Money) -> Command {
        let code = char::from(code);
        Command::once(0x35, format!("{code}\t{}\t1\t", fields::decimal(paid)))
    }

    fn full_payment(&self) -> Command {
        Command::once(0x35, *b"\t\t\t")
    }

    fn closed_number(&self, reply: &Reply) -> Option<String> {
        let body = self.body(reply);
        let number = body.split('\t').next().unwrap_or_default();
        (!number.is_empty()).then(|| number.to_owned())
    }

    fn state(&self) -> Command {
        Command::query(0x4C, [])
    }

    fn read_state(&self, reply: &Reply) -> Option<State> {
        let body = self.body(reply);
        let fields = fields::split(&body, '\t');
        let field = |index: usize| fields.get(index).and_then(|text| fields::amount(text));
        Some(State {
            open: is_open(fields.first()?)?,
            number: Some((*fields.get(1)?).to_owned()),
            amount: field(3),
            paid: field(4),
        })
    }

    /// The state has it.
    fn last_number(&self) -> Command {
        self.state()
    }

    fn read_number(&self, reply: &Reply) -> Option<String> {
        self.read_state(reply)?.number
    }

    fn cash(&self) -> Command {
        Command::query(0x46, *b"0\t0\t")
    }

    fn read_cash(&self, reply: &Reply) -> Option<Money> {
        let body = self.body(reply);
        fields::amount(body.split('\t').next()?)
    }

    fn is_moved(&self, _reply: &Reply) -> bool {
        true
    }

    fn transfer(&self, moved: Money) -> Command {
        let way = if moved.units() < 0 { '1' } else { '0' };
        Command::once(0x46, format!("{way}\t{}\t", amount(moved.units())))
    }

    /// The length of the impulse is left to the device (vendor document). Not verified on a device.
    fn open_drawer(&self) -> Command {
        Command::query(0x6A, *b"\t")
    }

    fn daily_report(&self) -> Command {
        Command::new(0x45, *b"Z\t", Kind::Report)
    }

    fn interim_report(&self) -> Command {
        Command::new(0x45, *b"X\t", Kind::Report)
    }

    /// Without data (vendor document).
    fn duplicate(&self) -> Command {
        Command::new(0x6D, [], Kind::Report)
    }
}

/// Hundredths without their sign.
fn amount(value: i64) -> String {
    two_digits(value.abs())
}

/// The error code, where there is one, and the rest. The answer to device information has none.
pub(crate) fn parts(data: &[u8]) -> (Option<i64>, String) {
    let text = CodePage::Cp1251.decode(data);
    let code = text.split_once('\t').and_then(|(code, rest)| {
        let code = code.parse::<i64>().ok()?;
        Some((Some(code), rest.to_owned()))
    });
    code.unwrap_or((None, text))
}

/// `FP-700X,266207 29Jan19 1634,1A2B,00000000,DT525860,02525860`; a device without a serial number
/// sends five fields, the last one four spaces and the number of the fiscal memory.
fn plate(information: &str) -> Option<Plate> {
    let (model, firmware, serial, memory) = match information.split(',').collect::<Vec<_>>()[..] {
        [model, firmware, _checksum, _switches, serial, memory] => {
            (model, firmware, serial, memory)
        }
        [model, firmware, _checksum, _switches, memory] => (model, firmware, "", memory),
        _ => return None,
    };
    Some(Plate {
        model: model.trim().to_owned(),
        firmware: firmware.trim().to_owned(),
        serial: serial.trim().to_owned(),
        fiscal_memory: memory.trim().to_owned(),
    })
}

/// How many characters fit a line of paper.
fn columns(model: &str) -> usize {
    match model {
        "FP-700X" | "FP-700XR" | "FP-700XE" | "FMP-350X" => 48,
        "FMP-55X" => 32,
        _ => 42,
    }
}

/// Whether summer time holds where these devices are sold: from the last Sunday of March, three
/// o'clock, to the last Sunday of October, four o'clock.
fn is_summer(time: DateTime) -> bool {
    let last_sunday = |month: i8, hour: i8| {
        let last = date(time.year(), month, 31);
        let back = i64::from(last.weekday().to_sunday_zero_offset());
        let sunday = last.saturating_sub(jiff::Span::new().days(back));
        sunday.at(hour, 0, 0, 0)
    };
    (last_sunday(3, 3)..last_sunday(10, 4)).contains(&time)
}
