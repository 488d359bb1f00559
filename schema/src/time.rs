//! Points in time: microseconds in UTC, written with exactly 27 characters.
//!
//! Nothing here asks a clock; time comes in as an argument.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A point in time with microsecond resolution. Unit: microseconds since 1970-01-01T00:00:00Z.
/// Written as `YYYY-MM-DDThh:mm:ss.ffffffZ`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(i64);

/// Why a text is no point in time.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no time: write it like 2026-05-01T10:00:00Z")]
pub struct TimeError(String);

impl At {
    /// From microseconds since the epoch, bounded to the years 1970 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(0, 253_402_207_200_999_999))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The whole second this lies in.
    #[must_use]
    pub const fn second(self) -> TxTime {
        TxTime(self.0.div_euclid(1_000_000))
    }

    /// Reads any RFC 3339 text (`Z` or an offset), for times that people write.
    ///
    /// # Errors
    /// When the text is no such time, or outside the years 1970 to 9999.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let refused = || TimeError(text.chars().take(60).collect());
        let micros = text.parse::<Timestamp>().map_err(|_| refused())?.as_microsecond();
        let at = Self::from_micros(micros);
        if at.0 == micros { Ok(at) } else { Err(refused()) }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        write!(f, "{timestamp:.6}")
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(Self::parse))
    }
}

/// The time of a public transaction: whole seconds since the epoch, written as
/// `YYYY-MM-DDThh:mm:ss.000Z` (the form of the transaction rows).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TxTime(i64);

impl TxTime {
    /// From whole seconds since the epoch.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(0, 253_402_207_200))
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    fn parse(text: &str) -> Result<Self, TimeError> {
        At::parse(text).map(At::second)
    }
}

impl fmt::Display for TxTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = Timestamp::from_second(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        write!(f, "{timestamp:.3}")
    }
}

impl Serialize for TxTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TxTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(Self::parse))
    }
}

/// Reads a type from a borrowed text without an allocation on the way.
pub(crate) struct TextVisitor<T, E>(pub(crate) fn(&str) -> Result<T, E>);

impl<T, E: fmt::Display> de::Visitor<'_> for TextVisitor<T, E> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<D: de::Error>(self, text: &str) -> Result<T, D> {
        (self.0)(text).map_err(D::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn always_six_decimals_and_27_characters() {
        let at = At::from_micros(1_795_341_600_000_123);
        assert_eq!(at.to_string(), "2026-11-22T10:00:00.000123Z");
        assert_eq!(At::parse("2026-11-22T11:00:00.000123+01:00"), Ok(at));
        assert_eq!(At::from_micros(0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(at.second().to_string(), "2026-11-22T10:00:00.000Z");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "now", "2026-11-22", "2026-13-01T00:00:00Z", "1960-01-01T00:00:00Z"] {
            assert!(At::parse(text).is_err(), "{text}");
        }
    }
}
