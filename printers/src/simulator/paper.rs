//! One simulated device, whatever it speaks: what a person can do with it, what can go wrong, and
//! the documents that come out, as text.

use super::escpos::{self, EscPosDevice};
use super::icp::{self, IcpDevice};
use super::isl::{self, IslDevice};
use super::sheet::{Letterhead, Sheet};
use super::till::Till;
use super::wire::Device;
use super::zfp::{self, ZfpDevice};
use crate::escpos::document::Paper;
use crate::isl::Isl;
use crate::uri::Driver;
use crate::zfp::Generation;
use jiff::Span;
use jiff::civil::DateTime;

/// The device inside, for whoever needs its own switches.
#[derive(Clone, Debug)]
pub enum Machine {
    /// Datecs, Daisy, Eltrade, Incotex.
    Isl(Box<IslDevice>),
    /// Tremol.
    Zfp(Box<ZfpDevice>),
    /// ISL Ltd.
    Icp(Box<IcpDevice>),
    /// A plain receipt printer.
    EscPos(Box<EscPosDevice>),
}

/// What can go wrong with a command, whatever the device speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// It never arrives.
    Deaf,
    /// It is carried out, and the answer is lost.
    LoseAnswer,
    /// It is carried out, and the answer has a wrong byte.
    DamageAnswer,
    /// It counts as damaged on the way, and is not carried out.
    Nak,
    /// The device says that it is busy first.
    Busy,
    /// The answer to the command before comes first.
    LateAnswer,
    /// It is carried out, then the power fails: no answer. See [`Simulated::switch_on`].
    PowerCut,
    /// The paper ends just before it.
    PaperOut,
}

impl Mishap {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Deaf,
        Self::LoseAnswer,
        Self::DamageAnswer,
        Self::Nak,
        Self::Busy,
        Self::LateAnswer,
        Self::PowerCut,
        Self::PaperOut,
    ];

    /// What it is called on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deaf => "deaf",
            Self::LoseAnswer => "lose-answer",
            Self::DamageAnswer => "damage-answer",
            Self::Nak => "nak",
            Self::Busy => "busy",
            Self::LateAnswer => "late-answer",
            Self::PowerCut => "power-cut",
            Self::PaperOut => "paper-out",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mishap| mishap.name() == name)
    }
}

/// The device.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The device inside. Documents that come out of it by hand are noticed at the next byte.
    pub machine: Machine,
    /// The clock of a device that has none.
    clock: DateTime,
    sheets: Vec<Sheet>,
}

impl Simulated {
    /// A healthy device that this driver speaks to, with paper and an empty drawer.
    #[must_use]
    pub fn new(driver: Driver) -> Self {
        let machine = if let Some(dialect) = Isl::of(driver) {
            Machine::Isl(Box::new(IslDevice::new(dialect)))
        } else if let Some(generation) = Generation::of(driver) {
            let mut device = ZfpDevice::new(Till::new("ZK126720", "50163145"));
            if generation == Generation::Second {
                device.second = true;
                "FP15 KL V2".clone_into(&mut device.model);
            }
            Machine::Zfp(Box::new(device))
        } else if driver == Driver::Icp {
            let till = Till::new("IS001028", "12001028");
            Machine::Icp(Box::new(IcpDevice::new(till)))
        } else {
            Machine::EscPos(Box::new(EscPosDevice::new(Paper::default())))
        };
        Self {
            machine,
            clock: DateTime::default(),
            sheets: Vec::new(),
        }
    }

    /// What it keeps, if it keeps anything.
    #[must_use]
    pub fn till(&self) -> Option<&Till> {
        match &self.machine {
            Machine::Isl(device) => Some(&device.till),
            Machine::Zfp(device) => Some(&device.till),
            Machine::Icp(device) => Some(&device.till),
            Machine::EscPos(_) => None,
        }
    }

    /// What it keeps, to be changed.
    pub fn till_mut(&mut self) -> Option<&mut Till> {
        match &mut self.machine {
            Machine::Isl(device) => Some(&mut device.till),
            Machine::Zfp(device) => Some(&mut device.till),
            Machine::Icp(device) => Some(&mut device.till),
            Machine::EscPos(_) => None,
        }
    }

    /// Its model.
    #[must_use]
    pub fn model(&self) -> &str {
        match &self.machine {
            Machine::Isl(device) => &device.model,
            Machine::Zfp(device) => &device.model,
            Machine::Icp(_) => "ISL5011S-KL",
            Machine::EscPos(_) => "ESC/POS",
        }
    }

    /// The number on its plate; empty where there is none.
    #[must_use]
    pub fn serial(&self) -> &str {
        self.till().map_or("", |till| &till.serial)
    }

    /// Gives it another number on its plate, and a fiscal memory with the same digits. False when
    /// the device has no plate, or the text is not two capital letters and six digits.
    pub fn set_serial(&mut self, serial: &str) -> bool {
        let (letters, digits) = serial.split_at_checked(2).unwrap_or_default();
        let sound = letters.bytes().all(|byte| byte.is_ascii_uppercase())
            && digits.len() == 6
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        let Some(till) = self.till_mut().filter(|_| sound) else {
            return false;
        };
        serial.clone_into(&mut till.serial);
        till.fiscal_memory.truncate(2);
        till.fiscal_memory.push_str(digits);
        true
    }

    /// The documents that came out, in order.
    #[must_use]
    pub fn documents(&self) -> &[Sheet] {
        &self.sheets
    }

    /// What its clock shows.
    #[must_use]
    pub fn clock(&self) -> DateTime {
        self.till().map_or(self.clock, |till| till.clock)
    }

    /// Sets its clock, which knows whole seconds.
    pub fn set_clock(&mut self, time: DateTime) {
        let time = time.with().subsec_nanosecond(0).build().unwrap_or(time);
        match self.till_mut() {
            Some(till) => till.clock = time,
            None => self.clock = time,
        }
    }

    /// Lets so many seconds pass on its clock. Without that it stands still.
    pub fn pass_seconds(&mut self, seconds: i64) {
        let later = Span::new().try_seconds(seconds);
        let later = later.and_then(|span| self.clock().checked_add(span));
        if let Ok(later) = later {
            self.set_clock(later);
        }
    }

    /// Puts paper in or takes it out. What waited for paper is printed.
    pub fn set_paper(&mut self, there: bool) {
        if let Some(till) = self.till_mut() {
            till.paper = there;
        } else if let Machine::EscPos(device) = &mut self.machine {
            device.paper_out = !there;
            device.print();
        }
        self.collect();
    }

    /// Opens or closes the cover. False when the device has none that its protocol tells of.
    pub fn set_cover_open(&mut self, open: bool) -> bool {
        match &mut self.machine {
            Machine::Isl(device) if matches!(device.dialect, Isl::Daisy | Isl::Incotex) => {
                return false;
            }
            Machine::Isl(device) => device.cover_open = open,
            Machine::EscPos(device) => {
                device.cover_open = open;
                device.print();
            }
            Machine::Zfp(_) | Machine::Icp(_) => return false,
        }
        self.collect();
        true
    }

    /// The power comes back after [`Mishap::PowerCut`], where the device waits for that.
    pub fn switch_on(&mut self) {
        match &mut self.machine {
            Machine::Zfp(device) => device.switch_on(),
            Machine::Icp(device) => device.switch_on(),
            Machine::Isl(_) | Machine::EscPos(_) => {}
        }
    }

    /// How many commands it has heard; of an ESC/POS printer, how many questions.
    #[must_use]
    pub fn heard(&self) -> usize {
        match &self.machine {
            Machine::Isl(device) => device.heard,
            Machine::Zfp(device) => device.heard,
            Machine::Icp(device) => device.heard,
            Machine::EscPos(device) => device.heard,
        }
    }

    /// How often its drawer was opened by a command.
    #[must_use]
    pub fn drawer_opened(&self) -> u32 {
        match &self.machine {
            Machine::EscPos(device) => device.drawer_opened,
            _ => self.till().map_or(0, |till| till.drawer_opened),
        }
    }

    /// Plans that something goes wrong with one command, by the count of [`Self::heard`] before it:
    /// the next command is `heard()`. False when that cannot happen to this device.
    pub fn plan(&mut self, at: usize, mishap: Mishap) -> bool {
        match &mut self.machine {
            Machine::Isl(device) => drop(device.faults.insert(at, isl_fault(mishap))),
            Machine::Zfp(device) => drop(device.faults.insert(at, zfp_fault(mishap))),
            Machine::Icp(device) => drop(device.faults.insert(at, icp_fault(mishap))),
            Machine::EscPos(device) => {
                let Some(fault) = escpos_fault(mishap) else {
                    return false;
                };
                device.faults.insert(at, fault);
            }
        }
        true
    }

    /// Notes what came out since the last time.
    fn collect(&mut self) {
        let known = self.sheets.len();
        let time = self.clock();
        let new: Vec<Sheet> = match (&self.machine, self.till()) {
            (Machine::EscPos(device), _) => {
                let new = device.printed.iter().skip(known);
                new.map(|one| Sheet::plain(&one.text, time)).collect()
            }
            (_, Some(till)) => {
                let head = Letterhead {
                    model: self.model(),
                    till,
                };
                let new = till.printed.iter().skip(known);
                new.map(|one| Sheet::of_till(&head, one)).collect()
            }
            (_, None) => Vec::new(),
        };
        self.sheets.extend(new);
    }
}

impl Device for Simulated {
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        let answer = match &mut self.machine {
            Machine::Isl(device) => device.hear(bytes),
            Machine::Zfp(device) => device.hear(bytes),
            Machine::Icp(device) => device.hear(bytes),
            Machine::EscPos(device) => device.hear(bytes),
        };
        self.collect();
        answer
    }
}

const fn isl_fault(mishap: Mishap) -> isl::Fault {
    match mishap {
        Mishap::Deaf => isl::Fault::Deaf,
        Mishap::LoseAnswer => isl::Fault::Silent,
        Mishap::DamageAnswer => isl::Fault::Damaged,
        Mishap::Nak => isl::Fault::Nak,
        Mishap::Busy => isl::Fault::Busy(5),
        Mishap::LateAnswer => isl::Fault::Late,
        Mishap::PowerCut => isl::Fault::PowerCut,
        Mishap::PaperOut => isl::Fault::PaperOut,
    }
}

const fn zfp_fault(mishap: Mishap) -> zfp::Fault {
    match mishap {
        Mishap::Deaf => zfp::Fault::Deaf,
        Mishap::LoseAnswer => zfp::Fault::Silent,
        Mishap::DamageAnswer => zfp::Fault::Damaged,
        Mishap::Nak => zfp::Fault::Nack,
        Mishap::Busy => zfp::Fault::Busy,
        Mishap::LateAnswer => zfp::Fault::Late,
        Mishap::PowerCut => zfp::Fault::PowerCut,
        Mishap::PaperOut => zfp::Fault::PaperOut,
    }
}

const fn icp_fault(mishap: Mishap) -> icp::Fault {
    match mishap {
        Mishap::Deaf => icp::Fault::Deaf,
        Mishap::LoseAnswer => icp::Fault::Silent,
        Mishap::DamageAnswer => icp::Fault::Damaged,
        Mishap::Nak => icp::Fault::Nack,
        Mishap::Busy => icp::Fault::Busy,
        Mishap::LateAnswer => icp::Fault::Late,
        Mishap::PowerCut => icp::Fault::PowerCut,
        Mishap::PaperOut => icp::Fault::PaperOut,
    }
}

const fn escpos_fault(mishap: Mishap) -> Option<escpos::Fault> {
    match mishap {
        Mishap::Deaf | Mishap::LoseAnswer => Some(escpos::Fault::Silent),
        Mishap::DamageAnswer => Some(escpos::Fault::Damaged),
        Mishap::PowerCut => Some(escpos::Fault::PowerCut),
        Mishap::PaperOut => Some(escpos::Fault::PaperOut),
        Mishap::Nak | Mishap::Busy | Mishap::LateAnswer => None,
    }
}

#[cfg(test)]
mod tests;
