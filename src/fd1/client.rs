//! What a socket is after its first login: its rights, its lane and its firehoses.

use super::error::Fault;
use super::firehose::Firehose;
use super::hub::{Hub, Lane};
use super::info;
use super::packet::{Packet, delivered};
use super::schema;
use super::session::{self, Asked, Login, Rights};
use super::shown::Shown;
use crate::ledger::Book;
use daybook_schema::id::PosId;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::Instant;

/// A socket that is logged in.
pub(super) struct Client {
    pub hub: Arc<Hub>,
    logins: Vec<Login>,
    pub lane: PosId,
    news: watch::Receiver<Arc<Lane>>,
    end: watch::Receiver<u64>,
    pub firehoses: Vec<Firehose>,
}

/// What the client of an additional login is told.
#[derive(Serialize)]
pub(super) struct Welcome {
    purpose: Option<&'static str>,
    server: String,
    version: &'static str,
}

/// What may be done next for a firehose.
pub(super) enum Step {
    /// These messages are sent.
    Send(Vec<String>),
    /// Nothing, until there is news.
    Wait,
    /// Nothing, until the store answers again.
    Retry,
}

impl Client {
    /// A client after its first login. It follows the lane that the login names, or the first one.
    ///
    /// # Errors
    /// When the venue has no lane.
    pub(super) fn new(hub: Arc<Hub>, asked: Asked) -> Result<Self, Fault> {
        let lane = asked.lane.or_else(|| first_lane(&hub.book));
        let lane = lane.ok_or_else(|| Fault::login_failed("There is no point of sale yet"))?;
        Ok(Self {
            news: hub.follow(lane),
            end: hub.feed.end(),
            hub,
            logins: vec![asked.login],
            lane,
            firehoses: Vec::new(),
        })
    }

    /// A further login extends what the socket may do.
    ///
    /// # Errors
    /// When it belongs to another instance.
    pub(super) fn join(&mut self, asked: Asked) -> Result<(), Fault> {
        if asked.book.log != self.hub.book.log {
            let text = "This socket belongs to another instance: open one more";
            return Err(Fault::login_failed(text));
        }
        if let Some(lane) = asked.lane.filter(|lane| *lane != self.lane) {
            self.lane = lane;
            self.news = self.hub.follow(lane);
            self.firehoses.iter_mut().for_each(Firehose::forget);
        }
        let known = self
            .logins
            .iter()
            .any(|login| login.purpose == asked.login.purpose && login.key == asked.login.key);
        if !known {
            self.logins.push(asked.login);
        }
        Ok(())
    }

    /// The answer to the latest login.
    pub(super) fn welcome(&self, purpose: session::Purpose) -> Welcome {
        Welcome {
            purpose: purpose.name(),
            server: format!("lane-{}", self.lane),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    pub(super) fn rights(&self) -> Rights {
        session::rights(self.logins.iter())
    }

    /// A login that gives a right.
    pub(super) fn login(&self, right: impl Fn(Rights) -> bool) -> Option<&Login> {
        self.logins.iter().find(|login| right(login.rights()))
    }

    /// Forgets logins whose keys were revoked, and closes what only they had opened. Returns what
    /// the client is told, or nothing when no login is left.
    pub(super) fn still_allowed(&mut self) -> Option<Vec<String>> {
        let views = self.hub.book.views();
        let before = self.logins.len();
        self.logins.retain(|login| login.holds(&views));
        if self.logins.len() == before {
            return Some(Vec::new());
        }
        let rights = self.rights();
        let (kept, closed): (Vec<_>, Vec<_>) = std::mem::take(&mut self.firehoses)
            .into_iter()
            .partition(|firehose| firehose.is_covered(rights));
        self.firehoses = kept;
        let told = closed.iter().map(|firehose| firehose.end("not_allowed"));
        (!self.logins.is_empty()).then(|| told.collect())
    }

    /// Waits until something may have to be delivered.
    pub(super) async fn news(&mut self) {
        let lane = self.news.changed();
        let end = self.end.changed();
        let ended = tokio::select! {
            changed = lane => changed.is_err(),
            changed = end => changed.is_err(),
        };
        if ended {
            // The ledger is gone; the server ends.
            std::future::pending::<()>().await;
        }
    }

    /// Nothing was left to deliver until now.
    pub(super) fn wake(&mut self) {
        let now = Instant::now();
        self.firehoses
            .iter_mut()
            .for_each(|firehose| firehose.wake(now));
    }

    /// What the displays among the firehoses are told now.
    pub(super) fn show(&mut self, index: usize) -> Vec<String> {
        let lane = self.news.borrow_and_update().clone();
        let firehose = self.firehoses.get_mut(index);
        firehose.map_or_else(Vec::new, |firehose| firehose.show(&lane))
    }

    /// What a firehose is told of the next events; it is closed when its reader is too slow.
    pub(super) async fn advance(&mut self, index: usize) -> Step {
        let end = *self.end.borrow_and_update();
        let Some(firehose) = self.firehoses.get_mut(index) else {
            return Step::Wait;
        };
        let paused = firehose.paused;
        let Some(place) = firehose.place.as_mut().filter(|_| !paused) else {
            return Step::Wait;
        };
        if place.too_slow(end, Instant::now()) {
            let firehose = self.firehoses.remove(index);
            return Step::Send(vec![firehose.end("slow")]);
        }
        if place.next >= end {
            return Step::Wait;
        }
        let page = match self.hub.feed.read(place.next).await {
            Ok(page) if !page.is_empty() => page,
            Ok(_) => return Step::Retry,
            Err(error) => {
                tracing::debug!(%error, "the events behind a firehose cannot be read now");
                return Step::Retry;
            }
        };
        let told = page
            .iter()
            .filter_map(|entry| firehose.tell(entry, &self.hub, self.lane));
        let told: Vec<String> = told.collect();
        if let (Some(place), Some(last)) = (&mut firehose.place, page.last()) {
            place.next = last.event.seq + 1;
        }
        Step::Send(told)
    }

    /// What is due every few seconds: the status of a sale that is open, and how the node fares.
    pub(super) fn repeats(&self) -> Vec<String> {
        let lane = self.news.borrow().clone();
        let mut messages: Vec<String> = self
            .firehoses
            .iter()
            .filter_map(|firehose| firehose.repeat(&lane))
            .collect();
        messages.extend(self.debug());
        messages
    }

    /// How the node fares, for those who ask.
    pub(super) fn debug(&self) -> Vec<String> {
        let covers = |firehose: &&Firehose| firehose.wants(schema::NODE);
        if !self.firehoses.iter().any(|firehose| covers(&firehose)) {
            return Vec::new();
        }
        let (waiting, limit) = self.hub.book.queue();
        let shown = Shown::of(&json!({
            "head": self.hub.book.views().head.size,
            "status": format!("{:?}", self.hub.book.status()),
            "queue": waiting,
            "queue_limit": limit,
            "firehoses": self.firehoses.len(),
        }));
        let told = self.firehoses.iter().filter(covers);
        told.filter_map(|firehose| firehose.message(schema::NODE, None, &shown))
            .collect()
    }

    /// What displays ask for first.
    pub(super) fn info(&self, packet: &Packet) -> String {
        packet.answer(&info::Info::of(&self.hub.book.views(), self.lane))
    }
}

/// The first lane that may sell, or the first one.
fn first_lane(book: &Book) -> Option<PosId> {
    let views = book.views();
    let lanes = || views.product.points_of_sale();
    let enabled = lanes().find(|pos| pos.enabled);
    enabled.or_else(|| lanes().next()).map(|pos| pos.id)
}

impl Firehose {
    /// The message that it was closed, and why.
    fn end(&self, reason: &str) -> String {
        let mut v = json!({ "k": self.k, "closed": true, "reason": reason });
        if let Some(place) = &self.place {
            v["seq"] = place.next.saturating_sub(1).into();
        }
        delivered(&self.k, schema::FIREHOSES, None, &Shown::of(&v).text)
    }
}
