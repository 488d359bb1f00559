//! The customer display in a browser: a page of ours that speaks FD1 to the host it came from.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The parts of the page, by name.
const PARTS: [(&str, &str, &str); 2] = [
    (
        "display.css",
        "text/css; charset=utf-8",
        include_str!("page/display.css"),
    ),
    (
        "display.js",
        "text/javascript; charset=utf-8",
        include_str!("page/display.js"),
    ),
];

/// The page for a lane, or one of its parts. Nothing when the name is neither.
#[must_use]
pub fn page(name: &str, headers: &HeaderMap) -> Option<Response> {
    let part = PARTS.iter().find(|(part, ..)| *part == name);
    if let Some((_, kind, text)) = part {
        return Some(answer(kind, text, headers));
    }
    let lane = name
        .parse::<u32>()
        .is_ok_and(|lane| lane.to_string() == name);
    let html = include_str!("page/display.html");
    lane.then(|| answer("text/html; charset=utf-8", html, headers))
}

fn answer(kind: &'static str, text: &'static str, headers: &HeaderMap) -> Response {
    let fixed = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let policy = [(header::CONTENT_SECURITY_POLICY, policy(headers))];
    (StatusCode::OK, fixed, policy, text).into_response()
}

/// Nothing but the page's own parts, and the socket of its host.
fn policy(headers: &HeaderMap) -> String {
    // Not every browser takes 'self' for sockets, too.
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let plain = |host: &&str| {
        host.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    let sockets = host
        .filter(plain)
        .map(|host| format!(" ws://{host} wss://{host}"));
    let sockets = sockets.unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'{sockets}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_lanes_and_parts_have_a_page() {
        let headers = HeaderMap::new();
        for name in ["1", "4294967295", "display.css", "display.js"] {
            assert!(page(name, &headers).is_some(), "{name}");
        }
        for name in [
            "",
            "x",
            "-1",
            "01",
            "+1",
            "4294967296",
            "display.html",
            "mod.rs",
        ] {
            assert!(page(name, &headers).is_none(), "{name}");
        }
    }

    #[test]
    fn a_host_cannot_change_the_policy() {
        let mut headers = HeaderMap::new();
        for (host, told) in [("[::1]:8080", true), ("a; script-src *", false)] {
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            assert_eq!(policy(&headers).contains(host), told, "{host}");
        }
    }
}
