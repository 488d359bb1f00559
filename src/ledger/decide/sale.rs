//! Selling at a till: who may, at which prices, with which deposits.

use super::receipt::{self, Priced, Receipt};
use super::{Decision, Rejection, repeated};
use crate::ledger::command::{CommandId, PayItems};
use daybook_projections::Views;
use daybook_schema::facts::{Door, PointOfSale, Product, SaleLine};
use daybook_schema::id::PosId;
use daybook_schema::{At, Currency, Digest, Fact, Money, Quantity, hash};
use std::sync::Arc;

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

pub(super) fn pay_items(
    views: &Views,
    id: &CommandId,
    pay: &PayItems,
    at: At,
) -> Result<Decision, Rejection> {
    let repeat = repeated(views, id);
    if repeat.is_none() {
        check_enabled(views, pay.point_of_sale)?;
    }
    let pos = open_till(views, pay.point_of_sale, pay.password.as_ref())?;
    if let Some(repeat) = repeat {
        return repeat;
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
    let receipt = Receipt {
        cash_given: None,
        door: Door::ConcertPos,
        lines,
        payment: receipt::payment(method),
        point_of_sale: receipt::place(&pos),
        request: id.request,
        session: None,
    };
    receipt::facts(views, receipt, at, Fact::SaleRecorded).map(Decision::Record)
}

pub(super) fn check_enabled(views: &Views, id: PosId) -> Result<(), Rejection> {
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
    if total.units().abs() > currency.largest().units() {
        return Err(Rejection::AmountOutOfRange);
    }
    let line = SaleLine {
        deposit,
        ..receipt::line(&product.name, product.tax_rate, (price, quantity, total))
    };
    Ok(Priced {
        product: product.id,
        pieces,
        line,
    })
}
