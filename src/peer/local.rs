//! Whether a request comes from a program on this machine, and which web page sent it.

use super::Peer;
use axum::http::{HeaderMap, header};
use std::net::IpAddr;

/// Headers that proxies add. A request with one does not come from this machine alone.
const FORWARDING: [&str; 6] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// Whether the client is on this machine, with nobody in between.
#[must_use]
pub fn is_local(peer: Option<Peer>, headers: &HeaderMap) -> bool {
    let local = peer.is_some_and(|peer| peer.ip.is_loopback());
    local && !FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// Whether it is no web page that sends the request, or one of this very server under a name that
/// nobody else can point here. Browsers let any page send requests to this machine, and say which
/// page it was.
#[must_use]
pub fn is_no_foreign_page(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let own = host.filter(|host| is_this_machine(host));
    own.is_some_and(|host| {
        let origin = origin.to_str().ok().and_then(|it| it.split_once("://"));
        origin.is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host))
    })
}

fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
        if is_port { name } else { host }
    });
    let ip = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &'static str)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn a_request_through_a_proxy_is_not_local() {
        let peer = |ip: &str| {
            let ip = ip.parse().unwrap();
            Some(Peer { ip, https: false })
        };
        assert!(is_local(peer("127.0.0.1"), &headers(&[])));
        assert!(is_local(peer("::1"), &headers(&[])));
        assert!(!is_local(peer("192.0.2.1"), &headers(&[])));
        assert!(!is_local(None, &headers(&[])));
        for name in FORWARDING {
            assert!(
                !is_local(peer("127.0.0.1"), &headers(&[(name, "x")])),
                "{name}"
            );
        }
    }

    #[test]
    fn pages_from_elsewhere_are_told_from_programs_and_our_own() {
        for (host, origin, own) in [
            ("localhost:8080", "http://localhost:8080", true),
            ("[::1]:8080", "http://[::1]:8080", true),
            ("127.0.0.1", "http://127.0.0.1", true),
            ("localhost:8080", "http://localhost:9", false),
            ("127.0.0.1:8080", "https://shop.example", false),
            // The page's own name leads here: the browser takes it for ours.
            ("shop.example", "http://shop.example", false),
            ("localhost:8080", "null", false),
        ] {
            let sent = headers(&[("host", host), ("origin", origin)]);
            assert_eq!(is_no_foreign_page(&sent), own, "{host} {origin}");
        }
        assert!(is_no_foreign_page(&headers(&[("host", "shop.example")])));
        assert!(!is_no_foreign_page(&headers(&[(
            "origin",
            "http://localhost"
        )])));
    }
}
