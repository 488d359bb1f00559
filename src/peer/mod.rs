//! Who calls: a client's address and whether it came by HTTPS, also from behind proxies that the
//! operator trusts. What anyone else says about itself is not believed.

mod forwarded;
pub mod local;

use axum::http::HeaderMap;
use forwarded::hops;
use ipnet::{IpNet, Ipv4Net};
use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The client at the other end of a request. Every request carries one as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address; IPv4 also where the socket speaks IPv6.
    pub ip: IpAddr,
    /// Whether a trusted proxy took the request by HTTPS.
    pub https: bool,
}

/// A proxy, or a network of them, whose word about their clients counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TrustedProxy(IpNet);

/// Why a text names no proxy.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no address and no network: write it like 10.0.0.7, 10.0.0.0/8 or fd00::/8")]
pub struct ProxyError(String);

impl FromStr for TrustedProxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let single = || text.parse().map(|ip: IpAddr| IpNet::from(ip));
        let network = text.parse::<IpNet>().or_else(|_| single());
        let network = network.map_err(|_| ProxyError(text.chars().take(80).collect()))?;
        Ok(Self(canonical(network).unwrap_or(network).trunc()))
    }
}

/// A network of IPv4 addresses that are written as IPv6.
fn canonical(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(mapped) = network else {
        return None;
    };
    let ip = mapped.network().to_ipv4_mapped()?;
    let prefix = mapped.prefix_len().checked_sub(96)?;
    Ipv4Net::new(ip, prefix).ok().map(IpNet::V4)
}

impl TryFrom<String> for TrustedProxy {
    type Error = ProxyError;

    fn try_from(text: String) -> Result<Self, ProxyError> {
        text.parse()
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Peer {
    /// Who sent the request that came from `socket` with these headers: the first address, from the
    /// nearest on, that is no trusted proxy. An entry that names no address ends the search at the
    /// proxy that wrote it.
    #[must_use]
    pub fn of(socket: IpAddr, headers: &HeaderMap, trusted: &[TrustedProxy]) -> Self {
        let is_trusted = |ip: &IpAddr| trusted.iter().any(|proxy| proxy.0.contains(ip));
        let mut peer = Self {
            ip: socket.to_canonical(),
            https: false,
        };
        if !is_trusted(&peer.ip) {
            return peer;
        }
        for hop in hops(headers) {
            // Whoever wrote the entry is trusted, or the search had ended.
            peer.https = hop.https.unwrap_or(peer.https);
            let Some(ip) = hop.ip else { break };
            peer.ip = ip;
            if !is_trusted(&ip) {
                break;
            }
        }
        peer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    /// The proxies of all tests: one network and one machine.
    fn trusted() -> Vec<TrustedProxy> {
        ["10.0.0.0/8", "2001:db8::1"]
            .map(|text| text.parse().unwrap())
            .to_vec()
    }

    fn peer(socket: &str, headers: &[(&'static str, &str)]) -> (String, bool) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect();
        let Peer { ip, https } = Peer::of(socket.parse().unwrap(), &headers, &trusted());
        (ip.to_string(), https)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let headers = [
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-proto", "https"),
        ];
        let standard = [("forwarded", "for=192.0.2.7;proto=https")];
        for headers in [&headers[..], &standard[..]] {
            for stranger in ["198.51.100.1", "11.0.0.1", "2001:db8::2", "::1"] {
                assert_eq!(peer(stranger, headers), (stranger.to_owned(), false));
            }
            for proxy in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"] {
                assert_eq!(peer(proxy, headers), ("192.0.2.7".to_owned(), true));
            }
        }
        assert_eq!(
            peer("::ffff:192.0.2.9", &[]),
            ("192.0.2.9".to_owned(), false)
        );
        assert_eq!(peer("10.0.0.1", &[]), ("10.0.0.1".to_owned(), false));
    }

    #[test]
    fn the_nearest_stranger_is_the_client() {
        for (chain, ip) in [
            ("1.1.1.1, 192.0.2.7", "192.0.2.7"),
            ("1.1.1.1, 192.0.2.7, 10.0.0.9", "192.0.2.7"),
            ("10.0.0.8,10.0.0.9", "10.0.0.8"),
            ("1.1.1.1, unknown, 10.0.0.9", "10.0.0.9"),
            ("1.1.1.1,, 10.0.0.9", "10.0.0.9"),
            ("1.1.1.1, _hidden", "10.0.0.1"),
            ("", "10.0.0.1"),
            ("192.0.2.7, ::ffff:10.0.0.9", "192.0.2.7"),
        ] {
            let found = peer("10.0.0.1", &[("x-forwarded-for", chain)]);
            assert_eq!(found, (ip.to_owned(), false), "{chain}");
        }
        let lines = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-for", "10.0.0.9"),
        ];
        assert_eq!(peer("10.0.0.1", &lines).0, "192.0.2.7");
    }

    #[test]
    fn the_scheme_is_the_clients() {
        for (chain, schemes, https) in [
            ("192.0.2.7", "https", true),
            ("192.0.2.7", "HTTPS", true),
            ("192.0.2.7", "http", false),
            // What the client claims stands before what the proxy saw.
            ("192.0.2.7", "https, http", false),
            ("192.0.2.7, 10.0.0.9", "https", true),
            ("192.0.2.7, 10.0.0.9", "https, http", true),
            ("1.1.1.1, 192.0.2.7, 10.0.0.9", "https, http, http", false),
        ] {
            let headers = [("x-forwarded-for", chain), ("x-forwarded-proto", schemes)];
            let found = peer("10.0.0.1", &headers);
            assert_eq!(found, ("192.0.2.7".to_owned(), https), "{chain} {schemes}");
        }
        let alone = [("x-forwarded-proto", "https")];
        assert_eq!(peer("10.0.0.1", &alone), ("10.0.0.1".to_owned(), true));
    }

    #[test]
    fn the_standards_header_wins() {
        for (forwarded, ip, https) in [
            ("for=192.0.2.7", "192.0.2.7", false),
            (
                "for=1.1.1.1;proto=https, for=192.0.2.7;proto=http",
                "192.0.2.7",
                false,
            ),
            (
                "for=192.0.2.7;proto=https, for=10.0.0.9;proto=http",
                "192.0.2.7",
                true,
            ),
            ("for=1.1.1.1, for=_hidden;proto=https", "10.0.0.1", true),
            ("for=1.1.1.1, nonsense", "10.0.0.1", false),
            ("", "10.0.0.1", false),
        ] {
            let headers = [
                ("x-forwarded-for", "203.0.113.5"),
                ("x-forwarded-proto", "https"),
                ("forwarded", forwarded),
            ];
            let found = peer("10.0.0.1", &headers);
            assert_eq!(found, (ip.to_owned(), https), "{forwarded}");
        }
        // A line that cannot be read takes no other with it.
        let lines = [
            ("forwarded", "for=\"1.1.1.1"),
            ("forwarded", "for=192.0.2.7"),
        ];
        assert_eq!(peer("10.0.0.1", &lines).0, "192.0.2.7");
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        for (text, shown) in [
            ("10.0.0.7", "10.0.0.7/32"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("fd00::1", "fd00::1/128"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.0.0.7", "10.0.0.7/32"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(text.parse::<TrustedProxy>().unwrap().to_string(), shown);
        }
        for text in ["", "proxy.example", "10.0.0.0/33", "10.0.0", "10.0.0.1:80"] {
            let error = text.parse::<TrustedProxy>().unwrap_err().to_string();
            assert!(error.contains("10.0.0.0/8"), "{error}");
        }
    }

    /// What headers are made of.
    const PIECES: [&str; 12] = [
        "for=",
        "1.1.1.1",
        "\"",
        "\\",
        ",",
        ";",
        "proto=https",
        "x=",
        " ",
        "[",
        "]",
        ":1",
    ];

    proptest! {
        #[test]
        fn nothing_in_front_of_a_proxys_entry_changes_the_client(
            claims in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12),
            standard in any::<bool>(),
        ) {
            let claims = claims.concat();
            // Quotes may make the header unreadable, but never name somebody else.
            let (name, entry) = if standard {
                ("forwarded", format!("{claims}, for=192.0.2.7"))
            } else {
                ("x-forwarded-for", format!("{claims}, 192.0.2.7"))
            };
            let (ip, https) = peer("10.0.0.1", &[(name, &entry)]);
            prop_assert!(ip == "192.0.2.7" || (standard && ip == "10.0.0.1"), "{} {}", entry, ip);
            prop_assert!(!https);
        }
    }
}
