//! The publisher beside the bare client library: the same records, the same batches, the same broker.
//! And the way back: verifying, comparing and restoring a long log from its topic.

use crate::daybook as program;
use daybook::ledger::Ledger;
use daybook::metrics::Metrics;
use daybook::publish::{Publisher, Setup};
use daybook_kafka::{Settings, Writer, topic};
use daybook_schema::{EventLog, Head, LogName};
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Records that one batch holds, on both sides.
const BATCH: usize = 16_384;

/// Batches of the bare client.
const BATCHES: usize = 16;

/// What publishing takes.
pub(crate) struct Published {
    pub(crate) events: u64,
    pub(crate) rounds: Vec<Round>,
    pub(crate) verify: Duration,
    pub(crate) compare: Duration,
    pub(crate) restore: Duration,
    pub(crate) same_head: bool,
}

/// Rates in records per second, one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    /// The client library alone: idempotent, `acks=all`, waiting for each batch.
    pub(crate) bare: f64,
    /// The same within a transaction for each batch.
    pub(crate) transactional: f64,
    /// The publisher of a node.
    pub(crate) daybook: f64,
}

/// Measures with the log in `dir`, which holds a long history.
pub(crate) async fn measure(dir: &Path, brokers: &str, rounds: usize) -> Published {
    let log = LogName::new("festival").unwrap();
    let data = dir.join("history");
    let store: Arc<dyn EventLog> = Arc::new(daybook_sqlite::open(&data).await.unwrap());
    let head = store.head(&log).await.unwrap();
    let lines = first_lines(store.as_ref(), &log).await;
    let mut measured = Vec::new();
    // The first round warms the broker up, and does not count.
    for round in 0..=rounds.max(1) {
        let name = |side: &str| format!("bench.{round}.{side}");
        for side in ["bare", "transactional"] {
            make_topic(brokers, &name(side)).await;
        }
        let rates = Round {
            bare: bare(brokers, &name("bare"), &lines, false),
            transactional: bare(brokers, &name("transactional"), &lines, true),
            daybook: publish(&store, brokers, &name("daybook.events"), head.size).await,
        };
        if round > 0 {
            measured.push(rates);
        }
    }
    store.close().await;
    let kafka = ["--kafka", brokers, "--topic", "bench.0.daybook.events"];
    let run = |arguments: &[&str]| {
        let all = [arguments, &kafka].concat();
        program::timed(&all).unwrap()
    };
    let (old, new) = (data.display().to_string(), dir.join("restored"));
    let restored = new.display().to_string();
    let verify = run(&["verify"]);
    let compare = run(&["compare", "--complete", "--data", &old]);
    let restore = run(&["restore", "--data", &restored]);
    let store = daybook_sqlite::open(&new).await.unwrap();
    let found: Head = store.head(&log).await.unwrap();
    store.close().await;
    Published {
        events: head.size,
        rounds: measured,
        verify,
        compare,
        restore,
        same_head: found == head,
    }
}

async fn make_topic(brokers: &str, name: &str) {
    let topics = [(name.to_owned(), topic::Kind::Events)];
    let settings = Settings::new(brokers);
    topic::make(&settings, &topics, 3, None).await.unwrap();
    // Whoever settles a topic waits until its partitions are led by somebody.
    let names = [name.to_owned()];
    let opened = tokio::task::spawn_blocking(move || {
        Writer::open(&settings, "bench.opener", &names).map(drop)
    });
    opened.await.unwrap().unwrap();
}

async fn first_lines(store: &dyn EventLog, log: &LogName) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    while lines.len() < BATCH * BATCHES {
        let page = store.read(log, lines.len() as u64, BATCH).await.unwrap();
        if page.is_empty() {
            break;
        }
        lines.extend(page);
    }
    lines
}

/// What the client library brings into a topic, with headers of the same size.
fn bare(brokers: &str, topic: &str, lines: &[Vec<u8>], transactional: bool) -> f64 {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("compression.type", "lz4")
        .set("linger.ms", "2")
        .set("batch.size", "1000000");
    if transactional {
        config.set("transactional.id", topic);
    }
    let producer: BaseProducer = config.create().unwrap();
    if transactional {
        producer.init_transactions(Duration::from_secs(20)).unwrap();
    }
    let texts = [
        ("content-type", "application/json".to_owned()),
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", "festival/123456".to_owned()),
        ("ce_source", "/ledger/festival".to_owned()),
        ("ce_type", "sale.recorded".to_owned()),
        ("ce_time", "2026-11-22T10:00:00.000123Z".to_owned()),
        ("ce_sequence", "00000000000000123456".to_owned()),
        ("ce_leaf", "0".repeat(64)),
        ("ce_prev", "0".repeat(64)),
    ];
    let begun = Instant::now();
    for batch in lines.chunks(BATCH) {
        if transactional {
            producer.begin_transaction().unwrap();
        }
        for line in batch {
            let mut headers = OwnedHeaders::new_with_capacity(texts.len());
            for (key, value) in &texts {
                let value = Some(value.as_str());
                headers = headers.insert(Header { key, value });
            }
            let record = BaseRecord::to(topic)
                .partition(0)
                .key("festival")
                .payload(line)
                .headers(headers);
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        while producer.in_flight_count() > 0 {
            producer.poll(Duration::from_millis(1));
        }
        if transactional {
            producer
                .commit_transaction(Duration::from_secs(20))
                .unwrap();
        }
    }
    lines.len() as f64 / begun.elapsed().as_secs_f64()
}

/// What the publisher brings into a topic, from its first batch on.
async fn publish(store: &Arc<dyn EventLog>, brokers: &str, topic: &str, size: u64) -> f64 {
    let metrics = Arc::new(Metrics::default());
    let clock = daybook::clock::system();
    let ledger = Ledger::open(store.clone(), clock, metrics.clone());
    let setup = Setup {
        kafka: Settings::new(brokers),
        topic: topic.to_owned(),
        partitions: 3,
        replication: None,
        views: false,
    };
    let publisher = Publisher::start(setup, ledger.await.unwrap(), metrics.clone()).unwrap();
    let mut first = None;
    loop {
        let events = metrics.publish.events.get();
        if events > 0 && first.is_none() {
            first = Some((Instant::now(), events));
        }
        if events >= size {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let (since, before) = first.unwrap();
    let rate = (size - before) as f64 / since.elapsed().as_secs_f64();
    publisher.close(Duration::from_secs(5)).await;
    rate
}
