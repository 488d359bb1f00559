//! The node that publishes: batch after batch, as long as nothing fails.

use super::batch::{self, Part};
use super::session::{Interruption, Publishing, names};
use super::standing::{Books, Standing, stand};
use super::views::ViewTopics;
use daybook_kafka::{Position, Tail, Writer};
use daybook_schema::LogName;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long to wait for something new. A wake-up can be missed by nobody; this is a second string.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How often views are published at most: what changed several times meanwhile is one record.
const VIEWS_EVERY: Duration = Duration::from_millis(200);

/// The one who publishes.
pub(super) struct Lead<'a> {
    node: &'a Publishing,
    pub(super) writer: Writer,
    tail: Tail,
    standings: BTreeMap<LogName, Standing>,
}

impl<'a> Lead<'a> {
    pub(super) const fn new(node: &'a Publishing, writer: Writer, tail: Tail) -> Self {
        Self {
            node,
            writer,
            tail,
            standings: BTreeMap::new(),
        }
    }

    /// Publishes until something fails or the node stops. `progress` becomes true with the first batch.
    pub(super) fn run(mut self, progress: &mut bool) -> Result<(), Interruption> {
        let setup = &self.node.setup;
        let mut views = setup.views.then(|| ViewTopics::open(setup)).transpose()?;
        let mut viewed = Instant::now();
        while !self.node.stop.is_cancelled() {
            let books = self.node.books();
            *progress |= self.publish_events(&books)?;
            let mut wait = LONGEST_WAIT;
            if let Some(views) = &mut views {
                // The topic holds everything up to the commit that these views are of.
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

    /// Brings the topic up to the books, and says whether it lacked anything.
    pub(super) fn publish_events(&mut self, books: &Books) -> Result<bool, Interruption> {
        self.stand(books)?;
        let mut was_behind = false;
        let mut parts = self.read(books)?;
        while !parts.is_empty() && !self.node.stop.is_cancelled() {
            self.send(&parts)?;
            // While the broker writes this batch the next is read, as if this one had succeeded: if it
            // has not, the session ends, and the next begins with the tail.
            let next = self.read(books)?;
            self.writer.commit()?;
            self.note(&parts);
            parts = next;
            was_behind = true;
        }
        Ok(was_behind)
    }

    fn read(&mut self, books: &Books) -> Result<Vec<Part>, Interruption> {
        let store = self.node.ledger.store().as_ref();
        let reading = batch::next(store, books, &mut self.standings);
        let parts = self.node.runtime.block_on(reading)?;
        for (log, standing) in &self.standings {
            let halted = matches!(standing, Standing::Halted(_));
            self.node.metrics.publish.halted(log, halted);
        }
        Ok(parts)
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
            let standing = self.node.runtime.block_on(stand(&self.tail, store, &log))?;
            if let Standing::Halted(why) = &standing {
                tracing::error!(%log, %why, "this instance is not published");
            }
            standing.show(&log, &self.node.metrics.publish);
            self.standings.insert(log, standing);
        }
        Ok(())
    }

    /// Hands a batch to the broker.
    fn send(&mut self, parts: &[Part]) -> Result<(), Interruption> {
        let topic = &self.node.setup.topic;
        self.writer.begin()?;
        for part in parts {
            for (line, leaf) in &part.lines {
                self.writer.line(topic, part.partition, line, *leaf)?;
            }
            let (head, partition) = (part.head, part.partition);
            let standing = Standing::At(Position { head, partition });
            self.standings.insert(part.log.clone(), standing);
        }
        Ok(())
    }

    /// Shows what is in the topic now.
    fn note(&self, parts: &[Part]) {
        let metrics = &self.node.metrics.publish;
        for part in parts {
            metrics.published(&part.log, part.head.size);
            metrics.events.inc_by(part.lines.len() as u64);
        }
    }

    /// Whether everything of an instance up to `size` events is in the topic.
    pub(super) fn holds(&self, log: &LogName, size: u64) -> bool {
        let standing = self.standings.get(log);
        standing.is_some_and(|standing| standing.published() >= size)
    }

    pub(super) const fn node(&self) -> &Publishing {
        self.node
    }
}
