//! The sections of the file, read in an order in which references lead back.

mod access;
mod constraints;
mod goods;
mod places;
mod preorders;
mod supplies;
mod venue;

use crate::Catalogue;
use crate::context::Context;
use crate::record::Record;
use crate::registry::Registry;
use crate::value::Value;
use daybook_schema::id::{CashDeskId, PosId, ProductId, UserId, WaiterId};

/// What the sections share: the targets of references, and the installation's secret, which keys
/// the hashes of the file's secrets.
struct Known<'a> {
    cash_desks: Registry<CashDeskId>,
    points_of_sale: Registry<PosId>,
    printers: Registry<String>,
    products: Registry<ProductId>,
    secret: &'a [u8; 32],
    users: Registry<UserId>,
    waiters: Registry<WaiterId>,
}

/// Reads the document. `None` only when a problem was noted.
pub(crate) fn catalogue(cx: &Context, document: &Value, secret: &[u8; 32]) -> Option<Catalogue> {
    let read = |root: &mut Record<'_>| sections(root, secret);
    Record::read(cx, String::new(), document, read)?
}

fn sections(root: &mut Record<'_>, secret: &[u8; 32]) -> Option<Catalogue> {
    let mut known = Known {
        cash_desks: Registry::new("cash desk", "id"),
        points_of_sale: Registry::new("point of sale", "id"),
        printers: Registry::new("printer", "id"),
        products: Registry::new("product", "id"),
        secret,
        users: Registry::new("user", "id"),
        waiters: Registry::new("waiter", "id"),
    };
    let instance = venue::instance(root); // first: amounts need its currency
    let settings = venue::settings(root);
    let license = venue::license(root);
    let printers = places::printers(root, &mut known); // before whoever names one
    let points_of_sale = places::points_of_sale(root, &mut known);
    let cashdesks = places::cash_desks(root, &mut known);
    let waiters = places::waiters(root, &mut known);
    let supply_packs = supplies::supply_packs(root);
    let tables = places::tables(root, &known);
    let payment_methods = goods::payment_methods(root, &known);
    let products = goods::products(root, &mut known);
    let deposit = goods::deposit(root, &known);
    let quotas = goods::quotas(root, &known);
    let time_constraints = constraints::time_constraints(root, &known);
    let warning_constraints = constraints::warning_constraints(root, &known);
    let (list_constraints, list_entries) = constraints::lists(root, &known).unzip();
    let preorders = preorders::preorders(root, &known);
    let users = access::users(root, &mut known);
    let sessions = access::sessions(root, &known);
    let api_keys = access::api_keys(root, &known);
    Some(Catalogue {
        instance: instance?,
        settings,
        license,
        points_of_sale,
        payment_methods,
        deposit,
        products,
        quotas,
        time_constraints,
        warning_constraints,
        list_constraints,
        list_entries,
        preorders,
        users,
        cashdesks,
        sessions,
        api_keys,
        waiters,
        tables,
        printers,
        supply_packs,
    })
}
