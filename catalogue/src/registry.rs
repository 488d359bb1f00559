//! Who has taken what: ids and other texts that must be unique, and the targets of references.

use crate::context::Context;
use std::collections::BTreeMap;

/// The keys of one kind, each with the path of the entry that took it.
pub(crate) struct Registry<K> {
    /// What an entry is, for messages.
    noun: &'static str,
    /// The member that holds the key.
    field: &'static str,
    taken: BTreeMap<K, String>,
    /// Whether the section was read whole: only then is a missing key known to be missing.
    complete: bool,
}

impl<K: Ord> Registry<K> {
    pub(crate) const fn new(noun: &'static str, field: &'static str) -> Self {
        Self {
            noun,
            field,
            taken: BTreeMap::new(),
            complete: false,
        }
    }

    /// Takes a key for the entry at `path`, or says who has it. The key itself is not repeated: it
    /// may be a secret.
    pub(crate) fn claim(&mut self, cx: &Context, path: &str, key: K) {
        let field = self.field;
        if let Some(other) = self.taken.get(&key) {
            cx.refuse(
                &format!("{path}.{field}"),
                &format!("already the {field} of {other}"),
            );
        } else {
            self.taken.insert(key, path.to_owned());
        }
    }

    /// Says whether the section was read whole.
    pub(crate) const fn close(&mut self, complete: bool) {
        self.complete = complete;
    }

    /// Refuses a reference that leads nowhere. One into an absent section is for the ledger to judge.
    pub(crate) fn check(&self, key: &K) -> Result<(), String>
    where
        K: std::fmt::Display,
    {
        if self.complete && !self.taken.contains_key(key) {
            return Err(format!("there is no {} {key} in this file", self.noun));
        }
        Ok(())
    }
}
