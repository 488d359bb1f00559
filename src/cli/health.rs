//! `daybook health`: does a running server take events?

use super::{CliError, Output};
use crate::config::DEFAULT_LISTEN;
use axum::body::{Body, to_bytes};
use axum::http::uri::Authority;
use axum::http::{Request, StatusCode, header};
use clap::Args;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;

/// Ask a running server whether it takes events
///
/// Asks its /ledger/health, for which no key is needed, as health checks of containers do. Exit code
/// 0: it takes events for every instance; 1: it answers, but not for all of them; 3: it does not
/// answer in five seconds.
#[derive(Args)]
pub(super) struct HealthArgs {
    /// The server: HOST:PORT, also with http:// before it; of several, separated by commas, the first
    #[arg(
        long,
        value_name = "ADDR",
        env = "DAYBOOK_LISTEN",
        default_value = DEFAULT_LISTEN,
        value_parser = address
    )]
    address: String,
}

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// More than any server says about its health.
const MAX_ANSWER: usize = 1 << 20;

/// What is read of a server's answer.
#[derive(Deserialize)]
struct Health {
    status: String,
    node: String,
    counts: Counts,
}

#[derive(Deserialize)]
struct Counts {
    ready: u64,
    failing: u64,
    broken: u64,
}

/// An address as `HOST:PORT`. That of a server which listens everywhere stands for loopback.
fn address(text: &str) -> Result<String, String> {
    let first = text.split(',').next().unwrap_or_default();
    let bare = first.strip_prefix("http://").unwrap_or(first);
    let bare = bare.strip_suffix('/').unwrap_or(bare);
    if let Ok(mut socket) = bare.parse::<SocketAddr>() {
        match socket.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => socket.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => socket.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        return Ok(socket.to_string());
    }
    let authority: Authority = bare
        .parse()
        .map_err(|_| "HOST:PORT is expected".to_owned())?;
    if authority.port_u16().is_none() || authority.host().is_empty() || bare.contains('@') {
        return Err("HOST:PORT is expected".to_owned());
    }
    Ok(bare.to_owned())
}

pub(super) async fn run(args: HealthArgs, output: &Output) -> Result<(), CliError> {
    let address = args.address;
    let outside = |why: &str| CliError::Outside(format!("{address} does not answer: {why}"));
    let (status, body) = match tokio::time::timeout(PATIENCE, ask(&address)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(outside(&error.to_string())),
        Err(_) => return Err(outside("not within five seconds")),
    };
    let health: Health = match serde_json::from_slice(&body) {
        Ok(health) if status == StatusCode::OK => health,
        _ => {
            let text = format!("{address} answers {status}, but not as a Daybook server does");
            return Err(CliError::No(text));
        }
    };
    let Counts {
        ready,
        failing,
        broken,
    } = health.counts;
    let well = health.status == "ready";
    if output.is_json() {
        output.line(&String::from_utf8_lossy(&body));
    } else {
        let (node, status) = (health.node, health.status);
        output.say(&format!(
            "{node} is {status}: {ready} ready, {failing} failing, {broken} broken"
        ));
    }
    if well { Ok(()) } else { Err(CliError::Told) }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn ask(address: &str) -> Result<(StatusCode, axum::body::Bytes), Failure> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the answer, and tells the sender of whatever goes wrong.
    tokio::spawn(connection);
    let request = Request::get("/ledger/health")
        .header(header::HOST, address)
        .header(header::CONNECTION, "close")
        .body(Body::empty())?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = to_bytes(Body::new(body), MAX_ANSWER).await?;
    Ok((head.status, body))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_that_of_a_server() {
        for (given, meant) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080,127.0.0.1:9", "[::1]:8080"),
            ("exon:8080", "exon:8080"),
            ("http://exon:8080/", "exon:8080"),
        ] {
            assert_eq!(address(given).as_deref(), Ok(meant));
        }
        for wrong in [
            "",
            "exon",
            ":8080",
            "exon:",
            "exon:http",
            "https://exon:8080",
            "user@exon:8080",
            "exon:8080/api",
            "exon:8080 x",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
