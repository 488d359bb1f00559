//! The kinds of members that catalogue entries are made of, read from a record by name.
//!
//! A required member that is missing or wrong gives a placeholder; its problem is noted, so that
//! the file as a whole is refused.

use crate::limits::{MAX_PARTS, NAME_CHARS};
use crate::record::Record;
use crate::registry::Registry;
use crate::scalar::{self, Sign};
use daybook_schema::money::{Money, TaxRate};
use daybook_schema::time::At;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

impl Record<'_> {
    /// An id, from 1.
    pub(crate) fn id<K>(&mut self, name: &'static str, wrap: fn(u32) -> K) -> K {
        wrap(self.number(name, &(1..=u32::MAX)))
    }

    pub(crate) fn number(&mut self, name: &'static str, range: &RangeInclusive<u32>) -> u32 {
        self.required(name, |value| scalar::number(value, range))
            .unwrap_or_default()
    }

    pub(crate) fn number_or(
        &mut self,
        name: &'static str,
        range: &RangeInclusive<u32>,
        default: u32,
    ) -> u32 {
        self.optional(name, |value| scalar::number(value, range))
            .unwrap_or(default)
    }

    pub(crate) fn flag_or(&mut self, name: &'static str, default: bool) -> bool {
        self.optional(name, scalar::flag).unwrap_or(default)
    }

    /// A name for people.
    pub(crate) fn name(&mut self, name: &'static str) -> String {
        self.required(name, |value| scalar::line(value, &NAME_CHARS))
            .unwrap_or_default()
    }

    pub(crate) fn optional_line(
        &mut self,
        name: &'static str,
        chars: &RangeInclusive<usize>,
    ) -> Option<String> {
        self.optional(name, |value| scalar::line(value, chars))
    }

    pub(crate) fn money(&mut self, name: &'static str, sign: Sign) -> Money {
        let currency = self.cx.currency.get();
        self.required(name, |value| scalar::money(value, currency, sign))
            .unwrap_or_default()
    }

    pub(crate) fn optional_money(&mut self, name: &'static str) -> Option<Money> {
        let currency = self.cx.currency.get();
        self.optional(name, |value| {
            scalar::money(value, currency, Sign::NotNegative)
        })
    }

    pub(crate) fn rate(&mut self, name: &'static str) -> TaxRate {
        self.required(name, scalar::rate).unwrap_or_default()
    }

    pub(crate) fn optional_rate(&mut self, name: &'static str) -> Option<TaxRate> {
        self.optional(name, scalar::rate)
    }

    pub(crate) fn optional_time(&mut self, name: &'static str) -> Option<At> {
        self.optional(name, scalar::time)
    }

    /// An id of another section.
    pub(crate) fn reference<K: Ord + Display>(
        &mut self,
        name: &'static str,
        known: &Registry<K>,
        wrap: fn(u32) -> K,
    ) -> K {
        let id = self.required(name, |value| leads(value, known, wrap));
        id.unwrap_or_else(|| wrap(0))
    }

    pub(crate) fn optional_reference<K: Ord + Display>(
        &mut self,
        name: &'static str,
        known: &Registry<K>,
        wrap: fn(u32) -> K,
    ) -> Option<K> {
        self.optional(name, |value| leads(value, known, wrap))
    }

    /// Ids of another section, sorted, each once.
    pub(crate) fn references<K: Ord + Display>(
        &mut self,
        name: &'static str,
        known: &Registry<K>,
        wrap: fn(u32) -> K,
    ) -> Vec<K> {
        self.required_set(name, |value| leads(value, known, wrap))
    }

    /// Words of an enum, sorted, each once.
    pub(crate) fn words<T: DeserializeOwned + Ord>(&mut self, name: &'static str) -> Vec<T> {
        self.required_set(name, scalar::word)
    }

    /// Texts, in their order; nothing when the member is absent.
    pub(crate) fn texts(
        &mut self,
        name: &'static str,
        most: usize,
        parse: impl Fn(&crate::value::Value) -> Result<String, String>,
    ) -> Vec<String> {
        let Some((path, items)) = self.items(name, most) else {
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            match parse(item) {
                Ok(text) => texts.push(text),
                Err(message) => self.cx.refuse(&format!("{path}[{i}]"), &message),
            }
        }
        texts
    }

    fn required_set<T: Ord>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&crate::value::Value) -> Result<T, String>,
    ) -> Vec<T> {
        if self.required(name, |_| Ok(())).is_none() {
            return Vec::new();
        }
        let Some((path, items)) = self.items(name, MAX_PARTS) else {
            return Vec::new();
        };
        let mut set = BTreeSet::new();
        for (i, item) in items.iter().enumerate() {
            let message = match parse(item) {
                Ok(read) => (!set.insert(read)).then(|| "stands twice in this list".to_owned()),
                Err(message) => Some(message),
            };
            if let Some(message) = message {
                self.cx.refuse(&format!("{path}[{i}]"), &message);
            }
        }
        set.into_iter().collect()
    }
}

fn leads<K: Ord + Display>(
    value: &crate::value::Value,
    known: &Registry<K>,
    wrap: fn(u32) -> K,
) -> Result<K, String> {
    let id = wrap(scalar::number(value, &(1..=u32::MAX))?);
    known.check(&id).map(|()| id)
}
