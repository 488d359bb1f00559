//! Everything besides receipts: the clock, the drawer, reports.

use super::dialect::Asked;
use super::fields;
use super::line::Command;
use super::script::{No, Speaker, unreadable};
use super::terminal;
use crate::device::{Message, Quirk};
use crate::dialogue::{Answer, Failure, Outcome, Pending};
use crate::text::CodePage;
use daybook_schema::Money;
use jiff::civil::DateTime;

/// How the device is: all that the answer with its clock says.
pub(crate) fn status(mut speaker: Speaker<'_, '_>) -> Asked<Outcome> {
    let time = match speaker.ask(speaker.dialect.time())? {
        Ok(reply) => fields::time(&speaker.dialect.body(reply)),
        Err(No::Lost) => return Err(speaker.fail(No::Lost)),
        Err(No::Refused(messages)) => {
            speaker.say_all(messages);
            None
        }
    };
    Ok(speaker.outcome(Answer::Status(time)))
}

pub(crate) fn set_time(mut speaker: Speaker<'_, '_>, time: DateTime) -> Asked<Outcome> {
    speaker.must(speaker.dialect.set_time(time, speaker.settings))?;
    Ok(speaker.outcome(Answer::Done))
}

pub(crate) fn cash(mut speaker: Speaker<'_, '_>) -> Asked<Outcome> {
    if speaker.settings.quirks.contains(&Quirk::CashQueryPrints) {
        let text = "This printer is not asked for its drawer: it would print a slip";
        return Err(Message::error("E412", text).into());
    }
    let reply = speaker.must(speaker.dialect.cash())?;
    let amount = speaker.dialect.read_cash(reply).ok_or_else(unreadable)?;
    Ok(speaker.outcome(Answer::Cash(amount)))
}

/// Puts money in, or (below zero) takes it out.
pub(crate) fn transfer(mut speaker: Speaker<'_, '_>, amount: Money) -> Asked<Outcome> {
    let before = speaker.must_number()?;
    let command = speaker.dialect.transfer(amount);
    match speaker.ask(command)? {
        Ok(reply) if speaker.dialect.is_moved(reply) => Ok(speaker.outcome(Answer::Done)),
        Ok(_) => {
            let text = "Not enough cash, or a receipt is open";
            let no = No::Refused(Message::error("E405", text).into());
            Err(speaker.fail(no))
        }
        Err(No::Lost) => {
            search(&mut speaker, before)?;
            Ok(speaker.outcome(Answer::Done))
        }
        Err(no) => Err(speaker.fail(no)),
    }
}

/// Opens the drawer: once more harms nobody, so a lost answer is asked for again.
pub(crate) fn open_drawer(mut speaker: Speaker<'_, '_>) -> Asked<Outcome> {
    speaker.must(speaker.dialect.open_drawer())?;
    Ok(speaker.outcome(Answer::Done))
}

/// A report, and that of the card terminal after it.
pub(crate) fn report(
    mut speaker: Speaker<'_, '_>,
    command: Command,
    of_terminal: &'static [u8],
) -> Asked<Outcome> {
    let before = speaker.must_number()?;
    match speaker.ask(command)? {
        Ok(_) => {}
        Err(No::Lost) => search(&mut speaker, before)?,
        Err(no) => return Err(speaker.fail(no)),
    }
    terminal::report(&mut speaker, of_terminal)?;
    Ok(speaker.outcome(Answer::Done))
}

/// A duplicate: it takes no number on every device, so a lost one cannot be looked for.
pub(crate) fn duplicate(mut speaker: Speaker<'_, '_>) -> Asked<Outcome> {
    let command = speaker.dialect.duplicate();
    match speaker.ask(command)? {
        Ok(_) => Ok(speaker.outcome(Answer::Done)),
        Err(No::Lost) => Err(unknown(&speaker, None)),
        Err(no) => Err(speaker.fail(no)),
    }
}

/// A document whose answer was lost either has taken a number, or it was not printed: devices do one
/// thing after another, so one that answers now has done with it.
fn search(speaker: &mut Speaker<'_, '_>, before: String) -> Asked<()> {
    match speaker.last_number()? {
        Some(now) if now == before => Err(speaker.fail(No::Lost)),
        Some(_) => Ok(()),
        None => Err(unknown(speaker, Some(before))),
    }
}

fn unknown(speaker: &Speaker<'_, '_>, before: Option<String>) -> super::dialect::Halt {
    let mut messages = No::Lost.messages();
    messages.extend(speaker.said());
    let pending = before.map(|before| Pending {
        before,
        total: None,
    });
    Failure::Unknown { pending, messages }.into()
}

/// Ends whatever is open: voids it, or pays and closes it. What does not apply is refused.
pub(crate) fn reset(mut speaker: Speaker<'_, '_>) -> Asked<Outcome> {
    let dialect = speaker.dialect;
    for command in [dialect.cancel(), dialect.full_payment(), dialect.close()] {
        if speaker.ask(command)? == Err(No::Lost) {
            return Err(speaker.fail(No::Lost));
        }
    }
    status(speaker)
}

/// One command as it is. The answer is told whatever it says.
pub(crate) fn raw(mut speaker: Speaker<'_, '_>, request: &str) -> Asked<Outcome> {
    let bytes = CodePage::Cp1251.encode(request);
    let (code, data) = match bytes.split_first() {
        Some((code, data)) if *code >= 0x20 && data.len() <= speaker.dialect.max_data() => {
            (*code, data.to_vec())
        }
        _ => {
            let text = "The first character of a raw request is the command";
            return Err(Message::error("E401", text).into());
        }
    };
    let Some(reply) = speaker.hear(Command::once(code, data))? else {
        return Err(unknown(&speaker, None));
    };
    let text = CodePage::Cp1251.decode(&reply.data);
    let messages = speaker.told(reply);
    speaker.say_all(messages);
    Ok(speaker.outcome(Answer::Raw(text)))
}
