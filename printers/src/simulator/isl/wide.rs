//! What a Datecs X does with a command: every field ends with a tab, every answer begins with an
//! error code.

use super::{Done, IslDevice, parse};
use crate::receipt::{Modifier, line_amount};
use crate::simulator::till::{Refusal, decimal};

/// The code of a refusal.
pub(super) const fn error_code(refusal: Refusal) -> i32 {
    match refusal {
        Refusal::Mode => -111_016,
        Refusal::Syntax => -112_001,
        Refusal::Cash => -111_017,
        Refusal::Payment => -111_054,
        Refusal::Overflow => -112_003,
        Refusal::Group => -111_005,
        Refusal::Paper => -112_006,
        Refusal::Password => -102_002,
        Refusal::Unknown => -112_000,
    }
}

/// A success with fields.
pub(super) fn fine(fields: &[String]) -> Vec<u8> {
    let fields: String = fields.iter().map(|field| format!("{field}\t")).collect();
    format!("0\t{fields}").into_bytes()
}

impl IslDevice {
    pub(super) fn wide(&mut self, command: u8, data: &[u8]) -> Done {
        let text = parse::text(data);
        // The one request that has no tab, and an answer without a code.
        if (command, text.as_str()) == (0x5A, "1") {
            let (serial, memory) = (&self.till.serial, &self.till.fiscal_memory);
            let model = &self.model;
            let told = format!("{model},266207 29Jan19 1634,1A2B,00000000,{serial},{memory}");
            return Ok(told.into_bytes());
        }
        if !text.is_empty() && !text.ends_with('\t') {
            return Err(Refusal::Syntax);
        }
        let all: Vec<&str> = text
            .strip_suffix('\t')
            .unwrap_or_default()
            .split('\t')
            .collect();
        match (command, &all[..]) {
            (0x4A, [""]) => return Ok(Vec::new()),
            (0x63, [""]) => return Ok(fine(std::slice::from_ref(&self.till.tax_number))),
            (0x3E, [""]) => {
                let time = self.till.clock.strftime("%d-%m-%y %H:%M:%S DST");
                return Ok(fine(&[time.to_string()]));
            }
            (0x3D, [time]) => {
                let time = crate::isl::read_time(time).ok_or(Refusal::Syntax)?;
                self.till.clock = time;
                return Ok(fine(&[]));
            }
            (0x4C, [""]) => return Ok(self.tell_state()),
            (0x46, ["0", "0"]) => return Ok(self.drawer()),
            // Its one field is empty, but it is there.
            (0x6A, [""]) if !text.is_empty() => {
                self.till.drawer_opened += 1;
                return Ok(fine(&[]));
            }
            (0x64, [code]) => {
                return Ok(fine(&[(*code).to_owned(), "Text of the error".to_owned()]));
            }
            _ => {}
        }
        self.able()?;
        self.wide_order(command, &all)
    }

    fn wide_order(&mut self, command: u8, fields: &[&str]) -> Done {
        match (command, fields) {
            (0x30, [id, word, "1", ""]) => self.open_wide(id, word, "", false),
            (0x30, [id, word, sale, "1", ""]) => self.open_wide(id, word, sale, false),
            (
                0x2B,
                [
                    id,
                    word,
                    "1",
                    "0" | "1" | "2",
                    number,
                    time,
                    memory,
                    "",
                    "",
                    "",
                    sale,
                ],
            ) => {
                parse::digits(number, 1..=7)?;
                parse::time(time, "00-00-00 00:00:00")?;
                parse::digits(memory, 8..=8)?;
                self.open_wide(id, word, sale, true)
            }
            (0x31, [name, group, price, quantity, kind, value, department]) => {
                parse::digits(department, 1..=2)?;
                let quantity = parse::number(quantity, 3)?;
                let modifier = modifier(kind, value)?;
                self.sell_wide(
                    name,
                    group,
                    line_amount(parse::amount(price)?, quantity, modifier),
                )
            }
            (0x33, ["1", "0", kind @ ("3" | "4"), value]) => self.subtotal_wide(kind, value),
            (0x36, [text]) => {
                self.till.comment(text)?;
                Ok(fine(&[]))
            }
            (0x35, ["2", amount, "1"]) => self.pay_by_card(parse::amount(amount)?),
            (0x37, fields) => self.ask_terminal(fields),
            (0x35, [code, amount, kind]) => self.pay_wide(code, amount, kind),
            (0x38, [""]) => {
                self.till.close()?;
                Ok(fine(&[self.till.number.to_string()]))
            }
            (0x3C, [""]) => {
                self.till.void()?;
                Ok(fine(&[]))
            }
            (0x46, [way @ ("0" | "1"), amount]) => {
                let amount = parse::amount(amount)?;
                self.till
                    .transfer(if *way == "0" { amount } else { -amount })?;
                Ok(self.drawer())
            }
            (0x45, [kind @ ("Z" | "X")]) => {
                self.till.report(*kind == "Z")?;
                Ok(fine(&[self.till.days.to_string()]))
            }
            (0x6D, [""]) => {
                self.till.duplicate()?;
                Ok(fine(&[]))
            }
            (
                0x30 | 0x2B | 0x31 | 0x33 | 0x35 | 0x36 | 0x38 | 0x3C | 0x45 | 0x46 | 0x6A | 0x6D,
                _,
            ) => Err(Refusal::Syntax),
            _ => Err(Refusal::Unknown),
        }
    }

    /// The number that the open receipt will have.
    fn slip(&self) -> String {
        (self.till.number + u32::from(self.till.is_open())).to_string()
    }

    fn drawer(&self) -> Vec<u8> {
        fine(&[decimal(self.till.cash), decimal(0), decimal(0)])
    }

    fn tell_state(&self) -> Vec<u8> {
        let (open, lines, amount, paid) = self.state();
        let flag = u8::from(open) + u8::from(self.till.is_reversing());
        let mut fields = vec![
            flag.to_string(),
            self.slip(),
            lines.to_string(),
            decimal(amount),
        ];
        fields.extend(self.tells_paid.then(|| decimal(paid)));
        fine(&fields)
    }

    fn open_wide(&mut self, id: &str, word: &str, sale: &str, reversal: bool) -> Done {
        self.clerk(id, word)?;
        self.till.open(reversal, parse::sale_number(sale)?)?;
        Ok(fine(&[self.slip()]))
    }

    fn subtotal_wide(&mut self, kind: &str, value: &str) -> Done {
        let Some(Modifier::Amount(amount)) = modifier(kind, value)? else {
            return Err(Refusal::Syntax);
        };
        self.till.modify(amount)?;
        Ok(fine(&[self.slip(), decimal(self.till.total())]))
    }

    fn sell_wide(&mut self, name: &str, group: &str, amount: i64) -> Done {
        let group = group.parse().map_err(|_| Refusal::Syntax)?;
        if name.is_empty() || name.chars().count() > 72 {
            return Err(Refusal::Syntax);
        }
        self.till.sell(name, group, amount)?;
        Ok(fine(&[self.slip()]))
    }

    fn pay_wide(&mut self, code: &str, amount: &str, kind: &str) -> Done {
        let (cash, amount) = match (code, amount, kind) {
            ("", "", "") => (true, None),
            ("0" | "1" | "3" | "4" | "5", amount, "1") => {
                (code == "0", Some(parse::amount(amount)?))
            }
            _ => return Err(Refusal::Syntax),
        };
        let due = self.till.due();
        self.till.pay(cash, amount)?;
        let open = due - amount.unwrap_or(due);
        let letter = if open < 0 { "R" } else { "D" };
        Ok(fine(&[letter.to_owned(), decimal(open.abs())]))
    }
}

fn modifier(kind: &str, value: &str) -> Result<Option<Modifier>, Refusal> {
    if matches!(kind, "" | "0") {
        return if value.is_empty() {
            Ok(None)
        } else {
            Err(Refusal::Syntax)
        };
    }
    let value = parse::amount(value)?;
    if value <= 0 {
        return Err(Refusal::Syntax);
    }
    Ok(Some(match kind {
        "1" => Modifier::Percent(value),
        "2" => Modifier::Percent(-value),
        "3" => Modifier::Amount(value),
        "4" => Modifier::Amount(-value),
        _ => return Err(Refusal::Syntax),
    }))
}
