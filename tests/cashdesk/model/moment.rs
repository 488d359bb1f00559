//! Moments, and how a message writes them. The venue's zone is UTC.

use serde_json::Value;

/// Microseconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment(pub i64);

const SECOND: i64 = 1_000_000;

impl Moment {
    /// A time of the catalogue: RFC 3339 with an offset.
    pub fn of(text: &str) -> Self {
        let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
        let days = days_of(number(0, 4), number(5, 7), number(8, 10));
        let seconds = number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
        let offset = match &text[19..] {
            "Z" => 0,
            zone => {
                let minutes = number(20, 22) * 60 + number(23, 25);
                if zone.starts_with('-') {
                    -minutes
                } else {
                    minutes
                }
            }
        };
        Self((days * 86_400 + seconds - offset * 60) * SECOND)
    }

    /// `2026-05-01 12:00:00`
    pub fn text(self) -> String {
        let seconds = self.0.div_euclid(SECOND);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date_of(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// Days since 1970 of a date. Years begin in March here, so that a leap day is a year's last day.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970: the first year and month whose end lies after it.
fn date_of(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days.div_euclid(366);
    while days_of(year + 1, 1, 1) <= days {
        year += 1;
    }
    let month = (1..=12)
        .rev()
        .find(|month| days_of(year, *month, 1) <= days);
    let month = month.unwrap();
    (year, month, days - days_of(year, month, 1) + 1)
}

const REDEEMED_AT: &str = " has already been redeemed at ";

/// The value without the times that messages name: a request that is refused says when it looked,
/// and only the service knows that.
pub fn timeless(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.split_once(REDEEMED_AT) {
            Some((ticket, _)) => format!("{ticket}{REDEEMED_AT}…").into(),
            None => value.clone(),
        },
        Value::Array(values) => values.iter().map(timeless).collect(),
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(name, value)| (name.clone(), timeless(value)))
                .collect()
        }
        _ => value.clone(),
    }
}
