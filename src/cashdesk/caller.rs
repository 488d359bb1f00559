//! Who calls: the session of a token, and whether it may be used from there and now.

use super::error::DeskError;
use crate::ledger::{Book, Ledger};
use crate::peer::Peer;
use axum::http::{HeaderMap, header};
use daybook_catalogue::secrets;
use daybook_projections::Views;
use daybook_schema::facts::{CashDesk, Role, Session, User};
use daybook_schema::id::{PosId, SessionId};
use daybook_schema::{At, Currency};
use jiff::tz::TimeZone;
use std::net::IpAddr;
use std::sync::Arc;

/// A request's instance, and the session that it came from.
pub(super) struct Caller {
    pub book: Book,
    /// As of the beginning of the request.
    pub views: Arc<Views>,
    /// Where requests come from.
    pub peer: Peer,
    /// None where a door is open to all.
    session: Option<Arc<Session>>,
    user: Option<Arc<User>>,
    cash_desk: Option<Arc<CashDesk>>,
}

impl Caller {
    /// The session of the request's token. Checked in the documented order.
    pub(super) fn authenticate(
        ledger: &Ledger,
        installation: &[u8; 32],
        headers: &HeaderMap,
        (peer, at): (Peer, At),
    ) -> Result<Self, DeskError> {
        let token = token(headers)?;
        let hash = secrets::session_hash(installation, token);
        let mut known = ledger.books().into_iter().filter_map(|book| {
            let views = book.views();
            let session = views.session.session_of(&hash)?.clone();
            Some((book, views, session))
        });
        // A token of two instances could book into the wrong one, so it is the token of none.
        let (Some((book, views, session)), None) = (known.next(), known.next()) else {
            return Err(DeskError::Unauthorized("Invalid token.".to_owned()));
        };
        let user = views.access.user(session.user).cloned();
        if !views.session.is_open(&session, at) || user.is_none() {
            return Err(DeskError::session_ended());
        }
        let cash_desk = views.session.cash_desk(session.cash_desk);
        let cash_desk = cash_desk.filter(|desk| !desk.inactive && is_at(desk, peer.ip));
        let Some(cash_desk) = cash_desk.cloned() else {
            return Err(DeskError::wrong_desk(peer.ip));
        };
        Ok(Self {
            book,
            views,
            peer,
            session: Some(session),
            user,
            cash_desk: Some(cash_desk),
        })
    }

    /// Someone without a token.
    pub(super) fn anyone(book: Book, peer: Peer) -> Self {
        let views = book.views();
        Self {
            book,
            views,
            peer,
            session: None,
            user: None,
            cash_desk: None,
        }
    }

    pub(super) fn session(&self) -> Option<SessionId> {
        self.session.as_ref().map(|session| session.id)
    }

    /// The point of sale of the session's cash desk.
    pub(super) fn pos(&self) -> PosId {
        let desk = self.cash_desk.as_ref();
        desk.map_or(PosId(0), |desk| desk.point_of_sale)
    }

    /// Whether the user may look into preorders.
    pub(super) fn sees_preorders(&self) -> bool {
        let roles = self.user.iter().flat_map(|user| &user.roles);
        roles.into_iter().any(|role| *role != Role::Cashier)
    }

    /// The venue's time zone.
    pub(super) fn zone(&self) -> TimeZone {
        let instance = self.views.instance.described();
        instance.map_or(TimeZone::UTC, |instance| {
            super::local::zone(&instance.time_zone)
        })
    }

    /// The venue's currency. A log without a description has no amounts to write.
    pub(super) fn currency(&self) -> Option<Currency> {
        let instance = self.views.instance.described();
        instance.map(|instance| instance.currency)
    }
}

/// Whether a request claims a token, good or not; any other scheme is no credential here.
pub(super) fn has_token(headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    let scheme = given.and_then(|given| given.split_ascii_whitespace().next());
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("token"))
}

/// The token of a request.
fn token(headers: &HeaderMap) -> Result<&str, DeskError> {
    let refused = |detail: &str| Err(DeskError::Unauthorized(detail.to_owned()));
    let given = headers.get(header::AUTHORIZATION);
    // What is no text has no scheme that we know.
    let given = given.and_then(|value| value.to_str().ok());
    let mut words = given.unwrap_or_default().split_ascii_whitespace();
    let scheme = words.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("token") {
        return refused("Authentication credentials were not provided.");
    }
    match (words.next(), words.next()) {
        (None, _) => refused("Invalid token header. No credentials provided."),
        (Some(_), Some(_)) => {
            refused("Invalid token header. Token string should not contain spaces.")
        }
        (Some(token), None) => Ok(token),
    }
}

/// Whether a desk may be used from an address.
fn is_at(desk: &CashDesk, ip: IpAddr) -> bool {
    let bound = desk.ip_address.as_deref();
    bound.is_none_or(|bound| {
        bound
            .parse::<IpAddr>()
            .is_ok_and(|bound| bound.to_canonical() == ip)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn said(value: Option<&str>) -> Result<String, String> {
        let mut headers = HeaderMap::new();
        if let Some(value) = value {
            headers.insert(
                header::AUTHORIZATION,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        match token(&headers) {
            Ok(token) => Ok(token.to_owned()),
            Err(DeskError::Unauthorized(detail)) => Err(detail),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_header_is_read_as_documented() {
        let none = "Authentication credentials were not provided.";
        let empty = "Invalid token header. No credentials provided.";
        let spaces = "Invalid token header. Token string should not contain spaces.";
        for (value, expected) in [
            (None, Err(none)),
            (Some(""), Err(none)),
            (Some("Bearer abc"), Err(none)),
            (Some("Tokenabc"), Err(none)),
            (Some("Token"), Err(empty)),
            (Some("Token a b"), Err(spaces)),
            (Some("Token abc"), Ok("abc")),
            (Some("tOKEN   abc"), Ok("abc")),
            (Some("Token ä"), Err(none)),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(said(value), expected, "{value:?}");
        }
    }
}
