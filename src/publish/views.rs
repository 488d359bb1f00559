//! The topics of views: the latest state of each entity, for those who join without replaying.
//!
//! What is sent is the difference between the views as they were sent last and as they are now, so a
//! product that changed ten times meanwhile is one record. Whoever begins to publish does not know
//! what was sent before, and reads the topics once; while that takes, only events are published.

use super::Setup;
use super::lead::Lead;
use super::session::Interruption;
use super::standing::Books;
use daybook_kafka::topic::view_topic;
use daybook_kafka::writer::{Entity, entity_key};
use daybook_kafka::{KafkaError, Reader, Settings};
use daybook_projections::Views;
use daybook_projections::entity::{Change, ENTITIES, POSITION, changes};
use daybook_schema::{At, Digest, LogName, hash};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// Most records of a batch.
const BATCH_RECORDS: usize = 4096;

/// Bytes after which a batch ends.
const BATCH_BYTES: usize = 8 << 20;

/// Largest entity that is sent; the topics take a little more.
const MAX_ENTITY_BYTES: usize = 3 << 20;

/// What the topics hold: a fingerprint of each entity's data, by view and key.
type Held = BTreeMap<(&'static str, String), Digest>;

/// The topics of views, and what was sent to them.
pub(super) struct ViewTopics {
    /// Whether nobody wants to know any more what the topics hold.
    ended: Arc<AtomicBool>,
    topics: BTreeMap<&'static str, (String, i32)>,
    held: Known,
    sent: BTreeMap<LogName, Arc<Views>>,
}

enum Known {
    /// A thread is reading.
    NotYet(Receiver<Result<Held, KafkaError>>),
    /// What is left of it, for instances that nothing was sent of yet.
    Held(Held),
}

impl ViewTopics {
    /// Begins to read what the topics hold.
    pub(super) fn open(setup: &Setup) -> Result<Self, KafkaError> {
        let mut topics = BTreeMap::new();
        for view in ENTITIES {
            let topic = view_topic(&setup.topic, view);
            let partitions = Reader::open(&setup.kafka, &topic)?.partitions().len();
            let partitions = i32::try_from(partitions).unwrap_or(i32::MAX);
            topics.insert(view, (topic, partitions));
        }
        let (settings, named) = (setup.kafka.clone(), topics.clone());
        let (tell, told) = channel();
        let ended = Arc::new(AtomicBool::new(false));
        let end = ended.clone();
        std::thread::spawn(move || tell.send(read(&settings, &named, &end)).ok());
        Ok(Self {
            ended,
            topics,
            held: Known::NotYet(told),
            sent: BTreeMap::new(),
        })
    }

    /// Sends what changed. Views of an instance whose events are not all in their topic yet wait.
    pub(super) fn publish(
        &mut self,
        lead: &mut Lead<'_>,
        books: &Books,
    ) -> Result<(), Interruption> {
        if let Known::NotYet(told) = &self.held {
            match told.try_recv() {
                Ok(held) => self.held = Known::Held(held?),
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => {
                    let why = "reading the topics of views ended".to_owned();
                    return Err(KafkaError::Unavailable(why).into());
                }
            }
        }
        for (log, views) in books {
            let (size, sent) = (views.head.size, self.sent.get(log));
            let is_news = sent.is_none_or(|sent| sent.head != views.head);
            if is_news && size > 0 && lead.may_send(log, size) {
                self.publish_instance(lead, log, views)?;
            }
        }
        Ok(())
    }

    /// Whether the topics hold these books as they are.
    pub(super) fn holds_all(&self, books: &Books) -> bool {
        let is_sent = |(log, views): (&LogName, &Arc<Views>)| {
            let sent = self.sent.get(log);
            views.head.size == 0 || sent.is_some_and(|sent| sent.head == views.head)
        };
        books.iter().all(is_sent)
    }

    fn publish_instance(
        &mut self,
        lead: &mut Lead<'_>,
        log: &LogName,
        views: &Arc<Views>,
    ) -> Result<(), Interruption> {
        let last = self.sent.get(log).cloned();
        let is_first = last.is_none();
        let mut batch = Batch::new(log, views);
        for change in changes(&last.unwrap_or_default(), views) {
            // The last of all: nothing else has been asked for that is there still.
            if is_first && change.entity == POSITION {
                for gone in self.left(log) {
                    batch.add(&gone);
                }
            }
            if is_first && self.holds(log, &change) {
                continue;
            }
            batch.add(&change);
            if batch.records.len() >= BATCH_RECORDS || batch.bytes >= BATCH_BYTES {
                batch.send(lead, &self.topics)?;
                // Many entities take their time; events do not wait for them.
                let books = lead.node().books();
                lead.publish_events(&books)?;
            }
        }
        batch.send(lead, &self.topics)?;
        self.sent.insert(log.clone(), views.clone());
        Ok(())
    }

    /// Whether the topic holds an entity just as it is. What is asked for is not left over.
    fn holds(&mut self, log: &LogName, change: &Change) -> bool {
        let Known::Held(held) = &mut self.held else {
            return false;
        };
        let place = (change.entity, entity_key(log.as_str(), &change.id));
        let data = change.data.as_ref().map(|data| data.get().as_bytes());
        held.remove(&place) == data.map(hash::fingerprint)
    }

    /// Takes out what the topics hold of an instance beyond what was asked for, and beside its
    /// position: it is gone.
    fn left(&mut self, log: &LogName) -> Vec<Change> {
        let Known::Held(held) = &mut self.held else {
            return Vec::new();
        };
        let begin = entity_key(log.as_str(), "");
        let all = std::mem::take(held);
        let (left, others): (Held, Held) = all
            .into_iter()
            .partition(|((view, key), _)| *view != POSITION && key.starts_with(&begin));
        *held = others;
        let gone = |(entity, key): (&'static str, String)| Change {
            entity,
            id: key[begin.len()..].to_owned(),
            data: None,
        };
        left.into_keys().map(gone).collect()
    }
}

impl Drop for ViewTopics {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// Entities on their way.
struct Batch<'a> {
    log: &'a LogName,
    seq: u64,
    at: At,
    bytes: usize,
    records: Vec<(&'static str, String, Option<String>)>,
}

impl<'a> Batch<'a> {
    fn new(log: &'a LogName, views: &Views) -> Self {
        Self {
            log,
            seq: views.head.size.saturating_sub(1),
            at: views.at,
            bytes: 0,
            records: Vec::new(),
        }
    }

    fn add(&mut self, change: &Change) {
        let value = change.value(self.log, self.seq);
        let bytes = value.as_ref().map_or(0, String::len);
        let (view, id) = (change.entity, change.id.clone());
        if bytes > MAX_ENTITY_BYTES {
            tracing::error!(log = %self.log, view, id, bytes, "too large for its topic");
            return;
        }
        self.bytes += bytes;
        self.records.push((view, id, value));
    }

    fn send(
        &mut self,
        lead: &Lead<'_>,
        topics: &BTreeMap<&'static str, (String, i32)>,
    ) -> Result<(), Interruption> {
        if self.records.is_empty() {
            return Ok(());
        }
        lead.writer.begin()?;
        for (view, id, value) in &self.records {
            let Some((topic, partitions)) = topics.get(view) else {
                continue;
            };
            let entity = Entity {
                instance: self.log.as_str(),
                view,
                id,
                value: value.as_deref(),
                seq: self.seq,
                at: self.at,
            };
            lead.writer.entity(topic, *partitions, &entity)?;
        }
        lead.writer.commit()?;
        let metrics = &lead.node().metrics.publish;
        metrics.entities.inc_by(self.records.len() as u64);
        self.records.clear();
        self.bytes = 0;
        Ok(())
    }
}

/// Reads what the topics hold.
fn read(
    settings: &Settings,
    topics: &BTreeMap<&'static str, (String, i32)>,
    end: &AtomicBool,
) -> Result<Held, KafkaError> {
    let mut held = Held::new();
    for (view, (topic, _)) in topics {
        Reader::open(settings, topic)?.read_all(|found| {
            let key = found.key().map(String::from_utf8_lossy);
            if let Some(key) = key {
                let place = (*view, key.into_owned());
                match found.value().and_then(data) {
                    Some(data) => held.insert(place, hash::fingerprint(data)),
                    None => held.remove(&place),
                };
            }
            if end.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(held)
}

/// The data within a record's value; see [`Change::value`].
fn data(value: &[u8]) -> Option<&[u8]> {
    let rest = value.strip_prefix(b"{\"data\":")?;
    let end = b",\"instance\":\"";
    let at = rest.windows(end.len()).rposition(|window| window == end)?;
    Some(&rest[..at])
}
