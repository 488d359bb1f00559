//! How many events a second one thread verifies, and replays into all views.
//!
//! `cargo run --release -p daybook-replay --example speed -- [EVENTS] [ROUNDS]`. A measurement, not
//! a test: it prints the best of several rounds over the same lines in memory, because noise only
//! ever makes things slower. Where one thread does all the work, its processor time is shown too:
//! on a machine that others use, that is the better figure.

mod generator;

use daybook_projections::Views;
use daybook_replay::{Source, Until, Verdict, Verifier, replay, verify};
use daybook_schema::{Chain, LogName};
use generator::Trade;
use std::error::Error;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Instant;

fn measure<T>(
    name: &str,
    (events, rounds): (u32, u32),
    mut call: impl FnMut() -> Result<T, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let (mut best, mut best_on_processor) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        let (start, on_processor) = (Instant::now(), processor_seconds());
        let result = call()?;
        best = best.min(start.elapsed().as_secs_f64());
        best_on_processor = best_on_processor.min(processor_seconds() - on_processor);
        drop(result);
    }
    let rate = f64::from(events) / best;
    print!("{name:<44} {best:7.2} s {rate:10.0} events/s");
    if name.ends_with("one thread") && best_on_processor > 0.0 {
        print!(
            " {:10.0} events/s of processor time",
            f64::from(events) / best_on_processor
        );
    }
    println!();
    Ok(())
}

/// How long this thread has been on a processor, where Linux tells; else 0.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text
        .split(' ')
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    nanoseconds.unwrap_or_default() / 1e9
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let count = args.next().transpose()?.unwrap_or(1_000_000);
    let rounds = args.next().transpose()?.unwrap_or(5);
    let log = LogName::new("festival")?;
    let mut trade = Trade::new(log.clone());
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(trade.next_line()?.bytes);
    }
    let bytes = lines.iter().map(Vec::len).sum::<usize>();
    println!(
        "{count} events of {} bytes, best of {rounds} rounds",
        bytes / lines.len()
    );
    let size = (count, rounds);
    measure("verify, one thread", size, || {
        let mut verifier = Verifier::new(log.clone(), &[]);
        lines.iter().try_for_each(|line| verifier.check(line))?;
        Ok(verifier.finish()?)
    })?;
    measure("read and chain, one thread", size, || {
        let mut chain = Chain::new(log.clone());
        for line in &lines {
            chain.link(line)?;
        }
        Ok(chain.head())
    })?;
    measure("read, chain and fold all views, one thread", size, || {
        let (mut chain, mut views) = (Chain::new(log.clone()), Views::default());
        for line in &lines {
            let (event, leaf) = chain.link(line)?;
            views.apply(&event, leaf);
        }
        Ok(views)
    })?;
    let mut file = Vec::with_capacity(bytes + lines.len());
    for line in lines.drain(..) {
        file.extend_from_slice(&line);
        file.push(b'\n');
    }
    // Shared, so that no round pays for a copy.
    let file: Arc<[u8]> = file.into();
    let source = || Source::Lines {
        input: Box::new(Cursor::new(file.clone())),
        log: None,
    };
    let runtime = tokio::runtime::Handle::current();
    let on_runtime =
        || tokio::task::block_in_place(|| runtime.block_on(verify(source(), &[], |_| {})));
    measure(
        "verify a file in memory, read ahead",
        size,
        || match on_runtime()? {
            Verdict::Whole(report) => Ok(report),
            Verdict::Broken { failure, .. } => Err(failure.into()),
        },
    )?;
    let replaying =
        || tokio::task::block_in_place(|| runtime.block_on(replay(source(), Until::End)));
    measure("replay a file in memory, read ahead", size, || {
        Ok(replaying()?)
    })
}
