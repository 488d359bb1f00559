//! What happens at tables: calls, orders, payments.

mod order;
mod pay;
#[cfg(test)]
mod tests;

use super::{Decision, Rejection, repeated};
use crate::ledger::command::CommandId;
use crate::ledger::table::{TableCommand, TableWish};
use daybook_projections::Views;
use daybook_schema::facts::{AtTable, Call, PointOfSale, ServedBy, Table};
use daybook_schema::id::WaiterId;
use daybook_schema::{At, Fact};
use std::sync::Arc;

/// Who serves a table that names nobody, as the protocol has it.
const SYSTEM_WAITER: WaiterId = WaiterId(9001);
const SYSTEM_WAITER_NAME: &str = "Система";

/// A table with what belongs to it.
struct Place<'a> {
    views: &'a Views,
    table: &'a Arc<Table>,
    id: &'a CommandId,
    at: At,
}

pub(super) fn decide(
    views: &Views,
    id: &CommandId,
    command: &TableCommand,
    at: At,
) -> Result<Decision, Rejection> {
    if let Some(repeat) = repeated(views, id) {
        return repeat;
    }
    let place = |table| {
        let table = views.table.table(table)?;
        Some(Place {
            views,
            table,
            id,
            at,
        })
    };
    let here = || place(command.table).ok_or(Rejection::UnknownTable(command.table));
    let hash = command.chance.hash;
    let facts = match &command.wish {
        TableWish::Call => vec![here()?.call(hash)],
        TableWish::Order(dishes) => vec![order::extend(&here()?, dishes, &command.chance)?],
        TableWish::Pay { sum, name } => pay::pay(&here()?, *sum, name.as_deref(), hash)?,
        TableWish::StartPayment { sum, payment } => vec![pay::start(&here()?, *sum, payment)?],
        TableWish::ConfirmPayment { payment, sum, name } => {
            pay::confirm(views, place, (payment, *sum, name.as_deref()), hash)?
        }
    };
    Ok(Decision::Record(facts))
}

impl Place<'_> {
    fn call(&self, hash: u32) -> Fact {
        Fact::WaiterCalled(Call {
            hash: self.free_hash(hash),
            request: self.id.request,
            table: self.at_table(),
        })
    }

    fn at_table(&self) -> AtTable {
        AtTable {
            id: self.table.id,
            max_guests: self.table.max_guests,
            name: self.table.name.clone(),
        }
    }

    fn served_by(&self) -> ServedBy {
        let id = self.table.waiter.unwrap_or(SYSTEM_WAITER);
        let waiter = self.views.table.waiter(id);
        ServedBy {
            id,
            name: waiter.map_or_else(
                || SYSTEM_WAITER_NAME.to_owned(),
                |waiter| waiter.name.clone(),
            ),
        }
    }

    /// Where its orders are sold: the table's own point of sale, or the first that is enabled.
    fn pos(&self) -> Result<&Arc<PointOfSale>, Rejection> {
        let pos = self.views.point_of_sale_of(self.table);
        pos.ok_or(Rejection::NowhereToSell(self.table.id))
    }

    /// A hash that no event of the queue has: the random one, or the next that is free.
    fn free_hash(&self, from: u32) -> String {
        let mut hash = from;
        loop {
            let text = format!("0x{hash:08x}");
            if !self.views.qr_event.has_hash(&text) {
                return text;
            }
            hash = hash.wrapping_add(1);
        }
    }
}
