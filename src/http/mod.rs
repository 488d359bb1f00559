//! The server: one port for all doors.

mod error;
mod ledger;

use crate::clock::Clock;
use crate::concertpos::address::Address;
use crate::concertpos::{self, rate_limit::RateLimit};
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use crate::socket;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use error::ApiError;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The largest HTTP body.
const MAX_BODY_BYTES: usize = 1 << 20;

/// How long a client may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// Pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long clients may take to end when the server stops.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Everything that handlers share.
pub struct App {
    ledger: Arc<Ledger>,
    metrics: Arc<Metrics>,
    installation: [u8; 32],
    node: String,
    concertpos: concertpos::Door,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What a server is made of.
pub struct Parts {
    /// The ledger that all doors share.
    pub ledger: Arc<Ledger>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Keys the hashes of stored secrets.
    pub installation: [u8; 32],
    /// This node's name.
    pub node: String,
    /// Tells the time.
    pub clock: Clock,
    /// Budgets of the ConcertPOS door.
    pub rate_limit: RateLimit,
    /// Ends the server.
    pub stop: CancellationToken,
}

/// Serves all doors on the listeners until `stop`, then lets clients end.
pub async fn serve(parts: Parts, listeners: Vec<TcpListener>) {
    let Parts {
        ledger,
        metrics,
        installation,
        node,
        clock,
        rate_limit,
        stop,
    } = parts;
    let tasks = TaskTracker::new();
    let ending = (tasks.clone(), stop.clone());
    let concertpos = concertpos::Door::new(
        ledger.clone(),
        installation,
        clock,
        rate_limit,
        metrics.clone(),
        ending,
    );
    let app = App {
        ledger,
        metrics,
        installation,
        node,
        concertpos,
        tasks,
        stop: stop.clone(),
    };
    let app = Arc::new(app);
    for listener in listeners {
        let accepting = accept(listener, router(app.clone()), app.clone());
        app.tasks.spawn(accepting);
    }
    stop.cancelled().await;
    app.tasks.close();
    if tokio::time::timeout(STOP_PATIENCE, app.tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!("some clients did not end in time");
    }
}

/// Accepts connections until the server stops; each is served by a task of its own.
async fn accept(listener: TcpListener, router: Router, app: Arc<App>) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = app.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                app.tasks
                    .spawn(connection(stream, router.clone(), app.stop.clone()));
            }
            // Out of open files, most likely: those who are here go on, others wait.
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Answers are small and must not wait for each other.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let service = TowerToHyperService::new(router);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn router(app: Arc<App>) -> Router {
    let routes = [
        ("/healthz", get(ledger::health)),
        ("/readyz", get(ledger::ready)),
        ("/metrics", get(ledger::metrics)),
        ("/openapi.json", get(openapi)),
        ("/ledger/health", get(ledger::health)),
        ("/ledger/ready", get(ledger::ready)),
        ("/ledger/{slug}/events", get(ledger::events)),
        ("/ledger/{slug}/head", get(ledger::head)),
        ("/ledger/{slug}/fingerprints", get(ledger::fingerprints)),
        ("/ledger/{slug}/messages", post(ledger::send_message)),
    ];
    // A trailing slash is tolerated, and never redirected: a redirect would drop a body.
    routes
        .into_iter()
        .fold(Router::new(), |router, (path, method)| {
            router
                .route(&format!("{path}/"), method.clone())
                .route(path, method)
        })
        .fallback(anything_else)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(app)
}

async fn openapi() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("openapi.json"),
    )
        .into_response()
}

/// WebSockets on any other path are tills; the path names their instance.
async fn anything_else(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    let path = request.uri().path();
    let first = path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    let other_door = daybook_schema::id::RESERVED_SLUGS.contains(&first);
    if socket::is_upgrade(request.headers()) && !other_door {
        let address = Address::of(request.uri());
        let tasks = app.tasks.clone();
        return socket::upgrade(request, move |socket| {
            tasks.track_future(async move { app.concertpos.serve(socket, address).await })
        });
    }
    if path == "/" {
        return Html(include_str!("welcome.html")).into_response();
    }
    let text = "there is nothing here; /openapi.json lists what is".to_owned();
    let mut response = ApiError::NotFound(text).into_response();
    if request.method() == axum::http::Method::OPTIONS {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}
