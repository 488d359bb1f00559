//! Sessions at cash desks, opened and closed beside a server that runs.

use super::said;
use crate::support::{Desk, Server, Store, entry, eventually, festival};
use serde_json::{Value, json};

/// Opens a session; returns what was said.
async fn open(store: &Store, more: &[&str]) -> Value {
    let args = [
        "--json",
        "session",
        "open",
        "--cash-desk",
        "2",
        "--user",
        "3",
    ];
    said(&store.run_ok(&[&args, more].concat()).await)
}

async fn sessions(store: &Store) -> Vec<Value> {
    let listed = said(&store.run_ok(&["--json", "session", "list"]).await);
    listed["sessions"].as_array().unwrap().clone()
}

/// A new session works at a running server within moments, and a closed one does not any more.
#[tokio::test]
async fn a_running_server_learns_of_sessions() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let opened = open(&store, &["--cash-before", "20.5"]).await;
    assert_eq!(
        (&opened["id"], &opened["cash_before"], &opened["user_name"]),
        (&json!(3), &json!("20.50"), &json!("Bo Backoffice"))
    );
    let token = opened["token"].as_str().unwrap();
    assert_eq!(token.len(), 48);
    let status = async || {
        let mut desk = Desk::new(server.address, token);
        desk.get("/api/products/").await.status
    };
    eventually("the session is known", async || status().await == 200).await;
    let text = store
        .run_ok(&["session", "close", "3", "--cash-after", "312.5"])
        .await;
    assert!(text.contains("Session 3 at festival is closed"), "{text}");
    eventually("the session has ended", async || status().await == 401).await;
    // Others go on.
    let mut other = Desk::new(server.address, "abcdefgh1234567890");
    assert_eq!(other.get("/api/products/").await.status, 200);
    let row = sessions(&store).await.remove(2);
    assert_eq!(
        (&row["cash_before"], &row["cash_after"]),
        (&json!("20.50"), &json!("312.50"))
    );
    assert!(row["opened"].as_str() < row["closed"].as_str(), "{row}");
    let text = store.run_ok(&["session", "list"]).await;
    let line = text.lines().nth(3).unwrap();
    for word in [
        "3 ",
        "cash desk 2 (Kasse 2)",
        "Bo Backoffice",
        "with 20.50",
        "with 312.50",
    ] {
        assert!(line.contains(word), "{line}\nlacks {word}");
    }
}

#[tokio::test]
async fn what_cannot_be_says_why() {
    let store = Store::festival().await;
    let mut venue = festival();
    entry(&mut venue, "cashdesks", 1)["active"] = json!(false);
    store.import_ok(&venue).await;
    store.run_ok(&["session", "close", "1"]).await;
    let at = |desk, user| vec!["session", "open", "--cash-desk", desk, "--user", user];
    let with = |flag, amount| [at("2", "2"), vec![flag, amount]].concat();
    let close = |id| vec!["session", "close", id];
    for (args, exit, word) in [
        (at("9", "1"), 1, "there is no cash desk 9"),
        (at("2", "9"), 1, "there is no user 9"),
        (at("1", "1"), 1, "cash desk is inactive"),
        (close("9"), 1, "there is no session 9"),
        (close("1"), 1, "session 1 is closed already"),
        (
            with("--cash-before", "12,50"),
            2,
            "--cash-before: \"12,50\" is no decimal",
        ),
        (
            with("--cash-before", "1.005"),
            2,
            "write an amount in EUR like 150.00",
        ),
        (
            with("--cash-before", "-1.00"),
            2,
            "\"-1.00\" is out of range",
        ),
        (
            with("--cash-before", "100000000"),
            2,
            "\"100000000\" is out of range",
        ),
        (
            [close("2"), vec!["--cash-after", "much"]].concat(),
            2,
            "--cash-after: \"much\"",
        ),
    ] {
        let (code, stdout, stderr) = store.run(&args).await;
        assert_eq!((code, stdout.as_str()), (exit, ""), "{args:?}: {stderr}");
        assert!(stderr.contains(word), "{args:?}: {stderr}");
    }
    let rows = sessions(&store).await;
    assert_eq!(rows.len(), 2, "a refusal wrote something: {rows:?}");
    let ends: Vec<_> = rows.iter().map(|row| row["closed"].is_null()).collect();
    assert_eq!(ends, [false, true]);
    assert_eq!(rows[0]["cash_after"], json!(null), "it was not counted");
}

/// Neither the list nor the log shows a token, and a closed session is not brought back by its file.
#[tokio::test]
async fn tokens_are_shown_once_and_ends_are_for_good() {
    let store = Store::festival().await;
    let opened = open(&store, &[]).await;
    let token = opened["token"].as_str().unwrap();
    assert_eq!(opened["cash_before"], "0.00");
    store.run_ok(&["session", "close", "1"]).await;
    assert_eq!(store.import_ok(&festival()).await, 0);
    assert!(sessions(&store).await[0]["closed"].is_string());
    let server = Server::start(&store).await;
    let log = server.lines().await.join("\n");
    let list = store.run_ok(&["session", "list"]).await;
    let json = store.run_ok(&["--json", "session", "list"]).await;
    for text in [log, list, json] {
        assert!(!text.contains(token), "{text}");
    }
}
