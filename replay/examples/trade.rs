//! Writes a log of made-up sales, one line each, to standard output.
//!
//! `cargo run --release -p daybook-replay --example trade -- 1000000 festival > events.ndjson`

mod generator;

use daybook_schema::LogName;
use generator::Trade;
use std::error::Error;
use std::io::{BufWriter, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let count: u64 = args.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let mut trade = Trade::new(LogName::new(args.next().as_deref().unwrap_or("festival"))?);
    let mut output = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    for _ in 0..count {
        output.write_all(&trade.next_line()?.bytes)?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(())
}
