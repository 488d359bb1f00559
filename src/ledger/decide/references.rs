//! References between catalogue sections, judged as they will stand after an import: a file may
//! refer to entries that only the ledger has, and may withdraw what others still refer to.

use daybook_catalogue::{Catalogue, Change};
use daybook_projections::Views;
use daybook_schema::id::{PosId, ProductId};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

/// Every reference that would lead nowhere, named by section and entry.
pub(super) fn dangling(views: &Views, wanted: &Catalogue) -> Vec<String> {
    let mut found = Dangling::default();
    let view = &views.product;
    let pos = ids(
        after(wanted.points_of_sale.as_ref(), view.points_of_sale()),
        |pos| pos.id,
    );
    let products = ids(
        after(wanted.products.as_ref(), view.products()),
        |product| product.id,
    );
    goods(views, wanted, (&pos, &products), &mut found);
    constraints(views, wanted, &products, &mut found);
    places(views, wanted, &pos, &mut found);
    people(views, wanted, &products, &mut found);
    found.0
}

fn goods(
    views: &Views,
    wanted: &Catalogue,
    (pos, products): (&BTreeSet<PosId>, &BTreeSet<ProductId>),
    found: &mut Dangling,
) {
    let view = &views.product;
    for method in after(wanted.payment_methods.as_ref(), view.payment_methods()) {
        found.check(
            "payment method",
            method.id,
            "point of sale",
            &method.points_of_sale,
            pos,
        );
    }
    for product in after(wanted.products.as_ref(), view.products()) {
        found.check(
            "product",
            product.id,
            "point of sale",
            &product.points_of_sale,
            pos,
        );
    }
    let deposit = match &wanted.deposit {
        Change::Keep => view.deposit(),
        Change::Remove => None,
        Change::Set(deposit) => Some(deposit),
    };
    found.check(
        "the deposit",
        "",
        "product",
        deposit.map(|d| &d.product),
        products,
    );
}

fn constraints(
    views: &Views,
    wanted: &Catalogue,
    products: &BTreeSet<ProductId>,
    found: &mut Dangling,
) {
    let view = &views.constraint;
    for quota in after(wanted.quotas.as_ref(), view.quotas()) {
        found.check("quota", quota.id, "product", &quota.products, products);
    }
    for window in after(wanted.time_constraints.as_ref(), view.time_constraints()) {
        found.check(
            "time constraint",
            window.id,
            "product",
            &window.products,
            products,
        );
    }
    for warning in after(
        wanted.warning_constraints.as_ref(),
        view.warning_constraints(),
    ) {
        let covered = warning.products.iter().map(|p| &p.product);
        found.check(
            "warning constraint",
            warning.id,
            "product",
            covered,
            products,
        );
    }
    for list in after(wanted.list_constraints.as_ref(), view.list_constraints()) {
        let covered = list.products.iter().map(|p| &p.product);
        found.check("list constraint", list.id, "product", covered, products);
    }
}

fn places(views: &Views, wanted: &Catalogue, pos: &BTreeSet<PosId>, found: &mut Dangling) {
    let printers = after(wanted.printers.as_ref(), views.printer.printers());
    let printers = ids(printers, |printer| printer.id.clone());
    for place in after(
        wanted.points_of_sale.as_ref(),
        views.product.points_of_sale(),
    ) {
        let printer = place.printer.as_ref();
        found.check("point of sale", place.id, "printer", printer, &printers);
    }
    for desk in after(wanted.cashdesks.as_ref(), views.session.cash_desks()) {
        found.check(
            "cash desk",
            desk.id,
            "point of sale",
            [&desk.point_of_sale],
            pos,
        );
        found.check(
            "cash desk",
            desk.id,
            "printer",
            desk.printer.as_ref(),
            &printers,
        );
    }
    let waiters = ids(
        after(wanted.waiters.as_ref(), views.table.waiters()),
        |waiter| waiter.id,
    );
    for table in after(wanted.tables.as_ref(), views.table.tables()) {
        found.check("table", table.id, "waiter", table.waiter.as_ref(), &waiters);
        found.check(
            "table",
            table.id,
            "point of sale",
            table.point_of_sale.as_ref(),
            pos,
        );
    }
}

/// What was placed or opened before stays as it is; only what the file brings is judged.
fn people(views: &Views, wanted: &Catalogue, products: &BTreeSet<ProductId>, found: &mut Dangling) {
    for preorder in wanted.preorders.iter().flatten() {
        let sold = preorder.positions.iter().map(|position| &position.product);
        found.check("preorder", preorder.id, "product", sold, products);
    }
    let users = ids(after(wanted.users.as_ref(), views.access.users()), |user| {
        user.id
    });
    let desks = ids(
        after(wanted.cashdesks.as_ref(), views.session.cash_desks()),
        |desk| desk.id,
    );
    for session in wanted.sessions.iter().flatten() {
        found.check(
            "session",
            session.id,
            "cash desk",
            [&session.cash_desk],
            &desks,
        );
        found.check("session", session.id, "user", [&session.user], &users);
    }
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
