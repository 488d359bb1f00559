//! The print server's door: one resource for each printer, and a task for whatever is asked of it.
//!
//! Programs on this machine need no key, others one with the scope `print`. A request is checked in
//! one order: path, key, method, printer, query, body, task id, and then what it asks for against
//! the printer. Only what passes all of that is recorded, and then printed once. `docs/printers.md`
//! says what we do where the protocol's documentation is silent.

mod act;
mod answer;
mod bind;
mod caller;
mod check;
mod cors;
mod list;
mod problem;
mod query;
mod route;
mod service;
mod submit;
mod wish;

use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use crate::print::{Printers, Station};
use answer::Answer;
use axum::Json;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use caller::Caller;
use cors::Page;
use daybook_schema::LogName;
use problem::Problem;
use route::{Action, Endpoint};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What all requests of a node share.
pub struct Door {
    ledger: Arc<Ledger>,
    printers: Arc<Printers>,
    installation: [u8; 32],
    clock: Clock,
    metrics: Arc<Metrics>,
    /// The instance of requests without a key; nothing stands for the only one.
    instance: Option<LogName>,
    /// Printers whose devices are being asked who they are.
    asking: Arc<Mutex<BTreeSet<String>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// An answer, and whether it is good news.
struct Reply {
    response: Response,
    ok: bool,
}

impl Reply {
    fn of(body: &impl Serialize) -> Self {
        let response = Json(body).into_response();
        Self { response, ok: true }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self {
            ok: answer.ok,
            ..Self::of(&answer)
        }
    }
}

impl Door {
    /// A door to a node's printers. `tasks` and `stop` are the server's: requests that wait for a
    /// printer end with the one, and devices are asked in the other.
    #[must_use]
    pub fn new(
        (ledger, printers): (Arc<Ledger>, Arc<Printers>),
        installation: [u8; 32],
        clock: Clock,
        metrics: Arc<Metrics>,
        instance: Option<LogName>,
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Self {
        Self {
            ledger,
            printers,
            installation,
            clock,
            metrics,
            instance,
            asking: Arc::default(),
            tasks,
            stop,
        }
    }

    /// Answers a request whose path begins with `/printers` or `/service`.
    pub async fn serve(&self, request: Request) -> Response {
        let headers = request.headers();
        let page = self
            .printers
            .service()
            .see(|state| Page::of(headers, state));
        if let Some(answer) = page.preflight(request.method(), headers) {
            return answer;
        }
        let endpoint = Endpoint::of(request.uri().path());
        let name = endpoint.as_ref().map_or("unknown", Endpoint::name);
        let answer = match endpoint {
            None => Err(Problem::NotFound),
            Some(_) if !page.is_allowed() => Err(Problem::Forbidden(
                "Web pages from there may not use this print server",
            )),
            Some(endpoint) if request.method() == Method::OPTIONS => {
                let allow = [(header::ALLOW, endpoint.allow())];
                let response = (StatusCode::NO_CONTENT, allow).into_response();
                Ok(Reply { response, ok: true })
            }
            Some(endpoint) => self.answer(endpoint, request).await,
        };
        let outcome = match &answer {
            Ok(Reply { ok: true, .. }) => "ok",
            Ok(_) => "refused",
            Err(problem) => problem.name(),
        };
        self.metrics.answered("netfp", name, outcome);
        let response = match answer {
            Ok(reply) => reply.response,
            Err(problem) => problem.into_response(),
        };
        page.signed(response)
    }

    async fn answer(&self, endpoint: Endpoint, request: Request) -> Result<Reply, Problem> {
        let instance = self.instance.as_ref();
        let caller = Caller::of(&self.ledger, &self.installation, instance, &request)?;
        if !endpoint.takes(request.method()) {
            return Err(Problem::Method(endpoint.allow()));
        }
        if endpoint.is_of_printers() && !self.printers.is_ready() {
            return Err(Problem::NotReady);
        }
        match endpoint {
            Endpoint::Printers => Ok(self.list(&caller).await),
            Endpoint::Printer(id) => {
                let station = self.station(&caller, &id)?;
                Ok(self.show(&station).await)
            }
            Endpoint::Status(id) => {
                let station = self.station(&caller, &id)?;
                Ok(self.status(&station).await)
            }
            Endpoint::TaskInfo => {
                let query = request.uri().query().unwrap_or_default();
                self.task_info(&caller, query).await
            }
            Endpoint::Act(_, Action::RawRequest) if !caller.is_admin => Err(Problem::Forbidden(
                "Raw requests need an API key with the scope \"admin\", or a program on this machine",
            )),
            Endpoint::Act(id, action) => {
                let station = self.station(&caller, &id)?;
                self.act(&caller, &station, action, request).await
            }
            Endpoint::Service(wanted) => self.service(&caller, wanted, request).await,
        }
    }

    /// The printer that a path names.
    fn station(&self, caller: &Caller, id: &str) -> Result<Arc<Station>, Problem> {
        let found = if let Some(book) = &caller.book {
            self.printers.find(book, id)
        } else {
            let mut all = self.printers.of_nobody().into_iter();
            all.find(|station| station.id.eq_ignore_ascii_case(id))
        };
        found.ok_or(Problem::NotFound)
    }
}
