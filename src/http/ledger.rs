//! The `/ledger` door: the log itself, for auditors and operators.

use super::App;
use super::error::ApiError;
use crate::body;
use crate::ledger::{Action, Book, Command, CommandId, Found, Status};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_catalogue::secrets;
use daybook_schema::facts::{Key, Scope};
use daybook_schema::{Actor, Digest, EventLog, Head, LogError, LogName};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Lines of one page when the request names no limit, and at most.
const PAGE_LINES: usize = 1000;
const MAX_PAGE_LINES: usize = 10_000;

/// A page that has this many bytes ends there, also with fewer lines than were asked for.
const PAGE_BYTES: usize = 16 << 20;

/// What is said of an instance whose log is damaged.
const DAMAGED: &str = "the log of this instance is damaged: its operator must run `daybook verify`";

/// Whether the process lives, how many instances fare how, and how those fare that the request's key
/// belongs to: strangers do not learn what is here.
pub(super) async fn health(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let known = known_instances(&app, &headers);
    let mut instances = BTreeMap::new();
    let mut counts = BTreeMap::from([("ready", 0), ("failing", 0), ("broken", 0)]);
    for (log, status) in app.ledger.health() {
        let (word, detail) = match status {
            Status::Ready => ("ready", None),
            Status::Failing(_) => (
                "failing",
                Some("the store does not take events at the moment"),
            ),
            Status::Broken(_) => (
                "broken",
                Some("the stored log is damaged: run `daybook verify`"),
            ),
        };
        *counts.entry(word).or_default() += 1;
        if known.contains(&log) {
            instances.insert(log, serde_json::json!({ "status": word, "detail": detail }));
        }
    }
    let well = counts["failing"] + counts["broken"] == 0;
    let status = if well { "ready" } else { "degraded" };
    let body = serde_json::json!({
        "status": status, "version": env!("CARGO_PKG_VERSION"), "node": app.node,
        "counts": counts, "instances": instances,
    });
    Json(body).into_response()
}

/// The instances that have the request's key.
fn known_instances(app: &App, headers: &HeaderMap) -> BTreeSet<LogName> {
    let Some(given) = given_key(headers) else {
        return BTreeSet::new();
    };
    let hash = secrets::key_hash(&app.installation, given);
    let books = app.ledger.books();
    let known = books
        .iter()
        .filter(|book| book.views().access.key_of(&hash).is_some());
    known.map(|book| book.log.clone()).collect()
}

/// 200 while every instance takes events, else 503: for load balancers.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let ready = app
        .ledger
        .health()
        .values()
        .all(|status| *status == Status::Ready);
    if ready && !app.stop.is_cancelled() {
        (StatusCode::OK, "ready\n").into_response()
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "not ready, see /ledger/health\n",
        )
            .into_response()
    }
}

/// Figures for Prometheus.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    for book in app.ledger.books() {
        let events = book.views().head.size;
        app.metrics.publish.lags(&book.log, events);
    }
    ([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response()
}

/// The lines of the log, as they are, one per line.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (book, _) = app.admit(&slug, &headers, Scope::Audit)?;
    let query = query.unwrap_or_default();
    // `after` is the last seq the reader has; without it the log starts at its first line.
    let from = match parameter(&query, "after")? {
        Some(seq) => seq.saturating_add(1),
        None => 0,
    };
    let limit = parameter(&query, "limit")?.unwrap_or(PAGE_LINES as u64);
    let limit = usize::try_from(limit)
        .unwrap_or(MAX_PAGE_LINES)
        .min(MAX_PAGE_LINES);
    // Never beyond what this node has folded: those lines are durable for certain.
    let known = book.views().head.size.saturating_sub(from);
    let limit = usize::try_from(known).unwrap_or(limit).min(limit);
    let body = page(app.ledger.store().as_ref(), &book.log, from, limit).await?;
    Ok((
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from(body),
    )
        .into_response())
}

/// Up to `limit` lines from seq `from` on, and not many more bytes than a page has. The store may
/// give them in several parts.
async fn page(
    store: &dyn EventLog,
    log: &LogName,
    from: u64,
    limit: usize,
) -> Result<Vec<u8>, LogError> {
    let mut body = Vec::new();
    let mut count = 0;
    while count < limit && body.len() < PAGE_BYTES {
        let lines = store.read(log, from + count as u64, limit - count).await?;
        if lines.is_empty() {
            break;
        }
        for line in lines {
            if body.len() >= PAGE_BYTES {
                return Ok(body);
            }
            count += 1;
            body.extend_from_slice(&line);
            body.push(b'\n');
        }
    }
    Ok(body)
}

fn parameter(query: &str, name: &str) -> Result<Option<u64>, ApiError> {
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let number = value.map(|text| {
        let refused = || ApiError::BadRequest(format!("{name} must be a whole number, 0 or more"));
        text.parse::<u64>().map_err(|_| refused())
    });
    number.transpose()
}

#[derive(Serialize)]
struct HeadBody {
    log: String,
    size: u64,
    leaf: daybook_schema::Leaf,
    at: daybook_schema::At,
}

/// Where the log ends: keep it, and `verify --head` finds whatever is changed before it.
pub(super) async fn head(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (book, _) = app.admit(&slug, &headers, Scope::Audit)?;
    let views = book.views();
    let Head { size, leaf } = views.head;
    Ok(Json(HeadBody {
        log: slug,
        size,
        leaf,
        at: views.at,
    })
    .into_response())
}

#[derive(Serialize)]
struct FingerprintsBody {
    size: u64,
    leaf: daybook_schema::Leaf,
    views: BTreeMap<String, Digest>,
}

/// The fingerprint of each view, to compare nodes and replays.
pub(super) async fn fingerprints(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (book, _) = app.admit(&slug, &headers, Scope::Audit)?;
    let views = book.views();
    let Head { size, leaf } = views.head;
    let folded = tokio::task::spawn_blocking(move || views.fingerprints()).await;
    let views = folded.map_err(|error| ApiError::Unavailable(error.to_string()))?;
    Ok(Json(FingerprintsBody { size, leaf, views }).into_response())
}

#[derive(Deserialize)]
struct MessageBody {
    message: String,
}

/// Sends an operator's message to all tills of the instance, on every node.
pub(super) async fn send_message(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    // Before the body: a stranger's is not read at all.
    let (book, key) = app.admit(&slug, request.headers(), Scope::Admin)?;
    let body = body::read(request.into_body()).await?;
    let body: MessageBody = serde_json::from_slice(&body)
        .map_err(|_| ApiError::BadRequest("send {\"message\":\"…\"}".to_owned()))?;
    let action = Action::SendMessage(body.message);
    let command = Command {
        by: Actor::Key(key.id),
        id: CommandId::fresh(),
        action,
    };
    let done = book.submit(command).await?;
    Ok((
        StatusCode::CREATED,
        Json(serde_json::json!({ "seq": done.first })),
    )
        .into_response())
}

/// The key that a request carries.
fn given_key(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    known.then(|| key.trim())
}

impl App {
    /// The instance and the key, when the key opens what is asked for. Without a key, and with one
    /// that fits none, a stranger does not learn whether the instance exists; only a damaged one,
    /// whose keys cannot be read, says so to everyone.
    fn admit(
        &self,
        slug: &str,
        headers: &HeaderMap,
        scope: Scope,
    ) -> Result<(Book, Arc<Key>), ApiError> {
        let given = given_key(headers).ok_or(ApiError::Unauthorized)?;
        let book = match self.ledger.find(slug) {
            Found::Open(book) => book,
            Found::Broken => return Err(ApiError::Unavailable(DAMAGED.to_owned())),
            Found::Unknown => return Err(ApiError::Unauthorized),
        };
        let hash = secrets::key_hash(&self.installation, given);
        let key = book
            .views()
            .access
            .key_of(&hash)
            .cloned()
            .ok_or(ApiError::Unauthorized)?;
        if key.scopes.contains(&scope) {
            return Ok((book, key));
        }
        Err(ApiError::Forbidden(match scope {
            Scope::Admin => "admin",
            _ => "audit",
        }))
    }
}
