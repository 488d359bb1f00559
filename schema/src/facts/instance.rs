//! The venue itself: its description, settings, licence, deposit and messages.

use crate::id::{LogName, ProductId};
use crate::money::{Currency, Money};
use crate::time::At;
use serde::{Deserialize, Serialize};

/// The venue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Instance {
    /// Postal address in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The currency of every amount in this log. It never changes once set.
    pub currency: Currency,
    /// Local time `HH:MM` at which a business day starts.
    pub day_starts_at: String,
    /// Name for people.
    pub name: String,
    /// The slug; equals the log's name.
    pub slug: LogName,
    /// IANA name of the venue's time zone.
    pub time_zone: String,
}

/// A setting with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Setting {
    /// Name.
    pub key: String,
    /// Value, always text.
    pub value: String,
}

/// A setting's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SettingKey {
    /// Name.
    pub key: String,
}

/// The licence record that tills ask for. Informative: limits are not enforced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct License {
    /// Whether it is in force (an expiry counts besides).
    pub active: bool,
    /// When it was made.
    pub created: At,
    /// When it ends; absent = never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<At>,
    /// The licence key.
    pub key: String,
    /// Limits; 0 = unlimited.
    pub limits: LicenseLimits,
    /// Licensee.
    pub name: String,
    /// Kind of licence.
    #[serde(rename = "type")]
    pub type_: String,
}

/// Limits of a licence; 0 = unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct LicenseLimits {
    /// Devices.
    pub devices: u32,
    /// Payment methods.
    pub payment_methods: u32,
    /// Points of sale.
    pub points_of_sale: u32,
    /// Products.
    pub products: u32,
    /// Tickets.
    pub tickets: u32,
}

/// The deposit that is added to every piece of a product with `deposit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Deposit {
    /// Price of one deposit, in minor units.
    pub price: Money,
    /// The product under which deposits are booked.
    pub product: ProductId,
}

/// The clock of a node was behind what the log already says. Recorded times repeat `from` until the
/// clock has passed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClockStep {
    /// Time of the event before.
    pub from: At,
    /// What the clock said.
    pub to: At,
}

/// A message from an operator to all tills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Message {
    /// 1 to 500 characters.
    pub text: String,
}
