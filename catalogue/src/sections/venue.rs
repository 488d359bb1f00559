//! The venue itself: `instance`, `settings` and `license`.

use crate::Change;
use crate::limits::{CODE_CHARS, MAX_SETTINGS, NAME_CHARS, PROSE_CHARS};
use crate::record::Record;
use crate::scalar;
use crate::value::Value;
use daybook_schema::facts::{Instance, License, LicenseLimits, Setting};
use daybook_schema::id::LogName;
use daybook_schema::money::Currency;
use jiff::tz::TimeZoneDatabase;

pub(super) fn instance(root: &mut Record<'_>) -> Option<Instance> {
    root.required("instance", |_| Ok(()))?;
    root.object("instance", |venue| {
        let slug = venue.required("slug", |value| scalar::parsed(value, LogName::new));
        let currency = venue.required("currency", |value| scalar::parsed(value, Currency::new));
        venue.cx.currency.set(currency);
        let name = venue.name("name");
        let time_zone = venue.required("time_zone", |value| scalar::parsed(value, time_zone));
        let day_starts_at =
            venue.optional("day_starts_at", |value| scalar::parsed(value, day_start));
        let address = venue.optional_line("address", &NAME_CHARS);
        Some(Instance {
            address,
            currency: currency?,
            day_starts_at: day_starts_at.unwrap_or_else(|| "00:00".to_owned()),
            name,
            slug: slug?,
            time_zone: time_zone?,
        })
    })?
}

/// The name of a zone of the IANA database. The database is the one inside this program, so that a
/// file means the same on every computer.
fn time_zone(text: &str) -> Result<String, String> {
    let zones = TimeZoneDatabase::bundled();
    // The lookup ignores case; other programs that read the name may not.
    if zones
        .get(text)
        .is_ok_and(|zone| zone.iana_name() == Some(text))
    {
        return Ok(text.to_owned());
    }
    let typed = text.replace(' ', "_");
    let near = zones.available().find(|zone| {
        let zone = zone.as_str();
        let city = zone.rsplit('/').next().unwrap_or_default();
        zone.eq_ignore_ascii_case(&typed) || city.eq_ignore_ascii_case(&typed)
    });
    let hint = near.map_or_else(
        || ": write it like Europe/Berlin, or UTC".to_owned(),
        |zone| format!("; did you mean \"{zone}\"?"),
    );
    let text = scalar::shorten(text, 40);
    Err(format!("\"{text}\" is no IANA time zone{hint}"))
}

fn day_start(text: &str) -> Result<String, String> {
    let two = |digits: &str, below: u8| {
        digits.len() == 2
            && digits.bytes().all(|b| b.is_ascii_digit())
            && digits.parse::<u8>().is_ok_and(|number| number < below)
    };
    match text.split_once(':') {
        Some((hours, minutes)) if two(hours, 24) && two(minutes, 60) => Ok(text.to_owned()),
        _ => Err(format!(
            "\"{}\" is no time of day like 06:00",
            scalar::shorten(text, 20)
        )),
    }
}

pub(super) fn settings(root: &mut Record<'_>) -> Option<Vec<Setting>> {
    let members = root.free_members("settings")?;
    let path = root.at("settings");
    if members.len() > MAX_SETTINGS {
        let count = members.len();
        root.refuse(
            "settings",
            &format!("has {count} entries; at most {MAX_SETTINGS} are read"),
        );
        return None;
    }
    let mut settings: Vec<Setting> = members
        .iter()
        .filter_map(|(key, value)| {
            let path = format!("{path}.{}", scalar::shorten(key, 40));
            setting(key, value)
                .map_err(|message| root.cx.refuse(&path, &message))
                .ok()
        })
        .collect();
    settings.sort_by(|a, b| a.key.cmp(&b.key));
    Some(settings)
}

fn setting(key: &str, value: &Value) -> Result<Setting, String> {
    let key = scalar::code(&Value::Text(key.to_owned()), &CODE_CHARS)
        .map_err(|message| format!("the name of the setting {message}"))?;
    let value = scalar::prose(value, &PROSE_CHARS)?;
    Ok(Setting { key, value })
}

pub(super) fn license(root: &mut Record<'_>) -> Change<License> {
    root.change("license", |license| License {
        active: license.flag_or("active", true),
        created: license
            .required("created", scalar::time)
            .unwrap_or_default(),
        expires: license.optional_time("expires"),
        key: license.name("key"),
        limits: license.object("limits", limits).unwrap_or_default(),
        name: license.name("name"),
        type_: license.name("type"),
    })
}

fn limits(limits: &mut Record<'_>) -> LicenseLimits {
    let any = 0..=u32::MAX;
    LicenseLimits {
        devices: limits.number_or("devices", &any, 0),
        payment_methods: limits.number_or("payment_methods", &any, 0),
        points_of_sale: limits.number_or("points_of_sale", &any, 0),
        products: limits.number_or("products", &any, 0),
        tickets: limits.number_or("tickets", &any, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_and_times_of_day() {
        for good in [
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+1",
            "CET",
        ] {
            assert!(time_zone(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "Berlin",
            "europe/berlin",
            "Europe/",
            "/Berlin",
            "A/B/C/D",
            "Europe/Bad City",
            "Europe/Atlantis",
            "Europe/berlin",
            "Etc/Unknown",
        ] {
            assert!(time_zone(bad).is_err(), "{bad}");
        }
        assert!(day_start("00:00").is_ok() && day_start("23:59").is_ok());
        for bad in ["24:00", "6:00", "06:60", "06:00:00", "+6:00", "0600", ""] {
            assert!(day_start(bad).is_err(), "{bad}");
        }
    }
}
