//! Carts as large as they come: split into parts that all fit.

use super::facts::{preorder, product};
use super::venue::{BOX_OFFICE, CASHIER, Venue, cart, money, redeem, sell};
use crate::ledger::desk::{Wanted, Wish};
use daybook_schema::facts::{PackItem, PointOfSale, Preorder, Product, Sale};
use daybook_schema::id::{ItemId, PreorderPositionId, TxId};
use daybook_schema::money::MAX_UNITS;
use daybook_schema::{Fact, Money};

/// The longest name: 200 characters of 4 bytes, or of 1 byte that doubles.
fn long_name(c: char, more: &str) -> String {
    let rest = std::iter::repeat_n(c, 200 - more.len());
    more.chars().chain(rest).collect()
}

/// A product whose pack is as large as an import takes it.
fn heavy(id: u32, c: char, items: usize) -> Product {
    let item = PackItem {
        amount: 10_000,
        id: Some(ItemId(u32::MAX)),
        is_receipt: false,
        name: long_name(c, ""),
        visible: false,
    };
    let mut product = product(id);
    product.name = long_name(c, "");
    product.price = money(9_999_999_999);
    product.pack = vec![item; items];
    product
}

fn tickets(count: u32, c: char, product: u32) -> Vec<Preorder> {
    let place = |id: u32| {
        let secret = long_name(c, &format!("{id}"));
        let mut preorder = preorder(id, &[(id, &secret, product)]);
        preorder.positions[0].id = PreorderPositionId(u32::MAX - id);
        preorder
    };
    (1..=count).map(place).collect()
}

/// Books, takes back, and returns the parts of both. That every line fits is seen when the venue
/// seals it.
fn both(venue: &mut Venue, positions: Vec<Wanted>) -> [Vec<Sale>; 2] {
    let count = positions.len();
    let sold = venue.ask(CASHIER, cart(positions)).unwrap();
    let reversed = venue.ask(CASHIER, Wish::Reverse(TxId(1))).unwrap();
    [sold, reversed].map(|facts| {
        let parts = facts.into_iter().map(|fact| match fact {
            Fact::SaleRecorded(sale) | Fact::SaleReversed(sale) => sale,
            other => panic!("{other:?}"),
        });
        let parts: Vec<Sale> = parts.collect();
        assert_eq!(
            parts.iter().map(|part| part.lines.len()).sum::<usize>(),
            count
        );
        for (i, part) in parts.iter().enumerate() {
            assert_eq!(part.parts as usize, parts.len());
            assert_eq!(part.part as usize, i + 1);
            assert_eq!(part.totals.is_some(), i + 1 == parts.len());
        }
        parts
    })
}

#[test]
fn a_thousand_positions_fit() {
    for c in ['a', '"', '\u{1f3ab}'] {
        let mut venue = Venue::with([
            Fact::ProductDefined(heavy(2, c, 1)),
            Fact::PointOfSaleDefined(PointOfSale {
                admin: false,
                enabled: true,
                id: BOX_OFFICE,
                name: long_name(c, ""),
                password_hash: None,
                printer: None,
                special: false,
            }),
        ]);
        let tickets = tickets(500, c, 2);
        venue.record("tickets", tickets.iter().cloned().map(Fact::PreorderPlaced));
        let redeemed = tickets.iter().map(|ticket| &ticket.positions[0].secret);
        let redeemed = redeemed.map(|secret| redeem(secret).into());
        let sold = (0..500).map(|_| sell(2).into());
        let parts = both(&mut venue, redeemed.chain(sold).collect());
        assert!(parts.iter().all(|parts| parts.len() > 10), "{c}");
        let sale = venue.views.transaction.sale(TxId(1)).unwrap();
        assert_eq!(sale.records().count(), 1000);
        let ids: Vec<_> = sale.records().map(|record| record.id().0).collect();
        assert_eq!(ids, (1..=1000).collect::<Vec<_>>());
        assert!(sale.records().all(|record| record.reversed_by().is_some()));
    }
}

/// A pack may be so large that each position needs a part of its own.
#[test]
fn the_largest_pack_fits() {
    for (c, items) in [('a', 210), ('"', 125), ('\u{1f3ab}', 67)] {
        let heavy = Fact::ProductDefined(heavy(2, c, items));
        let mut venue = Venue::with([heavy]);
        let tickets = tickets(3, c, 2);
        venue.record("tickets", tickets.iter().cloned().map(Fact::PreorderPlaced));
        let redeemed = tickets.iter().map(|ticket| &ticket.positions[0].secret);
        let redeemed = redeemed.map(|secret| redeem(secret).into());
        let positions: Vec<Wanted> = redeemed.chain([sell(2).into()]).collect();
        let [sold, reversed] = both(&mut venue, positions);
        assert_eq!((sold.len(), reversed.len()), (4, 4));
    }
}

#[test]
fn what_no_total_can_hold_is_refused() {
    let mut dear = product(2);
    dear.price = Money::new(MAX_UNITS).unwrap();
    let mut venue = Venue::with([Fact::ProductDefined(dear)]);
    let refused = venue.ask(CASHIER, cart(vec![sell(2).into(), sell(2).into()]));
    assert!(refused.is_err());
    assert_eq!(venue.views.transaction.last_id(), TxId(0));
}
