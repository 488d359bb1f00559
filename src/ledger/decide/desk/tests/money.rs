//! The purse: what is paid instead of what is asked for.

use super::facts::{list, list_entry, preorder, product, warning};
use super::venue::{PLAIN, Venue, acknowledged, listed, money, rate, redeem, redeem_with, sell};
use crate::ledger::desk::{Answers, PositionRefusal as No, Redeem};
use daybook_schema::facts::{SaleLine, SaleTotals, TaxShare};
use daybook_schema::id::{ConstraintId, ListEntryId};
use daybook_schema::{Fact, Money, TaxRate};

/// What stands against a ticket for the plain product, with the price and the rate in percent that
/// buy it free. The ticket itself is at the product's 19 %.
#[derive(Clone, Copy, Default)]
struct Against {
    unpaid: Option<i64>,
    first: Option<(i64, u32)>,
    second: Option<(i64, u32)>,
    list: Option<(i64, u32)>,
}

impl Against {
    fn venue(self) -> Venue {
        let mut ticket = preorder(1, &[(1, "abcdefgh", PLAIN)]);
        ticket.is_paid = self.unpaid.is_none();
        ticket.positions[0].price = self.unpaid.map(money);
        let mut venue = Venue::with([Fact::PreorderPlaced(ticket)]);
        let warnings = [(11, self.first), (12, self.second)];
        for (id, price) in warnings.into_iter().filter(|(_, price)| price.is_some()) {
            venue.record("warning", [warning(id, &[(PLAIN, price)])]);
        }
        if self.list.is_some() {
            let facts = [list(21, &[(PLAIN, self.list)]), list_entry(31, 21, "12345")];
            venue.record("list", facts);
        }
        venue
    }

    /// What happens to a ticket with this purse.
    fn pays(self, purse: i64, answers: Answers) -> Result<SaleLine, No> {
        self.asked(redeem_with("abcdefgh", purse, answers))
    }

    fn asked(self, asked: Redeem) -> Result<SaleLine, No> {
        let mut venue = self.venue();
        match venue.refusal(asked.clone()) {
            Some(refusal) => Err(refusal),
            None => Ok(self
                .venue()
                .book(vec![asked.into()])
                .unwrap()
                .lines
                .remove(0)),
        }
    }
}

fn value(line: &SaleLine) -> (i64, TaxRate) {
    (line.total.units(), line.tax_rate)
}

const ALL: Against = Against {
    unpaid: Some(2300),
    first: Some((500, 19)),
    second: Some((300, 19)),
    list: Some((1200, 19)),
};

/// Unpaid, warnings by id, list: each takes its own price and is refused with its own price alone.
#[test]
fn the_purse_is_spent_in_the_order_of_the_checks() {
    let warned = |id, price| No::Warning {
        id: ConstraintId(id),
        message: format!("Warning {id}"),
        price: Some(money(price)),
    };
    for (purse, refusal) in [
        (0, No::Unpaid(Some(money(2300)))),
        (2299, No::Unpaid(Some(money(2300)))),
        (2300, warned(11, 500)),
        (2799, warned(11, 500)),
        (2800, warned(12, 300)),
        (3099, warned(12, 300)),
    ] {
        assert_eq!(ALL.pays(purse, Answers::default()), Err(refusal), "{purse}");
    }
    for purse in [3100, 4299] {
        let refusal = ALL.pays(purse, Answers::default());
        let quoted = Some(money(1200));
        assert!(matches!(refusal, Err(No::List { price, .. }) if price == quoted));
    }
    let line = ALL.pays(4300, Answers::default()).unwrap();
    assert_eq!(value(&line), (4300, rate(19)));
}

/// Each message quotes its own price alone, so the next try brings the sum.
#[test]
fn for_two_the_sum_is_paid() {
    let two = Against {
        unpaid: None,
        second: None,
        ..ALL
    };
    let quoted = |purse| match two.pays(purse, Answers::default()) {
        Err(No::Warning { price, .. } | No::List { price, .. }) => price.map(Money::units),
        other => panic!("{other:?}"),
    };
    assert_eq!([0, 499].map(quoted), [Some(500); 2]);
    assert_eq!([500, 1200, 1699].map(quoted), [Some(1200); 3]);
    let line = two.pays(1700, Answers::default()).unwrap();
    assert_eq!(value(&line), (1700, rate(19)));
}

#[test]
fn overpayment_is_booked_whole() {
    let line = ALL.pays(9_999_999_999, Answers::default()).unwrap();
    assert_eq!(value(&line), (9_999_999_999, rate(19)));
}

#[test]
fn an_unpaid_ticket_is_paid_at_the_products_rate() {
    let unpaid = Against {
        unpaid: Some(2300),
        ..Against::default()
    };
    let mut venue = unpaid.venue();
    let wanted = redeem_with("abcdefgh", 2300, Answers::default());
    let sale = venue.book(vec![wanted.into()]).unwrap();
    assert_eq!(value(&sale.lines[0]), (2300, rate(19)));
    assert!(!sale.lines[0].ticket.as_ref().unwrap().is_paid);
    let (gross, net, tax) = (money(2300), money(1933), money(367));
    let share = TaxShare {
        gross,
        net,
        rate: rate(19),
        tax,
    };
    let taxes = vec![share];
    assert_eq!(sale.totals, Some(SaleTotals { gross, taxes }));
}

#[test]
fn a_purse_with_nothing_to_pay_for_is_ignored() {
    let nothing = Against::default();
    let line = nothing.pays(5000, Answers::default()).unwrap();
    assert_eq!(value(&line), (0, TaxRate::default()));
    let acknowledged_only = Against {
        first: ALL.first,
        ..nothing
    };
    let line = acknowledged_only.pays(5000, acknowledged(&[11])).unwrap();
    assert_eq!(value(&line), (0, TaxRate::default()), "the word goes first");
}

/// What was acknowledged costs nothing, so the same purse reaches further.
#[test]
fn an_acknowledgement_goes_before_money() {
    let two = Against {
        unpaid: None,
        second: None,
        ..ALL
    };
    assert!(two.pays(1200, Answers::default()).is_err());
    let line = two.pays(1200, acknowledged(&[11])).unwrap();
    assert_eq!(value(&line), (1200, rate(19)));
}

/// A list value that comes with enough money is not read: not even a wrong one is refused.
#[test]
fn money_goes_before_a_list_value() {
    let listed_only = Against {
        list: ALL.list,
        ..Against::default()
    };
    for text in ["12345", "nobody", "troubleshooter"] {
        let line = listed_only.pays(1200, listed(21, text)).unwrap();
        assert_eq!(value(&line), (1200, rate(19)), "{text}");
        assert_eq!((line.list_entry, line.authorized_by), (None, None));
        let short = listed_only.pays(1199, listed(21, text));
        assert_eq!(short.is_ok(), text != "nobody");
    }
    let line = listed_only.pays(1199, listed(21, "12345")).unwrap();
    assert_eq!(line.list_entry, Some(ListEntryId(31)));
    assert_eq!(value(&line), (0, TaxRate::default()), "nothing was bought");
}

/// A price of 0 is no free pass: somebody must have meant to pay.
#[test]
fn a_price_of_0_needs_a_purse() {
    let free = Against {
        unpaid: Some(0),
        first: Some((0, 19)),
        second: None,
        list: Some((0, 19)),
    };
    assert_eq!(
        free.asked(redeem("abcdefgh")),
        Err(No::Unpaid(Some(Money::ZERO)))
    );
    let line = free.pays(0, Answers::default()).unwrap();
    assert_eq!(value(&line), (0, rate(19)));
    let warned = Against {
        unpaid: None,
        list: None,
        ..free
    };
    let refusal = warned.asked(redeem("abcdefgh"));
    let quoted = Some(Money::ZERO);
    assert!(matches!(refusal, Err(No::Warning { price, .. }) if price == quoted));
}

#[test]
fn the_rate_is_that_of_what_was_paid_for() {
    let seven = Against {
        first: Some((500, 7)),
        ..Against::default()
    };
    let line = seven.pays(500, Answers::default()).unwrap();
    assert_eq!(value(&line), (500, rate(7)));
    let two = Against {
        second: Some((300, 19)),
        ..seven
    };
    let line = two.pays(300, acknowledged(&[11])).unwrap();
    assert_eq!(
        value(&line),
        (300, rate(19)),
        "11 was acknowledged, not paid"
    );
}

/// Wherever a second rate is paid for: at a warning, or at the list.
#[test]
fn two_rates_are_refused_at_either_step() {
    let (seven, nineteen) = (Some((500, 7)), Some((500, 19)));
    let [unpaid, none] = [Some(500), None];
    for (unpaid, first, second, list) in [
        (unpaid, seven, None, None),
        (unpaid, nineteen, seven, None),
        (unpaid, None, None, seven),
        (none, seven, nineteen, None),
        (none, seven, None, nineteen),
    ] {
        let two = Against {
            unpaid,
            first,
            second,
            list,
        };
        let refusal = two.pays(5000, listed(21, "12345"));
        assert_eq!(refusal, Err(No::MixedTaxRates));
    }
    let warnings = Against {
        first: seven,
        second: nineteen,
        ..Against::default()
    };
    assert!(warnings.pays(999, Answers::default()).is_err());
    let short = warnings.pays(999, Answers::default());
    assert!(
        matches!(short, Err(No::Warning { .. })),
        "12 was not paid for"
    );
}

/// Money buys nothing free when a product is sold.
#[test]
fn nothing_is_bought_free_when_selling() {
    let mut venue = Venue::with([
        Fact::ProductDefined(product(2)),
        warning(11, &[(2, Some((0, 19)))]),
    ]);
    let refusal = venue.refusal(sell(2));
    assert!(matches!(refusal, Some(No::Warning { .. })));
}
