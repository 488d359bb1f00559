//! Everything but receipts: who the device is, its condition, drawer, clock and reports, and what an
//! operator may send.

use super::capabilities;
use super::frame::MAX_REQUEST;
use super::line::Reply;
use super::receipt::{done, finish, unknown};
use super::session::{Halt, Ordered, Session, refusal, silent, strange};
use super::words;
use crate::device::{DeviceInfo, Message, Messages, Settings};
use crate::dialogue::{Answer, Failure, LastDocument, Outcome};
use crate::text::CodePage;
use daybook_schema::Money;
use jiff::civil::DateTime;
use std::ops::RangeInclusive;

/// Columns that a device may claim to have; others are a misreading.
const COLUMNS: RangeInclusive<usize> = 24..=80;

/// Reads the version, whose last two characters are the print columns.
pub(super) fn identify(
    session: &mut Session<'_, '_>,
    settings: &Settings,
) -> Result<Outcome, Halt> {
    let version = CodePage::Cp1251.decode(session.data("F807", 3..=200)?);
    let identity = session.identity.clone();
    let ours = identity.serial.len() == 8 && identity.serial.starts_with("IS");
    if !ours && !settings.configured {
        let text = format!("The serial number {} is another maker's", identity.serial);
        return Err(session.fail(Message::error("E107", text)));
    }
    let (text, columns) = split_columns(&version);
    let (model, firmware) = text.split_once(' ').unwrap_or((text, ""));
    let known = columns.filter(|columns| COLUMNS.contains(columns));
    let info = DeviceInfo {
        serial: identity.serial,
        fiscal_memory: identity.fiscal_memory,
        tax_number: identity.tax_number,
        manufacturer: "ISL",
        model: model.to_owned(),
        firmware: firmware.trim().to_owned(),
        capabilities: capabilities(known.unwrap_or_else(|| columns_of(model))),
    };
    Ok(outcome(session, Answer::Device(Box::new(info))))
}

fn split_columns(version: &str) -> (&str, Option<usize>) {
    let at = version.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
    let (text, columns) = version.split_at(at);
    (text, columns.parse().ok())
}

fn columns_of(model: &str) -> usize {
    match model {
        model if model.starts_with("ISL5021") => 64,
        model if model.starts_with("ISL756") => 48,
        model if model.starts_with("ISL3811") => 32,
        _ => 47,
    }
}

fn outcome(session: &mut Session<'_, '_>, answer: Answer) -> Outcome {
    Outcome {
        answer,
        messages: std::mem::take(&mut session.messages),
    }
}

fn refused(session: &Session<'_, '_>, number: u16) -> Halt {
    let mut messages: Messages = refusal(number);
    messages.extend(session.messages.clone());
    Failure::Refused(messages).into()
}

/// The clock; the rest of the condition stands in the messages already.
pub(super) fn status(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    let clock = session.clock()?;
    Ok(outcome(session, Answer::Status(clock)))
}

/// The first ten digits are the cash.
fn drawer(session: &mut Session<'_, '_>) -> Result<Option<i64>, Halt> {
    let data = session.try_data("F80D", 10..=200)?;
    let digits = data.and_then(|data| std::str::from_utf8(data.get(..10)?).ok());
    Ok(digits.and_then(|digits| digits.parse().ok()))
}

pub(super) fn cash(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    let cash = drawer(session)?.ok_or_else(|| session.fail(strange()))?;
    Ok(done(
        session,
        Answer::Cash(Money::new(cash).unwrap_or_default()),
    ))
}

/// Moves money. What a lost or doubtful answer meant can be seen in the drawer. Newer devices want
/// two digits for the kind of payment, older ones one: a refusal moves nothing, so both are tried.
pub(super) fn transfer(session: &mut Session<'_, '_>, amount: i64) -> Result<Outcome, Halt> {
    let before = drawer(session)?.ok_or_else(|| session.fail(silent()))?;
    let mut refusal = None;
    // Each form is tried again if it was lost or damaged on its way.
    for payment_digits in [2, 2, 1, 1] {
        if refusal == Some(payment_digits) {
            continue;
        }
        let order = words::transfer(amount, payment_digits).ok_or_else(super::too_wide)?;
        match session.order_once(&order)? {
            Ordered::Done => return Ok(done(session, Answer::Done)),
            Ordered::Refused(number) if is_about_form(number) && payment_digits == 2 => {
                refusal = Some(payment_digits);
            }
            Ordered::Refused(number) if number != 0 => return Err(refused(session, number)),
            Ordered::Refused(_) | Ordered::Lost => {}
        }
        match drawer(session)? {
            Some(now) if now == before + amount => return Ok(done(session, Answer::Done)),
            Some(now) if now == before => {}
            _ => return Err(unknown(None, session.messages.clone())),
        }
    }
    Err(session.fail(silent()))
}

/// Errors of parameters, as the other form would cause.
fn is_about_form(number: u16) -> bool {
    number != 0 && matches!(super::status::code(number), "E403" | "E499")
}

/// Devices allow it only after a daily report.
pub(super) fn set_time(session: &mut Session<'_, '_>, time: DateTime) -> Result<Outcome, Halt> {
    once(session, format!("73{}", words::long_time(time)).as_bytes()).map_err(|halt| match halt {
        // It can be set again, so nobody has to find out whether it was.
        Halt::Fail(Failure::Unknown { .. }) => session.fail(silent()),
        other => other,
    })
}

/// Closes the day, once: after a lost answer, turnover that is gone tells that it is closed.
pub(super) fn daily_report(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    let turnover = session.condition.turnover;
    match session.order_once(b"510")? {
        Ordered::Done => Ok(done(session, Answer::Done)),
        Ordered::Refused(number) => Err(refused(session, number)),
        Ordered::Lost => match session.look()? {
            Some(now) if turnover && !now.turnover => Ok(done(session, Answer::Done)),
            Some(now) if turnover && now.turnover => Err(session.fail(silent())),
            _ => Err(unknown(None, session.messages.clone())),
        },
    }
}

/// Does something that does not count, and is not asked for again when nobody knows.
pub(super) fn once(session: &mut Session<'_, '_>, order: &[u8]) -> Result<Outcome, Halt> {
    match session.order_once(order)? {
        Ordered::Done => Ok(done(session, Answer::Done)),
        Ordered::Refused(number) => Err(refused(session, number)),
        Ordered::Lost => Err(unknown(None, session.messages.clone())),
    }
}

/// Ends what is open, and tells the clock.
pub(super) fn reset(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    if finish(session)?.is_none() {
        let text = "The open receipt could not be ended";
        return Err(session.fail(Message::error("E404", text)));
    }
    status(session)
}

/// The whole text is the command.
pub(super) fn raw(session: &mut Session<'_, '_>, text: &str) -> Result<Outcome, Halt> {
    let body = CodePage::Cp1251.encode(text);
    let fits = (2..=MAX_REQUEST).contains(&body.len()) && body.iter().all(|byte| *byte >= 0x20);
    if !fits {
        let text = "The request needs at least two characters, and must fit a frame";
        return Err(session.fail(Message::error("E401", text)));
    }
    let said = match session.raw(&body)? {
        Some(Reply::Data(data)) => CodePage::Cp1251.decode(data),
        Some(Reply::Done) => String::new(),
        Some(Reply::Refused) => {
            let number = session.error_number()?.unwrap_or_default();
            session.messages.extend(refusal(number));
            String::new()
        }
        None => return Err(unknown(None, session.messages.clone())),
    };
    Ok(outcome(session, Answer::Raw(said)))
}

pub(super) fn last_document(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    let last = session.last()?.ok_or_else(|| session.fail(strange()))?;
    let condition = session.condition;
    let answer = LastDocument {
        number: last.number,
        open: condition.open,
        amount: Money::new(last.total).ok(),
        paid: (condition.open && !condition.paying).then_some(Money::ZERO),
    };
    Ok(done(session, Answer::LastDocument(answer)))
}
