//! An answer to a request that succeeded.

use axum::Json;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Says that this is the first answer once more.
const REPLAYED: &str = "idempotent-replayed";

/// A status and a JSON body.
pub(super) struct Reply {
    response: Response,
}

impl Reply {
    pub(super) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self {
            response: (status, Json(body)).into_response(),
        }
    }

    pub(super) fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// Whether it answers a repetition.
    pub(super) fn repeated(mut self, repeated: bool) -> Self {
        if repeated {
            let headers = self.response.headers_mut();
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.response
    }
}
