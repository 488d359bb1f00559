//! Tickets sold before the event: `preorders`.

use super::Known;
use crate::limits::{MAX_PARTS, MAX_PREORDERS, PROSE_CHARS};
use crate::record::Record;
use crate::registry::Registry;
use crate::scalar;
use daybook_schema::facts::{Preorder, PreorderPosition};
use daybook_schema::id::{PreorderId, PreorderPositionId, ProductId};

/// What must be unique across all preorders.
struct Taken {
    codes: Registry<String>,
    positions: Registry<PreorderPositionId>,
    secrets: Registry<String>,
}

pub(super) fn preorders(root: &mut Record<'_>, known: &Known<'_>) -> Option<Vec<Preorder>> {
    let mut ids = Registry::new("preorder", "id");
    let mut taken = Taken {
        codes: Registry::new("preorder", "order_code"),
        positions: Registry::new("position", "id"),
        secrets: Registry::new("position", "secret"),
    };
    root.section(
        "preorders",
        MAX_PREORDERS,
        &mut ids,
        |preorder| preorder.id,
        |r| {
            let order_code = r.name("order_code");
            if !order_code.is_empty() {
                taken.codes.claim(r.cx, r.path(), order_code.clone());
            }
            let warning = r.optional("warning_text", |value| scalar::prose(value, &PROSE_CHARS));
            Preorder {
                id: r.id("id", PreorderId),
                is_canceled: r.flag_or("is_canceled", false),
                is_paid: r.required("is_paid", scalar::flag).unwrap_or_default(),
                order_code,
                positions: positions(r, known, &mut taken),
                warning_text: warning.unwrap_or_default(),
            }
        },
    )
}

fn positions(
    preorder: &mut Record<'_>,
    known: &Known<'_>,
    taken: &mut Taken,
) -> Vec<PreorderPosition> {
    preorder.required("positions", |_| Ok(()));
    let Taken {
        positions, secrets, ..
    } = taken;
    let read = preorder.section(
        "positions",
        MAX_PARTS,
        positions,
        |position: &PreorderPosition| position.id,
        |r| {
            let secret = r.name("secret");
            if !secret.is_empty() {
                secrets.claim(r.cx, r.path(), secret.clone());
            }
            PreorderPosition {
                id: r.id("id", PreorderPositionId),
                price: r.optional_money("price"),
                product: r.reference("product", &known.products, ProductId),
                secret,
            }
        },
    );
    read.unwrap_or_default()
}
