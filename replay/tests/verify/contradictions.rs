//! Sales that contradict themselves in a log whose every hash was recomputed: only the sums and the
//! parts of a sale tell.

use crate::cases::{Case, caught, hidden};
use crate::forge::{rewritten, sale_of, totals};
use daybook_replay::Layer::Transaction;
use daybook_schema::facts::PaymentKind;
use daybook_schema::id::{PaymentMethodId, PosId};
use daybook_schema::{At, Currency, Event, Fact, Money, Quantity, TaxRate, line};

/// What is changed, and how.
type Edit = (&'static str, fn(&mut Event));

/// In a sale of one part, in its place.
const FIGURES: [Edit; 14] = [
    ("a gross", |event| {
        sale_of(event).totals.as_mut().unwrap().gross = Money::new(1).unwrap();
    }),
    ("a tax and its rate", |event| {
        let share = &mut sale_of(event).totals.as_mut().unwrap().taxes[0];
        (share.tax, share.net) = (Money::ZERO, share.gross);
        share.rate = TaxRate::default();
    }),
    ("a tax and its net", |event| {
        let share = &mut sale_of(event).totals.as_mut().unwrap().taxes[0];
        (share.tax, share.net) = (share.net, share.tax);
    }),
    ("no taxes", |event| {
        sale_of(event).totals.as_mut().unwrap().taxes.clear();
    }),
    ("a tax twice", |event| {
        let taxes = &mut sale_of(event).totals.as_mut().unwrap().taxes;
        taxes.push(taxes[0]);
    }),
    ("no totals", |event| sale_of(event).totals = None),
    ("a timestamp", |event| {
        sale_of(event).tx[0].timestamp = At::from_micros(0).second();
    }),
    ("pieces", |event| sale_of(event).tx[0].amount_product += 1),
    ("a piece more, for free", |event| {
        let sale = sale_of(event);
        sale.lines[0].quantity = Quantity::pieces(sale.tx[0].amount_product + 1).unwrap();
    }),
    ("a payment", |event| {
        sale_of(event).payment.id = PaymentMethodId(9);
    }),
    ("a deposit of nothing", |event| {
        sale_of(event).lines[0].deposit = true;
    }),
    ("part 0", |event| sale_of(event).part = 0),
    ("part 2 of 1", |event| sale_of(event).part = 2),
    ("part 2 without the first", |event| {
        (sale_of(event).part, sale_of(event).parts) = (2, 2);
    }),
];

/// In the last of two parts.
const PARTS: [Edit; 10] = [
    ("another command", |event| event.cmd.push('x')),
    ("another time", |event| {
        event.at = At::from_micros(event.at.micros() + 1);
    }),
    ("another place", |event| {
        sale_of(event).point_of_sale.name.push('x');
    }),
    ("another payment", |event| {
        sale_of(event).payment.kind = PaymentKind::Card;
    }),
    ("another request", |event| sale_of(event).request = None),
    ("another currency", |event| {
        sale_of(event).currency = Currency::new("USD").unwrap();
    }),
    ("another number of parts", |event| sale_of(event).parts = 3),
    ("the same part", |event| sale_of(event).part = 1),
    ("the last part without totals", |event| {
        sale_of(event).totals = None;
    }),
    ("totals of the last part alone", |event| {
        let sale = sale_of(event);
        sale.totals = Some(totals(sale.lines[0].total, sale));
    }),
];

/// The last two sales made one in two parts, consistently.
fn in_parts(all: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let first = line::read(&all[10]).unwrap();
    let opened = rewritten(all, 10, true, |event| {
        let sale = sale_of(event);
        (sale.parts, sale.totals) = (2, None);
    });
    rewritten(&opened, 11, true, |event| {
        let Fact::SaleRecorded(opening) = &first.fact else {
            panic!("no sale")
        };
        (event.cmd, event.at) = (first.cmd.clone(), first.at);
        let sale = sale_of(event);
        let gross = opening.lines[0].total.plus(sale.lines[0].total).unwrap();
        sale.totals = Some(totals(gross, sale));
        (sale.part, sale.parts, sale.request) = (2, 2, opening.request);
        sale.point_of_sale = opening.point_of_sale.clone();
        sale.tx[0].point_of_sale_id = opening.point_of_sale.id;
        sale.tx[0].timestamp = first.at.second();
    })
}

pub(crate) fn contradictions(all: &[Vec<u8>]) -> Vec<Case> {
    let parts = in_parts(all);
    let half = |event: &mut Event| {
        let sale = sale_of(event);
        (sale.parts, sale.totals) = (2, None);
    };
    let later = |event: &mut Event| {
        event.at = At::parse("2030-01-01T00:00:00Z").unwrap();
    };
    let early = |event: &mut Event| {
        let sale = sale_of(event);
        sale.totals = Some(totals(sale.lines[0].total, sale));
    };
    let moved = |event: &mut Event| sale_of(event).tx[0].point_of_sale_id = PosId(1);
    let mut cases = vec![
        hidden("two sales made one", parts.clone(), 11),
        caught("half a sale", rewritten(all, 5, true, half), 6, Transaction),
        caught(
            "half a sale at the end",
            rewritten(all, 11, true, half),
            11,
            Transaction,
        ),
        caught(
            "a time in years to come",
            rewritten(all, 11, true, later),
            11,
            Transaction,
        ),
        caught(
            "a transaction elsewhere",
            rewritten(all, 11, true, moved),
            11,
            Transaction,
        ),
        caught(
            "totals before the last part",
            rewritten(&parts, 10, true, early),
            10,
            Transaction,
        ),
        caught("the last part lost", parts[..11].to_vec(), 10, Transaction),
    ];
    for (name, edit) in FIGURES {
        // In the middle, and in the last line, which no later one is tied to.
        for seq in [5, 11] {
            let lines = rewritten(all, seq, true, edit);
            cases.push(caught(name, lines, seq as u64, Transaction));
        }
    }
    for (name, edit) in PARTS {
        let lines = rewritten(&parts, 11, true, edit);
        cases.push(caught(name, lines, 11, Transaction));
    }
    cases
}
