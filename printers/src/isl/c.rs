//! Datecs C (group B): DP-05, DP-15, DP-25, DP-35, DP-150, WP-50.

use super::dialect::{Asked, Clerk, Dialect, bytes};
use super::fields;
use super::identity::{self, Plate, Widths};
use super::line::Command;
use super::script::Speaker;
use super::status::Maker;
use crate::device::{DeviceInfo, PaymentKind};
use crate::receipt::{CheckedReversal, Reason};

pub(crate) struct C;

const WIDTHS: Widths = Widths {
    item: 22,
    comment: 36,
};

impl Dialect for C {
    fn maker(&self) -> Maker {
        Maker::C
    }

    fn identity(&self, speaker: &mut Speaker<'_, '_>) -> Asked<DeviceInfo> {
        let information = identity::information(speaker)?;
        let plate = plate(&information)
            .ok_or_else(|| identity::stranger("a Datecs of group B", &information))?;
        let named = ["DP", "WP"]
            .iter()
            .any(|start| plate.model.starts_with(start));
        let fits = named && !identity::is_x_model(&plate.model);
        identity::check(&plate, &["DT", "DA"], fits, speaker.settings)?;
        identity::device(speaker, "Datecs", plate, WIDTHS)
    }

    fn numbers(&self, information: &str) -> Option<(String, String)> {
        let plate = plate(information)?;
        Some((plate.fiscal_memory, plate.serial))
    }

    fn payment_code(&self, kind: PaymentKind) -> Option<u8> {
        match kind {
            PaymentKind::Cash => Some(b'P'),
            PaymentKind::Coupons => Some(b'J'),
            PaymentKind::ExtCoupons => Some(b'I'),
            PaymentKind::Card => Some(b'C'),
            PaymentKind::Reserved1 => Some(b'D'),
            PaymentKind::Check
            | PaymentKind::Packaging
            | PaymentKind::InternalUsage
            | PaymentKind::Damage
            | PaymentKind::Bank
            | PaymentKind::Reserved2 => None,
        }
    }

    fn default_clerk(&self, _reversal: bool) -> (&'static str, &'static str) {
        ("1", "1")
    }

    fn open(&self, clerk: &Clerk, sale_number: &str) -> Command {
        let Clerk { id, password } = clerk;
        let data = match sale_number {
            "" => format!("{id},{password},1"),
            sale_number => format!("{id},{password},{sale_number},1"),
        };
        Command::act(0x30, bytes(&data))
    }

    fn open_reversal(&self, clerk: &Clerk, reversal: &CheckedReversal) -> Command {
        let reason = match reversal.reason {
            Reason::OperatorError => 0,
            Reason::Refund => 1,
            Reason::TaxBaseReduction => 2,
        };
        let data = format!(
            "{},{},{},1,{reason},{},{},{}",
            clerk.id,
            clerk.password,
            reversal.receipt.unique_sale_number,
            reversal.number,
            fields::compact(reversal.time),
            reversal.fiscal_memory
        );
        Command::act(0x2E, bytes(&data))
    }
}

/// `DP-25,263453 08Nov18 1312,4A1C,00000000,DT517985,02517985`. Documents and devices disagree about
/// the order of the last two fields, and serial numbers begin with letters.
fn plate(information: &str) -> Option<Plate> {
    let [model, firmware, _checksum, _switches, fifth, sixth] = identity::six(information)?;
    let swapped = identity::is_serial(sixth) && !identity::is_serial(fifth);
    let (serial, memory) = if swapped {
        (sixth, fifth)
    } else {
        (fifth, sixth)
    };
    Some(Plate {
        model: model.to_owned(),
        firmware: firmware.to_owned(),
        serial: serial.to_owned(),
        fiscal_memory: memory.to_owned(),
    })
}
