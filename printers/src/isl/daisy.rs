//! Daisy Compact, eXpert, Perfect, Micro, FX.

use super::dialect::{Asked, Clerk, Dialect, bytes, price};
use super::fields;
use super::identity::{self, Plate};
use super::line::Command;
use super::script::Speaker;
use super::status::Maker;
use crate::device::{DeviceInfo, PaymentKind, Settings};
use crate::receipt::{CheckedReversal, Reason, SaleLine};

pub(crate) struct Daisy;

impl Dialect for Daisy {
    fn maker(&self) -> Maker {
        Maker::Daisy
    }

    fn max_data(&self) -> usize {
        200
    }

    fn max_password(&self) -> usize {
        6
    }

    fn identity(&self, speaker: &mut Speaker<'_, '_>) -> Asked<DeviceInfo> {
        let information = identity::information(speaker)?;
        let plate =
            plate(&information).ok_or_else(|| identity::stranger("a Daisy", &information))?;
        identity::check(&plate, &["DY"], true, speaker.settings)?;
        let widths = identity::constants(speaker)?;
        identity::device(speaker, "Daisy", plate, widths)
    }

    fn numbers(&self, information: &str) -> Option<(String, String)> {
        let plate = plate(information)?;
        Some((plate.fiscal_memory, plate.serial))
    }

    fn payment_code(&self, kind: PaymentKind) -> Option<u8> {
        match kind {
            PaymentKind::Cash => Some(b'P'),
            PaymentKind::Check => Some(b'N'),
            PaymentKind::Card => Some(b'C'),
            PaymentKind::Reserved1 => Some(b'D'),
            PaymentKind::Coupons
            | PaymentKind::ExtCoupons
            | PaymentKind::Packaging
            | PaymentKind::InternalUsage
            | PaymentKind::Damage
            | PaymentKind::Bank
            | PaymentKind::Reserved2 => None,
        }
    }

    /// Only an administrator may take something back.
    fn default_clerk(&self, reversal: bool) -> (&'static str, &'static str) {
        if reversal { ("20", "9999") } else { ("1", "1") }
    }

    fn amount_separator(&self, _settings: &Settings) -> char {
        '$'
    }

    fn open(&self, clerk: &Clerk, sale_number: &str) -> Command {
        let sale_number = or_placeholder(sale_number);
        let data = format!("{},{},{sale_number}", clerk.id, clerk.password);
        Command::act(0x30, bytes(&data))
    }

    fn open_reversal(&self, clerk: &Clerk, reversal: &CheckedReversal) -> Command {
        let reason = match reversal.reason {
            Reason::Refund => 0,
            Reason::OperatorError => 1,
            Reason::TaxBaseReduction => 2,
        };
        let data = format!(
            "{},{},{}\tR{reason},{},{}\t{}",
            clerk.id,
            clerk.password,
            or_placeholder(&reversal.receipt.unique_sale_number),
            reversal.number,
            fields::dashed(reversal.time),
            reversal.fiscal_memory
        );
        Command::act(0x30, bytes(&data))
    }

    /// A sale by department has its own command, and no text.
    fn sale(&self, line: &SaleLine, settings: &Settings) -> Command {
        let price = price(line, self.amount_separator(settings));
        if line.department > 0 {
            return Command::act(0x8A, format!("{}@{price}", line.department));
        }
        let mut data = bytes(&line.text);
        data.extend([b'\t', 0xBF + line.tax_group]);
        data.extend(price.into_bytes());
        Command::act(0x31, data)
    }

    fn cancel(&self) -> Command {
        Command::act(0x82, [])
    }
}

/// The device demands a number for every sale; other drivers send this one where there is none.
fn or_placeholder(sale_number: &str) -> &str {
    if sale_number.is_empty() {
        "OO000000-0000-0000000"
    } else {
        sale_number
    }
}

/// `CompactM ONL-4.01BG 261018 1430,F7DB,0000,6,DY448967,36607003`
fn plate(information: &str) -> Option<Plate> {
    let [name, _checksum, _switches, _country, serial, memory] = identity::six(information)?;
    let words: Vec<&str> = name.split(' ').collect();
    let [model, firmware, _date, _time] = words[..] else {
        return None;
    };
    Some(Plate {
        model: model.to_owned(),
        firmware: firmware.to_owned(),
        serial: serial.to_owned(),
        fiscal_memory: memory.to_owned(),
    })
}
