//! What happens at a cash desk besides sales: the drawer, copies, supplies, the display, pings.
//!
//! `request` is the BLAKE3 digest of the request's meaningful parts, present if and only if the
//! client chose the command id.

use crate::hash::Digest;
use crate::id::{ItemId, PingId, SessionId, SupplyPackId, TxId};
use crate::line::exact_integer;
use serde::{Deserialize, Deserializer, Serialize};

/// Something that a session asked for, with nothing more to say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeskAction {
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// Which session.
    pub session: SessionId,
}

/// A session asked for a copy of a receipt. A copy keeps the receipt's number and is no turnover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CopyRequest {
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// Which session.
    pub session: SessionId,
    /// The first record of the sale whose receipt it is.
    #[serde(deserialize_with = "exact_tx_id")]
    pub transaction: TxId,
}

/// A pack of items came to a cash desk: a movement of its pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SupplyUse {
    /// Pieces in the pack.
    pub amount: u32,
    /// The item that stock counts.
    pub item: ItemId,
    /// The pack.
    pub pack: SupplyPackId,
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// Which session.
    pub session: SessionId,
}

/// A code that a cash desk printed, to see how long it takes until someone scans it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ping {
    /// Counts from 1 within the instance.
    pub id: PingId,
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// What the code says. No credential: whoever scans it may know it.
    pub secret: String,
    /// Which session printed it.
    pub session: SessionId,
}

/// Something happened to a ping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PingMark {
    /// Which ping.
    pub id: PingId,
    /// Digest of the request, when the client chose the command id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
}

fn exact_tx_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TxId, D::Error> {
    exact_integer(deserializer).map(TxId)
}
