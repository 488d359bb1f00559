//! Under which conditions products are sold: `time_constraints`, `warning_constraints` and
//! `list_constraints` with their entries.

use super::Known;
use crate::limits::{MAX_ENTRIES, MAX_LIST_ENTRIES, MAX_PARTS, PROSE_CHARS};
use crate::record::Record;
use crate::registry::Registry;
use crate::scalar;
use daybook_schema::facts::{
    ConstrainedProduct, ListConstraint, ListEntry, TimeConstraint, WarningConstraint,
};
use daybook_schema::id::{ConstraintId, ListEntryId, ProductId};
use std::collections::BTreeMap;

pub(super) fn time_constraints(
    root: &mut Record<'_>,
    known: &Known<'_>,
) -> Option<Vec<TimeConstraint>> {
    let mut ids = Registry::new("time constraint", "id");
    root.section(
        "time_constraints",
        MAX_ENTRIES,
        &mut ids,
        |window| window.id,
        |r| {
            let (start, end) = (r.optional_time("start"), r.optional_time("end"));
            if start.zip(end).is_some_and(|(start, end)| start >= end) {
                r.refuse("end", "is not after start: nothing could ever be sold");
            }
            TimeConstraint {
                end,
                id: r.id("id", ConstraintId),
                name: r.name("name"),
                products: r.references("products", &known.products, ProductId),
                start,
            }
        },
    )
}

pub(super) fn warning_constraints(
    root: &mut Record<'_>,
    known: &Known<'_>,
) -> Option<Vec<WarningConstraint>> {
    let mut ids = Registry::new("warning constraint", "id");
    let message = 1..=*PROSE_CHARS.end();
    root.section(
        "warning_constraints",
        MAX_ENTRIES,
        &mut ids,
        |warning| warning.id,
        |r| WarningConstraint {
            id: r.id("id", ConstraintId),
            message: r
                .required("message", |v| scalar::prose(v, &message))
                .unwrap_or_default(),
            products: constrained(r, known),
        },
    )
}

/// The lists, and the entries of all of them.
pub(super) fn lists(
    root: &mut Record<'_>,
    known: &Known<'_>,
) -> Option<(Vec<ListConstraint>, Vec<ListEntry>)> {
    let mut ids = Registry::new("list constraint", "id");
    let mut entry_ids = Registry::new("list entry", "id");
    let mut entries = Vec::new();
    let mut listed = BTreeMap::new();
    let lists = root.section(
        "list_constraints",
        MAX_ENTRIES,
        &mut ids,
        |list: &ListConstraint| list.id,
        |r| {
            let id = r.id("id", ConstraintId);
            let read = r.section(
                "entries",
                MAX_LIST_ENTRIES,
                &mut entry_ids,
                |entry: &ListEntry| entry.id,
                |r| ListEntry {
                    id: r.id("id", ListEntryId),
                    identifier: r.name("identifier"),
                    list: id,
                    name: r.name("name"),
                },
            );
            entries.extend(read.unwrap_or_default());
            let count = entries.len();
            if count > MAX_LIST_ENTRIES {
                let most = format!("{count} entries; at most {MAX_LIST_ENTRIES} are read");
                r.refuse("entries", &format!("with the lists before it, {most}"));
            }
            let products = constrained(r, known);
            refuse_listed_twice(r, &products, &mut listed);
            ListConstraint {
                id,
                name: r.name("name"),
                products,
            }
        },
    )?;
    entries.sort_by_key(|entry: &ListEntry| entry.id);
    Some((lists, entries))
}

/// A cash desk asks for one entry per position, so a product can be under one list only.
fn refuse_listed_twice(
    list: &Record<'_>,
    products: &[ConstrainedProduct],
    listed: &mut BTreeMap<ProductId, String>,
) {
    for ConstrainedProduct { product, .. } in products {
        // A list names itself again only where that was refused already, or for a placeholder.
        let other = listed
            .entry(*product)
            .or_insert_with(|| list.path().to_owned());
        if *product != ProductId::default() && other != list.path() {
            let message = format!(
                "product {product} is already under {other}: cash desks ask for one list entry \
                 per position, so a product is under at most one list"
            );
            list.refuse("products", &message);
        }
    }
}

/// The products under a constraint, each with what buys it free.
fn constrained(constraint: &mut Record<'_>, known: &Known<'_>) -> Vec<ConstrainedProduct> {
    let mut products = Registry::new("product", "product");
    let read = constraint.section(
        "products",
        MAX_PARTS,
        &mut products,
        |p: &ConstrainedProduct| p.product,
        |r| {
            let before = r.cx.count();
            let (price, tax_rate) = (r.optional_money("price"), r.optional_rate("tax_rate"));
            if r.cx.count() == before && price.is_some() != tax_rate.is_some() {
                let missing = if price.is_some() { "tax_rate" } else { "price" };
                r.refuse(
                    missing,
                    "is required: price and tax_rate stand together or not at all",
                );
            }
            let product = r.reference("product", &known.products, ProductId);
            ConstrainedProduct {
                price,
                product,
                tax_rate,
            }
        },
    );
    if read.is_none() {
        // Absent, since anything else was refused already. A constraint of nothing must be written
        // as an empty list.
        constraint.required("products", |_| Ok(()));
    }
    read.unwrap_or_default()
}
