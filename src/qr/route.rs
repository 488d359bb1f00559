//! Which path is what, and which method it takes.

use axum::http::Method;
use daybook_schema::id::TableId;

/// What can be asked for at a table, in the protocol's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    WaiterCall,
    Order,
    OnlinePayment,
}

/// The names of [`Named`].
pub(super) const COMMANDS: [(&str, Named); 3] = [
    ("online_payment", Named::OnlinePayment),
    ("order", Named::Order),
    ("waiter_call", Named::WaiterCall),
];

/// What a path leads to. Its parts stand as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint<'a> {
    /// `/api/v4/events`
    Events,
    /// `/api/v4/tables/{table}/{command}`
    Table(&'a str, Named),
    /// `/api/v4/payments/{slug}`, where a payment provider tells of payments.
    Payment(&'a str),
    /// `/t/{link}/menu`
    Menu(&'a str),
    /// `/t/{link}/bill`
    Bill(&'a str),
    /// `/t/{link}` and everything else below `/t/`: the page for guests, and what it needs.
    Page(&'a str),
    /// `/t/pay/{payment}/paid`: somebody pressed the button of our own payment page.
    Paid(&'a str),
    /// `/assets/{name}`: what pages are made of.
    Asset(&'a str),
}

impl<'a> Endpoint<'a> {
    /// The endpoint of a path; a slash at its end is tolerated.
    #[must_use]
    pub(super) fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if let Some(name) = path.strip_prefix("/assets/") {
            return Some(Self::Asset(name));
        }
        let Some(path) = path.strip_prefix("/api/v4/") else {
            return Self::below_t(path.strip_prefix("/t/")?);
        };
        let mut parts = path.split('/');
        match [parts.next(), parts.next(), parts.next(), parts.next()] {
            [Some("events"), None, None, None] => Some(Self::Events),
            [Some("payments"), Some(slug), None, None] => Some(Self::Payment(slug)),
            [Some("tables"), Some(table), Some(name), None] => {
                let found = COMMANDS.iter().find(|(known, _)| *known == name);
                found.map(|(_, named)| Self::Table(table, *named))
            }
            _ => None,
        }
    }

    fn below_t(path: &'a str) -> Option<Self> {
        let paid = path
            .strip_prefix("pay/")
            .and_then(|rest| rest.strip_suffix("/paid"));
        if let Some(payment) = paid {
            return Some(Self::Paid(payment));
        }
        match path.split_once('/') {
            Some((link, "menu")) => Some(Self::Menu(link)),
            Some((link, "bill")) => Some(Self::Bill(link)),
            _ => (!path.is_empty()).then_some(Self::Page(path)),
        }
    }

    /// The method that it takes, besides `HEAD` where that is `GET`, and `OPTIONS`.
    #[must_use]
    pub(super) const fn method(&self) -> Method {
        match self {
            Self::Table(..) | Self::Payment(_) | Self::Paid(_) => Method::POST,
            Self::Events | Self::Menu(_) | Self::Bill(_) | Self::Page(_) | Self::Asset(_) => {
                Method::GET
            }
        }
    }

    /// What stands in `Allow`.
    #[must_use]
    pub(super) fn allow(&self) -> &'static str {
        if self.method() == Method::GET {
            return "GET, HEAD, OPTIONS";
        }
        "POST, OPTIONS"
    }

    /// A known name for figures, never a client's text.
    #[must_use]
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Table(_, named) => named.name(),
            Self::Payment(_) => "payments",
            Self::Menu(_) => "menu",
            Self::Bill(_) => "bill",
            Self::Page(_) => "page",
            Self::Paid(_) => "paid",
            Self::Asset(_) => "asset",
        }
    }
}

impl Named {
    /// The command's name.
    #[must_use]
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::WaiterCall => "waiter_call",
            Self::Order => "order",
            Self::OnlinePayment => "online_payment",
        }
    }
}

/// The table in a path: digits alone, within the range of ids.
#[must_use]
pub(super) fn table(text: &str) -> Option<TableId> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(TableId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_at_the_end_are_tolerated_and_nothing_else_is() {
        let order = Endpoint::Table("5", Named::Order);
        for (path, endpoint) in [
            ("/api/v4/events", Some(Endpoint::Events)),
            ("/api/v4/events/", Some(Endpoint::Events)),
            ("/api/v4/tables/5/order", Some(order)),
            ("/api/v4/tables/5/order/", Some(order)),
            ("/api/v4/payments/here", Some(Endpoint::Payment("here"))),
            ("/t/a.5.b", Some(Endpoint::Page("a.5.b"))),
            ("/t/a.5.b/", Some(Endpoint::Page("a.5.b"))),
            ("/t/a.5.b/menu", Some(Endpoint::Menu("a.5.b"))),
            ("/t/a.5.b/bill/", Some(Endpoint::Bill("a.5.b"))),
            ("/t/a.5.b/other", Some(Endpoint::Page("a.5.b/other"))),
            ("/t/pay/5f", Some(Endpoint::Page("pay/5f"))),
            ("/t/pay/5f/paid", Some(Endpoint::Paid("5f"))),
            ("/assets/guest.js", Some(Endpoint::Asset("guest.js"))),
            ("/api/v4", None),
            ("/api/v4/", None),
            ("/api/v4/events//", None),
            ("/api/v4/events/5", None),
            ("/api/v4/tables/5", None),
            ("/api/v4/tables/5/other", None),
            ("/api/v4/tables/5/order/6", None),
            ("/api/v4/payments", None),
            ("/api/v5/events", None),
            ("/t", None),
            ("/t/", None),
            ("/table", None),
        ] {
            assert_eq!(Endpoint::of(path), endpoint, "{path}");
        }
    }

    #[test]
    fn commands_have_their_own_names() {
        for (name, named) in COMMANDS {
            assert_eq!(named.name(), name);
        }
        assert!(COMMANDS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn tables_are_digits() {
        assert_eq!(table("1000028"), Some(TableId(1_000_028)));
        for text in ["", "-1", "+1", "4294967296", "4 ", "x", "1.0"] {
            assert_eq!(table(text), None, "{text}");
        }
    }
}
