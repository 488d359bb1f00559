//! `GET /api/v4/events`: what happened behind an event that the client knows.

use super::Door;
use super::caller::Staff;
use super::error::QrError;
use super::objects::Event;
use super::reply::Reply;
use daybook_projections::qr_event::Queued;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The longest that a poll may wait, in seconds.
const MAX_WAIT: u64 = 60;

/// Lines that one answer shows, modifiers counted as lines of their own; with more events to tell, the
/// client hears of them with its next poll.
const MAX_SHOWN: usize = 5000;

/// What a poll is answered.
#[derive(Serialize)]
struct Updates<'a> {
    updates: Vec<Event<'a>>,
}

impl Door {
    /// Answers at once when there is something to tell or the client does not wait; else with the
    /// first event, or when the time is up or the server stops.
    pub(super) async fn poll(&self, staff: &Staff, query: &str) -> Result<Reply, QrError> {
        let (hash, wait) = asked(query)?;
        let mut bell = wait.map(|_| self.bells.listen(&staff.book));
        let end = Instant::now() + wait.unwrap_or_default();
        loop {
            let views = staff.book.views();
            if !staff.is_in_force(&views) {
                return Err(QrError::InvalidToken);
            }
            let currency = views
                .instance
                .described()
                .ok_or(QrError::Unavailable)?
                .currency;
            let events = views.qr_event.behind(&hash, (self.clock)());
            let Some(heard) = bell.as_mut().filter(|_| events.is_empty()) else {
                let updates = first_of(&events).map(|event| Event::of(event, currency));
                let updates = updates.collect();
                return Ok(Reply::ok(&Updates { updates }));
            };
            let rung = tokio::select! {
                biased;
                () = self.stop.cancelled() => false,
                heard = timeout_at(end, heard.changed()) => matches!(heard, Ok(Ok(()))),
            };
            if !rung {
                // One last look.
                bell = None;
            }
        }
    }
}

/// The oldest events, as many as one answer shows: at least one, and the rest with the next poll, whose
/// cursor is then the last of these.
fn first_of<'a>(events: &[&'a Arc<Queued>]) -> impl Iterator<Item = &'a Arc<Queued>> {
    let mut shown = 0;
    events.iter().copied().take_while(move |event| {
        let before = shown;
        shown += event.lines();
        before == 0 || shown <= MAX_SHOWN
    })
}

/// The event that the client knows, and how long it waits for the next. Every text names an event,
/// if only one that is not known: `none` is no more special than that.
fn asked(query: &str) -> Result<(String, Option<Duration>), QrError> {
    let (mut hash, mut wait) = (String::new(), None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "hash" => hash = value.into_owned(),
            "wait" => wait = Some(seconds(&value)?),
            _ => {}
        }
    }
    Ok((hash, wait))
}

fn seconds(text: &str) -> Result<Duration, QrError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| digits && (1..=MAX_WAIT).contains(seconds));
    let refused = || QrError::Invalid("\"wait\" is a number of seconds from 1 to 60".to_owned());
    seconds.map(Duration::from_secs).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_names_what_it_knows_and_how_long_it_waits() {
        for (query, hash, wait) in [
            ("", "", None),
            ("hash=", "", None),
            ("hash=none", "none", None),
            ("hash=0xAB&other=1&wait=60", "0xAB", Some(60)),
            ("wait=1&hash=a&hash=b%20c", "b c", Some(1)),
            ("hash=%FF&&=&x", "\u{fffd}", None),
        ] {
            let asked = asked(query).unwrap();
            assert_eq!(
                asked,
                (hash.to_owned(), wait.map(Duration::from_secs)),
                "{query}"
            );
        }
        for wait in [
            "",
            "0",
            "61",
            "-1",
            "%2B5",
            "1.5",
            "x",
            "99999999999999999999",
            "5%20",
        ] {
            assert!(asked(&format!("hash=none&wait={wait}")).is_err(), "{wait}");
        }
    }
}
