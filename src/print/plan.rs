//! From a task to what is said to the device: checked against what the device can do, before the
//! first byte.

use super::job;
use super::station::Station;
use daybook_printers::device::{DeviceInfo, Message, Messages};
use daybook_printers::dialogue::Operation;
use daybook_printers::escpos::layout::Stamp;
use daybook_printers::receipt::{Operator, Receipt, Reversal, Transfer};
use daybook_printers::speak::Manner;
use daybook_schema::Money;
use daybook_schema::facts::{
    PrintJob, PrintOriginal, PrintReceipt, PrintReversal, PrintTransfer, PrintedPaper,
};
use jiff::civil::DateTime;

/// What is to be said.
pub(super) struct Plan {
    pub operation: Operation,
    /// How, where it is not as usual.
    pub manner: Option<Manner>,
    pub stamp: Option<Stamp>,
    /// What the receipt comes to.
    pub total: Option<Money>,
    /// The unique number of the sale that stands on it.
    pub unique_sale_number: Option<String>,
    /// The number that the device's last document must have, for a duplicate.
    pub last_must_be: Option<String>,
    /// What is to be said besides what the device says.
    pub notes: Vec<Message>,
}

/// An earlier receipt of this log.
pub(super) struct Original {
    pub receipt: PrintReceipt,
    /// What it takes back itself, if it is a reversal.
    pub reverses: Option<Reversed>,
    pub paper: Option<PrintedPaper>,
    pub unique_sale_number: Option<String>,
}

/// A reversal with the receipt that it takes back, if that is one of this log.
pub(super) struct Reversed {
    pub reversal: PrintReversal,
    pub original: Option<Box<Original>>,
}

/// What a plan is made with.
pub(super) struct Desk<'a> {
    pub station: &'a Station,
    pub info: &'a DeviceInfo,
    pub password: Option<String>,
    /// What clocks of the venue show.
    pub now: DateTime,
    /// The receipt that the task takes back or copies, if it names one.
    pub original: Option<Original>,
}

/// Whether paper comes out of it, or money moves: what must not be done twice.
pub(super) const fn leaves_a_trace(job: &PrintJob) -> bool {
    !matches!(
        job,
        PrintJob::Cash | PrintJob::Datetime(_) | PrintJob::Drawer
    )
}

impl Desk<'_> {
    pub(super) fn plan(&self, job: &PrintJob) -> Result<Plan, Messages> {
        match job {
            PrintJob::Cash => Ok(simple(Operation::Cash)),
            PrintJob::Drawer => Ok(simple(Operation::Drawer)),
            PrintJob::Duplicate if self.info.capabilities.fiscal => {
                Ok(simple(Operation::Duplicate))
            }
            PrintJob::Duplicate => self.copy(1),
            PrintJob::Reset => Ok(simple(Operation::Reset)),
            PrintJob::Xreport => Ok(simple(Operation::XReport)),
            PrintJob::Zreport => Ok(simple(Operation::ZReport)),
            PrintJob::Raw(raw) => Ok(simple(Operation::Raw(raw.command.clone()))),
            PrintJob::Datetime(clock) => {
                let named = clock.time.as_deref().and_then(|time| time.parse().ok());
                Ok(simple(Operation::SetTime(named.unwrap_or(self.now))))
            }
            PrintJob::Deposit(transfer) => {
                Ok(self.stamped(Operation::Deposit(self.transfer(transfer)?)))
            }
            PrintJob::Withdraw(transfer) => {
                Ok(self.stamped(Operation::Withdraw(self.transfer(transfer)?)))
            }
            PrintJob::Receipt(receipt) => self.receipt(receipt),
            PrintJob::Ticket(receipt) => self.ticket(receipt),
            PrintJob::Reversal(reversal) => self.reversal(reversal, self.original.as_ref()),
            PrintJob::Copy(copy) => self.copy(copy.copy),
        }
    }

    fn transfer(&self, transfer: &PrintTransfer) -> Result<Transfer, Messages> {
        let operator = Operator {
            id: transfer.operator.clone(),
            password: self.password.clone(),
        };
        Transfer::check(transfer.amount, operator).map_err(gathered)
    }

    fn receipt(&self, recorded: &PrintReceipt) -> Result<Plan, Messages> {
        let (receipt, usn) = self.ready(recorded);
        let capabilities = &self.info.capabilities;
        let checked = receipt
            .check(capabilities, &self.station.manner.settings)
            .map_err(gathered)?;
        let total = checked.total();
        let serial = &self.info.serial;
        let foreign = |usn: &String| capabilities.fiscal && !usn.starts_with(serial.as_str());
        let note = usn.as_ref().filter(|usn| foreign(usn)).map(|_| {
            Message::info("The unique sale number does not begin with this printer's serial number")
        });
        Ok(Plan {
            total: Some(total),
            unique_sale_number: usn,
            notes: note.into_iter().collect(),
            stamp: Some(self.stamp(recorded.number, None)),
            ..simple(Operation::Receipt(Box::new(checked)))
        })
    }

    /// The receipt with the unique number of its sale: a fiscal one of the ledger's own needs one,
    /// made of the device, the operator and the receipt's number.
    fn ready(&self, recorded: &PrintReceipt) -> (Receipt, Option<String>) {
        let mut receipt = job::receipt(recorded, self.password.clone());
        let serial = &self.info.serial;
        if let Some(number) = recorded.number
            && self.info.capabilities.fiscal
            && receipt.unique_sale_number.is_empty()
        {
            let operator = self.station.manner.settings.operator.as_deref();
            let operator = operator.filter(|id| id.len() <= 4 && id.bytes().all(is_digit));
            let operator = operator.unwrap_or("1");
            receipt.unique_sale_number = format!("{serial}-{operator:0>4}-{number:07}");
        }
        let usn = Some(receipt.unique_sale_number.clone()).filter(|usn| !usn.is_empty());
        (receipt, usn)
    }

    /// For a kitchen: names and quantities.
    fn ticket(&self, recorded: &PrintReceipt) -> Result<Plan, Messages> {
        if self.info.capabilities.fiscal {
            let text = "Tickets need a printer that is not fiscal";
            return Err(Message::error("E412", text).into());
        }
        let mut plan = self.receipt(recorded)?;
        let mut manner = self.station.manner.clone();
        manner.layout.kitchen = true;
        plan.manner = Some(manner);
        Ok(plan)
    }

    fn reversal(
        &self,
        reversal: &PrintReversal,
        original: Option<&Original>,
    ) -> Result<Plan, Messages> {
        let mut recorded = reversal.receipt.clone();
        let paper = match (&reversal.original, original) {
            (PrintOriginal::Paper(paper), _) => paper.clone(),
            (_, Some(original)) => {
                let Some(paper) = original.paper.clone() else {
                    let text = "The receipt that is taken back was not printed";
                    return Err(Message::error("E405", text).into());
                };
                if recorded.items.is_empty() {
                    recorded.items.clone_from(&original.receipt.items);
                }
                let usn = original.unique_sale_number.clone();
                recorded.unique_sale_number = recorded.unique_sale_number.or(usn);
                paper
            }
            (_, None) => return Err(forgotten()),
        };
        let time = paper.time.parse();
        let time = time.map_err(|_| {
            let text = "The time of the receipt that is taken back cannot be read";
            Message::error("E405", text)
        })?;
        let (receipt, usn) = self.ready(&recorded);
        let reversal = Reversal {
            receipt,
            number: paper.number,
            time,
            fiscal_memory: paper.fiscal_memory,
            reason: job::reason(reversal.reason),
        };
        let capabilities = &self.info.capabilities;
        let settings = &self.station.manner.settings;
        let (checked, _) = reversal.check(capabilities, settings).map_err(gathered)?;
        Ok(Plan {
            total: Some(checked.receipt().total()),
            unique_sale_number: usn,
            stamp: Some(self.stamp(recorded.number, None)),
            ..simple(Operation::Reversal(Box::new(checked)))
        })
    }

    /// A fiscal device can repeat its last document only.
    fn copy(&self, copy: u32) -> Result<Plan, Messages> {
        let original = self.original.as_ref().ok_or_else(forgotten)?;
        let Some(paper) = &original.paper else {
            let text = "The receipt that is to be copied was not printed";
            return Err(Message::error("E405", text).into());
        };
        if self.info.capabilities.fiscal {
            return Ok(Plan {
                last_must_be: Some(paper.number.clone()),
                ..simple(Operation::Duplicate)
            });
        }
        let mut plan = match &original.reverses {
            Some(one) => self.reversal(&one.reversal, one.original.as_deref())?,
            None => self.receipt(&original.receipt)?,
        };
        plan.stamp = Some(self.stamp(original.receipt.number, Some(copy)));
        Ok(plan)
    }

    fn stamped(&self, operation: Operation) -> Plan {
        Plan {
            stamp: Some(self.stamp(None, None)),
            ..simple(operation)
        }
    }

    fn stamp(&self, number: Option<u32>, copy: Option<u32>) -> Stamp {
        Stamp {
            number: number.map(job::seven_digits).unwrap_or_default(),
            time: self.now,
            code: None,
            copy,
        }
    }
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn simple(operation: Operation) -> Plan {
    Plan {
        operation,
        manner: None,
        stamp: None,
        total: None,
        unique_sale_number: None,
        last_must_be: None,
        notes: Vec::new(),
    }
}

fn forgotten() -> Messages {
    let text = "The receipt that the task is about is not in the log";
    Message::error("E405", text).into()
}

fn gathered(faults: Vec<Message>) -> Messages {
    faults.into_iter().collect()
}
