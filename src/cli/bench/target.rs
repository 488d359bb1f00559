//! Where the load goes: a `ws://` address, resolved once.

use crate::cli::CliError;
use std::net::SocketAddr;

/// A server to be measured.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The URL as it was given, for the handshake.
    pub url: String,
    /// Host and port as they stand in the URL.
    pub authority: String,
    /// The first address that it resolves to.
    pub address: SocketAddr,
    loopback: bool,
}

impl Target {
    pub(super) async fn resolve(url: &str) -> Result<Self, CliError> {
        let wrong = || CliError::No(format!("--url {url}: expected ws://host:port/SLUG"));
        let rest = url.strip_prefix("ws://").ok_or_else(wrong)?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let authority = rest
            .get(..end)
            .filter(|host| !host.is_empty())
            .ok_or_else(wrong)?;
        let bracketed = authority
            .rsplit_once(']')
            .map_or(authority, |(_, port)| port);
        let port = if bracketed.contains(':') { "" } else { ":80" };
        let found = tokio::net::lookup_host(format!("{authority}{port}")).await;
        let unknown = |why: String| CliError::Outside(format!("{authority}: {why}"));
        let found: Vec<SocketAddr> = found.map_err(|error| unknown(error.to_string()))?.collect();
        let address = *found
            .first()
            .ok_or_else(|| unknown("no address".to_owned()))?;
        let loopback = found.iter().all(|address| address.ip().is_loopback());
        Ok(Self {
            url: url.to_owned(),
            authority: authority.to_owned(),
            address,
            loopback,
        })
    }

    /// Whether every address of the host is this machine.
    pub(super) const fn is_loopback(&self) -> bool {
        self.loopback
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_loopback_is_this_machine() {
        for (url, loopback) in [
            ("ws://127.0.0.1:8080/festival", true),
            ("ws://[::1]:8080/?instance=festival", true),
            ("ws://127.9.9.9/festival", true),
            ("ws://192.0.2.1:8080/festival", false),
        ] {
            assert_eq!(
                Target::resolve(url).await.unwrap().is_loopback(),
                loopback,
                "{url}"
            );
        }
        for url in [
            "wss://127.0.0.1/x",
            "http://127.0.0.1/x",
            "ws:///x",
            "127.0.0.1",
        ] {
            assert!(Target::resolve(url).await.is_err(), "{url}");
        }
    }
}
