//! Which of our products the items of a ticket shop are, as operators write it: `101=3`, `101/7=5`,
//! `102=skip`.

use crate::context::Context;
use crate::error::CatalogueError;
use daybook_schema::id::ProductId;
use std::collections::BTreeMap;

/// An item of the shop, or one of its variations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) id: u32,
    pub(crate) variation: Option<u32>,
}

/// What becomes of the positions of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Product(ProductId),
    Skip,
}

/// Maps the items of a ticket shop, and where needed their variations, to products.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ItemMap {
    targets: BTreeMap<Item, Target>,
}

impl ItemMap {
    /// Reads entries like `101=3` (item 101 is our product 3), `101/7=5` (its variation 7 is
    /// product 5) and `102=skip` (positions of item 102 are left out).
    ///
    /// # Errors
    /// When an entry is none of these, or an item is mapped twice.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, CatalogueError> {
        let cx = Context::new();
        let mut targets = BTreeMap::new();
        for entry in entries {
            let path = format!("--map {entry}");
            match read(entry) {
                None => cx.refuse(
                    &path,
                    "write ITEM=PRODUCT, ITEM/VARIATION=PRODUCT or ITEM=skip, each by its id: \
                     101=3, 101/7=5, 102=skip",
                ),
                Some((item, target)) => {
                    if targets.insert(item, target).is_some() {
                        cx.refuse(&path, "this item is mapped already: keep one of the two");
                    }
                }
            }
        }
        cx.conclude(Some(Self { targets }))
    }

    /// What becomes of an item. A variation's own entry beats that of its item.
    pub(crate) fn target(&self, item: Item) -> Option<Target> {
        let whole = Item {
            variation: None,
            ..item
        };
        self.targets
            .get(&item)
            .or_else(|| self.targets.get(&whole))
            .copied()
    }
}

fn read(entry: &str) -> Option<(Item, Target)> {
    let (item, target) = entry.split_once('=')?;
    let target = match target.trim() {
        "skip" => Target::Skip,
        product => Target::Product(ProductId(id(product)?)),
    };
    let item = match item.split_once('/') {
        Some((item, variation)) => Item {
            id: id(item)?,
            variation: Some(id(variation)?),
        },
        None => Item {
            id: id(item)?,
            variation: None,
        },
    };
    Some((item, target))
}

/// An id, from 1. `parse` alone would read `+1`.
fn id(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|id| digits && *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(map: &ItemMap, id: u32, variation: Option<u32>) -> Option<Target> {
        map.target(Item { id, variation })
    }

    #[test]
    fn a_variation_beats_its_item() {
        let map = ItemMap::parse(["101=3", " 101 / 7 = 5 ", "101/8=skip", "102=skip"]).unwrap();
        let product = |id| Some(Target::Product(ProductId(id)));
        assert_eq!(target(&map, 101, None), product(3));
        assert_eq!(target(&map, 101, Some(9)), product(3));
        assert_eq!(target(&map, 101, Some(7)), product(5));
        assert_eq!(target(&map, 101, Some(8)), Some(Target::Skip));
        assert_eq!(target(&map, 102, Some(1)), Some(Target::Skip));
        assert_eq!(target(&map, 103, None), None);
    }

    #[test]
    fn an_entry_for_a_variation_says_nothing_of_its_item() {
        let map = ItemMap::parse(["101/7=5"]).unwrap();
        assert_eq!(target(&map, 101, None), None);
        assert_eq!(target(&map, 101, Some(8)), None);
    }
}
