//! Commands and answers of devices of ISL Ltd. (vendor document): texts of fixed widths, amounts in
//! cents.

use crate::device::{PaymentKind, Settings};
use crate::receipt::{Checked, CheckedReversal, Line, Modifier, Reason, SaleLine};
use crate::text::CodePage;
use jiff::civil::{Date, DateTime, Time};

/// The most characters of an item's text.
pub(super) const ITEM_TEXT: usize = 40;
/// The most lines of a receipt.
pub(super) const MAX_LINES: usize = 50;
/// What stands where there is no unique sale number.
const NO_SALE: &str = "00000000-0000-0000000";
/// An article that the device does not know. Below 100 are those that it stores, with its own price.
const NO_ARTICLE: i64 = 99_999_999;
const FIRST_FREE_ARTICLE: i64 = 100;

/// The number of a sale, always 21 characters.
pub(super) fn sale_number(receipt: &Checked) -> &str {
    match receipt.unique_sale_number() {
        "" => NO_SALE,
        number => number,
    }
}

/// A number with leading zeros; `None` when it does not fit.
fn digits(number: i64, width: usize) -> Option<String> {
    let text = format!("{number:0>width$}");
    (number >= 0 && text.len() == width).then_some(text)
}

/// What one line of a receipt sends: the line, then what changes it. `None` when the device cannot
/// print it: a number too wide, a department beyond 10, an amount on the subtotal.
pub(super) fn line(line: &Line, sale: &str, reversal: bool) -> Option<Vec<Vec<u8>>> {
    match line {
        Line::Comment(text) => Some(vec![comment(text, sale)]),
        Line::Subtotal(_) => None,
        Line::Sale(line) => {
            let mut bodies = vec![sale_line(line, sale, reversal)?];
            if let Some(change) = line.modifier {
                bodies.push(modifier(change)?);
            }
            Some(bodies)
        }
    }
}

fn sale_line(line: &SaleLine, sale: &str, reversal: bool) -> Option<Vec<u8>> {
    let command = if reversal { "24" } else { "44" };
    let free = (FIRST_FREE_ARTICLE..=NO_ARTICLE).contains(&line.code);
    let article = digits(if free { line.code } else { NO_ARTICLE }, 8)?;
    let quantity = digits(line.quantity.units(), 8)?;
    let price = digits(line.unit_price.units(), 8)?;
    let department = char::from_digit(line.department, 11)?.to_ascii_uppercase();
    let group = line.tax_group;
    let head = format!("{command}{sale}{quantity}{article}{price}{department}{group}00");
    let mut body = head.into_bytes();
    body.extend(
        CodePage::Cp1251
            .encode(&line.text)
            .into_iter()
            .take(ITEM_TEXT),
    );
    Some(body)
}

fn modifier(change: Modifier) -> Option<Vec<u8>> {
    let (command, value, width) = match change {
        Modifier::Amount(amount) => ("46", amount, 8),
        Modifier::Percent(percent) => ("47", percent, 4),
    };
    let direction = u8::from(value > 0);
    let value = digits(value.abs(), width)?;
    Some(format!("{command}{direction}{value}").into_bytes())
}

/// A line of text.
pub(super) fn comment(text: &str, sale: &str) -> Vec<u8> {
    let mut body = format!("81{sale}").into_bytes();
    body.extend(CodePage::Cp1251.encode(text));
    body
}

/// A payment; with `open`, the receipt stays open for two seconds, so that text can follow.
pub(super) fn payment(code: u8, amount: i64, open: bool) -> Option<Vec<u8>> {
    let amount = digits(amount, 12)?;
    let flag = if open { "1" } else { "" };
    Some(format!("49{}{amount}{flag}", char::from(code)).into_bytes())
}

/// The character of a payment; `None` when the device does not take it.
pub(super) fn payment_code(kind: PaymentKind, settings: &Settings) -> Option<u8> {
    match settings.payments.get(&kind) {
        Some(code) => code.map(|code| match code {
            0..=9 => b'0' + code,
            10..=15 => b'A' + code - 10,
            character => character,
        }),
        None => Some(match kind {
            PaymentKind::Cash => b'0',
            PaymentKind::Check => b'1',
            PaymentKind::Coupons => b'2',
            PaymentKind::ExtCoupons => b'3',
            PaymentKind::Packaging => b'4',
            PaymentKind::InternalUsage => b'5',
            PaymentKind::Damage => b'6',
            PaymentKind::Card => b'7',
            PaymentKind::Bank => b'8',
            PaymentKind::Reserved1 => b'9',
            PaymentKind::Reserved2 => b'A',
        }),
    }
}

/// Opens a reversal; `None` when number or memory do not fit.
pub(super) fn open_reversal(reversal: &CheckedReversal) -> Option<Vec<u8>> {
    let reason = match reversal.reason {
        Reason::OperatorError => 0,
        Reason::Refund => 1,
        Reason::TaxBaseReduction => 2,
    };
    let number = digits(reversal.number.trim().parse().ok()?, 10)?;
    let time = long_time(reversal.time);
    let memory = Some(reversal.fiscal_memory.as_str()).filter(|memory| memory.len() == 8)?;
    let sale = sale_number(reversal.receipt());
    Some(format!("20{reason}{number}{time}{memory}{sale}").into_bytes())
}

/// Money into (or below zero: out of) the drawer. Documents differ about how many digits the kind
/// of payment has.
pub(super) fn transfer(amount: i64, payment_digits: usize) -> Option<Vec<u8>> {
    let direction = u8::from(amount < 0);
    let payment = digits(0, payment_digits)?;
    let amount = digits(amount.abs(), 12)?;
    Some(format!("61{direction}{payment}{amount}").into_bytes())
}

/// `17052019135518`
pub(super) fn long_time(time: DateTime) -> String {
    time.strftime("%d%m%Y%H%M%S").to_string()
}

/// `170519135518`
pub(super) fn read_time(text: &str) -> Option<DateTime> {
    let part = |at: usize| text.get(at..at + 2)?.parse::<i8>().ok();
    let day = Date::new(2000 + i16::from(part(4)?), part(2)?, part(0)?).ok()?;
    let time = Time::new(part(6)?, part(8)?, part(10)?, 0).ok()?;
    Some(day.to_datetime(time))
}

/// What F801 tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Last {
    /// The number of the last document, as the device writes it.
    pub(super) number: String,
    /// What the open receipt, or the last one, comes to.
    pub(super) total: i64,
}

/// Six digits of number, eight of the running total.
pub(super) fn last(data: &[u8]) -> Option<Last> {
    let text = std::str::from_utf8(data).ok()?;
    let number = text.get(..6)?;
    let total = text.get(6..14)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(number) && digits(total)).then_some(Last {
        number: number.to_owned(),
        total: total.parse().ok()?,
    })
}

/// Who a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) serial: String,
    pub(super) fiscal_memory: String,
    pub(super) tax_number: String,
    pub(super) address: [u8; 4],
}

/// Widths 8, 8, 14, 4, 10, 1, 1. The address is the end of the serial number.
pub(super) fn identity(data: &[u8]) -> Option<Identity> {
    let text = CodePage::Cp1251.decode(data.get(..30)?);
    let field = |from: usize, width: usize| -> String {
        text.chars()
            .skip(from)
            .take(width)
            .collect::<String>()
            .trim()
            .to_owned()
    };
    Some(Identity {
        serial: field(0, 8),
        fiscal_memory: field(8, 8),
        tax_number: field(16, 14),
        address: data.get(4..8)?.try_into().ok()?,
    })
}

/// The bit status: twelve characters, each a nibble plus 30, high nibble first.
pub(super) fn bits(data: &[u8]) -> Option<[u8; 6]> {
    let nibble = |byte: u8| (0x30..=0x3F).contains(&byte).then_some(byte & 0x0F);
    let mut bytes = [0; 6];
    if data.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(data.chunks_exact(2)) {
        if let [high, low] = pair {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
    }
    Some(bytes)
}
