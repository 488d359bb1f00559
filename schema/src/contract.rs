//! The contracts of [`EventLog`] as tests, and a log in memory that fails on command.
//!
//! One suite runs against every store, so that none can promise less than another. It holds one
//! function per contract; each gets a store of its own. A breach panics with the contract's words.

mod appending;
mod memory;
mod reading;

pub use memory::{Fault, MemoryLog};

use crate::event::{Actor, Event};
use crate::facts::{Fact, Message};
use crate::id::LogName;
use crate::line::{self, SealedLine};
use crate::log::{EventLog, Head};
use crate::time::At;
use async_trait::async_trait;
use std::pin::Pin;
use std::task::Poll;

/// Where the suite gets its stores from.
#[async_trait]
pub trait Stores: Sync {
    /// What is left when every handle is closed: a directory, a database.
    type Place: Send + Sync;
    /// The store under test.
    type Log: EventLog;

    /// A place for a new, empty store.
    async fn fresh(&self) -> Self::Place;

    /// Opens the store at a place, as a first, further or restarted node would.
    async fn open(&self, place: &Self::Place) -> Self::Log;

    /// Removes a place whose handles are all closed.
    async fn discard(&self, place: Self::Place);
}

/// Runs every contract against fresh stores.
///
/// # Panics
/// When the store breaks a contract.
pub async fn suite<S: Stores>(stores: &S) {
    macro_rules! hold {
        ($($module:ident::$contract:ident),* $(,)?) => {$(
            let place = stores.fresh().await;
            let node = stores.open(&place).await;
            Box::pin($module::$contract(&node)).await;
            node.close().await;
            stores.discard(place).await;
        )*};
    }
    hold! {
        appending::a_new_log_is_empty,
        appending::an_empty_batch_succeeds_and_does_nothing,
        appending::only_the_stored_head_is_continued,
        appending::a_batch_that_is_no_chain_is_refused_whole,
        appending::repeating_an_append_is_a_conflict,
        appending::logs_do_not_disturb_each_other,
        appending::ten_thousand_lines_fit_one_append,
        appending::too_many_lines_are_refused,
        reading::bytes_come_back_as_they_went_in,
        reading::pages_have_no_gaps,
        reading::pages_end_after_8_mib,
        reading::a_batch_is_seen_whole_or_not_at_all,
        reading::snapshots_are_replaced,
        reading::a_view_of_40_mb_fits_a_snapshot,
    }
    Box::pin(appending::of_eight_appenders_exactly_one_wins(stores)).await;
    Box::pin(reading::everything_survives_a_restart(stores)).await;
    Box::pin(reading::nodes_share_one_secret(stores)).await;
    Box::pin(reading::appends_of_another_node_are_noticed(stores)).await;
}

/// `n` sealed lines with real facts that continue `head`.
///
/// # Panics
/// Never: the facts are short.
#[must_use]
pub fn seal_chain(log: &LogName, head: Head, n: usize) -> Vec<SealedLine> {
    let texts = (0..n).map(|i| format!("message {i} after {}", head.size));
    seal_messages(log, head, texts)
}

/// One sealed line per text that continue `head`, each a message to all tills.
///
/// # Panics
/// When a text does not fit a line.
pub fn seal_messages(
    log: &LogName,
    mut head: Head,
    texts: impl IntoIterator<Item = String>,
) -> Vec<SealedLine> {
    let mut lines = Vec::new();
    for text in texts {
        let event = Event {
            at: At::from_micros(1_795_341_600_000_000_i64.saturating_add_unsigned(head.size)),
            by: Actor::Operator,
            cmd: format!("contract-{}", head.size),
            fact: Fact::MessageSent(Message { text }),
            log: log.clone(),
            prev: head.leaf,
            seq: head.size,
        };
        let line = line::seal(&event).expect("the text fits a line");
        head = line.head();
        lines.push(line);
    }
    lines
}

fn log_name(text: &str) -> LogName {
    LogName::new(text).expect("the suite's own names are slugs")
}

/// Where the lines end, or `head` when there are none.
fn end_of(lines: &[SealedLine], head: Head) -> Head {
    lines.last().map_or(head, SealedLine::head)
}

async fn append(store: &impl EventLog, log: &LogName, head: Head, lines: &[SealedLine]) -> Head {
    store
        .append(log, head, lines)
        .await
        .expect("an append that continues the head succeeds");
    end_of(lines, head)
}

async fn read_all(store: &impl EventLog, log: &LogName) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let page = store
            .read(log, all.len() as u64, 700)
            .await
            .expect("the store answers");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn bytes_of(lines: &[SealedLine]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| line.bytes.clone()).collect()
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs futures side by side, without asking for a runtime.
async fn together<T>(mut futures: Vec<Boxed<'_, T>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if result.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *result = Some(value);
            }
        }
        if results.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    results.into_iter().flatten().collect()
}
