//! quick check
use daybook_schema::contract::seal_messages;
use daybook_schema::{EventLog, Head, LogName, SealedLine};
use sqlx::Connection;
use std::time::{Duration, Instant};
fn pct(v: &mut Vec<Duration>) -> String { v.sort(); let n=v.len(); format!("p50 {:>8.1?} p90 {:>8.1?} rate {:.0}/s", v[n/2], v[n*9/10], n as f64 / v.iter().sum::<Duration>().as_secs_f64()) }
const APPEND: &str = "
    INSERT INTO daybook.event (log, seq, at, type, leaf, line)
    SELECT $1, u.seq, timestamptz 'epoch' + u.at * interval '1 microsecond', u.type, u.leaf, u.line
    FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[])
      AS u (seq, at, type, leaf, line)";
async fn raw(c: &mut sqlx::PgConnection, log: &LogName, lines: &[SealedLine]) {
    let seqs: Vec<i64> = lines.iter().map(|l| l.seq as i64).collect();
    let at: Vec<i64> = lines.iter().map(|l| l.at.micros()).collect();
    let ty: Vec<&str> = lines.iter().map(|l| l.type_name).collect();
    let leaf: Vec<&[u8]> = lines.iter().map(|l| &l.leaf.0[..]).collect();
    let line: Vec<&[u8]> = lines.iter().map(|l| &l.bytes[..]).collect();
    sqlx::query(APPEND).bind(log.as_str()).bind(seqs).bind(at).bind(ty).bind(leaf).bind(line).execute(c).await.unwrap();
}
#[tokio::main]
async fn main() {
    let url = std::env::var("DAYBOOK_TEST_POSTGRES").unwrap();
    let store = daybook_postgres::open(&url).await.unwrap();
    let mut c = sqlx::PgConnection::connect(&url).await.unwrap();
    let mut w = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("set role daybook_writer").execute(&mut w).await.unwrap();
    sqlx::raw_sql("create table bare (seq bigint primary key, line bytea not null); create table nt (like daybook.event including all); create schema alt").execute(&mut c).await.unwrap();
    let log = LogName::new("bench").unwrap();
    let (mut head, mut seq) = (Head::default(), 0i64);
    // warm
    for round in 0..4 { for n in [1usize, 32, 64] {
        let mut t: Vec<Vec<Duration>> = vec![vec![]; 4];
        for block in 0..20 {
          let mut batches: Vec<Vec<SealedLine>> = vec![];
          let mut h = head;
          for _ in 0..80 { let l = seal_messages(&log, h, (0..n).map(|_| "x".repeat(640))); h = l[n-1].head(); batches.push(l); }
          for (i, l) in batches.iter().enumerate() { let s=Instant::now(); if i<40 { store.append(&log, head, l).await.unwrap(); t[0].push(s.elapsed()); if i==39 {tokio::time::sleep(Duration::from_millis(10)).await;}} else { raw(&mut w, &log, l).await; t[1].push(s.elapsed());}  head = l[n-1].head(); }
          for l in &batches[..40] { let s=Instant::now(); sqlx::query(APPEND.replace("daybook.event","nt").leak() as &'static str).bind(log.as_str()).bind(l.iter().map(|l| l.seq as i64).collect::<Vec<_>>()).bind(l.iter().map(|l| l.at.micros()).collect::<Vec<_>>()).bind(l.iter().map(|l| l.type_name).collect::<Vec<_>>()).bind(l.iter().map(|l| &l.leaf.0[..]).collect::<Vec<_>>()).bind(l.iter().map(|l| &l.bytes[..]).collect::<Vec<_>>()).execute(&mut c).await.unwrap(); t[2].push(s.elapsed()); }
          for l in &batches[..40] {
            let st=Instant::now();
            let s: Vec<i64> = (seq..seq+n as i64).collect(); let y: Vec<&[u8]> = l.iter().map(|l| &l.bytes[..]).collect();
            sqlx::query("insert into bare select * from unnest($1::bigint[], $2::bytea[])").bind(s).bind(y).execute(&mut c).await.unwrap();
            t[3].push(st.elapsed()); seq += n as i64;
          }
          let _ = block;
        }
        if round > 0 { println!("n={n}"); for (name, v) in ["daybook", "no announce", "no trigger", "bare"].iter().zip(&mut t) { println!("   {name:12} {}", pct(v)); } }
    }}
}
