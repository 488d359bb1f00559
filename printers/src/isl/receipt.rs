//! Prints a receipt or a reversal: all of it, or nothing that counts.
//!
//! Before the first payment whatever goes wrong voids the receipt. Afterwards devices refuse to void
//! it; then it is paid in full and closed, because a receipt that stays open blocks the till. What
//! was lost on the way is looked for, never guessed: see `settle`.

use super::dialect::{Asked, Halt, Paid};
use super::fields;
use super::line::{Command, Reply};
use super::script::{No, Speaker, unreadable};
use super::settle::{self, Evidence};
use super::terminal;
use crate::device::Message;
use crate::dialogue::{Answer, Failure, Outcome, Pending, Printed};
use crate::receipt::{Checked, CheckedReversal, Line, Tender};
use daybook_schema::Money;

/// What is printed.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) receipt: &'a Checked,
    pub(crate) reversal: Option<&'a CheckedReversal>,
}

/// Where the device stood before.
struct Start {
    pending: Pending,
    fiscal_memory: String,
}

/// How far the payments came.
enum Payment {
    Complete,
    Stuck(No),
}

pub(crate) fn print(mut speaker: Speaker<'_, '_>, job: Job<'_>) -> Asked<Outcome> {
    let start = start(&mut speaker, job)?;
    if let Err(no) = write(&mut speaker, job)? {
        return withdraw(speaker, no);
    }
    if let Payment::Stuck(no) = pay(&mut speaker, job)? {
        return finish(speaker, job, &start, no);
    }
    close(speaker, job, &start)
}

/// Learns what must be known later, while nothing is printed yet.
fn start(speaker: &mut Speaker<'_, '_>, job: Job<'_>) -> Asked<Start> {
    let information = speaker.must(speaker.dialect.information())?;
    let information = speaker.dialect.body(information);
    let numbers = speaker.dialect.numbers(&information);
    let (fiscal_memory, serial) = numbers.ok_or_else(unreadable)?;
    let sale_number = &job.receipt.unique_sale_number;
    if !sale_number.is_empty() && !sale_number.starts_with(&serial) {
        let text = format!("UniqueSaleNumber does not begin with the serial number {serial}");
        // No code stands for this.
        let code = None;
        speaker.say(Message {
            code,
            ..Message::warning("", text)
        });
    }
    // Usually refused, because nothing is open.
    if speaker.ask(speaker.dialect.cancel())? == Err(No::Lost) {
        return Err(speaker.fail(No::Lost));
    }
    let before = speaker.must_number()?;
    let pending = Pending {
        before,
        total: Some(job.receipt.total),
    };
    Ok(Start {
        pending,
        fiscal_memory,
    })
}

/// Opens the receipt, writes its lines and compares its total.
fn write(speaker: &mut Speaker<'_, '_>, job: Job<'_>) -> Asked<Result<(), No>> {
    let dialect = speaker.dialect;
    let clerk = speaker.clerk(&job.receipt.operator, job.reversal.is_some());
    let open = match job.reversal {
        None => dialect.open(&clerk, &job.receipt.unique_sale_number),
        Some(reversal) => dialect.open_reversal(&clerk, reversal),
    };
    let lines = job.receipt.lines.iter().map(|line| match line {
        Line::Sale(sale) => dialect.sale(sale, speaker.settings),
        Line::Comment(text) => dialect.comment(text),
        Line::Subtotal(amount) => dialect.subtotal(*amount, speaker.settings),
    });
    let commands: Vec<Command> = [open].into_iter().chain(lines).collect();
    for command in commands {
        if let Err(no) = speaker.ask(command)? {
            return Ok(Err(no));
        }
    }
    let told = speaker.state()?.and_then(|state| state.amount);
    Ok(compare(told, job.receipt.total))
}

/// A device that counted otherwise (a line twice, a price of its own) must not print that. One that
/// tells no amount before the payment says zero.
fn compare(told: Option<Money>, total: Money) -> Result<(), No> {
    let told = told.map_or(0, Money::units).abs();
    if told == 0 || told == total.units() {
        return Ok(());
    }
    let text = format!(
        "The device comes to {}, the receipt to {}",
        crate::receipt::two_digits(told),
        fields::decimal(total)
    );
    Err(No::Refused(Message::error("E403", text).into()))
}

fn pay(speaker: &mut Speaker<'_, '_>, job: Job<'_>) -> Asked<Payment> {
    let mut tenders: Vec<&Tender> = match job.reversal {
        Some(_) => Vec::new(),
        None => job.receipt.tenders.iter().collect(),
    };
    // What may be declined comes first, while the receipt can still be voided.
    tenders.sort_by_key(|tender| !terminal::takes(speaker, tender));
    let mut before = 0;
    for (index, tender) in tenders.iter().enumerate() {
        let Some(code) = speaker.payment_code(tender.kind) else {
            let text = format!("Payment type {} unsupported", tender.kind.name());
            let messages = Message::error("E406", text).into();
            return Ok(Payment::Stuck(No::Refused(messages)));
        };
        let command = speaker.dialect.payment(code, tender.amount);
        let after = (before + tender.amount.units()).min(job.receipt.total.units());
        let paid = if terminal::takes(speaker, tender) {
            terminal::pay(speaker, tender.amount, &command, before..after)?
        } else {
            pay_once(speaker, &command, before, after)?
        };
        match paid {
            // Nobody owes that much by our count: the device counts otherwise.
            Ok(Paid::Open(open)) if open != 0 && index + 1 == tenders.len() => {
                speaker.say(in_cash());
                break;
            }
            Ok(Paid::Enough) => return Ok(Payment::Complete),
            Ok(Paid::Open(_) | Paid::Refused) => {}
            Err(no) => return Ok(Payment::Stuck(no)),
        }
        before = after;
        if index + 1 == tenders.len() {
            return Ok(Payment::Complete);
        }
    }
    // Nothing said how it is paid, or the device still wants some: the rest is cash.
    let total = job.receipt.total.units();
    let command = speaker.dialect.full_payment();
    let paid = pay_once(speaker, &command, before, total)?;
    Ok(paid.map_or_else(Payment::Stuck, |_| Payment::Complete))
}

/// One payment. When its answer is lost, the receipt shows whether it was heard; if it was not, it
/// is asked once more.
pub(crate) fn pay_once(
    speaker: &mut Speaker<'_, '_>,
    command: &Command,
    before: i64,
    after: i64,
) -> Asked<Result<Paid, No>> {
    for _ in 0..2 {
        match speaker.ask(command.clone())? {
            Err(No::Refused(messages)) => return Ok(Err(No::Refused(messages))),
            Ok(reply) => return Ok(taken(speaker, reply)),
            Err(No::Lost) => {}
        }
        let state = speaker.state()?.filter(|state| state.open);
        let paid = state.and_then(|state| state.paid);
        match paid.map(|paid| paid.units().abs()) {
            Some(paid) if paid >= after && after > before => return Ok(Ok(Paid::Open(0))),
            Some(paid) if paid == before => {}
            _ => return Ok(Err(No::Lost)),
        }
    }
    Ok(Err(No::Lost))
}

/// What the answer to a payment says.
pub(crate) fn taken(speaker: &Speaker<'_, '_>, reply: &Reply) -> Result<Paid, No> {
    match speaker.dialect.paid(reply).unwrap_or(Paid::Open(0)) {
        Paid::Refused => {
            let refused = Message::error("E406", "The device refused the payment");
            Err(No::Refused(refused.into()))
        }
        paid => Ok(paid),
    }
}

/// Prints what follows the payments, and closes.
fn close(mut speaker: Speaker<'_, '_>, job: Job<'_>, start: &Start) -> Asked<Outcome> {
    for footer in &job.receipt.footers {
        // Too late to void: a footer that does not come costs nobody anything.
        let command = speaker.dialect.comment(footer);
        if let Err(No::Refused(messages)) = speaker.ask(command)? {
            speaker.say_all(messages);
        }
    }
    let time = speaker.ask(speaker.dialect.time())?;
    let time = time
        .ok()
        .and_then(|reply| fields::time(&speaker.dialect.body(reply)));
    let state = speaker.state()?;
    let amount = state.as_ref().and_then(|state| state.amount);
    let amount = amount.filter(|amount| *amount != Money::ZERO);
    let printed = |number| Printed {
        number,
        time,
        amount: amount
            .and_then(|amount| Money::new(amount.units().abs()).ok())
            .unwrap_or(job.receipt.total),
        fiscal_memory: start.fiscal_memory.clone(),
    };
    let number = close_once(&mut speaker, start)?;
    terminal::slip(&mut speaker)?;
    Ok(speaker.outcome(Answer::Printed(printed(number))))
}

/// Closes the receipt, which is paid, and tells its number.
fn close_once(speaker: &mut Speaker<'_, '_>, start: &Start) -> Asked<String> {
    let mut said = None;
    for _ in 0..2 {
        match speaker.ask(speaker.dialect.close())? {
            Ok(reply) => {
                let number = match speaker.dialect.closed_number(reply) {
                    Some(number) => Some(number),
                    None => speaker.last_number()?,
                };
                return number.ok_or_else(|| unknown(speaker, start, No::Lost));
            }
            Err(no) => said = Some(no),
        }
        match settle::look(speaker, &start.pending, true)? {
            Evidence::Printed(number) => return Ok(number),
            Evidence::Open => {}
            Evidence::Nothing | Evidence::Others | Evidence::Unclear => break,
        }
    }
    Err(unknown(speaker, start, said.unwrap_or(No::Lost)))
}

/// Ends what went wrong before anything was paid. Whatever the device answers, this receipt cannot
/// come out any more: nobody pays it, and the next one begins with voiding it.
fn withdraw(mut speaker: Speaker<'_, '_>, no: No) -> Asked<Outcome> {
    if speaker.ask(speaker.dialect.cancel())?.is_err() {
        let open = speaker.state()?.is_none_or(|state| state.open);
        if open {
            speaker.say(left_open());
        }
    }
    Err(speaker.fail(no))
}

/// Ends what went wrong while it was paid: voided if the device lets us, else paid and closed.
fn finish(mut speaker: Speaker<'_, '_>, job: Job<'_>, start: &Start, no: No) -> Asked<Outcome> {
    if speaker.ask(speaker.dialect.cancel())?.is_ok() {
        return Err(voided(speaker, no));
    }
    let state = speaker.state()?.filter(|state| state.open);
    if state.and_then(|state| state.paid) == Some(Money::ZERO) {
        speaker.say(left_open());
        return Err(voided(speaker, no));
    }
    match settle::look(&mut speaker, &start.pending, false)? {
        Evidence::Nothing => return Err(voided(speaker, no)),
        Evidence::Others | Evidence::Unclear => return Err(unknown(&speaker, start, no)),
        Evidence::Printed(_) => {}
        Evidence::Open => {
            speaker.say(in_cash());
            let payment = speaker.dialect.full_payment();
            // Refused when everything is paid already. Whether it is shows when it is closed.
            if let Err(No::Refused(messages)) = speaker.ask(payment)? {
                speaker.say_all(messages);
            }
        }
    }
    speaker.say_all(no.messages());
    close(speaker, job, start)
}

/// Nothing counts, but a card may have been charged for it.
fn voided(mut speaker: Speaker<'_, '_>, no: No) -> Halt {
    if speaker.charged {
        speaker.say(Message::info(terminal::TAKE_BACK));
    }
    speaker.fail(no)
}

fn left_open() -> Message {
    Message::info("The receipt was not voided yet: the next one will void it")
}

fn in_cash() -> Message {
    let text = "The receipt could not be voided any more: the rest was paid in cash";
    Message::warning("W399", text)
}

fn unknown(speaker: &Speaker<'_, '_>, start: &Start, no: No) -> Halt {
    let mut messages = no.messages();
    messages.extend(speaker.said());
    let pending = Some(start.pending.clone());
    Failure::Unknown { pending, messages }.into()
}
