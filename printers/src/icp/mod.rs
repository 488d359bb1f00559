//! ICP: devices of ISL Ltd.
//!
//! `frame` and `reader` know bytes, `line` gets a command across, `words` knows commands, `session`
//! asks and orders, and the scripts (`receipt`, `desk`) say what an operation is.

mod desk;
pub mod frame;
mod line;
pub mod reader;
mod receipt;
mod session;
mod status;
#[cfg(test)]
mod tests;
mod words;

use crate::device::{Capabilities, Message, PaymentKind, Settings, SubtotalModifiers};
use crate::dialogue::{Conversation, Dialogue, Operation, Outcome, Stop, Talk};
use crate::receipt::{Checked, Tender};
use line::{Command, IcpLine, Reply};
use receipt::Job;
use session::Session;

/// What a device with so many print columns can do.
#[must_use]
pub fn capabilities(columns: usize) -> Capabilities {
    Capabilities {
        item_text: words::ITEM_TEXT,
        comment_text: columns.saturating_sub(2),
        operator_password: 0,
        payments: PaymentKind::ALL.to_vec(),
        subtotal_modifiers: SubtotalModifiers::Unsupported,
        terminal: false,
        fiscal: true,
    }
}

/// A conversation about an operation.
#[must_use]
pub fn dialogue(operation: Operation, settings: Settings) -> Box<dyn Dialogue> {
    let script = move |talk: &mut Talk<'_, Reply>| run(talk, &operation, &settings);
    Box::new(Conversation::new(IcpLine::new(), script))
}

fn run(
    talk: &mut Talk<'_, Reply>,
    operation: &Operation,
    settings: &Settings,
) -> Result<Outcome, Stop<Command>> {
    let mut session = Session::begin(talk).map_err(|halt| operation.not_begun(halt))?;
    let session = &mut session;
    match operation {
        Operation::Identify => desk::identify(session, settings),
        Operation::Status => desk::status(session),
        Operation::Cash => desk::cash(session),
        Operation::Receipt(receipt) => receipt::print(session, &job(receipt, None, settings)?),
        Operation::Reversal(reversal) => {
            let open = words::open_reversal(reversal).ok_or_else(too_wide)?;
            let job = job(reversal.receipt(), Some(open), settings)?;
            receipt::print(session, &job)
        }
        Operation::Deposit(transfer) => desk::transfer(session, transfer.amount().units()),
        Operation::Withdraw(transfer) => desk::transfer(session, -transfer.amount().units()),
        Operation::SetTime(time) => desk::set_time(session, *time),
        Operation::Drawer => Err(no_drawer().into()),
        Operation::ZReport => desk::daily_report(session),
        Operation::XReport => desk::once(session, b"511"),
        Operation::Duplicate => desk::once(session, b"AA"),
        Operation::Reset => desk::reset(session),
        Operation::Raw(text) => desk::raw(session, text),
        Operation::LastDocument => desk::last_document(session),
        Operation::Settle(pending) => receipt::settle(session, pending),
    }
}

fn no_drawer() -> Message {
    let text = "This printer has no command that opens the drawer";
    Message::error("E413", text)
}

fn too_wide() -> Message {
    Message::error("E403", "A number is too large for the device")
}

/// Everything that a receipt sends; `open` opens a reversal.
fn job(
    receipt: &Checked,
    open: Option<Vec<u8>>,
    settings: &Settings,
) -> Result<Job, Stop<Command>> {
    if receipt.lines().len() > words::MAX_LINES {
        return Err(Message::error("E403", "The device takes 50 lines in a receipt").into());
    }
    let sale = words::sale_number(receipt);
    let reversal = open.is_some();
    let mut lines = Vec::from_iter(open);
    for line in receipt.lines() {
        lines.extend(words::line(line, sale, reversal).ok_or_else(too_wide)?);
    }
    let footers = receipt.footers().iter();
    Ok(Job {
        lines,
        payments: payments(receipt, settings)?,
        footers: footers.map(|text| words::comment(text, sale)).collect(),
        total: receipt.total(),
    })
}

/// Without payments everything is paid in cash. If text follows, the last payment says so.
fn payments(receipt: &Checked, settings: &Settings) -> Result<Vec<Vec<u8>>, Stop<Command>> {
    let text_follows = !receipt.footers().is_empty();
    let tenders = match receipt.tenders() {
        [] if !text_follows => return Ok(vec![receipt::PAY_ALL.to_vec()]),
        [] => vec![Tender {
            kind: PaymentKind::Cash,
            amount: receipt.total(),
        }],
        tenders => tenders.to_vec(),
    };
    let payment = |(index, tender): (usize, &Tender)| {
        let code = words::payment_code(tender.kind, settings).ok_or_else(|| {
            let name = tender.kind.name();
            Message::error("E406", format!("Payment type {name} unsupported"))
        })?;
        let open = text_follows && index + 1 == tenders.len();
        words::payment(code, tender.amount.units(), open).ok_or_else(|| too_wide().into())
    };
    tenders.iter().enumerate().map(payment).collect()
}
