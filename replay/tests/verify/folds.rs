//! Folding: prefixes, restarts and moments give the books that the whole log gives.

use crate::generator::{START_MICROS, STEP_MICROS};
use crate::{file_of, log, source_of, trade};
use daybook_projections::Views;
use daybook_replay::{Layer, ReplayError, Until, replay};
use daybook_schema::{At, Chain};

const SIZE: usize = 40;

fn apply(views: &mut Views, lines: &[Vec<u8>]) {
    let mut chain = Chain::resume(log(), views.head, views.at);
    for line in lines {
        let (event, leaf) = chain.link(line).unwrap();
        views.apply(&event, leaf);
    }
}

fn fold(lines: &[Vec<u8>]) -> Views {
    let mut views = Views::default();
    apply(&mut views, lines);
    views
}

#[test]
fn a_prefix_and_the_rest_give_the_whole() {
    let lines = trade(log(), SIZE);
    let whole = fold(&lines).fingerprints();
    for cut in 0..=SIZE {
        let mut views = fold(&lines[..cut]);
        let mut restored = Views::restore(&views.snapshot()).unwrap();
        assert_eq!(
            restored.fingerprint(),
            views.fingerprint(),
            "a snapshot at {cut}"
        );
        apply(&mut views, &lines[cut..]);
        apply(&mut restored, &lines[cut..]);
        assert_eq!(views.fingerprints(), whole, "folded on from {cut}");
        assert_eq!(
            restored.fingerprints(),
            whole,
            "restored at {cut} and folded on"
        );
    }
}

async fn size_until(until: &str) -> u64 {
    let lines = trade(log(), SIZE);
    let (name, views) = replay(source_of(file_of(&lines)), until.parse().unwrap())
        .await
        .unwrap();
    let size = usize::try_from(views.head.size).unwrap();
    assert_eq!(name, log());
    assert_eq!(
        views.fingerprint(),
        fold(&lines[..size]).fingerprint(),
        "until {until}"
    );
    views.head.size
}

#[tokio::test]
async fn a_replay_stops_where_it_was_told_to() {
    let at = |seq: i64, micros: i64| {
        At::from_micros(START_MICROS + STEP_MICROS * seq + micros).to_string()
    };
    for (until, size) in [
        ("0", 1),
        ("7", 8),
        ("39", 40),
        ("40", 40),
        ("18446744073709551615", 40),
        (&at(0, -1), 0),
        ("1970-01-01T00:00:00Z", 0),
        (&at(0, 0), 1),
        (&at(7, -1), 7),
        (&at(7, 0), 8),
        (&at(7, 1), 8),
        (&at(39, 0), 40),
        ("9999-12-30T00:00:00Z", 40),
        ("2026-05-01T12:00:00+02:00", 1),
    ] {
        assert_eq!(size_until(until).await, size, "until {until}");
    }
    let end = replay(source_of(file_of(&trade(log(), SIZE))), Until::End)
        .await
        .unwrap();
    assert_eq!(end.1.head.size, 40);
    for nonsense in ["", "-1", "yesterday", "18446744073709551616"] {
        nonsense.parse::<Until>().unwrap_err();
    }
}

#[tokio::test]
async fn what_is_broken_behind_the_end_does_not_matter_to_a_replay() {
    let mut lines = trade(log(), SIZE);
    lines.remove(20);
    let until = async |seq| replay(source_of(file_of(&lines)), Until::Seq(seq)).await;
    assert_eq!(until(19).await.unwrap().1.head.size, 20);
    let Err(ReplayError::Broken(failure)) = until(20).await else {
        panic!("a hole was not found")
    };
    assert_eq!((failure.seq, failure.layer), (Some(20), Layer::Chain));
}
