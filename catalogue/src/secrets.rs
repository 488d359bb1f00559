//! What is stored of each kind of secret. Doors that check one compute the same with these.
//!
//! Every kind has a purpose of its own, so that a badge is no key even when their texts are equal.

use daybook_schema::hash::{self, Digest};
use daybook_schema::id::{PosId, TableId};

/// Purpose of API keys.
pub const KEY: &str = "api-key";
/// Purpose of the tokens of cash desk sessions.
pub const SESSION: &str = "session-token";
/// Purpose of the badges that override refusals.
pub const BADGE: &str = "badge";
/// Purpose of the passwords of points of sale; the id of the point of sale follows.
pub const POS_PASSWORD: &str = "pos-password:";

/// Purpose of the links in the codes at tables.
pub const TABLE_LINK: &str = "table-link";

/// Bytes of a table link's proof: half a hash, so that the code stays small and nobody guesses one.
const PROOF_BYTES: usize = 16;

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

/// The link in the code at a table: `slug.table.proof`. Whoever holds it is a guest at that table.
/// Another `generation` withdraws all links of the instance.
#[must_use]
pub fn table_link(secret: &[u8; 32], slug: &str, table: TableId, generation: &str) -> String {
    let text = format!("{slug}/{table}/{generation}");
    let Digest(proof) = hash::secret(secret, TABLE_LINK, &text);
    let proof = proof[..PROOF_BYTES]
        .iter()
        .map(|byte| format!("{byte:02x}"));
    format!("{slug}.{table}.{}", proof.collect::<String>())
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

    #[test]
    fn each_table_and_each_generation_has_its_own_link() {
        let secret = [7; 32];
        let link = table_link(&secret, "festival", TableId(5), "");
        let proof = link.strip_prefix("festival.5.").unwrap();
        assert_eq!(proof.len(), 32);
        let links = [
            link.clone(),
            table_link(&secret, "festival", TableId(6), ""),
            table_link(&secret, "festival", TableId(5), "2"),
            table_link(&secret, "restaurant", TableId(5), ""),
            table_link(&[8; 32], "festival", TableId(5), ""),
        ];
        let proofs = links.iter().map(|link| &link[link.len() - 32..]);
        let mut proofs: Vec<_> = proofs.collect();
        proofs.sort_unstable();
        proofs.dedup();
        assert_eq!(proofs.len(), 5);
    }
}
