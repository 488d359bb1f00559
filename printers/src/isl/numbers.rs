//! The numbers with which devices name their errors: the error codes of Datecs X, which must be
//! checked since the status bits may be clean beside them, and the third status byte of Daisy and
//! Incotex (vendor documents).

use crate::device::Message;
use std::ops::RangeInclusive;

type Row = (RangeInclusive<u32>, &'static str, &'static str);

/// First match wins. The numbers are negative on the wire.
const DATECS: &[Row] = &[
    (100_001..=100_009, "E199", "Input or output error"),
    (100_114..=100_114, "E201", "Fiscal memory is full"),
    (100_102..=100_102, "E204", "Fiscal memory is read-only"),
    (100_105..=100_105, "E205", "Fiscal memory is missing"),
    (100_100..=100_116, "E299", "Fiscal memory error"),
    (100_403..=100_403, "E301", "Out of paper"),
    (100_404..=100_404, "E304", "Print head is too hot"),
    (100_407..=100_407, "E306", "Cutter fault"),
    (100_400..=100_414, "E303", "Print mechanism fault"),
    (100_508..=100_508, "E103", "Clock fault"),
    (100_503..=100_503, "E207", "Wrong journal card"),
    (100_500..=100_511, "E105", "Memory fault"),
    (101_007..=101_007, "E101", "No answer inside the device"),
    (101_014..=101_014, "E408", "Wrong password"),
    (101_003..=101_017, "E499", "Command failed"),
    (102_000..=102_000, "E102", "Battery is low"),
    (102_001..=102_001, "E102", "Battery is getting low"),
    (102_002..=102_002, "E408", "Wrong operator password"),
    (102_006..=102_006, "E303", "Printer is disconnected"),
    (102_009..=102_018, "E405", "Device is not set up"),
    (
        102_019..=102_019,
        "E103",
        "Date is before the last daily report",
    ),
    (102_020..=102_020, "E408", "Software password is needed"),
    (104_000..=104_000, "E405", "A report must be printed first"),
    (104_005..=104_005, "E405", "A report must be printed first"),
    (104_013..=104_013, "E405", "A report must be printed first"),
    (
        105_009..=105_009,
        "W202",
        "Electronic journal is nearly full",
    ),
    (105_010..=105_010, "E206", "Electronic journal is full"),
    (110_100..=110_112, "E404", "Not in this mode of the device"),
    (
        110_210..=110_210,
        "E503",
        "Tax server was not reached for too long",
    ),
    (
        110_226..=110_226,
        "E503",
        "Tax server was not reached for too long",
    ),
    (110_211..=110_211, "E507", "No modem"),
    (110_216..=110_216, "E504", "Wrong SIM card"),
    (110_200..=110_226, "E501", "Tax server error"),
    (110_501..=110_501, "E508", "No SIM card"),
    (110_503..=110_503, "E506", "No mobile operator"),
    (110_510..=110_510, "E506", "No mobile operator"),
    (110_504..=110_504, "E505", "No data service"),
    (110_500..=110_512, "E507", "Modem error"),
    (110_601..=110_706, "E599", "Network error"),
    (111_003..=111_003, "E404", "Not possible in this state"),
    (111_015..=111_015, "E404", "Receipt is open"),
    (111_016..=111_016, "E404", "Receipt is closed"),
    (111_018..=111_018, "E404", "Payment has begun"),
    (111_047..=111_047, "E404", "Not possible in this state"),
    (111_050..=111_050, "E404", "Payment has not begun"),
    (111_067..=111_067, "E404", "Reversal receipt is open"),
    (111_005..=111_005, "E411", "Tax group is disabled"),
    (111_072..=111_072, "E411", "More than one tax group"),
    (111_006..=111_014, "E403", "Value out of bounds"),
    (111_019..=111_021, "E403", "Value out of bounds"),
    (111_030..=111_034, "E403", "Value out of bounds"),
    (111_017..=111_017, "E405", "Not enough cash"),
    (111_024..=111_024, "E502", "24 hours without a daily report"),
    (
        111_025..=111_025,
        "E405",
        "Range of invoice numbers is missing",
    ),
    (111_054..=111_054, "E406", "Payment is not accepted"),
    (111_061..=111_061, "E406", "Payment is not accepted"),
    (111_068..=111_068, "E406", "Payment is not accepted"),
    (111_094..=111_094, "E406", "Payment is not accepted"),
    (
        111_077..=111_077,
        "E103",
        "Earlier than the last date in the fiscal memory",
    ),
    (
        111_509..=111_509,
        "E601",
        "Payment terminal does not answer",
    ),
    (
        111_512..=111_512,
        "E602",
        "Payment terminal has no connection",
    ),
    (
        111_546..=111_546,
        "E602",
        "Payment terminal has no connection",
    ),
    (
        111_550..=111_550,
        "E602",
        "Payment terminal has no connection",
    ),
    (
        111_555..=111_555,
        "E602",
        "Payment terminal has no connection",
    ),
    (
        111_557..=111_558,
        "E602",
        "Payment terminal has no connection",
    ),
    (
        111_560..=111_561,
        "E602",
        "Payment terminal has no connection",
    ),
    (
        111_518..=111_518,
        "E603",
        "Payment was cancelled at the terminal",
    ),
    (111_514..=111_514, "E604", "Wrong PIN"),
    (111_526..=111_526, "E604", "Wrong PIN"),
    (111_500..=111_599, "E699", "Payment terminal error"),
    (111_700..=111_799, "E699", "Payment terminal error"),
    (112_000..=112_000, "E402", "Invalid command"),
    (112_001..=112_001, "E401", "Syntax error"),
    (112_101..=112_116, "E401", "Syntax error in a parameter"),
    (112_002..=112_002, "E404", "Command is not permitted"),
    (112_003..=112_003, "E403", "Sum overflows"),
    (112_004..=112_004, "E103", "Wrong date or time"),
    (
        112_005..=112_005,
        "E404",
        "Choose \"PC mode\" on the device",
    ),
    (112_006..=112_006, "E301", "Out of paper"),
    (112_007..=112_007, "E302", "Cover is open"),
    (112_008..=112_008, "E303", "Print mechanism fault"),
    (112_201..=112_216, "E403", "Parameter out of range"),
];

const DAISY: &[Row] = &[
    (1..=1, "E999", "Overflow"),
    (3..=3, "E999", "No more sales in this receipt"),
    (4..=4, "E999", "No more payments in this receipt"),
    (7..=7, "E999", "Operation is not allowed"),
    (8..=8, "E999", "Tax group is forbidden"),
    (66..=66, "E408", "Wrong password"),
    (71..=72, "E299", "Fiscal memory error"),
    (90..=93, "E405", "A report must be printed first"),
    (102..=102, "E599", "No link to the tax terminal"),
    (104..=104, "E599", "No link to the tax terminal"),
    (110..=117, "E599", "Tax terminal error"),
    (118..=118, "E999", "Operation is denied"),
    (119..=119, "E999", "Wrong value"),
    (120..=120, "E999", "Missing value"),
];

const INCOTEX: &[Row] = &[
    (3..=3, "E999", "Invalid operation"),
    (8..=8, "E999", "Price overflows"),
    (12..=12, "E999", "Too many lines"),
    (14..=14, "E999", "Result is negative"),
    (18..=18, "E999", "Receipt is empty"),
    (28..=28, "E999", "There is nothing to duplicate"),
    (37..=37, "E999", "Tax group is inactive"),
    (42..=42, "E999", "Payment is disabled or gives no change"),
    (66..=66, "E408", "Wrong password"),
    (71..=72, "E299", "Fiscal memory error"),
    (77..=79, "E206", "Electronic journal error"),
    (90..=93, "E405", "A report must be printed first"),
    (102..=102, "E599", "No link to the tax terminal"),
    (104..=104, "E599", "No link to the tax terminal"),
    (110..=117, "E599", "Tax terminal error"),
];

/// What an error code of Datecs X (the number without its sign) means.
pub(crate) fn datecs(number: u32) -> Message {
    named(DATECS, number, "E499").with_original(format!("-{number}"))
}

/// What the third status byte of a Daisy says; nothing when it is zero.
pub(crate) fn daisy(number: u8) -> Option<Message> {
    in_byte(DAISY, number)
}

/// What the third status byte of an Incotex says; nothing when it is zero.
pub(crate) fn incotex(number: u8) -> Option<Message> {
    in_byte(INCOTEX, number)
}

fn in_byte(rows: &[Row], number: u8) -> Option<Message> {
    let message = || named(rows, u32::from(number), "E999").with_original(number.to_string());
    (number != 0).then(message)
}

fn named(rows: &[Row], number: u32, otherwise: &'static str) -> Message {
    let row = rows.iter().find(|(numbers, ..)| numbers.contains(&number));
    row.map_or_else(
        || Message::coded(otherwise, format!("Error {number} of the device")),
        |(_, code, text)| Message::coded(code, format!("{text} ({number})")),
    )
}
