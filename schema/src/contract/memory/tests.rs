//! The log in memory keeps the contracts, and each fault does what its name says.

use super::*;
use crate::contract::{Stores, append, bytes_of, log_name, read_all, seal_chain, suite};
use std::pin::pin;
use std::task::{Context, Wake};
use std::thread::Thread;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// This crate has no runtime; a parked thread is enough for one future.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

struct InMemory;

#[async_trait]
impl Stores for InMemory {
    type Place = MemoryLog;
    type Log = MemoryLog;

    async fn fresh(&self) -> MemoryLog {
        MemoryLog::reliable()
    }

    async fn open(&self, place: &MemoryLog) -> MemoryLog {
        place.with_faults(|| Fault::None)
    }

    async fn discard(&self, _place: MemoryLog) {}
}

#[test]
fn keeps_every_contract() {
    block_on(suite(&InMemory));
}

fn once(fault: Fault) -> impl FnMut() -> Fault + Send {
    let mut next = Some(fault);
    move || next.take().unwrap_or_default()
}

#[test]
fn every_fault_does_what_it_says_and_a_retry_settles_it() {
    let log = log_name("faults");
    let lines = seal_chain(&log, Head::default(), 3);
    // Each row: the fault, what the append says, what is stored after it, what the retry says.
    let rows = [
        (Fault::None, "Ok", 3, "Conflict"),
        (Fault::NotStored, "NotStored", 0, "Ok"),
        (Fault::UnknownNotStored, "Unknown", 0, "Ok"),
        (Fault::StoredThenUnknown, "Unknown", 3, "Conflict"),
        (Fault::UnknownStoredLater, "Unknown", 0, "Conflict"),
    ];
    for (fault, said, stored, retried) in rows {
        block_on(async {
            let node = MemoryLog::new(once(fault));
            let result = node.append(&log, Head::default(), &lines).await;
            assert!(
                format!("{result:?}").contains(said),
                "{fault:?}: {result:?}"
            );
            assert_eq!(node.storage().head(&log).size, stored, "{fault:?}");
            let retry = node.append(&log, Head::default(), &lines).await;
            assert!(
                format!("{retry:?}").contains(retried),
                "{fault:?}: {retry:?}"
            );
            assert_eq!(read_all(&node, &log).await, bytes_of(&lines), "{fault:?}");
        });
    }
}

#[test]
fn a_late_write_lands_only_if_it_still_fits_and_only_on_its_log() {
    let (log, other) = (log_name("late"), log_name("other"));
    block_on(async {
        let slow = MemoryLog::new(once(Fault::UnknownStoredLater));
        let quick = slow.with_faults(|| Fault::None);
        let late = seal_chain(&log, Head::default(), 2);
        assert!(slow.append(&log, Head::default(), &late).await.is_err());
        append(
            &quick,
            &other,
            Head::default(),
            &seal_chain(&other, Head::default(), 1),
        )
        .await;
        assert_eq!(
            slow.storage().head(&log).size,
            0,
            "other logs do not hurry it"
        );
        assert_eq!(
            quick.head(&log).await.expect("head").size,
            2,
            "any node's look lands it"
        );

        // Two late writes on one head: the first that lands wins, the other is lost.
        let twice = slow.with_faults(|| Fault::UnknownStoredLater);
        let head = late[1].head();
        for n in [1, 2] {
            assert!(
                twice
                    .append(&log, head, &seal_chain(&log, head, n))
                    .await
                    .is_err()
            );
        }
        assert_eq!(quick.head(&log).await.expect("head").size, 3);
    });
}

#[test]
fn reads_fail_on_command_and_wake_whoever_waits() {
    let log = log_name("reads");
    block_on(async {
        let mut failures = 3;
        let node = MemoryLog::reliable().with_read_faults(move || {
            failures -= 1;
            failures >= 0
        });
        assert!(matches!(
            node.head(&log).await,
            Err(LogError::Unavailable(_))
        ));
        node.changed().await;
        assert!(matches!(
            node.read(&log, 0, 1).await,
            Err(LogError::Unavailable(_))
        ));
        assert!(matches!(node.secret().await, Err(LogError::Unavailable(_))));
        assert!(node.logs().await.is_ok());
    });
}
