//! The one place that hashes. SHA-256 for chain and tree, SHA-512 for public transactions,
//! BLAKE3 for what is ours (fingerprints, request digests, stored secrets), HMAC-SHA256 for what we
//! sign and check together with others.

use crate::time::TextVisitor;
use hmac::{Hmac, KeyInit, Mac as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256, Sha512};
use std::fmt;

macro_rules! hex_hash {
    ($($(#[$doc:meta])* $name:ident($bytes:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// All zeros: what stands before the first.
            pub const ZERO: Self = Self([0; $bytes]);

            /// Reads lower-case hex of the exact length.
            ///
            /// # Errors
            /// When the text is anything else.
            pub fn from_hex(text: &str) -> Result<Self, HexError> {
                let mut bytes = [0; $bytes];
                decode_hex(text, &mut bytes).map(|()| Self(bytes))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::ZERO
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0u8; 2 * $bytes];
                encode_hex(&self.0, &mut text);
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if !serializer.is_human_readable() {
                    return serializer.serialize_bytes(&self.0);
                }
                let mut text = [0u8; 2 * $bytes];
                encode_hex(&self.0, &mut text);
                serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    return deserializer.deserialize_str(TextVisitor(Self::from_hex));
                }
                let bytes = <&[u8]>::deserialize(deserializer)?;
                bytes.try_into().map(Self).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

hex_hash! {
    /// The RFC 6962 leaf hash of an event line: SHA-256(0x00 ‖ line). Chain link and tree leaf in one.
    Leaf(32);
    /// The public hash of a transaction: SHA-512 of its canonical record.
    TxHash(64);
    /// A BLAKE3 hash: a view's fingerprint, a request's digest or a secret in keyed mode.
    Digest(32);
    /// An HMAC-SHA256 of a message, under a secret that its reader has too.
    Signature(32);
}

/// Why a text is no hash.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected lower-case hex digits of a full hash")]
pub struct HexError;

/// The leaf hash of a line (without its line feed).
#[must_use]
pub fn leaf(line: &[u8]) -> Leaf {
    let mut hasher = Sha256::new();
    hasher.update([0u8]);
    hasher.update(line);
    Leaf(hasher.finalize().into())
}

/// The public hash of a transaction from its canonical preimage.
#[must_use]
pub fn transaction(preimage: &[u8]) -> TxHash {
    TxHash(Sha512::digest(preimage).into())
}

/// The fingerprint of canonical bytes: two nodes or a replay compare 32 bytes instead of a state.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> Digest {
    Digest(*blake3::hash(bytes).as_bytes())
}

/// What is stored of a secret: BLAKE3 keyed with the installation's own secret. `purpose` keeps an
/// API key and a password of the same text apart.
#[must_use]
pub fn secret(installation: &[u8; 32], purpose: &str, text: &str) -> Digest {
    let mut hasher = blake3::Hasher::new_keyed(installation);
    hasher.update(purpose.as_bytes());
    hasher.update(&[0]);
    hasher.update(text.as_bytes());
    Digest(*hasher.finalize().as_bytes())
}

/// Whether two stored secrets are equal, in constant time.
#[must_use]
pub fn same_secret(a: &Digest, b: &Digest) -> bool {
    blake3::Hash::from_bytes(a.0) == blake3::Hash::from_bytes(b.0)
}

/// Signs a message, given in parts, with HMAC-SHA256.
#[must_use]
pub fn sign(secret: &[u8], message: &[&[u8]]) -> Signature {
    Signature(hmac(secret, message).finalize().into_bytes().into())
}

/// Whether a message, given in parts, was signed with the secret. In constant time.
#[must_use]
pub fn is_signed(secret: &[u8], message: &[&[u8]], signature: &Signature) -> bool {
    hmac(secret, message).verify_slice(&signature.0).is_ok()
}

fn hmac(secret: &[u8], message: &[&[u8]]) -> Hmac<Sha256> {
    #[expect(
        clippy::expect_used,
        reason = "HMAC is defined for secrets of every length"
    )]
    let mut hmac = Hmac::new_from_slice(secret).expect("any length will do");
    for part in message {
        hmac.update(part);
    }
    hmac
}

const HEX: [u8; 16] = *b"0123456789abcdef";

/// The value of each lower-case hex digit; 255 for every other byte.
const DIGITS: [u8; 256] = {
    let mut digits = [255; 256];
    let mut value: u8 = 0;
    while value < 16 {
        digits[HEX[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

fn encode_hex(bytes: &[u8], text: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(text.chunks_exact_mut(2)) {
        pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

fn decode_hex(text: &str, bytes: &mut [u8]) -> Result<(), HexError> {
    if text.len() != bytes.len() * 2 {
        return Err(HexError);
    }
    let mut wrong = 0;
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
        wrong |= high | low;
        *byte = (high << 4) | (low & 15);
    }
    if wrong < 16 { Ok(()) } else { Err(HexError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaf_of_nothing_is_the_rfc_6962_vector() {
        let expected = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(leaf(b"").to_string(), expected);
    }

    #[test]
    fn hex_is_strict() {
        let leaf = leaf(b"x");
        assert_eq!(Leaf::from_hex(&leaf.to_string()), Ok(leaf));
        assert_eq!(
            Leaf::from_hex(&leaf.to_string().to_uppercase()),
            Err(HexError)
        );
        assert_eq!(Leaf::from_hex("00"), Err(HexError));
    }

    #[test]
    fn secrets_depend_on_installation_and_purpose() {
        let stored = secret(&[1; 32], "key", "text");
        assert!(same_secret(&stored, &secret(&[1; 32], "key", "text")));
        assert!(!same_secret(&stored, &secret(&[2; 32], "key", "text")));
        assert!(!same_secret(&stored, &secret(&[1; 32], "password", "text")));
    }
    /// Test cases 1 to 4, 6 and 7 of RFC 4231; case 5 is about truncation, which we do not do.
    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let counting: Vec<u8> = (1..=25).collect();
        let cases: [(&[u8], &[u8], &str); 6] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &counting,
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &[0xaa; 131],
                b"This is a test using a larger than block-size key and a larger than block-size \
                data. The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (secret, message, expected) in cases {
            let signature = sign(secret, &[message]);
            assert_eq!(signature.to_string(), expected);
            let (head, tail) = message.split_at(5);
            assert!(is_signed(secret, &[head, tail], &signature));
            assert!(!is_signed(secret, &[head], &signature));
            assert!(!is_signed(b"another", &[message], &signature));
        }
    }
}
