//! The verifiers in Python agree with the vectors. They share no code with this crate, so a mistake
//! would have to be made twice. `python3` is a requirement of the tests.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn vectors(name: &str) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(file("vectors").join(name)).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Exit code and what was said, on whichever stream.
fn python(arguments: &[&str], input: &[u8]) -> (i32, String) {
    let mut python = Command::new("python3")
        .arg("-B")
        .args(arguments)
        .current_dir(file(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("these tests need python3 (3.9 or later) in the PATH: {error}")
        });
    let mut stdin = python.stdin.take().unwrap();
    let input = input.to_vec();
    // Written beside reading: a verifier may stop before the end of its input.
    let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap().trim().to_owned(),
    )
}

/// The events as a file.
fn log() -> Vec<String> {
    vectors("events.json")
        .iter()
        .map(|entry| format!("{}\n", text(&entry["line"])))
        .collect()
}

fn verify(lines: &[String], arguments: &[&str]) -> (i32, String) {
    python(
        &[&["verify_events.py"], arguments].concat(),
        lines.concat().as_bytes(),
    )
}

#[test]
fn the_log_of_the_vectors_is_whole() {
    let (lines, entries) = (log(), vectors("events.json"));
    let size = lines.len();
    let head = format!("{size}:{}", text(&entries[size - 1]["leaf"]));
    assert_eq!(
        verify(&lines, &["--head", &head]),
        (0, format!("OK {size} events, head {head}"))
    );
    let earlier = format!("7:{}", text(&entries[6]["leaf"]));
    assert_eq!(verify(&lines, &["--head", &earlier]).0, 0);
    assert_eq!(
        verify(&[], &[]),
        (0, format!("OK 0 events, head 0:{}", "0".repeat(64)))
    );
}

/// What was done to the log, and the first seq that shows it.
type Mutant = (&'static str, fn(&mut Vec<String>), usize);

const MUTANTS: [Mutant; 12] = [
    ("two lines swapped", |lines| lines.swap(4, 5), 4),
    ("a line dropped", |lines| drop(lines.remove(4)), 4),
    (
        "a line repeated",
        |lines| lines.insert(4, lines[4].clone()),
        5,
    ),
    ("the first line dropped", |lines| drop(lines.remove(0)), 0),
    (
        "a name changed",
        |lines| lines[2] = lines[2].replace("Main bar", "Main tar"),
        3,
    ),
    (
        "an amount changed",
        |lines| lines[11] = lines[11].replace("\"AmountMoney\":3.5", "\"AmountMoney\":3.4"),
        11,
    ),
    (
        "a transaction's note changed",
        |lines| lines[11] = lines[11].replace("thanks", "thankx"),
        11,
    ),
    (
        "a transaction's number changed",
        |lines| lines[11] = lines[11].replace("\"ID\":3", "\"ID\":4"),
        11,
    ),
    (
        "another log",
        |lines| lines[9] = lines[9].replace("\"log\":\"hafenfest\"", "\"log\":\"hafen\""),
        9,
    ),
    (
        "time runs backwards",
        |lines| lines[9] = lines[9].replace("\"at\":\"2026", "\"at\":\"2025"),
        9,
    ),
    (
        "a carriage return",
        |lines| lines[9] = lines[9].replace('\n', "\r\n"),
        9,
    ),
    ("an empty line", |lines| lines.insert(9, "\n".to_owned()), 9),
];

#[test]
fn every_change_is_found_at_its_first_line() {
    for (name, change, seq) in MUTANTS {
        let mut lines = log();
        change(&mut lines);
        let (code, said) = verify(&lines, &[]);
        assert_eq!(code, 1, "{name}: {said}");
        assert!(
            said.starts_with(&format!("BROKEN at seq {seq}: expected ")),
            "{name}: {said}"
        );
        assert!(said.contains(", found "), "{name}: {said}");
    }
}

#[test]
fn a_known_head_shows_a_lost_tail_and_a_rewritten_history() {
    let (lines, entries) = (log(), vectors("events.json"));
    let head = format!(
        "{}:{}",
        lines.len(),
        text(&entries[lines.len() - 1]["leaf"])
    );
    let (code, said) = verify(&lines[..lines.len() - 1], &["--head", &head]);
    assert_eq!(code, 1, "{said}");
    let (code, said) = verify(
        &lines,
        &["--head", &format!("7:{}", text(&entries[5]["leaf"]))],
    );
    assert_eq!(code, 1, "{said}");
    assert!(said.starts_with("BROKEN at seq 6: "), "{said}");
    let last = lines.concat();
    let (code, said) = python(&["verify_events.py"], last.trim_end().as_bytes());
    assert_eq!(code, 1, "the last line feed is missing: {said}");
}

const READ_EACH: &str = "
import json, verify_events
for entry in json.load(open('vectors/refused.json', encoding='utf-8')):
    line = entry.get('line', '').replace('~', 'x' * entry['fill'], 1) if 'fill' in entry else entry.get('line', '')
    try:
        verify_events.read(bytes.fromhex(entry['hex']) if 'hex' in entry else line.encode())
        print('accepted:', entry['name'])
    except verify_events.Refused:
        pass
for entry in json.load(open('vectors/events.json', encoding='utf-8')):
    assert verify_events.read(entry['line'].encode())['seq'] == entry['event']['seq']
";

#[test]
fn refused_lines_are_refused_and_events_are_read() {
    assert_eq!(python(&["-c", READ_EACH], b""), (0, String::new()));
}

/// The answers that would show the vectors' chains: instance and rows, newest first.
fn answers() -> BTreeMap<String, Vec<Value>> {
    let mut answers = BTreeMap::<String, Vec<Value>>::new();
    for entry in vectors("transactions.json") {
        answers
            .entry(text(&entry["instance"]).to_owned())
            .or_default()
            .insert(0, entry["record"].clone());
    }
    answers
}

fn verify_rows(instance: &str, rows: &[Value], more: &[&str]) -> (i32, String) {
    let answer = json!({"type": "event", "result": {"event": "listtransactions", "parameters": {
        "Count": rows.len(), "Transactions": rows,
    }}});
    python(
        &[&["verify_transactions.py", instance], more].concat(),
        answer.to_string().as_bytes(),
    )
}

#[test]
fn an_answer_verifies_itself() {
    for (instance, rows) in answers() {
        let whole = format!("OK {} rows", rows.len());
        assert_eq!(verify_rows(&instance, &rows, &[]), (0, whole), "{instance}");
        let (oldest, shown) = rows.split_last().unwrap();
        let limited = format!("OK {} rows", shown.len());
        assert_eq!(
            verify_rows(&instance, shown, &["-", text(&oldest["hash"])]),
            (0, limited.clone())
        );
        let mut shown = shown.to_vec();
        shown.last_mut().unwrap()["prev"] = oldest["hash"].clone();
        assert_eq!(verify_rows(&instance, &shown, &[]), (0, limited));
    }
    assert_eq!(
        verify_rows("festival", &[], &[]),
        (0, "OK 0 rows".to_owned())
    );
}

#[test]
fn an_answer_names_its_first_wrong_row() {
    let rows = answers().remove("festival").unwrap();
    let wrong_at = |rows: &[Value], instance: &str| {
        let (code, said) = verify_rows(instance, rows, &[]);
        assert_eq!(code, 1, "{said}");
        said.strip_prefix("WRONG at ID ")
            .unwrap()
            .split(':')
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    for (position, row) in rows.iter().enumerate() {
        for (member, value) in [
            ("AmountMoney", json!(7.77)),
            ("Note", json!("x")),
            ("ID", json!(1)),
            ("extra", json!(0)),
        ] {
            let mut changed = rows.clone();
            changed[position][member] = value;
            let id = &changed[position]["ID"];
            assert_eq!(
                wrong_at(&changed, "festival"),
                id.as_u64().unwrap(),
                "{member} of {row}"
            );
        }
    }
    let mut dropped = rows.clone();
    dropped.remove(4);
    assert_eq!(
        wrong_at(&dropped, "festival"),
        rows[3]["ID"].as_u64().unwrap()
    );
    assert_eq!(
        wrong_at(&rows, "tokyo-2"),
        rows.last().unwrap()["ID"].as_u64().unwrap()
    );
}
