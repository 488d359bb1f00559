//! References between catalogue sections, judged as they will stand after an import: a file may
//! refer to entries that only the ledger has, and may withdraw what others still refer to.

use daybook_catalogue::{Catalogue, Change};
use daybook_projections::Views;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

/// Every reference that would lead nowhere, named by section and entry.
pub(super) fn dangling(views: &Views, wanted: &Catalogue) -> Vec<String> {
    let mut found = Dangling::default();
    let (goods, limits) = (&views.product, &views.constraint);
    let pos = ids(
        after(wanted.points_of_sale.as_ref(), goods.points_of_sale()),
        |pos| pos.id,
    );
    let products = after(wanted.products.as_ref(), goods.products());
    let product_ids = ids(products.clone(), |product| product.id);
    let users = ids(after(wanted.users.as_ref(), views.access.users()), |user| {
        user.id
    });
    let desks = after(wanted.cashdesks.as_ref(), views.session.cash_desks());
    let desk_ids = ids(desks.clone(), |desk| desk.id);
    let printers = ids(
        after(wanted.printers.as_ref(), views.printer.printers()),
        |p| p.id.clone(),
    );
    let waiters = ids(
        after(wanted.waiters.as_ref(), views.table.waiters()),
        |waiter| waiter.id,
    );

    for method in after(wanted.payment_methods.as_ref(), goods.payment_methods()) {
        found.check(
            "payment method",
            method.id,
            "point of sale",
            &method.points_of_sale,
            &pos,
        );
    }
    for product in products {
        found.check(
            "product",
            product.id,
            "point of sale",
            &product.points_of_sale,
            &pos,
        );
    }
    let deposit = match &wanted.deposit {
        Change::Keep => goods.deposit(),
        Change::Remove => None,
        Change::Set(deposit) => Some(deposit),
    };
    found.check(
        "the deposit",
        "",
        "product",
        deposit.map(|d| &d.product),
        &product_ids,
    );
    for quota in after(wanted.quotas.as_ref(), limits.quotas()) {
        found.check("quota", quota.id, "product", &quota.products, &product_ids);
    }
    for window in after(wanted.time_constraints.as_ref(), limits.time_constraints()) {
        found.check(
            "time constraint",
            window.id,
            "product",
            &window.products,
            &product_ids,
        );
    }
    for warning in after(
        wanted.warning_constraints.as_ref(),
        limits.warning_constraints(),
    ) {
        let products = warning.products.iter().map(|p| &p.product);
        found.check(
            "warning constraint",
            warning.id,
            "product",
            products,
            &product_ids,
        );
    }
    for list in after(wanted.list_constraints.as_ref(), limits.list_constraints()) {
        let products = list.products.iter().map(|p| &p.product);
        found.check(
            "list constraint",
            list.id,
            "product",
            products,
            &product_ids,
        );
    }
    for desk in desks {
        found.check(
            "cash desk",
            desk.id,
            "point of sale",
            [&desk.point_of_sale],
            &pos,
        );
        found.check(
            "cash desk",
            desk.id,
            "printer",
            desk.printer.as_ref(),
            &printers,
        );
    }
    for table in after(wanted.tables.as_ref(), views.table.tables()) {
        found.check("table", table.id, "waiter", table.waiter.as_ref(), &waiters);
        found.check(
            "table",
            table.id,
            "point of sale",
            table.point_of_sale.as_ref(),
            &pos,
        );
    }
    // What was placed or opened before stays as it is; only what the file brings is judged.
    for preorder in wanted.preorders.iter().flatten() {
        let products = preorder.positions.iter().map(|position| &position.product);
        found.check("preorder", preorder.id, "product", products, &product_ids);
    }
    for session in wanted.sessions.iter().flatten() {
        found.check(
            "session",
            session.id,
            "cash desk",
            [&session.cash_desk],
            &desk_ids,
        );
        found.check("session", session.id, "user", [&session.user], &users);
    }
    found.0
}

#[derive(Default)]
struct Dangling(Vec<String>);

impl Dangling {
    fn check<'a, Id: Ord + Display + 'a>(
        &mut self,
        kind: &str,
        id: impl Display,
        target: &str,
        references: impl IntoIterator<Item = &'a Id>,
        known: &BTreeSet<Id>,
    ) {
        let lost = references
            .into_iter()
            .filter(|reference| !known.contains(reference));
        self.0.extend(lost.map(|reference| {
            format!("{kind} {id} refers to {target} {reference}, which neither the file nor the ledger has")
        }));
    }
}

/// The entries of a section as they will stand: those of the file when it has the section.
fn after<'a, T>(
    wanted: Option<&'a Vec<T>>,
    current: impl Iterator<Item = &'a Arc<T>>,
) -> Vec<&'a T> {
    match wanted {
        Some(entries) => entries.iter().collect(),
        None => current.map(Arc::as_ref).collect(),
    }
}

fn ids<T, Id: Ord>(entries: Vec<&T>, id: impl Fn(&T) -> Id) -> BTreeSet<Id> {
    entries.into_iter().map(id).collect()
}
