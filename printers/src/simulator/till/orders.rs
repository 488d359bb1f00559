//! What a till can be told to do, and when it refuses.

use super::{Kind, Printed, Refusal, Slip, Till, decimal};

impl Till {
    /// Opens a receipt.
    ///
    /// # Errors
    /// When one is open, or there is no paper.
    pub fn open(&mut self, reversal: bool, sale: &str) -> Result<(), Refusal> {
        self.ready()?;
        self.slip = Some(Slip {
            reversal,
            sale: sale.to_owned(),
            ..Slip::default()
        });
        Ok(())
    }

    /// Sells for an amount in cents that is already multiplied and modified.
    ///
    /// # Errors
    /// When no receipt takes lines, the group is none, or the amount is below zero.
    pub fn sell(&mut self, name: &str, group: u8, amount: i64) -> Result<(), Refusal> {
        if !(1..=8).contains(&group) {
            return Err(Refusal::Group);
        }
        if amount < 0 {
            return Err(Refusal::Overflow);
        }
        let slip = self.writable()?;
        slip.total += amount;
        *slip.groups.entry(group).or_default() += amount;
        slip.lines.push(format!("{name} {}", decimal(amount)));
        Ok(())
    }

    /// Adds to (or takes off) the receipt so far, or its last line.
    ///
    /// # Errors
    /// When no receipt takes lines, or it would fall below zero.
    pub fn modify(&mut self, amount: i64) -> Result<(), Refusal> {
        let slip = self.writable()?;
        if slip.lines.is_empty() {
            return Err(Refusal::Mode);
        }
        if slip.total + amount < 0 {
            return Err(Refusal::Overflow);
        }
        slip.total += amount;
        // Real devices spread it over the groups in proportion.
        if let Some(sum) = slip.groups.values_mut().next() {
            *sum += amount;
        }
        slip.lines.push(decimal(amount));
        Ok(())
    }

    /// Prints a text on the open receipt, before or after the payments.
    ///
    /// # Errors
    /// When none is open.
    pub fn comment(&mut self, text: &str) -> Result<(), Refusal> {
        self.paper_in()?;
        let slip = self.slip.as_mut().ok_or(Refusal::Mode)?;
        slip.lines.push(text.to_owned());
        Ok(())
    }

    /// Pays in cash (with change) or otherwise; without an amount, what is due.
    ///
    /// # Errors
    /// When no receipt is open, too much is paid without cash, or cash to give back is short.
    pub fn pay(&mut self, cash: bool, amount: Option<i64>) -> Result<(), Refusal> {
        self.paper_in()?;
        let drawer = self.cash;
        let slip = self.slip.as_mut().ok_or(Refusal::Mode)?;
        let due = slip.total - slip.paid;
        let amount = amount.unwrap_or(due);
        if slip.lines.is_empty() || (slip.paying && due <= 0) {
            return Err(Refusal::Mode);
        }
        if amount < 0 || (!cash && amount > due) {
            return Err(Refusal::Payment);
        }
        if slip.reversal && cash && amount > drawer {
            return Err(Refusal::Cash);
        }
        slip.paying = true;
        slip.paid += amount.min(due);
        slip.in_cash += if cash { amount.min(due) } else { 0 };
        slip.lines.push(format!("paid {}", decimal(amount)));
        Ok(())
    }

    /// Closes the receipt: from here on it exists.
    ///
    /// # Errors
    /// When none is open, or it is not paid.
    pub fn close(&mut self) -> Result<(), Refusal> {
        self.paper_in()?;
        let slip = self
            .slip
            .take_if(|slip| slip.paying && slip.paid == slip.total);
        let slip = slip.ok_or(Refusal::Mode)?;
        self.cash += if slip.reversal {
            -slip.in_cash
        } else {
            slip.in_cash
        };
        let kind = if slip.reversal {
            Kind::Reversal
        } else {
            Kind::Receipt
        };
        self.print(kind, slip);
        Ok(())
    }

    /// Voids the open receipt.
    ///
    /// # Errors
    /// When none is open, or it is being paid.
    pub fn void(&mut self) -> Result<(), Refusal> {
        let slip = self
            .slip
            .take_if(|slip| !slip.paying)
            .ok_or(Refusal::Mode)?;
        self.print(Kind::Voided, slip);
        Ok(())
    }

    /// Loses the open receipt without a trace.
    pub fn lose(&mut self) {
        self.slip = None;
    }

    /// Puts money in, or (below zero) takes it out.
    ///
    /// # Errors
    /// When a receipt is open, there is no paper, or more is taken than there is.
    pub fn transfer(&mut self, amount: i64) -> Result<(), Refusal> {
        self.ready()?;
        if self.cash + amount < 0 {
            return Err(Refusal::Cash);
        }
        self.cash += amount;
        self.print_total(Kind::Transfer, amount);
        Ok(())
    }

    /// Prints a report; the daily one empties the drawer's count and begins a new day.
    ///
    /// # Errors
    /// When a receipt is open, or there is no paper.
    pub fn report(&mut self, daily: bool) -> Result<(), Refusal> {
        self.ready()?;
        let turnover = self.receipts().iter().map(|one| one.total).sum();
        if daily {
            self.days += 1;
            self.print_total(Kind::DailyReport, turnover);
        } else {
            self.print_total(Kind::InterimReport, turnover);
        }
        Ok(())
    }

    /// Prints the last receipt again.
    ///
    /// # Errors
    /// When a receipt is open, none was printed, or there is no paper.
    pub fn duplicate(&mut self) -> Result<(), Refusal> {
        self.ready()?;
        let last = self.receipts().last().map(|one| (*one).clone());
        let last = last.ok_or(Refusal::Mode)?;
        self.printed.push(Printed {
            kind: Kind::Duplicate,
            ..last
        });
        Ok(())
    }

    fn print(&mut self, kind: Kind, slip: Slip) {
        self.number += 1;
        self.printed.push(Printed {
            kind,
            number: self.number,
            total: slip.total,
            sale: slip.sale,
            lines: slip.lines,
        });
    }

    fn print_total(&mut self, kind: Kind, total: i64) {
        let slip = Slip {
            total,
            lines: vec![decimal(total)],
            ..Slip::default()
        };
        self.print(kind, slip);
    }

    fn paper_in(&self) -> Result<(), Refusal> {
        if self.paper {
            Ok(())
        } else {
            Err(Refusal::Paper)
        }
    }

    fn ready(&self) -> Result<(), Refusal> {
        self.paper_in()?;
        if self.is_open() {
            Err(Refusal::Mode)
        } else {
            Ok(())
        }
    }

    fn writable(&mut self) -> Result<&mut Slip, Refusal> {
        self.paper_in()?;
        let slip = self.slip.as_mut().filter(|slip| !slip.paying);
        slip.ok_or(Refusal::Mode)
    }
}
