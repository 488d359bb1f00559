//! Who a Tremol device is.

use super::Generation;
use super::session::{Halt, Session, strange};
use super::words::decode;
use crate::device::{DeviceInfo, Message, Settings};
use crate::dialogue::{Answer, Outcome};

/// Reads version, numbers and registration, and refuses a device of another maker or generation
/// unless an operator said that this is one.
pub(super) fn identify(
    session: &mut Session<'_, '_>,
    generation: Generation,
    settings: &Settings,
) -> Result<Outcome, Halt> {
    let version = decode(session.data(0x21, "")?);
    let (serial, fiscal_memory) = session.numbers()?;
    // type;certificate;date of the certificate;model;version;
    let fields: Vec<&str> = version.split(';').map(str::trim).collect();
    let [_, _, _, model, firmware, ..] = fields[..] else {
        return Err(session.fail(strange()));
    };
    let model = model.strip_prefix("TREMOL").unwrap_or(model).trim();
    if !settings.configured {
        let second = model.ends_with("V2");
        let ours = serial.len() == 8 && serial.starts_with("ZK");
        if !ours || second != (generation == Generation::Second) {
            let text = format!("{model} with the serial number {serial} speaks something else");
            return Err(session.fail(Message::error("E107", text)));
        }
    }
    let registration = session.try_data(0x61, "")?.map(decode).unwrap_or_default();
    let tax_number = registration.split(';').next().unwrap_or_default().trim();
    let info = DeviceInfo {
        serial,
        fiscal_memory,
        tax_number: tax_number.to_owned(),
        manufacturer: "Tremol",
        model: model.to_owned(),
        firmware: firmware.to_owned(),
        capabilities: generation.capabilities(),
    };
    Ok(Outcome {
        answer: Answer::Device(Box::new(info)),
        messages: std::mem::take(&mut session.messages),
    })
}
