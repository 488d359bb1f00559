//! Finds out what became of a print that nobody heard the end of.

use super::dialect::Asked;
use super::script::{No, Speaker, silent, unreadable};
use super::terminal;
use crate::device::Message;
use crate::dialogue::{Answer, Failure, LastDocument, Outcome, Pending, Printed};
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
    /// It cannot be told.
    Unclear,
}

/// Looks. A document that came out since, comes to the same and was paid is the receipt. A voided
/// one takes a number too, but it was never paid; some devices do not tell what was paid, and then
/// it must be known otherwise (`is_paid`).
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
    let number = match state.number {
        Some(number) => Some(number),
        None => speaker.last_number()?,
    };
    let Some(number) = number else {
        return Ok(Evidence::Unclear);
    };
    if same(&number, &pending.before) {
        return Ok(Evidence::Nothing);
    }
    let Some(total) = pending.total.map(Money::units) else {
        return Ok(Evidence::Printed(number));
    };
    let amount = state.amount.map(|amount| amount.units().abs());
    let paid = state.paid.map(|paid| paid.units().abs());
    let enough = is_paid || paid.is_some_and(|paid| paid >= total);
    Ok(match (amount, paid) {
        // A receipt over nothing looks like a voided one.
        _ if total == 0 && !is_paid => Evidence::Unclear,
        (Some(amount), _) if amount == total && enough => Evidence::Printed(number),
        (Some(amount), _) if amount != total => Evidence::Nothing,
        (_, Some(_)) => Evidence::Nothing,
        _ => Evidence::Unclear,
    })
}

fn same(number: &str, other: &str) -> bool {
    match (number.trim().parse::<u64>(), other.trim().parse::<u64>()) {
        (Ok(number), Ok(other)) => number == other,
        _ => number.trim() == other.trim(),
    }
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
        let cancelled = speaker.ask(speaker.dialect.cancel())?;
        match cancelled {
            Ok(_) => evidence = Evidence::Nothing,
            // It may have been voided, or not: look once more.
            Err(No::Lost) => evidence = look(&mut speaker, pending, false)?,
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
        Evidence::Open | Evidence::Unclear => {
            let mut messages = speaker.said();
            messages.add(silent());
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
