//! Selling at a point of sale: prices, deposits, tax, numbers and the transaction chain.

use super::{Decision, Rejection};
use crate::ledger::command::{CommandId, PayItems};
use daybook_projections::Views;
use daybook_schema::facts::{
    Door, PaymentMethod, PointOfSale, Product, Sale, SaleLine, SalePayment, SalePlace, SaleTotals,
    TaxShare, Tx,
};
use daybook_schema::id::{PosId, ProductId, TxId};
use daybook_schema::{At, Currency, Digest, Fact, Money, Quantity, TaxRate, TxHash, hash};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Room for lines and records in one event line, well below its limit, so that envelope, names and
/// totals fit besides.
const PART_BYTES: usize = 52_000;

/// The most that one line and its record take besides the product's name: both hold fixed members.
const LINE_BYTES: usize = 600;

/// A point of sale that exists and whose password, if it has one, was given.
///
/// # Errors
/// When there is none, or the password is missing or wrong.
pub fn open_till(
    views: &Views,
    id: PosId,
    password: Option<&Digest>,
) -> Result<Arc<PointOfSale>, Rejection> {
    let pos = views
        .product
        .point_of_sale(id)
        .ok_or(Rejection::UnknownPointOfSale(id))?;
    match (&pos.password_hash, password) {
        (None, _) => Ok(pos.clone()),
        (Some(stored), Some(given)) if hash::same_secret(stored, given) => Ok(pos.clone()),
        (Some(_), _) => Err(Rejection::WrongPassword(id)),
    }
}

/// One product line of the sale to be, priced by the ledger.
struct Priced {
    product: ProductId,
    pieces: u32,
    line: SaleLine,
}

pub(super) fn pay_items(
    views: &Views,
    id: &CommandId,
    pay: &PayItems,
    at: At,
) -> Result<Decision, Rejection> {
    let done = id
        .request
        .and_then(|request| Some((request, views.command.done(&id.cmd)?)));
    if done.is_none() {
        check_enabled(views, pay.point_of_sale)?;
    }
    let pos = open_till(views, pay.point_of_sale, pay.password.as_ref())?;
    if let Some((request, done)) = done {
        let same = request == done.request;
        let repeat = Decision::Repeat {
            first: done.first,
            end: done.end,
        };
        return if same {
            Ok(repeat)
        } else {
            Err(Rejection::CommandConflict)
        };
    }
    let currency = views
        .instance
        .described()
        .ok_or(Rejection::NoCatalogue)?
        .currency;
    let lines = price(views, pay, currency)?;
    let method = views
        .product
        .payment_method(pay.payment_method)
        .filter(|method| method.points_of_sale.contains(&pos.id))
        .ok_or(Rejection::UnknownPaymentMethod(pay.payment_method))?;
    if lines.is_empty() {
        return Ok(Decision::Record(Vec::new()));
    }
    let totals = totals(&lines)?;
    let tx = records(views, pay, &lines, currency, at);
    Ok(Decision::Record(parts(
        currency,
        &pos,
        method,
        id.request,
        (lines, tx, totals),
    )))
}

fn check_enabled(views: &Views, id: PosId) -> Result<(), Rejection> {
    match views.product.point_of_sale(id) {
        None => Err(Rejection::UnknownPointOfSale(id)),
        Some(pos) if !pos.enabled => Err(Rejection::PointOfSaleDisabled(id)),
        Some(_) => Ok(()),
    }
}

/// The lines of the sale in request order, each deposit behind its product.
fn price(views: &Views, pay: &PayItems, currency: Currency) -> Result<Vec<Priced>, Rejection> {
    let mut lines = Vec::with_capacity(pay.lines.len());
    for &(id, pieces) in &pay.lines {
        let product = views
            .product
            .product(id)
            .filter(|product| product.points_of_sale.contains(&pay.point_of_sale))
            .ok_or(Rejection::UnknownProduct(id))?;
        lines.push(priced(product, product.price, pieces, false, currency)?);
        let deposit = views
            .product
            .deposit()
            .filter(|d| product.deposit && d.price != Money::ZERO);
        if let Some(deposit) = deposit {
            let carrier = views.product.product(deposit.product);
            let carrier = carrier.ok_or(Rejection::UnknownProduct(deposit.product))?;
            lines.push(priced(carrier, deposit.price, pieces, true, currency)?);
        }
    }
    Ok(lines)
}

fn priced(
    product: &Product,
    price: Money,
    pieces: u32,
    deposit: bool,
    currency: Currency,
) -> Result<Priced, Rejection> {
    let out_of_range = |_| Rejection::AmountOutOfRange;
    let quantity = Quantity::pieces(pieces).map_err(out_of_range)?;
    let total = price.times(quantity).map_err(out_of_range)?;
    if total.units().abs() > largest_amount(currency) {
        return Err(Rejection::AmountOutOfRange);
    }
    let name = product.name.clone();
    let line = SaleLine {
        deposit,
        name,
        price,
        quantity,
        tax_rate: product.tax_rate,
        total,
    };
    Ok(Priced {
        product: product.id,
        pieces,
        line,
    })
}

/// ±99 999 999.99 in every protocol, whatever the currency's minor unit.
fn largest_amount(currency: Currency) -> i64 {
    10i64.pow(8 + currency.exponent()) - 1
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

/// The public records, numbered and chained.
fn records(views: &Views, pay: &PayItems, lines: &[Priced], currency: Currency, at: At) -> Vec<Tx> {
    let Some(instance) = views.instance.described() else {
        return Vec::new();
    };
    let mut prev = views.transaction.head(pay.point_of_sale);
    let mut id = views.transaction.last_id();
    let mut records = Vec::with_capacity(lines.len());
    for priced in lines {
        id = TxId(id.0 + 1);
        let mut tx = Tx {
            amount_money: currency.decimal(priced.line.total),
            amount_product: priced.pieces,
            id,
            note: None,
            payment_id: pay.payment_method,
            point_of_sale_id: pay.point_of_sale,
            product_id: priced.product,
            hash: TxHash::ZERO,
            timestamp: at.second(),
        };
        tx.hash = tx.hash_after(&instance.slug, &prev);
        prev = tx.hash;
        records.push(tx);
    }
    records
}

/// One fact, or several when the sale is too large for one event line.
fn parts(
    currency: Currency,
    pos: &PointOfSale,
    method: &PaymentMethod,
    request: Option<Digest>,
    (lines, tx, totals): (Vec<Priced>, Vec<Tx>, SaleTotals),
) -> Vec<Fact> {
    let mut groups: Vec<(Vec<SaleLine>, Vec<Tx>)> = Vec::new();
    let mut room = 0;
    for (priced, tx) in lines.into_iter().zip(tx) {
        // Quotes and backslashes double; names hold no other character that is escaped.
        let bytes = LINE_BYTES + 2 * priced.line.name.len();
        if let Some((lines, records)) = groups.last_mut().filter(|_| bytes <= room) {
            lines.push(priced.line);
            records.push(tx);
        } else {
            groups.push((vec![priced.line], vec![tx]));
            room = PART_BYTES;
        }
        room -= bytes;
    }
    let parts = u32::try_from(groups.len()).unwrap_or(u32::MAX);
    let fact = |(part, (lines, tx)): (u32, (Vec<SaleLine>, Vec<Tx>))| {
        Fact::SaleRecorded(Sale {
            currency,
            door: Door::ConcertPos,
            lines,
            part,
            parts,
            payment: SalePayment {
                id: method.id,
                kind: method.kind,
                name: method.name.clone(),
            },
            point_of_sale: SalePlace {
                id: pos.id,
                name: pos.name.clone(),
            },
            request,
            totals: (part == parts).then(|| totals.clone()),
            tx,
        })
    };
    (1..).zip(groups).map(fact).collect()
}
