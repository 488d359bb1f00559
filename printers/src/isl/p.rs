//! Datecs P (group A): FP-650, FP-800, FP-2000, FMP-10, SK1, also FP-550 and FP-700.

use super::dialect::{Asked, Clerk, Dialect, bytes};
use super::fields;
use super::identity::{self, Plate, Widths};
use super::line::Command;
use super::script::Speaker;
use super::status::Maker;
use crate::device::{DeviceInfo, PaymentKind};
use crate::receipt::{CheckedReversal, Reason};

pub(crate) struct P;

const WIDTHS: Widths = Widths {
    item: 34,
    comment: 46,
};

impl Dialect for P {
    fn maker(&self) -> Maker {
        Maker::P
    }

    fn identity(&self, speaker: &mut Speaker<'_, '_>) -> Asked<DeviceInfo> {
        let information = identity::information(speaker)?;
        let plate = plate(&information)
            .ok_or_else(|| identity::stranger("a Datecs of group A", &information))?;
        let named = ["FP", "FMP", "SK"]
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
        Some(match kind {
            PaymentKind::Cash => b'P',
            PaymentKind::Check => b'C',
            PaymentKind::Coupons => b'm',
            PaymentKind::ExtCoupons => b'n',
            PaymentKind::Packaging => b'o',
            PaymentKind::InternalUsage => b'p',
            PaymentKind::Damage => b'q',
            PaymentKind::Card => b'D',
            PaymentKind::Bank => b'r',
            PaymentKind::Reserved1 => b'I',
            PaymentKind::Reserved2 => b'L',
        })
    }

    fn default_clerk(&self, _reversal: bool) -> (&'static str, &'static str) {
        ("1", "0000")
    }

    /// Without a sale number the last field is empty: the device counts on by itself.
    fn open(&self, clerk: &Clerk, sale_number: &str) -> Command {
        let data = format!("{},{},1,{sale_number}", clerk.id, clerk.password);
        Command::act(0x30, bytes(&data))
    }

    /// Every field must be there: from the reason and the number alone the device would look the
    /// receipt up in its journal and print the whole reversal by itself (vendor document).
    fn open_reversal(&self, clerk: &Clerk, reversal: &CheckedReversal) -> Command {
        let reason = match reversal.reason {
            Reason::OperatorError => 'E',
            Reason::Refund => 'R',
            Reason::TaxBaseReduction => 'T',
        };
        let data = format!(
            "{},{},1,{reason}{},{},{},{}",
            clerk.id,
            clerk.password,
            reversal.number,
            reversal.receipt.unique_sale_number,
            fields::compact(reversal.time),
            reversal.fiscal_memory
        );
        Command::act(0x2E, bytes(&data))
    }
}

/// `FP-2000,1.00BG 23NOV18 1000,0CB8,00000000,DT279013,02279013`
fn plate(information: &str) -> Option<Plate> {
    let [model, firmware, _checksum, _switches, serial, memory] = identity::six(information)?;
    Some(Plate {
        model: model.to_owned(),
        firmware: firmware.to_owned(),
        serial: serial.to_owned(),
        fiscal_memory: memory.to_owned(),
    })
}
