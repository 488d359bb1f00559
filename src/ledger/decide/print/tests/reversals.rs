//! Receipts of reversals, and the drawer.

use super::shop::{BEER, DOOR, OWN, SHARED, SOUP, Shop, WATER, WINE, begin, requests};
use crate::ledger::desk::Wish;
use daybook_projections::printer_job::{Ending, TaskState};
use daybook_schema::facts::{PrintJob, PrintOriginal, PrintReceipt, PrintRequest};
use daybook_schema::id::TxId;
use daybook_schema::{At, Fact};
use serde_json::json;

fn reversal(facts: &[Fact]) -> Option<(&PrintRequest, u64, &PrintReceipt)> {
    let one = |request| match request {
        &PrintRequest {
            job: PrintJob::Reversal(ref reversal),
            ..
        } => match reversal.original {
            PrintOriginal::Request(seq) => Some((request, seq, &reversal.receipt)),
            PrintOriginal::Paper(_) => None,
        },
        _ => None,
    };
    requests(facts).into_iter().find_map(one)
}

#[test]
fn a_reversals_receipt_follows_its_original_and_has_its_own_number() {
    let mut shop = Shop::with(&[("/printers/0/copies", json!(1))]);
    shop.book(OWN, &[WINE, WATER]);
    shop.book(OWN, &[SOUP]);
    let original = shop.views.printer_job.receipt(TxId(1)).unwrap().requested;
    let facts = shop.wish(OWN, Wish::Reverse(TxId(1)));
    let (request, of, paper) = reversal(&facts).unwrap();
    assert_eq!((request.printer.as_str(), of), ("DESK", original));
    assert_eq!(
        (request.task.as_str(), paper.number),
        ("daybook:sale:4", Some(3))
    );
    assert!(paper.items.is_empty(), "it is printed as it was");
    // A reversal has no copies by itself.
    assert_eq!(requests(&facts).len(), 1);
    let known = shop.views.printer_job.receipt(TxId(4)).unwrap();
    assert_eq!((known.number, known.copies), (3, 0));
    assert_eq!(shop.views.printer_job.receipt(TxId(1)).unwrap().number, 1);
}

/// It is behind its original in the queue, so it is printed after it.
#[test]
fn a_reversal_waits_for_its_original() {
    let mut shop = Shop::open();
    shop.book(OWN, &[WINE]);
    shop.wish(OWN, Wish::Reverse(TxId(1)));
    assert!(shop.print(begin("exon", "daybook:sale:2")).is_err());
    shop.come_out("daybook:sale:1");
    shop.come_out("daybook:sale:2");
}

#[test]
fn what_was_not_printed_is_not_taken_back_on_paper() {
    let mut shop = Shop::open();
    shop.book(OWN, &[WATER]);
    shop.book(DOOR, &[WINE]);
    for sale in [1, 2] {
        let facts = shop.wish(OWN, Wish::Reverse(TxId(sale)));
        assert_eq!(facts.len(), 1, "{facts:?}");
    }
    // And nowhere when the desk that takes it back has no printer.
    shop.book(OWN, &[WINE]);
    assert_eq!(shop.wish(DOOR, Wish::Reverse(TxId(5))).len(), 1);
    assert_eq!(shop.views.printer_job.last_number(), 1);
}

fn drawers(facts: &[Fact]) -> Vec<&str> {
    let drawer = |request: &&PrintRequest| request.job == PrintJob::Drawer;
    let all = requests(facts).into_iter().filter(drawer);
    all.map(|request| request.printer.as_str()).collect()
}

#[test]
fn every_transaction_opens_the_drawer_and_a_reversal_does_not() {
    let mut shop = Shop::with(&[
        ("/printers/0/drawer", json!(true)),
        ("/printers/1/drawer", json!(true)),
        (
            "/supply_packs",
            json!([{"id": 1, "identifier": "P-17", "item": 1, "amount": 5,
                "state": "troubleshooter"}]),
        ),
    ]);
    // Also where nothing is printed; and before the receipt, so that change is counted meanwhile.
    assert_eq!(drawers(&shop.book(OWN, &[WATER])), ["DESK"]);
    let facts = shop.book(OWN, &[WINE]);
    let jobs: Vec<_> = requests(&facts)
        .iter()
        .map(|request| &request.job)
        .collect();
    assert!(
        matches!(jobs[..], [PrintJob::Drawer, PrintJob::Receipt(_)]),
        "{jobs:?}"
    );
    assert_eq!(drawers(&shop.book(SHARED, &[BEER])), ["BAR"]);
    assert_eq!(drawers(&shop.book(DOOR, &[WINE])), Vec::<&str>::new());
    assert_eq!(drawers(&shop.pay(&[(WINE, 1)])), ["BAR"]);
    assert_eq!(drawers(&shop.wish(OWN, Wish::OpenDrawer)), ["DESK"]);
    assert_eq!(
        drawers(&shop.wish(DOOR, Wish::OpenDrawer)),
        Vec::<&str>::new()
    );
    let supply = Wish::UseSupply("P-17".to_owned());
    assert_eq!(drawers(&shop.wish(SHARED, supply)), ["BAR"]);
    let reversed = shop.wish(OWN, Wish::Reverse(TxId(2)));
    assert_eq!((drawers(&reversed).len(), reversed.len()), (0, 3));
    for nothing in [
        Wish::RequestSupply,
        Wish::AdvanceDisplay,
        Wish::CopyReceipt(TxId(1)),
    ] {
        assert_eq!(shop.wish(OWN, nothing).len(), 1);
    }
}

/// Nobody stands there any more when a printer that was off comes back.
#[test]
fn a_drawer_that_waited_stays_shut_and_the_receipt_is_printed() {
    let mut shop = Shop::with(&[("/printers/0/drawer", json!(true))]);
    let facts = shop.book(OWN, &[WINE]);
    let task = requests(&facts)[0].task.clone();
    shop.at = At::from_micros(shop.at.micros() + 60_000_001);
    shop.print(begin("exon", &task)).unwrap();
    let TaskState::Ended { how, .. } = shop.views.printer_job.task(&task).unwrap().state else {
        panic!("it was opened")
    };
    assert_eq!(how, Ending::Failed);
    shop.come_out("daybook:sale:1");
}

#[test]
fn a_printer_without_a_drawer_is_not_asked_to_open_one() {
    let mut shop = Shop::open();
    assert_eq!(shop.wish(OWN, Wish::OpenDrawer).len(), 1);
    assert_eq!(drawers(&shop.book(OWN, &[WINE])), Vec::<&str>::new());
}
