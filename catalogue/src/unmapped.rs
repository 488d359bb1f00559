//! Items that a mapping does not name: one problem each, with all that an operator needs to map it.

use crate::context::Context;
use crate::item_map::Item;
use crate::limits::{MAX_ENTRIES, MAX_PARTS};
use crate::record::Record;
use crate::scalar;
use crate::value::Value;
use std::collections::BTreeMap;

/// An item as the shop describes it; for messages only.
pub(crate) struct ShopItem {
    path: String,
    name: String,
    variations: BTreeMap<u32, String>,
}

/// The items without a mapping, by id.
#[derive(Default)]
pub(crate) struct Unmapped(BTreeMap<u32, Needed>);

/// How much an item is needed.
struct Needed {
    /// Where it was met first.
    path: String,
    positions: usize,
    variations: BTreeMap<u32, usize>,
}

/// Most variations that a message lists.
const LISTED_VARIATIONS: usize = 5;
/// Most characters of a name in a message.
const LABEL_CHARS: usize = 40;

/// The shop's items, by id. Older exports may not have them.
pub(crate) fn shop_items(event: &mut Record<'_>) -> BTreeMap<u32, ShopItem> {
    let ids = 1..=u32::MAX;
    let items = event.list("items", MAX_ENTRIES, |r| {
        let variations = r.list("variations", MAX_PARTS, |r| {
            (r.number("id", &ids), label(r))
        });
        let item = ShopItem {
            path: r.path().to_owned(),
            name: label(r),
            variations: variations.into_iter().flatten().collect(),
        };
        (r.number("id", &ids), item)
    });
    items.into_iter().flatten().collect()
}

/// The name in quotes, or nothing: a shop may write names in ways that are not read here.
fn label(r: &mut Record<'_>) -> String {
    let name = r.optional("name", |name| match name {
        Value::Text(name) => Ok(format!(" \"{}\"", scalar::shorten(name, LABEL_CHARS))),
        _ => Ok(String::new()),
    });
    name.unwrap_or_default()
}

impl Unmapped {
    /// Notes that a position needs an item.
    pub(crate) fn note(&mut self, item: Item, path: impl FnOnce() -> String) {
        let needed = self.0.entry(item.id).or_insert_with(|| Needed {
            path: path(),
            positions: 0,
            variations: BTreeMap::new(),
        });
        needed.positions += 1;
        if let Some(variation) = item.variation {
            *needed.variations.entry(variation).or_default() += 1;
        }
    }

    /// Makes a problem of each item.
    pub(crate) fn refuse(&self, cx: &Context, items: &BTreeMap<u32, ShopItem>) {
        for (id, needed) in &self.0 {
            let item = items.get(id);
            let path = item.map_or(&needed.path, |item| &item.path);
            let name = item.map_or("", |item| &item.name);
            let need = match needed.positions {
                1 => "1 position needs it".to_owned(),
                n => format!("{n} positions need it"),
            };
            let variations = variations(*id, needed, item);
            let message = format!(
                "item {id}{name} is not mapped, and {need}: add --map {id}=PRODUCT with the id of \
                 your product, or --map {id}=skip to leave it out{variations}"
            );
            cx.refuse(path, &message);
        }
    }
}

/// How an item's variations could be mapped one by one.
fn variations(id: u32, needed: &Needed, item: Option<&ShopItem>) -> String {
    let listed = needed.variations.iter().take(LISTED_VARIATIONS);
    let mut parts: Vec<String> = listed
        .map(|(variation, positions)| {
            let name = item.and_then(|item| item.variations.get(variation));
            let name = name.map_or("", String::as_str);
            format!("{id}/{variation}{name} ({positions})")
        })
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let more = needed.variations.len() - parts.len();
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    format!("; or map its variations: {}", parts.join(", "))
}
