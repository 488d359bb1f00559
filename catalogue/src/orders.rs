//! The orders of a pretix shop, from its export "Order data (JSON)".
//!
//! Such an export holds far more than is read here, names and addresses among it. What is not asked
//! for is ignored, and nothing personal leaves this file.

use crate::Format;
use crate::context::Context;
use crate::error::CatalogueError;
use crate::item_map::{Item, ItemMap, Target};
use crate::limits::{MAX_PARTS, MAX_PREORDERS, PROSE_CHARS};
use crate::record::Record;
use crate::registry::Registry;
use crate::scalar::{self, Sign};
use crate::unmapped::{Unmapped, shop_items};
use crate::value::{self, Value};
use daybook_schema::facts::{Preorder, PreorderPosition};
use daybook_schema::id::{PreorderId, PreorderPositionId, ProductId};
use daybook_schema::money::{Currency, Money};
use serde::Deserialize;
use std::fmt;

/// What an export says, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orders {
    /// The orders that have tickets for us.
    pub orders: Vec<Order>,
    /// What was left out on purpose.
    pub skipped: Skipped,
    /// The codes of orders of which no position is left, because each was canceled or blocked, or its
    /// item is skipped. An earlier export may have had some.
    pub dropped: Vec<String>,
}

/// How much of an export was left out on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Orders placed in the shop's test mode.
    pub test_orders: usize,
    /// Positions of items that the mapping skips.
    pub positions: usize,
}

/// An order.
#[derive(Clone, PartialEq, Eq)]
pub struct Order {
    /// The shop's order code.
    pub code: String,
    /// Whether it was paid.
    pub is_paid: bool,
    /// Whether it was canceled or expired.
    pub is_canceled: bool,
    /// What the cashier must acknowledge; may be empty.
    pub warning_text: String,
    /// Its tickets, at least one.
    pub positions: Vec<OrderPosition>,
}

/// One ticket of an order. It has no `Debug`: its secret is its holder's.
#[derive(Clone, PartialEq, Eq)]
pub struct OrderPosition {
    /// What the ticket's code says.
    pub secret: String,
    /// Which of our products it is.
    pub product: ProductId,
    /// What is due at the desk; present exactly when the order is not paid.
    pub price: Option<Money>,
}

/// What the shop says of an order.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Status {
    #[serde(rename = "p")]
    Paid,
    #[serde(rename = "n")]
    Pending,
    #[serde(rename = "e")]
    Expired,
    #[serde(rename = "c")]
    Canceled,
}

/// The warning of an order that is marked for attention without saying why.
const ATTENTION: &str = "This order needs attention at check-in.";

/// What is known across orders while they are read.
struct Reading<'a> {
    map: &'a ItemMap,
    codes: Registry<String>,
    secrets: Registry<String>,
    skipped: Skipped,
    dropped: Vec<String>,
    unmapped: Unmapped,
}

/// Reads a shop's export. `map` says which of our products its items are.
///
/// # Errors
/// When the text is no such export, anything that is read of it is wrong, or the mapping lacks an
/// item: then nothing of it counts.
pub fn read_orders(
    text: &str,
    currency: Currency,
    map: &ItemMap,
) -> Result<Orders, CatalogueError> {
    let document = value::parse(text, Format::Json)?;
    let cx = Context::foreign(currency);
    let read = Record::read(&cx, String::new(), &document, |root| export(root, map));
    cx.conclude(read.flatten())
}

fn export(root: &mut Record<'_>, map: &ItemMap) -> Option<Orders> {
    if root.optional("event", Ok).is_none() {
        let message = "is required: this is no pretix export \"Order data (JSON)\"";
        root.refuse("event", message);
        return None;
    }
    root.object("event", |event| {
        let mut reading = Reading {
            map,
            codes: Registry::new("order", "code"),
            secrets: Registry::new("position", "secret"),
            skipped: Skipped::default(),
            dropped: Vec::new(),
            unmapped: Unmapped::default(),
        };
        let items = shop_items(event);
        event.required("orders", |_| Ok(()));
        let orders = event.list("orders", MAX_PREORDERS, |r| order(r, &mut reading));
        reading.unmapped.refuse(event.cx, &items);
        Orders {
            orders: orders.into_iter().flatten().flatten().collect(),
            skipped: reading.skipped,
            dropped: reading.dropped,
        }
    })
}

fn order(r: &mut Record<'_>, reading: &mut Reading<'_>) -> Option<Order> {
    if r.flag_or("testmode", false) {
        reading.skipped.test_orders += 1;
        return None;
    }
    let before = r.cx.count();
    let code = r.name("code");
    if !code.is_empty() {
        reading.codes.claim(r.cx, r.path(), code.clone());
    }
    let status = r.required("status", scalar::word::<Status>);
    let is_unpaid = status.is_some_and(|status| status != Status::Paid);
    let warning_text = warning_text(r);
    r.required("positions", |_| Ok(()));
    let positions = r.list("positions", MAX_PARTS, |r| position(r, is_unpaid, reading));
    let positions: Vec<_> = positions.into_iter().flatten().flatten().collect();
    if positions.is_empty() {
        reading.dropped.push(code);
        return None;
    }
    let order = Order {
        code,
        is_paid: status == Some(Status::Paid),
        is_canceled: matches!(status, Some(Status::Expired | Status::Canceled)),
        warning_text,
        positions,
    };
    if r.cx.count() == before {
        r.refuse_oversize(&largest_fact(&order));
    }
    Some(order)
}

fn position(
    r: &mut Record<'_>,
    is_unpaid: bool,
    reading: &mut Reading<'_>,
) -> Option<OrderPosition> {
    // Blocks may be lifted: a later export has the ticket again.
    if r.flag_or("canceled", false) || r.optional("blocked", blocked).unwrap_or(false) {
        return None;
    }
    let ids = 1..=u32::MAX;
    let item = Item {
        id: r.required("item", |value| scalar::number(value, &ids))?,
        variation: r.optional("variation", |value| scalar::number(value, &ids)),
    };
    let product = match reading.map.target(item) {
        Some(Target::Product(product)) => product,
        Some(Target::Skip) => {
            reading.skipped.positions += 1;
            return None;
        }
        None => {
            reading.unmapped.note(item, || r.at("item"));
            ProductId::default()
        }
    };
    let secret = r.name("secret");
    if !secret.is_empty() {
        reading.secrets.claim(r.cx, r.path(), secret.clone());
    }
    Some(OrderPosition {
        secret,
        product,
        price: is_unpaid.then(|| r.money("price", Sign::NotNegative)),
    })
}

/// Whether a ticket is blocked: the shop lists the reasons.
fn blocked(reasons: &Value) -> Result<bool, String> {
    match reasons {
        Value::List(reasons) => Ok(!reasons.is_empty()),
        other => Err(scalar::expected("a list", other)),
    }
}

/// What the cashier must acknowledge.
fn warning_text(order: &mut Record<'_>) -> String {
    let attention = order.flag_or("checkin_attention", false);
    let text = order.optional("checkin_text", |value| match value {
        // Browsers end the lines of a text field with both characters, and people paste tabs.
        Value::Text(text) => {
            let lines = text.trim().replace("\r\n", "\n").replace('\t', " ");
            scalar::prose(&Value::Text(lines), &PROSE_CHARS)
        }
        other => scalar::prose(other, &PROSE_CHARS),
    });
    match text {
        Some(text) if !text.is_empty() => text,
        _ if attention => ATTENTION.to_owned(),
        _ => String::new(),
    }
}

/// The order as an event, with the longest ids that it could be given.
fn largest_fact(order: &Order) -> Preorder {
    let position = |position: &OrderPosition| PreorderPosition {
        id: PreorderPositionId(u32::MAX),
        price: position.price,
        product: position.product,
        secret: position.secret.clone(),
    };
    Preorder {
        id: PreorderId(u32::MAX),
        is_canceled: order.is_canceled,
        is_paid: order.is_paid,
        order_code: order.code.clone(),
        positions: order.positions.iter().map(position).collect(),
        warning_text: order.warning_text.clone(),
    }
}

/// A count instead of the positions: their secrets are their holders'.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("code", &self.code)
            .field("is_paid", &self.is_paid)
            .field("is_canceled", &self.is_canceled)
            .field("positions", &self.positions.len())
            .finish_non_exhaustive()
    }
}
