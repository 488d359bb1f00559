//! What went over the wire, as the log keeps it: hex, with passwords blanked.

use super::talk::{Direction, Frame};

/// What stands in the place of each byte of a password.
const BLANK: u8 = b'*';

/// Frames as texts: `>` (sent) or `<` (heard), and the bytes as hex. In what was sent, each of the
/// secrets is blanked wherever it stands between two separators; checksums stay as they were sent.
pub(super) fn frames(frames: &[Frame], secrets: &[String]) -> Vec<String> {
    let one = |frame: &Frame| {
        let mut bytes = frame.bytes.clone();
        let sign = match frame.direction {
            Direction::Sent => {
                for secret in secrets {
                    blank(&mut bytes, secret.as_bytes());
                }
                '>'
            }
            Direction::Received => '<',
        };
        let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        format!("{sign}{hex}")
    };
    frames.iter().map(one).collect()
}

/// Passwords follow an operator and a separator, or stand alone at the beginning.
fn blank(bytes: &mut [u8], secret: &[u8]) {
    if secret.is_empty() || bytes.len() < secret.len() {
        return;
    }
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    for from in 0..=bytes.len() - secret.len() {
        let to = from + secret.len();
        let alone = !word(from.checked_sub(1).and_then(|i| bytes.get(i))) && !word(bytes.get(to));
        if alone
            && bytes.get(from..to) == Some(secret)
            && let Some(place) = bytes.get_mut(from..to)
        {
            place.fill(BLANK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_blanked_where_it_stands_alone() {
        let sent = |text: &str| Frame {
            direction: Direction::Sent,
            bytes: text.as_bytes().to_vec(),
        };
        let heard = Frame {
            direction: Direction::Received,
            bytes: vec![0x15],
        };
        let secrets = ["4711".to_owned()];
        let written = frames(&[sent("1,4711,1"), sent("x47115"), heard], &secrets);
        let hex = |text: &str| text.bytes().map(|b| format!("{b:02X}")).collect::<String>();
        assert_eq!(written[0], format!(">{}", hex("1,****,1")));
        assert_eq!(written[1], format!(">{}", hex("x47115")));
        assert_eq!(written[2], "<15");
    }
}
