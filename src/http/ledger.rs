//! The `/ledger` door: the log itself, for auditors and operators.

use super::App;
use super::error::ApiError;
use crate::ledger::{Action, Book, Command, CommandId, Status};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_catalogue::secrets;
use daybook_schema::facts::{Key, Scope};
use daybook_schema::{Actor, Digest, Head};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines of one page when the request names no limit, and at most.
const PAGE_LINES: usize = 1000;
const MAX_PAGE_LINES: usize = 10_000;

/// Whether the process lives, and how each instance fares.
pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
    let mut instances = BTreeMap::new();
    let mut ready = true;
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
        ready &= word == "ready";
        instances.insert(log, serde_json::json!({ "status": word, "detail": detail }));
    }
    let status = if ready { "ready" } else { "degraded" };
    let body = serde_json::json!({
        "status": status, "version": env!("CARGO_PKG_VERSION"), "node": app.node, "instances": instances,
    });
    Json(body).into_response()
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
    let lines = app.ledger.store().read(&book.log, from, limit).await?;
    let mut body = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        body.extend_from_slice(&line);
        body.push(b'\n');
    }
    Ok((
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from(body),
    )
        .into_response())
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
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let (book, key) = app.admit(&slug, &headers, Scope::Admin)?;
    let body = body.map_err(|_| ApiError::TooLarge)?;
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

impl App {
    /// The instance and the key, when the key opens what is asked for.
    fn admit(
        &self,
        slug: &str,
        headers: &HeaderMap,
        scope: Scope,
    ) -> Result<(Book, Arc<Key>), ApiError> {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            let known =
                scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
            known.then(|| key.trim())
        });
        // A stranger learns nothing about which instances exist.
        let given = given.ok_or(ApiError::Unauthorized)?;
        let book = self.ledger.book(slug).ok_or(ApiError::Unauthorized)?;
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
