//! What went over the wire, as the log keeps it: hex, with passwords blanked.

use super::talk::{Direction, Frame};
use daybook_printers::speak::blanked;
use daybook_printers::uri::Driver;

/// Frames as texts: `>` (sent) or `<` (heard), and the bytes as hex. What was sent and carries a
/// password is blanked as its family writes it, checksum and all.
pub(super) fn frames(driver: Driver, frames: &[Frame]) -> Vec<String> {
    let one = |frame: &Frame| match frame.direction {
        Direction::Sent => format!(">{}", hex(&blanked(driver, &frame.bytes))),
        Direction::Received => format!("<{}", hex(&frame.bytes)),
    };
    frames.iter().map(one).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_a_password_is_blanked_and_nothing_else() {
        let frame = |direction, bytes: &[u8]| Frame {
            direction,
            bytes: bytes.to_vec(),
        };
        // Opening with operator 1 and password 4711, a question, and what came back.
        let opens = b"\x01\x2B\x240\x31,4711,1,\x050000\x03";
        let asks = b"\x01\x24\x25\x4A\x050093\x03";
        let talk = [
            frame(Direction::Sent, opens),
            frame(Direction::Received, &[0x15]),
            frame(Direction::Sent, asks),
        ];
        let written = frames(Driver::DatecsP, &talk);
        let stars = "2A".repeat(opens.len() - 5);
        assert_eq!(written[0], format!(">012B2430{stars}03"));
        assert_eq!(written[1], "<15");
        assert_eq!(written[2], format!(">{}", hex(asks)));
        // Where nothing carries one, nothing is blanked.
        let written = frames(Driver::EscPos, &talk);
        assert_eq!(written[0], format!(">{}", hex(opens)));
    }
}
