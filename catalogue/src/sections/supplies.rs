//! What is on its way to cash desks: `supply_packs`.

use crate::limits::{CODE_CHARS, MAX_ENTRIES, MAX_PACK_AMOUNT};
use crate::record::Record;
use crate::registry::Registry;
use crate::scalar;
use daybook_schema::facts::{SupplyPack, SupplyState};
use daybook_schema::id::{ItemId, SupplyPackId};

pub(super) fn supply_packs(root: &mut Record<'_>) -> Option<Vec<SupplyPack>> {
    let mut ids = Registry::new("supply pack", "id");
    let mut identifiers = Registry::new("supply pack", "identifier");
    root.section(
        "supply_packs",
        MAX_ENTRIES,
        &mut ids,
        |pack| pack.id,
        |r| {
            let identifier = r.required("identifier", |value| scalar::line(value, &CODE_CHARS));
            let identifier = identifier.unwrap_or_default();
            if !identifier.is_empty() {
                identifiers.claim(r.cx, r.path(), identifier.clone());
            }
            SupplyPack {
                amount: r.number("amount", &(1..=MAX_PACK_AMOUNT)),
                id: r.id("id", SupplyPackId),
                identifier,
                item: r.id("item", ItemId),
                state: r
                    .required("state", scalar::word)
                    .unwrap_or(SupplyState::Backoffice),
            }
        },
    )
}
