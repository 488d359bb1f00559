//! Adding dishes to a table's open order. Names and prices are the menu's.

use super::Place;
use crate::ledger::decide::Rejection;
use crate::ledger::table::{Chance, Dish};
use daybook_schema::facts::{OrderExtension, OrderLine, OrderModifier, Product};
use daybook_schema::id::ModifierId;
use daybook_schema::{Fact, Money, Quantity};

/// Most lines of one order, modifiers counted as lines of their own: polls answer with all of them,
/// for each event of the queue.
const MAX_LINES: usize = 1000;

pub(super) fn extend(
    place: &Place<'_>,
    dishes: &[Dish],
    chance: &Chance,
) -> Result<Fact, Rejection> {
    let out_of_range = |_| Rejection::AmountOutOfRange;
    let pos = place.pos()?.id;
    let mut added = Vec::with_capacity(dishes.len());
    let open = place.views.qr_event.order(place.table.id);
    let before = open.map_or(0, |order| {
        let lines = order.lines.iter();
        lines.map(|line| 1 + line.modifiers.len()).sum()
    });
    let more: usize = dishes.iter().map(|dish| 1 + dish.modifiers.len()).sum();
    if before + more > MAX_LINES {
        return Err(Rejection::OrderFull(place.table.id));
    }
    let mut unpaid = open.map_or(Money::ZERO, |order| order.unpaid);
    let mut sum = open.map_or(Money::ZERO, |order| order.sum);
    for dish in dishes {
        let product = place.views.dish(pos, dish.product);
        let product = product.ok_or(Rejection::UnknownDish(dish.product))?;
        let line = line(product, dish)?;
        unpaid = unpaid.plus(line.total).map_err(out_of_range)?;
        sum = sum.plus(line.total).map_err(out_of_range)?;
        added.push(line);
    }
    let currency = place.views.instance.described();
    let currency = currency.ok_or(Rejection::NoCatalogue)?.currency;
    if sum > currency.largest() {
        return Err(Rejection::AmountOutOfRange);
    }
    let next = place.views.qr_event.last_invoice().saturating_add(1);
    let new_guid = || guid(chance.guid);
    Ok(Fact::OrderExtended(OrderExtension {
        added,
        guid: open.map_or_else(new_guid, |order| order.guid.clone()),
        hash: place.free_hash(chance.hash),
        invoice: open.map_or(next, |order| order.invoice),
        // The first fact of a command is the next event.
        opened: open.map_or(place.views.head.size, |order| order.opened),
        request: place.id.request,
        table: place.at_table(),
        unpaid,
        waiter: open.map_or_else(|| place.served_by(), |order| order.waiter.clone()),
    }))
}

fn line(product: &Product, dish: &Dish) -> Result<OrderLine, Rejection> {
    let out_of_range = |_| Rejection::AmountOutOfRange;
    let mut total = product.price.times(dish.count).map_err(out_of_range)?;
    let mut modifiers = Vec::with_capacity(dish.modifiers.len());
    for &(id, count) in &dish.modifiers {
        let modifier = modifier(product, id, count)?;
        if modifier.price < Money::ZERO && times(dish, id) > dish.count.units() {
            return Err(Rejection::TooOften(product.id, id));
        }
        total = total.plus(modifier.total).map_err(out_of_range)?;
        modifiers.push(modifier);
    }
    if total < Money::ZERO {
        return Err(Rejection::AmountOutOfRange);
    }
    Ok(OrderLine {
        count: dish.count,
        modifiers,
        name: product.name.clone(),
        price: product.price,
        product: product.id,
        tax_rate: product.tax_rate,
        total,
    })
}

/// How often a modifier is asked for over the whole line.
fn times(dish: &Dish, id: ModifierId) -> i64 {
    let same = dish.modifiers.iter().filter(|(other, _)| *other == id);
    same.fold(0, |sum, (_, count)| count.units().saturating_add(sum))
}

fn modifier(
    product: &Product,
    id: ModifierId,
    count: Quantity,
) -> Result<OrderModifier, Rejection> {
    let modifier = product.modifiers.iter().find(|modifier| modifier.id == id);
    let modifier = modifier.ok_or(Rejection::UnknownModifier(product.id, id))?;
    let total = modifier.price.times(count);
    Ok(OrderModifier {
        count,
        id,
        name: modifier.name.clone(),
        price: modifier.price,
        total: total.map_err(|_| Rejection::AmountOutOfRange)?,
    })
}

/// An upper-case GUID in braces (version 4 of RFC 9562).
fn guid(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = |range: std::ops::Range<usize>| {
        bytes[range]
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect::<String>()
    };
    let parts = [hex(0..4), hex(4..6), hex(6..8), hex(8..10), hex(10..16)];
    format!("{{{}}}", parts.join("-"))
}
