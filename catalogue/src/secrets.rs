//! What is stored of each kind of secret. Doors that check one compute the same with these.
//!
//! Every kind has a purpose of its own, so that a badge is no key even when their texts are equal.

use daybook_schema::hash::{self, Digest};
use daybook_schema::id::PosId;

/// Purpose of API keys.
pub const KEY: &str = "api-key";
/// Purpose of the tokens of cash desk sessions.
pub const SESSION: &str = "session-token";
/// Purpose of the badges that override refusals.
pub const BADGE: &str = "badge";
/// Purpose of the passwords of points of sale; the id of the point of sale follows.
pub const POS_PASSWORD: &str = "pos-password:";

/// What is stored of an API key.
#[must_use]
pub fn key_hash(secret: &[u8; 32], text: &str) -> Digest {
    hash::secret(secret, KEY, text)
}

/// What is stored of a session's token.
#[must_use]
pub fn session_hash(secret: &[u8; 32], text: &str) -> Digest {
    hash::secret(secret, SESSION, text)
}

/// What is stored of a user's badge.
#[must_use]
pub fn badge_hash(secret: &[u8; 32], text: &str) -> Digest {
    hash::secret(secret, BADGE, text)
}

/// What is stored of the password of a point of sale. The id is part of it, so that the log does
/// not show which points of sale share a password.
#[must_use]
pub fn pos_password_hash(secret: &[u8; 32], pos: PosId, text: &str) -> Digest {
    hash::secret(secret, &format!("{POS_PASSWORD}{pos}"), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_and_each_point_of_sale_has_its_own_hash() {
        let secret = [7; 32];
        let mut hashes = vec![
            key_hash(&secret, "text"),
            session_hash(&secret, "text"),
            badge_hash(&secret, "text"),
            pos_password_hash(&secret, PosId(1), "text"),
            pos_password_hash(&secret, PosId(2), "text"),
            key_hash(&[8; 32], "text"),
        ];
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 6);
    }
}
