//! Commands and answers of Tremol devices (vendor document): what stands in their data.

use super::Generation;
use super::line::{Command, Repeat};
use crate::device::{PaymentKind, Settings};
use crate::receipt::{
    Checked, CheckedReversal, Modifier, Operator, Reason, SaleLine, shortest, two_digits,
};
use crate::text::{CodePage, clean};
use jiff::civil::{DateTime, date};

/// Names are cut to the first and padded to the second; a shorter field is a syntax error.
pub(super) const ITEM_TEXT: usize = 32;
const ITEM_FIELD: usize = 36;
/// Departments are one byte, 80 plus the number.
const DEPARTMENTS: u32 = 19;
/// The most characters of the number of a receipt that is taken back.
const NUMBER_DIGITS: usize = 6;

/// A question: prints nothing and changes nothing.
pub(super) fn question(code: u8, data: &str) -> Command {
    command(code, data, Repeat::Freely)
}

/// A command with text.
pub(super) fn command(code: u8, data: &str, repeat: Repeat) -> Command {
    Command {
        code,
        data: encode(data),
        repeat,
        long: false,
    }
}

/// A daily or other report.
pub(super) fn report(kind: &str) -> Command {
    Command {
        long: true,
        ..command(0x7C, kind, Repeat::Never)
    }
}

/// Closes the receipt, which prints it.
pub(super) fn close() -> Command {
    Command {
        long: true,
        ..command(0x38, "", Repeat::Never)
    }
}

/// A bar would break the line.
fn encode(text: &str) -> Vec<u8> {
    CodePage::Cp1251.encode(&text.replace('|', "/"))
}

/// Text of a device.
pub(super) fn decode(data: &[u8]) -> String {
    CodePage::Cp1251.decode(data)
}

/// The operator and the password, as they begin several commands.
pub(super) fn operator(operator: &Operator, settings: &Settings) -> String {
    let (id, password) = match &operator.id {
        Some(id) => (id.clone(), operator.password.clone().unwrap_or_default()),
        None => (
            settings.operator.clone().unwrap_or_else(|| "1".to_owned()),
            settings
                .password
                .clone()
                .unwrap_or_else(|| "0000".to_owned()),
        ),
    };
    format!("{};{}", field(&id), field(&password))
}

/// A separator inside a field would make two of it.
fn field(text: &str) -> String {
    clean(text).replace(';', "")
}

/// Opens a receipt: detailed, with VAT, printed when it is closed. Line by line some devices are
/// silent for too long.
pub(super) fn open(receipt: &Checked, settings: &Settings) -> Command {
    let operator = operator(receipt.operator(), settings);
    let sale = receipt.unique_sale_number();
    let dollar = if sale.is_empty() { "" } else { "$" };
    let data = format!("{operator};1;1;2{dollar}{sale}");
    command(0x30, &data, Repeat::Numbered)
}

/// Opens a reversal, buffered.
pub(super) fn open_reversal(reversal: &CheckedReversal, settings: &Settings) -> Command {
    let operator = operator(reversal.receipt().operator(), settings);
    let reason = match reversal.reason {
        Reason::OperatorError => 0,
        Reason::Refund => 1,
        Reason::TaxBaseReduction => 2,
    };
    let number = short_number(&reversal.number);
    let time = short_time(reversal.time);
    let (memory, sale) = (
        &reversal.fiscal_memory,
        reversal.receipt().unique_sale_number(),
    );
    let data = format!("{operator};1;1;D;{reason};{number};{time};{memory};{sale}");
    command(0x30, &data, Repeat::Numbered)
}

/// Six digits: the field takes no more, and some devices elsewhere tell seven.
fn short_number(number: &str) -> String {
    let significant = number.trim_start_matches('0');
    format!("{significant:0>NUMBER_DIGITS$}")
}

/// A line that sells; `None` when the device has no such department.
pub(super) fn sale(line: &SaleLine) -> Option<Command> {
    let name = encode(&line.text);
    let mut data: Vec<u8> = name.into_iter().take(ITEM_TEXT).collect();
    data.resize(ITEM_FIELD, b' ');
    data.push(b';');
    let code = if line.department > 0 {
        let department = u8::try_from(line.department.min(DEPARTMENTS + 1)).ok()?;
        data.push(0x80 + department);
        0x34
    } else {
        data.push(0xBF + line.tax_group);
        0x31
    };
    let price = two_digits(line.unit_price.units());
    let quantity = shortest(line.quantity.units());
    let modifier = match line.modifier {
        None => String::new(),
        Some(Modifier::Percent(percent)) => format!(",{}", two_digits(percent)),
        Some(Modifier::Amount(amount)) => format!(":{}", two_digits(amount)),
    };
    data.extend(format!(";{price}*{quantity}{modifier}").into_bytes());
    (line.department <= DEPARTMENTS).then_some(Command {
        code,
        data,
        repeat: Repeat::Numbered,
        long: false,
    })
}

/// An amount on or off the receipt so far.
pub(super) fn subtotal(amount: i64) -> Command {
    command(
        0x33,
        &format!("1;0:{}", two_digits(amount)),
        Repeat::Numbered,
    )
}

/// A payment; without an amount it is exactly what is due.
pub(super) fn payment(code: u8, amount: Option<i64>) -> Command {
    let amount = amount.map_or_else(|| "\"".to_owned(), two_digits);
    command(0x35, &format!("{code};0;{amount}"), Repeat::Numbered)
}

/// The number of a payment; `None` when the device does not take it.
pub(super) fn payment_code(
    kind: PaymentKind,
    generation: Generation,
    settings: &Settings,
) -> Option<u8> {
    match settings.payments.get(&kind) {
        Some(code) => code.map(|code| match code {
            b'0'..=b'9' => code - b'0',
            b'A' | b'B' => code - b'A' + 10,
            number => number,
        }),
        None => generation.payment(kind),
    }
}

/// An amount of a device, in hundredths.
pub(super) fn hundredths(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let digit = |byte: u8| byte.is_ascii_digit();
    if whole.is_empty() || part.len() > 2 || !whole.bytes().chain(part.bytes()).all(digit) {
        return None;
    }
    let all: i64 = format!("{whole}{part:0<2}").parse().ok()?;
    Some(sign * all)
}

/// `17-05-19 13:55:18`
pub(super) fn short_time(time: DateTime) -> String {
    time.strftime("%d-%m-%y %H:%M:%S").to_string()
}

/// `17-05-2019 13:55`, with or without seconds.
pub(super) fn read_time(text: &str) -> Option<DateTime> {
    let (day, clock) = text.trim().split_once(' ')?;
    let mut day = day.split('-');
    let (d, m, y) = (day.next()?, day.next()?, day.next()?);
    joined_time(&[y, m, d], clock)
}

/// `2019-05-17` and `13:55:18`, as the code of the last receipt has them.
pub(super) fn joined_time(day: &[&str; 3], clock: &str) -> Option<DateTime> {
    let number = |text: &str| text.trim().parse::<i8>().ok();
    let [year, month, day] = day;
    let year: i16 = year.trim().parse().ok()?;
    let year = if year < 100 { 2000 + year } else { year };
    let mut clock = clock.split(':');
    let (hour, minute) = (number(clock.next()?)?, number(clock.next()?)?);
    let second = clock.next().map_or(Some(0), number)?;
    let (month, day) = (number(month)?, number(day)?);
    let valid = (1..=9999).contains(&year)
        && jiff::civil::Time::new(hour, minute, second, 0).is_ok()
        && jiff::civil::Date::new(year, month, day).is_ok();
    valid.then(|| date(year, month, day).at(hour, minute, second, 0))
}

/// What 72 tells of the receipt that is open, or was last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Current {
    /// It is open.
    pub(super) open: bool,
    /// Something was paid.
    pub(super) paying: bool,
    /// What it comes to.
    pub(super) total: i64,
}

/// Reads a list with the open flag first, the sums of the groups 1 to 3 from field 2 and 4 to 8
/// from field 14, and whether payment began in field 8.
pub(super) fn current(data: &[u8]) -> Option<Current> {
    let text = decode(data);
    let fields: Vec<&str> = text.split(';').map(str::trim).collect();
    let flag = |at: usize| match fields.get(at).copied() {
        Some("0") => Some(false),
        Some("1") => Some(true),
        _ => None,
    };
    let sums = fields
        .iter()
        .skip(2)
        .take(3)
        .chain(fields.iter().skip(14).take(5));
    Some(Current {
        open: flag(0)?,
        paying: flag(8)?,
        total: sums.filter_map(|sum| hundredths(sum)).sum(),
    })
}

/// What the code of the last receipt says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LastReceipt {
    pub(super) fiscal_memory: String,
    pub(super) number: String,
    pub(super) time: DateTime,
    pub(super) amount: i64,
}

/// `50163145*000085*2019-05-17*13:55:18*17.00`; devices that are not fiscalised leave it empty.
pub(super) fn last_receipt(data: &[u8]) -> Option<LastReceipt> {
    let text = decode(data);
    let fields: Vec<&str> = text.split('*').map(str::trim).collect();
    let [fiscal_memory, number, day, clock, amount] = fields[..] else {
        return None;
    };
    let day: Vec<&str> = day.split('-').collect();
    let time = joined_time(day.first_chunk()?, clock)?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(LastReceipt {
        fiscal_memory: fiscal_memory.to_owned(),
        number: number.to_owned(),
        time,
        amount: hundredths(amount)?,
    })
}
