//! What `daybook bench` prints.

use super::load::{Load, Measured};
use super::mix::KINDS;
use super::scrape::Figures;
use super::{BenchArgs, Output};
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

/// The share of the asked rate below which it counts as not reached.
const REACHED: f64 = 0.98;

pub(super) fn print(output: &Output, args: &BenchArgs, measured: &Measured) {
    let result = Summary::of(args, measured);
    output.result(&result.text(args, measured), &result.value(args, measured));
}

struct Summary {
    commands: u64,
    rate: f64,
    reached: bool,
    not_answered: u64,
}

impl Summary {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn of(args: &BenchArgs, measured: &Measured) -> Self {
        let tally = &measured.tally;
        let commands: u64 = tally.kinds.iter().map(Histogram::len).sum();
        let errors: u64 = tally.errors.values().sum();
        let rate = tally.in_time as f64 / args.seconds as f64;
        let reached = args
            .rate
            .is_none_or(|asked| rate >= REACHED * f64::from(asked));
        let due = args.rate.map_or(0, |rate| Load::due(rate, args.seconds));
        // The schedule's ends may fall on either side of the window.
        let not_answered = due.saturating_sub(commands + errors + 1);
        Self {
            commands,
            rate,
            reached,
            not_answered,
        }
    }

    fn text(&self, args: &BenchArgs, measured: &Measured) -> String {
        let mut text = format!("{} clients, ", args.clients);
        match args.rate {
            None => text.push_str("each sends when it is answered (closed loop)"),
            Some(rate) => {
                text.push_str(&format!("{rate} commands/s on schedule (open loop)"));
            }
        }
        text.push_str(&format!(", {} s\n\n", args.seconds));
        text.push_str(&format!(
            "  commands      {:>10}   {:.0} per second\n",
            self.commands, self.rate
        ));
        if !self.reached {
            let asked = args.rate.unwrap_or_default();
            text.push_str(&format!("  RATE NOT REACHED: {:.0} of {asked} per second. Latencies count the waiting, and grow with the length of the run.\n",
                self.rate));
        }
        if self.not_answered > 0 {
            text.push_str(&format!("  not answered  {:>10}\n", self.not_answered));
        }
        for (name, count) in &measured.tally.errors {
            text.push_str(&format!(
                "  error         {count:>10}   {name}{}\n",
                advice(name)
            ));
        }
        text.push_str("\n  latency              p50        p99      p99.9        max\n");
        for (kind, name) in measured
            .tally
            .kinds
            .iter()
            .zip(KINDS)
            .filter(|(kind, _)| !kind.is_empty())
        {
            text.push_str(&format!("  {name:<10}"));
            for micros in quantiles(kind) {
                text.push_str(&format!(" {:>10}", millis(micros)));
            }
            text.push('\n');
        }
        match &measured.server {
            Some(server) => text.push_str(&self.server_text(args, server)),
            None => text.push_str("\n  The server did not tell its /metrics."),
        }
        text
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn server_text(&self, args: &BenchArgs, server: &Figures) -> String {
        let cores = server.cpu_seconds / args.seconds as f64;
        let batch = ratio(server.events, server.batches).unwrap_or_default();
        let append = server
            .append_p50_micros()
            .map_or_else(|| "-".to_owned(), |us| format!("≈{:.2} ms", us / 1000.0));
        format!(
            "\n  server CPU     {:>9.0} µs per command   {cores:.2} of {} cores\n  append p50     {append:>9}      {batch:.1} events per batch",
            self.cpu_micros(args, server),
            std::thread::available_parallelism().map_or(1, usize::from),
        )
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn cpu_micros(&self, args: &BenchArgs, server: &Figures) -> f64 {
        ratio(1e6 * server.cpu_seconds, self.rate * args.seconds as f64).unwrap_or_default()
    }

    fn value(&self, args: &BenchArgs, measured: &Measured) -> Value {
        let mut kinds = Map::new();
        for (kind, name) in measured
            .tally
            .kinds
            .iter()
            .zip(KINDS)
            .filter(|(kind, _)| !kind.is_empty())
        {
            let [p50, p99, p999, max] = quantiles(kind);
            let value = json!({ "count": kind.len(), "p50_us": p50, "p99_us": p99, "p999_us": p999, "max_us": max });
            kinds.insert(name.to_owned(), value);
        }
        let server = measured.server.as_ref().map(|server| {
            json!({
                "cpu_seconds": server.cpu_seconds,
                "cpu_us_per_command": self.cpu_micros(args, server),
                "events": server.events,
                "batches": server.batches,
                "events_per_batch": ratio(server.events, server.batches),
                "append_p50_us": server.append_p50_micros(),
            })
        });
        json!({
            "clients": args.clients, "seconds": args.seconds,
            "rate_asked": args.rate, "rate_reached": self.reached,
            "commands": self.commands, "rate": self.rate, "not_answered": self.not_answered,
            "errors": measured.tally.errors, "latency": kinds, "server": server,
        })
    }
}

/// p50, p99, p99.9 and the largest, in microseconds.
fn quantiles(latency: &Histogram<u64>) -> [u64; 4] {
    [
        latency.value_at_quantile(0.5),
        latency.value_at_quantile(0.99),
        latency.value_at_quantile(0.999),
        latency.max(),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn millis(micros: u64) -> String {
    format!("{:.2} ms", micros as f64 / 1000.0)
}

fn ratio(a: f64, b: f64) -> Option<f64> {
    (b > 0.0).then(|| a / b)
}

fn advice(error: &str) -> &'static str {
    match error {
        "ratelimit" => {
            ": start the server with --rate-limit off, or issue more keys and name each with --key"
        }
        "overloaded" => {
            ": more commands waited than the server holds; fewer clients or a lower --rate"
        }
        "internal_error" => ": see the server's log",
        _ => "",
    }
}
