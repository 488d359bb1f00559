//! What holds for any carts and reversals, in any order.

use super::facts::{list, list_entry, preorder, product, quota, warning};
use super::venue::{
    CASHIER, OTHER_CASHIER, SUPERUSER, Venue, acknowledged, cart, listed, money, redeem, sell_with,
};
use crate::ledger::decide::Rejection;
use crate::ledger::desk::{Answers, Redeem, Wanted, Wish};
use daybook_schema::facts::Sale;
use daybook_schema::id::{ListEntryId, PreorderPositionId, ProductId, TxId};
use daybook_schema::{Fact, Money};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Six tickets; products 1 to 4, of which 3 has a quota, 4 a list, and 2 a warning.
fn small_venue() -> Venue {
    let mut unpaid = preorder(2, &[(4, "d", 1), (5, "e", 2), (6, "f", 4)]);
    unpaid.is_paid = false;
    for position in &mut unpaid.positions {
        position.price = Some(money(1000));
    }
    let mut facts: Vec<_> = (2..=4)
        .map(|id| Fact::ProductDefined(product(id)))
        .collect();
    facts.extend([
        Fact::PreorderPlaced(preorder(1, &[(1, "a", 1), (2, "b", 2), (3, "c", 4)])),
        Fact::PreorderPlaced(unpaid),
        quota(8, 3, &[3]),
        warning(11, &[(2, Some((500, 7)))]),
        list(21, &[(4, Some((300, 19)))]),
        list_entry(31, 21, "one"),
        list_entry(32, 21, "two"),
    ]);
    Venue::with(facts)
}

fn answers() -> impl Strategy<Value = Answers> {
    let value = prop::option::of(prop::sample::select(vec![
        "one",
        "two",
        "nobody",
        "superuser",
    ]));
    (any::<bool>(), value).prop_map(|(word, value)| {
        let lists = value
            .map(|value| listed(21, value))
            .unwrap_or_default()
            .lists;
        let acknowledged = acknowledged(if word { &[11] } else { &[] }).acknowledged;
        Answers {
            acknowledged,
            lists,
        }
    })
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let secret = prop::sample::select(vec!["a", "b", "c", "d", "e", "f", "nobody"]);
    let purse = prop::option::of(0i64..2000);
    let ticket = (secret, purse, answers()).prop_map(|(secret, purse, answers)| Redeem {
        answers,
        bypass_price: purse.map(money),
        ..redeem(secret)
    });
    let auth = prop::option::weighted(0.3, prop::sample::select(vec!["superuser", "cashier"]));
    let sale = (1u32..=5, auth, answers())
        .prop_map(|(product, auth, answers)| sell_with(product, auth, answers));
    prop_oneof![ticket.prop_map(Wanted::from), sale.prop_map(Wanted::from)]
}

fn step() -> impl Strategy<Value = (u32, Wish)> {
    let session = prop::sample::select(vec![CASHIER, OTHER_CASHIER, SUPERUSER]);
    let wish = prop_oneof![
        3 => prop::collection::vec(wanted(), 1..4).prop_map(cart),
        1 => (1u64..20).prop_map(|id| Wish::Reverse(TxId(id))),
    ];
    (session, wish)
}

/// What everything that was recorded comes to, counted without any view.
#[derive(Default)]
struct Books {
    redeemed: BTreeMap<u32, i32>,
    entries: BTreeMap<u32, i32>,
    scarce: i64,
    gross: i64,
}

impl Books {
    fn count(&mut self, sale: &Sale, sign: i32) {
        for (line, tx) in sale.lines.iter().zip(&sale.tx) {
            if let Some(ticket) = &line.ticket {
                *self.redeemed.entry(ticket.position.0).or_default() += sign;
            } else if tx.product_id == ProductId(3) {
                self.scarce += i64::from(sign);
            }
            if let Some(entry) = line.list_entry {
                *self.entries.entry(entry.0).or_default() += sign;
            }
        }
        let sum: i64 = sale.lines.iter().map(|line| line.total.units()).sum();
        let totals = sale.totals.as_ref().map(|totals| totals.gross.units());
        assert_eq!(totals, Some(sum));
        self.gross += sum;
    }

    /// Nothing is used twice, and the views know what is used.
    fn check(&self, venue: &Venue) {
        for (id, count) in &self.redeemed {
            let id = PreorderPositionId(*id);
            let redeemed = venue.views.preorder.ticket(id).unwrap().redeemed;
            assert_eq!(i32::from(redeemed.is_some()), *count);
        }
        for (id, count) in &self.entries {
            let used = venue.views.constraint.is_used(ListEntryId(*id));
            assert_eq!(i32::from(used), *count);
        }
        assert_eq!(venue.views.constraint.sold(ProductId(3)), self.scarce);
    }
}

/// Whether scarce pieces are among those sold, and none of them by authority.
fn sells_scarce_unauthorized(sale: &Sale) -> bool {
    let both = sale.lines.iter().zip(&sale.tx);
    let scarce = both.filter(|(_, tx)| tx.product_id == ProductId(3));
    let by: Vec<_> = scarce.map(|(line, _)| line.authorized_by).collect();
    !by.is_empty() && by.iter().all(Option::is_none)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The venue verifies every chain and total while it folds.
    #[test]
    fn whatever_is_asked_the_books_are_right(steps in prop::collection::vec(step(), 1..30)) {
        let mut venue = small_venue();
        let mut books = Books::default();
        for (session, wish) in steps {
            let size = venue.views.head.size;
            let positions = match &wish {
                Wish::Book(cart) => cart.positions.len(),
                _ => 0,
            };
            match venue.ask(session, wish) {
                Ok(facts) => for fact in facts {
                    match fact {
                        Fact::SaleRecorded(sale) => {
                            prop_assert_eq!(sale.lines.len(), positions);
                            books.count(&sale, 1);
                            prop_assert!(
                                books.scarce <= 3 || !sells_scarce_unauthorized(&sale),
                                "only authority goes beyond a quota"
                            );
                        }
                        Fact::SaleReversed(sale) => books.count(&sale, -1),
                        other => prop_assert!(false, "{:?}", other),
                    }
                },
                Err(Rejection::Positions(refusals)) => {
                    prop_assert_eq!(refusals.len(), positions);
                    prop_assert!(refusals.iter().any(Option::is_some));
                    prop_assert_eq!(venue.views.head.size, size);
                }
                Err(_) => prop_assert_eq!(venue.views.head.size, size),
            }
            books.check(&venue);
        }
        let sales = venue.views.transaction.sales(super::venue::BOX_OFFICE).skip(0);
        let units = sales.flat_map(|sale| sale.records().map(|r| r.amount()).collect::<Vec<_>>());
        prop_assert_eq!(units.map(Money::units).sum::<i64>(), books.gross);
    }
}
