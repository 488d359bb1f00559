//! Who asks: staff with an API key, or a guest with the link of a table.

use super::error::QrError;
use super::link;
use crate::ledger::{Book, Ledger};
use axum::extract::Request;
use axum::http::HeaderMap;
use daybook_catalogue::secrets;
use daybook_projections::Views;
use daybook_schema::facts::Scope;
use daybook_schema::id::{KeyId, TableId};
use daybook_schema::{Actor, Digest};
use std::borrow::Cow;

/// The header of an API key. It is never taken from a query, which ends up in logs.
const TOKEN: &str = "token";

/// The header of a table link, and its parameter in the query.
const LINK_HEADER: &str = "table-link";
const LINK_PARAMETER: &str = "link";

/// Someone with an API key.
pub(super) struct Staff {
    pub book: Book,
    key: KeyId,
    hash: Digest,
}

/// Someone at a table.
pub(super) struct Guest {
    pub book: Book,
    pub table: TableId,
    pub link: String,
}

/// Who asks at a table.
pub(super) enum Caller {
    Staff(Staff),
    Guest(Guest),
}

impl Staff {
    /// The key of a request. Its instance is the request's.
    pub(super) fn of(
        ledger: &Ledger,
        installation: &[u8; 32],
        headers: &HeaderMap,
    ) -> Result<Self, QrError> {
        let token = headers.get(TOKEN).and_then(|token| token.to_str().ok());
        let token = token.filter(|token| !token.is_empty());
        let hash = secrets::key_hash(installation, token.ok_or(QrError::InvalidToken)?);
        let known = ledger.books().into_iter().find_map(|book| {
            let key = key(&book.views(), &hash)?;
            Some(Self { book, key, hash })
        });
        known.ok_or(QrError::InvalidToken)
    }

    /// Whether the key still opens this door: polls may wait for long.
    pub(super) fn is_in_force(&self, views: &Views) -> bool {
        key(views, &self.hash) == Some(self.key)
    }
}

fn key(views: &Views, hash: &Digest) -> Option<KeyId> {
    let key = views.access.key_of(hash)?;
    key.scopes.contains(&Scope::Qr).then_some(key.id)
}

impl Guest {
    /// The guest at the table that a link opens.
    pub(super) fn of(
        ledger: &Ledger,
        installation: &[u8; 32],
        link: &str,
    ) -> Result<Self, QrError> {
        let opened = link::opened(ledger, installation, link);
        let (book, table) = opened.ok_or(QrError::InvalidToken)?;
        let link = link.to_owned();
        Ok(Self { book, table, link })
    }
}

impl Caller {
    pub(super) const fn book(&self) -> &Book {
        match self {
            Self::Staff(staff) => &staff.book,
            Self::Guest(guest) => &guest.book,
        }
    }

    pub(super) const fn actor(&self) -> Actor {
        match self {
            Self::Staff(staff) => Actor::Key(staff.key),
            Self::Guest(guest) => Actor::Table(guest.table),
        }
    }
}

/// Whether a request comes with a key; then a link counts for nothing.
pub(super) fn has_token(headers: &HeaderMap) -> bool {
    headers.get(TOKEN).is_some_and(|token| !token.is_empty())
}

/// The table link of a request: the header's, else the query's.
pub(super) fn link(request: &Request) -> Option<Cow<'_, str>> {
    if let Some(link) = request.headers().get(LINK_HEADER) {
        return link.to_str().ok().map(Cow::Borrowed);
    }
    let query = request.uri().query().unwrap_or_default();
    let links = form_urlencoded::parse(query.as_bytes());
    let links = links.filter(|(name, _)| name == LINK_PARAMETER);
    links.last().map(|(_, link)| link)
}
