//! A publisher's life: it watches the topic, takes over when it has to, and begins anew after
//! whatever goes wrong.

use super::Setup;
use super::batch::BATCH_LINES;
use super::lead::Lead;
use super::standing::{Books, Standing, stand};
use super::wake::Wake;
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use daybook_kafka::topic::{self, Kind};
use daybook_kafka::{KafkaError, Tail, Writer};
use daybook_projections::entity::{ENTITIES, POSITION};
use daybook_schema::{LogError, LogName};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

/// How often a node that does not publish looks at the topic.
const LOOK: Duration = Duration::from_millis(500);

/// How long the topic may lack events and stand still before another node takes over. Doubled for a
/// node that was taken over from, so that two nodes do not end each other for ever.
const TAKEOVER: Duration = Duration::from_secs(2);
const LONGEST_TAKEOVER: Duration = Duration::from_mins(1);

/// The same where only views are behind: whoever has just begun reads their topics first.
const VIEWS_TAKEOVER: Duration = Duration::from_secs(20);

/// Fewest lines of a batch, after failures.
const FEWEST_LINES: usize = 64;

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
    #[error("reading the log ended: {0}")]
    Reading(#[from] JoinError),
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// The publisher of a node.
pub(super) struct Publishing {
    pub(super) setup: Setup,
    pub(super) ledger: Arc<Ledger>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) wake: Wake,
    pub(super) stop: CancellationToken,
    pub(super) runtime: Handle,
    /// Most lines of a batch.
    pub(super) batch_lines: Cell<usize>,
}

impl Publishing {
    /// Publishes until it is stopped.
    pub(super) fn run(&self) {
        let mut takeover = TAKEOVER;
        let mut pause = PAUSE;
        let mut told: Option<Instant> = None;
        // Kept from session to session: a topic only grows, and finding a place in it takes time.
        let mut tail = None;
        while !self.stop.is_cancelled() {
            let before = self.metrics.publish.events.get();
            let ended = self.session(&mut tail, takeover);
            self.metrics.publish.publishing.set(0);
            if self.metrics.publish.events.get() > before {
                (takeover, pause, told) = (TAKEOVER, PAUSE, None);
                self.batch_lines.set(BATCH_LINES);
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
                    if matches!(error, Interruption::Kafka(KafkaError::Unsuitable(_))) {
                        tail = None;
                    }
                    // What does not arrive in time may in smaller portions.
                    let fewer = (self.batch_lines.get() / 4).max(FEWEST_LINES);
                    self.batch_lines.set(fewer);
                    self.rest(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Watches, takes over, and publishes until something fails or it is stopped.
    fn session(&self, tail: &mut Option<Tail>, takeover: Duration) -> Result<(), Interruption> {
        let (topics, setup) = (self.topics(), &self.setup);
        if self.make_topics(&topics)? {
            *tail = None;
        }
        let tail = match tail {
            Some(tail) => tail,
            none => none.insert(Tail::open(&setup.kafka, &setup.topic)?),
        };
        let position = topic::view_topic(&setup.topic, POSITION);
        let views = setup
            .views
            .then(|| Tail::of_entities(&setup.kafka, &position));
        if !self.watch(tail, views.transpose()?, takeover)? {
            return Ok(());
        }
        let names: Vec<String> = topics.into_iter().map(|(name, _)| name).collect();
        let writer = Writer::open(&setup.kafka, &topic::writer_name(&setup.topic), &names)?;
        // Only now nobody else can write, and what the tail says stays true, if it sees everything.
        if !tail.follows_all(&setup.kafka)? {
            let why = format!("the topic \"{}\" has other partitions now", setup.topic);
            return Err(KafkaError::Unsuitable(why).into());
        }
        tracing::info!(topic = setup.topic, "this node publishes");
        self.metrics.publish.publishing.set(1);
        Lead::new(self, writer, tail).run()
    }

    /// Makes the topics that are missing, and says whether that of the events was.
    fn make_topics(&self, topics: &[(String, Kind)]) -> Result<bool, Interruption> {
        let setup = &self.setup;
        let missing = topic::missing(&setup.kafka, topics)?;
        let is_made = missing.iter().any(|(name, _)| *name == setup.topic);
        self.runtime.block_on(async {
            topic::make(&setup.kafka, &missing, setup.partitions, setup.replication).await?;
            if is_made {
                return Ok(());
            }
            topic::check(&setup.kafka, &setup.topic).await
        })?;
        Ok(is_made)
    }

    fn topics(&self) -> Vec<(String, Kind)> {
        let events = &self.setup.topic;
        let views = ENTITIES
            .iter()
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
        // Nodes that start together should not all take over together.
        let takeover = takeover + Duration::from_millis(u64::from(getrandom::u32()? % 1000));
        let mut still: Option<(Instant, u64)> = None;
        let mut told = BTreeSet::new();
        while !self.stop.is_cancelled() {
            let books = self.books();
            tail.catch_up(&names(&books))?;
            let standings = self.stand(tail, &books)?;
            let lag = self.note(&books, &standings);
            for (log, standing) in &standings {
                if let Standing::Halted(why) = standing
                    && told.insert(log.clone())
                {
                    tracing::error!(%log, %why, "this instance is not published");
                }
            }
            let mut come: u64 = standings.values().map(Standing::published).sum();
            let mut views_lag = 0;
            if let Some(views) = &mut views {
                views.catch_up(&names(&books))?;
                for (log, standing) in &standings {
                    let size = views.size(log);
                    come += size;
                    views_lag += standing.published().saturating_sub(size);
                }
            }
            let patience = match lag {
                0 => takeover.max(VIEWS_TAKEOVER),
                _ => takeover,
            };
            match still {
                _ if lag + views_lag == 0 => still = None,
                Some((since, then)) if then == come => {
                    if since.elapsed() >= patience {
                        return Ok(true);
                    }
                }
                _ => still = Some((Instant::now(), come)),
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
