//! The header that signs a provider's message: `t=<unix seconds>,v1=<hex>` over `{t}.{body}`.

use daybook_schema::At;
use daybook_schema::hash::{self, Signature};

/// How far the message's time may be from ours. Unit: seconds.
const TOLERANCE: i64 = 5 * 60;

/// Most signatures that one header may hold: a provider that changes its secret sends two.
const MOST_SIGNATURES: usize = 4;

const SECOND: i64 = 1_000_000;

/// A header as it was read.
pub(super) struct Header<'a> {
    /// The time as it was written, which is what is signed.
    time: &'a str,
    signatures: Vec<Signature>,
}

impl<'a> Header<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut time = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            match part.trim().split_once('=')? {
                ("t", given) if time.is_none() => time = Some(given),
                ("t", _) => return None,
                ("v1", hex) if signatures.len() < MOST_SIGNATURES => {
                    signatures.extend(Signature::from_hex(hex));
                }
                // Later versions of the scheme may stand beside ours.
                _ => {}
            }
        }
        let time = time.filter(|time| time.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some(Self { time, signatures })
    }

    /// Whether the body was signed with the secret, and recently.
    pub(super) fn holds(text: &'a str, secret: &[u8], body: &[u8], now: At) -> bool {
        let Some(header) = Self::read(text) else {
            return false;
        };
        let Ok(time) = header.time.parse::<i64>() else {
            return false;
        };
        let recent = (now.micros() / SECOND).abs_diff(time) <= TOLERANCE.unsigned_abs();
        let message = [header.time.as_bytes(), b".", body];
        let mut signatures = header.signatures.iter();
        recent && signatures.any(|signature| hash::is_signed(secret, &message, signature))
    }

    /// The header that signs a body now.
    pub(super) fn sign(secret: &[u8], now: At, body: &[u8]) -> String {
        let time = (now.micros() / SECOND).to_string();
        let signature = hash::sign(secret, &[time.as_bytes(), b".", body]);
        format!("t={time},v1={signature}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"whsec_0123456789";
    const BODY: &[u8] = b"{\"payment\":\"5f\",\"sum\":24.0,\"status\":\"paid\"}";
    const NOW: i64 = 1_767_225_600;

    fn at(seconds: i64) -> At {
        At::from_micros((NOW + seconds) * SECOND)
    }

    fn holds(header: &str) -> bool {
        Header::holds(header, SECRET, BODY, at(0))
    }

    #[test]
    fn a_signature_holds_for_its_secret_body_and_time() {
        let header = Header::sign(SECRET, at(0), BODY);
        assert!(header.starts_with("t=1767225600,v1="));
        assert!(holds(&header));
        assert!(!Header::holds(&header, b"another secret", BODY, at(0)));
        assert!(!Header::holds(&header, SECRET, &BODY[1..], at(0)));
        for (seconds, expected) in [(300, true), (-300, true), (301, false), (-301, false)] {
            assert_eq!(
                Header::holds(&header, SECRET, BODY, at(seconds)),
                expected,
                "{seconds}"
            );
        }
        // A time that was moved, and one that was written otherwise.
        assert!(!holds(&header.replace("t=1767225600", "t=1767225601")));
        assert!(!holds(&header.replace("t=1767225600", "t=01767225600")));
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let header = Header::sign(SECRET, at(0), BODY);
        let (time, signature) = header.split_once(',').unwrap();
        let wrong = "0".repeat(64);
        for header in [
            format!("{signature}, {time}"),
            format!("{time},v1={wrong},{signature}"),
            format!("{time},v0=old,v2=new,{signature}"),
        ] {
            assert!(holds(&header), "{header}");
        }
        for header in [
            String::new(),
            time.to_owned(),
            signature.to_owned(),
            format!("{time},v1={wrong}"),
            format!("{time},{time},{signature}"),
            format!("t=,{signature}"),
            format!("t=-1,{signature}"),
            format!("t=99999999999999999999,{signature}"),
            format!("{time},{}", signature.to_uppercase().replace("V1", "v1")),
            format!(
                "{time},{}{signature}",
                format!("v1={wrong},").repeat(MOST_SIGNATURES)
            ),
            format!("{header},and more"),
        ] {
            assert!(!holds(&header), "{header}");
        }
    }
}
