//! Which web pages may use the print server: a browser asks before a page may, and says which page
//! it is.

use crate::print::service::ServiceState;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// How long a browser may remember an answer. Unit: seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

const PRIVATE_NETWORK: &str = "access-control-allow-private-network";

/// The page that a request comes from, and what it is told.
pub(super) struct Page {
    origin: Option<HeaderValue>,
    any: bool,
    allowed: bool,
    private_network: bool,
}

impl Page {
    /// Reads what a request says of its page.
    pub(super) fn of(headers: &HeaderMap, state: &ServiceState) -> Self {
        let origin = headers.get(header::ORIGIN).cloned();
        let any =
            state.allowed_origins.is_empty() || state.allowed_origins.iter().any(|one| one == "*");
        let allowed = any
            || origin.as_ref().is_none_or(|origin| {
                let text = origin.to_str().unwrap_or_default();
                let mut named = state.allowed_origins.iter();
                named.any(|one| one.trim_end_matches('/').eq_ignore_ascii_case(text))
                    || is_own(text, headers)
            });
        Self {
            origin,
            any,
            allowed,
            private_network: state.private_network,
        }
    }

    /// Whether the page may use this server. Where origins are named, others are kept out: not
    /// every request of a page is preceded by a question.
    pub(super) const fn is_allowed(&self) -> bool {
        self.allowed
    }

    /// The answer to the question that precedes a request; nothing when it is no such question.
    pub(super) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        let asked = headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if *method != Method::OPTIONS || !asked || self.origin.is_none() {
            return None;
        }
        let mut response = StatusCode::NO_CONTENT.into_response();
        if self.allowed {
            let answer = response.headers_mut();
            let methods = HeaderValue::from_static("GET, POST");
            answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            answer.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
            // Whatever the page wants to send: a star would not stand for `authorization`.
            if let Some(wanted) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
                answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
            }
        }
        Some(self.signed(response))
    }

    /// An answer with what the browser has to know.
    pub(super) fn signed(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if !self.any {
            headers.append(header::VARY, HeaderValue::from_static("origin"));
        }
        let Some(origin) = self.origin.as_ref().filter(|_| self.allowed) else {
            return response;
        };
        let told = if self.any {
            HeaderValue::from_static("*")
        } else {
            origin.clone()
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, told);
        if self.private_network {
            headers.insert(PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
        response
    }
}

/// Whether the page is of this server itself.
fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let page = origin.split_once("://").map(|(_, page)| page);
    host.is_some() && page == host
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    fn state(origins: &[&str], private_network: bool) -> ServiceState {
        ServiceState {
            server_id: String::new(),
            auto_detect: false,
            excluded: BTreeSet::new(),
            detection_timeout: Duration::ZERO,
            allowed_origins: origins.iter().map(|&one| one.to_owned()).collect(),
            private_network,
            printers: BTreeMap::new(),
            properties: BTreeMap::new(),
            searches: 0,
        }
    }

    fn headers(lines: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let line = |(name, value): &(header::HeaderName, &'static str)| {
            (name.clone(), HeaderValue::from_static(value))
        };
        lines.iter().map(line).collect()
    }

    const SHOP: &str = "https://shop.example";

    #[test]
    fn any_page_may_print_unless_some_are_named() {
        let asked = headers(&[(header::ORIGIN, SHOP), (header::HOST, "here:8080")]);
        for (origins, allowed, told) in [
            (vec![], true, Some("*")),
            (vec!["*"], true, Some("*")),
            (vec!["https://SHOP.example/"], true, Some(SHOP)),
            (vec!["https://other.example"], false, None),
        ] {
            let page = Page::of(&asked, &state(&origins, false));
            assert_eq!(page.is_allowed(), allowed, "{origins:?}");
            let response = page.signed(StatusCode::OK.into_response());
            let given = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            assert_eq!(given.map(|value| value.to_str().unwrap()), told);
        }
        // Programs say nothing of pages, and our own page is ours.
        let named = state(&["https://other.example"], false);
        assert!(Page::of(&HeaderMap::new(), &named).is_allowed());
        let own = headers(&[
            (header::ORIGIN, "http://here:8080"),
            (header::HOST, "here:8080"),
        ]);
        assert!(Page::of(&own, &named).is_allowed());
    }

    #[test]
    fn browsers_are_answered_before_a_page_may_ask() {
        let asked = headers(&[
            (header::ORIGIN, SHOP),
            (header::ACCESS_CONTROL_REQUEST_METHOD, "POST"),
            (
                header::ACCESS_CONTROL_REQUEST_HEADERS,
                "authorization,content-type",
            ),
        ]);
        let page = Page::of(&asked, &state(&[], true));
        let response = page.preflight(&Method::OPTIONS, &asked).unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        for (name, value) in [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET, POST"),
            ("access-control-allow-headers", "authorization,content-type"),
            (PRIVATE_NETWORK, "true"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        assert!(page.preflight(&Method::POST, &asked).is_none());
        let plain = headers(&[(header::ORIGIN, SHOP)]);
        assert!(page.preflight(&Method::OPTIONS, &plain).is_none());
        let without = Page::of(&asked, &state(&[], false));
        let response = without.preflight(&Method::OPTIONS, &asked).unwrap();
        assert!(!response.headers().contains_key(PRIVATE_NETWORK));
    }
}
