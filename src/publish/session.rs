//! A publisher's life: it watches the topic, takes over when it has to, and begins anew after
//! whatever goes wrong.

use super::Setup;
use super::lead::Lead;
use super::standing::{Books, Standing, stand};
use super::wake::Wake;
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use daybook_kafka::topic::{self, Kind, POSITION};
use daybook_kafka::{KafkaError, Tail, Writer};
use daybook_projections::entity::ENTITIES;
use daybook_schema::{LogError, LogName};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// How often a node that does not publish looks at the topic.
const LOOK: Duration = Duration::from_millis(500);

/// How long the topic may lack events and stand still before another node takes over. Doubled for a
/// node that was taken over from, so that two nodes do not end each other for ever.
const TAKEOVER: Duration = Duration::from_secs(1);
const LONGEST_TAKEOVER: Duration = Duration::from_mins(1);

/// How long to wait after a failure, doubled with every one in a row.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often a failure that lasts is told again.
const REMIND: Duration = Duration::from_mins(1);

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Interruption {
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// The publisher of a node.
pub(super) struct Publishing {
    pub(super) setup: Setup,
    pub(super) ledger: Arc<Ledger>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) wake: Wake,
    pub(super) stop: CancellationToken,
    pub(super) runtime: Handle,
}

impl Publishing {
    /// Publishes until it is stopped.
    pub(super) fn run(&self) {
        // Nodes that start together should not all take over together.
        let takeover_first = TAKEOVER + Duration::from_millis(u64::from(std::process::id() % 500));
        let mut takeover = takeover_first;
        let mut pause = PAUSE;
        let mut told: Option<Instant> = None;
        while !self.stop.is_cancelled() {
            let mut progress = false;
            let ended = self.session(takeover, &mut progress);
            self.metrics.publish.publishing.set(0);
            if progress {
                (takeover, pause) = (takeover_first, PAUSE);
                told = None;
            }
            match ended {
                Ok(()) => {}
                Err(Interruption::Kafka(KafkaError::Fenced)) => {
                    tracing::info!("another node publishes now");
                    takeover = (takeover * 2).min(LONGEST_TAKEOVER);
                }
                Err(error) => {
                    self.metrics.publish.failures.inc();
                    if told.is_none_or(|told| told.elapsed() > REMIND) {
                        tracing::warn!(%error, "publishing is interrupted: events wait in the log");
                        told = Some(Instant::now());
                    }
                    self.rest(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Watches, takes over, and publishes until something fails or it is stopped.
    fn session(&self, takeover: Duration, progress: &mut bool) -> Result<(), Interruption> {
        let topics = self.topics();
        let setup = &self.setup;
        let missing = topic::missing(&setup.kafka, &topics)?;
        let is_made = missing.iter().any(|(name, _)| *name == setup.topic);
        self.runtime.block_on(async {
            topic::make(&setup.kafka, &missing, setup.partitions, setup.replication).await?;
            if is_made {
                return Ok(());
            }
            topic::check(&setup.kafka, &setup.topic).await
        })?;
        let mut tail = Tail::open(&setup.kafka, &setup.topic)?;
        let position = topic::view_topic(&setup.topic, POSITION);
        let views = setup
            .views
            .then(|| Tail::of_entities(&setup.kafka, &position));
        if !self.watch(&mut tail, views.transpose()?, takeover)? {
            return Ok(());
        }
        let names: Vec<String> = topics.into_iter().map(|(name, _)| name).collect();
        let writer = Writer::open(&setup.kafka, &topic::writer_name(&setup.topic), &names)?;
        tracing::info!(topic = setup.topic, "this node publishes");
        self.metrics.publish.publishing.set(1);
        // Only now nobody else can write, and what the tail says stays true.
        Lead::new(self, writer, tail).run(progress)
    }

    fn topics(&self) -> Vec<(String, Kind)> {
        let events = &self.setup.topic;
        let views = ENTITIES
            .iter()
            .chain([&POSITION])
            .map(|view| (topic::view_topic(events, view), Kind::View));
        let views = views.filter(|_| self.setup.views);
        [(events.clone(), Kind::Events)]
            .into_iter()
            .chain(views)
            .collect()
    }

    /// Returns true when the topics lack something and do not move, false when it is stopped.
    fn watch(
        &self,
        tail: &mut Tail,
        mut views: Option<Tail>,
        takeover: Duration,
    ) -> Result<bool, Interruption> {
        let mut standing_still: Option<(Instant, u64)> = None;
        let mut told = BTreeSet::new();
        while !self.stop.is_cancelled() {
            let books = self.books();
            tail.catch_up(&names(&books))?;
            let standings = self.stand(tail, &books)?;
            let mut lag = self.note(&books, &standings);
            for (log, standing) in &standings {
                if let Standing::Halted(why) = standing
                    && told.insert(log.clone())
                {
                    tracing::error!(%log, %why, "this instance is not published");
                }
            }
            let mut published: u64 = standings.values().map(Standing::published).sum();
            if let Some(views) = &mut views {
                views.catch_up(&names(&books))?;
                for (log, standing) in &standings {
                    // Views follow the events of an instance, and are behind when those are not.
                    let size = views.size(log);
                    published += size;
                    lag += standing.published().saturating_sub(size);
                }
            }
            match standing_still {
                _ if lag == 0 => standing_still = None,
                Some((since, then)) if then == published => {
                    if since.elapsed() >= takeover {
                        return Ok(true);
                    }
                }
                _ => standing_still = Some((Instant::now(), published)),
            }
            self.rest(LOOK);
        }
        Ok(false)
    }

    /// The instances of this node, as of now.
    pub(super) fn books(&self) -> Books {
        let books = self.ledger.books().into_iter();
        books.map(|book| (book.log.clone(), book.views())).collect()
    }

    /// Where each instance stands.
    pub(super) fn stand(
        &self,
        tail: &Tail,
        books: &Books,
    ) -> Result<BTreeMap<LogName, Standing>, Interruption> {
        let store = self.ledger.store().as_ref();
        let mut standings = BTreeMap::new();
        for log in books.keys() {
            let standing = self.runtime.block_on(stand(tail, store, log))?;
            standings.insert(log.clone(), standing);
        }
        Ok(standings)
    }

    /// Takes note of how far the topic has come, and returns how many events it lacks.
    fn note(&self, books: &Books, standings: &BTreeMap<LogName, Standing>) -> u64 {
        let mut lag = 0;
        for (log, views) in books {
            if let Some(standing) = standings.get(log) {
                standing.show(log, &self.metrics.publish);
                lag += standing.lag(views);
            }
        }
        lag
    }

    /// Waits a little, shorter when it is stopped.
    fn rest(&self, longest: Duration) {
        let begun = Instant::now();
        while let Some(left) = longest.checked_sub(begun.elapsed()) {
            if self.stop.is_cancelled() || left.is_zero() {
                return;
            }
            self.wake.wait(left);
        }
    }
}

pub(super) fn names(books: &Books) -> BTreeSet<LogName> {
    books.keys().cloned().collect()
}
