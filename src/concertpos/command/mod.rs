//! The commands of this protocol: names, costs and the checks that all share, in the documented
//! order.

mod book;
mod read;

use super::error::PosError;
use super::rate_limit::RateLimit;
use super::wire::{Parameters, Request, whole};
use crate::ledger::{Book, Found, Ledger, decide};
use daybook_catalogue::secrets;
use daybook_projections::Views;
use daybook_schema::facts::{Key, PointOfSale, Scope};
use daybook_schema::id::PosId;
use daybook_schema::{At, Digest};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;

/// Each command with its cost in points and its required parameters, in the order in which they
/// are asked for.
pub const COMMANDS: [(&str, u32, &[&str]); 12] = [
    ("getconfig", 25, &[]),
    ("getdeposit", 10, &[]),
    ("getlicense", 4, &[]),
    ("getstatus", 15, &[]),
    ("listpm", 20, &["POSID"]),
    ("listpos", 5, &[]),
    ("listproducts", 25, &["POSID"]),
    ("listtransactions", 2, &["POSID"]),
    ("payitems", 1, &["POSID", "Products", "PaymentMethod"]),
    ("registerdevice", 10, &["UUID"]),
    ("verifyauth", 10, &["password", "workplace"]),
    ("version", 50, &[]),
];

/// What a command may use.
pub(super) struct Caller<'a> {
    pub ledger: &'a Ledger,
    pub installation: &'a [u8; 32],
    pub limit: &'a RateLimit,
    /// Large answers that may be written at once.
    pub large: &'a Arc<Semaphore>,
    pub slug: &'a str,
    pub json5: bool,
    pub now: Instant,
    pub at: At,
}

/// An answered command: its name (a known word) and what to send. `answer` is `None` when nothing
/// may be said.
pub(super) struct Answered {
    pub name: &'static str,
    pub answer: Option<Result<String, PosError>>,
}

/// A command that passed the checks which all commands share.
struct Call {
    book: Book,
    views: Arc<Views>,
    key: Arc<Key>,
    name: &'static str,
    parameters: Parameters,
    installation: [u8; 32],
    large: Arc<Semaphore>,
    at: At,
}

/// Answers one message.
pub(super) async fn answer(caller: &Caller<'_>, message: &[u8]) -> Answered {
    let mut name = "unknown";
    let answer = match admit(caller, message, &mut name) {
        Ok(call) => call.run().await,
        Err(error) => Some(Err(error)),
    };
    Answered { name, answer }
}

/// Checks 1 to 8 of the documented order.
fn admit(caller: &Caller<'_>, message: &[u8], name: &mut &'static str) -> Result<Call, PosError> {
    let Request {
        command,
        parameters,
    } = Request::read(message, caller.json5)?;
    let book = match caller.ledger.find(caller.slug) {
        Found::Open(book) => book,
        // Its keys are in the damaged log, so nothing further can be checked.
        Found::Broken => return Err(PosError::Internal),
        Found::Unknown => return Err(PosError::InvalidInstance),
    };
    let views = book.views();
    let api_key = parameters.get("api_key").ok_or(PosError::MissingApiKey)?;
    if !views.access.any_key_for(Scope::Pos) {
        return Err(PosError::NoApiKey);
    }
    let api_key = api_key.as_str().ok_or(PosError::ApiKeyMismatch)?;
    let hash = secrets::key_hash(caller.installation, api_key);
    let key = views
        .access
        .key_of(&hash)
        .filter(|key| key.scopes.contains(&Scope::Pos));
    let key = key.ok_or(PosError::ApiKeyMismatch)?.clone();
    let command = command.ok_or(PosError::Missing("command"))?;
    let known = COMMANDS.iter().find(|(name, ..)| *name == command);
    let &(known, cost, required) = known.ok_or(PosError::UnknownCommand)?;
    *name = known;
    let admitted = caller
        .limit
        .admit((&book.log, key.id), known, cost, caller.now);
    admitted.map_err(|retry_after| PosError::RateLimit {
        command: known,
        retry_after,
    })?;
    for parameter in required {
        if parameters.get(parameter).is_none() {
            return Err(PosError::Missing(lower_case(parameter)));
        }
    }
    let installation = *caller.installation;
    Ok(Call {
        book,
        views,
        key,
        name: known,
        parameters,
        installation,
        large: caller.large.clone(),
        at: caller.at,
    })
}

/// Parameter names as errors spell them.
fn lower_case(parameter: &str) -> &'static str {
    match parameter {
        "POSID" => "posid",
        "Products" => "products",
        "PaymentMethod" => "paymentmethod",
        "UUID" => "uuid",
        "Limit" => "limit",
        "password" => "password",
        "workplace" => "workplace",
        _ => "request_id",
    }
}

impl Call {
    async fn run(self) -> Option<Result<String, PosError>> {
        match self.name {
            "payitems" => self.pay_items().await,
            "registerdevice" => self.register_device().await,
            _ => Some(self.read().await),
        }
    }

    /// An id parameter that was checked to be there. A number no id can be is an unknown one.
    fn id(&self, parameter: &str) -> Result<Option<u32>, PosError> {
        let value = self.parameters.get(parameter).and_then(whole);
        value
            .map(|id| u32::try_from(id).ok())
            .ok_or_else(|| PosError::Invalid(lower_case(parameter)))
    }

    /// The point of sale of the request, with its password checked.
    fn till(&self) -> Result<Arc<PointOfSale>, PosError> {
        let id = self.id("POSID")?.map(PosId).ok_or(PosError::UnknownPos)?;
        Ok(decide::open_till(
            &self.views,
            id,
            self.password(id, "posPassword").as_ref(),
        )?)
    }

    fn password(&self, pos: PosId, parameter: &str) -> Option<Digest> {
        let password = self.parameters.text(parameter)?;
        Some(secrets::pos_password_hash(
            &self.installation,
            pos,
            &password,
        ))
    }
}
