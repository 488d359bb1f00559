//! The cash desk door: REST on which desks redeem tickets, sell, and take back.
//!
//! A request is checked in one order: path, token, method, permission, idempotency key, body.
//! Behaviour follows the protocol's documentation; `docs/cashdesk.md` says what we do where that is
//! silent.

mod action;
mod amount;
mod body;
mod booking;
mod caller;
mod error;
mod list;
mod local;
mod objects;
mod page;
mod position;
mod refusal;
mod reply;
mod route;

use crate::clock::Clock;
use crate::json::Value;
use crate::ledger::desk::{DeskCommand, Wish};
use crate::ledger::{Action, Book, Command, CommandId, Done, Ledger, Refusal};
use crate::metrics::Metrics;
use crate::peer::Peer;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use caller::Caller;
use daybook_schema::{Actor, LogName};
use error::DeskError;
use list::Asked;
use page::Query;
use reply::Reply;
use route::{Endpoint, Kind, LISTS, Named};
use serde_json::{Map, json};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// The header of a client's idempotency key.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Longest idempotency key.
const MAX_KEY: usize = 255;

/// The setting of an instance that closes the pings to those without a token.
const PINGS_REQUIRE_TOKEN: &str = "pings_require_token";

/// A client's idempotency key.
struct Key(String);

/// What all requests of a node share.
pub struct Door {
    ledger: Arc<Ledger>,
    installation: [u8; 32],
    clock: Clock,
    metrics: Arc<Metrics>,
    /// The instance of requests without a token; nothing stands for the only one.
    instance: Option<LogName>,
}

impl Door {
    /// A door to the ledger's instances.
    #[must_use]
    pub const fn new(
        ledger: Arc<Ledger>,
        installation: [u8; 32],
        clock: Clock,
        metrics: Arc<Metrics>,
        instance: Option<LogName>,
    ) -> Self {
        Self {
            ledger,
            installation,
            clock,
            metrics,
            instance,
        }
    }

    /// Answers a request whose path begins with `/api`.
    pub async fn serve(&self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let Some(endpoint) = Endpoint::of(&path) else {
            return DeskError::NotFound.into_response();
        };
        if request.method() == Method::OPTIONS {
            let parses = [
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
            ];
            let body = json!({ "renders": ["application/json"], "parses": parses });
            return ([(header::ALLOW, endpoint.allow())], Reply::ok(&body)).into_response();
        }
        let answer = self.answer(endpoint, request).await;
        let outcome = answer.as_ref().map_or_else(DeskError::kind, |_| "ok");
        self.metrics.answered("cashdesk", endpoint.name(), outcome);
        answer.into_response()
    }

    async fn answer(&self, endpoint: Endpoint<'_>, request: Request) -> Result<Reply, DeskError> {
        let at = (self.clock)();
        let caller = self.caller(endpoint, &request)?;
        let method = match request.method() {
            // The server leaves the body out.
            &Method::HEAD => &Method::GET,
            method => method,
        };
        if !endpoint.methods().contains(method) {
            return Err(DeskError::Method(method.to_string(), endpoint.allow()));
        }
        let preorders = matches!(
            endpoint,
            Endpoint::List(Kind::Preorders) | Endpoint::Detail(Kind::Preorders, _)
        );
        if preorders && !caller.sees_preorders() {
            return Err(DeskError::Forbidden);
        }
        if *method == Method::POST {
            return self.post(&caller, endpoint, request).await;
        }
        let root = root_url(&request, caller.peer);
        let asked = Asked {
            url: format!("{root}{}/", endpoint.name()),
            query: Query::read(request.uri().query().unwrap_or_default()),
            caller: &caller,
            at,
        };
        match endpoint {
            Endpoint::List(kind) => asked.list(kind),
            Endpoint::Detail(kind, id) => asked.detail(kind, id),
            Endpoint::Action(Named::CurrentTime) => Ok(action::current_time(&caller, at)),
            _ => {
                let urls = LISTS
                    .iter()
                    .map(|(name, _)| ((*name).to_owned(), format!("{root}{name}/").into()));
                Ok(Reply::ok(&urls.collect::<Map<_, _>>()))
            }
        }
    }

    async fn post(
        &self,
        caller: &Caller,
        endpoint: Endpoint<'_>,
        request: Request,
    ) -> Result<Reply, DeskError> {
        let key = idempotency_key(request.headers())?;
        let key = key.as_ref();
        // It takes no body, so whatever is sent says nothing.
        if let Endpoint::Reverse(sale) = endpoint {
            return self.reverse(caller, key, sale).await;
        }
        let body = body::read(request).await?;
        match endpoint {
            Endpoint::List(_) => self.book(caller, key, &body).await,
            Endpoint::Action(named) => self.act(caller, key, (named, endpoint.name()), &body).await,
            Endpoint::MarkSynced(ping) => self.mark_synced(caller, key, (ping, &body)).await,
            _ => Err(DeskError::NotFound),
        }
    }

    /// Who calls: the session of the token; where pings are open to all, nobody in particular.
    fn caller(&self, endpoint: Endpoint<'_>, request: &Request) -> Result<Caller, DeskError> {
        let headers = request.headers();
        let nowhere = Peer {
            ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            https: false,
        };
        let peer = request
            .extensions()
            .get::<Peer>()
            .copied()
            .unwrap_or(nowhere);
        if endpoint.is_ping()
            && !caller::has_token(headers)
            && let Some(book) = self.ledger.default_book(self.instance.as_ref())
            && !pings_require_token(&book)
        {
            return Ok(Caller::anyone(book, peer));
        }
        let at = (self.clock)();
        Caller::authenticate(&self.ledger, &self.installation, headers, (peer, at))
    }
}

impl Caller {
    /// The id of a command: the client's key in its scope, or a fresh one. A key that was used for
    /// another request is refused here already, whatever else is wrong with this one.
    fn command_id(
        &self,
        path: &str,
        key: Option<&Key>,
        body: &Value,
    ) -> Result<CommandId, DeskError> {
        let Some(Key(key)) = key else {
            return Ok(CommandId::fresh());
        };
        let session = self.session();
        let session = session.map_or_else(|| "anyone".to_owned(), |id| id.to_string());
        let scope = format!("cashdesk/{session}/{path}");
        let id = CommandId::chosen(&scope, key, &body.canonical());
        let done = self.views.command.done(&id.cmd);
        if done.is_some_and(|done| Some(done.request) != id.request) {
            return Err(DeskError::KeyConflict);
        }
        Ok(id)
    }

    /// Hands what the session asks for to the ledger.
    async fn submit(&self, id: CommandId, wish: Wish) -> Result<Done, Refusal> {
        let session = self
            .session()
            .ok_or(crate::ledger::Rejection::SessionEnded)?;
        let command = Command {
            by: Actor::Session(session),
            id,
            action: Action::Desk(DeskCommand { session, wish }),
        };
        self.book.submit(command).await
    }
}

/// The request's idempotency key: printable ASCII, if any.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<Key>, DeskError> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let printable = |byte: &u8| (b' '..=b'~').contains(byte);
    let bytes = given.as_bytes();
    let text = given.to_str().ok().filter(|_| bytes.iter().all(printable));
    let key = text.filter(|text| (1..=MAX_KEY).contains(&text.len()));
    let refused = || DeskError::Invalid("Invalid Idempotency-Key.".to_owned());
    key.map(|key| Some(Key(key.to_owned()))).ok_or_else(refused)
}

fn pings_require_token(book: &Book) -> bool {
    let views = book.views();
    let mut settings = views.instance.settings();
    let setting = settings.find(|(key, _)| *key == PINGS_REQUIRE_TOKEN);
    setting.is_some_and(|(_, value)| matches!(value.as_str(), "1" | "true"))
}

/// The absolute URL of `/api/`, as the request's client sees it.
fn root_url(request: &Request, peer: Peer) -> String {
    let host = request.headers().get(header::HOST);
    let host = host
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let scheme = if peer.https { "https" } else { "http" };
    format!("{scheme}://{host}/api/")
}
