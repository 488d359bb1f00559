//! What stands in the topics of entities, over the log of the vectors: it fits the published schemas
//! and is written exactly, transactions verify themselves, and nothing in it is secret.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

use daybook_projections::Views;
use daybook_projections::entity::{Change, ENTITIES, changes};
use daybook_schema::facts::Tx;
use daybook_schema::id::PosId;
use daybook_schema::{LogName, TxHash, line};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Every line, and what it changed.
fn told() -> Vec<(String, Vec<Change>)> {
    let entries = include_str!("../../schema/vectors/events.json");
    let entries: Vec<Value> = serde_json::from_str(entries).unwrap();
    let mut views = Views::default();
    let mut tell = |entry: &Value| {
        let text = entry["line"].as_str().unwrap();
        let event = line::read(text.as_bytes()).unwrap();
        let old = views.clone();
        views.apply(&event, line::seal(&event).unwrap().leaf);
        (text.to_owned(), changes(&old, &views).collect())
    };
    entries.iter().map(&mut tell).collect()
}

/// Kind and value of every record.
fn records() -> Vec<(&'static str, String)> {
    let instance = LogName::new("hafenfest").unwrap();
    let records = (0..).zip(told()).flat_map(|(seq, (_, changes))| {
        let instance = instance.clone();
        let values = changes
            .into_iter()
            .map(move |change| (change.entity, change.value(&instance, seq)));
        values.filter_map(|(kind, value)| Some((kind, value?)))
    });
    records.collect()
}

/// Where `tests/prepare` has been, a whole validator judges as well.
fn python() -> std::path::PathBuf {
    let prepared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    if prepared.exists() {
        prepared
    } else {
        "python3".into()
    }
}

#[test]
fn records_fit_their_schemas() {
    let records = records();
    let kinds: BTreeSet<&str> = records.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(
        kinds,
        ENTITIES.into(),
        "the vectors have an entity of every kind"
    );
    let mut judge = Command::new(python())
        .args(["-B", "records.py"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = records
        .iter()
        .map(|(kind, value)| format!("{kind} {value}\n"));
    let lines: String = lines.collect();
    let mut stdin = judge.stdin.take().unwrap();
    // Written beside reading: the judge may stop at the first record that does not fit.
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).is_ok());
    let output = judge.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(writer.join().unwrap(), "{said}");
    let judged = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        judged.trim().parse(),
        Ok(records.len()),
        "all records were judged"
    );
}

#[test]
fn transactions_verify_themselves() {
    let instance = LogName::new("hafenfest").unwrap();
    let mut heads = BTreeMap::<PosId, TxHash>::new();
    let mut next = 1;
    for (line, changes) in told() {
        for change in changes
            .iter()
            .filter(|change| change.entity == "transaction")
        {
            let data = change.data.as_ref().unwrap().get();
            assert!(line.contains(data), "{data} is not what the event says");
            let tx: Tx = serde_json::from_str(data).unwrap();
            let head = heads.entry(tx.point_of_sale_id).or_default();
            assert_eq!(tx.hash, tx.hash_after(&instance, head));
            assert_eq!((tx.id.0, change.id.as_str()), (next, &*next.to_string()));
            *head = tx.hash;
            next += 1;
        }
    }
    assert!(next > 10);
}

/// Texts of an event that are nobody's business, by the members that hold them.
fn confidential(event: &Value) -> Vec<String> {
    let kind = event["type"].as_str().unwrap();
    let mut found = Vec::new();
    let mut places = vec![(String::new(), &event["data"])];
    while let Some((name, value)) = places.pop() {
        match value {
            Value::Object(members) => {
                places.extend(members.iter().map(|(name, value)| (name.clone(), value)));
            }
            Value::Array(items) => places.extend(items.iter().map(|item| (name.clone(), item))),
            Value::String(text) if is_confidential(kind, &name) => {
                let text = text
                    .split_once("://")
                    .map_or(text.as_str(), |(_, address)| address);
                found.push(text.to_owned());
            }
            _ => {}
        }
    }
    found.retain(|text| !text.is_empty());
    found
}

fn is_confidential(kind: &str, member: &str) -> bool {
    let always = [
        "badge_hash",
        "frames",
        "identifier",
        "ip_address",
        "password_hash",
        "secret",
        "token_hash",
        "uri",
        "warning_text",
    ];
    match kind {
        "access.key_issued" | "access.user_defined" | "catalogue.list_entry_defined" => {
            member != "roles" && member != "scopes"
        }
        _ => always.contains(&member),
    }
}

#[test]
fn no_record_holds_a_secret_or_a_person_on_a_list() {
    let told = told();
    let events = told
        .iter()
        .map(|(line, _)| serde_json::from_str::<Value>(line).unwrap());
    let mut secrets: BTreeSet<String> = events.flat_map(|event| confidential(&event)).collect();
    assert!(secrets.len() > 10, "{secrets:?}");
    secrets.extend(["_hash\"", "\"secret\"", "\"uri\"", "://"].map(str::to_owned));
    for (kind, value) in records() {
        for secret in &secrets {
            assert!(!value.contains(secret), "{kind} tells {secret}: {value}");
        }
        let names = value.contains("Zoë") || value.contains("Система");
        assert!(!names || kind == "waiter", "{kind} names a waiter: {value}");
    }
}
