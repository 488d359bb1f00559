//! Whatever text comes, reading it ends with values or an error, and no error tells a secret.

use crate::orders::{EXPORT, MAPPED, read as read_export};
use crate::{FESTIVAL, FESTIVAL_TOML, SECRET, SECRETS};
use daybook_catalogue::{Format, ItemMap, read, read_members};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// Reads, and looks for secrets in what is said about it. Secrets that are parts of ordinary words
/// cannot be told apart and are left out.
fn read_quietly(text: &str, format: Format) {
    if let Err(error) = read(text, format, &SECRET) {
        let shown = format!("{error} {error:?}");
        let leaked = SECRETS.iter().find(|secret| shown.contains(*secret));
        assert_eq!(leaked, None, "{shown}");
    }
}

fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, inner)| pointers(inner, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, item)| pointers(item, &format!("{at}/{i}"), found));
        }
        _ => {}
    }
}

/// Reads an export; `read_export` looks for what is private.
fn read_export_quietly(text: &str) {
    read_export(text, &MAPPED).err();
}

proptest! {
    #[test]
    fn changed_bytes(changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8), toml: bool) {
        let (text, format) = if toml { (FESTIVAL_TOML, Format::Toml) } else { (FESTIVAL, Format::Json) };
        let mut bytes = text.as_bytes().to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        read_quietly(&String::from_utf8_lossy(&bytes), format);
    }

    #[test]
    fn cut_and_joined(from: Index, to: Index, toml: bool) {
        let (text, format) = if toml { (FESTIVAL_TOML, Format::Toml) } else { (FESTIVAL, Format::Json) };
        let bytes = text.as_bytes();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let joined = [&bytes[..from], &bytes[to..]].concat();
        // A cut can move a secret into a price, say, where it is none and may be repeated.
        read(&String::from_utf8_lossy(&joined), format, &SECRET).err();
    }

    #[test]
    fn any_value_in_any_place(
        place: Index,
        value in select(vec![
            json!(null), json!(true), json!(0), json!(-1), json!(1.5), json!(u64::MAX), json!(""),
            json!("x"), json!("9".repeat(30)), json!("\u{0}ü\u{1f600}"), json!([]), json!([[]]), json!({}),
            json!({"id": 1}), json!([1, 1]), json!("T".repeat(70)),
        ]),
    ) {
        let mut document: Value = serde_json::from_str(FESTIVAL).unwrap();
        let mut found = Vec::new();
        pointers(&document, "", &mut found);
        *document.pointer_mut(&found[place.index(found.len())]).unwrap() = value;
        read_quietly(&document.to_string(), Format::Json);
    }

    #[test]
    fn any_text_at_all(text in "\\PC*", toml: bool) {
        read_quietly(&text, if toml { Format::Toml } else { Format::Json });
        read_export_quietly(&text);
        read_members(&text).err();
        ItemMap::parse([text.as_str()]).err();
    }

    #[test]
    fn changed_bytes_of_an_export(changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8)) {
        let mut bytes = EXPORT.as_bytes().to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        read_export_quietly(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_value_in_any_place_of_an_export(
        place: Index,
        value in select(vec![
            json!(null), json!(true), json!(0), json!(-1), json!(1.5), json!(u64::MAX), json!(""),
            json!("p"), json!("9".repeat(30)), json!("\u{0}ü\u{1f600}"), json!([]), json!([[]]), json!({}),
        ]),
    ) {
        let mut export: Value = serde_json::from_str(EXPORT).unwrap();
        let mut found = Vec::new();
        pointers(&export, "", &mut found);
        *export.pointer_mut(&found[place.index(found.len())]).unwrap() = value;
        read_export_quietly(&export.to_string());
    }

    #[test]
    fn any_rows(rows in "[\\x00-\\x7fä\u{feff}]{0,40}", delimiter in select(vec![',', ';', '\t'])) {
        read_members(&format!("name{delimiter}identifier\n{rows}")).err();
    }
}

#[test]
fn deep_nesting_ends() {
    for format in [Format::Json, Format::Toml] {
        read_quietly(&"[".repeat(100_000), format);
        read_quietly(&format!("a = {}", "[".repeat(100_000)), format);
        read_quietly(&"{\"a\":".repeat(100_000), format);
        read_quietly(&format!("a{} = 1", ".a".repeat(100_000)), format);
    }
}
