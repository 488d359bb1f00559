//! The QR menu door: what guests do at their tables, and the queue that tells the staff.
//!
//! Staff come with a `token`, an API key of their instance; guests with the link in the code at
//! their table, which is good for that table alone. A request is checked in one order: path, token
//! or link, method, rate, idempotency key, body. `docs/qr.md` says what we do where the protocol's
//! documentation is silent.

mod act;
mod bell;
mod caller;
mod error;
mod guest;
mod limit;
mod link;
mod objects;
pub mod page;
pub mod payment;
mod poll;
mod reply;
mod route;
mod wish;

pub use link::table_link;

use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use bell::Bells;
use caller::{Caller, Guest, Staff};
use error::QrError;
use limit::RateLimit;
use payment::Payments;
use reply::Reply;
use route::Endpoint;
use serde_json::json;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What all requests of a node share.
pub struct Door {
    ledger: Arc<Ledger>,
    installation: [u8; 32],
    clock: Clock,
    metrics: Arc<Metrics>,
    /// Takes the payments of guests; without one they pay their waiter.
    payments: Option<Payments>,
    limit: RateLimit,
    bells: Bells,
    stop: CancellationToken,
}

impl Door {
    /// A door to the ledger's instances. `tasks` and `stop` are the server's: polls that wait end
    /// with the one, and what wakes them runs in the other.
    #[must_use]
    pub fn new(
        ledger: Arc<Ledger>,
        installation: [u8; 32],
        clock: Clock,
        metrics: Arc<Metrics>,
        payments: Option<Payments>,
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Self {
        Self {
            ledger,
            installation,
            clock,
            metrics,
            payments,
            limit: RateLimit::default(),
            bells: Bells::new(tasks, stop.clone()),
            stop,
        }
    }

    /// Answers a request whose path begins with `/api/v4`, `/t` or `/assets`.
    pub async fn serve(&self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let Some(endpoint) = Endpoint::of(&path) else {
            return QrError::NotFound.into_response();
        };
        if request.method() == Method::OPTIONS {
            let json = ["application/json"];
            let body = json!({ "renders": json, "parses": json });
            return ([(header::ALLOW, endpoint.allow())], Reply::ok(&body)).into_response();
        }
        let answer = self.answer(endpoint, request).await;
        let outcome = answer.as_ref().map_or_else(QrError::code, |_| "ok");
        self.metrics.answered("qr", endpoint.name(), outcome);
        answer.into_response()
    }

    async fn answer(&self, endpoint: Endpoint<'_>, request: Request) -> Result<Response, QrError> {
        match endpoint {
            Endpoint::Events => {
                let staff = self.staff(request.headers())?;
                method(endpoint, &request)?;
                let query = request.uri().query().unwrap_or_default();
                self.poll(&staff, query)
                    .await
                    .map(IntoResponse::into_response)
            }
            Endpoint::Table(table, named) => {
                let caller = self.caller(&request, table)?;
                method(endpoint, &request)?;
                let reply = self.act(&caller, (table, named), request).await;
                reply.map(IntoResponse::into_response)
            }
            Endpoint::Payment(slug) => {
                method(endpoint, &request)?;
                payment::confirm(self, slug, request)
                    .await
                    .map(IntoResponse::into_response)
            }
            Endpoint::Menu(link) => {
                method(endpoint, &request)?;
                let guest = self.guest(link)?;
                self.menu(&guest).map(IntoResponse::into_response)
            }
            Endpoint::Bill(link) => {
                method(endpoint, &request)?;
                let guest = self.guest(link)?;
                self.bill(&guest).map(IntoResponse::into_response)
            }
            Endpoint::Page(path) => {
                method(endpoint, &request)?;
                Ok(page::serve(self, path, &request))
            }
            Endpoint::Paid(payment) => {
                method(endpoint, &request)?;
                payment::pay_for_trying(self, payment).await
            }
            Endpoint::Asset(name) => {
                method(endpoint, &request)?;
                let query = request.uri().query().unwrap_or_default();
                page::asset(name, query, request.headers()).ok_or(QrError::NotFound)
            }
        }
    }

    fn staff(&self, headers: &HeaderMap) -> Result<Staff, QrError> {
        Staff::of(&self.ledger, &self.installation, headers)
    }

    fn guest(&self, link: &str) -> Result<Guest, QrError> {
        Guest::of(&self.ledger, &self.installation, link)
    }

    /// Who asks at a table: staff by their token, else a guest by the link of this very table.
    fn caller(&self, request: &Request, table: &str) -> Result<Caller, QrError> {
        if caller::has_token(request.headers()) {
            return self.staff(request.headers()).map(Caller::Staff);
        }
        let link = caller::link(request).ok_or(QrError::InvalidToken)?;
        let guest = self.guest(&link)?;
        let own = route::table(table) == Some(guest.table);
        own.then_some(Caller::Guest(guest))
            .ok_or(QrError::InvalidToken)
    }
}

/// That the endpoint takes the request's method.
fn method(endpoint: Endpoint<'_>, request: &Request) -> Result<(), QrError> {
    let method = match request.method() {
        // The server leaves the body out.
        &Method::HEAD => &Method::GET,
        method => method,
    };
    let taken = endpoint.method() == *method;
    taken
        .then_some(())
        .ok_or_else(|| QrError::Method(endpoint.allow()))
}
