//! What a guest's page shows: the menu of the table, and its bill.

use super::Door;
use super::caller::Guest;
use super::error::QrError;
use super::objects::{ShownOrder, TableRepr, amount};
use super::reply::Reply;
use crate::ledger::Rejection;
use daybook_projections::Views;
use daybook_schema::Currency;
use daybook_schema::facts::{Product, Table};
use daybook_schema::id::{ModifierId, ProductId};
use serde::Serialize;
use serde_json::Number;

/// `GET /t/{link}/menu`
#[derive(Serialize)]
struct Menu<'a> {
    /// The venue's name.
    name: &'a str,
    currency: &'a str,
    table: TableRepr<'a>,
    /// Whether guests can pay online.
    payments: bool,
    dishes: Vec<OnMenu<'a>>,
}

#[derive(Serialize)]
struct OnMenu<'a> {
    id: ProductId,
    name: &'a str,
    price: Number,
    modifiers: Vec<ModifierOnMenu<'a>>,
}

#[derive(Serialize)]
struct ModifierOnMenu<'a> {
    id: ModifierId,
    name: &'a str,
    price: Number,
}

/// `GET /t/{link}/bill`
#[derive(Serialize)]
struct Bill<'a> {
    currency: &'a str,
    table: TableRepr<'a>,
    /// Null when nothing is ordered, or everything is paid.
    order: Option<OpenOrder<'a>>,
    /// What guests are about to pay of it.
    pending: Vec<Pending<'a>>,
}

/// A payment that a guest began and that is not confirmed: until it is too old, its sum is kept from
/// others.
#[derive(Serialize)]
struct Pending<'a> {
    id: &'a str,
    sum: Number,
}

#[derive(Serialize)]
struct OpenOrder<'a> {
    #[serde(flatten)]
    order: ShownOrder<'a>,
    unpaid_sum: Number,
}

impl Door {
    /// What can be ordered at the guest's table.
    pub(super) fn menu(&self, guest: &Guest) -> Result<Reply, QrError> {
        let views = guest.book.views();
        let table = table(&views, guest)?;
        let instance = views.instance.described().ok_or(QrError::Unavailable)?;
        let pos = views.point_of_sale_of(table);
        let dishes = pos.into_iter().flat_map(|pos| views.menu(pos.id));
        Ok(Reply::ok(&Menu {
            name: &instance.name,
            currency: instance.currency.code(),
            table: TableRepr::defined(table),
            payments: self.payments.is_some(),
            dishes: dishes
                .map(|dish| on_menu(dish, instance.currency))
                .collect(),
        }))
    }

    /// What is ordered at the guest's table, and what is due of it.
    pub(super) fn bill(&self, guest: &Guest) -> Result<Reply, QrError> {
        let views = guest.book.views();
        let table = table(&views, guest)?;
        let currency = views
            .instance
            .described()
            .ok_or(QrError::Unavailable)?
            .currency;
        let order = views.qr_event.order(guest.table).map(|order| OpenOrder {
            order: ShownOrder::of(order, currency),
            unpaid_sum: amount(order.unpaid, currency),
        });
        let now = (self.clock)();
        let begun = views
            .qr_event
            .order(guest.table)
            .map(|order| views.qr_event.begun(&order.guid, now));
        let pending = begun.into_iter().flatten().map(|(id, begun)| Pending {
            id,
            sum: amount(begun.amount, currency),
        });
        Ok(Reply::ok(&Bill {
            currency: currency.code(),
            table: TableRepr::defined(table),
            order,
            pending: pending.collect(),
        }))
    }
}

fn table<'a>(views: &'a Views, guest: &Guest) -> Result<&'a Table, QrError> {
    let table = views.table.table(guest.table);
    let unknown = || QrError::Rejected(Rejection::UnknownTable(guest.table));
    table.map(AsRef::as_ref).ok_or_else(unknown)
}

fn on_menu(dish: &Product, currency: Currency) -> OnMenu<'_> {
    let modifiers = dish.modifiers.iter().map(|modifier| ModifierOnMenu {
        id: modifier.id,
        name: &modifier.name,
        price: amount(modifier.price, currency),
    });
    OnMenu {
        id: dish.id,
        name: &dish.name,
        price: amount(dish.price, currency),
        modifiers: modifiers.collect(),
    }
}
