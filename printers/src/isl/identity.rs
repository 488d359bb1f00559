//! Who a device is: what the dialects share in reading its answer to device information.

use super::dialect::Asked;
use super::script::Speaker;
use crate::device::{Capabilities, DeviceInfo, Message, PaymentKind, Settings, SubtotalModifiers};

/// What a dialect reads out of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plate {
    pub(crate) model: String,
    pub(crate) firmware: String,
    pub(crate) serial: String,
    pub(crate) fiscal_memory: String,
}

/// How long texts may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Widths {
    pub(crate) item: usize,
    pub(crate) comment: usize,
}

/// Two letters and six digits.
pub(crate) fn is_serial(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 8
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..].iter().all(u8::is_ascii_digit)
}

/// The models that only Datecs X makes.
pub(crate) fn is_x_model(model: &str) -> bool {
    ["X", "XR", "XE"]
        .iter()
        .any(|ending| model.ends_with(ending))
}

/// A device that is not what its driver speaks to.
pub(crate) fn stranger(what: &str, information: &str) -> Message {
    let shown: String = crate::text::clean(information).chars().take(80).collect();
    Message::error("E107", format!("Not {what}: the device says \"{shown}\""))
}

/// Asks for device information.
pub(crate) fn information(speaker: &mut Speaker<'_, '_>) -> Asked<String> {
    let reply = speaker.must(speaker.dialect.information())?;
    Ok(speaker.dialect.body(reply))
}

/// Refuses a device whose serial number begins otherwise, unless an operator named the device.
pub(crate) fn check(
    plate: &Plate,
    prefixes: &[&str],
    fits: bool,
    settings: &Settings,
) -> Result<(), Message> {
    if settings.configured {
        return Ok(());
    }
    let serial = &plate.serial;
    if serial.is_empty() {
        return Err(Message::error(
            "E405",
            "Serial number of the device is not set",
        ));
    }
    let known = is_serial(serial) && prefixes.iter().any(|prefix| serial.starts_with(prefix));
    if known && fits {
        return Ok(());
    }
    let text = format!(
        "Serial number {serial} of {} belongs to another driver",
        plate.model
    );
    Err(Message::error("E107", text))
}

/// The whole device, with its tax number.
pub(crate) fn device(
    speaker: &mut Speaker<'_, '_>,
    manufacturer: &'static str,
    plate: Plate,
    widths: Widths,
) -> Asked<DeviceInfo> {
    let tax_number = tax_number(speaker)?;
    let dialect = speaker.dialect;
    let takes = |kind: &PaymentKind| speaker.payment_code(*kind).is_some();
    let payments = PaymentKind::ALL.into_iter().filter(takes).collect();
    Ok(DeviceInfo {
        serial: plate.serial,
        fiscal_memory: plate.fiscal_memory,
        tax_number,
        manufacturer,
        model: plate.model,
        firmware: plate.firmware,
        capabilities: Capabilities {
            item_text: widths.item,
            comment_text: widths.comment,
            operator_password: dialect.max_password(),
            payments,
            subtotal_modifiers: SubtotalModifiers::Supported,
            terminal: dialect.has_terminal(),
            fiscal: true,
        },
    })
}

/// The first field; Incotex has it second. Devices that are not registered send dashes. One that
/// does not answer is still a printer.
fn tax_number(speaker: &mut Speaker<'_, '_>) -> Asked<String> {
    let Ok(reply) = speaker.ask(speaker.dialect.tax_number())? else {
        return Ok(String::new());
    };
    let body = speaker.dialect.body(reply);
    let field = speaker.dialect.tax_number_field();
    let number = body.split([',', '\t']).nth(field).unwrap_or_default();
    let number: String = crate::text::clean(number)
        .trim()
        .trim_matches('-')
        .to_owned();
    Ok(number.trim().to_owned())
}

/// Six fields between commas, as most devices send them.
pub(crate) fn six(information: &str) -> Option<[&str; 6]> {
    let fields: Vec<&str> = information.split(',').map(str::trim).collect();
    fields.try_into().ok()
}

/// Items and comments as the constants of a Daisy or Incotex have them: the comment's length stands
/// tenth, the item's eleventh.
pub(crate) fn constants(speaker: &mut Speaker<'_, '_>) -> Asked<Widths> {
    let reply = speaker.must(super::line::Command::query(0x80, []))?;
    let body = speaker.dialect.body(reply);
    let fields: Vec<&str> = body.split(',').map(str::trim).collect();
    let width = |index: usize| {
        let width = fields
            .get(index)
            .and_then(|text| text.parse::<usize>().ok());
        width.filter(|width| (1..=100).contains(width))
    };
    let widths = width(9).zip(width(10));
    let (comment, item) = widths.ok_or_else(|| stranger("known constants", &body))?;
    Ok(Widths { item, comment })
}
