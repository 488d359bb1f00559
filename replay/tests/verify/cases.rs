//! The attacks, and what must be found of each: where, and by which layer.

use crate::contradictions::contradictions;
use crate::forge::{cheaper, receipt, replaced, rewritten};
use crate::{head_of, trade};
use daybook_replay::Layer::{self, Chain, KnownHead, Line, StoreHead, Transaction};
use daybook_schema::{Head, Leaf, LogName};

/// Where something is found, and by whom.
pub(crate) type Found = Option<(u64, Layer)>;

/// What an attacker leaves behind, and what must be found.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The lines by their place in the store; a hole where there is none.
    pub(crate) lines: Vec<Option<Vec<u8>>>,
    /// The store's record of the head; `None` when its row was removed.
    pub(crate) head: Option<Head>,
    /// Without a known head: in a file of these lines, and in a store.
    pub(crate) in_file: Found,
    pub(crate) in_store: Found,
    /// With the true head known, where nothing else finds it.
    pub(crate) with_head: Found,
}

pub(crate) const SIZE: usize = 12;

/// An attack that every reader finds.
pub(crate) fn caught(name: &'static str, lines: Vec<Vec<u8>>, seq: u64, layer: Layer) -> Case {
    let head = Some(head_of(&lines));
    let lines = lines.into_iter().map(Some).collect();
    let seen = Some((seq, layer));
    Case {
        name,
        lines,
        head,
        in_file: seen,
        in_store: seen,
        with_head: seen,
    }
}

/// An attack that is found against a known head only.
pub(crate) fn hidden(name: &'static str, lines: Vec<Vec<u8>>, seq: u64) -> Case {
    Case {
        in_file: None,
        in_store: None,
        ..caught(name, lines, seq, KnownHead)
    }
}

fn edited(lines: &[Vec<u8>], seq: usize, from: &str, to: &str) -> Vec<Vec<u8>> {
    let mut lines = lines.to_vec();
    lines[seq] = replaced(&lines[seq], from, to);
    lines
}

fn changed(lines: &[Vec<u8>], change: impl Fn(&mut Vec<Vec<u8>>)) -> Vec<Vec<u8>> {
    let mut lines = lines.to_vec();
    change(&mut lines);
    lines
}

fn prev_of(line: &[u8]) -> String {
    daybook_schema::line::read(line).unwrap().prev.to_string()
}

/// Edits that leave later lines as they are.
fn edits(all: &[Vec<u8>]) -> Vec<Case> {
    let prev = prev_of(&all[5]);
    let other_prev = format!(
        "{}{}",
        if prev.starts_with('0') { '1' } else { '0' },
        &prev[1..]
    );
    vec![
        // Line 5 is still an event; line 6 was written after another one.
        caught(
            "a byte of data",
            edited(all, 5, "Garden bar", "Garden baz"),
            6,
            Chain,
        ),
        caught(
            "a byte of prev",
            edited(all, 5, &prev, &other_prev),
            5,
            Chain,
        ),
        caught(
            "a byte of at",
            edited(all, 5, "01.250000Z", "01.250001Z"),
            6,
            Chain,
        ),
        caught(
            "a time before the last",
            edited(all, 5, "\"at\":\"2026", "\"at\":\"2025"),
            5,
            Chain,
        ),
        caught("a space", edited(all, 5, "\"by\":", "\"by\": "), 5, Line),
        caught("no JSON", edited(all, 5, "{\"$\"", "{'$'"), 5, Line),
        caught(
            "another version",
            edited(all, 5, "event/1", "event/2"),
            5,
            Line,
        ),
        caught(
            "an amount",
            edited(all, 5, "\"AmountProduct\":3", "\"AmountProduct\":2"),
            5,
            Transaction,
        ),
        caught(
            "a number of a transaction",
            edited(all, 5, "\"ID\":5", "\"ID\":6"),
            5,
            Transaction,
        ),
    ]
}

/// Lines that are missing, moved, or of somebody else.
fn moves(all: &[Vec<u8>]) -> Vec<Case> {
    let other = trade(LogName::new("elsewhere").unwrap(), SIZE);
    let forged = rewritten(&all[..6], 5, true, cheaper).remove(5);
    vec![
        caught(
            "the first dropped",
            changed(all, |lines| drop(lines.remove(0))),
            0,
            Chain,
        ),
        caught(
            "the middle dropped",
            changed(all, |lines| drop(lines.drain(5..8))),
            5,
            Chain,
        ),
        caught(
            "a forged line",
            changed(all, |lines| lines.insert(5, forged.clone())),
            6,
            Chain,
        ),
        caught(
            "two swapped",
            changed(all, |lines| lines.swap(4, 5)),
            4,
            Chain,
        ),
        caught(
            "another order",
            changed(all, |lines| lines[3..9].reverse()),
            3,
            Chain,
        ),
        caught(
            "one twice",
            changed(all, |lines| lines.insert(5, all[5].clone())),
            6,
            Chain,
        ),
        caught(
            "another log's line",
            changed(all, |lines| lines[5].clone_from(&other[5])),
            5,
            Chain,
        ),
        caught(
            "another log's tail",
            changed(all, |lines| {
                lines.splice(7.., other[7..].to_vec()).for_each(drop);
            }),
            7,
            Chain,
        ),
        hidden("the tail and the head's record", all[..9].to_vec(), 9),
        hidden("everything", Vec::new(), 0),
    ]
}

/// History with every hash of the event chain recomputed.
fn rewrites(all: &[Vec<u8>]) -> Vec<Case> {
    let whole = rewritten(all, 5, true, cheaper);
    assert_ne!(
        receipt(&whole, 5),
        receipt(all, 5),
        "a receipt outside tells the truth"
    );
    assert_ne!(
        receipt(&whole, 9),
        receipt(all, 9),
        "so does a later one of that point of sale"
    );
    let names = |event: &mut daybook_schema::Event| event.cmd.push('x');
    vec![
        hidden("a sale and all hashes after it", whole, 11),
        hidden(
            "a command id and all hashes after it",
            rewritten(all, 5, true, names),
            11,
        ),
        caught(
            "an amount and the event chain alone",
            rewritten(all, 5, false, cheaper),
            5,
            Transaction,
        ),
    ]
}

/// The store's own record, and places without a line.
fn records(all: &[Vec<u8>]) -> Vec<Case> {
    let store = |name, lines: &[Vec<u8>], head, seq: u64, in_file, with_head| Case {
        head,
        in_store: Some((seq, StoreHead)),
        in_file,
        with_head,
        ..hidden(name, lines.to_vec(), 0)
    };
    let head = head_of(all);
    let other_leaf = Head {
        leaf: Leaf([7; 32]),
        ..head
    };
    let further = Head { size: 13, ..head };
    let last = edited(all, 11, "Backstage", "Backstagf");
    let mut hole = caught("a hole", all.to_vec(), 5, Chain);
    hole.lines[5] = None;
    vec![
        store(
            "the tail",
            &all[..9],
            Some(head),
            9,
            None,
            Some((9, KnownHead)),
        ),
        store(
            "every line, not the head",
            &[],
            Some(head),
            0,
            None,
            Some((0, KnownHead)),
        ),
        store(
            "the last line",
            &last,
            Some(head),
            11,
            None,
            Some((11, KnownHead)),
        ),
        store("a head of zeros", all, Some(Head::default()), 0, None, None),
        store("a head that is gone", all, None, 0, None, None),
        store(
            "a head that lags",
            all,
            Some(head_of(&all[..7])),
            7,
            None,
            None,
        ),
        store(
            "a head with another leaf",
            all,
            Some(other_leaf),
            11,
            None,
            None,
        ),
        store("a head that is ahead", all, Some(further), 12, None, None),
        hole,
    ]
}

pub(crate) fn cases(all: &[Vec<u8>]) -> Vec<Case> {
    let groups = [
        edits(all),
        moves(all),
        rewrites(all),
        records(all),
        contradictions(all),
    ];
    groups.into_iter().flatten().collect()
}

/// The log as it was, put back.
pub(crate) fn untouched(all: &[Vec<u8>]) -> Case {
    Case {
        with_head: None,
        ..hidden("nothing", all.to_vec(), 0)
    }
}
