//! Incotex 133, 181, 300S, 300SM, 777.

use super::dialect::{Asked, Clerk, Dialect, State, is_open};
use super::fields;
use super::identity::{self, Plate};
use super::line::{Command, Reply};
use super::script::Speaker;
use super::status::Maker;
use crate::device::{DeviceInfo, PaymentKind};
use crate::receipt::{CheckedReversal, Reason};
use daybook_schema::Money;

pub(crate) struct Incotex;

impl Dialect for Incotex {
    fn maker(&self) -> Maker {
        Maker::Incotex
    }

    fn identity(&self, speaker: &mut Speaker<'_, '_>) -> Asked<DeviceInfo> {
        let information = identity::information(speaker)?;
        let plate =
            plate(&information).ok_or_else(|| identity::stranger("an Incotex", &information))?;
        identity::check(&plate, &["IN"], true, speaker.settings)?;
        let widths = identity::constants(speaker)?;
        identity::device(speaker, "Incotex", plate, widths)
    }

    fn numbers(&self, information: &str) -> Option<(String, String)> {
        let plate = plate(information)?;
        Some((plate.fiscal_memory, plate.serial))
    }

    fn tax_number_field(&self) -> usize {
        1
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

    fn default_clerk(&self, _reversal: bool) -> (&'static str, &'static str) {
        ("1", "")
    }

    fn open(&self, clerk: &Clerk, sale_number: &str) -> Command {
        Command::act(0x30, format!("{},{sale_number},0", clerk.id))
    }

    /// The flag stands there twice, and then the number of an invoice: none.
    fn open_reversal(&self, clerk: &Clerk, reversal: &CheckedReversal) -> Command {
        let flag = match reversal.reason {
            Reason::OperatorError => 'R',
            Reason::Refund => 'S',
            Reason::TaxBaseReduction => 'V',
        };
        let data = format!(
            "{},{},{},{flag}{flag}0,{},{}",
            clerk.id,
            reversal.receipt.unique_sale_number,
            reversal.number,
            fields::dashed(reversal.time),
            reversal.fiscal_memory
        );
        Command::act(0x30, data)
    }

    fn cancel(&self) -> Command {
        Command::act(0x82, [])
    }

    /// Sources disagree whether the amount stands third or fourth; where it is not, there is a zero.
    /// Only if it stands third is the fourth what was paid.
    fn read_state(&self, reply: &Reply) -> Option<State> {
        let body = self.body(reply);
        let fields = fields::split(&body, ',');
        let field = |index: usize| fields.get(index).and_then(|text| fields::amount(text));
        let third = field(2).filter(|amount| *amount != Money::ZERO);
        Some(State {
            open: is_open(fields.first()?)?,
            number: None,
            amount: third.or_else(|| field(3)),
            paid: third.and_then(|_| field(3)),
        })
    }
}

/// `2.11 Jan 22 2019 14:00,DB44EEAD,0000,06,IN015013,54015013,284013911622147`: no model.
fn plate(information: &str) -> Option<Plate> {
    let fields: Vec<&str> = information.split(',').map(str::trim).collect();
    let [
        firmware,
        _checksum,
        _switches,
        _country,
        serial,
        memory,
        _sim,
        ..,
    ] = fields[..]
    else {
        return None;
    };
    Some(Plate {
        model: "EFD".to_owned(),
        firmware: firmware.to_owned(),
        serial: serial.to_owned(),
        fiscal_memory: memory.to_owned(),
    })
}
