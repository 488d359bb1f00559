//! Ids as types of their own, so that a product id never stands where a point of sale belongs.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($repr:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub $repr);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A point of sale (a till, bar or desk), chosen by the operator.
    PosId(u32);
    /// A product, chosen by the operator.
    ProductId(u32);
    /// A modifier of a product ("double cheese"), unique within its product.
    ModifierId(u32);
    /// A payment method, chosen by the operator.
    PaymentMethodId(u32);
    /// A quota shared by products.
    QuotaId(u32);
    /// A time, warning or list constraint; each kind counts for itself.
    ConstraintId(u32);
    /// An entry of a list constraint, unique within the instance.
    ListEntryId(u32);
    /// A preorder.
    PreorderId(u32);
    /// A position of a preorder, unique within the instance.
    PreorderPositionId(u32);
    /// A user (cashier, troubleshooter, back office).
    UserId(u32);
    /// A cash desk: the place where a session works.
    CashDeskId(u32);
    /// A session of a user at a cash desk.
    SessionId(u32);
    /// A table of a restaurant.
    TableId(u32);
    /// A waiter.
    WaiterId(u32);
    /// An API key. The id is public, the key itself is never stored.
    KeyId(u32);
    /// A thing that is handed out with products (a wristband), as stock counts it.
    ItemId(u32);
    /// A pack of items on its way to a cash desk.
    SupplyPackId(u32);
    /// A ping: a code that a cash desk prints, and that someone scans again.
    PingId(u32);
    /// A sale that a tablet builds, counted from 1 within the instance.
    PresellId(u32);
    /// A public transaction, counted from 1 within the instance without gaps.
    TxId(u64);
}

/// The name of a log: the slug of its instance. 1 to 64 characters of `a-z 0-9 -`, starting with a
/// letter or digit, and not the first path segment of another door.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogName(String);

/// Slugs that would shadow another door, since the WebSocket door takes any other path.
pub const RESERVED_SLUGS: [&str; 15] = [
    "api",
    "assets",
    "asyncapi.json",
    "console",
    "display",
    "fd1",
    "healthz",
    "ledger",
    "metrics",
    "openapi.json",
    "printers",
    "readyz",
    "service",
    "t",
    "ws",
];

/// Why a text is no log name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogNameError {
    /// The text breaks the grammar of slugs.
    #[error(
        "\"{0}\" is no instance slug: use 1 to 64 characters of a-z, 0-9 and -, first a letter or digit"
    )]
    Grammar(String),
    /// The slug is the path of another door.
    #[error("\"{0}\" cannot be an instance slug: it is the path of another door")]
    Reserved(String),
}

impl LogName {
    /// Checks the grammar.
    ///
    /// # Errors
    /// When the text is no slug, or names another door.
    pub fn new(text: &str) -> Result<Self, LogNameError> {
        let grammar = (1..=64).contains(&text.len())
            && !text.starts_with('-')
            && text
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if RESERVED_SLUGS.contains(&text) {
            Err(LogNameError::Reserved(text.to_owned()))
        } else if grammar {
            Ok(Self(text.to_owned()))
        } else {
            Err(LogNameError::Grammar(text.chars().take(80).collect()))
        }
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LogName {
    type Error = LogNameError;
    fn try_from(text: String) -> Result<Self, LogNameError> {
        Self::new(&text)
    }
}

impl From<LogName> for String {
    fn from(name: LogName) -> Self {
        name.0
    }
}

impl std::str::FromStr for LogName {
    type Err = LogNameError;
    fn from_str(text: &str) -> Result<Self, LogNameError> {
        Self::new(text)
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_checked() {
        assert!(LogName::new("festival").is_ok());
        assert!(LogName::new("sommer-2026").is_ok());
        for bad in ["", "-a", "Festival", "a b", "ü", "a/b", &"x".repeat(65)] {
            assert!(
                matches!(LogName::new(bad), Err(LogNameError::Grammar(_))),
                "{bad}"
            );
        }
        for door in RESERVED_SLUGS {
            assert!(
                matches!(LogName::new(door), Err(LogNameError::Reserved(_))),
                "{door}"
            );
        }
    }
}
