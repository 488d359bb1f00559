//! Actors for the tests' stories: stores, servers and tills.

#![expect(unreachable_pub, reason = "what the stories share is public to them")]

pub mod desk;
pub mod dice;
pub mod festival;
pub mod kafka;
pub mod server;
pub mod store;
pub mod till;

pub use desk::Desk;
pub use dice::Dice;
pub use festival::{barrel_at, entry, festival};
pub use server::Server;
pub use store::Store;
pub use till::Till;

use std::time::Duration;

/// The demo's venue, and keys that its file names.
pub const FESTIVAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/festival.json");
pub const TILL_KEY: &str = "YOUR_API_KEY";
pub const AUDIT_KEY: &str = "demo-audit-key";
pub const ADMIN_KEY: &str = "demo-admin-key";

/// How often the campaigns go round: few in `make test`, many in `make faults`.
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no settings of their own"
)]
pub fn rounds(short: usize) -> usize {
    let asked = std::env::var("DAYBOOK_FAULT_ROUNDS").ok();
    asked.map_or(short, |text| {
        text.parse().expect("DAYBOOK_FAULT_ROUNDS is a number")
    })
}

/// Waits until the condition holds, and fails when it never does.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // Long, since only what never happens waits for it: machines may be busy with other tests.
    let patience = Duration::from_mins(5);
    tokio::time::timeout(patience, waiting)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}
