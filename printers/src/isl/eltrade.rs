//! Eltrade A1, A3, A6, B1, B3, PRP 250F, and the Epson printers of that maker.

use super::dialect::{Asked, Clerk, Dialect, bytes, semicolon_or_dollar};
use super::identity::{self, Plate, Widths};
use super::line::Command;
use super::script::Speaker;
use super::status::Maker;
use crate::device::{DeviceInfo, PaymentKind, Settings};
use crate::receipt::{CheckedReversal, Reason};

pub(crate) struct Eltrade;

const WIDTHS: Widths = Widths {
    item: 30,
    comment: 46,
};

impl Dialect for Eltrade {
    fn maker(&self) -> Maker {
        Maker::Eltrade
    }

    fn identity(&self, speaker: &mut Speaker<'_, '_>) -> Asked<DeviceInfo> {
        let information = identity::information(speaker)?;
        let plate =
            plate(&information).ok_or_else(|| identity::stranger("an Eltrade", &information))?;
        identity::check(&plate, &["ED"], true, speaker.settings)?;
        identity::device(speaker, "Eltrade", plate, WIDTHS)
    }

    fn numbers(&self, information: &str) -> Option<(String, String)> {
        let plate = plate(information)?;
        Some((plate.fiscal_memory, plate.serial))
    }

    fn payment_code(&self, kind: PaymentKind) -> Option<u8> {
        Some(match kind {
            PaymentKind::Cash => b'P',
            PaymentKind::Check => b'N',
            PaymentKind::Coupons => b'C',
            PaymentKind::ExtCoupons => b'D',
            PaymentKind::Packaging => b'I',
            PaymentKind::InternalUsage => b'J',
            PaymentKind::Damage => b'K',
            PaymentKind::Card => b'L',
            PaymentKind::Bank => b'M',
            PaymentKind::Reserved1 => b'Q',
            PaymentKind::Reserved2 => b'R',
        })
    }

    /// Operators have names there, and no passwords.
    fn default_clerk(&self, _reversal: bool) -> (&'static str, &'static str) {
        ("Operator", "")
    }

    fn amount_separator(&self, settings: &Settings) -> char {
        semicolon_or_dollar(settings)
    }

    fn open(&self, clerk: &Clerk, sale_number: &str) -> Command {
        let data = match sale_number {
            "" => clerk.id.clone(),
            sale_number => format!("{},{sale_number}", clerk.id),
        };
        Command::act(0x90, bytes(&data))
    }

    fn open_reversal(&self, clerk: &Clerk, reversal: &CheckedReversal) -> Command {
        let reason = match reversal.reason {
            Reason::OperatorError => 'O',
            Reason::Refund => 'R',
            Reason::TaxBaseReduction => 'T',
        };
        let data = format!(
            "{},{},S,{},{reason},{},{}",
            clerk.id,
            reversal.receipt.unique_sale_number,
            reversal.fiscal_memory,
            reversal.number,
            reversal.time.strftime("%Y-%m-%dT%H:%M:%S")
        );
        Command::act(0x90, bytes(&data))
    }
}

/// Devices send six fields or seven, so it is counted from the end: checksum, switches, serial
/// number, fiscal memory. The firmware stands before the checksum.
fn plate(information: &str) -> Option<Plate> {
    let fields: Vec<&str> = information.split(',').map(str::trim).collect();
    let [model, .., firmware, _checksum, _switches, serial, memory] = fields[..] else {
        return None;
    };
    Some(Plate {
        model: model.to_owned(),
        firmware: firmware.to_owned(),
        serial: serial.to_owned(),
        fiscal_memory: memory.to_owned(),
    })
}
