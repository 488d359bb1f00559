//! What operators import: the catalogue file (one JSON or TOML document that describes a venue), the
//! orders of a ticket shop, and a list of members.
//!
//! Text in, values out: no I/O, no clock, no ledger. A file is read whole or refused whole, with the
//! place of everything that is wrong with it. Secrets leave this crate as keyed hashes only (the
//! codes of tickets excepted, which cash desks must show), and no message repeats one.
//! `README.md` beside this crate is the reference for operators.

mod context;
mod error;
mod fields;
mod item_map;
pub mod limits;
mod members;
mod orders;
mod record;
mod registry;
mod scalar;
pub mod secrets;
mod sections;
mod unmapped;
mod value;

pub use error::{CatalogueError, Problem};
pub use item_map::ItemMap;
pub use members::{Member, read_members};
pub use orders::{Order, OrderPosition, Orders, Skipped, read_orders};

use daybook_schema::facts;
use std::fmt;

/// How a catalogue file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, as RFC 8259 has it.
    Json,
    /// TOML 1.0 or later.
    Toml,
}

impl Format {
    /// The format that a file name's ending tells.
    #[must_use]
    pub fn of_file_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

/// What the file says about something that a venue has once or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The file does not mention it: leave it as it stands.
    #[default]
    Keep,
    /// The file says `null` (or `false`, since TOML has no null): remove it.
    Remove,
    /// The file states it.
    Set(T),
}

/// The desired state of a venue. A section that is `None` was absent from the file: leave what
/// stands. Lists are sorted by id, and so are the ids inside their entries.
#[derive(Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// The venue itself.
    pub instance: facts::Instance,
    /// Settings, sorted by key. Whole when present.
    pub settings: Option<Vec<facts::Setting>>,
    /// The licence record.
    pub license: Change<facts::License>,
    /// Points of sale. Whole when present.
    pub points_of_sale: Option<Vec<facts::PointOfSale>>,
    /// Payment methods. Whole when present.
    pub payment_methods: Option<Vec<facts::PaymentMethod>>,
    /// The deposit.
    pub deposit: Change<facts::Deposit>,
    /// Products. Whole when present.
    pub products: Option<Vec<facts::Product>>,
    /// Quotas. Whole when present.
    pub quotas: Option<Vec<facts::Quota>>,
    /// Sales windows. Whole when present.
    pub time_constraints: Option<Vec<facts::TimeConstraint>>,
    /// Warnings. Whole when present.
    pub warning_constraints: Option<Vec<facts::WarningConstraint>>,
    /// Lists. Whole when present.
    pub list_constraints: Option<Vec<facts::ListConstraint>>,
    /// The entries of all lists; `Some` exactly when `list_constraints` is. Adds and changes only.
    pub list_entries: Option<Vec<facts::ListEntry>>,
    /// Preorders. Adds and changes only.
    pub preorders: Option<Vec<facts::Preorder>>,
    /// Users. Whole when present.
    pub users: Option<Vec<facts::User>>,
    /// Cash desks. Whole when present.
    pub cashdesks: Option<Vec<facts::CashDesk>>,
    /// Sessions. Adds only.
    pub sessions: Option<Vec<facts::Session>>,
    /// API keys. Adds and changes only.
    pub api_keys: Option<Vec<facts::Key>>,
    /// Waiters. Whole when present.
    pub waiters: Option<Vec<facts::Waiter>>,
    /// Tables. Whole when present.
    pub tables: Option<Vec<facts::Table>>,
    /// Printers. Whole when present.
    pub printers: Option<Vec<facts::Printer>>,
    /// Packs of items for cash desks. Adds and changes only.
    pub supply_packs: Option<Vec<facts::SupplyPack>>,
}

/// Reads a catalogue file. `secret` is the installation's own: it keys the hashes of secrets.
///
/// A reference into a section that this file does not have is accepted: whoever knows the ledger
/// checks it there.
///
/// # Errors
/// When the text is not of the format, or anything in it is wrong: then nothing of it counts.
pub fn read(text: &str, format: Format, secret: &[u8; 32]) -> Result<Catalogue, CatalogueError> {
    let document = value::parse(text, format)?;
    let cx = context::Context::new();
    let catalogue = sections::catalogue(&cx, &document, secret);
    cx.conclude(catalogue)
}

/// Counts instead of contents: the codes of preorders are secrets of their holders.
impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn count<T>(section: Option<&Vec<T>>) -> Option<usize> {
            section.map(Vec::len)
        }
        f.debug_struct("Catalogue")
            .field("instance", &self.instance)
            .field("settings", &count(self.settings.as_ref()))
            .field("points_of_sale", &count(self.points_of_sale.as_ref()))
            .field("payment_methods", &count(self.payment_methods.as_ref()))
            .field("deposit", &self.deposit)
            .field("products", &count(self.products.as_ref()))
            .field("quotas", &count(self.quotas.as_ref()))
            .field("time_constraints", &count(self.time_constraints.as_ref()))
            .field(
                "warning_constraints",
                &count(self.warning_constraints.as_ref()),
            )
            .field("list_constraints", &count(self.list_constraints.as_ref()))
            .field("list_entries", &count(self.list_entries.as_ref()))
            .field("preorders", &count(self.preorders.as_ref()))
            .field("users", &count(self.users.as_ref()))
            .field("cashdesks", &count(self.cashdesks.as_ref()))
            .field("sessions", &count(self.sessions.as_ref()))
            .field("api_keys", &count(self.api_keys.as_ref()))
            .field("waiters", &count(self.waiters.as_ref()))
            .field("tables", &count(self.tables.as_ref()))
            .field("printers", &count(self.printers.as_ref()))
            .field("supply_packs", &count(self.supply_packs.as_ref()))
            .finish_non_exhaustive()
    }
}
