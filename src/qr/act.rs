//! What guests and staff ask for at a table: `POST /api/v4/tables/{table}/…`.

use super::Door;
use super::caller::{Caller, Guest};
use super::error::QrError;
use super::objects::Event;
use super::payment::PaymentAsk;
use super::reply::Reply;
use super::route::{self, Named};
use super::wish;
use crate::body;
use crate::json::Value;
use crate::ledger::command::{random_bytes, random_hex};
use crate::ledger::history::TableEvent;
use crate::ledger::table::{Chance, TableCommand, TableWish};
use crate::ledger::{Action, Command, CommandId, Done, Rejection};
use crate::peer::Peer;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use daybook_projections::Views;
use daybook_schema::Currency;
use daybook_schema::facts::PaymentStart;
use daybook_schema::id::TableId;
use serde::Serialize;
use std::time::Instant;

/// The header of a client's idempotency key.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Longest idempotency key.
const MAX_KEY: usize = 255;

/// Random bytes of a payment's id.
const PAYMENT_BYTES: usize = 16;

/// The answer to what is an event now.
#[derive(Serialize)]
struct Happened<'a> {
    event: Event<'a>,
}

/// The answer to a guest who goes to pay.
#[derive(Serialize)]
struct Begun<'a> {
    payment: Pending<'a>,
}

#[derive(Serialize)]
struct Pending<'a> {
    id: &'a str,
    status: &'static str,
    url: &'a str,
}

impl Door {
    /// Does what is asked, and answers with the event that is queued now. A guest's payment is only
    /// begun: its event follows when the provider has the money.
    pub(super) async fn act(
        &self,
        caller: &Caller,
        (path, named): (&str, Named),
        request: Request,
    ) -> Result<Reply, QrError> {
        let unknown = || QrError::UnknownTable(path.chars().take(40).collect());
        let table = route::table(path).ok_or_else(unknown)?;
        let book = caller.book();
        if let Caller::Guest(guest) = caller {
            let admitted = self.limit.admit(&book.log, guest.table, Instant::now());
            admitted.map_err(QrError::TooMany)?;
        }
        let root = root_url(&request);
        let (head, body) = request.into_parts();
        let body = wish::object(&body::read(body).await?)?;
        let views = book.views();
        let currency = views
            .instance
            .described()
            .ok_or(QrError::Unavailable)?
            .currency;
        let id = command_id(&views, &head.headers, (table, named), &body)?;
        let wish = self.wish(caller, named, &body, currency)?;
        let command = Command {
            by: caller.actor(),
            id,
            action: Action::Table(TableCommand {
                table,
                wish,
                chance: chance(),
            }),
        };
        let done = book.submit(command).await?;
        // It is recorded by now, so nothing else may be said.
        let event = self.ledger.table_event(book, done.first).await;
        let event = event.map_err(|error| {
            tracing::warn!(%error, "what was recorded cannot be read");
            QrError::Unknown
        })?;
        match event {
            Some(TableEvent::Queued(queued)) => {
                let event = Event::of(&queued, currency);
                Ok(Reply::ok(&Happened { event }).repeated(done.repeated))
            }
            Some(TableEvent::Begun(start)) => self.begun(caller, (start, currency), &root, done),
            None => Err(QrError::Unknown),
        }
    }

    fn wish(
        &self,
        caller: &Caller,
        named: Named,
        body: &Value,
        currency: Currency,
    ) -> Result<TableWish, QrError> {
        match named {
            Named::WaiterCall => Ok(TableWish::Call),
            Named::Order => wish::dishes(body).map(TableWish::Order),
            Named::OnlinePayment => {
                let wish::Payment { sum, name } = wish::payment(body, currency)?;
                Ok(match caller {
                    Caller::Staff(_) => TableWish::Pay { sum, name },
                    Caller::Guest(_) if self.payments.is_none() => {
                        return Err(QrError::NoPayments);
                    }
                    Caller::Guest(_) => TableWish::StartPayment {
                        sum,
                        payment: random_hex::<PAYMENT_BYTES>(),
                    },
                })
            }
        }
    }

    /// Where the guest goes to pay. The same for a repetition, since it follows from what is recorded.
    fn begun(
        &self,
        caller: &Caller,
        (start, currency): (PaymentStart, Currency),
        root: &str,
        done: Done,
    ) -> Result<Reply, QrError> {
        let (Some(payments), Caller::Guest(Guest { book, link, .. })) = (&self.payments, caller)
        else {
            // Staff repeat what a guest began with the same key.
            return Err(QrError::Rejected(Rejection::CommandConflict));
        };
        let ask = PaymentAsk {
            payment: &start.payment,
            instance: &book.log,
            sum: start.amount,
            currency,
            root,
            link,
        };
        let url = payments.provider.start(&ask);
        let payment = Pending {
            id: &start.payment,
            status: "pending",
            url: &url,
        };
        Ok(Reply::ok(&Begun { payment }).repeated(done.repeated))
    }
}

fn chance() -> Chance {
    Chance {
        hash: u32::from_be_bytes(random_bytes()),
        guid: random_bytes(),
    }
}

/// The id of a command: the client's key in its scope, or a fresh one. A key that was used for
/// another request is refused here already, whatever else is wrong with this one.
fn command_id(
    views: &Views,
    headers: &HeaderMap,
    (table, named): (TableId, Named),
    body: &Value,
) -> Result<CommandId, QrError> {
    let Some(key) = idempotency_key(headers)? else {
        return Ok(CommandId::fresh());
    };
    let scope = format!("qr/{table}/{}", named.name());
    let id = CommandId::chosen(&scope, key, &body.canonical());
    let done = views.command.done(&id.cmd);
    if done.is_some_and(|done| Some(done.request) != id.request) {
        return Err(QrError::Rejected(Rejection::CommandConflict));
    }
    Ok(id)
}

/// The request's idempotency key: printable ASCII, if any.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, QrError> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let printable = |byte: u8| (b' '..=b'~').contains(&byte);
    let key = given
        .to_str()
        .ok()
        .filter(|key| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(printable));
    let refused = "Idempotency-Key has 1 to 255 printable ASCII characters";
    key.map(Some)
        .ok_or_else(|| QrError::Invalid(refused.to_owned()))
}

/// The absolute URL of `/`, as the request's client sees it.
fn root_url(request: &Request) -> String {
    let host = request.headers().get(header::HOST);
    let host = host
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let https = request
        .extensions()
        .get::<Peer>()
        .is_some_and(|peer| peer.https);
    let scheme = if https { "https" } else { "http" };
    format!("{scheme}://{host}/")
}
