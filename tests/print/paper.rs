//! What comes out of printers because of sales: receipts with goods, total and number, copies,
//! reversals, kitchen tickets.

use super::shop::{DESK, KITCHEN, SOUP, Shop, VOUCHER, WINE, fiscal, has, receipts};
use daybook_printers::simulator::till::Kind;
use daybook_printers::uri::Driver;
use daybook_projections::printer_job::Ending;
use std::time::Duration;

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
