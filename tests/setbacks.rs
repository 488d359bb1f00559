//! Stores that do not answer, or answer with less than they held: what the writer says and does.

use crate::support::{FESTIVAL, eventually};
use daybook::clock::{self, Clock};
use daybook::ledger::{Action, Book, Command, CommandId, Done, Ledger, PayItems, Refusal, Status};
use daybook::metrics::Metrics;
use daybook_catalogue::Format;
use daybook_schema::contract::{Fault, MemoryLog};
use daybook_schema::facts::ClockStep;
use daybook_schema::id::{PaymentMethodId, PosId, ProductId};
use daybook_schema::{Actor, At, EventLog, Fact, LogName};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

fn festival() -> LogName {
    LogName::new("festival").unwrap()
}

async fn ledger(store: MemoryLog) -> (Arc<Ledger>, Book) {
    ledger_with(store, clock::system()).await
}

async fn ledger_with(store: MemoryLog, clock: Clock) -> (Arc<Ledger>, Book) {
    let secret = store.secret().await.unwrap();
    let metrics = Arc::new(Metrics::default());
    let ledger = Ledger::open(Arc::new(store), clock, metrics).await.unwrap();
    let book = ledger.open_book(&festival()).await.unwrap();
    let text = std::fs::read_to_string(FESTIVAL).unwrap();
    let catalogue = daybook_catalogue::read(&text, Format::Json, &secret).unwrap();
    let action = Action::Import(Box::new(catalogue));
    let command = Command {
        by: Actor::Operator,
        id: CommandId::fresh(),
        action,
    };
    book.submit(command).await.unwrap();
    (ledger, book)
}

/// A log whose appends fail while the flag is up.
fn failing_while(flag: &Arc<AtomicBool>, fault: Fault) -> MemoryLog {
    let flag = flag.clone();
    MemoryLog::new(move || {
        if flag.load(Ordering::Relaxed) {
            fault
        } else {
            Fault::None
        }
    })
}

async fn sell(book: &Book, cmd: &str) -> Result<Done, Refusal> {
    let pay = PayItems {
        point_of_sale: PosId(1),
        password: None,
        payment_method: PaymentMethodId(1),
        lines: vec![(ProductId(1), 1)],
    };
    let id = CommandId {
        cmd: cmd.to_owned(),
        request: None,
    };
    book.submit(Command {
        by: Actor::Operator,
        id,
        action: Action::PayItems(pay),
    })
    .await
}

async fn commands(store: &MemoryLog) -> Vec<String> {
    let lines = store.read(&festival(), 0, 100_000).await.unwrap();
    lines
        .iter()
        .map(|line| daybook_schema::line::read(line).unwrap().cmd)
        .collect()
}

/// A store that was set back to a backup has lost what was acknowledged: nothing is booked on top
/// of it, everybody is told, and the server still ends when it is asked to.
#[tokio::test(start_paused = true)]
async fn a_store_that_was_set_back_is_never_continued() {
    let store = MemoryLog::reliable();
    let (ledger, book) = ledger(store.clone()).await;
    sell(&book, "one").await.unwrap();
    sell(&book, "two").await.unwrap();
    let size = book.views().head.size;
    store.set_back(&festival(), usize::try_from(size).unwrap() - 1);
    let refused = sell(&book, "three").await;
    assert!(
        matches!(refused, Err(Refusal::Unavailable(_))),
        "{refused:?}"
    );
    let Status::Broken(why) = book.status() else {
        panic!("{:?}", book.status())
    };
    assert!(why.contains("lost events"), "{why}");
    // Broken stays broken, also for the next one.
    assert!(matches!(
        sell(&book, "four").await,
        Err(Refusal::Unavailable(_))
    ));
    assert!(
        !commands(&store)
            .await
            .iter()
            .any(|cmd| cmd == "three" || cmd == "four")
    );
    let ended = tokio::time::timeout(Duration::from_secs(1), ledger.close(Duration::from_secs(1)));
    ended.await.unwrap();
}

/// The same is noticed without a sale.
#[tokio::test(start_paused = true)]
async fn a_lost_tail_is_noticed_by_looking() {
    let store = MemoryLog::reliable();
    let (ledger, book) = ledger(store.clone()).await;
    sell(&book, "one").await.unwrap();
    store.set_back(&festival(), 3);
    // Another process' append is what wakes the follower of a memory log.
    let other = LogName::new("other").unwrap();
    let lines = daybook_schema::contract::seal_chain(&other, daybook_schema::Head::default(), 1);
    store
        .append(&other, daybook_schema::Head::default(), &lines)
        .await
        .unwrap();
    eventually("the loss is noticed", async || {
        matches!(book.status(), Status::Broken(_))
    })
    .await;
    ledger.close(Duration::from_secs(1)).await;
}

/// While one sale's outcome is unknown, those behind it wait; who waits too long is told that
/// nothing was recorded, and that stays true when the store comes back.
#[tokio::test(start_paused = true)]
async fn a_sale_that_was_withdrawn_is_never_booked() {
    let away = Arc::new(AtomicBool::new(false));
    let store = failing_while(&away, Fault::UnknownNotStored);
    let (ledger, book) = ledger(store.clone()).await;
    away.store(true, Ordering::Relaxed);
    let first = tokio::spawn({
        let book = book.clone();
        async move { sell(&book, "first").await }
    });
    eventually("the first is in doubt", async || {
        matches!(book.status(), Status::Failing(_))
    })
    .await;
    let second = sell(&book, "second").await;
    assert!(matches!(second, Err(Refusal::Unavailable(_))), "{second:?}");
    assert_eq!(first.await.unwrap(), Err(Refusal::OutcomeUnknown));
    away.store(false, Ordering::Relaxed);
    eventually("the store is back", async || {
        sell(&book, "third").await.is_ok()
    })
    .await;
    let commands = commands(&store).await;
    // The first was in doubt, and stands now; the second was withdrawn, and never will.
    assert_eq!(commands.iter().filter(|cmd| *cmd == "first").count(), 1);
    assert!(!commands.contains(&"second".to_owned()));
    ledger.close(Duration::from_secs(1)).await;
}

/// A store that answers readers but refuses writes is not ready, however often it is read.
#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_writes_is_not_called_ready() {
    let full = Arc::new(AtomicBool::new(false));
    let store = failing_while(&full, Fault::NotStored);
    let (ledger, book) = ledger(store).await;
    full.store(true, Ordering::Relaxed);
    assert!(matches!(
        sell(&book, "one").await,
        Err(Refusal::Unavailable(_))
    ));
    assert!(matches!(book.status(), Status::Failing(_)));
    full.store(false, Ordering::Relaxed);
    eventually("sales are booked again", async || {
        sell(&book, "two").await.is_ok()
    })
    .await;
    assert_eq!(book.status(), Status::Ready);
    ledger.close(Duration::from_secs(1)).await;
}

/// A clock that steps back is written down once; times repeat until it has caught up.
#[tokio::test(start_paused = true)]
async fn a_clock_that_steps_back_is_an_event() {
    let store = MemoryLog::reliable();
    let time = Arc::new(AtomicI64::new(1_795_341_600_000_000));
    let told = time.clone();
    let clock: Clock = Arc::new(move || At::from_micros(told.load(Ordering::Relaxed)));
    let (ledger, book) = ledger_with(store.clone(), clock).await;
    sell(&book, "before").await.unwrap();
    let last = book.views().at;
    time.fetch_sub(10_000_000, Ordering::Relaxed);
    sell(&book, "behind").await.unwrap();
    sell(&book, "still behind").await.unwrap();
    assert_eq!(book.views().at, last);
    time.fetch_add(20_000_000, Ordering::Relaxed);
    sell(&book, "ahead").await.unwrap();
    assert!(book.views().at > last);
    // A difference that two nodes' clocks may have is none.
    time.fetch_sub(500_000, Ordering::Relaxed);
    sell(&book, "a little behind").await.unwrap();
    let lines = store.read(&festival(), 0, 100_000).await.unwrap();
    let steps: Vec<Fact> = lines
        .iter()
        .map(|line| daybook_schema::line::read(line).unwrap().fact)
        .filter(|fact| matches!(fact, Fact::ClockStepped(_)))
        .collect();
    let to = At::from_micros(last.micros() - 10_000_000);
    assert_eq!(steps, [Fact::ClockStepped(ClockStep { from: last, to })]);
    ledger.close(Duration::from_secs(1)).await;
}

/// The queue has a limit: beyond it the answer is `overloaded`, at once, and nothing is recorded.
#[tokio::test(start_paused = true)]
async fn a_full_queue_is_overloaded() {
    let away = Arc::new(AtomicBool::new(false));
    let store = failing_while(&away, Fault::UnknownNotStored);
    let (ledger, book) = ledger(store.clone()).await;
    away.store(true, Ordering::Relaxed);
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..daybook::ledger::QUEUE_COMMANDS + 2000 {
        let book = book.clone();
        waiting.spawn(async move { (number, sell(&book, &format!("sale-{number}")).await) });
    }
    let (mut overloaded, mut other) = (Vec::new(), 0);
    while let Some(answered) = waiting.join_next().await {
        match answered.unwrap() {
            (number, Err(Refusal::Overloaded)) => overloaded.push(format!("sale-{number}")),
            (_, Err(_)) => other += 1,
            (number, Ok(_)) => panic!("sale {number} was answered while the store was away"),
        }
    }
    assert!(
        overloaded.len() >= 900,
        "only {} overloaded, {other} other",
        overloaded.len()
    );
    away.store(false, Ordering::Relaxed);
    eventually("the store is back", async || {
        sell(&book, "after").await.is_ok()
    })
    .await;
    let commands = commands(&store).await;
    assert!(!commands.iter().any(|cmd| overloaded.contains(cmd)));
    ledger.close(Duration::from_secs(1)).await;
}
