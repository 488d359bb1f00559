//! ZFP: Tremol devices.
//!
//! `frame` and `reader` know bytes, `line` gets a command across, `words` knows commands, `session`
//! asks and orders, and the scripts (`receipt`, `desk`, `identity`) say what an operation is.

mod desk;
pub mod frame;
mod identity;
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
use crate::receipt::{Checked, Line};
use crate::uri::Driver;
use line::{Command, Repeat, Reply, ZfpLine};
use receipt::Job;
use session::Session;
use words::command;

/// The two kinds of devices: they number payments differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `bg.zk.zfp`.
    First,
    /// `bg.zk.v2.zfp`: models whose name ends in V2.
    Second,
}

/// The most characters of a comment.
const COMMENT_TEXT: usize = 30;
/// The most characters of an operator's password.
const PASSWORD: usize = 6;

impl Generation {
    /// The generation that a driver speaks to, if it speaks ZFP.
    #[must_use]
    pub const fn of(driver: Driver) -> Option<Self> {
        match driver {
            Driver::Zfp => Some(Self::First),
            Driver::ZfpV2 => Some(Self::Second),
            _ => None,
        }
    }

    /// What its devices can do.
    #[must_use]
    pub fn capabilities(self) -> Capabilities {
        let taken = |kind: &PaymentKind| self.payment(*kind).is_some();
        Capabilities {
            item_text: words::ITEM_TEXT,
            comment_text: COMMENT_TEXT,
            operator_password: PASSWORD,
            payments: PaymentKind::ALL.into_iter().filter(taken).collect(),
            subtotal_modifiers: SubtotalModifiers::OneTaxGroup,
            terminal: false,
            fiscal: true,
        }
    }

    /// The number of a payment, as devices are delivered.
    fn payment(self, kind: PaymentKind) -> Option<u8> {
        let first = match kind {
            PaymentKind::Cash => 0,
            PaymentKind::Check => 1,
            PaymentKind::Coupons => 2,
            PaymentKind::ExtCoupons => 3,
            PaymentKind::Packaging => 4,
            PaymentKind::InternalUsage => 5,
            PaymentKind::Damage => 6,
            PaymentKind::Card => 7,
            PaymentKind::Bank => 8,
            PaymentKind::Reserved1 => 9,
            PaymentKind::Reserved2 => 10,
        };
        match (self, kind) {
            (Self::First, _) => Some(first),
            (Self::Second, PaymentKind::Cash) => Some(0),
            (Self::Second, PaymentKind::Card) => Some(1),
            (Self::Second, PaymentKind::Check) => Some(2),
            (Self::Second, _) => None,
        }
    }
}

/// A conversation about an operation. Message numbers begin where `seed` says; best another place
/// each time.
#[must_use]
pub fn dialogue(
    operation: Operation,
    generation: Generation,
    settings: Settings,
    seed: u8,
) -> Box<dyn Dialogue> {
    let line = ZfpLine::new(seed, settings.tcp_password.as_deref());
    let script = move |talk: &mut Talk<'_, Reply>| {
        let till = Till {
            generation,
            settings: &settings,
        };
        till.run(talk, &operation)
    };
    Box::new(Conversation::new(line, script))
}

/// What the scripts know about the device beforehand.
struct Till<'a> {
    generation: Generation,
    settings: &'a Settings,
}

impl Till<'_> {
    fn run(
        &self,
        talk: &mut Talk<'_, Reply>,
        operation: &Operation,
    ) -> Result<Outcome, Stop<Command>> {
        let mut session = Session::begin(talk).map_err(|halt| operation.not_begun(halt))?;
        let session = &mut session;
        match operation {
            Operation::Identify => identity::identify(session, self.generation, self.settings),
            Operation::Status => desk::status(session),
            Operation::Cash => desk::cash(session),
            Operation::Receipt(receipt) => {
                let open = words::open(receipt, self.settings);
                receipt::print(session, &self.job(open, receipt)?)
            }
            Operation::Reversal(reversal) => {
                let open = words::open_reversal(reversal, self.settings);
                receipt::print(session, &self.job(open, reversal.receipt())?)
            }
            Operation::Deposit(transfer) => {
                let operator = words::operator(transfer.operator(), self.settings);
                desk::transfer(session, &operator, transfer.amount().units())
            }
            Operation::Withdraw(transfer) => {
                let operator = words::operator(transfer.operator(), self.settings);
                desk::transfer(session, &operator, -transfer.amount().units())
            }
            Operation::SetTime(time) => desk::set_time(session, *time),
            Operation::Drawer => desk::open_drawer(session),
            Operation::ZReport => desk::daily_report(session),
            Operation::XReport => desk::once(session, words::report("X")),
            Operation::Duplicate => desk::once(session, command(0x3A, "", Repeat::Never)),
            Operation::Reset => desk::reset(session),
            Operation::Raw(text) => desk::raw(session, text),
            Operation::LastDocument => desk::last_document(session),
            Operation::Settle(pending) => receipt::settle(session, pending),
        }
    }

    fn job(&self, open: Command, receipt: &Checked) -> Result<Job, Stop<Command>> {
        let comment = |text: &String| command(0x37, text, Repeat::Numbered);
        let lines = receipt.lines().iter().map(|line| match line {
            Line::Sale(sale) => words::sale(sale)
                .ok_or_else(|| Message::error("E403", "The device has departments 1 to 19").into()),
            Line::Comment(text) => Ok(comment(text)),
            Line::Subtotal(amount) => Ok(words::subtotal(amount.units())),
        });
        Ok(Job {
            open,
            lines: lines.collect::<Result<_, Stop<Command>>>()?,
            payments: self.payments(receipt)?,
            footers: receipt.footers().iter().map(comment).collect(),
            total: receipt.total(),
        })
    }

    /// Without payments everything is paid in cash. The last one that is no cash pays exactly what
    /// is due, so that no cent is left open.
    fn payments(&self, receipt: &Checked) -> Result<Vec<Command>, Stop<Command>> {
        let tenders = receipt.tenders();
        if tenders.is_empty() {
            return Ok(vec![words::payment(0, None)]);
        }
        let payment = |(index, tender): (usize, &crate::receipt::Tender)| {
            let code = words::payment_code(tender.kind, self.generation, self.settings);
            let code = code.ok_or_else(|| {
                let name = tender.kind.name();
                Message::error("E406", format!("Payment type {name} unsupported"))
            })?;
            let exact = index + 1 == tenders.len() && tender.kind != PaymentKind::Cash;
            let amount = (!exact).then_some(tender.amount.units());
            Ok(words::payment(code, amount))
        };
        tenders.iter().enumerate().map(payment).collect()
    }
}
