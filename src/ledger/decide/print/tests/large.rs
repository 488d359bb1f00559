//! Sales and orders as large as they come: they are recorded, and what is printed of them fits.
//! That every line fits is seen when the shop seals it.

use super::shop::{OWN, SHARED, Shop, file, receipt, requests};
use crate::ledger::table::Dish;
use daybook_schema::facts::{PrintItem, PrintJob, PrintModifier, PrintSale};
use daybook_schema::id::{ModifierId, ProductId};
use daybook_schema::{Fact, Quantity, line};
use serde_json::json;

/// The longest name: 200 characters that take two bytes, or four.
fn long_name(id: u32, c: char) -> String {
    let digits = id.to_string();
    let rest = std::iter::repeat_n(c, 200 - digits.len());
    digits.chars().chain(rest).collect()
}

/// A shop with 1000 products, none like another; every tenth gives money back.
fn shop(c: char) -> Shop {
    let mut file = file();
    let product = |id: u32| {
        let price = if id.is_multiple_of(10) {
            "-0.01"
        } else {
            "123456.78"
        };
        json!({"id": id, "name": long_name(id, c), "price": price, "tax_rate": "20",
            "tax_group": 1 + id % 8, "needs_receipt": true, "points_of_sale": [1],
            "category": "food"})
    };
    file["products"] = (1..=1000).map(product).collect();
    file["deposit"] = json!(null);
    file["points_of_sale"][0]["name"] = json!(long_name(0, c));
    for printer in file["printers"].as_array_mut().unwrap() {
        printer["categories"] = json!(["food"]);
        printer["copies"] = json!(5);
        printer["drawer"] = json!(true);
    }
    Shop::of(&file)
}

fn amount(sale: &PrintSale) -> i64 {
    let line = sale.unit_price.units() * sale.quantity.units() / 1000;
    match sale.modifier {
        Some(PrintModifier::Amount(off)) => line + off.units(),
        _ => line,
    }
}

/// What the receipt among facts comes to, and how many lines of goods it has.
fn total(facts: &[Fact]) -> (i64, usize) {
    let items = &receipt(facts).unwrap().1.items;
    let sold = items.iter().filter_map(|item| match item {
        PrintItem::Sale(sale) => Some(amount(sale)),
        _ => None,
    });
    let sold: Vec<i64> = sold.collect();
    (sold.iter().sum(), sold.len())
}

#[test]
fn a_thousand_positions_with_the_longest_names() {
    for c in ['"', '\\', '\u{1f3ab}'] {
        let mut shop = shop(c);
        let all: Vec<u32> = (1..=1000).collect();
        for session in [OWN, SHARED] {
            let facts = shop.book(session, &all);
            assert_eq!(total(&facts), (900 * 12_345_678 - 100, 100));
            // Each kitchen has to make the 900, on as many tickets as it takes.
            let tickets = requests(&facts).into_iter();
            let tickets = tickets.filter(|one| matches!(one.job, PrintJob::Ticket(_)));
            assert_eq!(tickets.count(), 4 * 15);
        }
        let many: Vec<_> = (1..10).map(|id| (id, 800)).collect();
        assert_eq!(total(&shop.pay(&many)), (9 * 800 * 12_345_678, 9));
    }
}

#[test]
fn equal_lines_of_a_long_sale_are_counted_together() {
    let mut shop = shop('x');
    let facts = shop.book(OWN, &[7; 100]);
    assert_eq!(total(&facts).1, 100);
    let facts = shop.book(OWN, &[[7; 500], [8; 500]].concat());
    assert_eq!(total(&facts), (1000 * 12_345_678, 2));
    // 92 kinds stay, and what is left is one line for each tax group.
    let facts = shop.book(OWN, &(1..=130).collect::<Vec<_>>());
    let kept = (1..=130).filter(|id| id % 10 > 0).count();
    assert_eq!((total(&facts).1, kept), (100, 117));
}

/// As many modifiers as one order takes, with names that are short, and as many as fit with long ones.
#[test]
fn orders_with_all_their_modifiers() {
    for (name, count) in [
        ("x".to_owned(), 999),
        (long_name(1, '"'), 120),
        (long_name(1, '\u{1f3ab}'), 68),
    ] {
        let mut file = file();
        let modifier = |id: u32| json!({"id": id, "name": name, "price": "0.00"});
        file["products"][7]["modifiers"] = (1..=count).map(modifier).collect();
        file["tables"][0]["name"] = json!(long_name(2, '"'));
        file["waiters"][0]["name"] = json!(long_name(3, '"'));
        let mut shop = Shop::of(&file);
        let modifiers = (1..=count).map(|id| (ModifierId(id), Quantity::PIECE));
        let facts = shop.order(vec![Dish {
            product: ProductId(super::shop::SOUP),
            count: Quantity::PIECE,
            modifiers: modifiers.collect(),
        }]);
        let [request] = requests(&facts)[..] else {
            panic!("{count}")
        };
        let PrintJob::Ticket(ticket) = &request.job else {
            panic!("{count}")
        };
        assert_eq!(ticket.items.len(), 2 + count as usize);
        // The order was as long as an event may be, more or less.
        let bytes = serde_json::to_vec(&facts[0]).unwrap().len();
        assert!(bytes * 10 > line::MAX_LINE_BYTES * 8, "{bytes}");
    }
}
