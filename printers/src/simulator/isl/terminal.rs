//! The card terminal that hangs on a Datecs X.

use super::wide::fine;
use super::{Done, IslDevice};
use crate::simulator::till::{Refusal, decimal};

/// What becomes of a card that somebody holds to the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is charged, and the device hears of it.
    Approves,
    /// It is not charged.
    Declines,
    /// Nobody holds one to it.
    TimesOut,
    /// It is charged, and the device does not hear of it.
    Unknown,
    /// It is charged, then the power fails: nobody answers, and nobody remembers.
    PowerCut,
}

/// The terminal.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// What it does with the next card.
    pub verdict: Verdict,
    /// What was charged, in cents.
    pub charged: Vec<i64>,
    /// What was charged without the device hearing of it, in cents.
    pub unheard: Option<i64>,
    /// Whether such a charge can be taken over.
    pub gives: bool,
    /// Whether the device counts a charge that it took over as paid.
    pub counts: bool,
    /// How many SYNs pass until the card is there.
    pub busy: usize,
    /// How many slips it printed.
    pub slips: u32,
    /// How many reports it printed after a daily report, and after the other one.
    pub reports: (u32, u32),
}

impl Terminal {
    /// One with a customer who takes longer than a device may be busy otherwise.
    #[must_use]
    pub fn new(verdict: Verdict) -> Self {
        Self {
            verdict,
            charged: Vec::new(),
            unheard: None,
            gives: true,
            counts: true,
            busy: 300,
            slips: 0,
            reports: (0, 0),
        }
    }
}

fn refused(code: i32) -> Vec<u8> {
    format!("{code}\t").into_bytes()
}

fn unheard(amount: i64) -> Vec<u8> {
    format!("-111560\t{}\t1234\t", decimal(amount)).into_bytes()
}

impl IslDevice {
    /// How many SYNs come before the answer to this command.
    pub(super) fn waits(&self, command: u8, data: &[u8]) -> usize {
        let asks_for_card = command == 0x35 && data.starts_with(b"2\t");
        let terminal = self.terminal.as_ref().filter(|_| asks_for_card);
        terminal.map_or(0, |terminal| terminal.busy)
    }

    /// Whether the power fails at this command, when its work is done.
    pub(super) fn fails(&self, command: u8, data: &[u8]) -> bool {
        let verdict = self.terminal.as_ref().map(|terminal| terminal.verdict);
        verdict == Some(Verdict::PowerCut) && self.waits(command, data) > 0
    }

    pub(super) fn pay_by_card(&mut self, amount: i64) -> Done {
        let terminal = self.terminal.as_mut().ok_or(Refusal::Payment)?;
        if !self.till.is_open() || self.till.lines() == 0 {
            return Err(Refusal::Mode);
        }
        if amount <= 0 || amount > self.till.due() {
            return Err(Refusal::Payment);
        }
        if let Some(before) = terminal.unheard {
            return Ok(unheard(before));
        }
        match terminal.verdict {
            Verdict::PowerCut => {
                terminal.charged.push(amount);
                // Nobody hears this either.
                return Err(Refusal::Payment);
            }
            Verdict::Declines => return Ok(refused(-111_513)),
            Verdict::TimesOut => return Ok(refused(-111_509)),
            Verdict::Approves | Verdict::Unknown => terminal.charged.push(amount),
        }
        if terminal.verdict == Verdict::Unknown {
            terminal.unheard = Some(amount);
            return Ok(unheard(amount));
        }
        self.till.pay(false, Some(amount))?;
        Ok(fine(&["D".to_owned(), decimal(self.till.due())]))
    }

    pub(super) fn ask_terminal(&mut self, fields: &[&str]) -> Done {
        let terminal = self.terminal.as_mut().ok_or(Refusal::Unknown)?;
        match fields {
            ["13", "1"] => {
                let Some(amount) = terminal.unheard.filter(|_| terminal.gives) else {
                    return Ok(refused(-111_558));
                };
                terminal.unheard = None;
                if terminal.counts {
                    self.till.pay(false, Some(amount))?;
                }
            }
            ["15"] if terminal.charged.is_empty() => return Ok(refused(-111_561)),
            ["15"] => terminal.slips += 1,
            ["5"] => terminal.reports.0 += 1,
            ["6"] => terminal.reports.1 += 1,
            _ => return Err(Refusal::Syntax),
        }
        Ok(fine(&[]))
    }
}
