//! The house rules that a compiler does not hold: who may know whom, how long files may be, and
//! that every invariant of ARCHITECTURE.md names a test that exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder of the repository.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found
}

fn all_rust_files() -> Vec<PathBuf> {
    let folders = [
        "src",
        "schema",
        "projections",
        "replay",
        "catalogue",
        "printers",
        "tests",
        "benches",
    ];
    folders
        .iter()
        .filter(|folder| root().join(folder).is_dir())
        .flat_map(|f| rust_files(f))
        .collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The crates of ours that a manifest names as ordinary dependencies.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = read(&root().join(manifest));
    let table: toml::Table = text.parse().unwrap();
    let names = table["dependencies"].as_table().unwrap().keys();
    names
        .filter(|name| name.starts_with("daybook"))
        .cloned()
        .collect()
}

#[test]
fn crates_know_only_whom_they_may() {
    let rows: [(&str, &[&str]); 8] = [
        ("schema/Cargo.toml", &[]),
        ("schema/kafka/Cargo.toml", &["daybook-schema"]),
        ("schema/sqlite/Cargo.toml", &["daybook-schema"]),
        ("schema/postgres/Cargo.toml", &["daybook-schema"]),
        ("projections/Cargo.toml", &["daybook-schema"]),
        ("catalogue/Cargo.toml", &["daybook-schema"]),
        ("printers/Cargo.toml", &["daybook-schema"]),
        (
            "replay/Cargo.toml",
            &[
                "daybook-kafka",
                "daybook-postgres",
                "daybook-projections",
                "daybook-schema",
                "daybook-sqlite",
            ],
        ),
    ];
    for (manifest, allowed) in rows {
        let allowed: BTreeSet<String> = allowed.iter().map(|&name| name.to_owned()).collect();
        let found = dependencies(manifest);
        assert!(
            found.is_subset(&allowed),
            "{manifest} knows {found:?}, may know {allowed:?}"
        );
    }
}

/// Folders, and what their code must not name.
const FORBIDDEN: [(&str, &str); 16] = [
    (
        "src/ledger",
        "crate::concertpos crate::cashdesk crate::qr crate::fd1 crate::netfp crate::http crate::cli axum sqlx",
    ),
    (
        "src/ledger/decide",
        "tokio std::time async getrandom crate::clock HashMap",
    ),
    (
        "src/concertpos",
        "crate::cashdesk crate::qr crate::fd1 crate::netfp crate::http crate::cli crate::store sqlx daybook_postgres daybook_sqlite",
    ),
    (
        "src/cashdesk",
        "crate::concertpos crate::qr crate::fd1 crate::netfp crate::http crate::cli crate::store sqlx daybook_postgres daybook_sqlite",
    ),
    (
        "src/qr",
        "crate::concertpos crate::cashdesk crate::fd1 crate::netfp crate::http crate::cli crate::store sqlx daybook_postgres daybook_sqlite",
    ),
    (
        "src/fd1",
        "crate::concertpos crate::cashdesk crate::qr crate::netfp crate::http crate::cli crate::store sqlx daybook_postgres daybook_sqlite",
    ),
    (
        "src/netfp",
        "crate::concertpos crate::cashdesk crate::qr crate::fd1 crate::http crate::cli crate::store sqlx daybook_postgres daybook_sqlite",
    ),
    (
        "src/print",
        "crate::concertpos crate::cashdesk crate::qr crate::fd1 crate::netfp crate::http crate::cli crate::store axum sqlx",
    ),
    (
        "src/publish",
        "crate::concertpos crate::cashdesk crate::qr crate::fd1 crate::netfp crate::print crate::http crate::cli crate::store ledger::decide ledger::command axum sqlx daybook_postgres daybook_sqlite rdkafka",
    ),
    (
        "schema/kafka/src",
        "tokio async_trait sqlx HashMap SystemTime",
    ),
    (
        "src/simulator",
        "crate::ledger crate::concertpos crate::cashdesk crate::qr crate::fd1 crate::netfp crate::http crate::cli crate::store axum sqlx",
    ),
    (
        "src/json",
        "crate::concertpos crate::cashdesk crate::qr crate::fd1 crate::netfp crate::http crate::ledger tokio std::time async HashMap",
    ),
    (
        "src/http",
        "crate::cli crate::store sqlx daybook_postgres daybook_sqlite",
    ),
    (
        "projections/src",
        "tokio std::time async HashMap std::fs std::net",
    ),
    (
        "catalogue/src",
        "tokio std::time async HashMap std::fs std::net::Tcp",
    ),
    (
        "printers/src",
        "tokio Instant SystemTime async HashMap std::fs std::net std::io getrandom",
    ),
];

#[test]
fn modules_know_only_whom_they_may() {
    for (folder, forbidden) in FORBIDDEN {
        let forbidden: Vec<&str> = forbidden.split(' ').collect();
        for path in rust_files(folder) {
            let text = read(&path);
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                let named = forbidden.iter().find(|name| line.contains(*name));
                assert!(
                    named.is_none(),
                    "{} must not know {named:?}: {line}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_pure_part_of_the_schema_does_no_io() {
    for path in rust_files("schema/src") {
        if path.to_string_lossy().contains("contract") || path.to_string_lossy().contains("tests") {
            continue;
        }
        let text = read(&path);
        for forbidden in [
            "tokio",
            "std::fs",
            "std::net",
            "std::time",
            "HashMap",
            "getrandom",
        ] {
            assert!(
                !text.contains(forbidden),
                "{} names {forbidden}",
                path.display()
            );
        }
    }
}

#[test]
fn one_place_appends_and_one_place_hashes() {
    for path in rust_files("src") {
        let text = read(&path);
        let appends = text.contains(".append(&self.log");
        assert_eq!(
            appends,
            path.ends_with("ledger/writer.rs"),
            "{}",
            path.display()
        );
    }
    for path in all_rust_files() {
        let text = read(&path);
        let hashes = [
            "use sha2",
            "use hmac",
            "blake3::hash",
            "Sha256::",
            "Sha512::",
        ];
        let hashes = hashes.iter().any(|name| text.contains(name));
        let may = path.ends_with("schema/src/hash.rs") || path.ends_with("tests/tidy.rs");
        assert!(!hashes || may, "{} hashes by itself", path.display());
    }
}

#[test]
fn files_say_why_they_exist_and_stay_short() {
    for path in all_rust_files() {
        let text = read(&path);
        assert!(
            text.starts_with("//!"),
            "{} has no first line that says why",
            path.display()
        );
        let lines = text.lines().count();
        assert!(
            lines <= 500,
            "{} has {lines} lines: does it hold one idea?",
            path.display()
        );
    }
}

/// ARCHITECTURE.md names tests as `name`; each must exist.
#[test]
fn every_invariant_names_a_test_that_exists() {
    let text = read(&root().join("ARCHITECTURE.md"));
    assert!(
        text.lines().count() < 200,
        "ARCHITECTURE.md is a map, not a book"
    );
    let section = text
        .split("## Invariants")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let code: String = all_rust_files().iter().map(|path| read(path)).collect();
    let mut invariants = 0;
    for line in section.lines().filter(|line| line.starts_with("| ")) {
        let Some(tests) = line.trim_end_matches(" |").rsplit(" | ").next() else {
            continue;
        };
        for name in tests.split('`').skip(1).step_by(2) {
            assert!(
                code.contains(&format!("fn {name}")),
                "no test is called {name}: {line}"
            );
            invariants += 1;
        }
    }
    assert!(invariants >= 15, "only {invariants} invariants name a test");
}
