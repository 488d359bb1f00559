//! Printers that are off, out of paper or without power: every sale is recorded, and what is on paper
//! in the end is what the ledger says.

use super::bench::ending;
use super::shop::{DESK, SOUP, Shop, WINE, fiscal, has};
use daybook::ledger::Action;
use daybook::ledger::print::{PrintCommand, TaskEnd, TaskFailure};
use daybook_printers::simulator::paper::{Mishap, Simulated};
use daybook_printers::simulator::till::Kind;
use daybook_printers::uri::Driver;
use daybook_projections::printer_job::Ending;
use daybook_schema::facts::PrintDone;
use std::time::Duration;

#[test]
fn while_a_printer_is_off_sales_go_on_and_are_printed_later_once() {
    for driver in Driver::ALL {
        let shop = Shop::new(driver);
        shop.switch(DESK, false);
        let tasks = shop.live(async |node| {
            let mut tasks = Vec::new();
            for products in [&[WINE][..], &[SOUP], &[WINE, WINE]] {
                tasks.push(node.sell(products).await);
            }
            assert_eq!(node.book.views().transaction.last_id().0, 4);
            tokio::time::sleep(Duration::from_hours(2)).await;
            assert_eq!(node.book.views().printer_job.queue("DESK").count(), 3);
            tasks
        });
        assert_eq!(shop.sheets(DESK), [], "{driver:?}");
        // Also by a node that was started anew.
        shop.live(async |node| {
            node.sell(&[SOUP, SOUP]).await;
            shop.switch(DESK, true);
            node.all_ended(&tasks, Ending::Printed).await;
            node.all_ended(&["daybook:sale:5".to_owned()], Ending::Printed)
                .await;
            tokio::time::sleep(Duration::from_hours(2)).await;
        });
        let sheets = shop.sheets(DESK);
        assert_eq!(sheets.len(), 4, "{driver:?}");
        for (sheet, total) in sheets.iter().zip(["12.00", "7.00", "24.00", "14.00"]) {
            has(sheet, &[total]);
        }
    }
}

/// It was there a moment ago: the line is still open, as far as anybody knows.
#[test]
fn a_printer_that_is_switched_off_between_sales_prints_them_later() {
    for driver in Driver::ALL {
        let shop = Shop::new(driver);
        shop.live(async |node| {
            let mut tasks = vec![node.sell(&[WINE]).await];
            node.all_ended(&tasks, Ending::Printed).await;
            shop.switch(DESK, false);
            for products in [[SOUP, SOUP], [WINE, WINE]] {
                tasks.push(node.sell(&products).await);
                tokio::time::sleep(Duration::from_mins(10)).await;
            }
            shop.switch(DESK, true);
            node.all_ended(&tasks, Ending::Printed).await;
        });
        let sheets = shop.sheets(DESK);
        assert_eq!(sheets.len(), 3, "{driver:?}");
        for (sheet, total) in sheets.iter().zip(["12.00", "14.00", "24.00"]) {
            has(sheet, &[total]);
        }
    }
}

/// Totals of the receipts that came out whole.
fn totals(shop: &Shop) -> Vec<i64> {
    let sheets = shop.sheets(DESK);
    let whole = sheets.iter().filter(|one| one.kind == Some(Kind::Receipt));
    whole.map(|one| one.total.unwrap()).collect()
}

/// At any command: a receipt that is not paid yet is voided, and its task says why. One that is not
/// begun waits for paper, and one whose payment was taken is closed as soon as there is some.
#[test]
fn when_the_paper_ends_in_the_middle_the_receipt_is_voided() {
    for driver in fiscal() {
        let runs = (0..).map_while(|command| runs_out_of_paper(driver, command));
        let voided = runs.filter(|voided| *voided).count();
        assert!(voided > 3, "{driver:?}: {voided}");
    }
}

/// Whether the receipt was voided; nothing when it was printed before the paper ended.
fn runs_out_of_paper(driver: Driver, command: usize) -> Option<bool> {
    let shop = Shop::new(driver);
    shop.live(async |node| {
        let whole = node.sell(&[WINE]).await;
        assert_eq!(node.ended(&whole).await, Ending::Printed);
        shop.device(DESK, |device| {
            assert!(device.plan(device.heard() + command, Mishap::PaperOut));
        });
        let torn = node.sell(&[SOUP; 6]).await;
        tokio::time::sleep(Duration::from_mins(5)).await;
        let how = ending(&node.book.views(), &torn);
        let told = format!("{driver:?} {command}: {how:?}");
        if shop.device(DESK, |device| device.till().unwrap().paper) {
            assert_eq!(how, Some(Ending::Printed), "{told}");
            return None;
        }
        // With paper it goes on, and the sale itself stands.
        shop.device(DESK, |device| device.set_paper(true));
        let next = node.sell(&[WINE, WINE]).await;
        node.all_ended(&[whole, next], Ending::Printed).await;
        assert_eq!(node.book.views().transaction.last_id().0, 9, "{told}");
        match node.ended(&torn).await {
            Ending::Failed => {
                let words = node.words(&torn).await;
                assert!(words.contains("E301 "), "{told}: {words}");
                assert_eq!(totals(&shop), [1200, 2400], "{told}");
            }
            Ending::Printed => assert_eq!(totals(&shop), [1200, 4200, 2400], "{told}"),
            Ending::Unknown => panic!("the device can be asked: {told}"),
        }
        let sheets = shop.sheets(DESK);
        Some(sheets.iter().any(|one| one.kind == Some(Kind::Voided)))
    })
}

/// It loses power in the middle of a receipt. When it is back it is asked, before it prints anything
/// else.
#[test]
fn a_device_that_is_back_says_what_became_of_its_last_receipt() {
    let mut unknown = 0;
    for driver in fiscal() {
        let runs = (1..).map_while(|command| loses_power(driver, command));
        unknown += runs.filter(|unknown| *unknown).count();
    }
    assert!(unknown > 9, "{unknown}");
}

/// Whether nobody knew until it was back; nothing when it had printed the receipt before.
fn loses_power(driver: Driver, command: usize) -> Option<bool> {
    let shop = Shop::new(driver);
    shop.live(async |node| {
        let first = node.sell(&[WINE]).await;
        assert_eq!(node.ended(&first).await, Ending::Printed);
        shop.fail_after(command);
        let torn = node.sell(&[SOUP, SOUP]).await;
        let next = node.sell(&[WINE, WINE]).await;
        tokio::time::sleep(Duration::from_mins(5)).await;
        let how = ending(&node.book.views(), &torn);
        if how == Some(Ending::Printed) {
            return None;
        }
        let told = format!("{driver:?} {command}: {how:?}");
        shop.switch(DESK, true);
        assert_eq!(node.ended(&next).await, Ending::Printed, "{told}");
        match node.ended(&torn).await {
            Ending::Failed => assert_eq!(totals(&shop), [1200, 2400], "{told}"),
            Ending::Printed => assert_eq!(totals(&shop), [1200, 1400, 2400], "{told}"),
            Ending::Unknown => panic!("the device can be asked: {told}"),
        }
        Some(how == Some(Ending::Unknown))
    })
}

/// A device that keeps nothing cannot tell. Its paper can.
#[test]
fn what_nobody_knows_is_said_and_a_person_settles_it() {
    for end in [Ending::Printed, Ending::Failed] {
        let shop = Shop::new(Driver::EscPos);
        shop.live(async |node| {
            shop.cut_document();
            let torn = node.sell(&[SOUP, SOUP]).await;
            assert_eq!(node.ended(&torn).await, Ending::Unknown);
            let words = node.words(&torn).await;
            assert!(
                words.contains("E999 Outcome of the print is unknown"),
                "{words}"
            );
            let next = node.sell(&[WINE]).await;
            tokio::time::sleep(Duration::from_hours(1)).await;
            assert_eq!(shop.sheets(DESK), []);
            // What it had not printed is lost.
            shop.device(DESK, |device| *device = Simulated::new(Driver::EscPos));
            shop.switch(DESK, true);
            assert_eq!(node.ended(&next).await, Ending::Printed);
            assert_eq!(node.ended(&torn).await, Ending::Unknown);
            let task = torn.clone();
            let decided = match end {
                Ending::Printed => TaskEnd::Printed(PrintDone {
                    task,
                    ..PrintDone::default()
                }),
                _ => TaskEnd::Failed(TaskFailure {
                    task,
                    messages: Vec::new(),
                }),
            };
            node.submit(Action::Print(PrintCommand::Resolve(decided)))
                .await;
            assert_eq!(node.ended(&torn).await, end);
            assert_eq!(node.book.views().printer_job.unknown().count(), 0);
        });
    }
}
