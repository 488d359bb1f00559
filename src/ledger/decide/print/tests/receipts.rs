//! Which sales print a receipt, where, and what stands on it.

use super::shop::{
    BEER, DOOR, OWN, PLEDGE, SHARED, SMILE, SOUP, Shop, TICKET, VOUCHER, WATER, WINE, printed,
    receipt, requests,
};
use crate::ledger::desk::Wish;
use daybook_schema::facts::{PaymentKind, PrintCopy, PrintItem, PrintJob, PrintRequest};
use daybook_schema::id::TxId;
use daybook_schema::{Fact, Money};
use serde_json::{Value, json};

#[test]
fn where_only_what_needs_one_is_printed_the_rest_is_left_out() {
    let mut shop = Shop::open();
    let facts = shop.book(OWN, &[WATER, WINE, TICKET, SMILE, WINE]);
    let (printer, paper) = receipt(&facts).unwrap();
    assert_eq!(printer, "DESK");
    assert_eq!(
        printed(&facts),
        ["1 x Wine 12.00 [1]", "1 x Wine 12.00 [1]"]
    );
    assert_eq!(paper.payments.len(), 1);
    assert_eq!(paper.payments[0].kind, Some(PaymentKind::Cash));
    assert_eq!(paper.payments[0].amount, None);
    // The last record's hash stands on it.
    let Fact::SaleRecorded(sale) = &facts[0] else {
        panic!("{facts:?}")
    };
    let hash = sale.tx.last().unwrap().hash.to_string();
    let footer = PrintItem::Footer(hash[..16].to_owned());
    assert_eq!(paper.items.last(), Some(&footer));
}

#[test]
fn where_everything_is_printed_only_what_costs_nothing_is_left_out() {
    let mut shop = Shop::open();
    let facts = shop.book(SHARED, &[WATER, TICKET, SMILE]);
    assert_eq!(receipt(&facts).unwrap().0, "BAR");
    assert_eq!(
        printed(&facts),
        ["1 x Water 2.00 [2]", "1 x Ticket 10.00 [2]"]
    );
}

/// Nothing of these has a receipt, and none of them takes a number.
#[test]
fn a_sale_of_which_nothing_belongs_on_a_receipt_prints_none() {
    let mut shop = Shop::open();
    for products in [&[WATER][..], &[TICKET], &[SMILE], &[SMILE, TICKET, WATER]] {
        assert_eq!(receipt(&shop.book(OWN, products)), None, "{products:?}");
    }
    assert_eq!(receipt(&shop.book(SHARED, &[SMILE])), None);
    assert_eq!(shop.views.printer_job.last_number(), 0);
}

#[test]
fn without_a_printer_or_a_rule_nothing_is_printed() {
    let mut shop = Shop::open();
    assert_eq!(shop.book(DOOR, &[WINE]).len(), 1);
    let mut shop = Shop::with(&[("/printers/0/receipts", Value::Null)]);
    assert_eq!(shop.book(OWN, &[WINE]).len(), 1);
    let mut bare = super::shop::file();
    for section in ["printers", "cashdesks", "points_of_sale"] {
        for place in bare[section].as_array_mut().unwrap() {
            place.as_object_mut().unwrap().remove("printer");
        }
    }
    bare["printers"] = json!([]);
    let mut shop = Shop::of(&bare);
    for session in [OWN, SHARED] {
        assert_eq!(shop.book(session, &[WINE, SOUP]).len(), 1);
        assert_eq!(shop.wish(session, Wish::OpenDrawer).len(), 1);
    }
    assert_eq!(shop.wish(OWN, Wish::CopyReceipt(TxId(1))).len(), 1);
    assert_eq!(shop.wish(OWN, Wish::Reverse(TxId(1))).len(), 1);
}

#[test]
fn a_till_prints_at_the_printer_of_its_place() {
    let mut shop = Shop::open();
    let facts = shop.pay(&[(WINE, 3)]);
    let (printer, paper) = receipt(&facts).unwrap();
    assert_eq!(printer, "BAR");
    assert_eq!(printed(&facts), ["3 x Wine 12.00 [1]"]);
    assert_eq!(paper.payments[0].kind, Some(PaymentKind::Card));
}

#[test]
fn a_deposit_goes_with_its_product() {
    let mut shop = Shop::with(&[("/printers/1/receipts", json!("needed"))]);
    let facts = shop.pay(&[(WATER, 1), (BEER, 2), (PLEDGE, 1)]);
    // The water's deposit stays away with the water, and a pledge by itself is nobody's deposit.
    assert_eq!(
        printed(&facts),
        ["2 x Beer 4.50 [2]", "2 x Pledge 1.00 [3]"]
    );
    assert_eq!(receipt(&shop.pay(&[(WATER, 5)])), None);
}

/// Devices print nothing below zero: it is taken off lines of the same tax group first.
#[test]
fn what_comes_back_is_taken_off() {
    let mut shop = Shop::open();
    let facts = shop.book(OWN, &[WINE, VOUCHER, SOUP]);
    let own_group = ["1 x Wine 12.00 [1]", "1 x Soup 7.00 [2] -3.00"];
    assert_eq!(printed(&facts), own_group);
    // Three vouchers are more than the soup costs: the rest goes off the wine.
    let facts = shop.book(OWN, &[VOUCHER, WINE, VOUCHER, SOUP, VOUCHER]);
    let both = ["1 x Wine 12.00 [1] -2.00", "1 x Soup 7.00 [2] -7.00"];
    assert_eq!(printed(&facts), both);
    assert_eq!(receipt(&facts).unwrap().1.payments[0].amount, None);
}

#[test]
fn a_sale_that_pays_the_customer_prints_none() {
    let mut shop = Shop::open();
    for products in [
        &[VOUCHER][..],
        &[VOUCHER, SMILE],
        &[SOUP, VOUCHER, VOUCHER, VOUCHER],
    ] {
        for session in [OWN, SHARED] {
            assert_eq!(receipt(&shop.book(session, products)), None, "{products:?}");
        }
    }
    // What does not stand on the receipt does not count either: the water pays for nothing here.
    assert_eq!(receipt(&shop.book(OWN, &[WATER, WATER, VOUCHER])), None);
    assert_eq!(
        printed(&shop.book(SHARED, &[WATER, WATER, VOUCHER])).len(),
        2
    );
    assert_eq!(shop.views.printer_job.last_number(), 1);
}

#[test]
fn cash_and_change_stand_on_it_where_it_shows_the_whole_sale() {
    let mut shop = Shop::open();
    let paid = |facts: &[Fact]| -> Vec<(Option<i64>, Option<PaymentKind>)> {
        let payments = &receipt(facts).unwrap().1.payments;
        let both = payments.iter();
        both.map(|paid| (paid.amount.map(Money::units), paid.kind))
            .collect()
    };
    let cash = Some(PaymentKind::Cash);
    let facts = shop.book_for(OWN, &[WINE], Some(2000));
    assert_eq!(paid(&facts), [(Some(2000), cash), (Some(-800), None)]);
    let facts = shop.book_for(OWN, &[WINE, VOUCHER], Some(1000));
    assert_eq!(paid(&facts), [(Some(1000), cash), (Some(-100), None)]);
    // Paid exactly, said less than it costs, or a part of it stands elsewhere: all in cash.
    for (products, given) in [(&[WINE][..], 1200), (&[WINE], 5), (&[WINE, WATER], 2000)] {
        let facts = shop.book_for(OWN, products, Some(given));
        assert_eq!(paid(&facts), [(None, cash)], "{products:?} {given}");
    }
    // A bar code that was scanned into the field for cash is no reason not to print.
    let facts = shop.book_for(OWN, &[WINE], Some(4_006_381_333_931));
    assert_eq!(paid(&facts), [(None, cash)]);
}

/// The numbers that facts give, with the sale and the task that each is for.
fn numbers(facts: &[Fact]) -> Vec<(u32, Option<TxId>, &str)> {
    let numbered = facts.iter().filter_map(|fact| match fact {
        Fact::ReceiptNumbered(one) => Some((one.number, one.sale, one.task.as_str())),
        _ => None,
    });
    numbered.collect()
}

#[test]
fn numbers_ascend_without_gaps_and_each_sale_has_one() {
    let mut shop = Shop::open();
    let mut expected = 0;
    for (session, products) in [
        (OWN, &[WINE][..]),
        (OWN, &[WATER]),
        (SHARED, &[WATER, WINE]),
        (DOOR, &[WINE]),
        (OWN, &[VOUCHER]),
        (OWN, &[SOUP, WATER]),
    ] {
        let facts = shop.book(session, products);
        let Fact::SaleRecorded(sale) = &facts[0] else {
            panic!("{facts:?}")
        };
        let first = sale.tx[0].id;
        let numbered = numbers(&facts);
        let Some((printer, paper)) = receipt(&facts) else {
            assert_eq!(
                (numbered, shop.views.printer_job.receipt(first)),
                (vec![], None)
            );
            continue;
        };
        expected += 1;
        let task = format!("daybook:sale:{first}");
        assert_eq!(numbered, [(expected, Some(first), task.as_str())]);
        assert_eq!(paper.number, Some(expected), "{printer}");
        let known = shop.views.printer_job.receipt(first).unwrap();
        let request = shop.views.printer_job.task(&task).unwrap();
        assert_eq!(known.number, expected);
        assert_eq!(known.requested, request.requested);
        assert_eq!((request.sale, known.copies), (Some(first), 0));
    }
    assert_eq!((expected, shop.views.printer_job.last_number()), (3, 3));
}

fn copies(facts: &[Fact]) -> Vec<(&PrintRequest, &PrintCopy)> {
    let copy = |request| match request {
        &PrintRequest {
            job: PrintJob::Copy(ref copy),
            ..
        } => Some((request, copy)),
        _ => None,
    };
    requests(facts).into_iter().filter_map(copy).collect()
}

#[test]
fn copies_follow_by_themselves_and_are_counted_with_those_that_are_asked_for() {
    let mut shop = Shop::with(&[("/printers/0/copies", json!(2))]);
    let facts = shop.book(OWN, &[WATER, WINE]);
    let sale = TxId(1);
    let original = shop.views.printer_job.receipt(sale).unwrap().requested;
    let mut all = copies(&facts)
        .into_iter()
        .map(|(request, copy)| (request.task.clone(), copy.clone()))
        .collect::<Vec<_>>();
    for _ in 0..2 {
        let facts = shop.wish(OWN, Wish::CopyReceipt(sale));
        assert_eq!((facts.len(), numbers(&facts).len()), (2, 0));
        let one = copies(&facts)[0];
        assert_eq!((one.0.printer.as_str(), one.0.sale), ("DESK", Some(sale)));
        all.push((one.0.task.clone(), one.1.clone()));
    }
    let expected = (1..=4).map(|copy| {
        let of = original;
        (
            format!("daybook:sale:1:copy:{copy}"),
            PrintCopy { copy, of },
        )
    });
    assert_eq!(all, expected.collect::<Vec<_>>());
    let receipt = shop.views.printer_job.receipt(sale).unwrap();
    assert_eq!((receipt.number, receipt.copies), (1, 4));
    assert_eq!(shop.views.printer_job.last_number(), 1);
}

/// A copy comes out where it is asked for.
#[test]
fn a_copy_is_printed_at_the_desk_that_asks_and_only_of_a_receipt() {
    let mut shop = Shop::open();
    shop.book(OWN, &[WINE]);
    shop.book(OWN, &[WATER]);
    let facts = shop.wish(SHARED, Wish::CopyReceipt(TxId(1)));
    assert_eq!(copies(&facts)[0].0.printer, "BAR");
    assert_eq!(shop.wish(SHARED, Wish::CopyReceipt(TxId(2))).len(), 1);
    assert_eq!(shop.wish(DOOR, Wish::CopyReceipt(TxId(1))).len(), 1);
}
