//! quick check
use daybook_schema::contract::seal_messages;
use daybook_schema::{EventLog, Head, LogName, SealedLine};
use sqlx::Connection;
use std::time::{Duration, Instant};
fn pct(v: &mut Vec<Duration>) -> String { v.sort(); let n=v.len(); format!("p50 {:?} p90 {:?} p99 {:?} rate {:.0}/s", v[n/2], v[n*9/10], v[n*99/100], n as f64 / v.iter().sum::<Duration>().as_secs_f64()) }
#[tokio::main]
async fn main() {
    let url = std::env::var("DAYBOOK_TEST_POSTGRES").unwrap();
    let store = daybook_postgres::open(&url).await.unwrap();
    let mut c = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::query("create table bare (seq bigint primary key, line bytea not null)").execute(&mut c).await.unwrap();
    let log = LogName::new("bench").unwrap();
    let (mut head, mut seq) = (Head::default(), 0i64);
    for round in 0..3 { for n in [1usize, 32, 64, 256] {
        let (mut a, mut b) = (vec![], vec![]);
        let iters = if n==256 {400} else {1000};
        // interleave blocks
        for block in 0..10 {
          let mut batches: Vec<Vec<SealedLine>> = vec![];
          let mut h = head;
          for _ in 0..iters/10 { let l = seal_messages(&log, h, (0..n).map(|_| "x".repeat(640))); h = l[n-1].head(); batches.push(l); }
          if round==0 && block==0 { eprintln!("line bytes {}", batches[0][0].bytes.len()); }
          for l in &batches { let t=Instant::now(); store.append(&log, head, l).await.unwrap(); a.push(t.elapsed()); head = l[n-1].head(); }
          for l in &batches {
            let t=Instant::now();
            let s: Vec<i64> = (seq..seq+n as i64).collect(); let y: Vec<&[u8]> = l.iter().map(|l| &l.bytes[..]).collect();
            sqlx::query("insert into bare select * from unnest($1::bigint[], $2::bytea[])").bind(s).bind(y).execute(&mut c).await.unwrap();
            b.push(t.elapsed()); seq += n as i64;
          }
        }
        println!("n={n} daybook {}\n      bare    {}", pct(&mut a), pct(&mut b));
    }}
}
