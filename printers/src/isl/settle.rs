//! Finds out what became of a print that nobody heard the end of.

use super::dialect::{Asked, State};
use super::script::{No, Speaker, silent, unreadable};
use super::terminal;
use crate::device::Message;
use crate::dialogue::{Answer, Failure, LastDocument, Outcome, Pending, Printed, Since, meanwhile};
use daybook_schema::Money;

/// What the device shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// The receipt was printed; its number.
    Printed(String),
    /// A receipt is open.
    Open,
    /// Nothing that counts was printed.
    Nothing,
    /// Other documents came out since; whether ours is among them cannot be told.
    Others,
    /// It cannot be told.
    Unclear,
}

/// Looks. The one document that came out since, if it comes to the same and was paid, is the
/// receipt. A voided one takes a number too, but it was never paid; some devices do not tell what
/// was paid, and then it must be known otherwise (`is_paid`). A document that somebody else printed
/// meanwhile says nothing about ours.
pub(crate) fn look(
    speaker: &mut Speaker<'_, '_>,
    pending: &Pending,
    is_paid: bool,
) -> Asked<Evidence> {
    let Some(state) = speaker.state()? else {
        return Ok(Evidence::Unclear);
    };
    if state.open {
        return Ok(Evidence::Open);
    }
    let number = match &state.number {
        Some(number) => Some(number.clone()),
        None => speaker.last_number()?,
    };
    let Some(number) = number else {
        return Ok(Evidence::Unclear);
    };
    Ok(match (pending.since(&number), pending.total) {
        (Since::Nothing, _) => Evidence::Nothing,
        (Since::Earlier | Since::More, _) => Evidence::Others,
        (Since::One, None) => Evidence::Printed(number),
        (Since::One, Some(total)) => judge(&state, number, total, is_paid),
    })
}

/// What the one document is that came out since.
fn judge(state: &State, number: String, total: Money, is_paid: bool) -> Evidence {
    let units = |amount: Option<Money>| amount.map(|amount| amount.units().abs());
    let (amount, paid, total) = (units(state.amount), units(state.paid), total.units());
    // Against what it comes to itself: a small document that was paid is no voided one.
    let unpaid = paid.is_some_and(|paid| amount.is_none_or(|amount| paid < amount) && paid < total);
    let enough = paid.map_or(is_paid, |paid| paid >= total);
    match amount {
        // A receipt over nothing looks like a voided one.
        _ if total == 0 && !is_paid => Evidence::Unclear,
        Some(amount) if amount == total && enough => Evidence::Printed(number),
        // What was paid must not show as voided: the device does not tell, or not the truth.
        _ if is_paid && (unpaid || amount == Some(0)) => Evidence::Unclear,
        Some(0) => Evidence::Nothing,
        _ if unpaid => Evidence::Nothing,
        Some(amount) if amount != total => Evidence::Others,
        _ => Evidence::Unclear,
    }
}

/// Whether the receipt that is open is the first document since, so that ours cannot have come out.
fn is_first(speaker: &mut Speaker<'_, '_>, pending: &Pending) -> Asked<bool> {
    let state = speaker.state()?.filter(|state| state.open);
    let Some(state) = state else {
        return Ok(false);
    };
    // A state with a number has that of the open receipt itself.
    if let Some(number) = state.number {
        return Ok(pending.since(&number) == Since::One);
    }
    let number = speaker.last_number()?;
    Ok(number.is_some_and(|number| pending.since(&number) == Since::Nothing))
}

/// Where the device stands.
pub(crate) fn last_document(mut speaker: Speaker<'_, '_>) -> Asked<Outcome> {
    let state = speaker.state()?.ok_or_else(unreadable)?;
    let number = match state.number {
        Some(number) => number,
        None => speaker.last_number()?.ok_or_else(unreadable)?,
    };
    Ok(speaker.outcome(Answer::LastDocument(LastDocument {
        number,
        open: state.open,
        amount: state.amount,
        paid: state.paid,
    })))
}

/// Ends what is open, and tells whether the print came out.
pub(crate) fn settle(mut speaker: Speaker<'_, '_>, pending: &Pending) -> Asked<Outcome> {
    let mut evidence = look(&mut speaker, pending, false)?;
    if evidence == Evidence::Open {
        let first = is_first(&mut speaker, pending)?;
        let cancelled = speaker.ask(speaker.dialect.cancel())?;
        match cancelled {
            Ok(_) if first => evidence = Evidence::Nothing,
            // Something came out before it, or it may not have been voided: look once more.
            Ok(_) | Err(No::Lost) => evidence = look(&mut speaker, pending, false)?,
            Err(No::Refused(_)) => {
                finish(&mut speaker)?;
                evidence = look(&mut speaker, pending, true)?;
            }
        }
    }
    let memory = speaker.ask(speaker.dialect.information())?.ok();
    let memory = memory.and_then(|reply| speaker.dialect.numbers(&speaker.dialect.body(reply)));
    let fiscal_memory = memory.map(|(memory, _)| memory).unwrap_or_default();
    match evidence {
        Evidence::Printed(number) => Ok(match pending.total {
            None => speaker.outcome(Answer::Done),
            Some(amount) => speaker.outcome(Answer::Printed(Printed {
                number,
                time: None,
                amount,
                fiscal_memory,
            })),
        }),
        Evidence::Nothing => {
            if speaker.settings.terminal && pending.total.is_some() {
                speaker.say(Message::info(terminal::LOOK));
            }
            let text = "It was not printed, or it was voided";
            let message = Message::error("E499", text);
            Err(speaker.fail(No::Refused(message.into())))
        }
        Evidence::Open | Evidence::Unclear | Evidence::Others => {
            let mut messages = speaker.said();
            messages.add(match evidence {
                Evidence::Others => meanwhile(),
                _ => silent(),
            });
            let pending = Some(pending.clone());
            Err(Failure::Unknown { pending, messages }.into())
        }
    }
}

/// Pays what is open in cash and closes. Refusals are looked at afterwards.
fn finish(speaker: &mut Speaker<'_, '_>) -> Asked<()> {
    for command in [speaker.dialect.full_payment(), speaker.dialect.close()] {
        if let Err(No::Refused(messages)) = speaker.ask(command)? {
            let told = messages
                .into_iter()
                .filter(|message| message.code != Some("E404"));
            speaker.say_all(told.collect());
        }
    }
    Ok(())
}
