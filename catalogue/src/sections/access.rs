//! Who may do what: `users`, `sessions` and `api_keys`. Secrets become keyed hashes here.

use super::Known;
use crate::limits::{MAX_ENTRIES, PASSWORD_CHARS};
use crate::record::Record;
use crate::registry::Registry;
use crate::scalar;
use crate::secrets;
use daybook_schema::facts::{Key, Session, User};
use daybook_schema::hash::Digest;
use daybook_schema::id::{CashDeskId, KeyId, SessionId, UserId};

pub(super) fn users(root: &mut Record<'_>, known: &mut Known<'_>) -> Option<Vec<User>> {
    let mut usernames = Registry::new("user", "username");
    let mut badges = Registry::new("user", "auth_token");
    let secret = known.secret;
    root.section(
        "users",
        MAX_ENTRIES,
        &mut known.users,
        |user| user.id,
        |r| {
            let username = r.name("username");
            if !username.is_empty() {
                usernames.claim(r.cx, r.path(), username.clone());
            }
            let badge = r.optional_line("auth_token", &PASSWORD_CHARS);
            let badge_hash = badge.map(|text| secrets::badge_hash(secret, &text));
            if let Some(hash) = badge_hash {
                badges.claim(r.cx, r.path(), hash);
            }
            User {
                badge_hash,
                id: r.id("id", UserId),
                name: r.name("name"),
                roles: r.words("roles"),
                username,
            }
        },
    )
}

pub(super) fn sessions(root: &mut Record<'_>, known: &Known<'_>) -> Option<Vec<Session>> {
    let mut ids = Registry::new("session", "id");
    let mut tokens = Registry::new("session", "token");
    root.section(
        "sessions",
        MAX_ENTRIES,
        &mut ids,
        |session| session.id,
        |r| Session {
            cash_before: r.optional_money("cash_before").unwrap_or_default(),
            cash_desk: r.reference("cashdesk", &known.cash_desks, CashDeskId),
            id: r.id("id", SessionId),
            starts: r.optional_time("starts"),
            token_hash: credential(r, "token", &mut tokens, |text| {
                secrets::session_hash(known.secret, text)
            }),
            user: r.reference("user", &known.users, UserId),
        },
    )
}

pub(super) fn api_keys(root: &mut Record<'_>, known: &Known<'_>) -> Option<Vec<Key>> {
    let mut ids = Registry::new("API key", "id");
    let mut keys = Registry::new("API key", "key");
    root.section(
        "api_keys",
        MAX_ENTRIES,
        &mut ids,
        |key| key.id,
        |r| {
            let before = r.cx.count();
            let scopes = r.words("scopes");
            if scopes.is_empty() && r.cx.count() == before {
                r.refuse("scopes", "names nothing that the key could open");
            }
            Key {
                hash: credential(r, "key", &mut keys, |text| {
                    secrets::key_hash(known.secret, text)
                }),
                id: r.id("id", KeyId),
                name: r.name("name"),
                scopes,
            }
        },
    )
}

/// The keyed hash of a secret that identifies its holder, and so must be unique.
fn credential(
    r: &mut Record<'_>,
    name: &'static str,
    taken: &mut Registry<Digest>,
    hash: impl Fn(&str) -> Digest,
) -> Digest {
    let Some(text) = r.required(name, scalar::credential) else {
        return Digest::ZERO;
    };
    let hash = hash(&text);
    taken.claim(r.cx, r.path(), hash);
    hash
}
