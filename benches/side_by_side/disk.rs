//! What this disk needs to keep 8 KiB for good: the floor under every durable answer.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// A page of Postgres' write-ahead log.
const PAGE: usize = 8 << 10;
const PAGES: u64 = 512;

/// Times of write and fdatasync together.
#[derive(Clone, Copy)]
pub(crate) struct Fsync {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// Measures on a file that has its space already, as a write-ahead log has.
pub(crate) fn fsync(dir: &Path) -> Fsync {
    let path = dir.join("fsync");
    let file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(&path)
        .unwrap();
    file.write_all_at(&vec![0u8; PAGE * PAGES as usize], 0)
        .unwrap();
    file.sync_all().unwrap();
    let mut times: Vec<Duration> = (0..PAGES)
        .map(|page| {
            let bytes = [page as u8; PAGE];
            let start = Instant::now();
            file.write_all_at(&bytes, page * PAGE as u64).unwrap();
            file.sync_data().unwrap();
            start.elapsed()
        })
        .collect();
    std::fs::remove_file(path).unwrap();
    times.sort();
    Fsync {
        p50: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
    }
}
