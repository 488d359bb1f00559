//! Payments towards a table's open order. With the last one the order becomes a sale.

use super::Place;
use crate::ledger::decide::Rejection;
use crate::ledger::decide::receipt::{self, Priced, Receipt};
use daybook_projections::Views;
use daybook_projections::qr_event::Order;
use daybook_schema::facts::{
    Door, OrderLine, PaymentKind, PaymentMethod, PaymentReceipt, PaymentStart, PaymentSurplus,
};
use daybook_schema::id::TableId;
use daybook_schema::{Fact, Money};
use std::sync::Arc;

/// Takes a payment now: staff decides, whatever guests are about to pay.
pub(super) fn pay(
    place: &Place<'_>,
    sum: Option<Money>,
    name: Option<&str>,
    hash: u32,
) -> Result<Vec<Fact>, Rejection> {
    let order = place.views.qr_event.order(place.table.id);
    let order = order.ok_or(Rejection::NoOpenOrder(place.table.id))?;
    let amount = sum.unwrap_or(order.unpaid);
    if amount < Money::ZERO || amount > order.unpaid || (amount == Money::ZERO && sum.is_some()) {
        return Err(Rejection::InvalidSum);
    }
    received(place, order, (amount, name, None), hash)
}

/// A guest goes to pay: what others are about to pay is not theirs to pay.
pub(super) fn start(
    place: &Place<'_>,
    sum: Option<Money>,
    payment: &str,
) -> Result<Fact, Rejection> {
    let order = place.views.qr_event.order(place.table.id);
    let order = order.ok_or(Rejection::NoOpenOrder(place.table.id))?;
    let begun = place.views.qr_event.about_to_pay(&order.guid, place.at);
    let due = Money::new(order.unpaid.units() - begun.units()).unwrap_or_default();
    let amount = sum.unwrap_or(due);
    if amount <= Money::ZERO || amount > due {
        return Err(Rejection::InvalidSum);
    }
    Ok(Fact::PaymentStarted(PaymentStart {
        amount,
        guid: order.guid.clone(),
        payment: payment.to_owned(),
        request: place.id.request,
        table: place.at_table(),
    }))
}

/// The provider has taken the money, so it is recorded in any case: towards the order, or as what
/// must be paid back. A second confirmation changes nothing.
pub(super) fn confirm<'a>(
    views: &Views,
    place: impl Fn(TableId) -> Option<Place<'a>>,
    (payment, sum, name): (&str, Money, Option<&str>),
    hash: u32,
) -> Result<Vec<Fact>, Rejection> {
    let begun = views.qr_event.payment(payment);
    let begun = begun.ok_or(Rejection::UnknownPayment)?;
    if begun.confirmed {
        return Ok(Vec::new());
    }
    if sum != begun.amount {
        return Err(Rejection::InvalidSum);
    }
    let order = views.qr_event.order(begun.table.id);
    let order = order.filter(|order| order.guid == begun.guid && order.unpaid >= sum);
    // Also where the table is gone by now, or its point of sale cannot take the payment any more.
    let received = order
        .zip(place(begun.table.id))
        .and_then(|(order, place)| received(&place, order, (sum, name, Some(payment)), hash).ok());
    Ok(received.unwrap_or_else(|| {
        vec![Fact::PaymentExceeded(PaymentSurplus {
            amount: sum,
            guid: begun.guid.clone(),
            payment: payment.to_owned(),
            table: begun.table.clone(),
        })]
    }))
}

fn received(
    place: &Place<'_>,
    order: &Order,
    (amount, name, payment): (Money, Option<&str>, Option<&str>),
    hash: u32,
) -> Result<Vec<Fact>, Rejection> {
    let method = method(place, name)?;
    let unpaid = Money::new(order.unpaid.units() - amount.units()).unwrap_or_default();
    let mut facts = vec![Fact::PaymentReceived(PaymentReceipt {
        amount,
        guid: order.guid.clone(),
        hash: place.free_hash(hash),
        method: receipt::payment(method),
        name: name.map_or_else(|| method.name.clone(), str::to_owned),
        opened: order.opened,
        payment: payment.map(str::to_owned),
        request: place.id.request,
        table: place.at_table(),
        unpaid,
    })];
    if unpaid == Money::ZERO {
        let receipt = Receipt {
            cash_given: None,
            door: Door::Qr,
            lines: order.lines.iter().map(sold).collect::<Result<_, _>>()?,
            payment: receipt::payment(method),
            point_of_sale: receipt::place(place.pos()?),
            request: None,
            session: None,
        };
        facts.extend(receipt::facts(
            place.views,
            receipt,
            place.at,
            Fact::SaleRecorded,
        )?);
    }
    Ok(facts)
}

/// The method that a payment counts as: the one of its name, else a card, else what there is.
fn method<'a>(
    place: &'a Place<'_>,
    name: Option<&str>,
) -> Result<&'a Arc<PaymentMethod>, Rejection> {
    let pos = place.pos()?.id;
    let methods = || {
        let methods = place.views.product.payment_methods();
        methods.filter(|method| method.points_of_sale.contains(&pos))
    };
    let name = name.map(str::to_lowercase);
    let named = methods().find(|method| Some(method.name.to_lowercase()) == name);
    let card = || methods().find(|method| method.kind == PaymentKind::Card);
    let found = named.or_else(card).or_else(|| methods().next());
    found.ok_or(Rejection::NoPaymentMethod(pos))
}

fn sold(line: &OrderLine) -> Result<Priced, Rejection> {
    let what = (line.product, line.name.as_str(), line.tax_rate);
    receipt::sold(what, line.count, line.total)
}
