//! What somebody who may write to the store could do to a log.

use daybook_schema::facts::{Sale, SaleTotals, TaxShare};
use daybook_schema::{Event, Fact, Money, TxHash, line};
use std::collections::BTreeMap;

/// One text for another of the same length, once.
pub(crate) fn replaced(line: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(line).unwrap();
    assert!(text.contains(from), "{from} stands in {text}");
    text.replacen(from, to, 1).into_bytes()
}

/// Edits the event at `seq` and recomputes every link after it; on demand the public hashes too.
pub(crate) fn rewritten(
    lines: &[Vec<u8>],
    seq: usize,
    with_hashes: bool,
    edit: impl Fn(&mut Event),
) -> Vec<Vec<u8>> {
    let mut prev = line::read(&lines[0]).unwrap().prev;
    let mut chains = BTreeMap::new();
    let mut forged = Vec::new();
    for (place, bytes) in lines.iter().enumerate() {
        let mut event = line::read(bytes).unwrap();
        if place == seq {
            edit(&mut event);
        }
        event.prev = prev;
        event.seq = place as u64;
        if with_hashes && let Fact::SaleRecorded(sale) = &mut event.fact {
            for tx in &mut sale.tx {
                let head = chains.entry(tx.point_of_sale_id).or_insert(TxHash::ZERO);
                tx.hash = tx.hash_after(&event.log, head);
                *head = tx.hash;
            }
        }
        let sealed = line::seal(&event).unwrap();
        prev = sealed.leaf;
        forged.push(sealed.bytes);
    }
    forged
}

pub(crate) fn sale_of(event: &mut Event) -> &mut Sale {
    match &mut event.fact {
        Fact::SaleRecorded(sale) => sale,
        other => panic!("{other:?} is no sale"),
    }
}

/// Makes a sale cost a cent, consistently.
pub(crate) fn cheaper(event: &mut Event) {
    let sale = sale_of(event);
    let cent = Money::new(1).unwrap();
    sale.lines[0].price = cent;
    sale.lines[0].total = cent.times(sale.lines[0].quantity).unwrap();
    sale.tx[0].amount_money = sale.currency.decimal(sale.lines[0].total);
    sale.totals = Some(totals(sale.lines[0].total, sale));
}

/// Totals of a sale at the rate of its first line.
pub(crate) fn totals(gross: Money, sale: &Sale) -> SaleTotals {
    let rate = sale.lines[0].tax_rate;
    let tax = gross.tax_contained(rate);
    let net = Money::new(gross.units() - tax.units()).unwrap();
    let share = TaxShare {
        gross,
        net,
        rate,
        tax,
    };
    SaleTotals {
        gross,
        taxes: vec![share],
    }
}

/// The public hash that the receipt of the sale at `seq` shows.
pub(crate) fn receipt(lines: &[Vec<u8>], seq: usize) -> TxHash {
    match line::read(&lines[seq]).unwrap().fact {
        Fact::SaleRecorded(sale) => sale.tx[0].hash,
        other => panic!("{other:?} is no sale"),
    }
}
