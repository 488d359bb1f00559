//! Why a request is refused before any printer is asked: the one mapping of this protocol to
//! statuses and problem objects.

use super::bind::Misfits;
use crate::body::Unread;
use crate::ledger::command::random_hex;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use daybook_schema::LogError;
use serde::Serialize;
use std::collections::BTreeMap;

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json; charset=utf-8");

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Problem {
    /// A body or a parameter does not bind.
    Misfits(Misfits),
    /// No key, or none that opens this door.
    Unauthorized,
    /// The caller may print, but not do this.
    Forbidden(&'static str),
    /// No such printer, action or path.
    NotFound,
    /// Not with this method. Holds what stands in `Allow`.
    Method(String),
    /// Printers are still being searched for.
    NotReady,
    /// The body is larger than any may be.
    TooLarge,
    /// The body did not come in time.
    Late,
    /// The service is not changed from there, or not now. Holds why.
    Locked(&'static str),
    /// Too many commands wait.
    Overloaded,
    /// The log cannot be written now. Nothing was recorded.
    NotRecorded,
    /// The store does not answer, or a log is damaged: what was asked cannot be told.
    Untold,
}

/// A problem object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<BTreeMap<String, Vec<String>>>,
    trace_id: String,
}

impl Problem {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Misfits(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method(_) | Self::NotReady => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Locked(_) => StatusCode::LOCKED,
            Self::Overloaded | Self::NotRecorded | Self::Untold => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A known name for figures.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Misfits(_) => "invalid",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound => "not_found",
            Self::Method(_) => "method_not_allowed",
            Self::NotReady => "not_ready",
            Self::TooLarge => "too_large",
            Self::Late => "timeout",
            Self::Locked(_) => "locked",
            Self::Overloaded => "overloaded",
            Self::NotRecorded | Self::Untold => "unavailable",
        }
    }

    const fn detail(&self) -> Option<&'static str> {
        match self {
            Self::Unauthorized => {
                Some("Send an API key with the scope \"print\": Authorization: Token KEY")
            }
            Self::Forbidden(why) | Self::Locked(why) => Some(why),
            Self::TooLarge => Some("A request body has at most 500 KiB"),
            Self::Late => Some("The request body did not come within 10 s"),
            Self::Overloaded => {
                Some("Too many commands are waiting: nothing was recorded, and nothing printed")
            }
            Self::NotRecorded => Some(
                "The ledger cannot be written at the moment: nothing was recorded, and nothing printed",
            ),
            Self::Untold => Some("This cannot be told at the moment: ask again"),
            _ => None,
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let (name, value) = match self {
            Self::Unauthorized => (header::WWW_AUTHENTICATE, HeaderValue::from_static("Token")),
            Self::Method(allow) => match HeaderValue::from_str(allow) {
                Ok(allow) => (header::ALLOW, allow),
                Err(_) => return headers,
            },
            // A 405 has to say what is allowed: nothing, until the search is over.
            Self::NotReady => (header::ALLOW, HeaderValue::from_static("")),
            // The rest of the body may yet come: nothing else can on this connection.
            Self::Late => (header::CONNECTION, HeaderValue::from_static("close")),
            Self::Overloaded | Self::NotRecorded | Self::Untold => {
                (header::RETRY_AFTER, HeaderValue::from(1))
            }
            _ => return headers,
        };
        headers.insert(name, value);
        headers
    }
}

impl From<Misfits> for Problem {
    fn from(misfits: Misfits) -> Self {
        Self::Misfits(misfits)
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => Self::TooLarge,
            Unread::Late => Self::Late,
            Unread::Broken => Self::Misfits(Misfits::one("$", "The body ended early")),
        }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        // The store's own words may hold addresses; they belong in the service's log.
        tracing::warn!(%error, "the store failed a reader");
        Self::Untold
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, headers, detail) = (self.status(), self.headers(), self.detail());
        let mut response = Response::new(Body::empty());
        if !matches!(self, Self::NotReady) {
            let errors = match self {
                Self::Misfits(misfits) => Some(misfits.0),
                _ => None,
            };
            let title = match errors {
                Some(_) => "One or more validation errors occurred.",
                None => status.canonical_reason().unwrap_or_default(),
            };
            let object = Object {
                title,
                status: status.as_u16(),
                detail,
                errors,
                trace_id: random_hex::<16>(),
            };
            // Texts and numbers: serialising cannot fail.
            let bytes = serde_json::to_vec(&object).unwrap_or_default();
            response = Response::new(Body::from(bytes));
            let kind = header::CONTENT_TYPE;
            response.headers_mut().insert(kind, PROBLEM);
        }
        *response.status_mut() = status;
        response.headers_mut().extend(headers);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use serde_json::{Value, json};

    async fn shown(problem: Problem) -> (u16, HeaderMap, String) {
        let (head, body) = problem.into_response().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        (head.status.as_u16(), head.headers, text)
    }

    #[tokio::test]
    async fn problems_are_objects_with_a_title_a_status_and_a_trace() {
        for (problem, status, title) in [
            (Problem::NotFound, 404, "Not Found"),
            (Problem::Method("GET".to_owned()), 405, "Method Not Allowed"),
            (Problem::TooLarge, 413, "Payload Too Large"),
            (Problem::Locked("why"), 423, "Locked"),
            (Problem::Overloaded, 503, "Service Unavailable"),
        ] {
            let (answered, headers, text) = shown(problem).await;
            let body: Value = serde_json::from_str(&text).unwrap();
            assert_eq!((answered, &body["status"]), (status, &json!(status)));
            assert_eq!(body["title"], title);
            assert_eq!(body["traceId"].as_str().unwrap().len(), 32);
            let kind = headers[header::CONTENT_TYPE].to_str().unwrap();
            assert!(kind.starts_with("application/problem+json"), "{kind}");
        }
    }

    #[tokio::test]
    async fn what_does_not_bind_is_listed() {
        let misfits = Misfits::one("payments[1].paymentType", "This should be one of: cash");
        let (status, _, text) = shown(misfits.into()).await;
        let mut body: Value = serde_json::from_str(&text).unwrap();
        body["traceId"] = Value::Null;
        let expected = json!({
            "errors": {"payments[1].paymentType": ["This should be one of: cash"]},
            "title": "One or more validation errors occurred.",
            "status": 400,
            "traceId": null,
        });
        assert_eq!((status, body), (400, expected));
    }

    /// A client sends again what was not recorded. Of what cannot be read, nobody knows that.
    #[tokio::test]
    async fn only_what_could_not_be_written_was_not_recorded() {
        let unread: Problem = LogError::Unavailable("gone".to_owned()).into();
        for (problem, written) in [
            (Problem::Overloaded, false),
            (Problem::NotRecorded, false),
            (unread, true),
        ] {
            let (status, headers, text) = shown(problem).await;
            assert_eq!(
                (status, &headers[header::RETRY_AFTER]),
                (503, &HeaderValue::from(1))
            );
            assert_eq!(!text.contains("nothing"), written, "{text}");
            assert!(!text.contains("gone"), "{text}");
        }
    }

    #[tokio::test]
    async fn while_printers_are_searched_for_the_answer_is_empty() {
        let (status, headers, text) = shown(Problem::NotReady).await;
        assert_eq!((status, text.as_str()), (405, ""));
        assert!(headers.contains_key(header::ALLOW));
    }
}
