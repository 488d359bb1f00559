//! Secrets stay out of the log, the store and the service's own log.

use crate::support::{Server, Store};
use std::process::Stdio;

/// Every secret of the festival's file, except the codes of tickets, which are the goods.
const SECRETS: [&str; 8] = [
    "YOUR_API_KEY",
    "demo-audit-key",
    "demo-admin-key",
    "demo-display-key",
    "crew-only",
    "toni-badge-7421",
    "abcdefgh1234567890",
    "troubleshooter1234567890",
];

#[tokio::test]
async fn no_secret_is_written_anywhere() {
    let store = Store::festival().await;
    let log = tempfile::tempdir().unwrap();
    let path = log.path().join("stderr");
    let file = std::fs::File::create(&path).unwrap();
    let flags = ["--rate-limit", "off", "--log", "debug"];
    let server = Server::start_logged(&store, &flags, Stdio::from(file)).await;
    let mut till = server.till().await;
    let sale = serde_json::json!({ "POSID": 3, "PaymentMethod": 3, "posPassword": "crew-only",
        "Products": [{ "ID": 1, "Amount": 1 }] });
    till.event("payitems", sale).await;
    let wrong = serde_json::json!({ "password": "crew-only", "workplace": 1 });
    till.event("verifyauth", wrong).await;
    let lines = server.lines().await.join("\n");
    drop(till);
    assert_eq!(server.stop().await, 0);
    let mut places = vec![("the log".to_owned(), lines.into_bytes())];
    places.push(("stderr".to_owned(), std::fs::read(path).unwrap()));
    let Store::Sqlite(dir) = &store else {
        unreachable!("made above")
    };
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap().path();
        places.push((entry.display().to_string(), std::fs::read(&entry).unwrap()));
    }
    for (place, bytes) in places {
        for secret in SECRETS {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} stands in {place}");
        }
    }
}
