//! An answer to a request that succeeded, and the form of all answers.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The charset is said, for clients that would take another.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Says that this is the first answer once more.
const REPLAYED: &str = "idempotent-replayed";

/// The envelope of a success.
#[derive(Serialize)]
struct Envelope<'a, T> {
    result: bool,
    data: &'a T,
}

/// A success, with what stands in `data`.
pub(super) struct Reply {
    response: Response,
}

impl Reply {
    pub(super) fn ok(data: &impl Serialize) -> Self {
        let envelope = Envelope { result: true, data };
        Self {
            response: json(StatusCode::OK, &envelope),
        }
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

/// A JSON answer, with its texts as they are.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    // Our objects have text keys and finite numbers: serialising cannot fail.
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}
