//! The normative text says what the code does: its examples are the vectors, its list the table.

use super::{files, vectors};
use crate::facts;

#[test]
fn every_type_is_listed_once() {
    let readme = files::read("README.md");
    for name in facts::TYPES {
        let row = format!("| `{name}` |");
        assert_eq!(
            readme.matches(&row).count(),
            1,
            "README.md: rows that start with {row}"
        );
    }
    let (_, types) = readme.split_once("## 8. Types").unwrap();
    let (types, _) = types.split_once("\n## ").unwrap();
    let rows = types.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(
        rows,
        facts::TYPES.len(),
        "README.md lists a type that does not exist"
    );
}

#[test]
fn worked_examples_are_vectors() {
    let readme = files::read("README.md");
    let transaction = &vectors::committed("vectors/transactions.json")[1];
    for member in ["preimage", "prev", "hash"] {
        assert!(
            readme.contains(transaction[member].as_str().unwrap()),
            "README.md: {member} of the example"
        );
    }
    let events = vectors::committed("vectors/events.json");
    assert!(
        readme.contains(events[0]["line"].as_str().unwrap()),
        "README.md: the line of the example"
    );
    assert!(
        readme.contains(events[0]["leaf"].as_str().unwrap()),
        "README.md: the leaf of the example"
    );
}

#[test]
fn the_sentence_stands() {
    let sentence = "Hashes prove that history was not changed after it was signed; they do not prove that it was true.";
    assert!(files::read("README.md").contains(sentence));
}
