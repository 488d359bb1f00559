//! Files of this crate's folder that tests compare, and rewrite when blessed.

use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub(super) fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_default()
}

/// Whether `DAYBOOK_BLESS=1` asks for files to be written instead of compared.
pub(super) fn blessed() -> bool {
    std::env::var_os("DAYBOOK_BLESS").is_some_and(|value| value == "1")
}

/// Writes the file if it differs.
pub(super) fn write(name: &str, text: &str) {
    if read(name) != text {
        fs::create_dir_all(path(name).parent().unwrap()).unwrap();
        fs::write(path(name), text).unwrap();
    }
}

/// Holds that a file is what the code says, or makes it so when blessed.
pub(super) fn compare(name: &str, text: &str) {
    if blessed() {
        write(name, text);
    }
    assert!(
        read(name) == text,
        "{name} is stale: run DAYBOOK_BLESS=1 cargo test -p daybook-schema"
    );
}

/// Holds that a file of entries is what the code says, and that the code has only added to it.
pub(super) fn compare_appended(name: &str, entries: &[serde_json::Value]) {
    let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let committed = read(name);
    let kept = committed
        .strip_prefix("[\n")
        .and_then(|rest| rest.strip_suffix("\n]\n"));
    for (number, line) in kept.iter().flat_map(|kept| kept.lines()).enumerate() {
        let now = lines.get(number).map_or("", String::as_str);
        assert_eq!(
            line.strip_suffix(',').unwrap_or(line),
            now,
            "entry {number} of {name} would change: vectors are append-only"
        );
    }
    compare(name, &text);
}
