//! The fuzz target `concertpos` in short form: its body over its seeds and over mutations of them.

use crate::support::{Dice, rounds};
use std::path::Path;

#[path = "../../fuzz/bodies/concertpos.rs"]
mod body;

const WORDS: [&str; 18] = [
    "\"", "'", "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e9", "null", "NaN", "/*", "//",
    "\\ud800",
];

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/concertpos");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

fn mutate(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let at = dice.index(bytes.len() + 1);
    let end = at + dice.index(40).min(bytes.len() - at);
    match dice.roll(5) {
        0 if at < bytes.len() => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(end..end, part);
        }
        3 => {
            bytes.truncate(at);
            bytes.extend_from_slice(&other[at.min(other.len())..]);
        }
        _ => drop(bytes.splice(at..at, dice.pick(&WORDS).bytes())),
    }
}

#[test]
fn seeds_hold() {
    let seeds = seeds();
    let read = |bytes: &&Vec<u8>| daybook::concertpos::wire::Request::read(bytes, false).is_ok();
    let accepted = seeds.iter().filter(read).count();
    assert!(
        accepted >= 10 && seeds.len() - accepted >= 5,
        "seeds of both kinds: {accepted}"
    );
    for bytes in &seeds {
        body::reads_any_message(bytes);
    }
}

#[test]
fn mutated_seeds_hold() {
    let seeds = seeds();
    for seed in 0..2000 * rounds(2) as u64 {
        let mut dice = Dice(seed);
        let mut bytes = dice.pick(&seeds).clone();
        for _ in 0..=dice.roll(4) {
            let other = dice.pick(&seeds).clone();
            mutate(&mut bytes, &other, &mut dice);
        }
        body::reads_any_message(&bytes);
    }
}
