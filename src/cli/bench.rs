//! `daybook bench`: drives a running server over real WebSockets and says what it took.

mod load;
mod mix;
mod report;
mod scrape;
mod target;

use super::{CliError, Output};
use clap::Args;
use load::{Load, Measured};
use mix::{Mix, Offer};
use scrape::Figures;
use std::time::{Duration, Instant};
use target::Target;

/// Measure a running server over real WebSockets.
///
/// Books real sales, so point it at a ledger that you can throw away. Without --rate each client
/// sends, waits for the answer and sends again: that finds the most the server can take. With
/// --rate sales arrive at fixed times whether or not earlier ones are answered, as guests do, and
/// latency counts from the time at which a sale should have been sent.
#[derive(Args)]
#[command(after_long_help = SIZING)]
pub(super) struct BenchArgs {
    /// The server and instance: ws://host:port/SLUG
    #[arg(
        long,
        value_name = "URL",
        default_value = "ws://127.0.0.1:8080/festival"
    )]
    url: String,

    /// API key with the scope "pos"; repeat it to spread the clients over several keys
    #[arg(
        long = "key",
        value_name = "KEY",
        env = "DAYBOOK_KEY",
        hide_env_values = true,
        default_value = "YOUR_API_KEY"
    )]
    keys: Vec<String>,

    /// Id of the point of sale that sells
    #[arg(long, value_name = "ID", default_value_t = 1)]
    pos: u32,

    /// Id of the payment method
    #[arg(long, value_name = "ID", default_value_t = 1)]
    payment_method: u32,

    /// Id of the product that is sold, one piece at a time
    #[arg(long, value_name = "ID", default_value_t = 1)]
    product: u32,

    /// Sockets that are open at once
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    clients: u32,

    /// How long to measure
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,

    /// How long to run before measuring
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=3600))]
    warmup: u64,

    /// Shares of sales, transaction lists and product lists
    #[arg(
        long,
        value_name = "KIND=SHARE,…",
        default_value = "sale=100,list=0,products=0"
    )]
    mix: Mix,

    /// Commands per second in all; without it each client sends as fast as it is answered
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,

    /// Load a server that is not on this machine
    #[arg(long)]
    yes_load_this_host: bool,
}

const SIZING: &str = "\
Sizing hardware:
  1. On the machine in question, with its disk and its database:
       daybook import venue.json --data /tmp/try
       daybook serve --data /tmp/try --rate-limit off
  2. The ceiling: daybook bench --key KEY
     64 clients without a pause. The rate is what the machine can take.
  3. The evening: daybook bench --key KEY --clients 200 --rate 300 --seconds 60
     As many clients as there will be tills, and the rate of the busiest minute. 200 tills with a
     sale every 4 seconds each are 50 sales per second.
  4. It fits when step 3 says that the rate was reached, p99 is a time that a guest does not notice
     (50 ms), and the rate is at most 60 % of step 2's.

Reading the result:
  p50 near \"append\" means that the disk decides: a faster disk helps, more cores do not.
  CPU near the number of cores means that the processor decides. This program takes about as much
  as the server, so on a small machine run it elsewhere, with --yes-load-this-host.
  Errors \"ratelimit\": start the server with --rate-limit off, or issue more keys
  (daybook key issue) and name each with --key.";

pub(super) async fn run(args: BenchArgs, output: &Output) -> Result<(), CliError> {
    let target = Target::resolve(&args.url).await?;
    if !target.is_loopback() && !args.yes_load_this_host {
        let text = format!(
            "{} is not this machine, and the sales would be real there: say --yes-load-this-host if you mean it",
            target.authority
        );
        return Err(CliError::No(text));
    }
    let offer = Offer {
        keys: &args.keys,
        pos: args.pos,
        payment_method: args.payment_method,
        product: args.product,
    };
    let load = Load {
        scripts: args.mix.scripts(&offer),
        clients: args.clients as usize,
        rate: args.rate,
        warmup: Duration::from_secs(args.warmup),
        length: Duration::from_secs(args.seconds),
    };
    raise_open_files();
    load.probe(&target).await?;
    let measured = measure(&load, &target, output).await?;
    report::print(output, &args, &measured);
    let answered: u64 = measured
        .tally
        .kinds
        .iter()
        .map(hdrhistogram::Histogram::len)
        .sum();
    if answered == 0 {
        return Err(CliError::No("no command succeeded".to_owned()));
    }
    Ok(())
}

/// Runs the load, and asks the server for its figures where the measured time begins and ends.
async fn measure(load: &Load, target: &Target, output: &Output) -> Result<Measured, CliError> {
    let sockets = load.connect(target).await?;
    let start = Instant::now();
    let (from, until) = (start + load.warmup, start + load.warmup + load.length);
    let bar = output.progress((load.warmup + load.length).as_secs(), "loading");
    let figures = async {
        sleep_until(from).await;
        let before = Figures::of(target).await;
        sleep_until(until).await;
        (before, Figures::of(target).await)
    };
    let ticks = async {
        loop {
            tokio::time::sleep(Duration::from_millis(250)).await;
            bar.set_position(start.elapsed().as_secs());
        }
    };
    let work = async { tokio::join!(load.run(sockets, (start, from, until)), figures) };
    let (tally, (before, after)) = tokio::select! {
        done = work => done,
        () = ticks => unreachable!("the ticks never end"),
    };
    bar.finish_and_clear();
    Ok(Measured {
        tally,
        server: before
            .zip(after)
            .map(|(before, after)| after.since(&before)),
    })
}

async fn sleep_until(time: Instant) {
    tokio::time::sleep_until(time.into()).await;
}

/// Each client is an open file.
fn raise_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key on a command line is shown by `ps` to everyone on the machine.
    #[test]
    fn the_key_may_come_by_the_environment_and_is_not_shown_from_there() {
        let command = BenchArgs::augment_args(clap::Command::new("bench"));
        let key = command.get_arguments().find(|arg| arg.get_id() == "keys");
        let key = key.unwrap();
        assert_eq!(key.get_env(), Some("DAYBOOK_KEY".as_ref()));
        assert!(key.is_hide_env_values_set());
    }
}
