//! Opening, closing and setting firehoses, and who is told of it.

use super::client::Client;
use super::error::Fault;
use super::firehose::{Firehose, Options};
use super::packet::Packet;
use super::schema;
use super::shown::Shown;
use serde_json::json;

/// Most firehoses of a socket.
const FIREHOSES: usize = 32;

impl Client {
    /// Opens a firehose. Returns the answer and what follows it.
    pub(super) fn open(&mut self, packet: &Packet) -> Result<Vec<String>, Fault> {
        let end = self.hub.book.views().head.size;
        let firehose = Firehose::open(packet, self.rights(), end)?;
        if self.firehoses.iter().any(|open| open.k == firehose.k) {
            let text = format!("A firehose with id {} is open already", firehose.k);
            return Err(Fault::new("duplicate_rq", text));
        }
        if self.firehoses.len() >= FIREHOSES {
            return Err(Fault::new("limit", "A socket has at most 32 firehoses"));
        }
        let mut row = json!({ "k": firehose.k, "event": firehose.event });
        if let Some(place) = &firehose.place {
            // Where to go on, should the connection end before the first message.
            row["seq"] = place.next.saturating_sub(1).into();
        }
        let mut messages = vec![packet.answer(&row)];
        let observes = firehose.wants(schema::FIREHOSES);
        let k = firehose.k.clone();
        self.firehoses.push(firehose);
        for firehose in &self.firehoses {
            if firehose.k == k {
                messages.extend(self.observed(firehose, None));
            } else if observes {
                let observer = Some(k.as_str());
                messages.extend(self.observed(firehose, observer));
            }
        }
        if self
            .firehoses
            .last()
            .is_some_and(|opened| opened.wants(schema::NODE))
        {
            messages.extend(self.debug());
        }
        Ok(messages)
    }

    /// Closes a firehose.
    pub(super) fn close(&mut self, packet: &Packet) -> Result<Vec<String>, Fault> {
        let index = self.index(packet)?;
        let closed = self.firehoses.remove(index);
        let row = json!({ "k": closed.k, "closed": true });
        let mut messages = vec![packet.answer(&row)];
        let shown = Shown::of(&row);
        let observers = self.firehoses.iter().filter(|f| f.wants(schema::FIREHOSES));
        messages.extend(observers.filter_map(|f| f.message(schema::FIREHOSES, None, &shown)));
        Ok(messages)
    }

    /// Pauses, resumes or quiets a firehose.
    pub(super) fn set(&mut self, packet: &Packet) -> Result<Vec<String>, Fault> {
        let index = self.index(packet)?;
        let options = Options::read(packet)?;
        let Some(firehose) = self.firehoses.get_mut(index) else {
            return Ok(Vec::new());
        };
        firehose.set(&options);
        let firehose = &self.firehoses[index];
        let mut messages = vec![packet.answer(&firehose.standing())];
        messages.extend(self.observed(firehose, None));
        Ok(messages)
    }

    /// What those who observe firehoses are told of one; or only the observer with a name.
    fn observed(&self, firehose: &Firehose, only: Option<&str>) -> Vec<String> {
        let standing = firehose.standing();
        let shown = Shown::of(&json!({
            "k": standing.k,
            "event": firehose.event,
            "closed": false,
            "paused": standing.paused,
            "include_status": standing.include_status,
        }));
        let observers = self.firehoses.iter();
        let observers = observers.filter(|f| only.is_none_or(|only| f.k == only));
        let told = observers.filter(|observer| !observer.paused);
        told.filter_map(|observer| observer.message(schema::FIREHOSES, None, &shown))
            .collect()
    }

    fn index(&self, packet: &Packet) -> Result<usize, Fault> {
        let k = packet.key()?;
        let found = self.firehoses.iter().position(|firehose| firehose.k == k);
        found.ok_or_else(|| {
            let k: String = k.chars().take(40).collect();
            Fault::new("unknown_firehose", format!("No open firehose with id {k}"))
        })
    }
}
