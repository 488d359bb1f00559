//! Times as a desk's clock shows them, in the zone of its venue.

pub(super) use crate::zone::zone;

use crate::zone::local;
use daybook_schema::At;
use jiff::tz::TimeZone;

/// A time with microseconds and offset, as `2026-05-01T12:00:00.123456+02:00`; the offset zero is
/// `Z`.
#[must_use]
pub(super) fn datetime(at: At, zone: &TimeZone) -> String {
    let local = local(at, zone);
    let offset = if local.offset().is_zero() { "Z" } else { "%:z" };
    local
        .strftime(&format!("%Y-%m-%dT%H:%M:%S%.6f{offset}"))
        .to_string()
}

/// A time in a message to people: `2026-05-01 12:00:00`.
#[must_use]
pub(super) fn stamp(at: At, zone: &TimeZone) -> String {
    local(at, zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The time of day as the desk's display shows it: `12:43 a.m.`
#[must_use]
pub(super) fn clock(at: At, zone: &TimeZone) -> String {
    let local = local(at, zone);
    let half = if local.hour() < 12 { "a.m." } else { "p.m." };
    format!("{} {half}", local.strftime("%-I:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> At {
        At::parse(text).unwrap()
    }

    #[test]
    fn times_have_six_decimals_and_the_offset_of_their_day() {
        for (utc, name, text) in [
            (
                "2026-05-01T10:00:00.123456Z",
                "Europe/Berlin",
                "2026-05-01T12:00:00.123456+02:00",
            ),
            (
                "2026-01-01T10:00:00Z",
                "Europe/Berlin",
                "2026-01-01T11:00:00.000000+01:00",
            ),
            (
                "2026-05-01T10:00:00.000001Z",
                "America/St_Johns",
                "2026-05-01T07:30:00.000001-02:30",
            ),
            (
                "2026-05-01T10:00:00Z",
                "Asia/Kathmandu",
                "2026-05-01T15:45:00.000000+05:45",
            ),
            (
                "2026-05-01T10:00:00.5Z",
                "UTC",
                "2026-05-01T10:00:00.500000Z",
            ),
            (
                "2026-05-01T10:00:00Z",
                "Etc/UTC",
                "2026-05-01T10:00:00.000000Z",
            ),
            (
                "2026-05-01T10:00:00Z",
                "Europe/London",
                "2026-05-01T11:00:00.000000+01:00",
            ),
            (
                "2026-12-01T10:00:00Z",
                "Europe/London",
                "2026-12-01T10:00:00.000000Z",
            ),
            (
                "2026-05-01T10:00:00Z",
                "Nowhere/Land",
                "2026-05-01T10:00:00.000000Z",
            ),
            ("2026-05-01T10:00:00Z", "", "2026-05-01T10:00:00.000000Z"),
        ] {
            assert_eq!(datetime(at(utc), &zone(name)), text, "{name}");
        }
    }

    #[test]
    fn the_end_of_all_time_is_shown() {
        for name in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let text = datetime(At::from_micros(i64::MAX), &zone(name));
            assert!(text.starts_with("9999-12-3"), "{text}");
        }
        let first = stamp(At::from_micros(0), &zone("America/New_York"));
        assert_eq!(first, "1969-12-31 19:00:00");
    }

    #[test]
    fn people_are_shown_their_own_time() {
        let berlin = zone("Europe/Berlin");
        let moment = at("2026-04-30T22:43:07.999999Z");
        assert_eq!(stamp(moment, &berlin), "2026-05-01 00:43:07");
        for (utc, text) in [
            ("2026-04-30T22:43:00Z", "12:43 a.m."),
            ("2026-05-01T04:00:59Z", "6:00 a.m."),
            ("2026-05-01T09:59:00Z", "11:59 a.m."),
            ("2026-05-01T10:00:00Z", "12:00 p.m."),
            ("2026-05-01T11:05:00Z", "1:05 p.m."),
            ("2026-05-01T21:59:59Z", "11:59 p.m."),
        ] {
            assert_eq!(clock(at(utc), &berlin), text);
        }
    }
}
