//! How a file says what is printed where.

use crate::{festival_with, read_json};
use daybook_catalogue::Catalogue;
use daybook_schema::facts::{CodePage, Printer, ReceiptRule};
use serde_json::json;

fn festival(printers: serde_json::Value) -> Catalogue {
    read_json(&festival_with(&[("/printers", printers)])).unwrap()
}

fn first(printer: &serde_json::Value) -> Printer {
    let mut printers = festival(json!([printer])).printers.unwrap();
    printers.remove(0)
}

#[test]
fn everything_that_a_printer_can_be_told() {
    let printer = first(&json!({
        "id": "FP_Room1",
        "uri": "escpos.tcp://192.168.1.20:9100",
        "receipts": "all",
        "copies": 5,
        "drawer": true,
        "categories": ["kitchen", "bar", "Heiße Küche", "kitchen"],
        "header": ["Corner Bar", "Hafenstr. 1"],
        "columns": 96,
        "code_page": "cp1252",
    }));
    assert_eq!(printer.receipts, Some(ReceiptRule::All));
    assert_eq!((printer.copies, printer.drawer), (5, true));
    // Sorted and each once: whoever writes them otherwise writes no news.
    assert_eq!(printer.categories, ["Heiße Küche", "bar", "kitchen"]);
    assert_eq!(printer.header, ["Corner Bar", "Hafenstr. 1"]);
    assert_eq!(printer.columns, Some(96));
    assert_eq!(printer.code_page, Some(CodePage::Cp1252));
}

#[test]
fn what_a_printer_is_not_told() {
    let printer = first(&json!({"id": "FP_Room1", "uri": "bg.dt.x.isl.com://COM3"}));
    let plain = Printer {
        categories: Vec::new(),
        code_page: None,
        columns: None,
        copies: 0,
        drawer: false,
        header: Vec::new(),
        id: "FP_Room1".to_owned(),
        receipts: None,
        uri: "bg.dt.x.isl.com://COM3".to_owned(),
    };
    assert_eq!(printer, plain);
    // And so it was written before there was any of this.
    let written = serde_json::to_string(&plain).unwrap();
    assert_eq!(
        written,
        r#"{"id":"FP_Room1","uri":"bg.dt.x.isl.com://COM3"}"#
    );
}

#[test]
fn every_rule_and_code_page_has_its_word() {
    for (word, rule) in [("all", ReceiptRule::All), ("needed", ReceiptRule::Needed)] {
        let printer = first(&json!({"id": "FP_Room1", "uri": "a.b://c", "receipts": word}));
        assert_eq!(printer.receipts, Some(rule));
    }
    for (word, page) in [
        ("cp866", CodePage::Cp866),
        ("cp1250", CodePage::Cp1250),
        ("cp1251", CodePage::Cp1251),
        ("cp1252", CodePage::Cp1252),
    ] {
        let printer = first(&json!({"id": "FP_Room1", "uri": "a.b://c", "code_page": word}));
        assert_eq!(printer.code_page, Some(page));
    }
}

/// The same word must fit both, or the ticket would never come.
#[test]
fn a_product_and_a_printer_name_a_category_alike() {
    for category in ["food", "Heiße Küche", "пиво", "x x", &"k".repeat(64)] {
        let text = festival_with(&[
            ("/products/0/category", json!(category)),
            ("/printers/0/categories", json!([category])),
        ]);
        let read = read_json(&text).unwrap();
        let product = &read.products.unwrap()[0];
        let printer = &read.printers.unwrap()[0];
        assert_eq!(product.category.as_deref(), Some(category));
        assert_eq!(printer.categories, [category]);
    }
}

#[test]
fn a_point_of_sale_may_have_a_printer() {
    let text = festival_with(&[("/points_of_sale/1/printer", json!("FP_Room1"))]);
    let places = read_json(&text).unwrap().points_of_sale.unwrap();
    assert_eq!(places[1].printer.as_deref(), Some("FP_Room1"));
    assert_eq!(places[0].printer, None);
}
