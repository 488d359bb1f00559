//! The one mapping from failures to HTTP statuses.

use crate::body::Unread;
use crate::ledger::{OpenError, Refusal, Rejection};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_schema::LogError;

/// Why a request to the `/ledger` door failed. The body is `{"error":…,"message":…}`.
#[derive(Debug)]
pub(super) enum ApiError {
    /// No key, or none that is in force.
    Unauthorized,
    /// The key does not open this.
    Forbidden(&'static str),
    /// No such route or instance.
    NotFound(String),
    /// The request makes no sense.
    BadRequest(String),
    /// The body is larger than any may be.
    TooLarge,
    /// The body did not come in time.
    Timeout,
    /// Too many commands wait.
    Overloaded,
    /// The store does not answer, or a log is damaged.
    Unavailable(String),
}

impl ApiError {
    const fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }

    fn message(self) -> String {
        match self {
            Self::Unauthorized => {
                "send an API key of this instance: Authorization: Bearer KEY".to_owned()
            }
            Self::Forbidden(scope) => format!("this key lacks the scope \"{scope}\""),
            Self::NotFound(text) | Self::BadRequest(text) | Self::Unavailable(text) => text,
            Self::TooLarge => "a body has at most 1 MiB".to_owned(),
            Self::Timeout => "the body did not come within 10 s".to_owned(),
            Self::Overloaded => "too many commands are waiting; nothing was recorded".to_owned(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, error) = self.status();
        let body = Json(serde_json::json!({ "error": error, "message": self.message() }));
        match status {
            StatusCode::UNAUTHORIZED => {
                (status, [(header::WWW_AUTHENTICATE, "Bearer")], body).into_response()
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                (status, [(header::RETRY_AFTER, "1")], body).into_response()
            }
            // The rest of the body may yet come: nothing else can on this connection.
            StatusCode::REQUEST_TIMEOUT => {
                (status, [(header::CONNECTION, "close")], body).into_response()
            }
            _ => (status, body).into_response(),
        }
    }
}

impl From<Unread> for ApiError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => Self::TooLarge,
            Unread::Late => Self::Timeout,
            Unread::Broken => Self::BadRequest("the body ended early".to_owned()),
        }
    }
}

impl From<LogError> for ApiError {
    fn from(error: LogError) -> Self {
        // The store's own words may hold addresses; they belong in the service's log.
        tracing::warn!(%error, "the store failed a reader");
        Self::Unavailable("the log cannot be read at the moment".to_owned())
    }
}

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        tracing::warn!(%error, "a log cannot be opened");
        Self::Unavailable("the log cannot be opened at the moment".to_owned())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(Rejection::NoCatalogue) => {
                Self::NotFound("this instance has no catalogue yet".to_owned())
            }
            Refusal::Rejected(rejection) => Self::BadRequest(rejection.to_string()),
            Refusal::Overloaded => Self::Overloaded,
            Refusal::Unavailable(_) => {
                Self::Unavailable("the log cannot be written now; nothing was recorded".to_owned())
            }
            Refusal::OutcomeUnknown => {
                Self::Unavailable("the outcome is unknown, ask again".to_owned())
            }
        }
    }
}
