//! Everything but receipts: condition, drawer, clock, reports, and what an operator may send.

use super::line::{Command, Repeat, Reply};
use super::receipt::{finish, money, unknown};
use super::session::{Halt, Ordered, Session, refusal, silent, strange};
use super::words::{self, command, decode, hundredths};
use crate::device::{Message, Messages};
use crate::dialogue::{Answer, Failure, LastDocument, Outcome};
use crate::receipt::two_digits;
use crate::text::CodePage;
use jiff::civil::DateTime;

fn outcome(session: &mut Session<'_, '_>, answer: Answer) -> Outcome {
    Outcome {
        answer,
        messages: std::mem::take(&mut session.messages),
    }
}

/// It is done, so nothing that the device complains about stopped it.
fn done(session: &mut Session<'_, '_>) -> Outcome {
    session.messages.soften();
    outcome(session, Answer::Done)
}

fn refused(session: &Session<'_, '_>, mut why: Messages) -> Halt {
    why.extend(session.messages.clone());
    Failure::Refused(why).into()
}

/// The clock; the rest of the condition stands in the messages already.
pub(super) fn status(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    let clock = session.clock()?;
    Ok(outcome(session, Answer::Status(clock)))
}

/// Field 1 of the sums is cash.
fn drawer(session: &mut Session<'_, '_>) -> Result<Option<i64>, Halt> {
    let sums = session.try_data(0x6E, "0")?.map(decode);
    Ok(sums.and_then(|sums| hundredths(sums.split(';').nth(1)?)))
}

pub(super) fn cash(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    let cash = drawer(session)?.ok_or_else(|| session.fail(strange()))?;
    session.messages.soften();
    Ok(outcome(session, Answer::Cash(money(cash))))
}

/// Moves money. What a lost answer said can be seen in the drawer.
pub(super) fn transfer(
    session: &mut Session<'_, '_>,
    operator: &str,
    amount: i64,
) -> Result<Outcome, Halt> {
    let before = drawer(session)?.ok_or_else(|| session.fail(silent()))?;
    let data = format!("{operator};0;{}", two_digits(amount));
    let order = command(0x3B, &data, Repeat::Never);
    for _ in 0..2 {
        match session.order(order.clone())? {
            Ordered::Done => return Ok(done(session)),
            Ordered::Refused(why) => return Err(refused(session, why)),
            Ordered::Lost => {}
        }
        match drawer(session)? {
            Some(now) if now == before + amount => return Ok(done(session)),
            Some(now) if now == before => {}
            _ => return Err(unknown(None, session.messages.clone())),
        }
    }
    Err(session.fail(silent()))
}

pub(super) fn set_time(session: &mut Session<'_, '_>, time: DateTime) -> Result<Outcome, Halt> {
    let order = command(0x48, &words::short_time(time), Repeat::Freely);
    match session.order(order)? {
        Ordered::Done => Ok(done(session)),
        Ordered::Refused(why) => Err(refused(session, why)),
        Ordered::Lost => Err(session.fail(silent())),
    }
}

/// Gives the drawer its impulse (vendor document; not verified on a device). Once more harms nobody.
pub(super) fn open_drawer(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    match session.order(command(0x2A, "", Repeat::Freely))? {
        Ordered::Done => Ok(done(session)),
        Ordered::Refused(why) => Err(refused(session, why)),
        Ordered::Lost => Err(session.fail(silent())),
    }
}

/// The number of the last daily report.
fn days(session: &mut Session<'_, '_>) -> Result<Option<u64>, Halt> {
    let last = session.try_data(0x73, "")?.map(decode);
    Ok(last.and_then(|last| last.split(';').nth(1)?.trim().parse().ok()))
}

/// Closes the day, once: after a lost answer the number of the last daily report tells.
pub(super) fn daily_report(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    let before = days(session)?;
    match session.order(words::report("Z"))? {
        Ordered::Done => Ok(done(session)),
        Ordered::Refused(why) => Err(refused(session, why)),
        Ordered::Lost => match (before, days(session)?) {
            (Some(before), Some(now)) if now > before => Ok(done(session)),
            (Some(before), Some(now)) if now == before => Err(session.fail(silent())),
            _ => Err(unknown(None, session.messages.clone())),
        },
    }
}

/// Prints something that does not count, and is not asked for again when nobody knows.
pub(super) fn once(session: &mut Session<'_, '_>, order: Command) -> Result<Outcome, Halt> {
    match session.order(order)? {
        Ordered::Done => Ok(done(session)),
        Ordered::Refused(why) => Err(refused(session, why)),
        Ordered::Lost => Err(unknown(None, session.messages.clone())),
    }
}

/// Ends what is open, and tells the clock.
pub(super) fn reset(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    if !finish(session)? {
        let text = "The open receipt could not be ended";
        return Err(session.fail(Message::error("E404", text)));
    }
    status(session)
}

/// The first character is the command, the rest its data.
pub(super) fn raw(session: &mut Session<'_, '_>, text: &str) -> Result<Outcome, Halt> {
    let bytes = CodePage::Cp1251.encode(text);
    let Some((code @ 0x20..=0x7F, data)) = bytes.split_first() else {
        return Err(session.fail(Message::error("E401", "The first character is the command")));
    };
    let order = Command {
        code: *code,
        data: data.to_vec(),
        repeat: Repeat::Never,
        long: true,
    };
    if data.len() > super::frame::MAX_DATA || data.iter().any(|byte| *byte < 0x20) {
        return Err(session.fail(Message::error("E401", "The data does not fit a frame")));
    }
    let said = match session.raw(order)? {
        Some(Reply::Data(data)) => decode(data),
        Some(Reply::Acknowledged(device, command)) => {
            session.messages.extend(refusal(*device, *command));
            decode(&[*device, *command])
        }
        Some(Reply::Unready(_)) => return Err(session.fail(strange())),
        None => return Err(unknown(None, session.messages.clone())),
    };
    Ok(outcome(session, Answer::Raw(said)))
}

pub(super) fn last_document(session: &mut Session<'_, '_>) -> Result<Outcome, Halt> {
    let number = session.number()?.ok_or_else(|| session.fail(strange()))?;
    let current = session.current()?.ok_or_else(|| session.fail(strange()))?;
    let last = if current.open {
        None
    } else {
        session.last_receipt()?
    };
    let amount = if current.open {
        Some(current.total)
    } else {
        last.map(|last| last.amount)
    };
    let nothing = (current.open && !current.paying).then_some(0);
    session.messages.soften();
    let answer = LastDocument {
        number,
        open: current.open,
        amount: amount.map(money),
        paid: nothing.map(money),
    };
    Ok(outcome(session, Answer::LastDocument(answer)))
}
