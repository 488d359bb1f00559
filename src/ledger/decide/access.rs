//! Keys and devices.

use super::Rejection;
use daybook_projections::Views;
use daybook_schema::facts::{Device, Key, Scope, Withdrawn};
use daybook_schema::id::{KeyId, PosId};
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
    let last = views
        .access
        .keys()
        .map(|state| state.key.id.0)
        .max()
        .unwrap_or(0);
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    Ok(Fact::KeyIssued(Key {
        hash,
        id: KeyId(last + 1),
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
