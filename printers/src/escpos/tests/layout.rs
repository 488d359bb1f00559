//! What stands on the paper.

use crate::device::{PaymentKind, Settings};
use crate::escpos::capabilities;
use crate::escpos::document::Paper;
use crate::escpos::layout::{Layout, Stamp, receipt, reversal, transfer};
use crate::escpos::preview::preview;
use crate::receipt::{
    Checked, Direction, Item, ModifierKind, Operator, Payment, Reason, Receipt, Reversal, Sale,
};
use crate::text::CodePage;
use daybook_schema::{Money, Quantity};
use jiff::civil::date;

fn money(units: i64) -> Money {
    Money::new(units).unwrap()
}

fn sample() -> Receipt {
    let sale = |text: &str, price, quantity| Sale {
        text: text.to_owned(),
        quantity: Quantity::new(quantity).unwrap(),
        unit_price: money(price),
        ..Sale::default()
    };
    Receipt {
        items: vec![
            Item::Sale(sale("Сирене", 1200, 1000)),
            Item::Comment("с лук".to_owned()),
            Item::Sale(Sale {
                modifier: ModifierKind::Percent(Direction::Discount),
                modifier_value: 1000,
                ..sale("Мляко", 1000, 2000)
            }),
            Item::Subtotal {
                direction: Direction::Surcharge,
                amount: money(50),
            },
            Item::Footer("Благодарим!".to_owned()),
        ],
        payments: vec![
            Payment::Paid {
                kind: PaymentKind::Cash,
                amount: Some(money(5000)),
            },
            Payment::Change {
                amount: Some(money(-1950)),
            },
        ],
        operator: Operator::default(),
        unique_sale_number: String::new(),
    }
}

fn narrow() -> Layout {
    Layout {
        paper: Paper::epson(32, CodePage::Cp866),
        header: vec!["Кафе".to_owned()],
        drawer: true,
        ..Layout::default()
    }
}

fn checked(layout: &Layout) -> Checked {
    let device = capabilities(layout.paper);
    sample().check(&device, &Settings::default()).unwrap()
}

fn stamp() -> Stamp {
    Stamp {
        number: "0000017".to_owned(),
        time: date(2026, 2, 3).at(4, 5, 6, 0),
        code: Some("https://example.org/17".to_owned()),
        copy: None,
    }
}

#[test]
fn a_receipt_says_everything_and_that_it_is_not_fiscal() {
    let layout = narrow();
    let bytes = receipt(&checked(&layout), &stamp(), &layout);
    let expected = "\
[drawer]
              Кафе
--------------------------------
Сирене                     12.00
с лук
Мляко
  2 x 10.00                20.00
  Discount 10.00%          -2.00
  Surcharge                 0.50
--------------------------------
TOTAL                      30.50
cash                       50.00
Change                     19.50
          Благодарим!
0000017         03.02.2026 04:05
      NOT A FISCAL RECEIPT
[QR https://example.org/17]



[cut]
";
    assert_eq!(preview(&bytes, layout.paper), expected);
    let again = Stamp {
        copy: Some(2),
        ..stamp()
    };
    let copied = preview(&receipt(&checked(&layout), &again, &layout), layout.paper);
    let shut = expected.strip_prefix("[drawer]\n").unwrap();
    assert_eq!(copied, format!("          COPY 2\n{shut}"));
}

#[test]
fn a_kitchen_ticket_has_no_prices() {
    let layout = Layout {
        kitchen: true,
        ..narrow()
    };
    let bytes = receipt(&checked(&layout), &stamp(), &layout);
    let text = preview(&bytes, layout.paper);
    assert!(
        text.contains("2 x Мляко") && text.contains("с лук"),
        "{text}"
    );
    assert!(
        !text.contains(".00") && !text.contains("[drawer]"),
        "{text}"
    );
}

#[test]
fn reversals_and_slips_say_what_they_are() {
    let layout = narrow();
    let taken_back = Reversal {
        receipt: sample(),
        number: "0000016".to_owned(),
        time: date(2026, 2, 3).at(4, 0, 0, 0),
        fiscal_memory: "0".to_owned(),
        reason: Reason::Refund,
    };
    let device = capabilities(layout.paper);
    let (taken_back, _) = taken_back.check(&device, &Settings::default()).unwrap();
    let text = preview(&reversal(&taken_back, &stamp(), &layout), layout.paper);
    assert!(
        text.contains("REVERSAL\n") && text.contains("of receipt 0000016"),
        "{text}"
    );
    let text = preview(&transfer(money(-5000), &stamp(), &layout), layout.paper);
    assert!(
        text.contains("WITHDRAWAL") && text.contains("50.00"),
        "{text}"
    );
    let again = Stamp {
        copy: Some(1),
        ..stamp()
    };
    let text = preview(&transfer(money(-5000), &again, &layout), layout.paper);
    assert!(
        text.contains("COPY 1\n") && !text.contains("[drawer]"),
        "{text}"
    );
}
