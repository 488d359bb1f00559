//! Why a request is refused as a whole: the one mapping of this protocol to statuses and bodies.

use super::body::BodyError;
use crate::ledger::{Refusal, Rejection};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::net::IpAddr;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum DeskError {
    /// The credential opens nothing. Holds what is said of it.
    Unauthorized(String),
    /// The session's user may not look at this.
    Forbidden,
    /// No such route or object.
    NotFound,
    /// A page that the list does not have.
    InvalidPage,
    /// The endpoint does not take this method. Holds the method, and what stands in `Allow`.
    Method(String, String),
    /// The body says nothing.
    Body(BodyError),
    /// The request makes no sense. Holds what stands in `detail`.
    Invalid(String),
    /// A refusal with a body of its own.
    Refused(Value),
    /// The idempotency key was used for another request.
    KeyConflict,
    /// Too many commands wait.
    Overloaded,
    /// The store does not answer, or a log is damaged. Nothing was recorded.
    Unavailable,
    /// Nobody knows whether it was recorded.
    Unknown,
}

impl DeskError {
    /// The token is in order, its session is not.
    #[must_use]
    pub(super) fn session_ended() -> Self {
        Self::Unauthorized("Your session has ended.".to_owned())
    }

    /// The token belongs to another place.
    #[must_use]
    pub(super) fn wrong_desk(ip: IpAddr) -> Self {
        Self::Unauthorized(format!(
            "Your token is valid for a different cashdesk. Your IP is: {ip}"
        ))
    }

    /// Why the ledger did not do what was asked.
    #[must_use]
    pub(super) fn of(refusal: Refusal, ip: IpAddr) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::of_rejection(&rejection, ip),
            Refusal::Overloaded => Self::Overloaded,
            Refusal::Unavailable(_) => Self::Unavailable,
            Refusal::OutcomeUnknown => Self::Unknown,
        }
    }

    fn of_rejection(rejection: &Rejection, ip: IpAddr) -> Self {
        match rejection {
            Rejection::SessionEnded => Self::session_ended(),
            Rejection::CashDeskInactive => Self::wrong_desk(ip),
            Rejection::CommandConflict => Self::KeyConflict,
            Rejection::UnknownPing => Self::NotFound,
            Rejection::UnknownSale
            | Rejection::ForeignSale
            | Rejection::AlreadyReversed
            | Rejection::IsReversal => {
                Self::Refused(json!({ "success": false, "message": rejection.to_string() }))
            }
            other => Self::Invalid(other.to_string()),
        }
    }

    /// The error's name, for figures.
    #[must_use]
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Unauthorized(_) => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound | Self::InvalidPage => "not_found",
            Self::Method(..) => "method",
            Self::Body(_) | Self::Invalid(_) => "invalid",
            Self::Refused(_) => "refused",
            Self::KeyConflict => "key_conflict",
            Self::Overloaded => "overloaded",
            Self::Unavailable => "unavailable",
            Self::Unknown => "outcome_unknown",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound | Self::InvalidPage => StatusCode::NOT_FOUND,
            Self::Method(..) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Body(error) => error.status(),
            Self::Invalid(_) | Self::Refused(_) => StatusCode::BAD_REQUEST,
            Self::KeyConflict => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Overloaded | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Unauthorized(detail) | Self::Invalid(detail) => detail.clone(),
            Self::Forbidden => "You do not have permission to perform this action.".to_owned(),
            Self::NotFound => "Not found.".to_owned(),
            Self::InvalidPage => "Invalid page.".to_owned(),
            Self::Method(method, _) => format!("Method \"{method}\" not allowed."),
            Self::Body(error) => error.detail(),
            Self::Refused(_) => String::new(),
            Self::KeyConflict => "Idempotency-Key was used for a different request.".to_owned(),
            Self::Overloaded => "Overloaded. Please try again.".to_owned(),
            Self::Unavailable => {
                "The ledger cannot be written at the moment. Nothing was recorded.".to_owned()
            }
            Self::Unknown => "It is not known whether this was recorded. Look at the list of \
                transactions, or send it again with the same Idempotency-Key."
                .to_owned(),
        }
    }
}

impl From<BodyError> for DeskError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        let status = self.status();
        let more = match (&self, status) {
            (Self::Unauthorized(_), _) => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Token")))
            }
            (Self::Method(_, allow), _) => {
                let allow = HeaderValue::from_str(allow);
                allow.ok().map(|allow| (header::ALLOW, allow))
            }
            (_, StatusCode::SERVICE_UNAVAILABLE) => {
                Some((header::RETRY_AFTER, HeaderValue::from_static("1")))
            }
            // The rest of the body may yet come: nothing else can on this connection.
            (_, StatusCode::REQUEST_TIMEOUT) => {
                Some((header::CONNECTION, HeaderValue::from_static("close")))
            }
            _ => None,
        };
        let body = match self {
            Self::Refused(body) => body,
            other => json!({ "detail": other.detail() }),
        };
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().extend(more);
        response
    }
}
