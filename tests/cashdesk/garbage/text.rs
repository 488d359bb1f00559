//! JSON as text, since much of it is nothing that a program would build.

use crate::support::Dice;

/// All kinds of values, and what is special of each.
pub(super) const VALUES: [&str; 40] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "1.5",
    "-1",
    "1e2",
    "1e-2",
    "4294967296",
    "4294967297",
    "18446744073709551616",
    "-9223372036854775809",
    "1e999999999",
    "-1e-999999999",
    "1e99999999999999999999",
    "0e99999999999999999999",
    "0.00000000000000000000000000000001",
    "123456789012345678901234567890.123456789012345678901234567890",
    "\"\"",
    "\" \"",
    "\"0\"",
    "\"-0\"",
    "\"999\"",
    "\"+1\"",
    "\"1_0\"",
    "\"NaN\"",
    "\"Infinity\"",
    "\"\\u0000\"",
    "\"\\ud83c\\udf9f\"",
    "\"\u{202e}\u{feff}\"",
    "\"٣\"",
    "\"/../\\\\'\\\"<b>%00{}\"",
    "[]",
    "[[[[[[[[]]]]]]]]",
    "[null]",
    "{}",
    "{\"\":{\"\":{\"\":[]}}}",
    "{\"type\":\"sell\",\"product\":1}",
];

/// Any JSON.
pub(super) fn json(dice: &mut Dice, depth: u32) -> String {
    match dice.roll(if depth == 0 { 20 } else { 30 }) {
        0 => format!("\"{}\"", "ü".repeat(dice.index(3000))),
        1 => "9".repeat(1 + dice.index(400)),
        2 => nested(dice),
        20..25 => {
            let entries = (0..dice.roll(5)).map(|_| json(dice, depth - 1));
            format!("[{}]", entries.collect::<Vec<_>>().join(","))
        }
        25.. => {
            let members = (0..dice.roll(5)).map(|_| {
                let name = *dice.pick(&NAMES);
                format!("\"{name}\":{}", json(dice, depth - 1))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        _ => (*dice.pick(&VALUES)).to_owned(),
    }
}

/// Lists or objects in each other, few or far too many.
fn nested(dice: &mut Dice) -> String {
    let depth = *dice.pick(&[2, 60, 127, 128, 129, 5000, 100_000]);
    let (open, middle, close) = *dice.pick(&[("[", "", "]"), ("{\"a\":", "1", "}"), ("[", "", "")]);
    format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
}

/// Members that mean something somewhere, and some that nearly do.
const NAMES: [&str; 22] = [
    "positions",
    "cash_given",
    "type",
    "secret",
    "product",
    "auth",
    "authorized_by",
    "bypass_price",
    "list_1",
    "list_2",
    "list_01",
    "list_99999999999999999999",
    "list_",
    "warning_acknowledged",
    "warning_1_acknowledged",
    "warning_2_acknowledged",
    "pay_for_unpaid",
    "transaction",
    "pong",
    "identifier",
    "",
    "\\u0000",
];

/// What the members hold when a client is right.
const RIGHT: [(&str, &str); 9] = [
    ("type", "\"sell\""),
    ("type", "\"redeem\""),
    ("product", "1"),
    ("product", "13"),
    ("secret", "\"tiny\""),
    ("secret", "\"paid-13-x\""),
    ("list_1", "\"10001\""),
    ("bypass_price", "12.0"),
    ("warning_1_acknowledged", "true"),
];

/// A position that is right in most of its members.
fn position(dice: &mut Dice) -> String {
    let mut members = Vec::new();
    for (name, right) in RIGHT {
        match dice.roll(12) {
            0 => members.push(format!("\"{name}\":{}", json(dice, 2))),
            1..8 => members.push(format!("\"{name}\":{right}")),
            _ => {}
        }
    }
    if dice.roll(4) == 0 {
        let name = *dice.pick(&NAMES);
        members.push(format!("\"{name}\":{}", json(dice, 2)));
    }
    format!("{{{}}}", members.join(","))
}

/// The text of a body.
pub(super) fn body(dice: &mut Dice) -> String {
    match dice.roll(8) {
        0 => json(dice, 4),
        1 => {
            let name = *dice.pick(&["transaction", "pong", "identifier"]);
            let value = *dice.pick(&["1", "\"1\"", "\"/ping x\"", "null", "1.0", "0"]);
            format!("{{\"{name}\":{value}}}")
        }
        2 => format!("{{\"{}\":{}}}", dice.pick(&NAMES), json(dice, 3)),
        kind => {
            let positions = (0..=dice.roll(3)).map(|_| match dice.roll(10) {
                0 => json(dice, 2),
                _ => position(dice),
            });
            let positions = positions.collect::<Vec<_>>().join(",");
            let cash = match kind {
                3 => format!("\"cash_given\":{},", json(dice, 1)),
                _ => String::new(),
            };
            format!("{{{cash}\"positions\":[{positions}]}}")
        }
    }
}
