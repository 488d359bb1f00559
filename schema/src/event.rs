//! The event: one fact with its place in the log.

use crate::facts::Fact;
use crate::hash::Leaf;
use crate::id::{KeyId, LogName, SessionId, TableId, UserId};
use crate::time::{At, TextVisitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// One event, as its line says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it was recorded. Never smaller than that of the previous event.
    pub at: At,
    /// Who asked for it.
    pub by: Actor,
    /// Command id: the client's idempotency key with its scope, where one was sent. Events of one
    /// command carry the same and stand together.
    pub cmd: String,
    /// What happened.
    pub fact: Fact,
    /// The log this belongs to.
    pub log: LogName,
    /// Leaf hash of the event before; zeros in event 0.
    pub prev: Leaf,
    /// Position, from 0, without gaps.
    pub seq: u64,
}

/// Who asked for something: always an id, never a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// Someone without any credential, where a door is open to all.
    Anyone,
    /// The holder of an API key.
    Key(KeyId),
    /// The ledger itself.
    Ledger,
    /// Whoever runs the command line beside the store.
    Operator,
    /// A cash desk session.
    Session(SessionId),
    /// A guest at a table.
    Table(TableId),
    /// A user.
    User(UserId),
}

/// Why a text names nobody.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" names no actor: expected anyone, ledger, operator, key:N, session:N, table:N or user:N"
)]
pub struct ActorError(String);

impl Actor {
    fn parse(text: &str) -> Result<Self, ActorError> {
        let refused = || ActorError(text.chars().take(40).collect());
        match text {
            "anyone" => return Ok(Self::Anyone),
            "ledger" => return Ok(Self::Ledger),
            "operator" => return Ok(Self::Operator),
            _ => {}
        }
        let (kind, id) = text.split_once(':').ok_or_else(refused)?;
        let id = id.parse::<u32>().map_err(|_| refused())?;
        match kind {
            "key" => Ok(Self::Key(KeyId(id))),
            "session" => Ok(Self::Session(SessionId(id))),
            "table" => Ok(Self::Table(TableId(id))),
            "user" => Ok(Self::User(UserId(id))),
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("anyone"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Ledger => f.write_str("ledger"),
            Self::Operator => f.write_str("operator"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Table(id) => write!(f, "table:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(Self::parse))
    }
}
