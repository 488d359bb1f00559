//! The two canonical forms of a time, written and read by plain functions of their own.
//!
//! Every event holds several times, and a general reader of RFC 3339 is several times slower.

/// Writes `YYYY-MM-DDThh:mm:ss.` with as many decimals as fit before the `Z`. The second must lie
/// in the years 1970 to 9999, as in both types above.
pub(super) fn write_utc<const WIDTH: usize>(seconds: i64, fraction: i64) -> [u8; WIDTH] {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let mut text = [b'0'; WIDTH];
    put(&mut text[..4], year);
    put(&mut text[5..7], month);
    put(&mut text[8..10], day);
    put(&mut text[11..13], second / 3600);
    put(&mut text[14..16], second / 60 % 60);
    put(&mut text[17..19], second % 60);
    put(&mut text[20..WIDTH - 1], fraction);
    for (place, mark) in MARKS {
        text[place] = mark;
    }
    text[WIDTH - 1] = b'Z';
    text
}

/// Where a canonical time has its punctuation.
const MARKS: [(usize, u8); 6] = [
    (4, b'-'),
    (7, b'-'),
    (10, b'T'),
    (13, b':'),
    (16, b':'),
    (19, b'.'),
];

/// Seconds and fraction of a text that has exactly the form of [`write_utc`]; nothing otherwise.
pub(super) fn read_utc(text: &str, decimals: usize) -> Option<(i64, i64)> {
    let bytes = text.as_bytes();
    let end = 20 + decimals;
    if bytes.len() != end + 1
        || bytes[end] != b'Z'
        || MARKS.iter().any(|(at, mark)| bytes[*at] != *mark)
    {
        return None;
    }
    let (year, month, day) = (get(&bytes[..4])?, get(&bytes[5..7])?, get(&bytes[8..10])?);
    let (hour, minute, second) = (
        get(&bytes[11..13])?,
        get(&bytes[14..16])?,
        get(&bytes[17..19])?,
    );
    let days = days(year, month, day)?;
    let in_range = hour < 24 && minute < 60 && second < 60;
    in_range.then_some((
        days * 86_400 + hour * 3600 + minute * 60 + second,
        get(&bytes[20..end])?,
    ))
}

/// The date of a day since 1970-01-01, counted in years that start in March, where leap days stand
/// last (the method of Hinnant's `civil_from_days`, for days from 0 on).
const fn date(days: i64) -> (i64, i64, i64) {
    let since_0000_03_01 = days + 719_468;
    let (era, day_of_era) = (since_0000_03_01 / 146_097, since_0000_03_01 % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + (month <= 2) as i64, month, day)
}

/// The inverse of [`date`]; nothing for a date that no calendar has.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if year < 1970 || !(1..=12).contains(&month) {
        return None;
    }
    let (march_year, shifted_month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = march_year / 4 - march_year / 100 + march_year / 400;
    let days = march_year * 365 + leap_days + (153 * shifted_month + 2) / 5 + day - 1 - 719_468;
    (date(days) == (year, month, day)).then_some(days)
}

/// Writes a number with leading zeros over the whole slice.
fn put(text: &mut [u8], mut number: i64) {
    for place in text.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

/// Reads digits, and nothing but digits.
fn get(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, c| {
        c.is_ascii_digit()
            .then(|| number * 10 + i64::from(c - b'0'))
    })
}

/// The text of [`write_utc`].
pub(super) fn written(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}
