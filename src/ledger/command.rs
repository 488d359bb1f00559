//! Commands: what every protocol asks for, in the ledger's own words.

use super::desk::DeskCommand;
use super::presell::PresellCommand;
use super::print::PrintCommand;
use super::table::TableCommand;
use daybook_catalogue::{Catalogue, Member, Order};
use daybook_schema::facts::{Scope, SessionEnd};
use daybook_schema::id::{
    CashDeskId, ConstraintId, KeyId, PaymentMethodId, PingId, PosId, ProductId, UserId,
};
use daybook_schema::{Actor, Digest, Money, hash};

/// A command on its way to the ledger.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub by: Actor,
    /// Its id.
    pub id: CommandId,
    /// What is asked.
    pub action: Action,
}

/// The id of a command: written as `cmd` into its events.
#[derive(Clone, Debug)]
pub struct CommandId {
    /// The id; for a client's idempotency key, with its scope before it.
    pub cmd: String,
    /// Digest of the request's meaningful parts, when the client chose the id. The same id with
    /// another digest is refused, with the same digest it is answered as before.
    pub request: Option<Digest>,
}

impl CommandId {
    /// An id that nobody has used: 128 random bits. Without an id from the client there is no
    /// detection of repetitions.
    #[must_use]
    pub fn fresh() -> Self {
        Self {
            cmd: random_hex::<16>(),
            request: None,
        }
    }

    /// A client's idempotency key in its scope, for a request with these meaningful parts.
    #[must_use]
    pub fn chosen(scope: &str, key: &str, meaningful: &[u8]) -> Self {
        Self {
            cmd: format!("{scope}/{key}"),
            request: Some(hash::fingerprint(meaningful)),
        }
    }
}

/// `N` random bytes as hex.
#[must_use]
pub fn random_hex<const N: usize>() -> String {
    let bytes = random_bytes::<N>();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `N` random bytes.
///
/// # Panics
/// When the operating system has no randomness, where going on would be worse.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    #[expect(
        clippy::expect_used,
        reason = "without randomness keys could be guessed; stopping is right"
    )]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// What can be asked of the ledger.
#[derive(Clone, Debug)]
pub enum Action {
    /// Sell products at a point of sale.
    PayItems(PayItems),
    /// A device reports itself.
    RegisterDevice {
        /// The device's own id.
        uuid: String,
        /// Where it says it stands; ignored when unknown.
        workplace: Option<PosId>,
    },
    /// Bring the venue to the state of a catalogue file.
    Import(Box<Catalogue>),
    /// Issue an API key under the next free id.
    IssueKey {
        /// Who will hold it.
        name: String,
        /// Keyed hash of the key.
        hash: Digest,
        /// What it opens.
        scopes: Vec<Scope>,
    },
    /// End an API key.
    RevokeKey(KeyId),
    /// What a cash desk session asks for.
    Desk(DeskCommand),
    /// What guests and staff ask for at a table.
    Table(TableCommand),
    /// What tablets and lanes ask for with sales that are built before they are paid.
    Presell(PresellCommand),
    /// What is asked of printers, and what nodes report of them.
    Print(PrintCommand),
    /// Somebody took note of a ping.
    SyncPing(PingId),
    /// Open a session under the next free id.
    OpenSession(NewSession),
    /// End a session, for good.
    CloseSession(SessionEnd),
    /// Add what a shop sold, or change it.
    ImportOrders {
        /// Orders with tickets.
        orders: Vec<Order>,
        /// Codes of orders that have no ticket any more.
        dropped: Vec<String>,
    },
    /// Add members to a list, or change their names.
    ImportMembers(ConstraintId, Vec<Member>),
    /// Send a message to all tills.
    SendMessage(String),
}

/// A session to be opened.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Where.
    pub cash_desk: CashDeskId,
    /// Who.
    pub user: UserId,
    /// Keyed hash of its token.
    pub token_hash: Digest,
    /// Cash in the drawer at the start.
    pub cash_before: Money,
}

/// A sale as a till asks for it: no prices, those are the ledger's.
#[derive(Clone, Debug)]
pub struct PayItems {
    /// Where.
    pub point_of_sale: PosId,
    /// Keyed hash of the point of sale's password, when one was given.
    pub password: Option<Digest>,
    /// How it is paid.
    pub payment_method: PaymentMethodId,
    /// Products and pieces (at least 1 each), in the order of the request.
    pub lines: Vec<(ProductId, u32)>,
}

impl PayItems {
    /// The parts that make two requests the same: payment method and lines.
    #[must_use]
    pub fn meaningful(&self) -> Vec<u8> {
        let lines = self
            .lines
            .iter()
            .map(|(product, pieces)| format!("{product}x{pieces}"));
        format!(
            "{}:{}",
            self.payment_method,
            lines.collect::<Vec<_>>().join(",")
        )
        .into_bytes()
    }
}
