//! Lanes on the port: their socket, and the customer display for browsers.

use super::App;
use super::error::ApiError;
use crate::fd1;
use crate::peer::Peer;
use crate::socket;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The socket of a lane.
pub(super) async fn socket(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    if !socket::is_upgrade(request.headers()) {
        let headers = [
            (header::UPGRADE, "websocket"),
            (header::CONNECTION, "upgrade"),
        ];
        let text = "this is a WebSocket: ask for an upgrade\n";
        return (StatusCode::UPGRADE_REQUIRED, headers, text).into_response();
    }
    let peer = request.extensions().get::<Peer>().copied();
    let arrival = fd1::Arrival::of(request.uri(), request.headers(), peer);
    let tasks = app.tasks.clone();
    socket::upgrade(request, move |socket| {
        tasks.track_future(async move { app.fd1.serve(socket, arrival).await })
    })
}

/// The customer display of a lane.
pub(super) async fn display(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let nothing = || ApiError::NotFound("there is no such lane".to_owned()).into_response();
    fd1::display::page(&name, &headers).unwrap_or_else(nothing)
}
