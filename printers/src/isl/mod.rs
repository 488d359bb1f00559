//! ISL: Datecs P, C and X, Daisy, Eltrade, Incotex.
//!
//! `frame` and `reader` know bytes, `line` gets a command across, `dialect` says how commands are
//! written and answers read (one file for each dialect), `status` and `numbers` what a device says
//! about itself, and the scripts (`receipt`, `terminal`, `settle`, `desk`, `identity`) what an
//! operation is.

mod c;
mod daisy;
mod desk;
mod dialect;
mod eltrade;
mod fields;
pub mod frame;
mod identity;
mod incotex;
mod line;
mod numbers;
mod p;
pub mod reader;
mod reason;
mod receipt;
mod script;
mod settle;
mod status;
mod terminal;
#[cfg(test)]
mod tests;
mod x;

pub(crate) use fields::time as read_time;

use crate::device::Settings;
use crate::dialogue::{Answer, Conversation, Dialogue, Operation, Outcome, Talk};
use crate::uri::Driver;
use daybook_schema::Money;
use dialect::{Asked, Dialect};
use frame::Form;
use line::{IslLine, Reply};
use receipt::Job;
use script::Speaker;

/// The dialects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isl {
    /// Datecs, group A.
    P,
    /// Datecs, group B.
    C,
    /// Datecs, group C.
    X,
    /// Daisy.
    Daisy,
    /// Eltrade.
    Eltrade,
    /// Incotex.
    Incotex,
}

impl Isl {
    /// Every dialect.
    pub const ALL: [Self; 6] = [
        Self::P,
        Self::C,
        Self::X,
        Self::Daisy,
        Self::Eltrade,
        Self::Incotex,
    ];

    /// The dialect of a driver, if it speaks one.
    #[must_use]
    pub const fn of(driver: Driver) -> Option<Self> {
        match driver {
            Driver::DatecsP => Some(Self::P),
            Driver::DatecsC => Some(Self::C),
            Driver::DatecsX => Some(Self::X),
            Driver::Daisy => Some(Self::Daisy),
            Driver::Eltrade => Some(Self::Eltrade),
            Driver::Incotex => Some(Self::Incotex),
            Driver::Icp | Driver::Zfp | Driver::ZfpV2 | Driver::EscPos => None,
        }
    }

    /// How its frames look.
    #[must_use]
    pub fn form(self) -> Form {
        self.dialect().form()
    }

    /// Whether a command of ours says nothing that only an operator and the device should know.
    /// What opens a receipt carries a password, except where there are none. What a driver does not
    /// send by itself may carry anything: an operator chose it.
    fn is_open(self, command: u8) -> bool {
        match command {
            0x31
            | 0x33
            | 0x35..=0x38
            | 0x3C..=0x3E
            | 0x45
            | 0x46
            | 0x4A
            | 0x4C
            | 0x5A
            | 0x63
            | 0x64
            | 0x6A
            | 0x6D
            | 0x71
            | 0x80
            | 0x82
            | 0x8A => true,
            0x30 => self == Self::Incotex,
            0x90 => self == Self::Eltrade,
            _ => false,
        }
    }

    /// Blanks what was sent where an operator's password stands, or may stand.
    pub(crate) fn blank(self, bytes: &mut [u8], blank: u8) {
        frame::hide(self.form(), bytes, blank, |command| self.is_open(command));
    }

    fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::P => &p::P,
            Self::C => &c::C,
            Self::X => &x::X,
            Self::Daisy => &daisy::Daisy,
            Self::Eltrade => &eltrade::Eltrade,
            Self::Incotex => &incotex::Incotex,
        }
    }
}

/// A conversation about an operation. Commands are numbered from where `seed` says; best another
/// place each time.
#[must_use]
pub fn dialogue(
    operation: Operation,
    dialect: Isl,
    settings: Settings,
    seed: u8,
) -> Box<dyn Dialogue> {
    let line = IslLine::new(dialect.form(), seed);
    let script = move |talk: &mut Talk<'_, Reply>| {
        let dialect = dialect.dialect();
        let ended = match Speaker::begin(talk, dialect, &settings) {
            Ok(speaker) => run(speaker, &operation),
            Err(halt) => Err(operation.not_begun(halt)),
        };
        reason::explain(talk, dialect, ended)
    };
    Box::new(Conversation::new(line, script))
}

fn run(mut speaker: Speaker<'_, '_>, operation: &Operation) -> Asked<Outcome> {
    let dialect = speaker.dialect;
    match operation {
        Operation::Identify => {
            let device = dialect.identity(&mut speaker)?;
            Ok(speaker.outcome(Answer::Device(Box::new(device))))
        }
        Operation::Status => desk::status(speaker),
        Operation::Cash => desk::cash(speaker),
        Operation::Receipt(receipt) => {
            let job = Job {
                receipt,
                reversal: None,
            };
            receipt::print(speaker, job)
        }
        Operation::Reversal(reversal) => {
            let job = Job {
                receipt: &reversal.receipt,
                reversal: Some(reversal),
            };
            receipt::print(speaker, job)
        }
        Operation::Deposit(transfer) => desk::transfer(speaker, transfer.amount),
        Operation::Withdraw(transfer) => {
            let taken = Money::new(-transfer.amount.units()).unwrap_or_default();
            desk::transfer(speaker, taken)
        }
        Operation::SetTime(time) => desk::set_time(speaker, *time),
        Operation::Drawer => desk::open_drawer(speaker),
        Operation::ZReport => desk::report(speaker, dialect.daily_report(), terminal::DAILY),
        Operation::XReport => desk::report(speaker, dialect.interim_report(), terminal::INTERIM),
        Operation::Duplicate => desk::duplicate(speaker),
        Operation::Reset => desk::reset(speaker),
        Operation::Raw(request) => desk::raw(speaker, request),
        Operation::LastDocument => settle::last_document(speaker),
        Operation::Settle(pending) => settle::settle(speaker, pending),
    }
}
