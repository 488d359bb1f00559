//! An object of the document with its path: the cursor that every reader uses.
//!
//! It remembers which members were asked for. Whatever is left over is refused, because a typo in a
//! venue's file must not pass silently; only what another program wrote may say more.

use crate::Change;
use crate::context::Context;
use crate::limits::MAX_FACT_BYTES;
use crate::registry::Registry;
use crate::scalar::{expected, shorten};
use crate::value::Value;
use serde::Serialize;
use std::collections::BTreeSet;

pub(crate) struct Record<'a> {
    pub(crate) cx: &'a Context,
    path: String,
    members: &'a [(String, Value)],
    asked: Vec<&'static str>,
}

impl<'a> Record<'a> {
    /// Reads an object with `fields`, then refuses the members that `fields` did not ask for.
    pub(crate) fn read<T>(
        cx: &'a Context,
        path: String,
        value: &'a Value,
        fields: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let Value::Members(members) = value else {
            cx.refuse(&path, &expected("an object", value));
            return None;
        };
        let mut record = Self {
            cx,
            path,
            members,
            asked: Vec::new(),
        };
        record.refuse_doubles();
        let read = fields(&mut record);
        record.refuse_leftovers();
        Some(read)
    }

    /// Where this object stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Where a member stands.
    pub(crate) fn at(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Notes a problem of a member.
    pub(crate) fn refuse(&self, name: &str, message: &str) {
        self.cx.refuse(&self.at(name), message);
    }

    /// A member as it stands.
    fn given(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    /// A member that may be missing; null counts as missing.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&'a Value) -> Result<T, String>,
    ) -> Option<T> {
        let value = self
            .given(name)
            .filter(|value| !matches!(value, Value::Null))?;
        parse(value)
            .map_err(|message| self.refuse(name, &message))
            .ok()
    }

    /// A member that must be there. `None` when it is not or is wrong: the problem is noted then.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&'a Value) -> Result<T, String>,
    ) -> Option<T> {
        match self.given(name) {
            None | Some(Value::Null) => {
                self.refuse(name, "is required");
                None
            }
            Some(value) => parse(value)
                .map_err(|message| self.refuse(name, &message))
                .ok(),
        }
    }

    /// A member that is an object.
    pub(crate) fn object<T>(
        &mut self,
        name: &'static str,
        fields: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let value = self.optional(name, Ok)?;
        Self::read(self.cx, self.at(name), value, fields)
    }

    /// A member that is an object, or says that there is to be none.
    pub(crate) fn change<T>(
        &mut self,
        name: &'static str,
        fields: impl FnOnce(&mut Self) -> T,
    ) -> Change<T> {
        match self.given(name) {
            None => Change::Keep,
            Some(Value::Null | Value::Flag(false)) => Change::Remove,
            Some(value) => {
                Self::read(self.cx, self.at(name), value, fields).map_or(Change::Keep, Change::Set)
            }
        }
    }

    /// A member that is an object of free names.
    pub(crate) fn free_members(&mut self, name: &'static str) -> Option<&'a [(String, Value)]> {
        let members = self.optional(name, |value| match value {
            Value::Members(members) => Ok(members),
            other => Err(expected("an object", other)),
        })?;
        let record = Self {
            cx: self.cx,
            path: self.at(name),
            members,
            asked: Vec::new(),
        };
        record.refuse_doubles();
        Some(members)
    }

    /// A member that is a list, with its path.
    pub(crate) fn items(
        &mut self,
        name: &'static str,
        most: usize,
    ) -> Option<(String, &'a [Value])> {
        let items = self.optional(name, |value| match value {
            Value::List(items) if items.len() <= most => Ok(items.as_slice()),
            Value::List(items) => Err(format!(
                "has {} entries; at most {most} are read",
                items.len()
            )),
            other => Err(expected("a list", other)),
        })?;
        Some((self.at(name), items))
    }

    /// A member that is a list of objects, in their order.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        most: usize,
        mut fields: impl FnMut(&mut Self) -> T,
    ) -> Option<Vec<T>> {
        let (path, items) = self.items(name, most)?;
        let item = |(i, value)| Self::read(self.cx, format!("{path}[{i}]"), value, &mut fields);
        Some(items.iter().enumerate().filter_map(item).collect())
    }

    /// A member that is a list of objects with keys of their own: sorted by them, each once.
    pub(crate) fn section<T: Serialize, K: Ord>(
        &mut self,
        name: &'static str,
        most: usize,
        keys: &mut Registry<K>,
        key: fn(&T) -> K,
        mut fields: impl FnMut(&mut Self) -> T,
    ) -> Option<Vec<T>> {
        let cx = self.cx;
        let before = cx.count();
        let mut entries = self.list(name, most, |record| {
            let before = cx.count();
            let entry = fields(record);
            // A broken entry holds placeholders; judging those would only make noise.
            if cx.count() == before {
                keys.claim(cx, &record.path, key(&entry));
                record.refuse_oversize(&entry);
            }
            entry
        })?;
        keys.close(cx.count() == before);
        entries.sort_by_key(key);
        Some(entries)
    }

    /// An entry becomes the data of one event line, and a line has an end.
    pub(crate) fn refuse_oversize<T: Serialize>(&self, entry: &T) {
        let bytes = serde_json::to_vec(entry).map_or(usize::MAX, |json| json.len());
        if bytes > MAX_FACT_BYTES {
            let message = format!("too large: {bytes} bytes as an event, at most {MAX_FACT_BYTES}");
            self.cx.refuse(&self.path, &message);
        }
    }

    fn refuse_doubles(&self) {
        let mut names = BTreeSet::new();
        for (name, _) in self.members {
            if !names.insert(name) {
                self.refuse(&shorten(name, 40), "is given twice");
            }
        }
    }

    fn refuse_leftovers(&self) {
        if self.cx.foreign {
            return;
        }
        for (name, _) in self
            .members
            .iter()
            .filter(|(name, _)| !self.asked.contains(&&**name))
        {
            let near = self
                .asked
                .iter()
                .find(|known| within_two_edits(name, known));
            let hint = near
                .map(|known| format!("; did you mean \"{known}\"?"))
                .unwrap_or_default();
            self.refuse(&shorten(name, 40), &format!("is not known here{hint}"));
        }
    }
}

/// Whether two short names differ by at most two typed characters.
fn within_two_edits(a: &str, b: &str) -> bool {
    if a.len().abs_diff(b.len()) > 2 || b.len() < 4 {
        return false;
    }
    // One row of the Levenshtein table: row[j] = edits from the part of `a` so far to b[..j].
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()] <= 2
}
