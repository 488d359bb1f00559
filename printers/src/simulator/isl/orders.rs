//! What devices with one-byte lengths do with a command.

use super::{Done, IslDevice, parse};
use crate::isl::Isl;
use crate::simulator::till::Refusal;

impl IslDevice {
    pub(super) fn order(&mut self, command: u8, data: &[u8]) -> Done {
        let text = parse::text(data);
        let cancel = if matches!(self.dialect, Isl::Daisy | Isl::Incotex) {
            0x82
        } else {
            0x3C
        };
        match command {
            0x4A | 0x5A | 0x63 | 0x3E | 0x4C | 0x71 | 0x80 => return self.tell(command, &text),
            0x46 if text == "0" => return Ok(format!("P,{},0,0", self.till.cash).into_bytes()),
            0x3D => {
                let time = crate::isl::read_time(&text).ok_or(Refusal::Syntax)?;
                self.till.clock = time;
                return Ok(Vec::new());
            }
            0x6A if text.is_empty() => {
                self.till.drawer_opened += 1;
                return Ok(Vec::new());
            }
            _ => {}
        }
        self.able()?;
        match command {
            0x30 | 0x2E | 0x90 => self.open(command, &text),
            0x31 => self.sell(data).map(|()| Vec::new()),
            0x8A if self.dialect == Isl::Daisy => self.sell_department(&text),
            0x33 => self.subtotal(&text),
            0x36 => {
                self.till.comment(&text)?;
                Ok(Vec::new())
            }
            0x35 => self.pay(&text),
            0x38 => {
                self.till.close()?;
                Ok(b"0013,0009".to_vec())
            }
            _ if command == cancel => {
                self.till.void()?;
                Ok(Vec::new())
            }
            0x46 => {
                self.till.transfer(parse::amount(&text)?)?;
                Ok(format!("P,{},0,0", self.till.cash).into_bytes())
            }
            0x45 if matches!(text.as_str(), "" | "0" | "2") => {
                self.till.report(text != "2")?;
                Ok(format!("{:04},0,0,0,0,0,0,0,0,0", self.till.days).into_bytes())
            }
            0x6D if text == "1" => {
                self.till.duplicate()?;
                Ok(Vec::new())
            }
            0x45 | 0x6A | 0x6D => Err(Refusal::Syntax),
            _ => Err(Refusal::Unknown),
        }
    }

    fn tell(&self, command: u8, text: &str) -> Done {
        let till = &self.till;
        let told = match (command, text) {
            (0x4A, _) => return Ok(Vec::new()),
            (0x5A, "1") => self.information(),
            (0x63, "") if self.dialect == Isl::Incotex => format!("1,{}", till.tax_number),
            (0x63, "") if self.dialect == Isl::Daisy => format!(" {} ", till.tax_number),
            (0x63, "") => format!("{},EIK", till.tax_number),
            (0x3E, "") => till.clock.strftime("%d-%m-%y %H:%M:%S").to_string(),
            (0x4C, "T") => {
                let (open, lines, amount, paid) = self.state();
                let paid = if self.tells_paid {
                    format!(",+{paid:08}")
                } else {
                    String::new()
                };
                format!("{},{lines:04},+{amount:08}{paid}", u8::from(open))
            }
            (0x71, "") => format!("{:07}", till.number),
            (0x80, "") if matches!(self.dialect, Isl::Daisy | Isl::Incotex) => {
                "384,96,6,8,1,1,A,9,30,28,20,8,8,0,15,50,10000,1,1,10,20,12,0,0,0,0".to_owned()
            }
            (0x80, _) => return Err(Refusal::Unknown),
            _ => return Err(Refusal::Syntax),
        };
        Ok(told.into_bytes())
    }

    fn information(&self) -> String {
        let (model, serial) = (&self.model, &self.till.serial);
        let memory = &self.till.fiscal_memory;
        match self.dialect {
            Isl::Daisy => format!("{model} ONL-4.01BG 261018 1430,F7DB,0000,6,{serial},{memory}"),
            Isl::Eltrade => {
                format!("{model},KL5101.1811.0.3 15Nov18 15:49,8C2A,0000,{serial},{memory}")
            }
            Isl::Incotex => {
                format!("2.11 Jan 22 2019 14:00,DB44EEAD,0000,06,{serial},{memory},284013911622147")
            }
            Isl::P | Isl::C | Isl::X => {
                format!("{model},1.00BG 23NOV18 1000,0CB8,00000000,{serial},{memory}")
            }
        }
    }

    fn open(&mut self, command: u8, text: &str) -> Done {
        let fields: Vec<&str> = text.split([',', '\t']).collect();
        let (reversal, sale) = match (self.dialect, command, &fields[..]) {
            (Isl::P, 0x30, [id, word, "1", sale]) | (Isl::C, 0x30, [id, word, sale, "1"]) => {
                self.clerk(id, word)?;
                (false, *sale)
            }
            (Isl::C, 0x30, [id, word, "1"]) => {
                self.clerk(id, word)?;
                (false, "")
            }
            (Isl::P, 0x2E, [id, word, "1", original, sale, time, memory]) => {
                self.clerk(id, word)?;
                let number = original
                    .strip_prefix(['E', 'R', 'T'])
                    .ok_or(Refusal::Syntax)?;
                parse::digits(number, 1..=7)?;
                parse::time(time, "000000000000")?;
                parse::digits(memory, 8..=8)?;
                (true, *sale)
            }
            (Isl::C, 0x2E, [id, word, sale, "1", "0" | "1" | "2", number, time, memory]) => {
                self.clerk(id, word)?;
                parse::digits(number, 1..=7)?;
                parse::time(time, "000000000000")?;
                parse::digits(memory, 8..=8)?;
                (true, *sale)
            }
            (Isl::Daisy, 0x30, [id, word, sale]) => {
                self.clerk(id, word)?;
                (
                    false,
                    if sale.is_empty() {
                        return Err(Refusal::Syntax);
                    } else {
                        *sale
                    },
                )
            }
            (Isl::Daisy, 0x30, [id, word, sale, "R0" | "R1" | "R2", number, time, memory]) => {
                self.clerk(id, word)?;
                original(number, time, "00-00-00 00:00:00", memory)?;
                (true, *sale)
            }
            (Isl::Eltrade, 0x90, [_name]) => (false, ""),
            (Isl::Eltrade, 0x90, [_name, sale]) => (false, *sale),
            (Isl::Eltrade, 0x90, [_name, sale, "S", memory, "O" | "R" | "T", number, time]) => {
                original(number, time, "0000-00-00T00:00:00", memory)?;
                (true, *sale)
            }
            (Isl::Incotex, 0x30, [_id, sale, "0"]) => (false, *sale),
            (Isl::Incotex, 0x30, [_id, sale, number, "RR0" | "SS0" | "VV0", time, memory]) => {
                original(number, time, "00-00-00 00:00:00", memory)?;
                (true, *sale)
            }
            _ => return Err(Refusal::Syntax),
        };
        self.till.open(reversal, parse::sale_number(sale)?)?;
        Ok(b"0012,0008".to_vec())
    }

    /// The letter of the group is a raw byte, C0 to C7; Datecs P takes Latin letters too.
    fn sell(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let parts: Vec<&[u8]> = data.split(|byte| *byte == b'\t').collect();
        let (name, group, price) = match parts[..] {
            [name, rest] => {
                let (letter, price) = rest.split_first().ok_or(Refusal::Syntax)?;
                let group = match letter {
                    0xC0..=0xC7 => letter - 0xBF,
                    b'A'..=b'H' if self.dialect == Isl::P => letter - 0x40,
                    _ => return Err(Refusal::Syntax),
                };
                (name, group, price)
            }
            [name, department, price] => {
                parse::digits(&parse::text(department), 1..=3)?;
                (name, 1, price)
            }
            _ => return Err(Refusal::Syntax),
        };
        let longest = match self.dialect {
            Isl::P => 42,
            Isl::C => 22,
            Isl::Eltrade => 30,
            Isl::Daisy | Isl::Incotex | Isl::X => 20,
        };
        if name.is_empty() || name.len() > longest {
            return Err(Refusal::Syntax);
        }
        let amount = parse::priced(&parse::text(price), self.dialect)?;
        self.till.sell(&parse::text(name), group, amount)
    }

    fn sell_department(&mut self, text: &str) -> Done {
        let (department, price) = text.split_once('@').ok_or(Refusal::Syntax)?;
        parse::digits(department, 1..=2)?;
        let amount = parse::priced(price, self.dialect)?;
        self.till
            .sell(&format!("department {department}"), 1, amount)?;
        Ok(Vec::new())
    }

    fn subtotal(&mut self, text: &str) -> Done {
        let separator = if self.dialect == Isl::Daisy {
            "10$"
        } else {
            "10;"
        };
        let amount = text.strip_prefix(separator).ok_or(Refusal::Syntax)?;
        self.till.modify(parse::amount(amount)?)?;
        Ok(format!("{},0,0,0,0,0,0,0,0", self.till.total()).into_bytes())
    }

    fn pay(&mut self, text: &str) -> Done {
        let payment = text.strip_prefix('\t').ok_or(Refusal::Syntax)?;
        let mut chars = payment.chars();
        let (cash, amount) = match chars.next() {
            None => (true, None),
            Some(code) if code.is_ascii_alphabetic() => {
                (code == 'P', Some(parse::amount(chars.as_str())?))
            }
            Some(_) => return Err(Refusal::Syntax),
        };
        let due = self.till.due();
        self.till.pay(cash, amount)?;
        let open = due - amount.unwrap_or(due);
        let letter = if open < 0 { 'R' } else { 'D' };
        Ok(format!("{letter}{}", open.abs()).into_bytes())
    }
}

fn original(number: &str, time: &str, pattern: &str, memory: &str) -> Result<(), Refusal> {
    parse::digits(number, 1..=7)?;
    parse::time(time, pattern)?;
    parse::digits(memory, 8..=8)
}
