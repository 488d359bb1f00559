//! Local times of a venue.

use daybook_schema::At;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

/// The zone with this IANA name, from the database inside this program, so that every machine shows
/// the same. UTC when there is none: an import refuses unknown zones, but an old log may name one.
#[must_use]
pub fn zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled()
        .get(name)
        .unwrap_or(TimeZone::UTC)
}

/// What clocks in the zone show.
#[must_use]
pub fn local(at: At, zone: &TimeZone) -> Zoned {
    // The calendar of the library ends a day before ours, in the year 9999.
    let time = Timestamp::from_microsecond(at.micros()).unwrap_or(Timestamp::MAX);
    time.to_zoned(zone.clone())
}
