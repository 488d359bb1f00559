//! The schemas that firehoses deliver, and which of them a request names.

use super::error::Fault;
use super::session::Rights;
use daybook_schema::facts::TYPES;

/// Schemas that show the current sale of a lane.
pub(super) const STATUS: &str = "custdisp.sale.status";
pub(super) const ADD: &str = "custdisp.sale.add";
pub(super) const EDIT: &str = "custdisp.sale.edit";
pub(super) const DELETE: &str = "custdisp.sale.delete";
pub(super) const LINES_ADD: &str = "custdisp.sale.lines.add";
pub(super) const PAYMENTS_ADD: &str = "custdisp.sale.payments.add";
/// One message per completed sale.
pub(super) const SALE_CREATE: &str = "sale.create";
/// The tablets' sales that are open at a lane.
pub(super) const ACTIVE: &str = "salesbuilder.active";
/// How the socket's firehoses fare.
pub(super) const FIREHOSES: &str = "firehose.status";
/// How this node fares.
pub(super) const NODE: &str = "debug.node";
/// The events of the ledger; their types follow.
const LEDGER: &str = "ledger.";

/// All schemas but those of the ledger, which are `ledger.` and a type of event each.
pub const SCHEMAS: [&str; 16] = [
    ADD,
    DELETE,
    EDIT,
    LINES_ADD,
    "custdisp.sale.lines.delete",
    "custdisp.sale.lines.edit",
    "custdisp.sale.lines.status",
    PAYMENTS_ADD,
    "custdisp.sale.payments.delete",
    "custdisp.sale.payments.edit",
    "custdisp.sale.payments.status",
    STATUS,
    NODE,
    FIREHOSES,
    SALE_CREATE,
    ACTIVE,
];

/// What a firehose was opened for: one schema, or all with a beginning.
#[derive(Debug)]
pub(super) struct Pattern {
    beginning: String,
    whole: bool,
}

impl Pattern {
    /// Reads what a request names.
    ///
    /// # Errors
    /// When there is no such schema, or the socket's logins do not cover one that it names.
    pub(super) fn read(event: &str, rights: Rights) -> Result<Self, Fault> {
        let pattern = match event.strip_suffix('*') {
            Some(beginning) => Self {
                beginning: beginning.to_owned(),
                whole: false,
            },
            None => Self {
                beginning: event.to_owned(),
                whole: true,
            },
        };
        // A beginning of nothing would mix what is resumed by different numbers.
        let known = !pattern.beginning.is_empty() && pattern.names().next().is_some();
        if !known {
            let event: String = event.chars().take(80).collect();
            return Err(Fault::new("unknown_schema", format!("No schema {event}")));
        }
        let refused = pattern.names().find(|schema| !rights.cover(schema));
        match refused {
            None => Ok(pattern),
            Some(schema) => {
                let text = format!("The login does not cover {schema}");
                Err(Fault::not_allowed(text))
            }
        }
    }

    /// Whether the logins cover all that it names.
    pub(super) fn is_covered(&self, rights: Rights) -> bool {
        self.names().all(|schema| rights.cover(&schema))
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let ledger = TYPES.iter().map(|name| format!("{LEDGER}{name}"));
        let all = SCHEMAS.iter().map(|&name| name.to_owned()).chain(ledger);
        all.filter(|schema| self.covers(schema))
    }

    /// Whether the firehose delivers this schema.
    pub(super) fn covers(&self, schema: &str) -> bool {
        if self.whole {
            schema == self.beginning
        } else {
            schema.starts_with(&self.beginning)
        }
    }

    /// Whether it delivers the ledger's events of this type.
    pub(super) fn covers_event(&self, type_name: &str) -> bool {
        match self.beginning.strip_prefix(LEDGER) {
            Some(name) if self.whole => name == type_name,
            Some(name) => type_name.starts_with(name),
            None => !self.whole && LEDGER.starts_with(&self.beginning),
        }
    }

    /// Whether anything that it delivers can be resumed.
    pub(super) fn is_resumable(&self) -> bool {
        self.covers(SALE_CREATE) || TYPES.iter().any(|name| self.covers_event(name))
    }
}

/// The schema of the ledger's events of a type.
pub(super) fn ledger(type_name: &str) -> String {
    format!("{LEDGER}{type_name}")
}

/// Whether a schema is one of the ledger's.
pub(super) fn is_ledger(schema: &str) -> bool {
    schema.starts_with(LEDGER)
}

/// Whether a schema shows the current sale.
pub(super) fn is_display(schema: &str) -> bool {
    schema.starts_with("custdisp.sale.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_schemas_that_exist() {
        let all = Rights {
            firehose: true,
            display: true,
            debug: true,
            audit: true,
            ..Rights::default()
        };
        for (event, covered, not) in [
            ("custdisp.sale.*", PAYMENTS_ADD, SALE_CREATE),
            ("custdisp.*", STATUS, ACTIVE),
            ("sale.create", SALE_CREATE, STATUS),
            ("s*", ACTIVE, STATUS),
            ("custdisp.sale.status", STATUS, ADD),
            (
                "ledger.sale.*",
                "ledger.sale.recorded",
                "ledger.order.extended",
            ),
            ("ledger.*", "ledger.order.extended", SALE_CREATE),
        ] {
            let pattern = Pattern::read(event, all).unwrap();
            assert!(pattern.covers(covered) && !pattern.covers(not), "{event}");
        }
        let events = Pattern::read("ledger.sale.*", all).unwrap();
        assert!(events.covers_event("sale.recorded") && !events.covers_event("presell.opened"));
        assert!(
            Pattern::read("l*", all)
                .unwrap()
                .covers_event("presell.opened")
        );
        assert!(
            !Pattern::read("s*", all)
                .unwrap()
                .covers_event("sale.recorded")
        );
        for event in [
            "",
            "*",
            "sale",
            "sale.create.*",
            "ledger.nothing",
            "Sale.create",
            "x*",
        ] {
            assert_eq!(
                Pattern::read(event, all).unwrap_err().code,
                "unknown_schema",
                "{event}"
            );
        }
        let display = Rights {
            display: true,
            ..Rights::default()
        };
        assert!(Pattern::read("custdisp.sale.*", display).is_ok());
        for event in ["sale.create", "ledger.sale.recorded", "debug.*", "s*"] {
            assert_eq!(
                Pattern::read(event, display).unwrap_err().code,
                "not_allowed",
                "{event}"
            );
        }
    }
}
