//! Any single change to a log is found, wherever it falls.

use crate::{file_of, head_of, log, trade, verify_file};
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::LazyLock;

static LINES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| trade(log(), 6));

/// One thing that goes wrong with a file.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
    Drop(Index),
    Swap(Index, Index),
    Duplicate(Index, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<Index>;
    prop_oneof![
        4 => (place(), 1u8..).prop_map(|(at, mask)| Mutation::Flip(at, mask)),
        1 => (place(), any::<u8>()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        1 => place().prop_map(Mutation::Remove),
        1 => place().prop_map(Mutation::Cut),
        1 => place().prop_map(Mutation::Drop),
        1 => (place(), place()).prop_map(|(a, b)| Mutation::Swap(a, b)),
        1 => (place(), place()).prop_map(|(from, to)| Mutation::Duplicate(from, to)),
    ]
}

fn mutated(mutation: &Mutation) -> Vec<u8> {
    let mut lines = LINES.clone();
    let mut file = file_of(&lines);
    let at = |index: &Index, length: usize| index.index(length);
    match mutation {
        Mutation::Flip(place, mask) => {
            let place = at(place, file.len());
            file[place] ^= mask;
        }
        Mutation::Insert(place, byte) => file.insert(at(place, file.len() + 1), *byte),
        Mutation::Remove(place) => drop(file.remove(at(place, file.len()))),
        // Never at the very start: an empty file does not say whose it is.
        Mutation::Cut(place) => file.truncate(1 + at(place, file.len())),
        Mutation::Drop(place) => {
            lines.remove(at(place, lines.len()));
            file = file_of(&lines);
        }
        Mutation::Swap(a, b) => {
            lines.swap(at(a, LINES.len()), at(b, LINES.len()));
            file = file_of(&lines);
        }
        Mutation::Duplicate(from, to) => {
            lines.insert(
                at(to, LINES.len() + 1),
                LINES[at(from, LINES.len())].clone(),
            );
            file = file_of(&lines);
        }
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_change_of_a_file_is_found_against_its_head(mutation in mutation()) {
        let file = mutated(&mutation);
        let unchanged = file == file_of(&LINES);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcome = runtime.block_on(verify_file(file, &[head_of(&LINES)]));
        prop_assert_eq!(outcome.is_ok(), unchanged, "{:?}", outcome);
    }
}
