//! Keys, devices and sessions.

use super::Rejection;
use super::ids::Ids;
use crate::ledger::command::NewSession;
use daybook_projections::Views;
use daybook_schema::facts::{Device, Key, Scope, Session, SessionEnd, Withdrawn};
use daybook_schema::id::{KeyId, PosId, SessionId};
use daybook_schema::{Digest, Fact};

pub(super) fn register_device(views: &Views, uuid: &str, workplace: Option<PosId>) -> Fact {
    let point_of_sale = workplace.filter(|pos| views.product.point_of_sale(*pos).is_some());
    Fact::DeviceRegistered(Device {
        point_of_sale,
        uuid: uuid.to_owned(),
    })
}

pub(super) fn issue_key(
    views: &Views,
    name: &str,
    hash: Digest,
    scopes: &[Scope],
) -> Result<Fact, Rejection> {
    views.instance.described().ok_or(Rejection::NoCatalogue)?;
    if let Some(key) = views.access.key_of(&hash) {
        return Err(Rejection::KeyInUse(key.id));
    }
    let last = views.access.keys().map(|state| state.key.id.0).max();
    let id = KeyId(Ids::after("key", last).take()?);
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    Ok(Fact::KeyIssued(Key {
        hash,
        id,
        name: name.to_owned(),
        scopes,
    }))
}

pub(super) fn revoke_key(views: &Views, id: KeyId) -> Result<Fact, Rejection> {
    match views.access.key(id) {
        None => Err(Rejection::UnknownKey(id)),
        Some(state) if state.revoked => Err(Rejection::KeyRevoked(id)),
        Some(_) => Ok(Fact::KeyRevoked(Withdrawn { id })),
    }
}

pub(super) fn open_session(views: &Views, new: &NewSession) -> Result<Fact, Rejection> {
    views.instance.described().ok_or(Rejection::NoCatalogue)?;
    match views.session.cash_desk(new.cash_desk) {
        None => return Err(Rejection::UnknownCashDesk(new.cash_desk)),
        Some(desk) if desk.inactive => return Err(Rejection::CashDeskInactive),
        Some(_) => {}
    }
    if views.access.user(new.user).is_none() {
        return Err(Rejection::UnknownUser(new.user));
    }
    if let Some(session) = views.session.session_of(&new.token_hash) {
        return Err(Rejection::TokenInUse(session.id));
    }
    let last = views.session.sessions().map(|session| session.id.0).max();
    let id = SessionId(Ids::after("session", last).take()?);
    Ok(Fact::SessionOpened(Session {
        cash_before: new.cash_before,
        cash_desk: new.cash_desk,
        id,
        starts: None,
        token_hash: new.token_hash,
        user: new.user,
    }))
}

pub(super) fn close_session(views: &Views, end: &SessionEnd) -> Result<Fact, Rejection> {
    if views.session.session(end.id).is_none() {
        return Err(Rejection::UnknownSession(end.id));
    }
    if views.session.closed(end.id).is_some() {
        return Err(Rejection::SessionClosed(end.id));
    }
    Ok(Fact::SessionClosed(end.clone()))
}
