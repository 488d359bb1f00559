//! Which path is what, and which methods it takes.

use axum::http::Method;

/// The lists of objects. Each has a list view and a detail view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Sales and reversals.
    Transactions,
    /// What is sold.
    Products,
    /// Orders of the presale.
    Preorders,
    /// Tickets.
    PreorderPositions,
    /// Lists of people.
    ListConstraints,
    /// People on lists.
    ListConstraintEntries,
    /// Codes that desks printed.
    Pings,
}

/// All lists with their names, in the order in which the root shows them.
pub(super) const LISTS: [(&str, Kind); 7] = [
    ("transactions", Kind::Transactions),
    ("products", Kind::Products),
    ("preorders", Kind::Preorders),
    ("preorderpositions", Kind::PreorderPositions),
    ("listconstraints", Kind::ListConstraints),
    ("listconstraintentries", Kind::ListConstraintEntries),
    ("pings", Kind::Pings),
];

/// What a session asks for by a name below `cashdesk`, in the protocol's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    CurrentTime,
    OpenDrawer,
    Pong,
    PrintPing,
    ReprintReceipt,
    RequestResupply,
    SignalNext,
    Supply,
}

/// The names of [`Named`].
pub(super) const ACTIONS: [(&str, Named); 8] = [
    ("current-time", Named::CurrentTime),
    ("open-drawer", Named::OpenDrawer),
    ("pong", Named::Pong),
    ("print-ping", Named::PrintPing),
    ("reprint-receipt", Named::ReprintReceipt),
    ("request-resupply", Named::RequestResupply),
    ("signal-next", Named::SignalNext),
    ("supply", Named::Supply),
];

/// What a path leads to. Ids stand as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint<'a> {
    /// `/api/`
    Root,
    /// `/api/{list}/`
    List(Kind),
    /// `/api/{list}/{id}/`
    Detail(Kind, &'a str),
    /// `/api/transactions/{id}/reverse/`
    Reverse(&'a str),
    /// `/api/cashdesk/{action}/`
    Action(Named),
    /// `/api/pings/{id}/mark_synced/`
    MarkSynced(&'a str),
}

impl<'a> Endpoint<'a> {
    /// The endpoint of a path; a slash at its end is tolerated, and may be missing.
    #[must_use]
    pub(super) fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix("/api")?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let Some(path) = path.strip_prefix('/') else {
            return path.is_empty().then_some(Self::Root);
        };
        let mut parts = path.split('/');
        let parts = [parts.next(), parts.next(), parts.next(), parts.next()];
        match parts {
            [Some("cashdesk"), Some(name), None, None] => find(&ACTIONS, name).map(Self::Action),
            [Some("transactions"), Some(id), Some("reverse"), None] => Some(Self::Reverse(id)),
            [Some("pings"), Some(id), Some("mark_synced"), None] => Some(Self::MarkSynced(id)),
            [Some(list), None, None, None] => find(&LISTS, list).map(Self::List),
            [Some(list), Some(id), None, None] if !id.is_empty() => {
                find(&LISTS, list).map(|kind| Self::Detail(kind, id))
            }
            _ => None,
        }
    }

    /// The methods that it takes, besides `HEAD` where it takes `GET`, and `OPTIONS`.
    #[must_use]
    pub(super) const fn methods(&self) -> &'static [Method] {
        match self {
            Self::List(Kind::Transactions) => &[Method::GET, Method::POST],
            Self::Root | Self::List(_) | Self::Detail(..) | Self::Action(Named::CurrentTime) => {
                &[Method::GET]
            }
            Self::Reverse(_) | Self::Action(_) | Self::MarkSynced(_) => &[Method::POST],
        }
    }

    /// What stands in `Allow`.
    #[must_use]
    pub(super) fn allow(&self) -> String {
        let mut allow = Vec::new();
        for method in self.methods() {
            allow.push(method.as_str());
            if *method == Method::GET {
                allow.push("HEAD");
            }
        }
        allow.push("OPTIONS");
        allow.join(", ")
    }

    /// Whether it is one of the pings, which may be open to all.
    #[must_use]
    pub(super) const fn is_ping(&self) -> bool {
        matches!(
            self,
            Self::List(Kind::Pings) | Self::Detail(Kind::Pings, _) | Self::MarkSynced(_)
        )
    }

    /// A known name for figures, never a client's text.
    #[must_use]
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::List(kind) | Self::Detail(kind, _) => name_of(&LISTS, *kind),
            Self::Reverse(_) => "reverse",
            Self::Action(named) => name_of(&ACTIONS, *named),
            Self::MarkSynced(_) => "mark_synced",
        }
    }
}

fn find<T: Copy>(names: &[(&str, T)], name: &str) -> Option<T> {
    let found = names.iter().find(|(known, _)| *known == name);
    found.map(|(_, found)| *found)
}

fn name_of<T: PartialEq + Copy>(names: &[(&'static str, T)], wanted: T) -> &'static str {
    let found = names.iter().find(|(_, known)| *known == wanted);
    found.map_or("", |(name, _)| name)
}

/// The id in a path: digits alone, within the range of ids.
#[must_use]
pub(super) fn id<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_at_the_end_are_tolerated_and_nothing_else_is() {
        for (path, endpoint) in [
            ("/api", Some(Endpoint::Root)),
            ("/api/", Some(Endpoint::Root)),
            ("/api/products", Some(Endpoint::List(Kind::Products))),
            ("/api/products/", Some(Endpoint::List(Kind::Products))),
            (
                "/api/products/3/",
                Some(Endpoint::Detail(Kind::Products, "3")),
            ),
            ("/api/transactions/x/reverse", Some(Endpoint::Reverse("x"))),
            ("/api/pings/1/mark_synced/", Some(Endpoint::MarkSynced("1"))),
            ("/api/cashdesk/pong/", Some(Endpoint::Action(Named::Pong))),
            ("/api//", None),
            ("/api/products//", None),
            ("/api/cashdesk/", None),
            ("/api/cashdesk/unknown/", None),
            ("/api/products/3/4/", None),
            ("/api/products/3/reverse/", None),
            ("/api/transactions/1/reverse/2", None),
            ("/apiproducts", None),
            ("/other", None),
        ] {
            assert_eq!(Endpoint::of(path), endpoint, "{path}");
        }
    }

    #[test]
    fn allow_names_every_method() {
        assert_eq!(
            Endpoint::List(Kind::Transactions).allow(),
            "GET, HEAD, POST, OPTIONS"
        );
        assert_eq!(Endpoint::Reverse("1").allow(), "POST, OPTIONS");
    }

    #[test]
    fn ids_are_digits() {
        assert_eq!(id::<u32>("40"), Some(40));
        for text in ["", "-1", "+1", "4294967296", "4 ", "x", "1.0"] {
            assert_eq!(id::<u32>(text), None, "{text}");
        }
    }
}
