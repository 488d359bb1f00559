//! Importing catalogue files through the command line.

mod members;
mod orders;
mod refusals;
mod secrets;
mod sections;
mod tables;
mod taken;

use crate::support::Store;

/// The second venue of the fixtures.
const RESTAURANT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/restaurant.json"
);

/// How many events a file of the fixtures writes.
async fn import_file(store: &Store, path: &str) -> u64 {
    let said = store.run_ok(&["--json", "import", path]).await;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    said["events"].as_u64().unwrap()
}
