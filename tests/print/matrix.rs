//! For every byte of a receipt's dialogue, on every kind of device: the line is cut, the byte is
//! changed, the server is killed. Afterwards the paper is what the ledger says, once for each task.
//!
//! `make test` takes every 19th byte, `make faults` (`DAYBOOK_FAULT_ROUNDS`) each.

use super::bench::{Break, Workshop, example};
use crate::support::rounds;
use daybook_printers::simulator::till::Kind;
use daybook_printers::uri::Driver;
use daybook_projections::printer_job::Ending;
use std::collections::BTreeMap;

/// The fiscal drivers.
const FISCAL: [Driver; 9] = [
    Driver::DatecsP,
    Driver::DatecsC,
    Driver::DatecsX,
    Driver::Daisy,
    Driver::Eltrade,
    Driver::Incotex,
    Driver::Icp,
    Driver::Zfp,
    Driver::ZfpV2,
];

const TASK: &str = "till-1-000481";

/// Prints the example, lets it break, brings the node back where it died, and tells how it ended.
fn run(workshop: &Workshop) -> Ending {
    let printing = workshop.clone();
    let ended = workshop.live(async move |node| {
        node.order(TASK, example(), false).await;
        tokio::select! {
            biased;
            () = printing.killed() => None,
            ended = node.ended(TASK) => Some(ended),
        }
    });
    ended.unwrap_or_else(|| workshop.live(async |node| node.ended(TASK).await))
}

/// Receipts that came out whole: their numbers and totals.
fn receipts(workshop: &Workshop) -> Vec<(u32, i64)> {
    workshop.device(|device| {
        let till = device.till().unwrap();
        let receipts = till
            .printed
            .iter()
            .filter(|paper| paper.kind == Kind::Receipt);
        receipts.map(|paper| (paper.number, paper.total)).collect()
    })
}

fn matrix(driver: Driver, breaks: Break) {
    let healthy = Workshop::new(driver, Break::Never, 0);
    assert_eq!(run(&healthy), Ending::Printed, "{driver:?}");
    assert_eq!(receipts(&healthy).len(), 1);
    let length = healthy.carried();
    let step = if rounds(0) > 0 { 1 } else { 19 };
    let mut endings = BTreeMap::new();
    for at in (0..length).step_by(step) {
        let workshop = Workshop::new(driver, breaks, at);
        let ending = run(&workshop);
        let paper = receipts(&workshop);
        let told =
            format!("{driver:?} {breaks:?} at {at} of {length}: {ending:?}, paper: {paper:?}");
        match ending {
            Ending::Printed => assert!(matches!(paper[..], [(_, 3000)]), "{told}"),
            Ending::Failed => assert!(paper.is_empty(), "{told}"),
            Ending::Unknown => panic!("the device can be asked: {told}"),
        }
        *endings.entry(format!("{ending:?}")).or_insert(0) += 1;
    }
    println!("{driver:?} {breaks:?}, {length} bytes: {endings:?}");
}

#[test]
fn whatever_is_cut_the_paper_is_what_the_ledger_says() {
    for driver in FISCAL {
        matrix(driver, Break::Cut);
    }
}

#[test]
fn whatever_is_corrupted_the_paper_is_what_the_ledger_says() {
    for driver in FISCAL {
        matrix(driver, Break::Corrupt);
    }
}

#[test]
fn whenever_the_server_dies_the_paper_is_what_the_ledger_says() {
    for driver in FISCAL {
        matrix(driver, Break::Kill);
    }
}
