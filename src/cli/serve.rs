//! `daybook serve`: the server.

use super::{CliError, Output};
use crate::config::{Config, LogFormat, ServerArgs};
use crate::server::{Options, Server, ServerError};
use crate::store::Missing;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Serve tills and readers.
///
/// Without any setting it keeps its log in ./daybook-data and listens on 127.0.0.1:8080. Several
/// nodes may serve the same Postgres database. SIGTERM or Ctrl-C ends it: commands in flight are
/// answered first.
#[derive(Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    server: ServerArgs,
}

impl From<ServerError> for CliError {
    fn from(error: ServerError) -> Self {
        Self::Outside(error.to_string())
    }
}

pub(super) async fn run(args: ServeArgs, output: &Output) -> Result<(), CliError> {
    let config = Config::new(args.server).map_err(|error| CliError::Outside(error.to_string()))?;
    start_log(&config.log, config.log_format)?;
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    let store = config.store.open(Missing::Create).await?;
    let options = Options {
        listen: config.listen,
        node: config.node,
        rate_limit: config.rate_limit,
        trusted_proxies: config.trusted_proxies,
        instance: config.instance,
        trust_loopback: config.trust_loopback,
        payments: config.payments,
        printers: config.printers,
        publish: config.publish,
    };
    let server = Server::start(store, options, stop).await?;
    let instances: Vec<String> = server
        .ledger()
        .health()
        .keys()
        .map(ToString::to_string)
        .collect();
    let known = match instances.as_slice() {
        [] => "no instance yet: `daybook import FILE` makes one".to_owned(),
        names => names.join(", "),
    };
    for address in server.addresses() {
        // Scripts wait for this line to learn the port.
        let text = format!(
            "daybook listens on http://{address} ({}; {known})",
            config.store.describe()
        );
        output.result(
            &text,
            &serde_json::json!({ "listen": address, "instances": instances }),
        );
    }
    server.run().await;
    output.say("daybook stopped");
    Ok(())
}

/// Ends the server on SIGTERM or Ctrl-C; a second one ends the process at once.
pub(super) fn stop_on_signal(stop: CancellationToken) -> Result<(), CliError> {
    let outside = |error: std::io::Error| CliError::Outside(format!("no signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(outside)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(outside)?;
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        next().await;
        tracing::info!("stopping: commands in flight are answered first");
        stop.cancel();
        next().await;
        std::process::exit(130);
    });
    Ok(())
}

fn start_log(filter: &str, format: LogFormat) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        CliError::Outside(format!("--log \"{filter}\" makes no sense: {error}"))
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
