//! What the status bytes of an answer say, for all dialects in one table (vendor documents).

use super::line::{Kind, Reply};
use super::numbers;
use crate::device::Message;

/// Whose bits these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    P,
    C,
    X,
    Daisy,
    Eltrade,
    Incotex,
}

/// Byte, bit, code for each maker in the order above, meaning. `i` is information, `-` nothing.
/// Bits of one byte stand in the order in which they are told: highest first.
type Row = (u8, u8, [&'static str; 6], &'static str);

const ROWS: [Row; 41] = [
    (
        0,
        6,
        ["E302", "E302", "E302", "-", "-", "-"],
        "Cover is open",
    ),
    (0, 5, ["E199"; 6], "General error"),
    (
        0,
        4,
        ["E303", "-", "E303", "E303", "E303", "-"],
        "Print mechanism fault",
    ),
    (0, 3, ["i", "i", "-", "i", "i", "-"], "No customer display"),
    (0, 2, ["E103"; 6], "Clock is not set"),
    (0, 1, ["E402"; 6], "Invalid command"),
    (0, 0, ["E401"; 6], "Syntax error in the data of a command"),
    (
        1,
        6,
        ["E599", "E599", "-", "-", "E599", "-"],
        "Tax terminal does not answer",
    ),
    (1, 6, ["-", "-", "-", "E408", "-", "-"], "Wrong password"),
    (
        1,
        5,
        ["i", "-", "-", "-", "-", "-"],
        "Rotated service receipt is open",
    ),
    (
        1,
        5,
        ["-", "i", "-", "-", "-", "-"],
        "Documents wait to be sent for too long",
    ),
    (1, 5, ["-", "-", "-", "E306", "-", "-"], "Cutter fault"),
    (1, 5, ["-", "-", "-", "-", "E302", "-"], "Cover is open"),
    (
        1,
        5,
        ["-", "-", "-", "-", "-", "E408"],
        "Three wrong passwords",
    ),
    (
        1,
        4,
        ["i", "-", "-", "-", "-", "-"],
        "Reversal receipt is open",
    ),
    (1, 4, ["-", "-", "-", "-", "E105", "-"], "Memory failure"),
    (1, 3, ["E102", "-", "-", "-", "E102", "-"], "Battery is low"),
    (
        1,
        3,
        ["-", "-", "-", "-", "-", "E405"],
        "Range of invoice numbers is missing",
    ),
    (
        1,
        2,
        ["E104", "-", "-", "E104", "E104", "E104"],
        "Memory was reset",
    ),
    (1, 1, ["E404"; 6], "Command is not allowed in this mode"),
    (
        1,
        0,
        ["E403", "E403", "E403", "E403", "E403", "-"],
        "Sum overflows",
    ),
    (
        2,
        6,
        ["W202", "-", "-", "-", "-", "-"],
        "Electronic journal is almost at its end",
    ),
    (2, 6, ["-", "-", "-", "i", "-", "-"], "Printing is allowed"),
    (2, 5, ["i"; 6], "Service receipt is open"),
    (
        2,
        4,
        ["W202", "W202", "W202", "W202", "W202", "-"],
        "Electronic journal is nearly full",
    ),
    (2, 3, ["i"; 6], "Fiscal receipt is open"),
    (
        2,
        2,
        ["E206", "E206", "E206", "E206", "E206", "-"],
        "Electronic journal is full",
    ),
    (
        2,
        1,
        ["W301", "-", "W301", "W301", "W301", "-"],
        "Low paper",
    ),
    (2, 0, ["E301"; 6], "Out of paper"),
    (
        4,
        6,
        ["E304", "E304", "-", "-", "-", "-"],
        "Print head is too hot",
    ),
    (
        4,
        6,
        ["-", "-", "E205", "-", "-", "-"],
        "Fiscal memory is missing or damaged",
    ),
    (4, 5, ["E299"; 6], "Fiscal memory error"),
    (4, 4, ["E201"; 6], "Fiscal memory is full"),
    (4, 3, ["W201"; 6], "Fiscal memory is nearly full"),
    (
        4,
        2,
        ["i", "i", "i", "-", "i", "-"],
        "Serial number and number of FM are set",
    ),
    (
        4,
        2,
        ["-", "-", "-", "E203", "-", "E203"],
        "Wrong record in the fiscal memory",
    ),
    (4, 1, ["i", "i", "i", "-", "i", "-"], "Tax number is set"),
    (
        4,
        1,
        ["-", "-", "-", "E599", "-", "-"],
        "Tax terminal problem",
    ),
    (
        4,
        0,
        ["E202", "E202", "-", "E202", "E202", "E202"],
        "Fiscal memory could not be written",
    ),
    (
        4,
        0,
        ["-", "-", "E203", "-", "-", "-"],
        "Fiscal memory could not be accessed",
    ),
    (
        5,
        6,
        ["-", "-", "-", "i", "-", "-"],
        "Fiscal memory is ready",
    ),
];

const ROWS_OF_BYTE_5: [Row; 9] = [
    (
        5,
        5,
        ["E203", "-", "-", "-", "E203", "-"],
        "Fiscal memory could not be read",
    ),
    (
        5,
        5,
        ["-", "-", "-", "i", "-", "i"],
        "Serial number and number of FM are set",
    ),
    (5, 4, ["i"; 6], "Tax rates are set"),
    (
        5,
        3,
        ["i", "i", "-", "i", "i", "i"],
        "Device is in fiscal mode",
    ),
    (
        5,
        2,
        ["E202", "-", "-", "-", "E202", "-"],
        "Last write to the fiscal memory failed",
    ),
    (5, 1, ["i", "i", "i", "-", "i", "-"], "FM is formatted"),
    (
        5,
        0,
        ["E204", "-", "-", "-", "E204", "-"],
        "Fiscal memory is read-only",
    ),
    (
        5,
        0,
        ["-", "-", "-", "E201", "-", "-"],
        "Fiscal memory overflows",
    ),
    (
        5,
        0,
        ["-", "-", "-", "-", "-", "E204"],
        "Fiscal memory is read-only",
    ),
];

fn is_set(status: &[u8], byte: u8, bit: u8) -> bool {
    let byte = status.get(usize::from(byte));
    byte.is_some_and(|byte| byte & (1 << bit) != 0)
}

/// Everything that the status bytes say.
pub(crate) fn messages(maker: Maker, status: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut third_byte = third(maker, status);
    for (byte, bit, codes, text) in ROWS.iter().chain(&ROWS_OF_BYTE_5) {
        if *byte > 3 {
            messages.extend(third_byte.take());
        }
        if !is_set(status, *byte, *bit) {
            continue;
        }
        match codes[maker as usize] {
            "-" => {}
            "i" => messages.push(Message::info(*text)),
            code => messages.push(Message::coded(code, *text)),
        }
    }
    messages
}

/// Byte 3 holds switches, or the number of the last error, or nothing.
fn third(maker: Maker, status: &[u8]) -> Option<Message> {
    let byte = status.get(3)? & 0x7F;
    match maker {
        Maker::X => None,
        Maker::P | Maker::C | Maker::Eltrade => {
            let switch = |bit: u8| {
                let state = if byte & (1 << bit) == 0 { "OFF" } else { "ON" };
                format!("SW{}={state}", bit + 1)
            };
            let switches: Vec<String> = (0..7).rev().map(switch).collect();
            Some(Message::info(switches.join(", ")))
        }
        Maker::Daisy => numbers::daisy(byte),
        Maker::Incotex => numbers::incotex(byte),
    }
}

/// Bits that a device sets when it did not do what it was told, whatever it was: bad data, unknown
/// command, not now.
const REFUSED: [(u8, u8); 3] = [(0, 0), (0, 1), (1, 1)];
/// Bits that keep a device from doing anything but answering questions: mechanism, memory reset,
/// battery, paper.
const UNABLE: [(u8, u8); 4] = [(0, 4), (1, 2), (1, 3), (2, 0)];

/// Whether the device did not do what it was told. A device in bad shape may still do its work: a
/// journal that is nearly full refuses nothing.
pub(crate) fn is_refusal(maker: Maker, reply: &Reply, kind: Kind) -> bool {
    let any = |bits: &[(u8, u8)]| {
        let set = |(byte, bit): &(u8, u8)| {
            is_set(&reply.status, *byte, *bit) && counts(maker, (*byte, *bit))
        };
        bits.iter().any(set)
    };
    let number = reply.status.get(3).is_some_and(|byte| byte & 0x7F != 0);
    let unable = match maker {
        // The error code decides there; the bits only confirm it.
        Maker::X => false,
        Maker::P | Maker::C => any(&UNABLE),
        Maker::Eltrade => any(&UNABLE) || any(&[(1, 4)]),
        Maker::Daisy => any(&UNABLE) || any(&[(1, 6)]) || number,
        Maker::Incotex => any(&UNABLE) || any(&[(1, 5)]) || number,
    };
    any(&REFUSED) || (kind != Kind::Query && unable)
}

/// Whether a maker uses a bit for an error at all.
fn counts(maker: Maker, place: (u8, u8)) -> bool {
    let rows = ROWS.iter().filter(|(byte, bit, ..)| (*byte, *bit) == place);
    rows.map(|(_, _, codes, _)| codes[maker as usize])
        .any(|code| code.starts_with('E'))
}
