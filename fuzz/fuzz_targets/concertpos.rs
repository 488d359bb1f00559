//! Feeds arbitrary bytes to the reader of ConcertPOS messages.
#![no_main]

#[path = "../bodies/concertpos.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::reads_any_message(bytes));
