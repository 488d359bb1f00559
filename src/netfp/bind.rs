//! Reading the members of a body: names in any case, numbers also as texts. What does not fit is
//! gathered with its path, so that a client hears of everything at once.

use crate::json::{self, Value};
use daybook_schema::money::MAX_UNITS;
use jiff::civil::DateTime;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What does not fit, by the path of the member (`payments[1].paymentType`).
#[derive(Debug, Default)]
pub(super) struct Faults(RefCell<BTreeMap<String, Vec<String>>>);

impl Faults {
    fn add(&self, path: String, text: impl Into<String>) {
        let mut faults = self.0.borrow_mut();
        faults.entry(path).or_default().push(text.into());
    }

    /// What was read, unless something did not fit.
    pub(super) fn unless<T>(self, read: T) -> Result<T, Misfits> {
        let misfits = self.0.into_inner();
        if misfits.is_empty() {
            Ok(read)
        } else {
            Err(Misfits(misfits))
        }
    }
}

/// Why a body, or a parameter, is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfits(pub BTreeMap<String, Vec<String>>);

impl Misfits {
    /// One thing that does not fit.
    pub(super) fn one(path: &str, text: impl Into<String>) -> Self {
        Self(BTreeMap::from([(path.to_owned(), vec![text.into()])]))
    }
}

/// Reads the JSON of a body.
pub(super) fn json(bytes: &[u8]) -> Result<Value, Misfits> {
    let refused = |why: String| Misfits::one("$", why);
    let text = std::str::from_utf8(bytes).map_err(|error| refused(error.to_string()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(refused("A body is required: a JSON object".to_owned()));
    }
    json::read(text).map_err(|error| refused(error.to_string()))
}

/// An object, somewhere in a body.
#[derive(Clone)]
pub(super) struct Object<'a> {
    members: &'a [(String, Value)],
    path: String,
    faults: &'a Faults,
}

impl<'a> Object<'a> {
    /// The body itself.
    pub(super) fn body(value: &'a Value, faults: &'a Faults) -> Self {
        Self::at(value, String::new(), faults)
    }

    /// What is no object has no members, and is told.
    fn at(value: &'a Value, path: String, faults: &'a Faults) -> Self {
        let members = if let Value::Object(members) = value {
            members.as_slice()
        } else {
            let path = if path.is_empty() { "$" } else { &path };
            faults.add(path.to_owned(), "This should be an object");
            &[]
        };
        Self {
            members,
            path,
            faults,
        }
    }

    /// A member that is there and not null. Of one that is given twice the last counts.
    fn member(&self, name: &str) -> Option<&'a Value> {
        let mut members = self.members.iter().rev();
        let found = members.find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).filter(|it| !it.is_null())
    }

    /// Whether a member is there and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    fn path(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    /// Tells that a member does not fit.
    pub(super) fn fault(&self, name: &str, text: impl Into<String>) {
        self.faults.add(self.path(name), text);
    }

    fn read<T>(
        &self,
        name: &str,
        what: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.member(name)?);
        if value.is_none() {
            self.fault(name, format!("This should be {what}"));
        }
        value
    }

    /// A text; empty when it is left out.
    pub(super) fn text(&self, name: &str) -> String {
        let text = self.read(name, "a text", Value::as_str);
        text.unwrap_or_default().to_owned()
    }

    /// A text that is not empty.
    pub(super) fn some_text(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A number with this many decimals, rounded half away from zero.
    pub(super) fn number(&self, name: &str, decimals: u32) -> Option<i64> {
        self.read(name, "a number", |value| json::nearest(value, decimals))
    }

    /// The same, which must be there.
    pub(super) fn required_number(&self, name: &str, decimals: u32) -> i64 {
        if !self.has(name) {
            self.fault(name, "This is required");
        }
        self.number(name, decimals).unwrap_or_default()
    }

    /// A whole number. One that is too large to count is still one.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        let whole = |value: &Value| match value {
            Value::Text(text) => json::whole(&Value::Number(text.trim().to_owned())),
            other => json::whole(other),
        };
        self.read(name, "a whole number", |value| {
            let endless = || json::nearest(value, 0).filter(|it| it.abs() == MAX_UNITS);
            whole(value).or_else(endless)
        })
    }

    /// True or false.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.read(name, "true or false", |value| match value {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        })
    }

    /// One of these words, in any case.
    pub(super) fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let known = words.iter().map(|(word, _)| *word);
        let what = format!("one of: {}", known.collect::<Vec<_>>().join(", "));
        self.read(name, &what, |value| {
            let given = value.as_str()?;
            let mut words = words.iter();
            let found = words.find(|(word, _)| word.eq_ignore_ascii_case(given));
            found.map(|(_, meaning)| *meaning)
        })
    }

    /// A local time; empty is none. An offset is not looked at: devices know none.
    pub(super) fn time(&self, name: &str) -> Option<DateTime> {
        if self.member(name).and_then(Value::as_str) == Some("") {
            return None;
        }
        let what = "a local time like 2026-05-01T12:00:00";
        self.read(name, what, |value| value.as_str()?.trim().parse().ok())
    }

    /// A list; nothing when it is left out.
    pub(super) fn list(&self, name: &str) -> &'a [Value] {
        let list = self.read(name, "a list", |value| match value {
            Value::List(entries) => Some(entries.as_slice()),
            _ => None,
        });
        list.unwrap_or_default()
    }

    /// The objects of a list.
    pub(super) fn objects(&self, name: &str) -> Vec<Self> {
        let entries = self.list(name).iter().enumerate();
        let at = |(index, value): (usize, &'a Value)| {
            let path = format!("{}[{index}]", self.path(name));
            Self::at(value, path, self.faults)
        };
        entries.map(at).collect()
    }

    /// An object that is a member.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        let value = self.member(name)?;
        Some(Self::at(value, self.path(name), self.faults))
    }

    /// All members, as they are.
    pub(super) fn members(&self) -> &'a [(String, Value)] {
        self.members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_in_any_case_and_the_last_counts() {
        let body = json(b"\xef\xbb\xbf{\"AMOUNT\": 1, \"amount\": \" 2.345 \", \"text\": null}");
        let body = body.unwrap();
        let faults = Faults::default();
        let object = Object::body(&body, &faults);
        assert_eq!(object.number("amount", 2), Some(235));
        assert_eq!(object.text("text"), "");
        assert_eq!(object.flag("amount"), None);
        let misfits = faults.unless(()).unwrap_err();
        assert_eq!(
            misfits,
            Misfits::one("amount", "This should be true or false")
        );
    }

    #[test]
    fn everything_that_does_not_fit_is_told_with_its_path() {
        let body = json(
            br#"{"items":[{"type":"SALE","taxGroup":"2","quantity":"x","code":-1e30},5],
                "payments":[{},{"paymentType":"gold"}],"when":"soon","flag":"true","n":1.5}"#,
        );
        let body = body.unwrap();
        let faults = Faults::default();
        let object = Object::body(&body, &faults);
        let items = object.objects("items");
        assert_eq!(items[0].word("type", &[("sale", 7)]), Some(7));
        assert_eq!(items[0].integer("taxGroup"), Some(2));
        assert_eq!(items[0].number("quantity", 3), None);
        assert_eq!(items[0].integer("code"), Some(-MAX_UNITS));
        let payments = object.objects("payments");
        assert_eq!(
            payments[1].word("paymentType", &[("cash", 1), ("card", 2)]),
            None
        );
        assert_eq!(object.time("when"), None);
        assert_eq!(object.flag("flag"), None);
        assert_eq!(object.integer("n"), None);
        assert_eq!(object.required_number("amount", 2), 0);
        assert!(object.objects("flag").is_empty());
        let misfits = faults.unless(()).unwrap_err().0;
        let told: Vec<(&str, &str)> = misfits
            .iter()
            .map(|(path, texts)| (path.as_str(), texts[0].as_str()))
            .collect();
        let expected = [
            ("amount", "This is required"),
            ("flag", "This should be true or false"),
            ("items[0].quantity", "This should be a number"),
            ("items[1]", "This should be an object"),
            ("n", "This should be a whole number"),
            (
                "payments[1].paymentType",
                "This should be one of: cash, card",
            ),
            (
                "when",
                "This should be a local time like 2026-05-01T12:00:00",
            ),
        ];
        assert_eq!(told, expected);
        assert_eq!(misfits["flag"].len(), 2);
    }

    #[test]
    fn what_is_no_json_is_told_as_such() {
        for body in [&b""[..], b" ", b"{", b"{\"a\":01}", b"\xff"] {
            let misfits = json(body).unwrap_err();
            assert!(misfits.0.contains_key("$"), "{body:?}");
        }
    }
}
