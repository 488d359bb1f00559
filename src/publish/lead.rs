//! The node that publishes: batch after batch, as long as nothing fails.

use super::batch::{self, Part, Standings};
use super::session::{Interruption, Publishing, names};
use super::standing::{Books, Standing, stand};
use super::views::ViewTopics;
use daybook_kafka::{Tail, Writer};
use daybook_projections::Views;
use daybook_schema::{LogError, LogName};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How long to wait for something new. A wake-up can be missed by nobody; this is a second string.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How often views are published at most: what changed several times meanwhile is one record.
const VIEWS_EVERY: Duration = Duration::from_millis(200);

/// A batch that is being read.
type Reading = JoinHandle<Result<(Vec<Part>, Standings), LogError>>;

/// The one who publishes.
pub(super) struct Lead<'a> {
    node: &'a Publishing,
    pub(super) writer: Writer,
    tail: &'a mut Tail,
    standings: Standings,
    /// How many events of each instance the topic held when this node began.
    began: BTreeMap<LogName, u64>,
}

impl<'a> Lead<'a> {
    pub(super) const fn new(node: &'a Publishing, writer: Writer, tail: &'a mut Tail) -> Self {
        Self {
            node,
            writer,
            tail,
            standings: BTreeMap::new(),
            began: BTreeMap::new(),
        }
    }

    /// Publishes until something fails or the node stops.
    pub(super) fn run(mut self) -> Result<(), Interruption> {
        let setup = &self.node.setup;
        // What others wait for comes first.
        self.publish_events(&self.node.books())?;
        let mut views = setup.views.then(|| ViewTopics::open(setup)).transpose()?;
        let mut viewed = Instant::now();
        while !self.node.stop.is_cancelled() {
            let books = self.node.books();
            self.publish_events(&books)?;
            if self.node.stop.is_cancelled() {
                break;
            }
            let mut wait = LONGEST_WAIT;
            if let Some(views) = &mut views {
                if viewed.elapsed() >= VIEWS_EVERY {
                    views.publish(&mut self, &books)?;
                    viewed = Instant::now();
                }
                if !views.holds_all(&books) {
                    wait = VIEWS_EVERY.saturating_sub(viewed.elapsed());
                }
            }
            self.node.wake.wait(wait);
        }
        Ok(())
    }

    /// Brings the topic up to the books, with what was booked meanwhile.
    pub(super) fn publish_events(&mut self, books: &Books) -> Result<(), Interruption> {
        self.stand(books)?;
        let mut reading = self.read();
        while let Some(read) = reading {
            let (parts, standings) = self.node.runtime.block_on(read)??;
            self.standings = standings;
            self.show_halts();
            if parts.is_empty() || self.node.stop.is_cancelled() {
                break;
            }
            // While the broker writes this batch the next is read, as if this one had succeeded: if it
            // has not, the session ends, and the next begins with the tail.
            reading = self.lacks(books).then(|| self.read()).flatten();
            self.send(&parts)?;
        }
        Ok(())
    }

    /// Whether the topic lacks anything up to these books.
    fn lacks(&self, books: &Books) -> bool {
        let lag = |(log, views): (&LogName, &Arc<Views>)| {
            let standing = self.standings.get(log);
            standing.map_or(0, |standing| standing.lag(views))
        };
        books.iter().any(|book| lag(book) > 0)
    }

    /// Begins to read the next batch, if there is one.
    fn read(&self) -> Option<Reading> {
        let (books, node) = (self.node.books(), self.node);
        if !self.lacks(&books) {
            return None;
        }
        let (store, most) = (node.ledger.store().clone(), node.batch_lines.get());
        let next = batch::next(store, books, self.standings.clone(), most);
        Some(node.runtime.spawn(next))
    }

    fn show_halts(&self) {
        for (log, standing) in &self.standings {
            let halted = matches!(standing, Standing::Halted(_));
            self.node.metrics.publish.halted(log, halted);
        }
    }

    /// Finds out where instances stand that are new here.
    fn stand(&mut self, books: &Books) -> Result<(), Interruption> {
        let is_new = |log: &&LogName| !self.standings.contains_key(*log);
        let new: Vec<LogName> = books.keys().filter(is_new).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        self.tail.catch_up(&names(books))?;
        for log in new {
            let store = self.node.ledger.store().as_ref();
            let standing = self.node.runtime.block_on(stand(self.tail, store, &log))?;
            if let Standing::Halted(why) = &standing {
                tracing::error!(%log, %why, "this instance is not published");
            }
            standing.show(&log, &self.node.metrics.publish);
            self.began.insert(log.clone(), standing.published());
            self.standings.insert(log, standing);
        }
        Ok(())
    }

    /// Writes a batch, and shows what is in the topic then.
    fn send(&self, parts: &[Part]) -> Result<(), Interruption> {
        let topic = &self.node.setup.topic;
        self.writer.begin()?;
        for part in parts {
            for (line, leaf) in &part.lines {
                self.writer.line(topic, part.partition, line, *leaf)?;
            }
        }
        self.writer.commit()?;
        let metrics = &self.node.metrics.publish;
        for part in parts {
            metrics.published(&part.log, part.head.size);
            metrics.events.inc_by(part.lines.len() as u64);
        }
        Ok(())
    }

    /// Whether views with so many events may be sent: their events are in the topic, and whoever
    /// published before has sent none that are newer. A node may take over before it has folded all.
    pub(super) fn may_send(&self, log: &LogName, size: u64) -> bool {
        let began = self.began.get(log).copied().unwrap_or(u64::MAX);
        match self.standings.get(log) {
            Some(Standing::At(position)) => (began..=position.head.size).contains(&size),
            _ => false,
        }
    }

    pub(super) const fn node(&self) -> &Publishing {
        self.node
    }
}
