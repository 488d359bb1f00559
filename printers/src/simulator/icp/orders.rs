//! The orders of a device of ISL Ltd.: their fixed widths, read strictly.

use super::super::till::Refusal;
use super::IcpDevice;
use crate::receipt::{Modifier, line_amount};
use jiff::civil::DateTime;

/// How many commands a receipt stays open that was paid and waits for text.
const WAITS_FOR_TEXT: usize = 6;
const MAX_LINES: usize = 50;

impl IcpDevice {
    pub(super) fn order(&mut self, text: &str) -> Result<(), Refusal> {
        let (command, rest) = text.split_at_checked(2).ok_or(Refusal::Unknown)?;
        match command {
            "20" => self.open_reversal(rest),
            "44" | "24" => self.sell(rest, command == "24"),
            "46" => {
                let amount = signed(rest, 8)?;
                self.modify(amount)
            }
            "47" => {
                let percent = signed(rest, 4)?;
                let line = self.last_line.ok_or(Refusal::Mode)?;
                self.modify(line_amount(line, 1000, Some(Modifier::Percent(percent))) - line)
            }
            "49" => self.pay_amount(rest),
            "61" => self.transfer(rest),
            "73" => {
                let time = DateTime::strptime("%d%m%Y%H%M%S", rest);
                self.till.clock = time.map_err(|_| Refusal::Syntax)?;
                Ok(())
            }
            "81" => self.till.comment(rest.get(21..).ok_or(Refusal::Syntax)?),
            _ => Err(Refusal::Unknown),
        }
    }

    fn open_reversal(&mut self, rest: &str) -> Result<(), Refusal> {
        // Reason, number, time, memory, sale.
        let sale = rest
            .get(33..)
            .filter(|sale| sale.len() == 21)
            .ok_or(Refusal::Syntax)?;
        number(rest.get(1..11))?;
        number(rest.get(11..25))?;
        self.till.open(true, sale)
    }

    fn sell(&mut self, rest: &str, reversal: bool) -> Result<(), Refusal> {
        let field = |from: usize, width: usize| number(rest.get(from..from + width));
        let sale = rest.get(..21).ok_or(Refusal::Syntax)?;
        let (quantity, article, price) = (field(21, 8)?, field(29, 8)?, field(37, 8)?);
        let group = field(46, 1)?;
        let zeros = field(47, 2)?;
        let name = rest.get(49..).ok_or(Refusal::Syntax)?;
        if article < 100 || zeros != 0 || name.chars().count() > 40 {
            return Err(Refusal::Syntax);
        }
        if !self.till.is_open() && !reversal {
            self.till.open(false, sale)?;
        }
        if self.till.is_reversing() != reversal {
            return Err(Refusal::Mode);
        }
        if self.till.lines() >= MAX_LINES {
            return Err(Refusal::Overflow);
        }
        let amount = line_amount(price, quantity, None);
        self.till
            .sell(name, u8::try_from(group).unwrap_or_default(), amount)?;
        self.last_line = Some(amount);
        Ok(())
    }

    /// Possible once, right after the line.
    fn modify(&mut self, amount: i64) -> Result<(), Refusal> {
        self.last_line.take().ok_or(Refusal::Mode)?;
        self.till.modify(amount)
    }

    fn pay_amount(&mut self, rest: &str) -> Result<(), Refusal> {
        let cash = rest.starts_with('0');
        let amount = number(rest.get(1..13))?;
        match rest.get(13..) {
            Some("") => self.pay(cash, Some(amount), false),
            Some("1") => self.pay(cash, Some(amount), true),
            _ => Err(Refusal::Syntax),
        }
    }

    pub(super) fn pay(
        &mut self,
        cash: bool,
        amount: Option<i64>,
        stays: bool,
    ) -> Result<(), Refusal> {
        if self.closing.is_some() {
            let closed = self.till.close();
            if closed != Err(Refusal::Paper) {
                self.closing = None;
            }
            return closed;
        }
        self.till.pay(cash, amount)?;
        if self.till.due() > 0 {
            return Ok(());
        }
        if stays {
            self.closing = Some(WAITS_FOR_TEXT);
            return Ok(());
        }
        self.till.close()
    }

    fn transfer(&mut self, rest: &str) -> Result<(), Refusal> {
        let width = 1 + self.payment_digits + 12;
        if rest.len() != width {
            return Err(Refusal::Syntax);
        }
        let amount = number(rest.get(1 + self.payment_digits..))?;
        let sign = if rest.starts_with('1') { -1 } else { 1 };
        self.till.transfer(sign * amount)
    }
}

fn number(digits: Option<&str>) -> Result<i64, Refusal> {
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or(Refusal::Syntax)
}

/// 0 takes off, 1 adds.
fn signed(text: &str, width: usize) -> Result<i64, Refusal> {
    let value = number(text.get(1..).filter(|digits| digits.len() == width))?;
    match text.get(..1) {
        Some("0") => Ok(-value),
        Some("1") => Ok(value),
        _ => Err(Refusal::Syntax),
    }
}
