//! The program: what it prints, and how it exits.

use crate::{file_of, head_of, log, trade};
use daybook_schema::EventLog;
use std::path::Path;
use std::process::Command;

/// Exit code and what was printed.
fn run(args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_daybook-replay"))
        .args(args)
        .env_remove("DAYBOOK_DATABASE_URL")
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap(), text)
}

fn json(args: &[&str]) -> (i32, serde_json::Value) {
    let (code, text) = run(args);
    (code, serde_json::from_str(&text).expect(&text))
}

fn in_dir(dir: &Path, lines: &[Vec<u8>]) -> String {
    std::fs::write(dir.join("events.ndjson"), file_of(lines)).unwrap();
    dir.display().to_string()
}

#[test]
fn a_bundle_is_verified() {
    let dir = tempfile::tempdir().unwrap();
    let mut lines = trade(log(), 1235);
    let head = head_of(&lines);
    let head = format!("{}:{}", head.size, head.leaf);
    let bundle = in_dir(dir.path(), &lines);
    let whole = format!("festival: whole: 1,235 events, 1,234 transactions, head {head}\n");
    assert_eq!(run(&["verify", &bundle, "--head", &head]), (0, whole));
    let (code, value) = json(&["--json", "verify", &format!("{bundle}/events.ndjson")]);
    assert_eq!((code, &value["whole"]), (0, &true.into()));
    assert_eq!(value["instances"][0]["report"]["head"]["size"], 1235);

    lines.truncate(1000);
    let bundle = in_dir(dir.path(), &lines);
    let (code, text) = run(&["verify", &bundle, "--head", &head]);
    let broken = "festival: BROKEN at seq 1000: expected 1235 events, found 1000 (known head: the tail is missing)\n";
    assert_eq!((code, text.as_str()), (1, broken));
    lines.swap(41, 42);
    let bundle = in_dir(dir.path(), &lines);
    let (code, value) = json(&["--json", "verify", &bundle]);
    let failure = &value["instances"][0]["failure"];
    assert_eq!(
        (code, &failure["seq"], &failure["layer"]),
        (1, &41.into(), &"chain".into())
    );
    assert_eq!(
        (&failure["expected"], &failure["found"]),
        (&"seq 41".into(), &"seq 42".into())
    );
}

#[test]
fn the_books_are_shown_as_they_stood() {
    let dir = tempfile::tempdir().unwrap();
    let bundle = in_dir(dir.path(), &trade(log(), 20));
    let (code, text) = run(&["replay", &bundle, "--until", "2"]);
    assert_eq!((code, text.matches("\"hash\"").count()), (0, 2), "{text}");
    let (_, value) = json(&[
        "--json",
        "replay",
        &bundle,
        "--until",
        "2026-05-01T10:00:01Z",
    ]);
    assert_eq!(
        (&value["instance"], &value["seq"]),
        (&"festival".into(), &4.into())
    );
    assert_eq!(
        (&value["view"], &value["state"]["last_id"]),
        (&"transaction".into(), &4.into())
    );
    let (_, value) = json(&[
        "--json",
        "replay",
        &bundle,
        "--until",
        "1970-01-01T00:00:00Z",
    ]);
    assert!(value["seq"].is_null() && value["at"].is_null(), "{value}");
    let (code, text) = run(&["replay", &bundle, "--fingerprints"]);
    let has = |name: &&str| text.lines().any(|line| line.starts_with(name));
    assert!(
        code == 0 && daybook_projections::NAMES.iter().all(has),
        "{text}"
    );
    let (code, text) = run(&["replay", &bundle, "--view", "everything"]);
    assert_eq!(code, 2);
    assert!(
        daybook_projections::NAMES
            .iter()
            .all(|name| text.contains(name)),
        "{text}"
    );
    assert_eq!(run(&["replay", &bundle, "--until", "soon"]).0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_verified_beside_its_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().display().to_string();
    let none = dir.path().join("none").display().to_string();
    assert_eq!(run(&["verify", "--data", &none]).0, 3);
    assert!(
        !Path::new(&none).exists(),
        "nothing comes into being by looking"
    );
    let store = daybook_sqlite::open(dir.path()).await.unwrap();
    assert_eq!(
        run(&["verify", "--data", &data]).0,
        1,
        "nothing is no proof"
    );
    for name in ["a", "b"] {
        let name = name.parse().unwrap();
        let lines = daybook_schema::contract::seal_chain(&name, daybook_schema::Head::default(), 3);
        store
            .append(&name, daybook_schema::Head::default(), &lines)
            .await
            .unwrap();
    }
    let (code, text) = run(&["verify", "--data", &data]);
    assert_eq!(
        (
            code,
            text.matches(": whole: 3 events, 0 transactions").count()
        ),
        (0, 2),
        "{text}"
    );
    let head = format!("3:{}", "0".repeat(64));
    let (code, text) = run(&["verify", "--data", &data, "--head", &head]);
    assert_eq!(code, 2, "{text}");
    let (code, text) = run(&[
        "verify",
        "--data",
        &data,
        "--head",
        &head,
        "--instance",
        "a",
    ]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.starts_with("a: BROKEN at seq 2: expected leaf 000"),
        "{text}"
    );
    assert_eq!(run(&["verify", "--data", &data, "--instance", "c"]).0, 1);
    assert_eq!(run(&["replay", "--data", &data]).0, 2, "which of the two?");
    assert_eq!(run(&["replay", "--data", &data, "--instance", "b"]).0, 0);
    store.close().await;
}
