//! What a dialect of ISL is: how it writes each command and reads each answer.
//!
//! The provided methods are the layouts that Datecs P and C, Daisy, Eltrade and Incotex share; each
//! dialect has a file with what it does otherwise. Datecs X does nearly everything otherwise.

use super::fields;
use super::frame::{Form, MAX_DATA};
use super::line::{Command, Kind, Reply};
use super::script::Speaker;
use super::status::Maker;
use crate::device::{DeviceInfo, Message, PaymentKind, Quirk, Settings};
use crate::dialogue::Stop;
use crate::receipt::{CheckedReversal, Modifier, SaleLine, shortest, two_digits};
use crate::text::CodePage;
use daybook_schema::Money;
use jiff::civil::DateTime;

/// The operator of a command, all defaults filled in, safe to stand between separators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clerk {
    pub(crate) id: String,
    pub(crate) password: String,
}

/// The receipt that is open, or the last one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) open: bool,
    /// The number of the last document, where the answer has it.
    pub(crate) number: Option<String>,
    pub(crate) amount: Option<Money>,
    pub(crate) paid: Option<Money>,
}

/// What a device says to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paid {
    /// So much is still open.
    Open(i64),
    /// Enough, perhaps with change.
    Enough,
    /// The payment was refused.
    Refused,
}

/// Bytes of cp1251, which all these devices speak.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    CodePage::Cp1251.encode(text)
}

/// Why a script stops.
pub(crate) type Halt = Stop<Command>;

/// What a script gets: a value, or the next question.
pub(crate) type Asked<T> = Result<T, Halt>;

/// One dialect.
pub(crate) trait Dialect: Sync {
    /// Whose status bits it has.
    fn maker(&self) -> Maker;

    /// Who the device is: what it answers to device information, and to whatever else is needed.
    fn identity(&self, speaker: &mut Speaker<'_, '_>) -> Asked<DeviceInfo>;

    /// The number of the fiscal memory, and the serial number, from the answer to device information.
    fn numbers(&self, information: &str) -> Option<(String, String)>;

    /// The code of a payment, as the maker delivers the device.
    fn payment_code(&self, kind: PaymentKind) -> Option<u8>;

    /// The operator where neither request nor settings name one.
    fn default_clerk(&self, reversal: bool) -> (&'static str, &'static str);

    /// Opens a receipt.
    fn open(&self, clerk: &Clerk, sale_number: &str) -> Command;

    /// Opens a reversal.
    fn open_reversal(&self, clerk: &Clerk, reversal: &CheckedReversal) -> Command;

    fn form(&self) -> Form {
        Form::Short
    }

    fn max_data(&self) -> usize {
        MAX_DATA
    }

    fn max_password(&self) -> usize {
        8
    }

    /// The code with which an answer refuses, where there are codes; `None` when all is well.
    fn refusal(&self, _reply: &Reply) -> Option<Message> {
        None
    }

    /// Whether a card terminal can hang on the device.
    fn has_terminal(&self) -> bool {
        false
    }

    /// Asks for the device's own text about one of its error numbers, where it has one.
    fn reason(&self, _number: &str) -> Option<Command> {
        None
    }

    /// That text.
    fn read_reason(&self, _reply: &Reply, _number: &str) -> Option<String> {
        None
    }

    fn information(&self) -> Command {
        Command::query(0x5A, *b"1")
    }

    fn status(&self) -> Command {
        Command::query(0x4A, [])
    }

    fn tax_number(&self) -> Command {
        Command::query(0x63, [])
    }

    /// Which field of that is the number.
    fn tax_number_field(&self) -> usize {
        0
    }

    /// The text of an answer, without what the dialect puts before it.
    fn body(&self, reply: &Reply) -> String {
        CodePage::Cp1251.decode(&reply.data)
    }

    fn time(&self) -> Command {
        Command::query(0x3E, [])
    }

    fn set_time(&self, time: DateTime, _settings: &Settings) -> Command {
        Command::act(0x3D, fields::dashed(time))
    }

    /// What stands before an amount modifier.
    fn amount_separator(&self, _settings: &Settings) -> char {
        ';'
    }

    fn sale(&self, line: &SaleLine, settings: &Settings) -> Command {
        let place = match line.department {
            0 => vec![b'\t', 0xBF + line.tax_group],
            department => bytes(&format!("\t{department}\t")),
        };
        let mut data = bytes(&line.text);
        data.extend(place);
        data.extend(bytes(&price(line, self.amount_separator(settings))));
        Command::act(0x31, data)
    }

    fn subtotal(&self, amount: Money, settings: &Settings) -> Command {
        let separator = self.amount_separator(settings);
        Command::act(0x33, format!("10{separator}{}", fields::decimal(amount)))
    }

    fn comment(&self, text: &str) -> Command {
        Command::act(0x36, bytes(text))
    }

    fn payment(&self, code: u8, amount: Money) -> Command {
        let mut data = vec![b'\t', code];
        data.extend(fields::decimal(amount).into_bytes());
        Command::once(0x35, data)
    }

    fn full_payment(&self) -> Command {
        Command::once(0x35, *b"\t")
    }

    /// What a payment brought: a letter and an amount. An answer without them says nothing.
    fn paid(&self, reply: &Reply) -> Option<Paid> {
        read_paid(&self.body(reply))
    }

    fn close(&self) -> Command {
        Command::once(0x38, [])
    }

    /// The number that the answer to a close has, where it has one.
    fn closed_number(&self, _reply: &Reply) -> Option<String> {
        None
    }

    fn cancel(&self) -> Command {
        Command::act(0x3C, [])
    }

    fn state(&self) -> Command {
        Command::query(0x4C, *b"T")
    }

    fn read_state(&self, reply: &Reply) -> Option<State> {
        let body = self.body(reply);
        let fields = fields::split(&body, ',');
        let field = |index: usize| fields.get(index).and_then(|text| fields::amount(text));
        Some(State {
            open: is_open(fields.first()?)?,
            number: None,
            amount: field(2),
            paid: field(3),
        })
    }

    /// Asks for the number of the last document, of any kind.
    fn last_number(&self) -> Command {
        Command::query(0x71, [])
    }

    fn read_number(&self, reply: &Reply) -> Option<String> {
        let body = self.body(reply);
        let number = body.trim();
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| number.to_owned())
    }

    fn cash(&self) -> Command {
        Command::query(0x46, *b"0")
    }

    /// What is in the drawer; the answer says `F` when the device did not like the question.
    fn read_cash(&self, reply: &Reply) -> Option<Money> {
        let body = self.body(reply);
        let fields = fields::split(&body, ',');
        (fields.len() >= 4).then(|| fields::amount(fields[1]))?
    }

    /// Whether money was moved: not if there is too little, or a receipt is open.
    fn is_moved(&self, reply: &Reply) -> bool {
        !self.body(reply).starts_with('F')
    }

    /// Puts money in, or (below zero) takes it out.
    fn transfer(&self, amount: Money) -> Command {
        Command::once(0x46, fields::decimal(amount))
    }

    /// Gives the drawer its impulse (vendor documents). It prints nothing, so want of paper is no
    /// refusal. Not verified on a device.
    fn open_drawer(&self) -> Command {
        Command::query(0x6A, [])
    }

    fn daily_report(&self) -> Command {
        Command::new(0x45, [], Kind::Report)
    }

    fn interim_report(&self) -> Command {
        Command::new(0x45, *b"2", Kind::Report)
    }

    fn duplicate(&self) -> Command {
        Command::new(0x6D, *b"1", Kind::Report)
    }
}

/// Price, quantity and modifier of a line: `10.00*2,-10.00`.
pub(crate) fn price(line: &SaleLine, separator: char) -> String {
    let modifier = match line.modifier {
        None => String::new(),
        Some(Modifier::Percent(percent)) => format!(",{}", two_digits(percent)),
        Some(Modifier::Amount(amount)) => format!("{separator}{}", two_digits(amount)),
    };
    let quantity = shortest(line.quantity.units());
    format!("{}*{quantity}{modifier}", fields::decimal(line.unit_price))
}

pub(crate) fn is_open(text: &str) -> Option<bool> {
    text.parse().ok().map(|flag: u8| flag != 0)
}

/// `D` paid, so much is open; `R` more than enough; `F` refused; `E` and `I` sums below zero.
pub(crate) fn read_paid(body: &str) -> Option<Paid> {
    let mut chars = body.chars();
    let letter = chars.next()?;
    let amount = fields::amount(chars.as_str().trim_matches(['\t', ' ', ',']));
    match letter {
        'D' => Some(Paid::Open(amount.map_or(0, Money::units))),
        'R' => Some(Paid::Enough),
        'F' | 'E' | 'I' => Some(Paid::Refused),
        _ => None,
    }
}

/// The separator of an Eltrade, which documents and drivers disagree about.
pub(crate) fn semicolon_or_dollar(settings: &Settings) -> char {
    if settings.quirks.contains(&Quirk::DollarAmounts) {
        '$'
    } else {
        ';'
    }
}
