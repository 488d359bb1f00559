//! Times as the venue's clocks show them, wherever it is.

use super::stand::{CREATE, Stand, book, redeem};
use super::venue::{KIM, venue};
use daybook_schema::At;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::{Value, json};

/// At any time of the year, one hemisphere or the other has its clocks set forward.
const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Australia/Sydney",
    "America/St_Johns",
    "Asia/Kathmandu",
];

async fn stand_in(zone: &str) -> Stand {
    let mut catalogue = venue();
    catalogue["instance"]["time_zone"] = json!(zone);
    Stand::of(&catalogue).await
}

/// When the log says it happened.
async fn recorded(stand: &Stand) -> Timestamp {
    let events = stand.server.events().await;
    let sale = events
        .iter()
        .find(|event| event["type"] == "sale.recorded")
        .unwrap();
    let at = At::parse(sale["at"].as_str().unwrap()).unwrap();
    Timestamp::from_microsecond(at.micros()).unwrap()
}

/// The same moment, with microseconds and the offset of that day, and `Z` for none.
fn shown_in(moment: Timestamp, zone: &TimeZone) -> String {
    let offset = zone.to_offset(moment).seconds();
    let local = Timestamp::from_second(moment.as_second() + i64::from(offset)).unwrap();
    let micros = moment.subsec_microsecond();
    let clock = local.strftime("%Y-%m-%dT%H:%M:%S");
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs() / 60;
    match minutes {
        0 => format!("{clock}.{micros:06}Z"),
        _ => format!(
            "{clock}.{micros:06}{sign}{:02}:{:02}",
            minutes / 60,
            minutes % 60
        ),
    }
}

#[tokio::test]
async fn a_transactions_time_is_local_with_its_offset() {
    for name in ZONES {
        let stand = stand_in(name).await;
        let mut desk = stand.desk(KIM);
        let id = book(&mut desk, &[redeem("paid-01-x")]).await;
        let shown = desk.shown(&format!("{CREATE}{id}/")).await;
        let (moment, zone) = (
            recorded(&stand).await,
            TimeZoneDatabase::bundled().get(name).unwrap(),
        );
        assert_eq!(shown["datetime"], shown_in(moment, &zone), "{name}");
        // To people it is told without offset, to the second.
        let local = shown_in(moment, &zone)[..19].replace('T', " ");
        let ticket = desk.shown("/api/preorderpositions/101/").await;
        let message = format!("This ticket (paid-0…) has already been redeemed at {local}.");
        assert_eq!(ticket["redemption_message"], message, "{name}");
    }
}

/// A ping is told by the same clock.
#[tokio::test]
async fn a_pings_times_are_local() {
    let stand = stand_in("Asia/Kathmandu").await;
    let mut desk = stand.desk(KIM);
    desk.post("/api/cashdesk/print-ping/", None, &Value::Null)
        .await;
    let ping = desk.shown("/api/pings/1/").await;
    let body = json!({"pong": ping["secret"]});
    desk.post("/api/cashdesk/pong/", None, &body).await;
    let ping = desk.shown("/api/pings/1/").await;
    for name in ["pinged", "ponged"] {
        let text = ping[name].as_str().unwrap();
        assert_eq!((text.len(), &text[26..]), (32, "+05:45"), "{text}");
    }
    assert!(ping["pinged"].as_str() < ping["ponged"].as_str());
}

/// `12:43 a.m.`: at midnight and noon it is twelve.
#[tokio::test]
async fn the_current_time_is_told_for_people() {
    for name in ZONES {
        let stand = stand_in(name).await;
        let mut desk = stand.desk(KIM);
        let zone = TimeZoneDatabase::bundled().get(name).unwrap();
        // A sale before and after: the time told is between them.
        book(&mut desk, &[redeem("paid-01-x")]).await;
        let told = desk.shown("/api/cashdesk/current-time/").await;
        assert_eq!(told.as_object().unwrap().len(), 1);
        let text = told["string"].as_str().unwrap().to_owned();
        let id = book(&mut desk, &[redeem("paid-02-x")]).await;
        let after = desk.shown(&format!("{CREATE}{id}/")).await["datetime"].clone();
        let after: Timestamp = after.as_str().unwrap().parse().unwrap();
        let before = recorded(&stand).await;
        let minutes = before.as_second() / 60..=after.as_second() / 60;
        let clocks: Vec<_> = minutes
            .map(|minute| {
                let offset = i64::from(zone.to_offset(before).seconds()) / 60;
                let minute = (minute + offset).rem_euclid(24 * 60);
                let (hour, half) = (minute / 60, if minute < 720 { "a.m." } else { "p.m." });
                format!("{}:{:02} {half}", (hour + 11) % 12 + 1, minute % 60)
            })
            .collect();
        assert!(
            clocks.contains(&text),
            "{name}: {text} is not among {clocks:?}"
        );
    }
}
