//! Every reason to refuse a file, one row each.

use crate::{FESTIVAL, SECRET, SECRETS, festival_with, read_json, refused};
use daybook_catalogue::limits::{MAX_LIST_ENTRIES, MAX_PROBLEMS};
use daybook_catalogue::{CatalogueError, Format, read};
use serde_json::{Value, json};

/// The festival with one member changed gives exactly this one problem, and it tells no secret.
fn check(pointer: &str, value: Value, expected: &str) {
    let problems = refused(&festival_with(&[(pointer, value)]), Format::Json);
    assert_eq!(problems, [expected], "{pointer}");
    let leaked = SECRETS.iter().find(|secret| problems[0].contains(*secret));
    assert_eq!(leaked, None, "{pointer}");
}

/// The rows of a table of refusals: pointer, value and expected problem, a line each.
pub(crate) fn rows(table: &str) -> Vec<[&str; 3]> {
    let lines: Vec<&str> = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::trim_start)
        .collect();
    assert!(lines.len().is_multiple_of(3));
    lines
        .chunks_exact(3)
        .map(|row| [row[0], row[1], row[2]])
        .collect()
}

#[test]
fn each_row_of_the_table() {
    let rows = rows(include_str!("../refusals.txt"));
    assert!(rows.len() > 80);
    for [pointer, value, expected] in rows {
        check(
            pointer,
            serde_json::from_str(value).expect(pointer),
            expected,
        );
    }
}

#[test]
fn lengths() {
    let long = "x".repeat(201);
    let expected = "instance.name: has 201 characters; 1 to 200 are allowed";
    check("/instance/name", json!(long), expected);
    let item = json!({"name": "x".repeat(200)});
    let expected = "products[0]: too large: 103058 bytes as an event, at most 61439";
    check("/products/0/pack", json!(vec![item.clone(); 400]), expected);
    let expected = "products[0].pack: has 5001 entries; at most 5000 are read";
    check("/products/0/pack", json!(vec![item; 5001]), expected);
    let settings: serde_json::Map<String, Value> =
        (0..1001).map(|i| (format!("s{i}"), json!(""))).collect();
    check(
        "/settings",
        settings.into(),
        "settings: has 1001 entries; at most 1000 are read",
    );
}

#[test]
fn tables_have_waiters() {
    let text = festival_with(&[
        ("/waiters", json!([])),
        (
            "/tables",
            json!([{"id": 1, "name": "6", "max_guests": 4, "waiter": 3}]),
        ),
    ]);
    assert_eq!(
        refused(&text, Format::Json),
        ["tables[0].waiter: there is no waiter 3 in this file"]
    );
}

#[test]
fn many_problems_are_collected_and_the_rest_counted() {
    let changes: Vec<_> = (0..12).map(|i| format!("/products/{i}")).collect();
    let changes: Vec<_> = changes
        .iter()
        .map(|pointer| (pointer.as_str(), json!({})))
        .collect();
    let Err(CatalogueError::Refused { problems, more }) = read_json(&festival_with(&changes))
    else {
        panic!("expected a refusal")
    };
    // Five members of twelve products are required; nothing else is wrong.
    assert_eq!(
        (problems.len(), more),
        (MAX_PROBLEMS, 12 * 5 - MAX_PROBLEMS)
    );
    let shown = CatalogueError::Refused { problems, more }.to_string();
    assert_eq!(shown.lines().count(), MAX_PROBLEMS + 1);
    assert!(shown.ends_with("and 40 more"), "{shown}");
}

#[test]
fn a_member_is_given_once() {
    let text = FESTIVAL.replacen(
        "\"price\": \"18.00\"",
        "\"price\": \"18.00\", \"price\": \"1.00\"",
        1,
    );
    assert_eq!(
        refused(&text, Format::Json),
        ["products[0].price: is given twice"]
    );
    let text = FESTIVAL.replacen(
        "\"ticket_limit\"",
        "\"ticket_limit\": \"1\", \"ticket_limit\"",
        1,
    );
    assert_eq!(
        refused(&text, Format::Json),
        ["settings.ticket_limit: is given twice"]
    );
}

#[test]
fn a_document_is_an_object() {
    assert_eq!(
        refused("[]", Format::Json),
        ["the document: expected an object, found a list"]
    );
    assert_eq!(refused("{}", Format::Json), ["instance: is required"]);
}

#[test]
fn all_lists_together_have_a_limit() {
    let entry = |id| json!({"id": id, "name": "n", "identifier": "i"});
    let full: Vec<Value> = (1..=MAX_LIST_ENTRIES).map(entry).collect();
    let text = festival_with(&[("/list_constraints/0/entries", json!(full))]);
    assert_eq!(
        read_json(&text).unwrap().list_entries.unwrap().len(),
        MAX_LIST_ENTRIES
    );
    let one_more = json!([entry(MAX_LIST_ENTRIES + 1)]);
    let text = festival_with(&[
        ("/list_constraints/0/entries", json!(full)),
        ("/list_constraints/1/entries", one_more),
    ]);
    let expected = "list_constraints[1].entries: with the lists before it, 200001 entries; at most 200000 are read";
    assert_eq!(refused(&text, Format::Json), [expected]);
}

#[test]
fn syntax_is_refused_with_its_place() {
    for (format, text, expected) in [
        (
            Format::Json,
            "{\n  \"a\": tru }",
            "line 2, column 11: expected ident",
        ),
        (
            Format::Json,
            "",
            "line 1, column 0: EOF while parsing a value",
        ),
        (
            Format::Toml,
            "[instance]\nname = \"x",
            "line 2, column 10: invalid basic string, expected `\"`",
        ),
        (
            Format::Toml,
            "a = 1\na = 2",
            "line 2, column 1: duplicate key",
        ),
    ] {
        match read(text, format, &SECRET) {
            Err(error @ CatalogueError::Syntax { .. }) => assert_eq!(error.to_string(), expected),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn syntax_errors_repeat_no_secret() {
    let key = "my-secret-key-text";
    for (format, text) in [
        (Format::Json, format!("{{\"key\": \"{key}\" x}}")),
        (Format::Json, format!("{{\"key\": {key}}}")),
        (Format::Json, format!("{{\"key\": \"{key}\n\"}}")),
        (Format::Json, format!("{{\"key\": \"{key}\\q\"}}")),
        (Format::Toml, format!("key = \"{key}")),
        (Format::Toml, format!("key = {key}")),
        (Format::Toml, format!("key = \"{key}\" x")),
        (Format::Toml, format!("key = \"{key}\\q\"")),
        (Format::Toml, format!("key \"{key}\"")),
    ] {
        let error = read(&text, format, &SECRET).unwrap_err();
        assert!(matches!(error, CatalogueError::Syntax { .. }), "{text}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}
