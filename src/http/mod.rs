//! The server: one port for all doors.

mod error;
mod lane;
mod ledger;

use crate::body;
use crate::cashdesk;
use crate::clock::Clock;
use crate::concertpos::address::Address;
use crate::concertpos::{self, rate_limit::RateLimit};
use crate::fd1;
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use crate::netfp;
use crate::peer::{Peer, TrustedProxy};
use crate::print::Printers;
use crate::qr;
use crate::socket;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get, post};
use daybook_schema::LogName;
use error::ApiError;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

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
    cashdesk: cashdesk::Door,
    fd1: fd1::Door,
    netfp: netfp::Door,
    qr: qr::Door,
    trusted_proxies: Vec<TrustedProxy>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What a server is made of.
pub struct Parts {
    /// The ledger that all doors share.
    pub ledger: Arc<Ledger>,
    /// The printers of this node.
    pub printers: Arc<Printers>,
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
    /// Whose word about their clients counts.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// The instance that requests without a credential belong to; nothing stands for the only one.
    pub instance: Option<LogName>,
    /// Whether programs on this machine may log in to lanes without a key.
    pub trust_loopback: bool,
    /// How guests at tables pay, if they can.
    pub payments: Option<qr::payment::Payments>,
    /// Ends the server.
    pub stop: CancellationToken,
}

/// Serves all doors on the listeners until `stop`, then lets clients end.
pub async fn serve(parts: Parts, listeners: Vec<TcpListener>) {
    run(Arc::new(App::new(parts)), listeners).await;
}

impl App {
    /// The doors of these parts.
    fn new(parts: Parts) -> Self {
        let (ledger, metrics) = (parts.ledger, parts.metrics);
        let (installation, clock) = (parts.installation, parts.clock);
        let tasks = TaskTracker::new();
        let ending = (tasks.clone(), parts.stop.clone());
        Self {
            cashdesk: cashdesk::Door::new(
                ledger.clone(),
                installation,
                clock.clone(),
                metrics.clone(),
                parts.instance.clone(),
            ),
            fd1: fd1::Door::new(
                ledger.clone(),
                installation,
                metrics.clone(),
                (parts.instance.clone(), parts.trust_loopback),
                ending.clone(),
            ),
            netfp: netfp::Door::new(
                (ledger.clone(), parts.printers),
                installation,
                clock.clone(),
                metrics.clone(),
                parts.instance,
                ending.clone(),
            ),
            qr: qr::Door::new(
                ledger.clone(),
                installation,
                clock.clone(),
                metrics.clone(),
                parts.payments,
                ending.clone(),
            ),
            concertpos: concertpos::Door::new(
                ledger.clone(),
                installation,
                clock,
                parts.rate_limit,
                metrics.clone(),
                ending,
            ),
            ledger,
            metrics,
            installation,
            node: parts.node,
            trusted_proxies: parts.trusted_proxies,
            tasks,
            stop: parts.stop,
        }
    }
}

/// Accepts clients until the server stops, then lets them end.
async fn run(app: Arc<App>, listeners: Vec<TcpListener>) {
    for listener in listeners {
        let accepting = accept(listener, router(app.clone()), app.clone());
        app.tasks.spawn(accepting);
    }
    app.stop.cancelled().await;
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
            Ok((stream, address)) => {
                let serving = connection(stream, address.ip(), router.clone(), app.clone());
                app.tasks.spawn(serving);
            }
            // Out of open files, most likely: those who are here go on, others wait.
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, address: IpAddr, router: Router, app: Arc<App>) {
    // Answers are small and must not wait for each other.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let stop = app.stop.clone();
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let peer = Peer::of(address, request.headers(), &app.trusted_proxies);
        request.extensions_mut().insert(peer);
        router.call(request)
    });
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
        ("/asyncapi.json", get(asyncapi)),
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
        // These doors have their own words for every refusal, so they also have their own routes.
        .route("/api/v4", any(qr_menu))
        .route("/api/v4/", any(qr_menu))
        .route("/api/v4/{*path}", any(qr_menu))
        .route("/t", any(qr_menu))
        .route("/t/", any(qr_menu))
        .route("/t/{*path}", any(qr_menu))
        .route("/assets/{*path}", any(qr_menu))
        .route("/fd1/open_websocket", any(lane::socket))
        .route("/fd1/open_websocket/", any(lane::socket))
        .route("/ws/open_websocket", any(lane::socket))
        .route("/ws/open_websocket/", any(lane::socket))
        .route("/display/{name}", get(lane::display))
        .route("/display/{name}/", get(lane::display))
        .route("/api", any(cash_desk))
        .route("/api/", any(cash_desk))
        .route("/api/{*path}", any(cash_desk))
        .route("/printers", any(printers))
        .route("/printers/", any(printers))
        .route("/printers/{*path}", any(printers))
        .route("/service", any(printers))
        .route("/service/", any(printers))
        .route("/service/{*path}", any(printers))
        .fallback(anything_else)
        .layer(DefaultBodyLimit::max(body::MAX_BYTES))
        .with_state(app)
}

async fn cash_desk(State(app): State<Arc<App>>, request: Request) -> Response {
    app.cashdesk.serve(request).await
}

async fn qr_menu(State(app): State<Arc<App>>, request: Request) -> Response {
    app.qr.serve(request).await
}

async fn printers(State(app): State<Arc<App>>, request: Request) -> Response {
    app.netfp.serve(request).await
}

async fn openapi() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("openapi.json"),
    )
        .into_response()
}

async fn asyncapi() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("asyncapi.json"),
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
        return match *request.method() {
            Method::GET | Method::HEAD => Html(include_str!("welcome.html")).into_response(),
            _ => (
                StatusCode::METHOD_NOT_ALLOWED,
                [(header::ALLOW, "GET,HEAD")],
            )
                .into_response(),
        };
    }
    let text = "there is nothing here; /openapi.json and /asyncapi.json list what is".to_owned();
    let mut response = ApiError::NotFound(text).into_response();
    if request.method() == Method::OPTIONS {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}
