//! From priced lines to facts: totals, tax, numbers, the transaction chain, and parts where a sale is
//! too large for one event line. The same for every door, and for sales and reversals.

use super::Rejection;
use daybook_projections::Views;
use daybook_schema::facts::{
    Door, PaymentMethod, PointOfSale, Sale, SaleLine, SalePayment, SalePlace, SaleTotals, TaxShare,
    Tx,
};
use daybook_schema::id::{ProductId, SessionId, TxId};
use daybook_schema::{At, Digest, Fact, Money, Quantity, TaxRate, TxHash};
use std::collections::BTreeMap;

/// Room for lines and records in one event line, well below its limit, so that envelope, names and
/// totals fit besides.
const PART_BYTES: usize = 52_000;

/// The most that one line and its record take besides texts and what only cash desks have.
const LINE_BYTES: usize = 600;

/// The most that the members of a cash desk take besides texts: a reversed record with its hash, a
/// ticket, an entry, a badge.
const DESK_BYTES: usize = 420;

/// The most that one item takes besides its name.
const ITEM_BYTES: usize = 90;

/// One line of a receipt to be, with its price.
pub(super) struct Priced {
    pub product: ProductId,
    pub pieces: u32,
    pub line: SaleLine,
}

/// What is to be recorded as one sale, or as one reversal.
pub(super) struct Receipt {
    pub cash_given: Option<Money>,
    pub door: Door,
    pub lines: Vec<Priced>,
    pub payment: SalePayment,
    pub point_of_sale: SalePlace,
    pub request: Option<Digest>,
    pub session: Option<SessionId>,
}

/// A line whose price was agreed on before: one record. Whole pieces that share the total evenly are
/// counted; anything else (weights, dishes with modifiers) is one piece at the line's total.
pub(super) fn sold(
    (product, name, tax_rate): (ProductId, &str, TaxRate),
    quantity: Quantity,
    total: Money,
) -> Result<Priced, Rejection> {
    let out_of_range = |_| Rejection::AmountOutOfRange;
    let pieces = quantity.units() / Quantity::PIECE.units();
    let whole = quantity.units() % Quantity::PIECE.units() == 0;
    let even = whole && pieces > 0 && total.units() % pieces == 0;
    let pieces = if even { pieces } else { 1 };
    let price = Money::new(total.units() / pieces).map_err(out_of_range)?;
    let pieces = u32::try_from(pieces).map_err(|_| Rejection::AmountOutOfRange)?;
    let quantity = Quantity::pieces(pieces).map_err(out_of_range)?;
    Ok(Priced {
        product,
        pieces,
        line: line(name, tax_rate, (price, quantity, total)),
    })
}

/// A line with nothing special: whoever knows more sets it.
pub(super) fn line(
    name: &str,
    tax_rate: TaxRate,
    (price, quantity, total): (Money, Quantity, Money),
) -> SaleLine {
    SaleLine {
        authorized_by: None,
        deposit: false,
        items: Vec::new(),
        list_entry: None,
        name: name.to_owned(),
        price,
        quantity,
        reverses: None,
        tax_rate,
        ticket: None,
        total,
    }
}

pub(super) fn payment(method: &PaymentMethod) -> SalePayment {
    SalePayment {
        id: method.id,
        kind: method.kind,
        name: method.name.clone(),
    }
}

pub(super) fn place(pos: &PointOfSale) -> SalePlace {
    SalePlace {
        id: pos.id,
        name: pos.name.clone(),
    }
}

/// The facts of a receipt: one, or several when it is too large for one event line.
pub(super) fn facts(
    views: &Views,
    receipt: Receipt,
    at: At,
    fact: fn(Sale) -> Fact,
) -> Result<Vec<Fact>, Rejection> {
    let instance = views.instance.described();
    let instance = instance.ok_or(Rejection::NoCatalogue)?;
    let totals = totals(&receipt.lines)?;
    let mut prev = views.transaction.head(receipt.point_of_sale.id);
    let mut id = views.transaction.last_id();
    let mut parts: Vec<(Vec<SaleLine>, Vec<Tx>)> = Vec::new();
    let mut room = 0;
    for priced in receipt.lines {
        id = TxId(id.0 + 1);
        let mut tx = Tx {
            amount_money: instance.currency.decimal(priced.line.total),
            amount_product: priced.pieces,
            id,
            note: None,
            payment_id: receipt.payment.id,
            point_of_sale_id: receipt.point_of_sale.id,
            product_id: priced.product,
            hash: TxHash::ZERO,
            timestamp: at.second(),
        };
        tx.hash = tx.hash_after(&instance.slug, &prev);
        prev = tx.hash;
        let bytes = bytes(&priced.line);
        if let Some((lines, records)) = parts.last_mut().filter(|_| bytes <= room) {
            lines.push(priced.line);
            records.push(tx);
            room -= bytes;
        } else {
            parts.push((vec![priced.line], vec![tx]));
            room = PART_BYTES.saturating_sub(bytes);
        }
    }
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let sale = |(part, (lines, tx)): (u32, (Vec<SaleLine>, Vec<Tx>))| {
        fact(Sale {
            cash_given: receipt.cash_given,
            currency: instance.currency,
            door: receipt.door,
            lines,
            part,
            parts: count,
            payment: receipt.payment.clone(),
            point_of_sale: receipt.point_of_sale.clone(),
            request: receipt.request,
            session: receipt.session,
            totals: (part == count).then(|| totals.clone()),
            tx,
        })
    };
    Ok((1..).zip(parts).map(sale).collect())
}

/// The most that a line takes. Quotes and backslashes in texts double; texts hold no other character
/// that is escaped.
fn bytes(line: &SaleLine) -> usize {
    let mut bytes = LINE_BYTES + 2 * line.name.len();
    if line.reverses.is_some() || line.ticket.is_some() {
        let secret = line.ticket.as_ref().map_or(0, |ticket| ticket.secret.len());
        bytes += DESK_BYTES + 2 * secret;
    }
    let items = line.items.iter();
    bytes
        + items
            .map(|item| ITEM_BYTES + 2 * item.name.len())
            .sum::<usize>()
}

/// Totals, with tax rounded once per receipt and rate.
fn totals(lines: &[Priced]) -> Result<SaleTotals, Rejection> {
    let out_of_range = |_| Rejection::AmountOutOfRange;
    let mut by_rate: BTreeMap<TaxRate, Money> = BTreeMap::new();
    let mut gross = Money::ZERO;
    for priced in lines {
        let sum = by_rate.entry(priced.line.tax_rate).or_default();
        *sum = sum.plus(priced.line.total).map_err(out_of_range)?;
        gross = gross.plus(priced.line.total).map_err(out_of_range)?;
    }
    let mut taxes = Vec::with_capacity(by_rate.len());
    for (rate, gross) in by_rate {
        let tax = gross.tax_contained(rate);
        let net = Money::new(gross.units() - tax.units()).map_err(out_of_range)?;
        taxes.push(TaxShare {
            gross,
            net,
            rate,
            tax,
        });
    }
    Ok(SaleTotals { gross, taxes })
}
