//! Help, wrong usage and missing stores.

use super::{daybook, said};
use crate::support::{FESTIVAL, Store};

/// Each command with words that its help must hold.
const HELP: [(&[&str], &[&str]); 20] = [
    (
        &[],
        &[
            "demo",
            "serve",
            "import",
            "key",
            "session",
            "message",
            "qr",
            "verify",
            "replay",
            "doctor",
            "health",
            "bench",
            "--json",
            "Exit codes",
        ],
    ),
    (&["demo"], &["--data", "--listen"]),
    (
        &["qr"],
        &[
            "<FILE>",
            "--base-url",
            "--table",
            "--instance",
            "--data",
            "table_link_generation",
        ],
    ),
    (
        &["serve"],
        &[
            "--config",
            "--data",
            "--database-url",
            "--listen",
            "--node",
            "--rate-limit",
            "--payment-url",
            "--payment-secret-file",
            "--log",
        ],
    ),
    (
        &["import"],
        &[
            "<FILE>",
            "--instance",
            "--map",
            "--list",
            "--data",
            "--database-url",
            "10,000",
        ],
    ),
    (&["key"], &["issue", "revoke", "list"]),
    (
        &["key", "issue"],
        &["--name", "--scope", "--instance", "--data"],
    ),
    (&["key", "revoke"], &["<ID>", "--instance"]),
    (&["key", "list"], &["--instance", "--data"]),
    (&["session"], &["open", "close", "list"]),
    (
        &["session", "open"],
        &[
            "--cash-desk",
            "--user",
            "--cash-before",
            "--instance",
            "--data",
        ],
    ),
    (
        &["session", "close"],
        &["<ID>", "--cash-after", "--instance"],
    ),
    (&["session", "list"], &["--instance", "--data"]),
    (&["message"], &["<TEXT>", "--instance"]),
    (
        &["verify"],
        &[
            "--data",
            "--database-url",
            "--head",
            "--instance",
            "--kafka",
        ],
    ),
    (
        &["replay"],
        &["--until", "--view", "--fingerprints", "--kafka"],
    ),
    (
        &["compare"],
        &["--kafka", "--topic", "--complete", "--ranges", "BLAKE3"],
    ),
    (
        &["restore"],
        &["--kafka", "--topic", "--data", "daybook key issue"],
    ),
    (&["doctor"], &["--data", "--database-url"]),
    (
        &["health"],
        &["--address", "DAYBOOK_LISTEN", "/ledger/health"],
    ),
];

#[tokio::test]
async fn every_command_explains_itself() {
    for (command, words) in HELP {
        let mut args = command.to_vec();
        args.push("--help");
        let (code, stdout, stderr) = daybook(&args).await;
        assert_eq!((code, stderr.as_str()), (0, ""), "{command:?}");
        for word in words {
            assert!(
                stdout.contains(word),
                "{command:?} does not mention {word}:\n{stdout}"
            );
        }
    }
    let (code, stdout, _) = daybook(&["bench", "--help"]).await;
    assert!(
        code == 0 && stdout.contains("--clients") && stdout.contains("--rate"),
        "{stdout}"
    );
    let (code, stdout, _) = daybook(&["--version"]).await;
    assert_eq!(
        (code, stdout.trim()),
        (0, concat!("daybook ", env!("CARGO_PKG_VERSION")))
    );
}

#[tokio::test]
async fn wrong_usage_is_exit_code_2() {
    for args in [
        &[][..],
        &["sell"],
        &["import"],
        &["import", "a.json", "b.json"],
        &["key"],
        &["key", "issue"],
        &["key", "issue", "--name", "x", "--scope", "everything"],
        &["key", "revoke", "one"],
        &["key", "list", "--instance", "Not A Slug"],
        &["session", "open", "--cash-desk", "1"],
        &["session", "open", "--cash-desk", "one", "--user", "1"],
        &["session", "close"],
        &["import", "members.csv", "--list", "one"],
        &["serve", "--listen", "everywhere"],
        &["serve", "--rate-limit", "maybe"],
        &["serve", "--data", "x", "--database-url", "postgres://x"],
        &["verify", "--head", "7"],
        &["replay", "--view", "nonsense"],
        &["replay", "--until", "yesterday"],
        &["bench", "--clients", "0"],
        &["health", "--address", "https://127.0.0.1:8080"],
    ] {
        let (code, stdout, stderr) = daybook(args).await;
        assert_eq!((code, stdout.as_str()), (2, ""), "{args:?}");
        assert!(
            stderr.contains("Usage") || stderr.contains("--help"),
            "{args:?}: {stderr}"
        );
    }
}

/// Whoever mistypes a path gets no second ledger, but a hint.
#[tokio::test]
async fn a_missing_store_is_exit_code_3_and_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("typo");
    let data = path.to_str().unwrap();
    for args in [
        &["key", "list"][..],
        &["key", "issue", "--name", "x"],
        &["session", "list"],
        &["session", "open", "--cash-desk", "1", "--user", "1"],
        &["message", "Hallo"],
        &["verify"],
        &["replay"],
    ] {
        let (code, stdout, stderr) = daybook(&[args, &["--data", data]].concat()).await;
        assert_eq!((code, stdout.as_str()), (3, ""), "{args:?}: {stderr}");
        assert!(
            stderr.contains(data) && stderr.contains("--data"),
            "{args:?}: {stderr}"
        );
        assert!(!path.exists(), "{args:?} made a store");
    }
    let url = "postgres://nobody:hunter2@127.0.0.1:1/nothing";
    let (code, _, stderr) = daybook(&["key", "list", "--database-url", url]).await;
    assert_eq!(code, 3, "{stderr}");
    assert!(!stderr.contains("hunter2"), "a password was told: {stderr}");
}

#[tokio::test]
async fn an_empty_store_says_what_to_do() {
    let store = Store::sqlite();
    store.run_ok(&["import", FESTIVAL]).await;
    for (args, word) in [
        (
            &["key", "list", "--instance", "elsewhere"][..],
            "there are: festival",
        ),
        (
            &["message", "--instance", "elsewhere", "Hallo"],
            "there are: festival",
        ),
        (&["message", "updatepos"], "1 to 500 characters"),
        (&["key", "issue", "--name", " "], "1 to 200 characters"),
        (&["key", "revoke", "99"], "there is no key 99"),
    ] {
        let (code, _, stderr) = store.run(args).await;
        assert_eq!(code, 1, "{args:?}");
        assert!(stderr.contains(word), "{args:?}: {stderr}");
    }
}

/// With --json every command prints one JSON object, also when the answer is no.
#[tokio::test]
async fn machines_get_json() {
    let store = Store::sqlite();
    let run = async |args: &[&str]| {
        let (code, stdout, stderr) = store.run(&[&["--json"], args].concat()).await;
        assert_eq!(stderr, "", "{args:?}");
        (code, said(&stdout))
    };
    let (code, imported) = run(&["import", FESTIVAL]).await;
    assert_eq!((code, &imported["instance"]), (0, &"festival".into()));
    let (code, issued) = run(&["key", "issue", "--name", "Kiosk", "--scope", "pos,audit"]).await;
    assert_eq!(
        (code, &issued["scopes"]),
        (0, &serde_json::json!(["audit", "pos"]))
    );
    let (code, message) = run(&["message", "Hallo"]).await;
    assert_eq!((code, message["seq"].is_u64()), (0, true));
    let (code, keys) = run(&["key", "list"]).await;
    assert_eq!((code, keys["keys"].as_array().unwrap().len()), (0, 5));
    let (code, doctor) = run(&["doctor"]).await;
    assert_eq!((code, &doctor["healthy"]), (0, &true.into()), "{doctor}");
    let (code, verified) = run(&["verify"]).await;
    assert_eq!((code, &verified["whole"]), (0, &true.into()));
    let (code, books) = run(&["replay", "--view", "product"]).await;
    assert_eq!(
        (code, books["fingerprint"].as_str().map(str::len)),
        (0, Some(64))
    );
    let (code, refused) = run(&["key", "revoke", "99"]).await;
    assert_eq!((code, &refused["exit"]), (1, &1.into()));
    let (code, refused) = run(&["import", "/nowhere.json"]).await;
    assert_eq!((code, &refused["exit"]), (3, &3.into()));
}
