//! Payments by card through the terminal that hangs on a Datecs X.
//!
//! A card is charged before the device answers, and nothing here can give the money back. So a
//! charge is asked for once: when its answer is lost, the open receipt shows whether it was paid.
//! A terminal that charged a card without the device hearing of it says so at the next payment, with
//! the amount; then the charge is taken over instead of being made again.

use super::dialect::{Asked, Paid};
use super::fields;
use super::line::{Command, Kind};
use super::receipt::{pay_once, taken};
use super::script::{No, Speaker};
use super::x::parts;
use crate::device::{Message, Messages, PaymentKind};
use crate::receipt::Tender;
use daybook_schema::Money;
use std::ops::Range;

/// What the terminal prints after a daily report of the device, and after the other one.
pub(crate) const DAILY: &[u8] = b"5\t";
pub(crate) const INTERIM: &[u8] = b"6\t";

/// For people who cannot know otherwise whether a card was charged.
pub(crate) const LOOK: &str = "Look at the card terminal whether the card was charged";

/// For people whose receipt was voided nevertheless.
pub(crate) const TAKE_BACK: &str =
    "A card was charged for this receipt: take the money back at the card terminal";

const PAY: u8 = 0x35;
const TERMINAL: u8 = 0x37;
/// Takes over the charge that the device did not hear of.
const TAKE_OVER: &[u8] = b"13\t1\t";
const SLIP: &[u8] = b"15\t";
/// The terminal has charged a card, and the device did not hear of it; the amount follows.
const UNHEARD: i64 = -111_560;

fn is_used(speaker: &Speaker<'_, '_>) -> bool {
    speaker.settings.terminal && speaker.dialect.has_terminal()
}

/// Whether a payment goes through the terminal.
pub(crate) fn takes(speaker: &Speaker<'_, '_>, tender: &Tender) -> bool {
    is_used(speaker) && tender.kind == PaymentKind::Card
}

/// Pays by card. `plain` is the same payment without the terminal; `paid` is what the receipt counts
/// as paid before and after it.
pub(crate) fn pay(
    speaker: &mut Speaker<'_, '_>,
    amount: Money,
    plain: &Command,
    paid: Range<i64>,
) -> Asked<Result<Paid, No>> {
    let ended = charge(speaker, amount, plain, &paid)?;
    if ended.is_ok() {
        speaker.charged = true;
        slip(speaker)?;
    }
    Ok(ended)
}

fn charge(
    speaker: &mut Speaker<'_, '_>,
    amount: Money,
    plain: &Command,
    paid: &Range<i64>,
) -> Asked<Result<Paid, No>> {
    let data = format!("2\t{}\t1\t", fields::decimal(amount));
    let command = Command::once(PAY, data).patient();
    let Some(reply) = speaker.hear(command)? else {
        return Ok(match counted(speaker)? {
            Some(now) if now >= paid.end => Ok(Paid::Open(0)),
            Some(now) if now == paid.start => Err(No::Refused(unheard().into())),
            _ => {
                speaker.say(Message::info(LOOK));
                Err(No::Lost)
            }
        });
    };
    let (code, rest) = parts(&reply.data);
    let judged = speaker.judge(reply, Kind::Once);
    // The code alone decides: a card is not charged once more because of a bit.
    let no = match judged {
        Err(no) if code != Some(0) => no,
        _ => return Ok(taken(speaker, reply)),
    };
    if code != Some(UNHEARD) {
        return Ok(Err(no));
    }
    let before = rest.split('\t').next().and_then(fields::amount);
    if before == Some(amount) {
        return take_over(speaker, plain, paid, no.messages());
    }
    let mut messages = no.messages();
    messages.add(other(before));
    Ok(Err(No::Refused(messages)))
}

/// Takes over a charge of the same amount. Asking for that twice charges nobody.
fn take_over(
    speaker: &mut Speaker<'_, '_>,
    plain: &Command,
    paid: &Range<i64>,
    said: Messages,
) -> Asked<Result<Paid, No>> {
    for _ in 0..2 {
        let command = Command::once(TERMINAL, TAKE_OVER).patient();
        let answer = speaker.ask(command)?;
        let now = counted(speaker)?;
        let before = now == Some(paid.start);
        match answer {
            _ if now.is_some_and(|now| now >= paid.end) => return Ok(Ok(Paid::Open(0))),
            // Taken over, but not counted: the receipt has to say how it was paid.
            Ok(_) if before => return enter(speaker, plain, paid),
            Ok(_) => return Ok(Ok(Paid::Open(0))),
            Err(No::Refused(why)) => {
                let mut messages = said;
                messages.extend(why);
                messages.add(Message::info(LOOK));
                return Ok(Err(No::Refused(messages)));
            }
            Err(No::Lost) if before => {}
            Err(No::Lost) => break,
        }
    }
    speaker.say(Message::info(LOOK));
    Ok(Err(No::Lost))
}

fn enter(
    speaker: &mut Speaker<'_, '_>,
    plain: &Command,
    paid: &Range<i64>,
) -> Asked<Result<Paid, No>> {
    let entered = pay_once(speaker, plain, paid.start, paid.end)?;
    if entered.is_err() {
        speaker.say(Message::info(LOOK));
    }
    Ok(entered)
}

/// What the open receipt counts as paid. The device may still wait for the card.
fn counted(speaker: &mut Speaker<'_, '_>) -> Asked<Option<i64>> {
    let command = speaker.dialect.state().patient();
    let state = speaker.state_by(command)?.filter(|state| state.open);
    let paid = state.and_then(|state| state.paid);
    Ok(paid.map(|paid| paid.units().abs()))
}

fn unheard() -> Message {
    let text = "The answer of the card payment was lost, and the receipt does not count it. Look at \
                the card terminal whether the card was charged before you pay again";
    Message::error("E602", text)
}

fn other(amount: Option<Money>) -> Message {
    let amount = amount.map_or_else(|| "some money".to_owned(), fields::decimal);
    let text = format!(
        "The card terminal has charged {amount} before, and no receipt counts it: settle that first"
    );
    Message::error("E602", text)
}

/// Prints the slip of a card that was charged for this receipt.
pub(crate) fn slip(speaker: &mut Speaker<'_, '_>) -> Asked<()> {
    if speaker.charged {
        print(speaker, SLIP)?;
    }
    Ok(())
}

/// Lets the terminal report, after the device did.
pub(crate) fn report(speaker: &mut Speaker<'_, '_>, which: &'static [u8]) -> Asked<()> {
    if is_used(speaker) {
        print(speaker, which)?;
    }
    Ok(())
}

/// What does not come out here undoes nothing.
fn print(speaker: &mut Speaker<'_, '_>, what: &'static [u8]) -> Asked<()> {
    let command = Command::new(TERMINAL, what, Kind::Report).patient();
    match speaker.ask(command)? {
        Ok(_) => {}
        Err(No::Refused(mut messages)) => {
            messages.soften();
            speaker.say_all(messages);
        }
        Err(No::Lost) => speaker.say(Message::info(
            "The answer was lost when the card terminal was to print: look at the paper",
        )),
    }
    Ok(())
}
