//! How fast one thread seals and strictly reads a realistic sale line, and recomputes its hashes.
//!
//! Run with `cargo run --release -p daybook-schema --example line_speed`. A measurement, not a test:
//! it prints the best of several rounds, because noise only ever makes things slower.

use daybook_schema::{Event, Fact, TxHash, hash, line};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u32 = 400;
const CALLS: u32 = 1_000;

const LINE: &str = concat!(
    r#"{"$":"event/1","at":"2026-05-01T10:00:00.000123Z","by":"key:3","cmd":"concertpos/3/till2-000481","data":{"#,
    r#""currency":"EUR","door":"concertpos","lines":[{"deposit":false,"name":"Cola 0.4","price":450,"#,
    r#""quantity":2000,"tax_rate":1900,"total":900}],"part":1,"parts":1,"#,
    r#""payment":{"id":1,"kind":"cash","name":"Cash"},"point_of_sale":{"id":3,"name":"Main bar"},"#,
    r#""request":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","#,
    r#""totals":{"gross":900,"taxes":[{"gross":900,"net":756,"rate":1900,"tax":144}]},"#,
    r#""tx":[{"AmountMoney":9.5,"AmountProduct":2,"ID":9301,"Note":null,"Payment_ID":1,"#,
    r#""PointOfSaleID":3,"Product_ID":7,"#,
    r#""hash":"0e2fd8465798e32aa39f44ccde65922ea7a831da65c7fd9bb35507480ce15946bef86fbe5127d4e67c5ec45519a2536b70ffd2b775f601852aec880e8d4cd90d","#,
    r#""timestamp":"2026-05-01T10:00:00.000Z"}]},"log":"festival","#,
    r#""prev":"bb024e936c6b5b47e26b771752e55ae3c80fdc2f856c5e74b8fd3569ce04a89f","seq":481,"type":"sale.recorded"}"#,
);

fn measure(name: &str, mut call: impl FnMut()) {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..CALLS {
            call();
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(CALLS));
    }
    println!("{name:<32} {:7.0} ns {:10.0} /s", best * 1e9, best.recip());
}

fn chained(event: &Event) -> Option<TxHash> {
    let Fact::SaleRecorded(sale) = &event.fact else {
        return None;
    };
    sale.tx.iter().try_fold(TxHash::ZERO, |prev, tx| {
        Some(tx.hash_after(&event.log, &prev))
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let bytes = LINE.as_bytes();
    let event = line::read(bytes)?;
    println!(
        "a sale line of {} bytes, one thread, best of {ROUNDS} rounds",
        bytes.len()
    );
    measure("strict read", || {
        black_box(line::read(black_box(bytes)).is_ok());
    });
    measure("seal (with leaf)", || {
        black_box(line::seal(black_box(&event)).is_ok());
    });
    measure("leaf", || {
        black_box(hash::leaf(black_box(bytes)));
    });
    measure("transaction hash", || {
        black_box(chained(black_box(&event)));
    });
    measure("read + leaf + transaction hash", || {
        let leaf = hash::leaf(black_box(bytes));
        black_box((
            leaf,
            line::read(black_box(bytes)).ok().as_ref().and_then(chained),
        ));
    });
    Ok(())
}
