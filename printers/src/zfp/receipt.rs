//! Prints a receipt on a Tremol device, and finds out what became of one.
//!
//! Until the first payment nothing counts, and whatever fails ends in a voided receipt. From then
//! on the device only goes forward: voiding a receipt that is partly paid pays and closes it
//! (vendor document). So then every failure is settled by looking.

use super::line::{Command, Repeat};
use super::session::{Halt, Ordered, Session, silent, strange};
use super::words::{self, command};
use crate::device::{Message, Messages};
use crate::dialogue::{Answer, Failure, Outcome, Pending, Printed, Since, Stop, meanwhile};
use daybook_schema::Money;

/// Everything that a receipt sends, made before the first byte.
pub(super) struct Job {
    pub(super) open: Command,
    pub(super) lines: Vec<Command>,
    pub(super) payments: Vec<Command>,
    pub(super) footers: Vec<Command>,
    pub(super) total: Money,
}

/// What was found when the printing stopped early.
enum End {
    /// Refused before anything was paid.
    Early(Messages),
    /// Stopped while it was paid or closed.
    Late(Messages),
}

const CANCEL: u8 = 0x39;
/// The device's state after its power failed within a receipt; told once, then all is well.
const POWER_FAILED: &str = "E305";

/// Prints.
pub(super) fn print(session: &mut Session<'_, '_>, job: &Job) -> Result<Outcome, Halt> {
    let (_, memory) = session.numbers()?;
    end_open(session)?;
    let before = session.number()?.ok_or_else(|| session.fail(strange()))?;
    let pending = Pending {
        before,
        total: Some(job.total),
    };
    match write(session, job)? {
        None => told(session, &pending, &memory),
        Some(End::Early(why)) => void(session, why),
        Some(End::Late(why)) => {
            session.messages.extend(why);
            settle(session, &pending)
        }
    }
}

/// Ends what somebody left open.
fn end_open(session: &mut Session<'_, '_>) -> Result<(), Halt> {
    let Some(current) = session.current()?.filter(|current| current.open) else {
        return Ok(());
    };
    let text = if current.paying {
        "A receipt was open and partly paid: the device has closed it"
    } else {
        "A receipt was open: it was voided"
    };
    session.messages.add(Message::info(text));
    session.order(command(CANCEL, "", Repeat::Freely))?;
    Ok(())
}

fn write(session: &mut Session<'_, '_>, job: &Job) -> Result<Option<End>, Halt> {
    let mut opened = session.order(job.open.clone())?;
    if matches!(&opened, Ordered::Refused(why) if why.has(POWER_FAILED)) {
        opened = session.order(job.open.clone())?;
    }
    if let Some(why) = failed(opened) {
        return Ok(Some(End::Early(why)));
    }
    for line in &job.lines {
        if let Some(why) = failed(session.order(line.clone())?) {
            return Ok(Some(End::Early(why)));
        }
    }
    if let Some(current) = session.current()?
        && current.total != job.total.units()
    {
        let text = "The receipt on the device does not come to the same total";
        return Ok(Some(End::Early(Message::error("E199", text).into())));
    }
    for (index, payment) in job.payments.iter().enumerate() {
        match session.order(payment.clone())? {
            Ordered::Done => {}
            Ordered::Refused(why) if index == 0 => return Ok(Some(End::Early(why))),
            ordered => {
                if job.payments.len() > 1 {
                    let text = "It was not paid as asked: look at the payments on the paper";
                    session.messages.add(Message::warning("W399", text));
                }
                return Ok(failed(ordered).map(End::Late));
            }
        }
    }
    for footer in &job.footers {
        match session.order(footer.clone())? {
            Ordered::Done => {}
            // The receipt is paid: a missing line at its end does not undo that.
            Ordered::Refused(why) => session.messages.extend(why),
            Ordered::Lost => return Ok(Some(End::Late(silent().into()))),
        }
    }
    let closed = session.order(words::close())?;
    Ok(failed(closed).map(End::Late))
}

fn failed(ordered: Ordered) -> Option<Messages> {
    match ordered {
        Ordered::Done => None,
        Ordered::Refused(why) => Some(why),
        Ordered::Lost => Some(silent().into()),
    }
}

/// Voids what was begun. Nothing was paid, so nothing counts even if the device does not hear this:
/// the next receipt ends what it finds open.
fn void(session: &mut Session<'_, '_>, why: Messages) -> Result<Outcome, Halt> {
    session.order(command(CANCEL, "", Repeat::Freely))?;
    let mut messages = why;
    messages.extend(std::mem::take(&mut session.messages));
    Err(Failure::Refused(messages).into())
}

/// The device said that the receipt is closed: its number, time and amount.
fn told(session: &mut Session<'_, '_>, pending: &Pending, memory: &str) -> Result<Outcome, Halt> {
    let number = session.number()?;
    let last = session.last_receipt()?;
    let Some(number) = number.filter(|number| is_later(number, pending)) else {
        return Err(unknown(Some(pending.clone()), session.messages.clone()));
    };
    let printed = match last.filter(|last| is_later(&last.number, pending)) {
        Some(last) => Printed {
            number: last.number,
            time: Some(last.time),
            amount: money(last.amount.abs()),
            fiscal_memory: last.fiscal_memory,
        },
        // A device that is not fiscalised has no code of the last receipt.
        None => Printed {
            number,
            time: session.clock()?,
            amount: pending.total.unwrap_or_default(),
            fiscal_memory: memory.to_owned(),
        },
    };
    Ok(done(session, Answer::Printed(printed)))
}

/// Ends what is open and finds out whether the receipt was printed.
pub(super) fn settle(session: &mut Session<'_, '_>, pending: &Pending) -> Result<Outcome, Halt> {
    let ended = finish(session)?;
    let number = session.number()?;
    let code = session.try_data(0x72, "B")?;
    let (answered, last) = (code.is_some(), code.and_then(words::last_receipt));
    let messages = session.messages.clone();
    let (Some(number), true) = (number, ended) else {
        return Err(unknown(Some(pending.clone()), messages));
    };
    match (pending.since(&number), pending.total) {
        (Since::Nothing, _) => Err(refused(messages)),
        (Since::One, None) => Ok(done(session, Answer::Done)),
        (Since::Earlier, _) | (Since::More, None) => Err(others(messages)),
        (Since::One | Since::More, Some(total)) => {
            let since = last.as_ref().map(|last| pending.since(&last.number));
            match (since, last) {
                // Whatever came out was no receipt, or a voided one.
                (Some(Since::Earlier | Since::Nothing), _) => Err(refused(messages)),
                // The receipt has the first number since. Later documents change nothing about it.
                (Some(Since::One), Some(last)) if last.amount.abs() == total.units() => {
                    let printed = Printed {
                        number: last.number,
                        time: Some(last.time),
                        amount: total,
                        fiscal_memory: last.fiscal_memory,
                    };
                    Ok(done(session, Answer::Printed(printed)))
                }
                (_, Some(_)) => Err(others(messages)),
                // A fiscalised device without a last receipt has printed none.
                (_, None) if answered && session.fiscalised => Err(refused(messages)),
                (_, None) => Err(unknown(Some(pending.clone()), messages)),
            }
        }
    }
}

/// Ends the open receipt: voids it, or pays and closes it. Whether nothing is open any more.
pub(super) fn finish(session: &mut Session<'_, '_>) -> Result<bool, Halt> {
    let Some(current) = session.current()? else {
        return Ok(false);
    };
    if !current.open {
        return Ok(true);
    }
    session.order(command(CANCEL, "", Repeat::Freely))?;
    let Some(current) = session.current()? else {
        return Ok(false);
    };
    if !current.open {
        return Ok(true);
    }
    session.order(words::payment(0, None))?;
    session.order(words::close())?;
    Ok(session.current()?.is_some_and(|current| !current.open))
}

/// It is printed: what the device complains about did not stop it.
fn done(session: &mut Session<'_, '_>, answer: Answer) -> Outcome {
    let mut messages = std::mem::take(&mut session.messages);
    messages.soften();
    Outcome { answer, messages }
}

fn others(mut messages: Messages) -> Halt {
    messages.add(meanwhile());
    unknown(None, messages)
}

fn refused(mut messages: Messages) -> Halt {
    if messages.is_ok() {
        messages.add(Message::error("E199", "The receipt was not printed"));
    }
    Failure::Refused(messages).into()
}

pub(super) fn unknown(pending: Option<Pending>, mut messages: Messages) -> Halt {
    messages.add(Message::error("E999", "Outcome of the print is unknown"));
    Stop::Fail(Failure::Unknown { pending, messages })
}

fn is_later(number: &str, pending: &Pending) -> bool {
    matches!(pending.since(number), Since::One | Since::More)
}

pub(super) fn money(units: i64) -> Money {
    Money::new(units).unwrap_or_default()
}
