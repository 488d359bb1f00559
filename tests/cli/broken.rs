//! What `verify`, `replay`, `doctor` and `bench` say of whole and of damaged logs.

use super::{daybook, said};
use crate::support::{AUDIT_KEY, Server, Store};
use serde_json::{Value, json};

/// A festival with some sales, and its log as a file.
async fn traded() -> (Store, String) {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let mut till = server.till().await;
    for amount in 1..=5 {
        let products = json!([{ "ID": 2, "Amount": amount }]);
        till.event(
            "payitems",
            json!({ "POSID": 1, "PaymentMethod": 1, "Products": products }),
        )
        .await;
    }
    let lines = server.lines().await.join("\n") + "\n";
    drop(till);
    assert_eq!(server.stop().await, 0);
    (store, lines)
}

/// Verifies a file of lines; returns exit code and what was said.
async fn verify(lines: &str) -> (i32, Value) {
    let (_dir, path) = Store::file("events.ndjson", lines);
    let (code, stdout, stderr) = daybook(&["--json", "verify", path.to_str().unwrap()]).await;
    assert_eq!(stderr, "");
    // A refusal is said behind the findings.
    (code, said(stdout.lines().next().unwrap()))
}

#[tokio::test]
async fn an_exported_log_is_whole_and_any_changed_byte_is_found() {
    let (_store, lines) = traded().await;
    let (code, whole) = verify(&lines).await;
    assert_eq!((code, &whole["whole"]), (0, &json!(true)), "{whole}");
    let count = lines.lines().count();
    for (change, with) in [
        ("\"by\":\"key:1\"", "\"by\":\"key:2\""),
        ("Bier 0,5", "Bier 0,4"),
        ("\"seq\":7,", "\"seq\":8,"),
        ("\"AmountProduct\":3,", "\"AmountProduct\":4,"),
    ] {
        assert!(lines.contains(change), "{change} is not in the log");
        let (code, broken) = verify(&lines.replacen(change, with, 1)).await;
        assert_eq!(
            (code, &broken["whole"]),
            (1, &json!(false)),
            "{change}: {broken}"
        );
    }
    // A line lost in the middle.
    let lost: String = lines
        .lines()
        .enumerate()
        .filter(|(n, _)| *n != count / 2)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    assert_eq!(verify(&lost).await.0, 1);
}

/// A line lost at the end is found by whoever kept the head.
#[tokio::test]
async fn a_known_head_finds_what_was_cut_off() {
    let (store, lines) = traded().await;
    let server = Server::start(&store).await;
    let head = server.audit("/ledger/festival/head").await;
    assert_eq!(server.stop().await, 0);
    let known = format!("{}:{}", head["size"], head["leaf"].as_str().unwrap());
    store.run_ok(&["verify", "--head", &known]).await;
    let cut = lines.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    let (_dir, path) = Store::file("events.ndjson", &cut);
    let path = path.to_str().unwrap();
    assert_eq!(
        daybook(&["verify", path]).await.0,
        0,
        "the rest is whole for itself"
    );
    let (code, stdout, stderr) = daybook(&["verify", path, "--head", &known]).await;
    assert_eq!(code, 1, "{stdout}{stderr}");
}

/// The books as they stood: a replay up to an event shows what was sold until then.
#[tokio::test]
async fn a_replay_stops_where_it_is_told() {
    let (store, lines) = traded().await;
    let last = lines.lines().count() - 1;
    let all = said(&store.run_ok(&["--json", "replay"]).await);
    let before = said(
        &store
            .run_ok(&["--json", "replay", "--until", &(last - 1).to_string()])
            .await,
    );
    assert_eq!(
        (&all["seq"], &before["seq"]),
        (&json!(last), &json!(last - 1))
    );
    assert_ne!(all["fingerprint"], before["fingerprint"]);
    // A node that serves the log has the same state as a replay of it.
    let replayed = said(&store.run_ok(&["--json", "replay", "--fingerprints"]).await);
    let server = Server::start(&store).await;
    let served = server.audit("/ledger/festival/fingerprints").await;
    assert_eq!(replayed["fingerprints"], served["views"]);
}

#[tokio::test]
async fn doctor_says_whether_all_is_well() {
    let store = Store::festival().await;
    let text = store.run_ok(&["doctor"]).await;
    assert!(text.contains("festival") && !text.contains("BAD"), "{text}");
    let dir = tempfile::tempdir().unwrap();
    let (code, stdout, _) = daybook(&["doctor", "--data", dir.path().to_str().unwrap()]).await;
    assert_eq!(code, 1);
    assert!(
        stdout.contains("BAD") && stdout.contains("there is no ledger"),
        "{stdout}"
    );
}

/// A short run of the load generator: it books what it says, and names what it took.
#[tokio::test]
async fn bench_drives_a_real_server() {
    let store = Store::festival().await;
    let server = Server::start(&store).await;
    let url = format!("ws://{}/festival", server.address);
    let args = [
        "--json",
        "bench",
        "--url",
        &url,
        "--clients",
        "4",
        "--seconds",
        "1",
        "--warmup",
        "0",
    ];
    let (code, stdout, stderr) = daybook(&args).await;
    assert_eq!(code, 0, "{stdout}{stderr}");
    said(&stdout);
    let (_, body) = server
        .get("/ledger/festival/events?limit=10000", Some(AUDIT_KEY))
        .await;
    assert!(body.contains("\"sale.recorded\""));
    let (code, _, stderr) = daybook(&[
        "bench",
        "--url",
        "ws://127.0.0.1:1/festival",
        "--seconds",
        "1",
    ])
    .await;
    assert_eq!(code, 3, "{stderr}");
}
