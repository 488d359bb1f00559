//! Who asks: a program on this machine, which needs nothing, or the holder of a key.

use super::problem::Problem;
use crate::ledger::{Book, Ledger};
use crate::peer::Peer;
use crate::peer::local::{is_local, is_no_foreign_page};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use daybook_catalogue::secrets;
use daybook_projections::Views;
use daybook_schema::facts::Scope;
use daybook_schema::id::KeyId;
use daybook_schema::{Actor, LogName};

/// Who asks.
pub(super) struct Caller {
    /// Whose printers and tasks are meant; nothing when several instances might be.
    pub book: Option<Book>,
    pub by: Actor,
    /// Whether it may send raw commands to devices.
    pub is_admin: bool,
    /// Whether it is a program on this machine, or a page of this server there.
    pub is_here: bool,
}

impl Caller {
    /// The caller of a request. A key that is given must be right.
    pub(super) fn of(
        ledger: &Ledger,
        installation: &[u8; 32],
        instance: Option<&LogName>,
        request: &Request,
    ) -> Result<Self, Problem> {
        let headers = request.headers();
        let peer = request.extensions().get::<Peer>().copied();
        let local = is_local(peer, headers);
        let is_here = local && is_no_foreign_page(headers);
        if let Some(key) = key(headers) {
            let hash = secrets::key_hash(installation, key);
            let known = |book: Book| {
                let (id, admin) = scopes(&book.views(), &hash)?;
                Some(Self {
                    book: Some(book),
                    by: Actor::Key(id),
                    is_admin: admin || is_here,
                    is_here,
                })
            };
            let found = ledger.books().into_iter().find_map(known);
            return found.ok_or(Problem::Unauthorized);
        }
        if !local {
            return Err(Problem::Unauthorized);
        }
        Ok(Self {
            book: ledger.default_book(instance),
            by: Actor::Anyone,
            is_admin: is_here,
            is_here,
        })
    }
}

/// The key of a request: `Token KEY` or `Bearer KEY`. Other schemes are not ours.
fn key(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.trim().split_once(' ')?;
    let known = ["token", "bearer"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    known.then_some(key.trim())
}

/// A key in force that opens this door, and whether it administers.
fn scopes(views: &Views, hash: &daybook_schema::Digest) -> Option<(KeyId, bool)> {
    let key = views.access.key_of(hash)?;
    let has = |scope| key.scopes.contains(&scope);
    has(Scope::Print).then(|| (key.id, has(Scope::Admin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_behind_either_word() {
        for (value, expected) in [
            ("Token abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic YTpi", None),
            ("abc", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(
                header::AUTHORIZATION,
                axum::http::HeaderValue::from_static(value),
            )]);
            assert_eq!(key(&headers), expected, "{value}");
        }
        assert_eq!(key(&HeaderMap::new()), None);
    }
}
