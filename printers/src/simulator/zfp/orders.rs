//! The orders of a Tremol device: their texts, read strictly.

use super::super::till::{Refusal, decimal};
use super::{Done, ZfpDevice};
use crate::receipt::{Modifier, line_amount};
use crate::text::CodePage;

impl ZfpDevice {
    pub(super) fn order(&mut self, command: u8, text: &str) -> Done {
        match command {
            0x2A if text.is_empty() => self.till.drawer_opened += 1,
            0x30 => self.open(text)?,
            0x33 => return self.subtotal(text).map(Some),
            0x35 => self.pay(text)?,
            0x36 => {
                self.till.pay(true, None)?;
                self.till.close()?;
            }
            0x37 => self.till.comment(text)?,
            0x38 => self.till.close()?,
            0x39 if self.till.is_paying() => {
                if self.till.due() > 0 {
                    self.till.pay(true, None)?;
                }
                self.till.close()?;
            }
            0x39 => self.till.void()?,
            0x3A => self.till.duplicate()?,
            0x3B => self.transfer(text)?,
            0x48 => self.set_time(text)?,
            0x7C if text == "Z" || text == "X" => self.till.report(text == "Z")?,
            0x2A | 0x7C => return Err(Refusal::Syntax),
            _ => return Err(Refusal::Unknown),
        }
        Ok(None)
    }

    fn operator<'a>(&self, text: &'a str) -> Result<&'a str, Refusal> {
        let (operator, rest) = text.split_once(';').ok_or(Refusal::Syntax)?;
        let (password, rest) = rest.split_once(';').ok_or(Refusal::Syntax)?;
        let known = operator
            .parse()
            .is_ok_and(|number: u8| (1..=20).contains(&number));
        if known && password == self.till.password {
            Ok(rest)
        } else {
            Err(Refusal::Password)
        }
    }

    fn open(&mut self, text: &str) -> Result<(), Refusal> {
        let rest = self.operator(text)?;
        let fields: Vec<&str> = rest.split(';').collect();
        match fields[..] {
            ["0" | "1", "0" | "1", kind] => {
                let (kind, sale) = kind.split_once('$').unwrap_or((kind, ""));
                if !matches!(kind, "0" | "2" | "4" | "8") || sale.len() > 24 {
                    return Err(Refusal::Syntax);
                }
                self.till.open(false, sale)
            }
            [
                "0" | "1",
                "0" | "1",
                "@" | "B" | "D",
                "0" | "1" | "2",
                number,
                time,
                memory,
                sale,
            ] if (1..=6).contains(&number.len()) && time.len() == 17 && memory.len() == 8 => {
                self.till.open(true, sale)
            }
            _ => Err(Refusal::Syntax),
        }
    }

    pub(super) fn sell(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let (name, rest) = data.split_at_checked(36).ok_or(Refusal::Syntax)?;
        let [b';', group, b';', rest @ ..] = rest else {
            return Err(Refusal::Syntax);
        };
        let group = match group {
            0xC0..=0xC7 => group - 0xBF,
            0x81..=0x93 => 2, // A department; all of them sell in group 2 here.
            _ => return Err(Refusal::Group),
        };
        let name = CodePage::Cp1251.decode(name);
        let amount = amount(&CodePage::Cp1251.decode(rest)).ok_or(Refusal::Syntax)?;
        self.till.sell(name.trim_end(), group, amount)
    }

    fn subtotal(&mut self, text: &str) -> Result<Vec<u8>, Refusal> {
        let (options, change) = text.split_once(':').unwrap_or((text, ""));
        if !matches!(options, "0;0" | "1;0" | "0;1" | "1;1") {
            return Err(Refusal::Syntax);
        }
        if !change.is_empty() {
            self.till.modify(fixed(change, 2).ok_or(Refusal::Syntax)?)?;
        }
        Ok(decimal(self.till.total()).into_bytes())
    }

    fn pay(&mut self, text: &str) -> Result<(), Refusal> {
        let fields: Vec<&str> = text.split(';').collect();
        let [kind, "0" | "1", amount] = fields[..] else {
            return Err(Refusal::Syntax);
        };
        let kind: u8 = kind.parse().map_err(|_| Refusal::Syntax)?;
        let most = if self.second { 4 } else { 11 };
        if kind > most {
            return Err(Refusal::Payment);
        }
        let amount = match amount.trim_end_matches('*') {
            "\"" => None,
            amount => Some(fixed(amount, 2).ok_or(Refusal::Syntax)?),
        };
        self.till.pay(kind == 0, amount)
    }

    fn transfer(&mut self, text: &str) -> Result<(), Refusal> {
        let rest = self.operator(text)?;
        let amount = rest.strip_prefix("0;").and_then(|amount| fixed(amount, 2));
        self.till.transfer(amount.ok_or(Refusal::Syntax)?)
    }

    fn set_time(&mut self, text: &str) -> Result<(), Refusal> {
        let time = jiff::civil::DateTime::strptime("%d-%m-%y %H:%M:%S", text);
        self.till.clock = time.map_err(|_| Refusal::Syntax)?;
        Ok(())
    }
}

/// `price*quantity`, then a percentage or an amount.
fn amount(text: &str) -> Option<i64> {
    let (text, modifier) = if let Some((text, percent)) = text.split_once(',') {
        (text, Some(Modifier::Percent(fixed(percent, 2)?)))
    } else if let Some((text, amount)) = text.split_once(':') {
        (text, Some(Modifier::Amount(fixed(amount, 2)?)))
    } else {
        (text, None)
    };
    let (price, quantity) = text.split_once('*').unwrap_or((text, "1"));
    Some(line_amount(fixed(price, 2)?, fixed(quantity, 3)?, modifier))
}

/// A number with at most so many decimals, in units of the last.
fn fixed(text: &str, decimals: usize) -> Option<i64> {
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || part.len() > decimals {
        return None;
    }
    let digits = format!("{whole}{part:0<decimals$}");
    let number: u32 = u32::try_from(digits.parse::<u64>().ok()?).ok()?;
    Some(sign * i64::from(number))
}
