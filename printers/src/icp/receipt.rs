//! Prints a receipt on a device of ISL Ltd., and finds out what became of one.
//!
//! A receipt has no command that opens or closes it: the first line opens, the payment that covers
//! the total closes. Until the first payment nothing counts, and whatever fails ends in a voided
//! receipt. From then on every failure is settled by looking.

use super::session::{Halt, Ordered, Session, refusal, silent};
use super::words::Last;
use crate::device::{Message, Messages};
use crate::dialogue::{Answer, Failure, Outcome, Pending, Printed, Since, Stop, meanwhile};
use daybook_schema::Money;
use std::time::Duration;

/// Everything that a receipt sends, made before the first byte.
pub(super) struct Job {
    pub(super) lines: Vec<Vec<u8>>,
    pub(super) payments: Vec<Vec<u8>>,
    pub(super) footers: Vec<Vec<u8>>,
    pub(super) total: Money,
}

/// What was found when the printing stopped early.
enum End {
    /// Before anything was paid.
    Early(Messages),
    /// While it was paid.
    Late(Messages),
}

const VOID: &[u8] = b"450";
/// Pays what is due in cash, which closes the receipt.
pub(super) const PAY_ALL: &[u8] = b"490";
/// A receipt that waits for text closes by itself after two seconds.
const CLOSING: Duration = Duration::from_millis(500);
const CLOSING_LOOKS: usize = 6;

/// Prints.
pub(super) fn print(session: &mut Session<'_, '_>, job: &Job) -> Result<Outcome, Halt> {
    end_open(session)?;
    let before = session.last()?.ok_or_else(|| session.fail(silent()))?;
    let pending = Pending {
        before: before.number,
        total: Some(job.total),
    };
    match write(session, job)? {
        Some(End::Early(why)) => {
            session.order(VOID)?;
            let mut messages = why;
            messages.extend(std::mem::take(&mut session.messages));
            Err(Failure::Refused(messages).into())
        }
        Some(End::Late(why)) => {
            session.messages.extend(why);
            settle(session, &pending)
        }
        None => told(session, &pending),
    }
}

/// Ends what somebody left open.
fn end_open(session: &mut Session<'_, '_>) -> Result<(), Halt> {
    let condition = session.condition;
    if condition.paying {
        let text = "A receipt was open and partly paid: it was paid in cash and closed";
        session.messages.add(Message::info(text));
        session.order(PAY_ALL)?;
    } else if condition.open {
        session
            .messages
            .add(Message::info("A receipt was open: it was voided"));
        session.order(VOID)?;
    }
    Ok(())
}

fn write(session: &mut Session<'_, '_>, job: &Job) -> Result<Option<End>, Halt> {
    for line in &job.lines {
        if let Some(why) = failed(&session.order(line)?) {
            return Ok(Some(End::Early(why)));
        }
    }
    match session.last()? {
        Some(last) if last.total == job.total.units() => {}
        Some(_) => {
            let text = "The receipt on the device does not come to the same total";
            return Ok(Some(End::Early(Message::error("E199", text).into())));
        }
        None => return Ok(Some(End::Early(silent().into()))),
    }
    for (index, payment) in job.payments.iter().enumerate() {
        match session.order(payment)? {
            Ordered::Done => {}
            Ordered::Refused(why) if index == 0 => return Ok(Some(End::Early(refusal(why)))),
            ordered => {
                if job.payments.len() > 1 {
                    let text = "It was not paid as asked: look at the payments on the paper";
                    session.messages.add(Message::warning("W399", text));
                }
                return Ok(failed(&ordered).map(End::Late));
            }
        }
    }
    for footer in &job.footers {
        match session.order(footer)? {
            Ordered::Done => {}
            // The receipt is paid: a missing line at its end does not undo that.
            Ordered::Refused(why) => session.messages.extend(refusal(why)),
            Ordered::Lost => return Ok(Some(End::Late(silent().into()))),
        }
    }
    if !job.footers.is_empty() {
        // It closes by itself as well; then this is refused.
        session.order(PAY_ALL)?;
    }
    Ok(None)
}

fn failed(ordered: &Ordered) -> Option<Messages> {
    match ordered {
        Ordered::Done => None,
        Ordered::Refused(why) => Some(refusal(*why)),
        Ordered::Lost => Some(silent().into()),
    }
}

/// The device took the last payment: waits for the number of the receipt.
fn told(session: &mut Session<'_, '_>, pending: &Pending) -> Result<Outcome, Halt> {
    for _ in 0..CLOSING_LOOKS {
        let Some(last) = session.last()? else {
            break;
        };
        if is_later(&last.number, pending) {
            let time = session.clock()?;
            return Ok(printed(
                session,
                last,
                pending.total.unwrap_or_default(),
                time,
            ));
        }
        session.pause(CLOSING)?;
    }
    settle(session, pending)
}

/// Ends what is open and finds out whether the receipt was printed.
pub(super) fn settle(session: &mut Session<'_, '_>, pending: &Pending) -> Result<Outcome, Halt> {
    let found = session.last()?;
    let Some(voided) = finish(session)? else {
        return Err(unknown(Some(pending.clone()), session.messages.clone()));
    };
    let messages = session.messages.clone();
    let (Some(found), Some(last)) = (found, session.last()?) else {
        return Err(unknown(Some(pending.clone()), messages));
    };
    match (pending.since(&last.number), pending.total) {
        (Since::Nothing, _) => Err(refused(messages)),
        // A voided receipt may take a number, but counts for nothing. What came out before it could
        // be ours.
        (_, Some(_)) if voided && pending.since(&found.number) == Since::Nothing => {
            Err(refused(messages))
        }
        (Since::One, None) if !voided => Ok(done(session, Answer::Done)),
        (Since::One, Some(total)) if last.total == total.units() && !voided => {
            Ok(printed(session, last, total, None))
        }
        _ => {
            let mut messages = messages;
            messages.add(meanwhile());
            Err(unknown(None, messages))
        }
    }
}

/// Ends the open receipt: voids it, or pays and closes it. Whether the device says that it voided
/// one; `None` when one may still be open.
pub(super) fn finish(session: &mut Session<'_, '_>) -> Result<Option<bool>, Halt> {
    let Some(found) = session.look()? else {
        return Ok(None);
    };
    if !found.open {
        return Ok(Some(false));
    }
    let ended = session.order(if found.paying { PAY_ALL } else { VOID })?;
    let voided = !found.paying && ended == Ordered::Done;
    for _ in 0..CLOSING_LOOKS {
        match session.look()? {
            Some(condition) if !condition.open => return Ok(Some(voided)),
            Some(_) => session.pause(CLOSING)?,
            None => return Ok(None),
        }
    }
    Ok(None)
}

fn printed(
    session: &mut Session<'_, '_>,
    last: Last,
    amount: Money,
    time: Option<jiff::civil::DateTime>,
) -> Outcome {
    let fiscal_memory = session.identity.fiscal_memory.clone();
    let answer = Printed {
        number: last.number,
        time,
        amount,
        fiscal_memory,
    };
    done(session, Answer::Printed(answer))
}

/// It is done: what the device complains about did not stop it.
pub(super) fn done(session: &mut Session<'_, '_>, answer: Answer) -> Outcome {
    let mut messages = std::mem::take(&mut session.messages);
    messages.soften();
    Outcome { answer, messages }
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
