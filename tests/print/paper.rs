//! What comes out of printers because of sales: receipts with goods, total and number, copies,
//! reversals, kitchen tickets. Whatever a printer does, the sale is recorded.

use super::bench::{ending, example};
use super::shop::{DESK, KITCHEN, Node, SOUP, Shop, VOUCHER, WINE};
use daybook::ledger::Action;
use daybook::ledger::print::{PrintCommand, TaskEnd, TaskFailure};
use daybook_printers::simulator::paper::{Machine, Mishap, Simulated};
use daybook_printers::simulator::sheet::Sheet;
use daybook_printers::simulator::till::Kind;
use daybook_printers::uri::Driver;
use daybook_projections::printer_job::Ending;
use daybook_schema::EventLog;
use daybook_schema::facts::{PrintDone, PrintJob, PrintReceipt};
use std::time::Duration;

fn fiscal() -> impl Iterator<Item = Driver> {
    Driver::ALL.into_iter().filter(|one| *one != Driver::EscPos)
}

fn has(sheet: &Sheet, words: &[&str]) {
    let text = sheet.text.join("\n");
    for word in words {
        assert!(text.contains(word), "no {word:?} on\n{text}");
    }
}

/// Receipts that count, of a device that knows them.
fn receipts(sheets: &[Sheet]) -> Vec<&Sheet> {
    let counts = |sheet: &&Sheet| sheet.kind.is_none_or(|kind| kind == Kind::Receipt);
    sheets.iter().filter(counts).collect()
}

#[test]
fn sales_print_in_order_with_goods_total_and_number() {
    for driver in Driver::ALL {
        let shop = Shop::new(driver);
        shop.live(async |node| {
            let first = node.sell(&[WINE, SOUP, VOUCHER]).await;
            let second = node.sell(&[WINE, WINE]).await;
            node.all_ended(&[first, second], Ending::Printed).await;
        });
        let sheets = shop.sheets(DESK);
        assert_eq!(receipts(&sheets).len(), 2, "{driver:?}: {sheets:?}");
        assert_eq!(sheets.len(), 2, "{driver:?}: {sheets:?}");
        has(&sheets[0], &["Wine", "Soup", "7.00", "TOTAL", "16.00"]);
        has(&sheets[1], &["Wine", "TOTAL", "24.00"]);
        if driver == Driver::EscPos {
            assert_eq!((sheets[0].number, sheets[1].number), (Some(1), Some(2)));
            has(
                &sheets[0],
                &["12.00", "-3.00", "0000001", "NOT A FISCAL RECEIPT"],
            );
        } else {
            // The device counts its documents; the ledger's number is part of the sale's.
            assert_eq!((sheets[0].number, sheets[1].number), (Some(85), Some(86)));
            for (sheet, number) in [(&sheets[0], 1), (&sheets[1], 2)] {
                let serial = shop.device(DESK, |device| device.serial().to_owned());
                assert_eq!(
                    sheet.sale,
                    format!("{serial}-0001-{number:07}"),
                    "{driver:?}"
                );
            }
        }
    }
}

#[test]
fn a_copy_says_so_and_keeps_the_number() {
    let shop = Shop::new(Driver::EscPos);
    shop.live(async |node| {
        node.sell(&[WINE]).await;
        node.sell(&[SOUP]).await;
        let copies = [node.copy(1, 1).await, node.copy(1, 2).await];
        node.all_ended(&copies, Ending::Printed).await;
    });
    let sheets = shop.sheets(DESK);
    assert_eq!(sheets.len(), 4);
    for (sheet, title) in [(&sheets[2], "COPY 1"), (&sheets[3], "COPY 2")] {
        has(sheet, &[title, "Wine", "12.00", "0000001"]);
        assert_eq!(sheet.number, Some(1));
    }
    let text = sheets[0].text.join("\n");
    assert!(!text.contains("COPY"), "{text}");
}

#[test]
fn a_copy_of_a_reversal_is_a_reversal() {
    let shop = Shop::new(Driver::EscPos);
    shop.live(async |node| {
        node.sell(&[WINE]).await;
        node.reverse(1).await;
        let copy = node.copy(2, 1).await;
        node.all_ended(&[copy], Ending::Printed).await;
    });
    let sheets = shop.sheets(DESK);
    let words = [
        "COPY 1",
        "REVERSAL",
        "of receipt 0000001",
        "Wine",
        "0000002",
    ];
    has(&sheets[2], &words);
}

/// It knows by itself what it printed last.
#[test]
fn a_fiscal_device_repeats_its_last_receipt_and_no_other() {
    for driver in fiscal() {
        let shop = Shop::new(driver);
        shop.live(async |node| {
            node.sell(&[WINE]).await;
            node.sell(&[SOUP]).await;
            let last = node.copy(2, 1).await;
            let other = node.copy(1, 1).await;
            let again = node.copy(2, 2).await;
            assert_eq!(node.ended(&other).await, Ending::Failed, "{driver:?}");
            let words = node.words(&other).await;
            assert!(words.starts_with("E405 "), "{driver:?}: {words}");
            assert!(words.contains("repeats its last document only"), "{words}");
            let [last, again] = [node.ended(&last).await, node.ended(&again).await];
            assert_eq!(
                (last, again),
                (Ending::Printed, Ending::Printed),
                "{driver:?}"
            );
        });
        let kinds: Vec<_> = shop.sheets(DESK).iter().map(|sheet| sheet.kind).collect();
        let expected = [
            Kind::Receipt,
            Kind::Receipt,
            Kind::Duplicate,
            Kind::Duplicate,
        ];
        assert_eq!(kinds, expected.map(Some), "{driver:?}");
    }
}

#[test]
fn a_reversal_names_its_original() {
    for driver in Driver::ALL {
        let shop = Shop::new(driver);
        shop.live(async |node| {
            node.sell(&[WINE, SOUP, VOUCHER]).await;
            node.sell(&[WINE]).await;
            let back = node.reverse(1).await;
            node.all_ended(&[back], Ending::Printed).await;
        });
        let sheets = shop.sheets(DESK);
        assert_eq!(sheets.len(), 3, "{driver:?}");
        has(&sheets[2], &["REVERSAL", "Wine", "Soup", "16.00"]);
        if driver == Driver::EscPos {
            has(&sheets[2], &["of receipt 0000001", "0000003"]);
        } else {
            assert_eq!(sheets[2].kind, Some(Kind::Reversal));
            assert_eq!((sheets[2].number, sheets[2].total), (Some(87), Some(1600)));
            // With the original's number of the sale, as the law has it.
            assert_eq!(sheets[2].sale, sheets[0].sale, "{driver:?}");
        }
    }
}

#[test]
fn the_kitchen_gets_what_it_has_to_make_without_prices() {
    let shop = Shop::new(Driver::DatecsX);
    shop.live(async |node| {
        node.order().await;
        let sale = node.sell(&[SOUP, WINE]).await;
        node.all_ended(&[sale], Ending::Printed).await;
        // The printers work beside each other.
        let mut views = node.book.follow();
        let idle = views.wait_for(|views| views.printer_job.busy().next().is_none());
        drop(
            tokio::time::timeout(Duration::from_mins(1), idle)
                .await
                .unwrap(),
        );
    });
    let sheets = shop.sheets(KITCHEN);
    assert_eq!(sheets.len(), 2);
    has(&sheets[0], &["6 / Ada", "2 x Soup", "+ 1 x No onions"]);
    has(&sheets[1], &["Bar", "1 x Soup"]);
    for sheet in &sheets {
        let text = sheet.text.join("\n");
        for word in ["7.00", "TOTAL", "Wine", "FISCAL", "0.00"] {
            assert!(!text.contains(word), "{word} on\n{text}");
        }
    }
    assert_eq!(shop.sheets(DESK).len(), 1);
}

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

/// At any command: a receipt that is not paid yet is voided and its task says why. One whose payment
/// was taken is closed as soon as there is paper.
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
        let how = node.ended(&torn).await;
        let words = node.words(&torn).await;
        let told = format!("{driver:?} {command}: {how:?}, {words}");
        if shop.device(DESK, |device| device.till().unwrap().paper) {
            assert_eq!(how, Ending::Printed, "{told}");
            return None;
        }
        // With paper it goes on, and the sale itself stands.
        shop.device(DESK, |device| device.set_paper(true));
        let next = node.sell(&[WINE, WINE]).await;
        node.all_ended(&[whole, next], Ending::Printed).await;
        assert_eq!(node.book.views().transaction.last_id().0, 9, "{told}");
        match node.ended(&torn).await {
            Ending::Failed => {
                assert!(words.contains("E301 "), "{told}");
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

/// Letters that no hash has, nor its bytes in capitals.
const PASSWORD: &str = "7Gk1";
const WRONG: &str = "9Kz6";

/// A till that asks operator 1 for that password, if its kind asks at all.
fn guarded(driver: Driver) -> Shop {
    let shop = Shop::new(driver);
    shop.device(DESK, |device| match &mut device.machine {
        Machine::Isl(device) if !device.operators.is_empty() => {
            device.operators = vec![("1".to_owned(), PASSWORD.to_owned())];
        }
        Machine::Zfp(device) => PASSWORD.clone_into(&mut device.till.password),
        _ => {}
    });
    shop
}

/// Everything that stands in the log. Whatever a device was told of a password: there it is nowhere,
/// neither as it is nor in frames.
async fn events_without_passwords(shop: &Shop, node: &Node) -> String {
    let lines = shop.log.read(&node.book.log, 0, 10_000).await.unwrap();
    let text = lines
        .into_iter()
        .map(|line| String::from_utf8(line).unwrap());
    let text: String = text.collect();
    for password in [PASSWORD, WRONG] {
        let hex: String = password.bytes().map(|byte| format!("{byte:02X}")).collect();
        for secret in [password, &hex] {
            assert!(!text.contains(secret), "{:?}: {secret}", shop.driver);
        }
    }
    text
}

#[test]
fn an_operators_password_is_in_no_event() {
    let mut blanked = 0;
    for driver in fiscal() {
        let shop = guarded(driver);
        shop.live(async |node| {
            for (task, password) in [
                ("right", Some(PASSWORD)),
                ("wrong", Some(WRONG)),
                ("lost", None),
            ] {
                if let Some(password) = password {
                    let log = &node.book.log;
                    node.printers.keep_password(log, task, password.to_owned());
                }
                let receipt = PrintReceipt {
                    operator: Some("1".to_owned()),
                    secret: true,
                    unique_sale_number: None,
                    ..example()
                };
                node.request(task, PrintJob::Receipt(receipt)).await;
                node.ended(task).await;
            }
            let text = events_without_passwords(&shop, &node).await;
            assert_eq!(node.ended("right").await, Ending::Printed, "{driver:?}");
            // Where passwords are asked for, they stand in frames as so many stars.
            let asked = node.ended("wrong").await == Ending::Failed;
            assert_eq!(text.contains("2A2A2A2A"), asked, "{driver:?}");
            blanked += u32::from(asked);
            // A password is not kept longer than its node lives, and nothing is printed without it.
            let words = node.words("lost").await;
            assert!(words.starts_with("E408 "), "{words}");
        });
    }
    assert_eq!(blanked, 6);
}

#[test]
fn a_password_of_the_settings_is_in_no_event_either() {
    for driver in fiscal() {
        let setup = format!("operator = \"1\"\npassword = \"{PASSWORD}\"");
        let shop = guarded(driver).set_up(&setup);
        shop.live(async |node| {
            let sale = node.sell(&[WINE]).await;
            let back = node.reverse(1).await;
            node.all_ended(&[sale, back], Ending::Printed).await;
            events_without_passwords(&shop, &node).await;
        });
    }
}
