//! Feeds arbitrary bytes to the strict line reader.
#![no_main]

#[path = "../bodies/line.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::reads_only_what_it_would_write(bytes));
