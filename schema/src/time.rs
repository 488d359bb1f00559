//! Points in time: microseconds in UTC, written with exactly 27 characters.
//!
//! Nothing here asks a clock; time comes in as an argument.

mod text;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use text::{read_utc, write_utc, written};

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
        Self(micros.clamp(0, 253_402_300_799_999_999))
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
        let micros = match read_utc(text, 6) {
            Some((seconds, micros)) => seconds * 1_000_000 + micros,
            None => text
                .parse::<Timestamp>()
                .map_err(|_| refused())?
                .as_microsecond(),
        };
        let at = Self::from_micros(micros);
        if at.0 == micros {
            Ok(at)
        } else {
            Err(refused())
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(written(&write_utc::<27>(
            self.0.div_euclid(1_000_000),
            self.0.rem_euclid(1_000_000),
        )))
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(written(&write_utc::<27>(
            self.0.div_euclid(1_000_000),
            self.0.rem_euclid(1_000_000),
        )))
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
        Self(seconds.clamp(0, 253_402_300_799))
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    fn parse(text: &str) -> Result<Self, TimeError> {
        let seconds = read_utc(text, 3).map(|(seconds, _)| seconds);
        let time = seconds
            .map(Self::from_seconds)
            .filter(|time| Some(time.0) == seconds);
        time.map_or_else(|| At::parse(text).map(At::second), Ok)
    }
}

impl fmt::Display for TxTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(written(&write_utc::<24>(self.0, 0)))
    }
}

impl Serialize for TxTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(written(&write_utc::<24>(self.0, 0)))
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
    use proptest::prelude::*;

    fn agrees_with_jiff(micros: i64) {
        let at = At::from_micros(micros);
        let timestamp = Timestamp::from_microsecond(micros).unwrap();
        assert_eq!(at.to_string(), format!("{timestamp:.6}"));
        assert_eq!(At::parse(&at.to_string()), Ok(at));
        let second = Timestamp::from_second(at.second().seconds()).unwrap();
        assert_eq!(at.second().to_string(), format!("{second:.3}"));
        assert_eq!(TxTime::parse(&at.second().to_string()), Ok(at.second()));
    }

    /// The last moment that jiff knows; ours lie a day beyond.
    const LAST_OF_JIFF: i64 = 253_402_207_200_000_000;

    #[test]
    fn every_week_is_the_calendars() {
        for day in (0..LAST_OF_JIFF / 86_400_000_000).step_by(7) {
            agrees_with_jiff(day * 86_400_000_000);
        }
    }

    #[test]
    fn the_last_moment_is_that_of_the_year_9999() {
        let last = At::from_micros(i64::MAX);
        assert_eq!(last.to_string(), "9999-12-31T23:59:59.999999Z");
        assert_eq!(At::parse("9999-12-31T23:59:59.999999Z"), Ok(last));
        assert_eq!(
            TxTime::from_seconds(i64::MAX).to_string(),
            "9999-12-31T23:59:59.000Z"
        );
        assert_eq!(TxTime::from_seconds(i64::MAX), last.second());
    }

    #[test]
    fn dates_that_no_calendar_has_are_refused() {
        for day in [
            "2026-02-29",
            "2100-02-29",
            "2026-04-31",
            "2026-00-10",
            "2026-01-00",
            "2026-01-32",
        ] {
            assert!(
                At::parse(&format!("{day}T00:00:00.000000Z")).is_err(),
                "{day}"
            );
            assert!(
                TxTime::parse(&format!("{day}T00:00:00.000Z")).is_err(),
                "{day}"
            );
        }
        assert!(At::parse("1969-12-31T23:59:59.999999Z").is_err());
        assert!(At::parse("2024-02-29T24:00:00.000000Z").is_err());
    }

    proptest! {
        #[test]
        fn every_microsecond_is_written_as_jiff_writes_it(micros in 0..=LAST_OF_JIFF) {
            agrees_with_jiff(micros);
        }
    }

    #[test]
    fn always_six_decimals_and_27_characters() {
        let at = At::from_micros(1_795_341_600_000_123);
        assert_eq!(at.to_string(), "2026-11-22T10:00:00.000123Z");
        assert_eq!(At::parse("2026-11-22T11:00:00.000123+01:00"), Ok(at));
        assert_eq!(
            At::from_micros(0).to_string(),
            "1970-01-01T00:00:00.000000Z"
        );
        assert_eq!(at.second().to_string(), "2026-11-22T10:00:00.000Z");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "now",
            "2026-11-22",
            "2026-13-01T00:00:00Z",
            "1960-01-01T00:00:00Z",
        ] {
            assert!(At::parse(text).is_err(), "{text}");
        }
    }
}
