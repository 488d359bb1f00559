//! Whatever a shop does to its orders.

use super::{Ledger, order};
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    /// A secret has one id for good, and no two have the same.
    #[test]
    fn a_ticket_has_one_id_for_good(
        exports in prop::collection::vec(prop::collection::btree_map(0..12u32, 0..4u32, 0..12), 1..8)
    ) {
        let mut ledger = Ledger::festival();
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        let mut codes: BTreeMap<String, u32> = BTreeMap::new();
        for export in exports {
            // Ticket to order; orders without tickets are dropped.
            let mut read = Vec::new();
            let mut dropped = Vec::new();
            for number in 0..4 {
                let code = format!("O{number}");
                let tickets = export.iter().filter(|(_, order)| **order == number);
                let secrets: Vec<String> = tickets.map(|(ticket, _)| format!("t{ticket}")).collect();
                let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
                match secrets.as_slice() {
                    [] => dropped.push(code),
                    secrets => read.push(order(&code, secrets)),
                }
            }
            let dropped: Vec<&str> = dropped.iter().map(String::as_str).collect();
            ledger.orders(&read, &dropped);
            for order in &read {
                let placed = ledger.order(&order.code);
                prop_assert!(!placed.is_canceled);
                let id = codes.entry(order.code.clone()).or_insert(placed.id.0);
                prop_assert_eq!(*id, placed.id.0);
                let secrets = |at: usize| &order.positions[at].secret;
                for (at, position) in placed.positions.iter().enumerate() {
                    prop_assert_eq!(&position.secret, secrets(at));
                    let id = known.entry(position.secret.clone()).or_insert(position.id.0);
                    prop_assert_eq!(*id, position.id.0);
                }
                prop_assert_eq!(placed.positions.len(), order.positions.len());
            }
            let mut ids: Vec<u32> = known.values().copied().chain(1..=7).collect();
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids.len(), known.len() + 7);
        }
    }
}
