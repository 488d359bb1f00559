//! The table: printed as Markdown while it grows, and written to the documentation when asked.

use crate::daybook::Measured;
use crate::delivery::Delivered;
use crate::history::History;
use crate::publish::{self, Published};
use crate::{CLIENTS, Round};
use std::time::Duration;

/// The page that `--write` rewrites, below its introduction.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks.md");
const MARK: &str = "<!-- everything below is written by `make bench` with --write -->";

pub(crate) struct Table {
    text: String,
    write: bool,
}

/// The middle of a figure over all rounds.
fn median(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// `1234567` as people read it.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Table {
    pub(crate) const fn new(write: bool) -> Self {
        Self {
            text: String::new(),
            write,
        }
    }

    fn line(&mut self, line: &str) {
        println!("{line}");
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub(crate) fn machine(&mut self, postgres: &str, rounds: usize, seconds: u32) {
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let model = model.map_or("unknown processor", |(_, name)| name);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or("?");
        self.line(&format!(
            "Machine: {cores} cores ({model}), {postgres}; load average {load} before the run."
        ));
        self.line(&format!(
            "Client, server and Postgres share these {cores} cores. {rounds} rounds of {seconds} s each, taking turns; medians."
        ));
    }

    pub(crate) fn rates(&mut self, rounds: &[Round]) {
        self.line("\n### Single sales at 64 clients, as fast as they are answered\n");
        self.line("| | sales/s | p50 ms | p99 ms | p99.9 ms | max ms | events per batch | server CPU µs per sale |");
        self.line("|---|--:|--:|--:|--:|--:|--:|--:|");
        let bare = median(rounds, |round| round.bare.rate);
        let insert = median(rounds, |round| millis(round.bare.p50));
        let batch = median(rounds, |round| round.postgres.events_per_batch);
        self.line(&format!(
            "| bare `unnest` inserts of the same bytes, one connection | {} | {insert:.2} per insert | | | | {batch:.1} | |",
            grouped(bare)
        ));
        self.row(
            "Daybook on that Postgres",
            rounds,
            |round| &round.postgres,
            true,
        );
        self.row("Daybook on SQLite", rounds, |round| &round.sqlite, true);
        // Each round's two halves ran one after the other: their ratio is what drifts least.
        let ratios: Vec<String> = rounds
            .iter()
            .map(|round| format!("{:.0} %", 100.0 * round.postgres.rate / round.bare.rate))
            .collect();
        let ratio = median(rounds, |round| {
            100.0 * round.postgres.rate / round.bare.rate
        });
        self.line(&format!(
            "\nDaybook on Postgres reaches **{ratio:.0} %** of the bare inserts (rounds: {}); the aim is 80 %.",
            ratios.join(", ")
        ));
    }

    pub(crate) fn latencies(&mut self, rounds: &[Round]) {
        self.line("\n### Latency at 80 % of that rate, from the scheduled time (open loop)\n");
        self.line("| | sales/s | p50 ms | p99 ms | p99.9 ms | max ms | events per batch | server CPU µs per sale |");
        self.line("|---|--:|--:|--:|--:|--:|--:|--:|");
        self.row(
            "Daybook on Postgres",
            rounds,
            |round| &round.postgres_open,
            false,
        );
        self.row(
            "Daybook on SQLite",
            rounds,
            |round| &round.sqlite_open,
            false,
        );
        let fsync = median(rounds, |round| millis(round.fsync.p50));
        let worst = median(rounds, |round| millis(round.fsync.p99));
        let (p50_aim, p99_aim) = (fsync + 1.0, 3.0 * fsync);
        self.line(&format!(
            "\nOne fsync of this disk (write and fdatasync of 8 KiB, idle): p50 {fsync:.2} ms, p99 {worst:.2} ms. The aims are p50 ≤ {p50_aim:.2} ms (one fsync + 1 ms) and p99 ≤ {p99_aim:.2} ms (three fsyncs)."
        ));
    }

    fn row(
        &mut self,
        name: &str,
        rounds: &[Round],
        of: impl Fn(&Round) -> &Measured,
        closed: bool,
    ) {
        let figure = |pick: fn(&Measured) -> f64| median(rounds, |round| pick(of(round)));
        let errors: u64 = rounds.iter().map(|round| of(round).errors).sum();
        let reached = rounds.iter().all(|round| {
            let measured = of(round);
            measured
                .rate_asked
                .is_none_or(|asked| measured.rate >= 0.98 * asked)
        });
        let mut note = String::new();
        if errors > 0 {
            note.push_str(&format!(" ({errors} errors)"));
        }
        if !reached && !closed {
            note.push_str(" (rate not always reached)");
        }
        self.line(&format!(
            "| {name}{note} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.1} | {:.0} |",
            grouped(figure(|m| m.rate)),
            figure(|m| millis(m.p50)),
            figure(|m| millis(m.p99)),
            figure(|m| millis(m.p999)),
            figure(|m| millis(m.max)),
            figure(|m| m.events_per_batch),
            figure(|m| m.cpu_micros),
        ));
    }

    pub(crate) fn history(&mut self, history: &History) {
        let events = history.events as f64;
        let rate = |time: Duration| grouped(events / time.as_secs_f64());
        let command = |time: &Result<Duration, String>| match time {
            Ok(time) => format!("{} events/s ({:.2} s)", rate(*time), time.as_secs_f64()),
            Err(why) => format!("not measured: {why}"),
        };
        self.line(&format!(
            "\n### A log of {} events ({:.0} bytes each), SQLite\n",
            grouped(events),
            history.bytes as f64 / events
        ));
        self.line("| | | aim |\n|---|---|---|");
        self.line(&format!(
            "| verify every hash, one thread, without the store | {} events/s | 250,000 |",
            rate(history.verify)
        ));
        self.line(&format!("| read, hash and fold into all views, one thread, without the store | {} events/s | 250,000 |", rate(history.replay)));
        self.line(&format!(
            "| fold alone | {} events/s | |",
            rate(history.fold)
        ));
        self.line(&format!(
            "| `daybook verify`, from process start to end | {} | |",
            command(&history.verify_command)
        ));
        self.line(&format!(
            "| `daybook replay`, from process start to end | {} | |",
            command(&history.replay_command)
        ));
        self.line(&format!(
            "| start of the server without a snapshot | {:.2} s | |",
            history.first_start.as_secs_f64()
        ));
        self.line(&format!(
            "| start of the server | {:.2} s | 2 s |",
            history.next_start.as_secs_f64()
        ));
    }

    pub(crate) fn deliveries(&mut self, [sales, calls]: &[Delivered; 2]) {
        self.line("\n### How soon others hear, from the answer to whoever caused it, SQLite\n");
        self.line("| all at once | listeners | events | heard | p50 ms | p99 ms | max ms |");
        self.line("|---|--:|--:|--:|--:|--:|--:|");
        for (name, kind) in [
            ("FD1 firehoses `sale.create`, 10 sales/s", sales),
            ("QR polls with `wait`, 2 calls/s", calls),
        ] {
            let heard = kind.heard as f64 / (kind.events * kind.listeners).max(1) as f64;
            self.line(&format!(
                "| {name} | {} | {} | {:.1} % | {:.1} | {:.1} | {:.1} |",
                grouped(kind.listeners as f64),
                kind.events,
                100.0 * heard,
                millis(kind.p50),
                millis(kind.p99),
                millis(kind.max),
            ));
        }
    }

    /// Writes the page when asked to.
    pub(crate) fn published(&mut self, published: &Published) {
        let Published { events, rounds, .. } = published;
        self.line("\n### Into Kafka and back\n");
        self.line("| into the events topic, one broker on the same machine, batches of 16,384 | records/s |");
        self.line("|---|--:|");
        let mut row = |name: &str, of: fn(&publish::Round) -> f64| {
            let mut rates: Vec<f64> = rounds.iter().map(of).collect();
            rates.sort_by(f64::total_cmp);
            let rate = grouped(rates[rates.len() / 2]);
            self.line(&format!("| {name} | {rate} |"));
        };
        row("the bare client library, idempotent, `acks=all`", |round| {
            round.bare
        });
        row("the same, a transaction for each batch", |round| {
            round.transactional
        });
        row("Daybook's publisher, reading its log", |round| {
            round.daybook
        });
        let ratios: Vec<f64> = rounds
            .iter()
            .map(|round| 100.0 * round.daybook / round.bare)
            .collect();
        let shown: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.0} %")).collect();
        let mut sorted = ratios;
        sorted.sort_by(f64::total_cmp);
        self.line(&format!(
            "\nThe publisher reaches **{:.0} %** of the bare client (rounds: {}); the aim is 80 %.\n",
            sorted[sorted.len() / 2],
            shown.join(", ")
        ));
        self.line(&format!(
            "| {} events from the topic | s | events/s |",
            grouped(*events as f64)
        ));
        self.line("|---|--:|--:|");
        for (name, time) in [
            ("`daybook verify --kafka`", published.verify),
            ("`daybook compare --kafka`", published.compare),
            ("`daybook restore --kafka` into SQLite", published.restore),
        ] {
            let seconds = time.as_secs_f64();
            let rate = grouped(*events as f64 / seconds);
            self.line(&format!("| {name} | {seconds:.2} | {rate} |"));
        }
        let same = if published.same_head {
            "the same"
        } else {
            "ANOTHER"
        };
        self.line(&format!("\nThe restored log has {same} head."));
    }

    pub(crate) fn end(self) {
        debug_assert_eq!(CLIENTS, 64, "the headings say so");
        if !self.write {
            return;
        }
        let page = std::fs::read_to_string(PAGE).unwrap_or_default();
        let before = page.split(MARK).next().unwrap_or_default();
        std::fs::write(PAGE, format!("{before}{MARK}\n\n{}", self.text)).unwrap();
        eprintln!("written to {PAGE}");
    }
}
