//! A long log: made by the ledger's own decisions, then verified, replayed and started from.

use crate::daybook::{self as program, Store};
use daybook::ledger::decide::{Decision, decide};
use daybook::ledger::{Action, Command, CommandId, PayItems};
use daybook_projections::Views;
use daybook_replay::Verifier;
use daybook_schema::id::{KeyId, PaymentMethodId, PosId, ProductId};
use daybook_schema::{Actor, At, Chain, Event, EventLog, Head, LogName, SealedLine, line};
use std::path::Path;
use std::time::{Duration, Instant};

/// Lines of one append and of one read.
const CHUNK: usize = 8192;

/// What a long log takes.
pub(crate) struct History {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    /// Strict reading, every hash and public chain, without the store.
    pub(crate) verify: Duration,
    /// Folding into all views, without reading and hashing.
    pub(crate) fold: Duration,
    /// Reading strictly, hashing and folding: replay without the store.
    pub(crate) replay: Duration,
    /// Whole commands, with process start and store.
    pub(crate) verify_command: Result<Duration, String>,
    pub(crate) replay_command: Result<Duration, String>,
    /// Until the server listens: without its snapshot, and with it.
    pub(crate) first_start: Duration,
    pub(crate) next_start: Duration,
}

pub(crate) async fn measure(dir: &Path, events: u64) -> History {
    let dir = dir.join("history");
    program::import(&Store::Sqlite(dir.clone()));
    let log = LogName::new("festival").unwrap();
    let store = daybook_sqlite::open(&dir).await.unwrap();
    make(&store, &log, events).await;
    let mut history = read(&store, &log).await;
    store.close().await;
    let data = dir.display().to_string();
    history.verify_command = program::timed(&["verify", "--data", &data]);
    history.replay_command = program::timed(&[
        "replay",
        "--data",
        &data,
        "--until",
        &events.to_string(),
        "--view",
        "printer",
    ]);
    history.first_start = program::startup(&dir);
    history.next_start = program::startup(&dir);
    history
}

/// Appends single sales, as tills would make them one after another.
async fn make(store: &impl EventLog, log: &LogName, events: u64) {
    let (mut views, mut chain) = (Views::default(), Chain::new(log.clone()));
    loop {
        let page = store.read(log, views.head.size, CHUNK).await.unwrap();
        if page.is_empty() {
            break;
        }
        for bytes in page {
            let (event, leaf) = chain.link(&bytes).unwrap();
            views.apply(&event, leaf);
        }
    }
    while views.head.size < events {
        let head = views.head;
        let rest = usize::try_from(events - head.size).unwrap_or(CHUNK);
        let lines: Vec<SealedLine> = (0..CHUNK.min(rest))
            .map(|_| sell(&mut views, log))
            .collect();
        store.append(log, head, &lines).await.unwrap();
    }
}

fn sell(views: &mut Views, log: &LogName) -> SealedLine {
    let by = Actor::Key(KeyId(1));
    let pay = PayItems {
        point_of_sale: PosId(1),
        password: None,
        payment_method: PaymentMethodId(1),
        lines: vec![(ProductId(1), 1)],
    };
    let command = Command {
        by,
        id: CommandId::fresh(),
        action: Action::PayItems(pay),
    };
    let at = At::from_micros(views.at.micros() + 1000);
    let Decision::Record(facts) = decide(views, &command, at).unwrap() else {
        unreachable!()
    };
    let fact = facts.into_iter().next().unwrap();
    let Head {
        size: seq,
        leaf: prev,
    } = views.head;
    let event = Event {
        at,
        by,
        cmd: command.id.cmd,
        fact,
        log: log.clone(),
        prev,
        seq,
    };
    let line = line::seal(&event).unwrap();
    views.apply(&event, line.leaf);
    line
}

/// Times the pure parts, chunk by chunk, on this one thread.
async fn read(store: &impl EventLog, log: &LogName) -> History {
    let (mut verifier, mut chain) = (Verifier::new(log.clone(), &[]), Chain::new(log.clone()));
    let mut views = Views::default();
    let [mut verify, mut link, mut fold] = [Duration::ZERO; 3];
    let mut bytes = 0;
    loop {
        let lines = store.read(log, views.head.size, CHUNK).await.unwrap();
        let start = Instant::now();
        for line in &lines {
            verifier.check(line).unwrap();
        }
        verify += start.elapsed();
        let start = Instant::now();
        let read: Vec<_> = lines.iter().map(|line| chain.link(line).unwrap()).collect();
        link += start.elapsed();
        let start = Instant::now();
        for (event, leaf) in &read {
            views.apply(event, *leaf);
        }
        fold += start.elapsed();
        bytes += lines.iter().map(|line| line.len() as u64).sum::<u64>();
        if lines.len() < CHUNK {
            break;
        }
    }
    let nothing = || Err("not measured".to_owned());
    History {
        events: views.head.size,
        bytes,
        verify,
        fold,
        replay: link + fold,
        verify_command: nothing(),
        replay_command: nothing(),
        first_start: Duration::ZERO,
        next_start: Duration::ZERO,
    }
}
