//! Tickets for kitchens: by category, from sales and from orders at tables.

use super::shop::{
    BEER, OWN, SHARED, SOUP, Shop, TABLE, VOUCHER, WATER, WINE, printed, requests, shown,
};
use crate::ledger::desk::Wish;
use crate::ledger::table::{Dish, TableWish};
use daybook_schema::facts::{PrintJob, PrintRequest};
use daybook_schema::id::{ModifierId, ProductId, TxId};
use daybook_schema::{Fact, Quantity};
use serde_json::json;

/// Tickets among facts: printer and what stands on it.
fn tickets(facts: &[Fact]) -> Vec<(&str, Vec<String>)> {
    let ticket = |request| match request {
        &PrintRequest {
            job: PrintJob::Ticket(ref ticket),
            ref printer,
            sale: None,
            ..
        } => Some((printer.as_str(), shown(ticket))),
        _ => None,
    };
    requests(facts).into_iter().filter_map(ticket).collect()
}

fn dish(product: u32, pieces: u32, modifiers: &[(u32, u32)]) -> Dish {
    let pieces_of = |count| Quantity::pieces(count).unwrap();
    let modifiers = modifiers.iter();
    Dish {
        product: ProductId(product),
        count: pieces_of(pieces),
        modifiers: modifiers
            .map(|(id, count)| (ModifierId(*id), pieces_of(*count)))
            .collect(),
    }
}

#[test]
fn each_kitchen_gets_what_is_of_its_categories() {
    let mut shop = Shop::open();
    let facts = shop.pay(&[(BEER, 2), (SOUP, 1), (WINE, 1), (WATER, 3)]);
    // The pledges of the bottles are no drinks.
    let expected = [
        (
            "CELLAR",
            vec!["Bar", "2 x Beer 0.00 [0]", "3 x Water 0.00 [0]"],
        ),
        ("KITCHEN", vec!["Bar", "1 x Soup 0.00 [0]"]),
    ];
    assert_eq!(tickets(&facts), expected.map(strings));
    // A desk's sale too, whether it prints a receipt or not.
    let facts = shop.book(OWN, &[WATER, WATER]);
    let drinks = ["Bar", "1 x Water 0.00 [0]", "1 x Water 0.00 [0]"];
    assert_eq!(tickets(&facts), [strings(("CELLAR", drinks.to_vec()))]);
    assert_eq!(tickets(&shop.book(SHARED, &[WINE])), []);
}

fn strings((printer, lines): (&'static str, Vec<&str>)) -> (&'static str, Vec<String>) {
    (printer, lines.into_iter().map(str::to_owned).collect())
}

#[test]
fn one_printer_may_have_several_categories_and_a_category_several_printers() {
    let mut shop = Shop::with(&[
        ("/printers/0/categories", json!(["drinks", "food"])),
        ("/printers/1/categories", json!(["food"])),
    ]);
    let facts = shop.pay(&[(SOUP, 1), (BEER, 1)]);
    let expected = [
        ("BAR", vec!["Bar", "1 x Soup 0.00 [0]"]),
        ("CELLAR", vec!["Bar", "1 x Beer 0.00 [0]"]),
        (
            "DESK",
            vec!["Bar", "1 x Soup 0.00 [0]", "1 x Beer 0.00 [0]"],
        ),
        ("KITCHEN", vec!["Bar", "1 x Soup 0.00 [0]"]),
    ];
    assert_eq!(tickets(&facts), expected.map(strings));
}

#[test]
fn nothing_is_cooked_for_what_is_taken_back() {
    let mut shop = Shop::with(&[("/products/4/category", json!("food"))]);
    let facts = shop.book(OWN, &[VOUCHER, SOUP]);
    let expected = strings(("KITCHEN", vec!["Bar", "1 x Soup 0.00 [0]"]));
    assert_eq!(tickets(&facts), [expected]);
    assert_eq!(tickets(&shop.wish(OWN, Wish::Reverse(TxId(1)))), []);
}

/// What was ordered is cooked once: paying it prints the receipt and nothing for the kitchen.
#[test]
fn an_order_is_cooked_when_it_is_placed_and_not_again_when_it_is_paid() {
    let mut shop = Shop::open();
    let facts = shop.order(vec![
        dish(SOUP, 2, &[(81, 1), (82, 2)]),
        dish(WINE, 1, &[]),
        dish(WATER, 1, &[]),
    ]);
    let soup = vec![
        "6 / Ada",
        "2 x Soup 0.00 [0]",
        "  + 1 x No onions",
        "  + 2 x Cream",
    ];
    let water = vec!["6 / Ada", "1 x Water 0.00 [0]"];
    let expected = [("CELLAR", water), ("KITCHEN", soup)];
    assert_eq!(tickets(&facts), expected.map(strings));
    // Only what is new, when more is ordered.
    let facts = shop.order(vec![dish(SOUP, 1, &[])]);
    let more = strings(("KITCHEN", vec!["6 / Ada", "1 x Soup 0.00 [0]"]));
    assert_eq!(tickets(&facts), [more]);
    let part = TableWish::Pay {
        sum: Some(super::shop::money(1200)),
        name: None,
    };
    assert_eq!(shop.at_table(part).len(), 1);
    let rest = TableWish::Pay {
        sum: None,
        name: None,
    };
    let facts = shop.at_table(rest);
    assert_eq!(tickets(&facts), []);
    let paper = [
        "2 x Soup 7.50 [2]",
        "1 x Wine 12.00 [1]",
        "1 x Water 2.00 [2]",
    ];
    let expected: Vec<_> = paper.into_iter().chain(["1 x Soup 7.00 [2]"]).collect();
    assert_eq!(printed(&facts), expected);
    assert!(shop.views.qr_event.order(TABLE).is_none());
}

#[test]
fn a_long_ticket_goes_on_on_the_next_with_the_same_head() {
    let mut shop = Shop::open();
    let facts = shop.book(OWN, &[SOUP; 125]);
    let tickets = tickets(&facts);
    let lengths: Vec<_> = tickets.iter().map(|(_, lines)| lines.len()).collect();
    assert_eq!(lengths, [61, 61, 6]);
    assert!(tickets.iter().all(|(_, lines)| lines[0] == "Bar"));
}
