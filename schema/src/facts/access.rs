//! Who may do what: keys, users, devices and sessions. Secrets appear as keyed hashes only.

use crate::hash::Digest;
use crate::id::{CashDeskId, KeyId, PosId, SessionId, UserId};
use crate::money::Money;
use crate::time::At;
use serde::{Deserialize, Serialize};

/// What an API key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Change the instance: messages to tills, later settings.
    Admin,
    /// Read the log.
    Audit,
    /// FD1: customer displays and lanes.
    Fd1,
    /// The ConcertPOS door: tills.
    Pos,
    /// The print server, from other machines than this one.
    Print,
    /// The QR menu events.
    Qr,
}

/// An API key, without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Key {
    /// Keyed hash of the key.
    pub hash: Digest,
    /// Id, public.
    pub id: KeyId,
    /// Who holds it.
    pub name: String,
    /// What it opens, sorted.
    pub scopes: Vec<Scope>,
}

/// What a user may do at a cash desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Manages sessions and looks into preorders.
    Backoffice,
    /// Sells.
    Cashier,
    /// Everything.
    Superuser,
    /// Overrides refusals with a badge.
    Troubleshooter,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct User {
    /// Keyed hash of the badge that overrides refusals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge_hash: Option<Digest>,
    /// Id.
    pub id: UserId,
    /// Name for people.
    pub name: String,
    /// Roles, sorted.
    pub roles: Vec<Role>,
    /// Login name.
    pub username: String,
}

/// A device (a till's tablet, say) that reported itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Device {
    /// The point of sale it stands at, when it named a known one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point_of_sale: Option<PosId>,
    /// The device's own id, 1 to 64 characters, any text.
    pub uuid: String,
}

/// A session of a user at a cash desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Session {
    /// Cash in the drawer at the start.
    pub cash_before: Money,
    /// Where.
    pub cash_desk: CashDeskId,
    /// Id.
    pub id: SessionId,
    /// Before this its token opens nothing; absent = it began when it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<At>,
    /// Keyed hash of the session's token.
    pub token_hash: Digest,
    /// Who.
    pub user: UserId,
}

/// The end of a session: its token opens nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SessionEnd {
    /// Cash counted in the drawer at the end, when it was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_after: Option<Money>,
    /// Which session.
    pub id: SessionId,
}
