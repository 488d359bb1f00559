//! What a receipt comes to, and how it is paid.

use super::*;
use proptest::prelude::*;

#[test]
fn payments_must_come_to_the_total() {
    use PaymentKind::{Bank, Card, Cash};
    let of = |payments: &[Payment]| {
        let items = vec![Item::Sale(sale(1800))];
        let payments = payments.to_vec();
        check(&Receipt {
            payments,
            ..receipt(items)
        })
    };
    let tenders = |payments: &[Payment]| {
        let checked = of(payments).unwrap();
        checked
            .tenders
            .iter()
            .map(|tender| (tender.kind, tender.amount.units()))
            .collect::<Vec<_>>()
    };
    assert_eq!(tenders(&[]), []);
    assert_eq!(tenders(&[paid(Cash, None)]), [(Cash, 1800)]);
    assert_eq!(
        tenders(&[paid(Card, 1000), paid(Cash, None)]),
        [(Card, 1000), (Cash, 800)]
    );
    assert_eq!(tenders(&[paid(Cash, 2000), change(-200)]), [(Cash, 2000)]);
    assert_eq!(
        tenders(&[paid(Cash, 2000), Payment::Change { amount: None }]),
        [(Cash, 2000)]
    );
    assert_eq!(tenders(&[paid(Cash, 1800), paid(Card, 0)]), [(Cash, 1800)]);
    let text =
        "E403 Payment total amount (20.00) should be the same as the items total amount (18.00)";
    for payments in [
        &[paid(Cash, 2000)][..],
        &[paid(Cash, 2000), paid(Card, None)],
        &[paid(Card, None), change(-1), paid(Cash, 2001)],
    ] {
        assert_eq!(of(payments).unwrap_err(), [text]);
    }
    let first = "Error occured at Payment 1";
    for (payment, text) in [
        (
            paid(Cash, -1),
            "E403 Payment 1: \"amount\" should be positive number or zero",
        ),
        (
            change(0),
            "E403 Change 1: \"amount\" should be negative number",
        ),
        (paid(Bank, 1800), "E406 Payment type bank unsupported"),
    ] {
        assert_eq!(of(&[payment]).unwrap_err(), [text, first]);
    }
    let twice = of(&[paid(Cash, None), paid(Card, None)]).unwrap_err();
    let text = "E403 Payment 2: \"amount\" may be omitted only once";
    assert_eq!(twice, [text, "Error occured at Payment 2"]);
}

#[test]
fn the_documented_example_comes_to_thirty() {
    assert_eq!(
        line_amount(1200, 1000, None) + line_amount(1000, 2000, Some(Modifier::Percent(-1000))),
        3000
    );
    assert_eq!(line_amount(15, 100, None), 2);
    assert_eq!(line_amount(125, 1000, Some(Modifier::Percent(1000))), 138);
    assert_eq!(line_amount(125, 1000, Some(Modifier::Amount(-30))), 95);
    assert_eq!(
        (two_digits(-5), two_digits(120)),
        ("-0.05".to_owned(), "1.20".to_owned())
    );
    assert_eq!(
        (shortest(2000), shortest(1500)),
        ("2".to_owned(), "1.5".to_owned())
    );
}

proptest! {
    #[test]
    fn a_total_is_the_sum_of_its_lines(prices in prop::collection::vec((0i64..100_000, 1i64..10_000, -10_000i64..20_000), 1..20)) {
        let sales = prices.iter().map(|(price, quantity, percent)| Item::Sale(Sale {
            quantity: Quantity::new(*quantity).unwrap(),
            modifier: match percent.signum() {
                0 => ModifierKind::None,
                1 => ModifierKind::Percent(Direction::Surcharge),
                _ => ModifierKind::Percent(Direction::Discount),
            },
            modifier_value: percent.abs(),
            ..sale(*price)
        }));
        let checked = check(&receipt(sales.collect())).unwrap();
        let lines = checked.lines.iter().map(|line| match line {
            Line::Sale(line) => line.amount.units(),
            _ => 0,
        });
        prop_assert_eq!(lines.sum::<i64>(), checked.total.units());
    }
}
