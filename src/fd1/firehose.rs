//! A firehose: what one request opened, and how far its client has been told.

use super::error::Fault;
use super::hub::{self, Hub, Lane};
use super::packet::{self, Packet};
use super::predicate::Predicate;
use super::schema::{self, Pattern};
use super::session::Rights;
use super::shown::Shown;
use crate::json::{self, Value};
use crate::ledger::feed::Entry;
use daybook_schema::Fact;
use daybook_schema::id::PosId;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Messages that may wait for a reader. They wait in the log, not in memory.
const WAITING: u64 = 1000;

/// How long more than that may wait until the reader is too slow.
const PATIENCE: Duration = Duration::from_secs(10);

/// A firehose.
pub(super) struct Firehose {
    /// Its name: the `rq` of the request that opened it.
    pub k: String,
    pub event: String,
    pattern: Pattern,
    predicates: Vec<Predicate>,
    pub paused: bool,
    include_status: bool,
    /// The state of the lane that was last told, if any.
    told: Option<Arc<Lane>>,
    /// Of one that can be resumed: how far its client is.
    pub place: Option<Place>,
}

/// A place in the log.
pub(super) struct Place {
    /// Seq of the event that is looked at next.
    pub next: u64,
    /// Whether it was at the end of the log once: before that, it catches up in its own time.
    live: bool,
    /// When it was last not too far behind, or its socket had nothing to deliver.
    in_time: Instant,
}

/// How a firehose stands.
#[derive(Serialize)]
pub(super) struct Standing<'a> {
    pub k: &'a str,
    pub paused: bool,
    pub include_status: bool,
}

/// What `set_firehose_option` changes.
pub(super) struct Options {
    pause: Option<bool>,
    include_status: Option<bool>,
}

impl Firehose {
    /// Reads what a request opens. Events after `end` come when it names no other place.
    ///
    /// # Errors
    /// When it makes no sense, or is not covered by the login.
    pub(super) fn open(packet: &Packet, rights: Rights, end: u64) -> Result<Self, Fault> {
        let k = packet.rq.clone();
        let k = k.ok_or_else(|| Fault::bad_request("rq is missing: it names the firehose"))?;
        let event = packet.value("event")?.and_then(Value::as_str);
        let event = event.ok_or_else(|| Fault::bad_request("v.event is missing, or no text"))?;
        let pattern = Pattern::read(event, rights)?;
        let predicates = Predicate::read_all(packet.member("q"))?;
        let after = match packet.value("after")? {
            None => None,
            Some(after) => {
                let seq = json::whole(after).and_then(|seq| u64::try_from(seq).ok());
                let refused = || Fault::bad_request("v.after is the seq of an event, from 0 on");
                Some(seq.ok_or_else(refused)?)
            }
        };
        let place = pattern.is_resumable().then(|| Place {
            next: after.map_or(end, |after| after.saturating_add(1)),
            live: after.is_none(),
            in_time: Instant::now(),
        });
        Ok(Self {
            k,
            event: event.to_owned(),
            pattern,
            predicates,
            paused: false,
            include_status: true,
            told: None,
            place,
        })
    }

    pub(super) fn standing(&self) -> Standing<'_> {
        Standing {
            k: &self.k,
            paused: self.paused,
            include_status: self.include_status,
        }
    }

    pub(super) fn set(&mut self, options: &Options) {
        if let Some(pause) = options.pause {
            // What was missed is told as the current state.
            if self.paused && !pause {
                self.told = None;
                // Catching up with what was missed takes the time that it takes.
                if let Some(place) = &mut self.place {
                    place.live = false;
                }
            }
            self.paused = pause;
            self.wake(Instant::now());
        }
        self.include_status = options.include_status.unwrap_or(self.include_status);
    }

    /// The socket follows another lane.
    pub(super) fn forget(&mut self) {
        self.told = None;
    }

    /// Its socket had nothing to deliver until now: whatever waits has just come.
    pub(super) fn wake(&mut self, now: Instant) {
        if let Some(place) = &mut self.place {
            place.in_time = now;
        }
    }

    /// Whether the logins cover what it delivers.
    pub(super) fn is_covered(&self, rights: Rights) -> bool {
        self.pattern.is_covered(rights)
    }

    /// Whether it delivers a schema now.
    pub(super) fn wants(&self, name: &str) -> bool {
        !self.paused && self.pattern.covers(name)
    }

    /// What its client is told of a lane that may have changed.
    pub(super) fn show(&mut self, lane: &Arc<Lane>) -> Vec<String> {
        if self.paused {
            return Vec::new();
        }
        if self
            .told
            .as_ref()
            .is_some_and(|told| Arc::ptr_eq(told, lane))
        {
            return Vec::new();
        }
        let told = self.told.replace(lane.clone());
        let told = told.as_deref();
        let mut messages = Vec::new();
        for name in lane.current.since(told.map(|lane| &lane.current)) {
            messages.extend(self.message(name, None, &lane.current.shown));
        }
        if told.is_none_or(|told| told.active.seq != lane.active.seq) {
            messages.extend(self.message(schema::ACTIVE, None, &lane.active.shown));
        }
        messages
    }

    /// The repeated status of a sale that is open.
    pub(super) fn repeat(&self, lane: &Lane) -> Option<String> {
        let due = lane.current.open && self.include_status && !self.paused;
        due.then(|| self.message(schema::STATUS, None, &lane.current.shown))?
    }

    /// What its client is told of an event.
    pub(super) fn tell(&self, entry: &Entry, hub: &Hub, lane: PosId) -> Option<String> {
        let (fact, seq) = (&entry.event.fact, Some(entry.event.seq));
        let type_name = fact.type_name();
        if self.pattern.covers_event(type_name) {
            let shown = Shown::raw(hub::data(entry)?);
            return self.message(&schema::ledger(type_name), seq, &shown);
        }
        let Fact::SaleRecorded(sale) = fact else {
            return None;
        };
        let ours = sale.point_of_sale.id == lane && sale.part == sale.parts;
        if !ours || !self.pattern.covers(schema::SALE_CREATE) {
            return None;
        }
        self.message(schema::SALE_CREATE, seq, &*hub.sale(entry, sale)?)
    }

    /// A message of a schema, when the firehose delivers it.
    pub(super) fn message(&self, name: &str, seq: Option<u64>, shown: &Shown) -> Option<String> {
        if !self.pattern.covers(name) {
            return None;
        }
        let holds = self.predicates.is_empty() || {
            let value = shown.value();
            self.predicates
                .iter()
                .all(|predicate| predicate.holds(name, value))
        };
        holds.then(|| packet::delivered(&self.k, name, seq, &shown.text))
    }
}

impl Place {
    /// Whether its reader is too slow, with the log's end at `end`.
    pub(super) fn too_slow(&mut self, end: u64, now: Instant) -> bool {
        let behind = end.saturating_sub(self.next);
        self.live |= behind == 0;
        if behind <= WAITING {
            self.in_time = now;
        }
        self.live && now.duration_since(self.in_time) > PATIENCE
    }
}

impl Options {
    /// Reads what a request changes.
    ///
    /// # Errors
    /// When it is nothing, or contradicts itself.
    pub(super) fn read(packet: &Packet) -> Result<Self, Fault> {
        let flag = |name: &str| match packet.value(name)? {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(Fault::bad_request(format!("v.{name} is true or false"))),
        };
        let (pause, resume) = (flag("pause")? == Some(true), flag("resume")? == Some(true));
        let include_status = flag("include_status")?;
        if pause && resume {
            return Err(Fault::bad_request("pause and resume cannot go together"));
        }
        if packet.member("v").is_none() {
            return Err(Fault::bad_request("v names no option"));
        }
        Ok(Self {
            pause: (pause || resume).then_some(pause),
            include_status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_slow_only_when_much_waits_for_long() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut place = Place {
            next: 0,
            live: false,
            in_time: start,
        };
        assert!(!place.too_slow(1_000_000, at(100)), "it catches up");
        place.next = 1_000_000;
        assert!(!place.too_slow(1_000_000, at(101)));
        // After hours of silence, much comes at once: it has its time to read that.
        place.in_time = at(9000);
        assert!(!place.too_slow(1_050_000, at(9000)) && !place.too_slow(1_060_000, at(9009)));
        place.next = 1_059_500;
        assert!(!place.too_slow(1_060_000, at(9010)) && !place.too_slow(1_062_000, at(9020)));
        assert!(place.too_slow(1_062_000, at(9021)));
    }
}
