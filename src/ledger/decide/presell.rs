//! Sales that a tablet builds and its lane completes.

use super::ids::Ids;
use super::receipt::{self, Priced, Receipt};
use super::sale::check_enabled;
use super::{Decision, Rejection};
use crate::ledger::presell::PresellCommand;
use daybook_projections::Views;
use daybook_projections::lane::{Presell, Stage};
use daybook_schema::facts::{
    Door, PresellCompletion, PresellCustomer, PresellEnd, PresellLine, PresellOpening, Product,
};
use daybook_schema::id::{PaymentMethodId, PosId, PresellId, ProductId, TxId};
use daybook_schema::{At, Fact, Money, Quantity};
use std::sync::Arc;

/// Most lines of a tablet's sale: as many as a till may book at once.
const MAX_LINES: usize = 1000;

pub(super) fn decide(
    views: &Views,
    command: &PresellCommand,
    at: At,
) -> Result<Decision, Rejection> {
    let facts = match command {
        PresellCommand::Open { lane, external_id } => open(views, *lane, external_id.as_ref())?,
        PresellCommand::AddProduct {
            id,
            product,
            quantity,
        } => add_product(views, *id, *product, *quantity)?,
        PresellCommand::SetCustomer { id, customer } => {
            building(views, *id)?;
            let customer = customer.clone();
            vec![Fact::PresellCustomerSet(PresellCustomer {
                customer,
                id: *id,
            })]
        }
        PresellCommand::HandOver(id) => {
            // Nobody could take a payment for it, and the tablet could do nothing with it any more.
            if building(views, *id)?.lines.is_empty() {
                return Err(Rejection::PresellEmpty(*id));
            }
            vec![Fact::PresellHandedOver(PresellEnd { id: *id })]
        }
        PresellCommand::Abandon(id) => {
            building(views, *id)?;
            vec![Fact::PresellAbandoned(PresellEnd { id: *id })]
        }
        PresellCommand::Dismiss(id) => {
            handed_over(views, *id)?;
            vec![Fact::PresellAbandoned(PresellEnd { id: *id })]
        }
        PresellCommand::Complete { id, payment_method } => {
            complete(views, *id, *payment_method, at)?
        }
    };
    Ok(Decision::Record(facts))
}

/// Opens a sale. Nothing when the tablet has opened it before.
fn open(views: &Views, lane: PosId, external_id: Option<&String>) -> Result<Vec<Fact>, Rejection> {
    // First, so that a tablet finds its sale also at a lane that was disabled since.
    if external_id.is_some_and(|id| views.lane.presell_of(lane, id).is_some()) {
        return Ok(Vec::new());
    }
    check_enabled(views, lane)?;
    let last = views.lane.last_presell().map(|id| id.0);
    let id = Ids::after("tablet sale", last).take()?;
    Ok(vec![Fact::PresellOpened(PresellOpening {
        external_id: external_id.cloned(),
        id: PresellId(id),
        point_of_sale: lane,
    })])
}

/// A sale that the tablet still builds.
fn building(views: &Views, id: PresellId) -> Result<&Arc<Presell>, Rejection> {
    let presell = views.lane.presell(id);
    let presell = presell.ok_or(Rejection::UnknownPresell(id))?;
    match presell.stage {
        Stage::Building => Ok(presell),
        _ => Err(Rejection::PresellClosed(id)),
    }
}

/// A sale that its lane has yet to complete.
fn handed_over(views: &Views, id: PresellId) -> Result<&Arc<Presell>, Rejection> {
    let presell = views.lane.presell(id);
    let presell = presell.ok_or(Rejection::UnknownPresell(id))?;
    match presell.stage {
        Stage::HandedOver => Ok(presell),
        Stage::Building => Err(Rejection::PresellUnfinished(id)),
        Stage::Completed(_) | Stage::Abandoned => Err(Rejection::PresellClosed(id)),
    }
}

/// Adds a line, and behind it the deposit that each piece carries: at the till it is added alike.
fn add_product(
    views: &Views,
    id: PresellId,
    product: ProductId,
    quantity: Quantity,
) -> Result<Vec<Fact>, Rejection> {
    let presell = building(views, id)?;
    let found = views.product.product(product);
    let found = found.filter(|found| found.points_of_sale.contains(&presell.point_of_sale));
    let found = found.ok_or(Rejection::UnknownProduct(product))?;
    let mut lines = vec![line(id, found, found.price, quantity)?];
    let deposit = views.product.deposit();
    if let Some(deposit) = deposit.filter(|d| found.deposit && d.price != Money::ZERO) {
        let carrier = views.product.product(deposit.product);
        let carrier = carrier.ok_or(Rejection::UnknownProduct(deposit.product))?;
        lines.push(line(id, carrier, deposit.price, quantity)?);
    }
    if presell.lines.len() + lines.len() > MAX_LINES {
        return Err(Rejection::PresellFull(id));
    }
    let described = views.instance.described();
    let largest = described.ok_or(Rejection::NoCatalogue)?.currency.largest();
    let mut sum = presell.total();
    for line in &lines {
        sum = sum
            .plus(line.total)
            .map_err(|_| Rejection::AmountOutOfRange)?;
        if line.total.units().abs() > largest.units() || sum.units().abs() > largest.units() {
            return Err(Rejection::AmountOutOfRange);
        }
    }
    Ok(lines.into_iter().map(Fact::PresellLineAdded).collect())
}

fn line(
    id: PresellId,
    product: &Product,
    price: Money,
    quantity: Quantity,
) -> Result<PresellLine, Rejection> {
    let total = price.times(quantity);
    Ok(PresellLine {
        id,
        name: product.name.clone(),
        price,
        product: product.id,
        quantity,
        tax_rate: product.tax_rate,
        total: total.map_err(|_| Rejection::AmountOutOfRange)?,
    })
}

/// The lane takes the payment: what was built is sold at the prices that were shown.
fn complete(
    views: &Views,
    id: PresellId,
    method: PaymentMethodId,
    at: At,
) -> Result<Vec<Fact>, Rejection> {
    let presell = handed_over(views, id)?;
    let lane = presell.point_of_sale;
    check_enabled(views, lane)?;
    let pos = views.product.point_of_sale(lane);
    let pos = pos.ok_or(Rejection::UnknownPointOfSale(lane))?;
    let found = views.product.payment_method(method);
    let found = found.filter(|found| found.points_of_sale.contains(&lane));
    let found = found.ok_or(Rejection::UnknownPaymentMethod(method))?;
    let receipt = Receipt {
        cash_given: None,
        door: Door::Fd1,
        lines: presell.lines.iter().map(sold).collect::<Result<_, _>>()?,
        payment: receipt::payment(found),
        point_of_sale: receipt::place(pos),
        request: None,
        session: None,
    };
    let transaction = TxId(views.transaction.last_id().0 + 1);
    let mut facts = vec![Fact::PresellCompleted(PresellCompletion {
        id,
        transaction,
    })];
    facts.extend(receipt::facts(views, receipt, at, Fact::SaleRecorded)?);
    Ok(facts)
}

fn sold(line: &PresellLine) -> Result<Priced, Rejection> {
    let what = (line.product, line.name.as_str(), line.tax_rate);
    receipt::sold(what, line.quantity, line.total)
}
