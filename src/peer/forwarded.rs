//! What proxies write into a request about whom they serve: `Forwarded` and the `X-Forwarded-*` that
//! came before it.

use axum::http::{HeaderMap, header};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What one proxy says about whom it serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hop {
    /// The address, when it names one.
    pub(super) ip: Option<IpAddr>,
    /// Whether it was called by HTTPS, when it says so.
    pub(super) https: Option<bool>,
}

/// What the proxies say, the nearest first. The standard's header beats those from before it.
pub(super) fn hops(headers: &HeaderMap) -> Vec<Hop> {
    if !headers.contains_key(header::FORWARDED) {
        return x_forwarded(headers);
    }
    let lines = headers.get_all(header::FORWARDED).iter();
    let mut hops: Vec<Hop> = lines
        // What is no text names nobody.
        .map(|line| line.to_str().unwrap_or_default())
        .flat_map(|line| split(line, ',').into_iter().map(element))
        .collect();
    hops.reverse();
    hops
}

/// Addresses and schemes stand in lists of their own, paired from the nearest on. The scheme may be
/// said alone, and once for all.
fn x_forwarded(headers: &HeaderMap) -> Vec<Hop> {
    let addresses = entries(headers, "x-forwarded-for");
    let schemes = entries(headers, "x-forwarded-proto");
    let hop = |back: usize| Hop {
        ip: addresses.iter().rev().nth(back).and_then(|text| node(text)),
        https: schemes.iter().rev().nth(back).map(|text| is_https(text)),
    };
    (0..addresses.len().max(1)).map(hop).collect()
}

fn entries<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let lines = headers.get_all(name).iter();
    lines
        .map(|line| line.to_str().unwrap_or_default())
        .flat_map(|line| line.split(',').map(str::trim))
        .collect()
}

/// An element of `Forwarded` (RFC 7239), as `for="[2001:db8::1]:4711";proto=https` is. One that
/// breaks the grammar says nothing.
fn element(text: &str) -> Hop {
    let mut hop = Hop::default();
    let mut named = false;
    for pair in split(text, ';') {
        let Some((name, value)) = pair.split_once('=') else {
            return Hop::default();
        };
        let Some(value) = unquoted(value.trim()) else {
            return Hop::default();
        };
        let name = name.trim();
        // Else a quote without an end would hide in a name that nobody looks at.
        if !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Hop::default();
        }
        if name.eq_ignore_ascii_case("for") {
            if named {
                return Hop::default();
            }
            named = true;
            hop.ip = node(&value);
        } else if name.eq_ignore_ascii_case("proto") {
            hop.https = Some(is_https(&value));
        }
    }
    hop
}

/// The parts between marks that stand outside of quotes. A quote without an end takes the rest.
fn split(text: &str, mark: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|c: char| {
        let ends = c == mark && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        ends
    })
    .collect()
}

/// What a value says, with or without quotes. Nothing when they do not add up.
fn unquoted(value: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = value.strip_prefix('"') else {
        return (!value.contains('"')).then_some(Cow::Borrowed(value));
    };
    let mut content = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => return rest.as_str().is_empty().then_some(Cow::Owned(content)),
            '\\' => content.push(rest.next()?),
            c => content.push(c),
        }
    }
}

/// The address of a node: alone, in brackets, with a port. Names and `unknown` are no addresses.
fn node(text: &str) -> Option<IpAddr> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(ip.to_canonical());
    }
    let (ip, port) = if let Some(bracketed) = text.strip_prefix('[') {
        let (ip, port) = bracketed.split_once(']')?;
        (IpAddr::V6(ip.parse::<Ipv6Addr>().ok()?), port)
    } else {
        let (ip, port) = text.split_at(text.find(':')?);
        (IpAddr::V4(ip.parse::<Ipv4Addr>().ok()?), port)
    };
    (port.is_empty() || is_port(port)).then(|| ip.to_canonical())
}

/// A port after its colon; it may also be a made-up name, as `_hidden` is.
fn is_port(text: &str) -> bool {
    let named = |port: &str| port.strip_prefix('_').is_some_and(|name| !name.is_empty());
    text.strip_prefix(':')
        .is_some_and(|port| port.parse::<u16>().is_ok() || named(port))
}

const fn is_https(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hops of one header, as address and scheme.
    fn found(name: &'static str, value: &str) -> Vec<(String, Option<bool>)> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        let shown = |hop: Hop| {
            (
                hop.ip.map_or_else(String::new, |ip| ip.to_string()),
                hop.https,
            )
        };
        hops(&headers).into_iter().map(shown).collect()
    }

    #[test]
    fn addresses_come_alone_in_brackets_and_with_ports() {
        for (text, ip) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7:4711", "192.0.2.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:80", "2001:db8::7"),
            ("[2001:db8::7]:_a", "2001:db8::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("192.0.2.7:99999", ""),
            ("192.0.2.7:", ""),
            ("192.0.2.300", ""),
            ("[192.0.2.7]", ""),
            ("[2001:db8::7", ""),
            ("unknown", ""),
            ("_hidden", ""),
            ("", ""),
        ] {
            let expected = [(ip.to_owned(), None)];
            assert_eq!(found("x-forwarded-for", text), expected, "{text}");
            let quoted = format!("for=\"{text}\"");
            assert_eq!(found("forwarded", &quoted), expected, "{quoted}");
        }
    }

    #[test]
    fn elements_have_pairs_in_any_order() {
        for (text, ip, https) in [
            ("for=192.0.2.7", "192.0.2.7", None),
            (
                "For=192.0.2.7; Proto=HTTPS;by=10.0.0.1",
                "192.0.2.7",
                Some(true),
            ),
            (
                "proto=\"http\";for=\"192\\.0.2.7\"",
                "192.0.2.7",
                Some(false),
            ),
            (
                "host=\"a,for=1.1.1.1;\\\"\";for=192.0.2.7",
                "192.0.2.7",
                None,
            ),
            ("for=unknown;proto=https", "", Some(true)),
            ("proto=https", "", Some(true)),
        ] {
            assert_eq!(found("forwarded", text), [(ip.to_owned(), https)], "{text}");
        }
        let both = found("forwarded", "for=1.1.1.1;proto=https, for=192.0.2.7");
        let nearest_first = [
            ("192.0.2.7".to_owned(), None),
            ("1.1.1.1".to_owned(), Some(true)),
        ];
        assert_eq!(both, nearest_first);
    }

    #[test]
    fn what_breaks_the_grammar_says_nothing() {
        for text in [
            "",
            "nonsense",
            "proto=https;for",
            "for=1.1.1.1;for=192.0.2.7;proto=https",
            "proto=https;for=\"192.0.2.7",
            "proto=https;for=192.0.2.7\"",
            "for=\"192.0.2.7\"x",
            "proto=https;\", for=192.0.2.7",
            // A client's open quote swallows what the proxy appends, and names nobody.
            "x=\", for=\"192.0.2.7\"",
        ] {
            assert_eq!(found("forwarded", text), [(String::new(), None)], "{text}");
        }
    }
}
