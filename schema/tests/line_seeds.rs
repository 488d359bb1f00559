//! The fuzz target `line` in short form: its body over its seeds and over mutations of them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fs;
use std::path::Path;

#[path = "../../fuzz/bodies/line.rs"]
mod body;

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/line");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| fs::read(path).unwrap())
        .collect()
}

/// What fuzzers do to a seed, in words of JSON more often than by chance.
#[derive(Clone, Debug)]
enum Mutation {
    Overwrite(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    Repeat(Index, Index),
    Splice(Index, Vec<u8>),
}

fn mutations() -> impl Strategy<Value = Mutation> {
    let words = [
        "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e9", "null", "\\u", "\\ud800",
        "\u{2028}",
    ];
    let word = select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    let noise = proptest::collection::vec(any::<u8>(), 1..4);
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Overwrite(at, byte)),
        (any::<Index>(), prop_oneof![word, noise])
            .prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        any::<(Index, Index)>().prop_map(|(a, b)| Mutation::Remove(a, b)),
        any::<(Index, Index)>().prop_map(|(a, b)| Mutation::Repeat(a, b)),
        (any::<Index>(), select(seeds())).prop_map(|(at, other)| Mutation::Splice(at, other)),
    ]
}

/// A range of at most 40 bytes.
fn range(bytes: &[u8], a: Index, b: Index) -> std::ops::Range<usize> {
    let start = a.index(bytes.len() + 1);
    start..start + b.index(41).min(bytes.len() - start)
}

fn mutate(bytes: &mut Vec<u8>, mutation: Mutation) {
    match mutation {
        Mutation::Overwrite(at, byte) if !bytes.is_empty() => {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        Mutation::Overwrite(..) => {}
        Mutation::Insert(at, new) => {
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, new);
        }
        Mutation::Remove(a, b) => drop(bytes.drain(range(bytes, a, b))),
        Mutation::Repeat(a, b) => {
            let range = range(bytes, a, b);
            let part = bytes[range.clone()].to_vec();
            bytes.splice(range.end..range.end, part);
        }
        Mutation::Splice(at, other) => {
            let at = at.index(bytes.len().min(other.len()) + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[at..]);
        }
    }
}

#[test]
fn seeds_hold() {
    let seeds = seeds();
    let accepted = seeds
        .iter()
        .filter(|bytes| daybook_schema::line::read(bytes).is_ok())
        .count();
    assert!(
        accepted >= 5 && seeds.len() - accepted >= 5,
        "seeds of both kinds: {accepted} of {}",
        seeds.len()
    );
    for bytes in seeds {
        body::reads_only_what_it_would_write(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_seeds_hold(
        seed in select(seeds()),
        mutations in proptest::collection::vec(mutations(), 1..4),
    ) {
        let mut bytes = seed;
        for mutation in mutations {
            mutate(&mut bytes, mutation);
        }
        body::reads_only_what_it_would_write(&bytes);
    }
}
