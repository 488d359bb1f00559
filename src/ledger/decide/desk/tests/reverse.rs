//! Taking back: what becomes free again, and what it says.

use super::facts::{list, list_entry, preorder, product, quota};
use super::venue::{
    BAR, BOX_OFFICE, CASHIER, OTHER_CASHIER, PLAIN, SUPERUSER, TROUBLESHOOTER_AT_BAR, Venue, cart,
    listed, money, rate, redeem, redeem_with, sell_with,
};
use crate::ledger::command::{Action, Command, CommandId, PayItems};
use crate::ledger::decide::{Decision, Rejection, decide};
use crate::ledger::desk::{Answers, Redeem, Wish};
use daybook_schema::facts::{Deposit, Door, PackItem, Sale, SaleLine, Withdrawn};
use daybook_schema::id::{ItemId, PaymentMethodId, ProductId, SessionId, TxId};
use daybook_schema::{Actor, Fact, Money, Quantity};

fn reverse(venue: &mut Venue, session: u32, id: u64) -> Result<Sale, Rejection> {
    let facts = venue.ask(session, Wish::Reverse(TxId(id)))?;
    match <[Fact; 1]>::try_from(facts) {
        Ok([Fact::SaleReversed(sale)]) => Ok(sale),
        other => panic!("not one reversal: {other:?}"),
    }
}

/// The line that takes this one back.
fn negated(line: &SaleLine) -> SaleLine {
    let mut line = line.clone();
    line.price = money(-line.price.units());
    line.total = money(-line.total.units());
    line.authorized_by = None;
    for item in &mut line.items {
        item.amount = Quantity::new(-item.amount.units()).unwrap();
    }
    line
}

fn assert_cancels(sale: &Sale, reversal: &Sale) {
    assert_eq!(sale.lines.len(), reversal.lines.len());
    for (i, line) in reversal.lines.iter().enumerate() {
        let reversed = line.reverses.unwrap();
        assert_eq!(
            (reversed.id, reversed.hash),
            (sale.tx[i].id, sale.tx[i].hash)
        );
        let mut line = line.clone();
        line.reverses = None;
        assert_eq!(line, negated(&sale.lines[i]));
        let (was, is) = (&sale.tx[i], &reversal.tx[i]);
        assert_eq!(was.product_id, is.product_id);
        assert_eq!(was.amount_product, is.amount_product);
    }
    let (was, is) = (
        sale.totals.as_ref().unwrap(),
        reversal.totals.as_ref().unwrap(),
    );
    assert_eq!(was.gross.units(), -is.gross.units());
    for (was, is) in was.taxes.iter().zip(&is.taxes) {
        assert_eq!(was.rate, is.rate);
        let units = |share: &daybook_schema::facts::TaxShare| {
            [share.gross, share.net, share.tax].map(Money::units)
        };
        assert_eq!(units(was), units(is).map(|units| -units));
    }
    assert_eq!(sale.payment, reversal.payment);
    assert_eq!(reversal.door, Door::CashDesk);
    assert_eq!(reversal.cash_given, None);
}

#[test]
fn what_was_taken_is_free_again() {
    let mut venue = Venue::with([
        Fact::ProductDefined(product(2)),
        quota(8, 1, &[PLAIN]),
        list(21, &[(2, Some((1200, 7)))]),
        list_entry(31, 21, "12345"),
        Fact::PreorderPlaced(preorder(1, &[(1, "abcdefgh", 2)])),
    ]);
    let positions = || {
        let ticket = Redeem {
            answers: listed(21, "12345"),
            ..redeem("abcdefgh")
        };
        vec![
            sell_with(PLAIN, None, Answers::default()).into(),
            ticket.into(),
        ]
    };
    for round in 0..3 {
        let sale = venue.book(positions()).unwrap();
        assert!(venue.refusals(positions()).iter().all(Option::is_some));
        let reversal = reverse(&mut venue, CASHIER, 1 + 4 * round).unwrap();
        assert_cancels(&sale, &reversal);
        assert_eq!(venue.views.constraint.sold(ProductId(PLAIN)), 0);
    }
    let paid = redeem_with("abcdefgh", 1250, Answers::default());
    let sale = venue.book(vec![paid.into()]).unwrap();
    let reversal = reverse(&mut venue, CASHIER, 13).unwrap();
    assert_cancels(&sale, &reversal);
    assert_eq!(reversal.lines[0].total, money(-1250));
    assert_eq!(reversal.lines[0].tax_rate, rate(7));
}

/// Prices, rates, names and packs are those of the sale, whatever the catalogue says by now.
#[test]
fn a_reversal_remembers_what_was_sold() {
    let item = |amount, name: &str| PackItem {
        amount,
        id: Some(ItemId(5)),
        is_receipt: false,
        name: name.to_owned(),
        visible: amount == 1,
    };
    let mut sold = product(PLAIN);
    sold.pack = vec![item(2, "Voucher"), item(1, "Wristband")];
    let mut venue = Venue::with([Fact::ProductDefined(sold.clone())]);
    let auth = || sell_with(PLAIN, Some("superuser"), Answers::default()).into();
    let sales = [(); 3].map(|()| venue.book(vec![auth(), auth()]).unwrap());
    sold.name = "Another name".to_owned();
    sold.price = money(-5);
    sold.tax_rate = rate(7);
    sold.pack = vec![item(3, "Pin")];
    venue.record("change", [Fact::ProductDefined(sold)]);
    let reversal = reverse(&mut venue, CASHIER, 1).unwrap();
    assert_cancels(&sales[0], &reversal);
    let between = venue.book(vec![auth()]).unwrap();
    assert_eq!(between.lines[0].price, money(-5));
    let id = ProductId(PLAIN);
    venue.record("gone", [Fact::ProductWithdrawn(Withdrawn { id })]);
    let reversal = reverse(&mut venue, CASHIER, 3).unwrap();
    assert_cancels(&sales[1], &reversal);
    let id = PaymentMethodId(5);
    venue.record("gone", [Fact::PaymentMethodWithdrawn(Withdrawn { id })]);
    let reversal = reverse(&mut venue, CASHIER, 5).unwrap();
    assert_cancels(&sales[2], &reversal);
    assert_cancels(&between, &reverse(&mut venue, CASHIER, 9).unwrap());
}

#[test]
fn others_sales_are_for_troubleshooters() {
    for (session, allowed) in [
        (CASHIER, true),
        (OTHER_CASHIER, false),
        (TROUBLESHOOTER_AT_BAR, true),
        (SUPERUSER, true),
    ] {
        let mut venue = Venue::new();
        let wanted = sell_with(PLAIN, None, Answers::default());
        let sale = venue.book(vec![wanted.into()]).unwrap();
        let reversal = reverse(&mut venue, session, 1);
        match reversal {
            Ok(reversal) => {
                assert!(allowed);
                assert_cancels(&sale, &reversal);
                assert_eq!(reversal.session, Some(SessionId(session)));
                let at_bar = session == TROUBLESHOOTER_AT_BAR;
                let place = if at_bar { BAR } else { BOX_OFFICE };
                assert_eq!(reversal.point_of_sale.id, place);
            }
            Err(refusal) => {
                assert!(!allowed);
                assert_eq!(refusal, Rejection::ForeignSale);
            }
        }
    }
}

#[test]
fn a_sale_is_known_by_its_first_position_only() {
    let mut venue = Venue::new();
    let wanted = || sell_with(PLAIN, None, Answers::default()).into();
    venue.ask(CASHIER, cart(vec![wanted(), wanted()])).unwrap();
    assert_eq!(reverse(&mut venue, CASHIER, 2), Err(Rejection::UnknownSale));
    reverse(&mut venue, CASHIER, 1).unwrap();
    assert_eq!(
        reverse(&mut venue, CASHIER, 1),
        Err(Rejection::AlreadyReversed)
    );
    assert_eq!(reverse(&mut venue, CASHIER, 3), Err(Rejection::IsReversal));
    assert_eq!(reverse(&mut venue, CASHIER, 4), Err(Rejection::UnknownSale));
}

/// A till's sale of several pieces with deposits, at another place than the desk.
#[test]
fn a_tills_sale_is_taken_back_with_its_deposit() {
    let mut drink = product(2);
    drink.deposit = true;
    drink.price = money(333);
    drink.points_of_sale = vec![BOX_OFFICE];
    let (price, carrier) = (money(25), ProductId(PLAIN));
    let mut venue = Venue::with([
        Fact::ProductDefined(drink),
        Fact::DepositSet(Deposit {
            price,
            product: carrier,
        }),
    ]);
    let pay = PayItems {
        point_of_sale: BOX_OFFICE,
        password: None,
        payment_method: PaymentMethodId(1),
        lines: vec![(ProductId(2), 7), (ProductId(2), 1)],
    };
    let command = Command {
        by: Actor::Operator,
        id: CommandId {
            cmd: "till".to_owned(),
            request: None,
        },
        action: Action::PayItems(pay),
    };
    let Ok(Decision::Record(facts)) = decide(&venue.views, &command, venue.at) else {
        panic!("not sold")
    };
    venue.record("till", facts.clone());
    let [Fact::SaleRecorded(sale)] = &facts[..] else {
        panic!("{facts:?}")
    };
    assert_eq!(reverse(&mut venue, CASHIER, 1), Err(Rejection::ForeignSale));
    let reversal = reverse(&mut venue, TROUBLESHOOTER_AT_BAR, 1).unwrap();
    assert_cancels(sale, &reversal);
    let deposits: Vec<_> = reversal.lines.iter().map(|line| line.deposit).collect();
    assert_eq!(deposits, [false, true, false, true]);
    assert_eq!(reversal.point_of_sale.id, BAR);
    for id in [1, 2] {
        assert_eq!(venue.views.constraint.sold(ProductId(id)), 0);
    }
}
