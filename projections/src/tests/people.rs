//! Entries of lists and badges of users, which move.

use super::log::Log;
use daybook_schema::facts::{ListEntry, Role, User, Withdrawn};
use daybook_schema::id::{ConstraintId, ListEntryId, UserId};
use daybook_schema::{Digest, Fact, hash};
use proptest::prelude::*;

fn entry(id: u32, list: u32, identifier: &str) -> ListEntry {
    ListEntry {
        id: ListEntryId(id),
        identifier: identifier.to_owned(),
        list: ConstraintId(list),
        name: format!("Person {id}"),
    }
}

fn badge(text: &str) -> Digest {
    hash::fingerprint(text.as_bytes())
}

fn user(id: u32, badge_text: Option<&str>) -> Fact {
    Fact::UserDefined(User {
        badge_hash: badge_text.map(badge),
        id: UserId(id),
        name: format!("User {id}"),
        roles: vec![Role::Troubleshooter],
        username: format!("user{id}"),
    })
}

proptest! {
    #[test]
    fn entries_are_found_where_they_were_put_last(
        puts in prop::collection::vec((1u32..5, 1u32..3, "[ab]"), 0..20),
    ) {
        let mut log = Log::default();
        let mut last = std::collections::BTreeMap::new();
        for (id, list, identifier) in puts {
            let entry = entry(id, list, &identifier);
            last.insert(entry.id, entry.clone());
            log.fold(Fact::ListEntryDefined(entry));
        }
        let view = &log.views.constraint;
        for list in (1..3).map(ConstraintId) {
            for identifier in ["a", "b", "A", ""] {
                let there = |e: &&ListEntry| e.list == list && e.identifier == identifier;
                let expected: Vec<_> = last.values().filter(there).map(|entry| entry.id).collect();
                let found: Vec<_> = view.entries_of(list, identifier).collect();
                prop_assert_eq!(found, expected);
            }
        }
        prop_assert_eq!(view.last_entry(), last.keys().last().copied());
    }
}

#[test]
fn badges_move_between_users() {
    let mut log = Log::default();
    let who = |log: &Log, text: &str| {
        let user = log.views.access.user_of_badge(&badge(text));
        user.map(|user| user.id.0)
    };
    log.fold_all([user(1, Some("x")), user(2, Some("y"))]);
    assert_eq!((who(&log, "x"), who(&log, "y")), (Some(1), Some(2)));
    // They swap.
    log.fold_all([user(1, Some("y")), user(2, Some("x"))]);
    assert_eq!((who(&log, "x"), who(&log, "y")), (Some(2), Some(1)));
    // One hands it to the other, who had none.
    log.fold_all([user(3, None), user(3, Some("x")), user(2, None)]);
    assert_eq!((who(&log, "x"), who(&log, "y")), (Some(3), Some(1)));
    let id = UserId(1);
    log.fold(Fact::UserWithdrawn(Withdrawn { id }));
    assert_eq!((who(&log, "x"), who(&log, "y")), (Some(3), None));
    log.fold(user(4, Some("y")));
    assert_eq!(who(&log, "y"), Some(4));
}
