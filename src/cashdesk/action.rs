//! What a desk asks for besides sales: `/api/cashdesk/…`, and pings that somebody took note of.

use super::caller::Caller;
use super::error::DeskError;
use super::local;
use super::objects::Ping;
use super::reply::Reply;
use super::route::{self, Named};
use super::{Door, Key};
use crate::json::{self, Value};
use crate::ledger::desk::Wish;
use crate::ledger::{Action, Command, Refusal, Rejection};
use daybook_schema::id::{PingId, TxId};
use daybook_schema::{Actor, At};
use serde_json::json;

/// Characters of a ping's code that no scanner mistakes for others.
const PING_CHARACTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// Random characters of a ping's code.
const PING_LENGTH: usize = 14;

impl Door {
    /// `POST /api/cashdesk/{action}/`
    pub(super) async fn act(
        &self,
        caller: &Caller,
        key: Option<&Key>,
        (named, path): (Named, &str),
        body: &Value,
    ) -> Result<Reply, DeskError> {
        let wish = match named {
            Named::CurrentTime => return Err(DeskError::NotFound),
            Named::OpenDrawer => Wish::OpenDrawer,
            Named::SignalNext => Wish::AdvanceDisplay,
            Named::RequestResupply => Wish::RequestSupply,
            Named::PrintPing => Wish::SendPing(ping_secret()),
            // A code that is no text was printed by nobody, and belongs to no pack.
            Named::Pong => Wish::AnswerPing(text(body, "pong")),
            Named::Supply => Wish::UseSupply(text(body, "identifier")),
            Named::ReprintReceipt => Wish::CopyReceipt(sale(body)),
        };
        let id = caller.command_id(&format!("cashdesk/{path}"), key, body)?;
        match caller.submit(id, wish).await {
            Ok(done) => Ok(Reply::ok(&json!({ "success": true })).repeated(done.repeated)),
            Err(Refusal::Rejected(Rejection::UnknownSale)) => Err(DeskError::Refused(
                json!({ "success": false, "error": "Transaction not found." }),
            )),
            Err(Refusal::Rejected(
                rejection @ (Rejection::UnknownSupply
                | Rejection::SupplyInStore
                | Rejection::SupplyDissolved
                | Rejection::SupplyUsed),
            )) => Ok(Reply::ok(
                &json!({ "success": false, "message": rejection.to_string() }),
            )),
            Err(refusal) => Err(DeskError::of(refusal, caller.peer.ip)),
        }
    }

    /// `POST /api/pings/{id}/mark_synced/`
    pub(super) async fn mark_synced(
        &self,
        caller: &Caller,
        key: Option<&Key>,
        (ping, body): (&str, &Value),
    ) -> Result<Reply, DeskError> {
        let ping = PingId(route::id(ping).ok_or(DeskError::NotFound)?);
        let command = Command {
            by: caller.session().map_or(Actor::Anyone, Actor::Session),
            id: caller.command_id(&format!("pings/{ping}/mark_synced"), key, body)?,
            action: Action::SyncPing(ping),
        };
        let done = caller.book.submit(command).await;
        let done = done.map_err(|refusal| DeskError::of(refusal, caller.peer.ip))?;
        let views = caller.book.views();
        let state = views.desk.ping(ping).ok_or(DeskError::NotFound)?;
        let zone = caller.zone();
        // A repetition shows what its first answer showed.
        let ping = if done.repeated {
            Ping::before(state, &zone, done.end)
        } else {
            Ping::of(state, &zone)
        };
        Ok(Reply::ok(&ping).repeated(done.repeated))
    }
}

/// `GET /api/cashdesk/current-time/`
pub(super) fn current_time(caller: &Caller, at: At) -> Reply {
    Reply::ok(&json!({ "string": local::clock(at, &caller.zone()) }))
}

/// A new code. Random, so that nobody scans what was not printed.
fn ping_secret() -> String {
    let characters = crate::ledger::command::random_bytes::<PING_LENGTH>();
    let characters = characters.map(|byte| {
        let index = usize::from(byte) % PING_CHARACTERS.len();
        char::from(PING_CHARACTERS[index])
    });
    format!("/ping {}", String::from_iter(characters))
}

fn text(body: &Value, name: &str) -> String {
    match body.member(name) {
        Some(Value::Text(text) | Value::Number(text)) => text.clone(),
        _ => String::new(),
    }
}

/// There is no sale 0.
fn sale(body: &Value) -> TxId {
    let id = body.member("transaction").and_then(json::whole);
    TxId(id.and_then(|id| u64::try_from(id).ok()).unwrap_or(0))
}
