//! Booking a cart, and taking a sale back.

use super::caller::Caller;
use super::error::DeskError;
use super::objects::PreorderPosition;
use super::position::Reader;
use super::refusal::Refused;
use super::reply::Reply;
use super::{Door, Key};
use crate::json::Value;
use crate::ledger::desk::{Cart, PositionRefusal, Wanted, Wish};
use crate::ledger::{Done, Refusal, Rejection};
use axum::http::StatusCode;
use daybook_schema::Currency;
use daybook_schema::id::TxId;
use serde::Serialize;
use serde_json::json;

/// An accepted position.
#[derive(Serialize)]
struct Accepted {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    preorder_position: Option<PreorderPosition>,
}

/// A position as it is answered.
#[derive(Serialize)]
#[serde(untagged)]
enum Answered {
    Accepted(Accepted),
    Refused(Refused),
}

/// The answer to a cart that was booked.
#[derive(Serialize)]
struct Booked {
    success: bool,
    positions: Vec<Answered>,
    id: TxId,
}

impl Door {
    /// `POST /api/transactions/`
    pub(super) async fn book(
        &self,
        caller: &Caller,
        key: Option<&Key>,
        body: &Value,
    ) -> Result<Reply, DeskError> {
        let currency = caller.currency().ok_or(DeskError::Unavailable)?;
        let reader = Reader {
            installation: &self.installation,
            currency,
        };
        let id = caller.command_id("transactions", key, body)?;
        let cart = reader.cart(body)?;
        match caller.submit(id, Wish::Book(cart.clone())).await {
            Ok(done) => booked(caller, done),
            Err(Refusal::Rejected(Rejection::Positions(refusals))) => {
                refused(caller, currency, &cart, &refusals)
            }
            Err(refusal) => Err(DeskError::of(refusal, caller.peer.ip)),
        }
    }

    /// `POST /api/transactions/{id}/reverse/`
    pub(super) async fn reverse(
        &self,
        caller: &Caller,
        key: Option<&Key>,
        sale: &str,
    ) -> Result<Reply, DeskError> {
        // What can be no number is the number of no sale; there is no sale 0.
        let sale = TxId(super::route::id(sale).unwrap_or(0));
        // Begins otherwise than any other scope: a key may hold slashes.
        let path = format!("reverse/{sale}");
        let id = caller.command_id(&path, key, &Value::Null)?;
        let done = caller.submit(id, Wish::Reverse(sale)).await;
        let done = done.map_err(|refusal| DeskError::of(refusal, caller.peer.ip))?;
        let views = caller.book.views();
        let reversal = views.transaction.sale_of_event(done.first);
        let id = reversal.map(|reversal| reversal.id());
        let reply = Reply::ok(&json!({ "success": true, "id": id }));
        Ok(reply.repeated(done.repeated))
    }
}

/// From what the ledger holds now, so that a repetition's answer is the first answer.
fn booked(caller: &Caller, done: Done) -> Result<Reply, DeskError> {
    let views = caller.book.views();
    let sale = views.transaction.sale_of_event(done.first);
    let sale = sale.ok_or(DeskError::Unknown)?;
    let positions = sale.records().map(|record| {
        let ticket = record.ticket();
        Answered::Accepted(Accepted {
            success: true,
            preorder_position: ticket.map(|t| PreorderPosition::redeemed_by(&record, t)),
        })
    });
    let body = Booked {
        success: true,
        positions: positions.collect(),
        id: sale.id(),
    };
    Ok(Reply::new(StatusCode::CREATED, &body).repeated(done.repeated))
}

/// Every position in its order: what is wrong with it, or that it is in order.
fn refused(
    caller: &Caller,
    currency: Currency,
    cart: &Cart,
    refusals: &[Option<PositionRefusal>],
) -> Result<Reply, DeskError> {
    let (views, zone) = (caller.book.views(), caller.zone());
    let positions = cart.positions.iter().zip(refusals);
    let positions = positions.map(|(wanted, refusal)| {
        if let Some(refusal) = refusal {
            return Answered::Refused(Refused::of(refusal, currency, &zone));
        }
        let secret = match wanted {
            Wanted::Redeem(redeem) => redeem.secret.as_deref(),
            _ => None,
        };
        let ticket = secret.and_then(|secret| views.preorder.ticket_of(secret));
        Answered::Accepted(Accepted {
            success: true,
            preorder_position: ticket.map(|t| PreorderPosition::unredeemed(&t, &views)),
        })
    });
    let positions: Vec<_> = positions.collect();
    let body = json!({ "success": false, "positions": positions });
    Err(DeskError::Refused(body))
}
