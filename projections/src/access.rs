//! Who may do what: API keys, users, devices.

use daybook_schema::facts::{Key, Scope, User};
use daybook_schema::id::{KeyId, PosId, UserId};
use daybook_schema::{At, Digest, Event, Fact};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Keys, users and devices of an instance.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AccessView {
    keys: OrdMap<KeyId, KeyState>,
    by_hash: OrdMap<Digest, KeyId>,
    users: OrdMap<UserId, Arc<User>>,
    by_badge: OrdMap<Digest, UserId>,
    devices: OrdMap<String, DeviceState>,
}

/// A key and whether it still opens anything.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyState {
    /// The key, by its hash.
    pub key: Arc<Key>,
    /// Ended for good.
    pub revoked: bool,
}

/// A device that reported itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceState {
    /// When it last did.
    pub last_ping: At,
    /// Where it stands.
    pub point_of_sale: Option<PosId>,
}

impl AccessView {
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::KeyIssued(key) => {
                if let Some(old) = self.keys.get(&key.id) {
                    self.by_hash.remove(&old.key.hash);
                }
                self.by_hash.insert(key.hash, key.id);
                self.keys.insert(
                    key.id,
                    KeyState {
                        key: Arc::new(key.clone()),
                        revoked: false,
                    },
                );
            }
            Fact::KeyRevoked(gone) => {
                if let Some(state) = self.keys.get_mut(&gone.id) {
                    state.revoked = true;
                    self.by_hash.remove(&state.key.hash);
                }
            }
            Fact::UserDefined(user) => {
                self.forget_badge(user.id);
                if let Some(badge) = user.badge_hash {
                    self.by_badge.insert(badge, user.id);
                }
                self.users.insert(user.id, Arc::new(user.clone()));
            }
            Fact::UserWithdrawn(gone) => {
                self.forget_badge(gone.id);
                self.users.remove(&gone.id);
            }
            Fact::DeviceRegistered(device) => {
                let earlier = self.devices.get(&device.uuid).and_then(|d| d.point_of_sale);
                let point_of_sale = device.point_of_sale.or(earlier);
                let state = DeviceState {
                    last_ping: event.at,
                    point_of_sale,
                };
                self.devices.insert(device.uuid.clone(), state);
            }
            _ => {}
        }
    }

    fn forget_badge(&mut self, user: UserId) {
        let badge = self.users.get(&user).and_then(|user| user.badge_hash);
        // Another user may carry it by now.
        if let Some(badge) = badge
            && self.by_badge.get(&badge) == Some(&user)
        {
            self.by_badge.remove(&badge);
        }
    }

    /// The user whose badge has this hash.
    #[must_use]
    pub fn user_of_badge(&self, badge: &Digest) -> Option<&Arc<User>> {
        self.users.get(self.by_badge.get(badge)?)
    }

    /// The key in force whose hash this is.
    #[must_use]
    pub fn key_of(&self, hash: &Digest) -> Option<&Arc<Key>> {
        let id = self.by_hash.get(hash)?;
        self.keys.get(id).map(|state| &state.key)
    }

    /// Whether any key in force has the scope.
    #[must_use]
    pub fn any_key_for(&self, scope: Scope) -> bool {
        self.keys
            .values()
            .any(|state| !state.revoked && state.key.scopes.contains(&scope))
    }

    /// A key by its id, also a revoked one.
    #[must_use]
    pub fn key(&self, id: KeyId) -> Option<&KeyState> {
        self.keys.get(&id)
    }

    /// All keys by id, also revoked ones.
    pub fn keys(&self) -> impl Iterator<Item = &KeyState> {
        self.keys.values()
    }

    /// A user.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(&id)
    }

    /// All users by id.
    pub fn users(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.values()
    }

    /// A device by its own id.
    #[must_use]
    pub fn device(&self, uuid: &str) -> Option<&DeviceState> {
        self.devices.get(uuid)
    }
}
