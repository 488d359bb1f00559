//! Why a request is refused: the one mapping of this protocol to statuses, codes and sentences.

use super::reply;
use crate::body::Unread;
use crate::ledger::{Refusal, Rejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_schema::LogError;
use serde::Serialize;

/// Why a request is refused. The answer is `{"result":false,"error":{"code":…,"message":…}}`.
#[derive(Debug)]
pub(super) enum QrError {
    /// The request makes no sense. Holds why.
    Invalid(String),
    /// The body did not come as a whole.
    Unread(Unread),
    /// No token and no link, or one that opens nothing here. Why is not told.
    InvalidToken,
    /// A payment provider's message that it did not sign, or not lately.
    InvalidSignature,
    /// No such path.
    NotFound,
    /// No such table. Holds what stands in the path.
    UnknownTable(String),
    /// The endpoint does not take this method. Holds what stands in `Allow`.
    Method(&'static str),
    /// The ledger decided against it.
    Rejected(Rejection),
    /// No payment provider is set up.
    NoPayments,
    /// Too many requests of guests at a table. Holds how many seconds to wait.
    TooMany(u64),
    /// Too many commands wait.
    Overloaded,
    /// The store does not answer, or a log is damaged. Nothing was recorded.
    Unavailable,
    /// Nobody knows whether it was recorded.
    Unknown,
}

/// The envelope of a refusal.
#[derive(Serialize)]
struct Refused {
    result: bool,
    error: Told,
}

#[derive(Serialize)]
struct Told {
    code: &'static str,
    message: String,
}

impl QrError {
    const fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Invalid(_) | Self::Unread(Unread::Broken) => {
                (StatusCode::BAD_REQUEST, "invalid_request")
            }
            Self::Unread(Unread::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::Unread(Unread::Late) => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::InvalidSignature => (StatusCode::UNAUTHORIZED, "invalid_signature"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::UnknownTable(_) => (StatusCode::NOT_FOUND, "unknown_table"),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Rejected(rejection) => kind_of(rejection),
            Self::NoPayments => (StatusCode::CONFLICT, "payments_unavailable"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Unknown => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
        }
    }

    /// The error's name, for programs and figures.
    #[must_use]
    pub(super) const fn code(&self) -> &'static str {
        self.kind().1
    }

    fn message(&self) -> String {
        let said = match self {
            Self::Invalid(why) => return why.clone(),
            Self::UnknownTable(table) => return format!("There is no table {table}"),
            Self::Rejected(rejection) => return sentence(&rejection.to_string()),
            Self::Unread(Unread::TooLarge) => "A request body has at most 1 MiB",
            Self::Unread(Unread::Late) => "The request body did not come within 10 s",
            Self::Unread(Unread::Broken) => "The request body ended early",
            Self::InvalidToken => "Token is missing or not valid",
            Self::InvalidSignature => "The signature is missing, wrong or too old",
            Self::NotFound => "There is nothing here",
            Self::Method(_) => "The method is not allowed here",
            Self::NoPayments => "Guests cannot pay here online: please ask the waiter",
            Self::TooMany(_) => "Too many requests at this table: please wait a moment",
            Self::Overloaded => "Too many commands are waiting: nothing was recorded, try again",
            Self::Unavailable => {
                "The ledger does not answer at the moment: nothing was recorded, try again"
            }
            Self::Unknown => {
                "It is not known whether this was recorded: look at the events, or send it again \
                 with the same Idempotency-Key"
            }
        };
        said.to_owned()
    }

    fn header(&self) -> Option<(header::HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Self::InvalidToken => (header::WWW_AUTHENTICATE, HeaderValue::from_static("Token")),
            Self::Method(allow) => (header::ALLOW, HeaderValue::from_static(allow)),
            Self::TooMany(seconds) => (header::RETRY_AFTER, HeaderValue::from(*seconds)),
            Self::Overloaded | Self::Unavailable => (header::RETRY_AFTER, HeaderValue::from(1)),
            // The rest of the body may yet come: nothing else can on this connection.
            Self::Unread(Unread::Late) => (header::CONNECTION, HeaderValue::from_static("close")),
            _ => return None,
        };
        Some((name, value))
    }
}

const fn kind_of(rejection: &Rejection) -> (StatusCode, &'static str) {
    match rejection {
        Rejection::UnknownTable(_) => (StatusCode::NOT_FOUND, "unknown_table"),
        Rejection::UnknownDish(_) | Rejection::UnknownModifier(..) => {
            (StatusCode::NOT_FOUND, "unknown_dish")
        }
        Rejection::NoOpenOrder(_) => (StatusCode::CONFLICT, "no_open_order"),
        Rejection::InvalidSum => (StatusCode::CONFLICT, "invalid_sum"),
        Rejection::CommandConflict => (StatusCode::CONFLICT, "idempotency_conflict"),
        Rejection::NowhereToSell(_) | Rejection::NoPaymentMethod(_) => {
            (StatusCode::CONFLICT, "payments_unavailable")
        }
        Rejection::UnknownPayment => (StatusCode::NOT_FOUND, "not_found"),
        _ => (StatusCode::BAD_REQUEST, "invalid_request"),
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}

impl From<Refusal> for QrError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::Rejected(rejection),
            Refusal::Overloaded => Self::Overloaded,
            Refusal::Unavailable(_) => Self::Unavailable,
            Refusal::OutcomeUnknown => Self::Unknown,
        }
    }
}

impl From<Unread> for QrError {
    fn from(unread: Unread) -> Self {
        Self::Unread(unread)
    }
}

impl From<LogError> for QrError {
    fn from(error: LogError) -> Self {
        // The store's own words may hold addresses; they belong in the service's log.
        tracing::warn!(%error, "the store failed a reader");
        Self::Unavailable
    }
}

impl IntoResponse for QrError {
    fn into_response(self) -> Response {
        let (status, code) = self.kind();
        let message = self.message();
        let error = Told { code, message };
        let mut response = reply::json(
            status,
            &Refused {
                result: false,
                error,
            },
        );
        response.headers_mut().extend(self.header());
        response
    }
}
