//! How many events a second one thread verifies, and replays into all views.
//!
//! `cargo run --release -p daybook-replay --example speed -- [EVENTS] [ROUNDS]`. A measurement, not a test: it
//! prints the best of several rounds over the same lines in memory, because noise only ever makes
//! things slower.

mod generator;

use daybook_projections::Views;
use daybook_replay::{Verifier, verify};
use daybook_replay::{Source, Until, Verdict, replay};
use daybook_schema::{Chain, LogName};
use generator::Trade;
use std::error::Error;
use std::io::Cursor;
use std::time::Instant;

fn measure<T>(
    name: &str,
    (events, rounds): (u32, u32),
    mut call: impl FnMut() -> Result<T, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let start = Instant::now();
        let result = call()?;
        best = best.min(start.elapsed().as_secs_f64());
        drop(result);
    }
    let rate = f64::from(events) / best;
    println!("{name:<44} {best:7.2} s {rate:10.0} events/s");
    Ok(())
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
    println!("{count} events of {} bytes, best of {rounds} rounds", bytes / lines.len());
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
    let source = || Source::Lines { input: Box::new(Cursor::new(file.clone())), log: None };
    let runtime = tokio::runtime::Handle::current();
    let on_runtime = || tokio::task::block_in_place(|| runtime.block_on(verify(source(), &[], |_| {})));
    measure("verify a file in memory, read ahead", size, || match on_runtime()? {
        Verdict::Whole(report) => Ok(report),
        Verdict::Broken { failure, .. } => Err(failure.into()),
    })?;
    let replaying = || tokio::task::block_in_place(|| runtime.block_on(replay(source(), Until::End)));
    measure("replay a file in memory, read ahead", size, || Ok(replaying()?))
}
