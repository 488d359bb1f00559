//! The broker that tests share, or that there is none.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

static TOPICS: AtomicUsize = AtomicUsize::new(0);

/// The broker of this run. Without one the test named is skipped: it must return at once, and
/// `tests/kafka run`, which knows the reason, counts it.
#[expect(
    clippy::disallowed_methods,
    reason = "the broker's address comes by the environment"
)]
pub fn broker(test: &str) -> Option<String> {
    if let Ok(broker) = std::env::var("DAYBOOK_TEST_KAFKA") {
        return Some(broker);
    }
    eprintln!("skipped: {test}: no Kafka, see tests/kafka");
    if let Ok(path) = std::env::var("DAYBOOK_SKIPPED_TESTS") {
        let mut file = std::fs::File::options().append(true).open(path).unwrap();
        writeln!(file, "{test}").unwrap();
    }
    None
}

/// A topic of events that no other test has, also not one of another run on the same broker.
pub fn topic() -> String {
    let count = TOPICS.fetch_add(1, Ordering::Relaxed);
    let begun = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    format!(
        "t{}-{}-{count}.events",
        begun.as_nanos(),
        std::process::id()
    )
}
